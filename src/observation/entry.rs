//! One observation: what a stream delivered, or what happened to the stream.

use super::{ClockChange, Environment, Object, Raw, ResourceVersion, Stamp, Undecodable, WatchId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One line of a recording after its header.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// Receipt by the recorder.
    pub stamp: Stamp,
    /// What was delivered, or what happened to the stream.
    pub payload: Payload,
}

/// What a line of a recording contains: its `type` and the members that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// An object of a watch or of a list.
    Object(ObjectEvent),
    /// An event of a source that is not an API server.
    Raw(Raw),
    /// An object of a list that is unchanged since it was recorded.
    Unchanged {
        /// Index of the watch in the header, from 0.
        watch: WatchId,
        /// `metadata.uid` of the object.
        uid: SmolStr,
        /// The version that it still has.
        resource_version: ResourceVersion,
    },
    /// The server's confirmation that everything up to this version was delivered.
    Bookmark {
        /// Index of the watch in the header, from 0.
        watch: WatchId,
        /// `metadata.resourceVersion` of the bookmark.
        resource_version: ResourceVersion,
    },
    /// A bookmark that may have been held up since `not_before`: later events may still be on their way.
    LateBookmark {
        /// Index of the watch in the header, from 0.
        watch: WatchId,
        /// `metadata.resourceVersion` of the bookmark.
        resource_version: ResourceVersion,
        /// The earliest moment at which the server may have sent it.
        not_before: Timestamp,
    },
    /// The server does not serve the resource: no objects of it can exist.
    NotServed {
        /// Index of the watch in the header, from 0.
        watch: WatchId,
    },
    /// The initial state, or that of a new list, is complete.
    Attached(Attached),
    /// The stream was interrupted and resumed where it had stopped: no gap.
    Reconnected(Reconnected),
    /// The stream lost a span of versions: what happened in it is not known.
    Gap(Gap),
    /// The stream lost a span, and all of it was read back from the server's history: no gap.
    Healed(Healed),
    /// How far back the history before the first list was read.
    Past(Past),
    /// A line that could not be decoded.
    Undecodable(Undecodable),
    /// Proof, or lack of it, that everything up to the end was seen.
    Fence(Fence),
    /// The versions of the cluster's parts differ from those in the header or the last such line.
    Environment(Environment),
    /// The wall clock was set, or the monotonic clock is a different one.
    Clock(ClockChange),
    /// A named instant that a test writes.
    Mark {
        /// The name that the test gave it.
        name: String,
    },
    /// The recorder was started again on this file.
    Resumed {
        /// Name and version of the recorder, as in the header.
        tool: String,
    },
    /// The recorder was stopped deliberately.
    End {
        /// Why it stopped.
        reason: String,
    },
}

impl Payload {
    /// The watch that it is about; none for lines about the whole recording.
    #[must_use]
    pub fn watch(&self) -> Option<WatchId> {
        match self {
            Self::Object(seen) => Some(seen.watch),
            Self::Raw(raw) => Some(raw.watch),
            Self::Unchanged { watch, .. } | Self::Bookmark { watch, .. } | Self::NotServed { watch } => Some(*watch),
            Self::LateBookmark { watch, .. } => Some(*watch),
            Self::Attached(attached) => Some(attached.watch),
            Self::Reconnected(reconnected) => Some(reconnected.watch),
            Self::Gap(gap) => Some(gap.watch),
            Self::Healed(healed) => Some(healed.watch),
            Self::Past(past) => Some(past.watch),
            Self::Undecodable(undecodable) => Some(undecodable.watch),
            Self::Fence(fence) => Some(fence.watch),
            Self::Environment(_) | Self::Clock(_) | Self::Mark { .. } | Self::Resumed { .. } | Self::End { .. } => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn watch_mut(&mut self) -> Option<&mut WatchId> {
        match self {
            Self::Object(seen) => Some(&mut seen.watch),
            Self::Raw(raw) => Some(&mut raw.watch),
            Self::Unchanged { watch, .. } | Self::Bookmark { watch, .. } | Self::NotServed { watch } => Some(watch),
            Self::LateBookmark { watch, .. } => Some(watch),
            Self::Attached(attached) => Some(&mut attached.watch),
            Self::Reconnected(reconnected) => Some(&mut reconnected.watch),
            Self::Gap(gap) => Some(&mut gap.watch),
            Self::Healed(healed) => Some(&mut healed.watch),
            Self::Past(past) => Some(&mut past.watch),
            Self::Undecodable(undecodable) => Some(&mut undecodable.watch),
            Self::Fence(fence) => Some(&mut fence.watch),
            Self::Environment(_) | Self::Clock(_) | Self::Mark { .. } | Self::Resumed { .. } | Self::End { .. } => None,
        }
    }
}

/// How an object was delivered: the type of the watch event, or a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Change {
    /// The watch event ADDED: the object was created, or it entered the selection.
    Added,
    /// The watch event MODIFIED: a new version of a known object.
    Modified,
    /// The watch event DELETED: the object is gone, or it left the selection of its watch.
    Deleted,
    /// Found in a list: it existed before.
    Listed,
}

/// An object delivered by a watch event or a list.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectEvent {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The watch event or the list that delivered it.
    pub change: Change,
    /// The object, as far as it is kept.
    pub object: Object,
    /// For a late delivery: the last moment before it at which the stream was known to be alive.
    pub not_before: Option<Timestamp>,
    /// Read back from the server's history, not delivered live.
    pub healed: bool,
    /// A deletion that was confirmed by reading the name again: the uid is gone, not merely out of the selection.
    pub confirmed: bool,
}

/// A watch that has delivered its initial state.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// `metadata.resourceVersion` of the list.
    pub resource_version: ResourceVersion,
    /// The kind as the server names it, for resources that the user named.
    pub kind: SmolStr,
    /// When the list was asked for, where that took long: what it shows was so at that moment or later.
    pub not_before: Option<Timestamp>,
}

/// A stream that was resumed.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnected {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The version recorded last, from which the new stream starts.
    pub resource_version: ResourceVersion,
    /// The last moment at which the old stream was known to be alive.
    pub not_before: Timestamp,
    /// Why the old stream ended: the error of the server or of the connection.
    pub reason: String,
}

/// Why a span was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The server can no longer continue from the version that was recorded last (410).
    HistoryExpired,
    /// An event could not be decoded.
    Undecodable,
    /// The object left the selection of its watch; its further states were not seen.
    LeftSelection,
    /// Another object took its name; its own deletion was never delivered.
    Replaced,
    /// The object's own history shows states that were never published: the recorder lost nothing.
    NeverPublished,
    /// The server's storage was replaced: its versions are older than those recorded.
    StorageReplaced,
    /// Nothing shows whether the server's storage is the one that was recorded.
    StorageUnproven,
    /// The server's deliveries contradict each other: something was lost on the way.
    Contradicted,
    /// Not recorded at all: imported lines break off and continue later.
    Unrecorded,
}

impl GapReason {
    /// The value that JSON and CSV have.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HistoryExpired => "history-expired",
            Self::Undecodable => "undecodable",
            Self::LeftSelection => "left-selection",
            Self::Replaced => "replaced",
            Self::NeverPublished => "never-published",
            Self::StorageReplaced => "storage-replaced",
            Self::StorageUnproven => "storage-unproven",
            Self::Contradicted => "contradicted",
            Self::Unrecorded => "unrecorded",
        }
    }

    /// True when the versions after the gap may be of another storage than those before it, and do not compare.
    #[must_use]
    pub fn may_rewind(self) -> bool {
        matches!(self, Self::StorageReplaced | Self::StorageUnproven)
    }
}

/// A span that a stream lost.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The last version that was recorded.
    pub from_resource_version: ResourceVersion,
    /// The version of the list that came after.
    pub to_resource_version: ResourceVersion,
    /// When the stream was last known to be alive, by the recorder's wall clock.
    pub from: Timestamp,
    /// Receipt of the list after the loss, by the recorder's wall clock.
    pub to: Timestamp,
    /// What made the stream lose the span.
    pub reason: GapReason,
    /// Why it was not read back from the server's history; empty where that was not attempted.
    pub unhealed: String,
}

/// A span that was not delivered and was read back completely: the objects before this line that are marked as healed
/// are all that happened in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Healed {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The last version that was recorded before.
    pub from_resource_version: ResourceVersion,
    /// The version up to which history was read.
    pub to_resource_version: ResourceVersion,
    /// When the stream was last known to be alive, by the recorder's wall clock.
    pub from: Timestamp,
    /// Receipt of the list that showed the end of the span, by the recorder's wall clock.
    pub to: Timestamp,
    /// Why the stream lost it.
    pub reason: GapReason,
    /// When that list was asked for, where that took long.
    pub not_before: Option<Timestamp>,
}

/// The past that was requested, and how much of it the server still had.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// Since when the past was requested, by the recorder's clock.
    pub since: Timestamp,
    /// The revision at which reading starts; none when nothing could be read.
    pub resource_version: Option<ResourceVersion>,
    /// The newest timestamp written by then; none when it is not known.
    pub dated: Option<Timestamp>,
    /// Where that timestamp is from: `leases` or `objects`; empty when it is not known.
    pub clock: SmolStr,
    /// The least and the greatest number of microseconds by which the server's clock is ahead of the recorder's; none
    /// where the server does not report its time.
    pub ahead_micros: Option<(i64, i64)>,
    /// Renewals of a Lease since then, in the order of their revisions, which show when the revisions between them were
    /// written.
    pub leases: Vec<Renewal>,
    /// Why it does not reach back as far as requested; empty when it does.
    pub missing: String,
}

/// A renewal of a Lease: its revision, and the time on the clock of its holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Renewal {
    /// `metadata.resourceVersion` of the Lease.
    pub resource_version: ResourceVersion,
    /// `spec.renewTime` of the Lease.
    pub renew_time: Timestamp,
}

impl Past {
    /// The line that is recorded before the past is read, so that a recorder that is killed meanwhile leaves what it
    /// was asked for.
    pub(crate) fn unread(watch: WatchId, since: Timestamp) -> Self {
        Self {
            watch,
            since,
            resource_version: None,
            dated: None,
            clock: SmolStr::default(),
            ahead_micros: None,
            leases: Vec::new(),
            missing: String::new(),
        }
    }

    /// True when it only says what was requested: nothing is read yet.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.resource_version.is_none() && self.missing.is_empty()
    }
}

/// A fence at the end of a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Fence {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The version of the quorum list.
    pub resource_version: ResourceVersion,
    /// The version of the stream when the list was requested; the list is not older. None where it was not recorded.
    pub from_resource_version: Option<ResourceVersion>,
    /// Every object of the list was recorded, and every recorded object is in the list or its deletion was seen.
    pub whole: bool,
    /// What was missing; empty when the fence is whole.
    pub missing: String,
}
