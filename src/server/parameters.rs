//! The query of a request: names that an endpoint knows, each with its values.

use super::limits::LONGEST_WAIT;
use super::problem::Problem;
use crate::view::Selection;
use std::time::Duration;

/// The parameters that select subjects.
pub(super) const SUBJECTS: [&str; 4] = ["kind", "namespace", "name", "uid"];

/// The longest value, in bytes.
const LONGEST: usize = 1024;

/// The parameters of a request.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query.
    ///
    /// # Errors
    /// It has a parameter of another name.
    pub(super) fn of(query: Option<&str>, names: &[&str]) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.len() > LONGEST) {
            return Err(Problem::bad_request(format!("a value of `{name}` has more than {LONGEST} bytes")));
        }
        match pairs.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            None => Ok(Self(pairs)),
            Some((name, _)) if names.is_empty() => {
                Err(Problem::bad_request(format!("there is no parameter `{name}` here, nor any other")))
            }
            Some((name, _)) => {
                let names = names.join(", ");
                Err(Problem::bad_request(format!("there is no parameter `{name}` here; there are {names}")))
            }
        }
    }

    /// All values of a name, without empty ones.
    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// The one value of a name.
    ///
    /// # Errors
    /// It has several.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(Problem::bad_request(format!("`{name}` is given twice"))),
        }
    }

    /// The duration of a wait; zero without one.
    ///
    /// # Errors
    /// It is no duration, or too long.
    pub(super) fn wait(&self) -> Result<Duration, Problem> {
        let Some(text) = self.one("wait")? else { return Ok(Duration::ZERO) };
        let refused = || format!("`wait={text}` is no duration; write 500ms, 60s or 5m");
        let wait = humantime::parse_duration(text).map_err(|_| Problem::bad_request(refused()))?;
        if wait > LONGEST_WAIT {
            let longest = humantime::format_duration(LONGEST_WAIT);
            return Err(Problem::bad_request(format!("`wait={text}` is too long; at most {longest}, then ask again")));
        }
        Ok(wait)
    }

    /// What the parameters select: subjects and tracks.
    ///
    /// # Errors
    /// A value is invalid.
    pub(super) fn selection(&self) -> Result<Selection, Problem> {
        Ok(Selection {
            kinds: self.each("kind")?,
            namespaces: self.each("namespace")?,
            names: self.each("name")?,
            uids: self.each("uid")?,
            tracks: self.each("track")?,
            since: None,
            until: None,
        })
    }

    /// The values of a name; a value may be several, with commas.
    fn each<T: std::str::FromStr<Err = crate::view::Error>>(&self, name: &str) -> Result<Vec<T>, Problem> {
        let words = self.all(name).flat_map(|value| value.split(',')).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|error| Problem::bad_request(format!("`{name}`: {error}")))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_an_endpoint_does_not_know_is_refused() {
        assert!(Parameters::of(Some("kind=vm&name=a"), &SUBJECTS).is_ok());
        assert!(Parameters::of(Some("knd=vm"), &SUBJECTS).is_err());
        assert!(Parameters::of(None, &[]).is_ok());
    }

    #[test]
    fn a_wait_has_a_unit_and_a_bound() {
        let wait = |query| Parameters::of(Some(query), &["wait"]).and_then(|parameters| parameters.wait());
        assert_eq!(wait("wait=500ms").expect("a duration"), Duration::from_millis(500));
        assert_eq!(wait("").expect("none"), Duration::ZERO);
        assert!(wait("wait=60").is_err() && wait("wait=1h").is_err() && wait("wait=1s&wait=2s").is_err());
    }
}
