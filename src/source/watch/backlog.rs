//! What the server had waiting when a stream was taken up again: events up to its head are late.

use crate::observation::ResourceVersion;
use jiff::Timestamp;

/// The backlog of a stream that was taken up again.
#[derive(Debug)]
pub(super) struct Backlog {
    /// Nothing of it happened before the old stream was last known alive.
    not_before: Timestamp,
    head: Head,
}

#[derive(Debug)]
enum Head {
    Asked,
    Known(ResourceVersion),
    /// It could not be asked: all is late until the next bookmark.
    Unknown,
}

impl Backlog {
    /// A backlog whose end is being asked for.
    pub(super) fn new(not_before: Timestamp) -> Self {
        Self { not_before, head: Head::Asked }
    }

    /// Nothing of it was before this moment.
    pub(super) fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The collection's version as of a moment at which the stream was open.
    pub(super) fn answered(&mut self, head: Option<ResourceVersion>) {
        self.head = head.map_or(Head::Unknown, Head::Known);
    }

    /// The collection is older than what was recorded: the storage was put back to an earlier state.
    pub(super) fn is_behind(&self, recorded: &ResourceVersion) -> bool {
        matches!(&self.head, Head::Known(head) if head != recorded && head.is_covered_by(recorded))
    }

    /// Since when an event of this version may have waited; none when it came live.
    pub(super) fn late_since(&self, version: &ResourceVersion) -> Option<Timestamp> {
        let is_late = match &self.head {
            Head::Known(head) => version.is_covered_by(head),
            Head::Asked | Head::Unknown => true,
        };
        is_late.then_some(self.not_before)
    }

    /// Whether a bookmark of this version ends it: nothing before it is still to come.
    pub(super) fn ends_at(&self, bookmark: &ResourceVersion) -> bool {
        matches!(self.head, Head::Unknown) || self.late_since(bookmark).is_none()
    }
}
