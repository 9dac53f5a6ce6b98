//! Why JSON could not be read, without quoting it: a parser's own message contains the value that it failed on, which
//! may be a secret.

use serde_json::error::Category;
use std::fmt;

/// What is wrong with JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    what: String,
    line: usize,
    column: usize,
}

/// Beginnings of messages that name a struct member and contain no value.
const OURS: [&str; 2] = ["missing field `", "duplicate field `"];

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        Self::of(&error)
    }
}

impl Malformed {
    /// What is wrong, in the words of the parser.
    #[must_use]
    pub fn of(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Syntax => "not JSON".to_owned(),
            Category::Eof => "the JSON ends too early".to_owned(),
            Category::Io => "the JSON cannot be read".to_owned(),
            Category::Data => {
                let text = error.to_string();
                let ours = OURS.iter().find_map(|ours| Some((ours, text.strip_prefix(ours)?.split_once('`')?.0)));
                match ours {
                    Some((ours, member)) => format!("{ours}{member}`"),
                    None => "a member has another type than the API says".to_owned(),
                }
            }
        };
        Self { what, line: error.line(), column: error.column() }
    }

    /// For well-formed JSON with unexpected content; `what` must not quote it.
    #[must_use]
    pub fn because(what: &str) -> Self {
        Self { what: what.to_owned(), line: 0, column: 0 }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match (self.line, self.column) {
            (0, _) => Ok(()),
            (1, column) => write!(f, ", at byte {column}"),
            (line, column) => write!(f, ", at byte {column} of line {line}"),
        }
    }
}

impl std::error::Error for Malformed {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn it_says_where_and_never_what() {
        #[derive(Debug, Deserialize)]
        struct Shape {
            #[serde(rename = "a")]
            _a: u8,
        }
        let words = |text: &str| {
            let error = serde_json::from_str::<Shape>(text).map_err(Malformed::from).expect_err(text);
            error.to_string()
        };
        assert_eq!(words(r#"{"a":"SECRET"}"#), "a member has another type than the API says, at byte 13");
        assert_eq!(words(r#"{"a":424242}"#), "a member has another type than the API says, at byte 11");
        assert_eq!(words(r#"{"SECRET":1}"#), "missing field `a`, at byte 12");
        assert_eq!(words(r#"{"a":1,"a":2}"#), "duplicate field `a`, at byte 10");
        assert_eq!(words("{\n\"a\": SECRET"), "not JSON, at byte 6 of line 2");
        assert_eq!(words(r#"{"a":"#), "the JSON ends too early, at byte 5");
    }
}
