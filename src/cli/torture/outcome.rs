//! What came of one trial.

use super::printed::Wrong;
use crate::replay::Trial;

/// What came of one trial.
pub(super) struct Outcome {
    pub trial: &'static Trial,
    /// Objects whose last state is wrong, in order.
    pub wrong: Vec<Wrong>,
    /// Objects that were compared.
    pub objects: usize,
    /// How it ended by itself, if it did.
    pub ended: Option<String>,
    /// Lines that name no object.
    pub unread: usize,
}

impl Outcome {
    pub(super) fn passed(&self) -> bool {
        self.wrong.is_empty() && self.ended.is_none()
    }
}
