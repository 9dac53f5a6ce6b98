//! What a timeline consists of.

use crate::kinds::Evidence;
use crate::observation::{GapReason, ResourceVersion, Stamp, State, Subject, Track};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// One entry of a timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// `seq` of the line of the recording that it was folded from; several entries may share it.
    pub seq: u64,
    /// Receipt of that line: the recorder's wall clock, and its monotonic clock since the recording started.
    pub stamp: Stamp,
    /// Whom it is about; none for marks and for gaps of a whole watch.
    pub subject: Option<Arc<Subject>>,
    /// Version of the object, where there is one.
    pub resource_version: Option<ResourceVersion>,
    /// Delivered late: it happened at or after this moment and not after `stamp.at`.
    pub not_before: Option<Timestamp>,
    /// How the recorder came to know of it: live, late, from history, after a gap.
    pub seen: Provenance,
    /// A transition, a gap, a mark or an Event.
    pub body: Body,
}

/// How the recorder came to know of an entry; the member `seen` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// In the state that the watch began with: its own beginning was not seen.
    Initial,
    /// Delivered by the open watch.
    Live,
    /// After an interruption of the stream, from the server's backlog.
    Delayed,
    /// Delivered after entries of other streams that came later, by more than the settle window; put in its place.
    Late,
    /// Read back from the server's history.
    Healed,
    /// Found in the first version seen after a gap: when it was entered is not known.
    AfterGap,
}

impl Provenance {
    /// The value of `seen` in JSON and CSV.
    #[must_use]
    pub fn word(self) -> &'static str {
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

/// What an entry says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A track entered a state.
    Transition(Transition),
    /// A track stayed in its state, and another detail of it is told: no transition.
    Detailed(Detailed),
    /// Nothing may be concluded about a span.
    Gap(GapEntry),
    /// The name of an instant that a test wrote.
    Mark(String),
    /// An Event about the subject.
    Evidence(Evidence),
}

/// A track entering a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The track of the entry's subject that moved.
    pub track: Track,
    /// The state before; none when the track begins here. Absent is a state.
    pub from: Option<State>,
    /// The state entered; [`crate::observation::StateKind::Absent`] when the object lost the track.
    pub to: State,
}

/// A state of which other details are told than before: a condition's reason, a container's exit code, signal or lower
/// restart count, what its track is about. Label and kind are the same on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Detailed {
    /// The track of the entry's subject.
    pub track: Track,
    /// The state as it was told before, without message and stamps.
    pub from: State,
    /// The state as it is told now.
    pub to: State,
}

/// A span that was not seen: of a whole watch (subjects unknown to it may have lived and died), of one subject (all
/// its tracks), or of one track. A track without a transition at the end of a closed gap was found in the state that
/// it had before.
#[derive(Clone, Debug, PartialEq)]
pub struct GapEntry {
    /// kubectl's name of the resource, `virtualmachines.kubevirt.io`.
    pub resource: SmolStr,
    /// Namespace of the watch or of the subject; empty for all.
    pub namespace: SmolStr,
    /// The one track; none for all.
    pub track: Option<Track>,
    /// Last moment that was seen, by the recorder's wall clock; none when nothing was seen before.
    pub from: Option<Timestamp>,
    /// First moment that was seen again; none when it never was.
    pub to: Option<Timestamp>,
    /// Version last seen: of the subject, or of the watch for a gap of the watch.
    pub from_resource_version: Option<ResourceVersion>,
    /// Version up to which the watch had been read: what this hides came after it. None where only
    /// `from_resource_version` is known.
    pub read_through: Option<ResourceVersion>,
    /// Version first seen again; none while nothing was.
    pub to_resource_version: Option<ResourceVersion>,
    /// What made the recorder lose it, or that it was never published.
    pub reason: GapReason,
    /// What shows it, for gaps that the object's own history tells: `restartCount 3 -> 5, one termination seen`.
    pub evidence: Option<String>,
}
