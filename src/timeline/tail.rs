//! How far each watch was seen: what a judge may believe beyond the last entry.

use crate::observation::{ResourceVersion, Watch};
use jiff::Timestamp;

/// One watch at the end of a timeline, or of what there is of it so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    /// The watch of the header, with the kind that the server told where the header has none.
    pub watch: Watch,
    /// Whether the server serves it, as far as it was seen.
    pub served: Served,
    /// Everything that was delivered up to this moment stands in the timeline; none before its initial state.
    pub alive: Option<Timestamp>,
    /// Everything up to this version stands in the timeline.
    pub version: Option<ResourceVersion>,
    /// Receipt of the fence that proved that nothing is missing, by the recorder's wall clock; none without such a
    /// fence.
    pub fenced: Option<Timestamp>,
    /// The recorder stopped: no more will be seen.
    pub over: bool,
}

/// Whether the server serves a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Served {
    /// Nothing has been delivered of it, nor refused.
    #[default]
    Unknown,
    /// The server delivered something of it.
    Yes,
    /// The server answered that it does not serve it: nothing of it can exist.
    No,
    /// It did not, and then it did.
    Arrived,
}

impl Served {
    /// The server delivered something of it.
    pub(super) fn seen(&mut self) {
        *self = match self {
            Self::Unknown | Self::Yes => Self::Yes,
            Self::No | Self::Arrived => Self::Arrived,
        };
    }

    /// The server said that it does not serve it.
    pub(super) fn refused(&mut self) {
        if *self == Self::Unknown {
            *self = Self::No;
        }
    }
}

impl Tail {
    /// The same tail when entries from `at` and `revision` on have not been handed on yet.
    #[must_use]
    pub fn before(mut self, at: Timestamp, revision: u64) -> Self {
        let just_before = |at: Timestamp| at.saturating_sub(jiff::SignedDuration::from_micros(1)).unwrap_or(at);
        self.alive = self.alive.map(|alive| alive.min(just_before(at)));
        if self.version.as_ref().and_then(ResourceVersion::number).is_none_or(|number| number >= revision) {
            self.version = revision.checked_sub(1).map(|last| ResourceVersion::new(last.to_string()));
        }
        self
    }
}
