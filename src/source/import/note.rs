//! What a person should know about an import, beside the recording.

use crate::observation::printable;
use std::fmt;

/// Something about the input that the recording alone does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which input.
    pub input: String,
    /// Which line of it, from 1, if it is about one.
    pub line: Option<u64>,
    /// What was found, and what was made of it.
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
