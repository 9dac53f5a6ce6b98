//! What is wrong with a statement, and where in its text. The caller, which knows the source, shows it with a caret.

use std::ops::Range;

/// An error in one fragment of text, before the fragment's place in its file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The place, in bytes of the fragment.
    pub range: Range<usize>,
    /// The message, in lower case.
    pub message: String,
    /// The remedy: what to write instead.
    pub help: Option<String>,
}

impl Fault {
    /// An error at a place, without a remedy.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    /// Adds the remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
