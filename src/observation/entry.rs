//! One observation: what a stream delivered, or what happened to the stream.

use super::{ClockChange, Environment, Object, ResourceVersion, Stamp, Undecodable, WatchId};
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

/// What a line of a recording says, in its `type` and the members of it.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// An object of a watch or of a list.
    Object(ObjectEvent),
    /// An object of a list that is exactly the one recorded before.
    Unchanged {
        /// Of which watch.
        watch: WatchId,
        /// `metadata.uid` of the object.
        uid: SmolStr,
        /// The version that it still has.
        resource_version: ResourceVersion,
    },
    /// The server says that everything up to here was delivered.
    Bookmark {
        /// Of which watch.
        watch: WatchId,
        /// Up to which version.
        resource_version: ResourceVersion,
    },
    /// The same, of a bookmark that may have waited since `not_before`: what came to be after it may still be waiting.
    LateBookmark {
        /// Of which watch.
        watch: WatchId,
        /// Up to which version.
        resource_version: ResourceVersion,
        /// Since when it may have waited.
        not_before: Timestamp,
    },
    /// The server does not serve the resource: nothing of it can exist.
    NotServed {
        /// Of which watch.
        watch: WatchId,
    },
    /// The initial state, or that of a new list, is complete.
    Attached(Attached),
    /// The stream was interrupted and taken up again where it had been left: no gap.
    Reconnected(Reconnected),
    /// The stream lost a span of versions: what happened in it is not known.
    Gap(Gap),
    /// The stream lost a span, and all of it was read back from the server's history: no gap.
    Healed(Healed),
    /// How far the reading of the past reaches back, before the first list.
    Past(Past),
    /// A line that could not be decoded.
    Undecodable(Undecodable),
    /// Proof, or lack of it, that everything up to the end was seen.
    Fence(Fence),
    /// The cluster is made of other versions than the header, or the last such line, says.
    Environment(Environment),
    /// The wall clock was set, or the monotonic clock is another one.
    Clock(ClockChange),
    /// A named instant that a test writes.
    Mark {
        /// What the test calls it.
        name: String,
    },
    /// The recorder was started again on this file.
    Resumed {
        /// Name and version of the recorder, as in the header.
        tool: String,
    },
    /// The recorder stopped on purpose.
    End {
        /// Why it stopped.
        reason: String,
    },
}

impl Payload {
    /// The watch that it is about, if it is about one.
    #[must_use]
    pub fn watch(&self) -> Option<WatchId> {
        match self {
            Self::Object(seen) => Some(seen.watch),
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
}

/// How an object came: the type of the watch event, or a list.
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

/// An object that was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectEvent {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The watch event, or the list, that brought it.
    pub change: Change,
    /// The object, as far as it is kept.
    pub object: Object,
    /// Delivered late: the last moment at which the stream was known alive before.
    pub not_before: Option<Timestamp>,
    /// Read back from the server's history, not delivered live.
    pub healed: bool,
    /// A deletion that was proven by reading the name again: the uid is gone, not only out of the selection.
    pub confirmed: bool,
}

/// A watch that has delivered its initial state.
#[derive(Clone, Debug, PartialEq)]
pub struct Attached {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// `metadata.resourceVersion` of the list.
    pub resource_version: ResourceVersion,
    /// The kind that the server names, for resources named by the user.
    pub kind: SmolStr,
}

/// A stream taken up again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reconnected {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The version recorded last, at which the new stream began.
    pub resource_version: ResourceVersion,
    /// The last moment at which the old stream was known alive.
    pub not_before: Timestamp,
    /// Why the old stream ended, in words: the server's error, or that of the connection.
    pub reason: String,
}

/// Why a span was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The server no longer answers from the version that was recorded last (410).
    HistoryExpired,
    /// An event could not be decoded.
    Undecodable,
    /// The object left the selection of its watch; what became of it is not seen.
    LeftSelection,
    /// Another object has its name; its own deletion was never delivered.
    Replaced,
    /// The object's own history shows states that were never published: nothing was lost on our side.
    NeverPublished,
    /// The server's storage went back: its versions are older than those recorded.
    StorageReplaced,
    /// What the server delivered contradicts itself: something of it was lost on the way.
    Contradicted,
    /// Nobody recorded it: imported lines break off and go on elsewhere.
    Unrecorded,
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
    /// When the stream was last known alive, by the recorder's wall clock.
    pub from: Timestamp,
    /// Receipt of the list after the loss, by the recorder's wall clock.
    pub to: Timestamp,
    /// What made the stream lose the span.
    pub reason: GapReason,
    /// Why it was not read back from the server's history; empty where nobody tried.
    pub unhealed: String,
}

/// A span that was not delivered and was read back whole: the objects before this line, marked as healed, are all that
/// happened in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Healed {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The last version that was recorded before.
    pub from_resource_version: ResourceVersion,
    /// The version up to which history was read.
    pub to_resource_version: ResourceVersion,
    /// When the stream was last known alive, by the recorder's wall clock.
    pub from: Timestamp,
    /// Receipt of the list that showed the span's end, by the recorder's wall clock.
    pub to: Timestamp,
    /// Why the stream had lost it.
    pub reason: GapReason,
}

/// The past that was asked for, and what of it the server remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// Since when the past was asked for, by the recorder's clock.
    pub since: Timestamp,
    /// The revision at which the reading begins; none when nothing could be read.
    pub resource_version: Option<ResourceVersion>,
    /// The newest stamp that was written by then; none when it is not known.
    pub dated: Option<Timestamp>,
    /// Whose stamp that is: `leases`, `objects`; empty when it is not known.
    pub clock: SmolStr,
    /// By how many microseconds the server's clock is ahead of the recorder's, at least and at most; none where the
    /// server does not tell the time.
    pub ahead_micros: Option<(i64, i64)>,
    /// Why it does not reach back as far as was asked; empty when it does.
    pub missing: String,
}

/// A fence at the end of a watch.
#[derive(Clone, Debug, PartialEq)]
pub struct Fence {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The version of the quorum list.
    pub resource_version: ResourceVersion,
    /// Where the stream was when the list was asked for, which is not older; none where that is not told.
    pub from_resource_version: Option<ResourceVersion>,
    /// Every object of the list was recorded, and every recorded object is in the list or was seen to go.
    pub whole: bool,
    /// What was missing, in words; empty when the fence is whole.
    pub missing: String,
}
