//! Versions and ranges of versions, `>=1.30 <1.33`.

use std::fmt;

/// A version: up to three numbers, and the stage.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    numbers: [u64; 3],
    stage: Stage,
}

/// Whether a version is a release. Its pre-releases come before it, in the order of [semver.org](https://semver.org),
/// where `rc7` is also `rc.7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Before(Vec<Part>),
    Release,
}

/// A part of the name of a pre-release: numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl Stage {
    fn before(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let mut parts: Vec<Part> = Vec::new();
        for words in name.split(['.', '-']) {
            let mut rest = words;
            while let Some(first) = rest.chars().next() {
                let is_number = first.is_ascii_digit();
                let end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
                let (part, later) = rest.split_at(end);
                let number = part.parse().ok().filter(|_| is_number);
                parts.push(number.map_or_else(|| Part::Word(part.to_owned()), Part::Number));
                rest = later;
            }
        }
        Self::Before(parts)
    }
}

/// A range of versions, `>=1.30 <1.33`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    text: String,
    comparators: Vec<(Comparator, Version, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparator {
    Less,
    AtMost,
    More,
    AtLeast,
    /// Equal in the parts that are written: `1.30` matches every 1.30.x.
    Equal,
}

impl Version {
    /// Parses `v1.30.2`, `1.30`, `1.36.0-alpha.1+build`; the second value is the number of parts that were written.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, usize)> {
        let text = text.trim().trim_start_matches('v');
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, stage) = match text.split_once('-') {
            Some((numbers, name)) => (numbers, Stage::before(name)),
            None => (text, Stage::Release),
        };
        let parts: Vec<u64> = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let mut version = [0; 3];
        if parts.len() > 3 {
            return None;
        }
        version[..parts.len()].copy_from_slice(&parts);
        Some((Self { numbers: version, stage }, parts.len()))
    }
}

impl Versions {
    /// Parses a range.
    ///
    /// # Errors
    /// The part that is not a comparison with a version.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut comparators = Vec::new();
        let mut pending = String::new();
        for part in text.split([' ', ',']).filter(|part| !part.is_empty()) {
            pending.push_str(part);
            if pending.chars().all(|c| "<>=".contains(c)) {
                continue;
            }
            let part = std::mem::take(&mut pending);
            let digits = part.trim_start_matches(['<', '>', '=']);
            let comparator = match &part[..part.len() - digits.len()] {
                "<" => Comparator::Less,
                "<=" => Comparator::AtMost,
                ">" => Comparator::More,
                ">=" => Comparator::AtLeast,
                "" | "=" | "==" => Comparator::Equal,
                _ => return Err(part),
            };
            let (version, parts) = Version::parse(digits).ok_or_else(|| part.clone())?;
            comparators.push((comparator, version, parts));
        }
        if comparators.is_empty() || !pending.is_empty() {
            return Err(text.to_owned());
        }
        Ok(Self { text: text.to_owned(), comparators })
    }

    /// True when a version is in the range.
    #[must_use]
    pub fn contain(&self, version: &Version) -> bool {
        self.comparators.iter().all(|(comparator, bound, parts)| {
            let begins = match (&bound.stage, &version.stage) {
                // A pre-release comes before its release, and is one of `1.30`.
                (Stage::Release, _) => *parts < 3 && version.numbers[..*parts] == bound.numbers[..*parts],
                (Stage::Before(name), Stage::Before(whole)) => {
                    *comparator == Comparator::Equal && version.numbers == bound.numbers && whole.starts_with(name)
                }
                (Stage::Before(_), Stage::Release) => false,
            };
            match comparator {
                Comparator::Less => version < bound,
                Comparator::AtMost => version <= bound || begins,
                Comparator::More => version > bound && !begins,
                Comparator::AtLeast => version >= bound,
                Comparator::Equal => version == bound || begins,
            }
        })
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, version: &str) -> bool {
        Versions::parse(range).unwrap().contain(&Version::parse(version).unwrap().0)
    }

    #[test]
    fn ranges_are_read_as_they_are_written() {
        assert!(contains(">=1.30", "v1.30.0"));
        assert!(!contains(">=1.30", "v1.30.0-rc.1"));
        assert!(!contains("=1.30.0", "v1.30.0-rc.1") && !contains("1.30.0", "v1.30.0-rc.1"));
        assert!(contains("1.30", "v1.30.0-rc.1") && contains("1.30.0-rc", "v1.30.0-rc.1"));
        assert!(!contains("1.30.0-rc.1", "v1.30.0-rc.10") && !contains("1.30.0-rc", "v1.30.0"));
        assert!(contains(">= 1.30, <1.33", "v1.32.9+k3s1"));
        assert!(contains("<=1.30", "1.30.7"));
        assert!(!contains(">1.30", "1.30.7"));
        assert!(contains(">1.30.0-rc.1", "1.30.0"));
        assert!(contains("1.30", "1.30.7"));
        for (range, inside, outside) in [
            (">=1.31.0-rc.2", ["1.31.0-rc.2", "1.31.0-rc.10", "1.31.0"], ["1.31.0-rc.1", "1.31.0-alpha.9", "1.30.9"]),
            ("<1.31.0-rc.2", ["1.31.0-rc.1", "1.31.0-RC1", "1.30.0"], ["1.31.0-rc.2", "1.31.0-rc2", "1.31.0"]),
            (">1.31.0-rc.1", ["1.31.0-rc.10", "1.31.0-rc2", "1.31.1"], ["1.31.0-rc.1", "1.31.0-rc1", "1.31.0-beta.3"]),
            ("<=1.31.0-rc.1", ["1.31.0-rc.1", "1.31.0-rc", "1.30.0"], ["1.31.0", "1.31.0-rc.1.1", "1.31.5"]),
            ("1.31.0-rc.2", ["1.31.0-rc.2", "1.31.0-rc2", "v1.31.0-RC.2"], ["1.31.0", "1.31.0-rc.1", "1.31.0-rc.20"]),
        ] {
            assert!(inside.iter().all(|version| contains(range, version)), "{range}");
            assert!(!outside.iter().any(|version| contains(range, version)), "{range}");
        }
        assert!(Versions::parse(">=").is_err());
        assert!(Versions::parse("about 1.30").is_err());
    }
}
