//! Notes about an import for the user.

use crate::observation::printable;
use std::fmt;

/// What is said of a list without objects, and the remedy.
pub(super) const UNPLACED: &str = "no object in it, so it is not known of which namespace it is, and it proves nothing; \
                                   name it with `--namespace NAME`, or `--namespace ''` for all";

/// Something about the input that the recording alone does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The input.
    pub input: String,
    /// The line, from 1, if the note is about one.
    pub line: Option<u64>,
    /// What was found, and how it was handled.
    pub text: String,
}

impl Note {
    pub(super) fn at(input: &str, line: u64, text: impl Into<String>) -> Self {
        Self { input: input.to_owned(), line: Some(line), text: text.into() }
    }

    pub(super) fn on(input: &str, text: impl Into<String>) -> Self {
        Self { input: input.to_owned(), line: None, text: text.into() }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", printable(&self.input), printable(&self.text)),
            None => write!(f, "{}: {}", printable(&self.input), printable(&self.text)),
        }
    }
}
