//! What happened on one track of a subject, with the monitors that read it as it grows.

use crate::monitor::{Event, First, Monitor};

/// Most events that are kept of one track.
pub const MAX_TRACE: usize = 4096;

/// A clause of an expectation, by index.
pub type ClauseId = (usize, usize);

/// One track of a subject.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What happened, the last [`MAX_TRACE`] events of it.
    pub events: Vec<Event>,
    /// Earlier events were let go.
    pub shortened: bool,
    /// Monitors of clauses about the whole timeline.
    pub monitors: Vec<(ClauseId, Monitor)>,
    /// First entries of the states that conditions wait for, of clauses about the whole timeline.
    pub conditions: Vec<(ClauseId, First)>,
}
