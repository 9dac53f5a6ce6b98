//! Why a text is not a label selector.

use std::ops::Range;

/// Why a text is not a label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LabelSelectorError {
    /// The bytes of the text that are wrong; empty, at the end of the text, when something is missing.
    pub at: Range<usize>,
    message: String,
}

impl LabelSelectorError {
    pub(super) fn new(at: Range<usize>, message: String) -> Self {
        Self { at, message }
    }

    /// The column of the first wrong character in `text`, counted in characters from 1.
    #[must_use]
    pub fn column(&self, text: &str) -> usize {
        text.get(..self.at.start).map_or(0, |before| before.chars().count()) + 1
    }
}
