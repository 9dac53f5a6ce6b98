//! What a watch loop is given: whom to ask, how patiently, how much of the past, and what an earlier recorder knew.

use super::clock::Clock;
use super::cluster::Cluster;
use super::socket::Depth;
use crate::observation::{Capture, Inventory, Observation, Payload, Position};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

/// How patient the loop is.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// A stream without a byte for this long is dead. Bookmarks come every minute.
    pub idle: Duration,
    /// After this the server is asked to close the stream.
    pub watch_timeout: Duration,
    /// The pause after a stream that had delivered something.
    pub resume_after: Duration,
    /// Factor on the pauses after failures (800 ms doubling to 30 s, with jitter).
    pub backoff: f64,
    /// How often a kind that is not served is asked for.
    pub absent: Duration,
    /// How long a fence may take.
    pub fence: Duration,
    /// How long it may take where the watch has not attached yet.
    pub unattached: Duration,
    /// What a list shows has to come on a stream that was taken up again, which is not silent for longer than this.
    pub overdue: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(75),
            watch_timeout: Duration::from_secs(290),
            resume_after: Duration::from_millis(50),
            backoff: 1.0,
            absent: Duration::from_secs(1),
            fence: Duration::from_secs(10),
            unattached: Duration::from_millis(700),
            overdue: Duration::from_secs(3),
        }
    }
}

/// How much of what was not seen may be read back from the server's history.
#[derive(Clone, Copy, Debug)]
pub struct Healing {
    /// Requests for one gap, or for the past of one watch; with none, nothing is read back.
    pub requests: u32,
    /// How many revisions are looked at one by one, for objects that were born and gone in between.
    pub revisions: u64,
    /// Requests that are under way at once.
    pub at_once: usize,
    /// How long reading back one gap, or the past of one watch, may take.
    pub time: Duration,
}

impl Healing {
    /// Nothing is read back.
    pub const OFF: Self = Self { requests: 0, revisions: 0, at_once: 1, time: Duration::ZERO };
}

impl Default for Healing {
    fn default() -> Self {
        Self { requests: 2000, revisions: 2000, at_once: 4, time: Duration::from_mins(1) }
    }
}

/// What of the time before the recorder is read from the server's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Past {
    /// Nothing: what is there has an unseen beginning.
    #[default]
    Unseen,
    /// The versions of what is there, back to its birth.
    Beginnings,
    /// Everything since a moment, also of what is gone.
    Since(Timestamp),
}

/// What all watches of a recorder share.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Whom to ask.
    pub(crate) cluster: Arc<Cluster>,
    /// What to keep.
    pub(crate) capture: Capture,
    /// How patient to be.
    pub(crate) pace: Timeouts,
    /// How much of what was not seen may be read back from the server's history.
    pub(crate) healing: Healing,
    /// What of the time before the first list to read.
    pub(crate) past: Past,
    /// When it is.
    pub(crate) clock: Clock,
    /// How full the queues are.
    pub(crate) depth: Arc<Depth>,
    /// Where observations go, in order.
    pub(crate) out: Sender<Vec<Observation>>,
    /// Asks for the fence.
    pub(crate) finish: CancellationToken,
}

/// What an earlier recorder knew.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resume {
    /// Where the watch was.
    pub(crate) position: Position,
    /// The objects that were there.
    pub(crate) objects: Inventory,
    /// Since when the past was asked for, if its recorder ended before it had recorded it.
    pub(crate) past: Option<Timestamp>,
    /// Nothing shows whether the cluster is the one that was recorded: all that follows comes after a gap.
    pub(crate) is_stranger: bool,
    /// The end of the recording was cut off before any list of the watch was complete: what it had said is not known.
    pub(crate) is_cut: bool,
}

impl Resume {
    /// What of the past is to be read: what an earlier recorder was asked for, if it recorded nothing of it.
    #[must_use]
    pub(crate) fn asked(&self, past: Past) -> Past {
        match self.past {
            Some(moment) if self.objects.known().is_empty() => Past::Since(moment),
            _ => past,
        }
    }

    /// Takes the next line of the recording: one of the watch, or of the whole.
    pub(crate) fn learn(&mut self, observation: &Observation) {
        self.position.apply(observation.stamp.at, &observation.payload);
        self.objects.apply(&observation.payload);
        match &observation.payload {
            Payload::Past(past) => self.past = Some(past.since),
            // Nothing was there then: what came after has to be read back.
            Payload::NotServed { .. } if self.position.version().is_none() => {
                self.past.get_or_insert(observation.stamp.at);
            }
            Payload::Attached(_) => self.past = None,
            Payload::Gap(_) => (self.is_stranger, self.is_cut) = (false, false),
            _ => {}
        }
    }
}
