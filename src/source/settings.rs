//! The settings of a watch loop, and what an earlier recorder left.

use super::clock::Clock;
use super::cluster::Cluster;
use super::connection::Connections;
use super::depth::Depth;
use crate::observation::{
    Capture, Change, Inventory, Object, ObjectEvent, Observation, Payload, Position, Raw, ResourceVersion, Undecodable,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Timeouts and pauses of the loop.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// A stream without a byte for this long is considered dead. Bookmarks come every minute.
    pub idle: Duration,
    /// After this the server is asked to close the stream.
    pub watch_timeout: Duration,
    /// The pause after a stream that had delivered something.
    pub resume_after: Duration,
    /// Factor on the pauses after failures (800 ms doubling to 30 s, with jitter).
    pub backoff: f64,
    /// How often a resource that is not served is requested again.
    pub absent: Duration,
    /// After this long without anything from the server it is asked for its version, which it must answer as soon;
    /// otherwise its watches are out.
    pub silence: Duration,
    /// How long a fence may take.
    pub fence: Duration,
    /// How long it may take if the watch has not attached yet.
    pub unattached: Duration,
    /// After a reconnect, how long the stream may be silent while it owes what a list shows.
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
            silence: Duration::from_secs(2),
            fence: Duration::from_secs(10),
            unattached: Duration::from_millis(700),
            overdue: Duration::from_secs(3),
        }
    }
}

/// Limits for reading missed versions back from the server's history.
#[derive(Clone, Copy, Debug)]
pub struct Healing {
    /// Requests for one gap, or for the past of one watch; with 0, nothing is read back.
    pub requests: u32,
    /// How many revisions are inspected one by one, for objects that were created and deleted in between.
    pub revisions: u64,
    /// Concurrent requests.
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
        Self { requests: 2000, revisions: 2000, at_once: 4, time: Duration::from_secs(30) }
    }
}

/// What to read of the time before the recorder from the server's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Past {
    /// Nothing: existing objects have an unseen beginning.
    #[default]
    Unseen,
    /// The versions of existing objects, back to their creation.
    Beginnings,
    /// Everything since a time, including deleted objects.
    Since(Timestamp),
}

/// How often something was requested of all watches while they run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    /// Proofs that everything up to now was recorded.
    pub(crate) proofs: u64,
    /// That what comes from now on may have happened before.
    pub(crate) doubts: u64,
    /// That what only a look shows is looked at, because an expectation was violated.
    pub(crate) looks: u64,
    /// Proofs that let time decide something, where they cost little.
    pub(crate) dues: u64,
}

impl Requests {
    /// What is answered once everything up to now was read.
    pub(crate) fn answered(self) -> [u64; 3] {
        [self.proofs, self.doubts, self.dues]
    }
}

/// The settings that all watches of a recorder share.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The cluster.
    pub(crate) cluster: Arc<Cluster>,
    /// Which fields to keep.
    pub(crate) capture: Capture,
    /// Timeouts and pauses.
    pub(crate) pace: Timeouts,
    /// Limits for reading missed versions back.
    pub(crate) healing: Healing,
    /// What to read of the time before the first list.
    pub(crate) past: Past,
    /// The recorder's clock.
    pub(crate) clock: Clock,
    /// How full the queues are.
    pub(crate) depth: Arc<Depth>,
    /// What is reported of the connections.
    pub(crate) connections: Arc<Connections>,
    /// The channel for observations.
    pub(crate) out: Sender<Vec<Observation>>,
    /// What is requested while they run.
    pub(crate) requests: watch::Receiver<Requests>,
    /// Requests the fence.
    pub(crate) finish: CancellationToken,
}

/// The newest version of an object, or its deletion, which a storage that did not go back remembers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LastEvent {
    /// Of which object.
    pub namespace: SmolStr,
    /// Its name.
    pub name: SmolStr,
    /// Its uid.
    pub uid: SmolStr,
    /// The revision.
    pub revision: u64,
    /// It was its deletion.
    pub is_deletion: bool,
}

impl LastEvent {
    fn of(seen: &ObjectEvent) -> Option<Self> {
        let Object { namespace, name, uid, resource_version, .. } = &seen.object;
        let revision = resource_version.number()?;
        let is_deletion = seen.change == Change::Deleted;
        Some(Self { namespace: namespace.clone(), name: name.clone(), uid: uid.clone(), revision, is_deletion })
    }

    /// True for an event that shows it; `change` is none when it could not be decoded.
    pub(crate) fn is(&self, change: Option<Change>, uid: &SmolStr, version: &ResourceVersion) -> bool {
        let is_deletion = change.map(|change| change == Change::Deleted);
        *uid == self.uid
            && version.number() == Some(self.revision)
            && is_deletion.is_none_or(|is_deletion| is_deletion == self.is_deletion)
    }
}

/// What an earlier recorder left of a watch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resume {
    /// The position of the watch.
    pub(crate) position: Position,
    /// The existing objects.
    pub(crate) objects: Inventory,
    /// The start of the requested past, if the recorder ended before it had recorded it.
    pub(crate) past: Option<Timestamp>,
    /// The newest version of an object, by which the storage is recognized.
    pub(crate) last: Option<LastEvent>,
    /// The last event of a source that is not an API server.
    pub(crate) event: Option<Raw>,
    /// The last line of each object of such a source, since the last gap.
    pub(crate) found: HashMap<SmolStr, Raw>,
    /// Those of them of which a later line says that something was not seen.
    pub(crate) doubted: HashSet<SmolStr>,
    /// The newest version, bookmarks aside, up to which everything was delivered, listed or read back.
    pub(crate) settled: Option<ResourceVersion>,
    /// The version of the last list, or of history that was read back, and when it was asked for: up to there, the
    /// recorded objects are those of the server.
    pub(crate) proven: Option<(ResourceVersion, Timestamp)>,
    /// True when nothing shows whether the cluster is the recorded one: everything that follows comes after a gap.
    pub(crate) is_stranger: bool,
    /// True when the recording was truncated before any list of the watch was complete: what was lost is unknown.
    pub(crate) is_cut: bool,
}

impl Resume {
    /// What to read of the past: the request of the earlier recorder, if that did not record it.
    #[must_use]
    pub(crate) fn asked(&self, past: Past) -> Past {
        match self.past {
            Some(moment) if self.objects.known().is_empty() => Past::Since(moment),
            _ => past,
        }
    }

    /// An event of this version was delivered.
    fn settle(&mut self, version: &ResourceVersion) {
        if self.settled.as_ref().is_some_and(|settled| settled.is_covered_by(version)) {
            self.settled = Some(version.clone());
        }
    }

    /// Applies the next line of the recording, of the watch or of the recording as a whole.
    pub(crate) fn learn(&mut self, observation: &Observation) {
        self.position.apply(observation.stamp.at, &observation.payload);
        self.objects.apply(&observation.payload);
        if let Some((version, not_before)) = match &observation.payload {
            Payload::Attached(list) => Some((&list.resource_version, list.not_before)),
            Payload::Healed(healed) => Some((&healed.to_resource_version, healed.not_before)),
            _ => None,
        } {
            self.proven = Some((version.clone(), not_before.unwrap_or(observation.stamp.at)));
        }
        match &observation.payload {
            Payload::Attached(list) => self.settled = Some(list.resource_version.clone()),
            Payload::Healed(healed) => self.settled = Some(healed.to_resource_version.clone()),
            Payload::Object(seen) if !seen.healed && seen.change != Change::Listed => {
                self.settle(&seen.object.resource_version);
            }
            Payload::Undecodable(Undecodable { resource_version: Some(version), .. }) => self.settle(version),
            _ => {}
        }
        match &observation.payload {
            Payload::Object(seen) => {
                if let Some(event) = LastEvent::of(seen)
                    && self.last.as_ref().is_none_or(|last| last.revision <= event.revision)
                {
                    self.last = Some(event);
                }
            }
            Payload::Raw(raw) => {
                self.found.insert(raw.uid.clone(), raw.clone());
                self.doubted.remove(&raw.uid);
                if !raw.listed {
                    self.event = Some(raw.clone());
                }
            }
            Payload::Undecodable(unseen) => self.doubted.extend(unseen.uid.clone()),
            Payload::Past(past) => self.past = Some(past.since),
            // There was nothing then; what came later must be read back.
            Payload::NotServed { .. } if self.position.version().is_none() => {
                self.past.get_or_insert(observation.stamp.at);
            }
            Payload::Attached(_) => self.past = None,
            // Until then nothing was there, or a line says what is not known.
            Payload::Fence(fence) if fence.whole => {
                self.past.iter_mut().for_each(|past| *past = observation.stamp.at);
            }
            Payload::Gap(gap) => {
                (self.is_stranger, self.is_cut) = (false, false);
                self.found.clear();
                self.doubted.clear();
                if gap.reason.may_rewind() {
                    // It is remembered by a storage that is not there any more.
                    self.last = None;
                }
            }
            _ => {}
        }
    }
}
