//! Names, exact or with `*`, and prefixes of uids. No regular expressions: `*` is what people type.

use crate::view::Error;
use std::fmt;
use std::str::FromStr;

/// A name, or a glob: `*` stands for any run of characters, `/` included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// True when all of `text` fits.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            match rest.find(part) {
                Some(start) => rest = &rest[start + part.len()..],
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

impl Pattern {
    /// The name that it stands for; none when it has a `*`.
    #[must_use]
    pub(super) fn exact(&self) -> Option<&str> {
        (!self.0.contains('*')).then_some(&self.0)
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty { what: "pattern", example: "a name, or web-* or condition/*" });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A uid or a prefix of one, as the table shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UidPrefix(String);

impl UidPrefix {
    /// True when `uid` starts with it.
    #[must_use]
    pub fn matches(&self, uid: &str) -> bool {
        uid.starts_with(&self.0)
    }
}

impl fmt::Display for UidPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for UidPrefix {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::Empty { what: "uid", example: "acb829db" });
        }
        if !text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(Error::Uid(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_and_the_rest_is_exact() {
        let cases = [
            ("web", "web", true),
            ("web", "web-1", false),
            ("web-*", "web-1", true),
            ("*", "", true),
            ("condition/*", "condition/Ready", true),
            ("condition/*", "phase", false),
            ("*-x-*", "a-x-b", true),
            ("a*a", "a", false),
            ("a*b*c", "a-c-b", false),
            ("a*bc*bc", "abc", false),
            ("a*bc*bc", "abcbc", true),
        ];
        for (pattern, text, fits) in cases {
            assert_eq!(pattern.parse::<Pattern>().unwrap().matches(text), fits, "{pattern} on {text}");
        }
    }
}
