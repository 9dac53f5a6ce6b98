//! The entries of a timeline.

use crate::kinds::Evidence;
use crate::observation::{GapReason, ResourceVersion, Stamp, State, Subject, Track, WatchId};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::ops::Deref;
use std::sync::Arc;

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `seq` of the line of the recording that it was folded from; several entries may share it.
    pub seq: u64,
    /// Receipt of that line: the recorder's wall clock, and its monotonic clock since the recording started.
    pub stamp: Stamp,
    /// The subject; none for marks and for gaps of a whole watch.
    pub subject: Option<Arc<Subject>>,
    /// Version of the object, where there is one.
    pub resource_version: Option<ResourceVersion>,
    /// Delivered late: it happened at or after this moment and not after `stamp.at`.
    pub not_before: Option<Timestamp>,
    /// Read back from history: the renewals of a Lease before and after it, by the clock of the Lease's holder. For
    /// people: no verdict is based on it.
    pub leases: Option<Box<[Timestamp; 2]>>,
    /// How the recorder learned of it: live, late, from history, after a gap.
    pub seen: Provenance,
    /// The watch that it is from; none for marks, and where that is not known.
    pub origin: Option<Origin>,
    /// A transition, a gap, a mark or an Event.
    pub body: Body,
}

/// The watch that an entry is from, and which of its storages counted its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// How often the storage had been replaced, or may have been, before the version.
    pub storage: u32,
    /// The same for the version at which a gap begins.
    pub before: u32,
}

/// How the recorder learned of an entry; the member `seen` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// In the state with which the watch started: when it was entered was not seen.
    Initial,
    /// Delivered by the open watch.
    Live,
    /// After an interruption of the stream, from the server's backlog.
    Delayed,
    /// Delivered after later entries of other streams, by more than the settle window; put in its place.
    Late,
    /// Read back from the server's history.
    Healed,
    /// Found in the first version seen after a gap: when it was entered is not known.
    AfterGap,
}

impl Provenance {
    /// The value of `seen` in JSON and CSV.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Initial => "initial",
            Self::Live => "live",
            Self::Delayed => "delayed",
            Self::Late => "late",
            Self::Healed => "healed",
            Self::AfterGap => "after-gap",
        }
    }
}

/// What an entry reports.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A track entered a state.
    Transition(Transition),
    /// A track stayed in its state, with other details: no transition.
    Detailed(Detailed),
    /// A span about which nothing may be concluded.
    Gap(GapEntry),
    /// The name of an instant that a test wrote.
    Mark(String),
    /// An Event about the subject.
    Evidence(Reported),
}

/// An Event, as one version of it shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reported {
    /// The Event itself, owned by the object that it is about.
    pub event: Arc<Subject>,
    /// True when its watch delivered its creation.
    pub is_created: bool,
    /// What it reports.
    pub evidence: Evidence,
}

impl Deref for Reported {
    type Target = Evidence;

    fn deref(&self) -> &Evidence {
        &self.evidence
    }
}

impl Body {
    /// The track that it is about, and the state that this is in then.
    pub(crate) fn shown(&self) -> Option<(&Track, &State)> {
        match self {
            Self::Transition(Transition { track, to, .. }) | Self::Detailed(Detailed { track, to, .. }) => {
                Some((track, to))
            }
            _ => None,
        }
    }
}

/// A track entering a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The track that moved.
    pub track: Track,
    /// The state before; none when the track starts here. Absent is a state.
    pub from: Option<State>,
    /// The state entered; [`crate::observation::StateKind::Absent`] when the object lost the track.
    pub to: State,
}

impl Transition {
    /// True for the deletion of a subject.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.track == Track::Lifecycle && self.to.label == "Deleted"
    }
}

/// A state with other details than before: a condition's reason, a container's exit code, signal or lower restart
/// count, an instance. Label and kind are the same on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Detailed {
    /// The track whose details changed.
    pub track: Track,
    /// The state with the previous details, without message and timestamps.
    pub from: State,
    /// The state with the current details.
    pub to: State,
}

/// A span that was not seen: of a whole watch (subjects unknown to it may have been created and deleted), of one subject
/// (all its tracks), or of one track. A track without a transition at the end of a closed gap was found in the state that
/// it had before.
#[derive(Clone, Debug, PartialEq)]
pub struct GapEntry {
    /// The resource as kubectl writes it, `virtualmachines.kubevirt.io`.
    pub resource: SmolStr,
    /// The kind of its objects; empty until it is known.
    pub kind: SmolStr,
    /// Namespace of the watch or of the subject; empty for all.
    pub namespace: SmolStr,
    /// The track; none for all tracks.
    pub track: Option<Track>,
    /// The last moment that was seen, by the recorder's wall clock; none when nothing was seen before.
    pub from: Option<Timestamp>,
    /// The first moment that was seen again; none when there was none.
    pub to: Option<Timestamp>,
    /// The last version that was seen: of the subject, or of the watch for a gap of the watch.
    pub from_resource_version: Option<ResourceVersion>,
    /// Version up to which the watch had been read: what the gap hides came after it. None where only
    /// `from_resource_version` is known.
    pub read_through: Option<ResourceVersion>,
    /// The first version that was seen again; none if there is none yet.
    pub to_resource_version: Option<ResourceVersion>,
    /// Why it was lost, or that it was never published.
    pub reason: GapReason,
    /// The evidence, for gaps that the object's own history shows: `restartCount 3 -> 5`.
    pub evidence: Option<String>,
}
