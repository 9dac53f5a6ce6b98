//! What came of one trial.

use super::printed::Wrong;
use crate::replay::Trial;

/// What came of one trial.
pub(super) struct Outcome {
    pub trial: &'static Trial,
    /// The faults, as `--inject` takes them.
    pub flags: Vec<String>,
    /// Objects whose last state is wrong, in order.
    pub wrong: Vec<Wrong>,
    /// Objects that were compared.
    pub objects: usize,
    /// Whether that was when most objects exist, and not at the end.
    pub is_within: bool,
    /// Whether the client has asked for a watch of what is compared.
    pub has_watched: bool,
    /// How it ended by itself, if it did.
    pub ended: Option<String>,
    /// Lines that name no object.
    pub unread: usize,
}

impl Outcome {
    pub(super) fn passed(&self) -> bool {
        self.wrong.is_empty() && self.ended.is_none() && self.has_watched
    }

    /// One word for it.
    pub(super) fn verdict(&self) -> &'static str {
        match (self.passed(), &self.ended) {
            (true, _) => "ok",
            (false, Some(_)) => "ENDED",
            (false, None) if !self.has_watched => "IDLE",
            (false, None) => "LOST",
        }
    }
}
