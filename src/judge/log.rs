//! The events on one track of a subject, and the monitors that read them.

use crate::monitor::{Event, First, Monitor};

/// Most events that are kept for one track.
pub const MAX_TRACE: usize = 4096;

/// A clause of an expectation, by index.
pub type ClauseId = (usize, usize);

/// One track of a subject.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The last [`MAX_TRACE`] events.
    pub events: Vec<Event>,
    /// True when older events were dropped.
    pub shortened: bool,
    /// Monitors of clauses about the whole timeline.
    pub monitors: Vec<(ClauseId, Monitor)>,
    /// First entries into the states that conditions wait for, of clauses about the whole timeline.
    pub conditions: Vec<(ClauseId, First)>,
}
