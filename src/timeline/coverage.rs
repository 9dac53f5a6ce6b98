//! How far each watch was seen: what a judge may assume beyond the last entry.

use crate::observation::{ResourceVersion, Served, Watch};
use jiff::Timestamp;
use std::sync::Arc;

/// One watch at the end of a timeline, or at the end of what has been read of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// The watch of the header, with the kind that the server reported where the header has none.
    pub watch: Watch,
    /// Whether the server serves it, as far as it was seen.
    pub served: Served,
    /// Its lists: from the first one on, it is complete.
    pub lists: Arc<Vec<List>>,
    /// Since when it was seen not to be served, if that was before its first list: it had no objects from then until it
    /// was served.
    pub absent_since: Option<Timestamp>,
    /// Its past was read back to the first revision of the storage.
    pub from_first: bool,
    /// Everything that was delivered up to this moment is in the timeline; none before its initial state.
    pub alive: Option<Timestamp>,
    /// Everything up to this version is in the timeline.
    pub version: Option<ResourceVersion>,
    /// How often its storage had been replaced, or may have been, before that version.
    pub storage: u32,
    /// The fence that proved that nothing is missing; none without such a fence.
    pub fence: Option<Fence>,
    /// The recorder stopped: no more will be seen.
    pub over: bool,
}

/// A fence that found nothing missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Fence {
    /// Its receipt, by the recorder's wall clock.
    pub at: Timestamp,
    /// The version up to which nothing is missing.
    pub version: ResourceVersion,
}

/// A complete list.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The moment whose state it shows, as far as that is known.
    pub at: Timestamp,
    /// Its version.
    pub version: ResourceVersion,
    /// The line that says that it is complete: what it shows stands before it.
    pub line: u64,
    /// False when it had objects that could not be read: what it does not show may be one of them.
    pub is_readable: bool,
}

impl Coverage {
    /// The same coverage when entries from `at` and a revision of a storage on have not been passed on yet.
    #[must_use]
    pub fn before(mut self, at: Timestamp, (storage, revision): (u32, u64)) -> Self {
        let just_before = |at: Timestamp| at.saturating_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(at);
        self.alive = self.alive.map(|alive| alive.min(just_before(at)));
        if self.storage > storage {
            (self.storage, self.version) = (storage, None);
        } else if self.storage == storage
            && self.version.as_ref().and_then(ResourceVersion::number).is_none_or(|number| number >= revision)
        {
            self.version = revision.checked_sub(1).map(|last| ResourceVersion::new(last.to_string()));
        }
        self
    }
}
