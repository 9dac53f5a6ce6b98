//! The events that the server had waiting when a stream was resumed: those up to its head are late.

use crate::observation::ResourceVersion;
use jiff::Timestamp;

/// The backlog of a resumed stream.
#[derive(Debug)]
pub(super) struct Backlog {
    /// The last time at which the old stream was known alive, a lower bound for the backlog.
    not_before: Timestamp,
    head: Head,
}

#[derive(Debug)]
enum Head {
    Asked,
    Known(ResourceVersion),
    /// The request failed: everything is late until the next bookmark.
    Unknown,
}

impl Backlog {
    /// A backlog whose end is being requested.
    pub(super) fn new(not_before: Timestamp) -> Self {
        Self { not_before, head: Head::Asked }
    }

    /// The lower bound of its times.
    pub(super) fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// The collection's version at a time at which the stream was open.
    pub(super) fn answered(&mut self, head: Option<ResourceVersion>) {
        self.head = head.map_or(Head::Unknown, Head::Known);
    }

    /// True when the collection is older than what was recorded: the storage was restored.
    pub(super) fn is_behind(&self, recorded: &ResourceVersion) -> bool {
        matches!(&self.head, Head::Known(head) if head != recorded && head.is_covered_by(recorded))
    }

    /// Since when an event of this version may have waited; none when it is not late.
    pub(super) fn late_since(&self, version: &ResourceVersion) -> Option<Timestamp> {
        let is_late = match &self.head {
            Head::Known(head) => version.is_covered_by(head),
            Head::Asked | Head::Unknown => true,
        };
        is_late.then_some(self.not_before)
    }

    /// True when a bookmark of this version ends the backlog.
    pub(super) fn ends_at(&self, bookmark: &ResourceVersion) -> bool {
        matches!(self.head, Head::Unknown) || self.late_since(bookmark).is_none()
    }
}
