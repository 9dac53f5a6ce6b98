//! What is wrong with a statement, and where in its text. Whoever knows the source shows it with a caret.

use std::ops::Range;

/// What is wrong within one fragment of text, before the fragment's place in its file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Bytes of the fragment.
    pub range: Range<usize>,
    /// What is wrong, lower case.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Fault {
    /// A fault at a place.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None }
    }

    /// The same fault with its remedy.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
