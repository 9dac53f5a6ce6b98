//! One watch, from its first list to its fence: an explicit state and one step function.
//!
//! It resumes from the version that was recorded last, never past an event that could not be decoded, and says of
//! every interruption whether anything was lost: a reconnect is noted, a gap is told with both its ends.

use super::attach::{self, Item, Pages};
use super::clock::{Clock, until};
use super::cluster::Cluster;
use super::decode::{Trouble, ask, what};
use super::error::Error;
use super::fence::Fencing;
use super::query;
use super::reading::{Backlog, Ending, Reading};
use super::socket::{Delivery, Depth, Socket};
use crate::kinds;
use crate::observation::{
    Attached, Capture, Change, Gap, GapReason, Observation, Reconnected, ResourceVersion, Seen, Shape, Stamp, Watch,
    WatchId, What,
};
use jiff::Timestamp;
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::DefaultBackoff;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

const UNANSWERED: &str = "the server did not answer in time";

/// How patient the loop is.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
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
    /// A stream that is silent for this long, after the fence's list, has delivered what was before it.
    pub quiet: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(75),
            watch_timeout: Duration::from_secs(290),
            resume_after: Duration::from_millis(50),
            backoff: 1.0,
            absent: Duration::from_secs(1),
            fence: Duration::from_secs(10),
            quiet: Duration::from_millis(250),
        }
    }
}

/// What all watches of a recorder share.
#[derive(Clone)]
pub struct Settings {
    /// Whom to ask.
    pub cluster: Arc<Cluster>,
    /// What to keep.
    pub capture: Capture,
    /// How patient to be.
    pub pace: Pace,
    /// When it is.
    pub clock: Clock,
    /// How full the queues are.
    pub depth: Arc<Depth>,
    /// Where observations go, in order.
    pub out: Sender<Vec<Observation>>,
    /// Asks for the fence.
    pub finish: CancellationToken,
}

/// What an earlier recorder knew.
#[derive(Clone, Debug, Default)]
pub struct Resume {
    /// The version that was recorded last.
    pub version: Option<ResourceVersion>,
    /// When the stream was last known alive.
    pub alive: Option<Timestamp>,
    /// Objects that were there, and their versions.
    pub known: HashMap<SmolStr, ResourceVersion>,
    /// The list after a gap was being read: it has to be read again.
    pub relisting: Option<GapReason>,
}

/// One watch.
pub struct Stream {
    pub(super) id: WatchId,
    pub(super) watch: Watch,
    pub(super) settings: Settings,
    /// Living objects and the versions that were recorded of them.
    pub(super) known: HashMap<SmolStr, ResourceVersion>,
    /// Objects whose newest version was recorded as it came, because it could not be decoded.
    pub(super) unread: HashMap<SmolStr, ResourceVersion>,
    pub(super) version: Option<ResourceVersion>,
    pub(super) alive: Timestamp,
    pub(super) shape: Shape,
    /// An earlier recorder ended while it read the list after a gap.
    relisting: Option<GapReason>,
    attached: bool,
    /// When the loop began, to bound the first attachment.
    born: Duration,
    said_absent: bool,
    backoff: DefaultBackoff,
    /// How often the server has forgotten the version since a stream delivered anything.
    pub(super) forgotten: u32,
    /// Why the stream was interrupted, until it is taken up again.
    interruption: Option<String>,
    /// Events up to the head were in the server's backlog.
    pub(super) backlog: Option<Backlog>,
    pub(super) fencing: Option<Fencing>,
}

/// Where the loop is.
enum State {
    /// To read a whole list: the first, or after a loss.
    List(Option<GapReason>),
    /// To watch from the version that was recorded last.
    Watch,
    /// To wait, and then go on as told.
    Pause(Duration, Then),
    /// Fenced, or out of time for it.
    Done,
}

/// What comes after a pause.
#[derive(Clone, Copy)]
enum Then {
    List(Option<GapReason>),
    Watch,
}

impl Stream {
    /// A watch that begins, or goes on where `resume` says.
    #[must_use]
    pub fn new(id: WatchId, watch: Watch, settings: Settings, resume: Resume) -> Self {
        let now = settings.clock.now();
        Self {
            id,
            shape: kinds::shape(&watch.resource),
            born: now.elapsed,
            watch,
            settings,
            known: resume.known,
            unread: HashMap::new(),
            relisting: resume.relisting,
            version: resume.version,
            alive: resume.alive.unwrap_or(now.at),
            attached: false,
            said_absent: false,
            backoff: DefaultBackoff::default(),
            forgotten: 0,
            interruption: None,
            backlog: None,
            fencing: None,
        }
    }

    /// Runs until fenced. Dropping the future stops it at once, without a fence.
    ///
    /// # Errors
    /// What an operator must mend, before the first attachment; later only when nobody takes the observations.
    pub async fn run(mut self) -> Result<(), Error> {
        let mut state = match (&self.version, self.relisting.take()) {
            (Some(_), None) => {
                self.interruption = Some("the recorder was stopped".to_owned());
                State::Watch
            }
            (_, lost) => State::List(lost),
        };
        loop {
            state = match state {
                State::List(lost) => self.list(lost).await?,
                State::Watch => self.follow().await?,
                State::Pause(length, then) => self.pause(length, then).await?,
                State::Done => return Ok(()),
            };
        }
    }

    async fn list(&mut self, lost: Option<GapReason>) -> Result<State, Error> {
        let Settings { cluster, capture, clock, .. } = self.settings.clone();
        let listing = attach::pages(&cluster, &self.watch, self.id, capture, &clock);
        let Some(listing) = self.in_time(listing).await else { return self.unfenced(UNANSWERED).await };
        match listing {
            Ok(pages) => {
                match lost {
                    Some(reason) => self.relisted(pages, reason).await?,
                    None => self.listed(pages).await?,
                }
                // A server that forgets again what it has just told is not asked in a hot loop.
                Ok(if self.forgotten > 1 { State::Pause(self.next_pause(), Then::Watch) } else { State::Watch })
            }
            Err(Trouble::NotServed) => self.absent(Then::List(lost)).await,
            Err(trouble) => self.troubled(trouble, Then::List(lost)).await,
        }
    }

    /// The first list: everything in it existed before.
    async fn listed(&mut self, pages: Pages) -> Result<(), Error> {
        self.backoff.reset();
        if !self.known.is_empty() {
            return self.relisted(pages, GapReason::HistoryExpired).await;
        }
        let mut lines = Vec::with_capacity(pages.items.len() + 1);
        for (stamp, item) in pages.items {
            lines.push(Observation { stamp, what: self.item(item) });
        }
        self.complete(&mut lines, pages.version, pages.kind);
        self.send(lines).await
    }

    /// A list after a loss: what did not change has no gap.
    async fn relisted(&mut self, pages: Pages, reason: GapReason) -> Result<(), Error> {
        let stamp = self.settings.clock.now();
        let from = self.version.clone().unwrap_or_else(|| self.newest_known());
        let mut lines = Vec::with_capacity(pages.items.len() + 2);
        if pages.version == from && reason == GapReason::HistoryExpired && self.version.is_some() {
            lines.push(self.reconnected(stamp, from));
            return self.send(lines).await;
        }
        let before = std::mem::take(&mut self.known);
        let unchanged = |item: &Item| match item {
            Item::Object(object) => before.get(&object.uid) == Some(&object.resource_version),
            Item::Undecodable(_) => false,
        };
        // An earlier recorder ended while it read its first list: it had not attached, so nothing is lost if all that it
        // read is as it was.
        let begun =
            self.version.is_none() && pages.items.iter().filter(|(_, item)| unchanged(item)).count() == before.len();
        let went_back = matches!((pages.version.number(), from.number()), (Some(new), Some(old)) if new < old);
        let gap = Gap {
            watch: self.id,
            from_resource_version: from,
            to_resource_version: pages.version.clone(),
            from: self.alive,
            to: pages.items.first().map_or(stamp.at, |(stamp, _)| stamp.at),
            reason: if went_back { GapReason::StorageReplaced } else { reason },
        };
        // Healing from the server's history has its place here: what it finds comes before the gap, and narrows it.
        if !begun {
            let stamp = pages.items.first().map_or(stamp, |(stamp, _)| *stamp);
            lines.push(Observation { stamp, what: What::Gap(gap) });
        }
        self.unread.clear();
        for (stamp, item) in pages.items {
            let unchanged = unchanged(&item);
            let mut what = self.item(item);
            if unchanged && let What::Object(seen) = what {
                let (uid, resource_version) = (seen.object.uid, seen.object.resource_version);
                what = What::Unchanged { watch: self.id, uid, resource_version };
            }
            lines.push(Observation { stamp, what });
        }
        self.complete(&mut lines, pages.version, pages.kind);
        self.interruption = None;
        if let Some(fencing) = &mut self.fencing {
            fencing.relisted(&self.known);
        }
        self.send(lines).await
    }

    /// The newest version of any object; the empty one when there is none.
    fn newest_known(&self) -> ResourceVersion {
        self.known.values().max_by_key(|version| version.number()).cloned().unwrap_or_default()
    }

    fn item(&mut self, item: Item) -> What {
        match item {
            Item::Object(object) => {
                self.known.insert(object.uid.clone(), object.resource_version.clone());
                What::Object(Seen {
                    watch: self.id,
                    change: Change::Listed,
                    object,
                    not_before: None,
                    healed: false,
                    confirmed: false,
                })
            }
            Item::Undecodable(undecodable) => {
                if let (Some(uid), Some(version)) = (&undecodable.uid, &undecodable.resource_version) {
                    self.unread.insert(uid.clone(), version.clone());
                }
                What::Undecodable(undecodable)
            }
        }
    }

    fn complete(&mut self, lines: &mut Vec<Observation>, version: ResourceVersion, kind: SmolStr) {
        let stamp = lines.last().map_or_else(|| self.settings.clock.now(), |line| line.stamp);
        self.alive = stamp.at;
        self.version = Some(version.clone());
        // What an interrupted stream had waiting is in the list.
        self.backlog = None;
        self.attached = true;
        let kind = if self.watch.resource.kind.is_empty() { kind } else { self.watch.resource.kind.clone() };
        let attached = Attached { watch: self.id, resource_version: version, kind };
        lines.push(Observation { stamp, what: What::Attached(attached) });
    }

    fn reconnected(&mut self, stamp: Stamp, resource_version: ResourceVersion) -> Observation {
        let reason = self.interruption.take().unwrap_or_else(|| "interrupted".to_owned());
        // Whether it lives, only its first line shows: it may yet say that the version is forgotten.
        let reconnected = Reconnected { watch: self.id, resource_version, not_before: self.alive, reason };
        Observation { stamp, what: What::Reconnected(reconnected) }
    }

    /// Watches from the version that was recorded last, until the stream ends or the fence is done.
    async fn follow(&mut self) -> Result<State, Error> {
        let from = self.version.clone().unwrap_or_default();
        let path = query::watch(&self.watch, &from, self.settings.pace.watch_timeout.as_secs());
        let cluster = Arc::clone(&self.settings.cluster);
        let asked = self.in_time(ask(&cluster, "watch", &self.watch, &path)).await;
        let Some(asked) = asked else { return self.unfenced(UNANSWERED).await };
        let response = match asked {
            Ok(response) => response,
            Err(Trouble::Expired(message)) => return Ok(self.expired(message)),
            // It may be served again with its history: only the server can say that a version is forgotten.
            Err(Trouble::NotServed) => return self.absent(Then::Watch).await,
            Err(trouble) => return self.troubled(trouble, Then::Watch).await,
        };
        self.said_absent = false;
        let mut socket = Socket::drain(response, self.settings.clock.clone(), Arc::clone(&self.settings.depth));
        if self.interruption.is_some() {
            let not_before = self.alive;
            let line = self.reconnected(self.settings.clock.now(), from.clone());
            self.send(vec![line]).await?;
            self.backlog = Some(Backlog::ask(&self.settings.cluster, &self.watch, not_before));
        }
        self.attached = true;
        self.heard();
        let mut reading = Reading::default();
        let ending = loop {
            if self.fenced().await? {
                return Ok(State::Done);
            }
            if self.backlog.as_ref().is_some_and(|backlog| backlog.is_behind(&from)) {
                self.interruption = Some("the server's storage went back".to_owned());
                return Ok(State::List(Some(GapReason::StorageReplaced)));
            }
            let deadline = Fencing::deadline(self.fencing.as_ref());
            let silent = self.silent_at();
            tokio::select! {
                delivery = tokio::time::timeout(self.settings.pace.idle, socket.next()) => match delivery {
                    Err(_) => break reading.ended(format!("no byte for {} s", self.settings.pace.idle.as_secs_f64())),
                    Ok(Delivery::Closed) => break reading.ended("the server closed the stream".to_owned()),
                    Ok(Delivery::Broken(why)) => break reading.ended(why),
                    Ok(Delivery::Chunk(chunk)) => {
                        let ending = self.read(chunk, &mut reading).await?;
                        if let Some(ending) = ending { break ending }
                    }
                },
                () = self.settings.finish.cancelled(), if self.fencing.is_none() => self.begin_fence(),
                () = Fencing::progress(self.fencing.as_mut()) => {}
                () = Backlog::progress(self.backlog.as_mut()) => {}
                () = until(silent) => {}
                () = until(deadline) => return self.unfenced("the server did not show in time what there is").await,
            }
        };
        drop(socket);
        self.after(ending).await
    }

    /// The version is forgotten: a list tells what there is now.
    fn expired(&mut self, message: String) -> State {
        self.interruption = Some(message);
        self.forgotten += 1;
        State::List(Some(GapReason::HistoryExpired))
    }

    /// Out of time for the fence.
    async fn unfenced(&mut self, why: &str) -> Result<State, Error> {
        self.give_up_fence(why).await?;
        Ok(State::Done)
    }

    /// What follows on the end of a stream.
    async fn after(&mut self, ending: Ending) -> Result<State, Error> {
        match ending {
            Ending::Interrupted { why, progressed } => {
                self.interruption = Some(why);
                let length = if progressed {
                    self.backoff.reset();
                    self.settings.pace.resume_after
                } else {
                    self.next_pause()
                };
                Ok(State::Pause(length, Then::Watch))
            }
            Ending::Expired(message) => Ok(self.expired(message)),
            Ending::Undecodable => {
                self.interruption = Some("an event could not be decoded".to_owned());
                let length = self.next_pause();
                Ok(State::Pause(length, Then::List(Some(GapReason::Undecodable))))
            }
            Ending::Refused(trouble) => self.troubled(trouble, Then::Watch).await,
        }
    }

    /// Trouble: it passes, or an operator must mend it. Once attached, the loop never gives up.
    async fn troubled(&mut self, trouble: Trouble, then: Then) -> Result<State, Error> {
        let words = trouble.words();
        let after = match trouble {
            Trouble::Lasting(error) if !self.attached => return Err(error),
            Trouble::Passing { error, .. } if !self.attached && self.is_overdue(&error) => return Err(error),
            Trouble::Passing { after, .. } => after,
            _ => None,
        };
        tracing::warn!("{}: {words}", what(&self.watch));
        self.interruption.get_or_insert(words);
        // Credentials and authorities may have been rotated; a configuration that cannot be read leaves the old client.
        if let Err(error) = self.settings.cluster.renew().await {
            tracing::warn!("{error}");
        }
        let length = self.next_pause().max(after.unwrap_or_default());
        Ok(State::Pause(length, then))
    }

    /// The resource is not served: nothing of it can exist. It is waited for.
    async fn absent(&mut self, then: Then) -> Result<State, Error> {
        if !self.said_absent {
            self.said_absent = true;
            let line = Observation { stamp: self.settings.clock.now(), what: What::NotServed { watch: self.id } };
            self.send(vec![line]).await?;
        }
        if self.version.is_some() {
            self.interruption.get_or_insert("the resource was not served".to_owned());
        }
        if (self.fencing.is_some() || self.settings.finish.is_cancelled()) && self.known.is_empty() {
            self.fence_nothing().await?;
            return Ok(State::Done);
        }
        self.attached = true;
        Ok(State::Pause(self.settings.pace.absent, then))
    }

    async fn pause(&mut self, length: Duration, then: Then) -> Result<State, Error> {
        let deadline = Fencing::deadline(self.fencing.as_ref());
        tokio::select! {
            () = tokio::time::sleep(length) => {}
            () = self.settings.finish.cancelled(), if self.fencing.is_none() => self.begin_fence(),
            () = until(deadline) => {
                let absent = "the resource is not served any more";
                let interrupted = "the stream was interrupted, and could not be taken up again in time";
                return self.unfenced(if self.said_absent { absent } else { interrupted }).await;
            }
        }
        Ok(match then {
            Then::List(lost) => State::List(lost),
            Then::Watch => State::Watch,
        })
    }

    /// A first attachment is not waited for for ever; a server that is not there, not at all.
    fn is_overdue(&self, error: &Error) -> bool {
        let waited = self.settings.clock.now().elapsed.saturating_sub(self.born);
        matches!(error, Error::Unreachable { .. }) && self.version.is_none()
            || waited > self.settings.cluster.request_timeout()
    }

    fn next_pause(&mut self) -> Duration {
        self.backoff.next().unwrap_or(Duration::from_secs(30)).mul_f64(self.settings.pace.backoff)
    }

    pub(super) async fn send(&self, lines: Vec<Observation>) -> Result<(), Error> {
        self.settings.out.send(lines).await.map_err(|_| Error::Closed)
    }
}
