//! One watch, from its first list to its fence: an explicit state and one step function.
//!
//! It resumes from the version that was recorded last, never past an event that could not be decoded, and says of
//! every interruption whether anything was lost: a reconnect is noted, a gap is told with both its ends.

use super::attach;
use super::clock::until;
use super::decode::{Trouble, ask, what};
use super::error::Error;
use super::fence::Fencing;
use super::query;
use super::reading::{Backlog, Ending, Reading};
use super::settings::{Resume, Settings};
use super::socket::{Delivery, Socket};
use crate::kinds;
use crate::observation::{GapReason, Observation, ResourceVersion, Shape, Stamp, Watch, WatchId, What};
use jiff::Timestamp;
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::DefaultBackoff;
use std::sync::Arc;
use std::time::Duration;

const UNANSWERED: &str = "the server did not answer in time";

/// One watch.
pub struct Stream {
    pub(super) id: WatchId,
    pub(super) watch: Watch,
    pub(super) settings: Settings,
    /// Where it is, and what it knows, by the lines that were told so far.
    pub(super) told: Resume,
    /// Lines that nobody can read, until it is known whether history tells what they said.
    pub(super) withheld: Vec<Observation>,
    pub(super) shape: Shape,
    pub(super) attached: bool,
    /// When the loop began: bounds the first attachment.
    born: Stamp,
    said_absent: bool,
    pub(super) backoff: DefaultBackoff,
    /// How often the server has forgotten the version since a stream delivered anything.
    pub(super) forgotten: u32,
    /// Why the stream was interrupted, until it is taken up again.
    pub(super) interruption: Option<String>,
    /// Events up to the head were in the server's backlog.
    pub(super) backlog: Option<Backlog>,
    pub(super) fencing: Option<Fencing>,
}

/// Where the loop is.
enum State {
    /// To read a whole list: the first, or after a loss.
    List(Option<GapReason>),
    /// To watch from the version that was recorded last, on a stream that may be open already.
    Watch(Option<Result<Socket, Trouble>>),
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
        Self {
            id,
            shape: kinds::shape(&watch.resource),
            born: settings.clock.now(),
            watch,
            settings,
            told: resume,
            withheld: Vec::new(),
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
        let lost = self.told.position.gap().map(|gap| gap.reason);
        let mut state = match (self.told.position.version(), lost) {
            (Some(_), None) => {
                self.interruption = Some("the recorder was stopped".to_owned());
                State::Watch(None)
            }
            (_, lost) => State::List(lost),
        };
        loop {
            state = match state {
                State::List(lost) => self.list(lost).await?,
                State::Watch(open) => self.follow(open).await?,
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
                // A server that forgets again what it has just told is not asked in a hot loop.
                let again = self.forgotten > 1;
                // What happens while history is read waits in the socket's queue.
                let reads = self.settings.healing.requests > 0 && !again;
                let open = if reads { self.in_time(self.open(&pages.version)).await } else { None };
                match lost {
                    Some(reason) => self.relisted(pages, reason).await?,
                    None => self.listed(pages).await?,
                }
                Ok(if again { State::Pause(self.next_pause(), Then::Watch) } else { State::Watch(open) })
            }
            Err(Trouble::NotServed) => self.absent(Then::List(lost)).await,
            Err(trouble) => self.troubled(trouble, Then::List(lost)).await,
        }
    }

    /// Watches from the version that was recorded last, until the stream ends or the fence is done.
    async fn follow(&mut self, open: Option<Result<Socket, Trouble>>) -> Result<State, Error> {
        let from = self.version();
        let open = match open {
            Some(open) => Some(open),
            None => self.in_time(self.open(&from)).await,
        };
        let mut socket = match open {
            None => return self.unfenced(UNANSWERED).await,
            Some(Ok(socket)) => socket,
            Some(Err(Trouble::Expired(message))) => return Ok(self.expired(message)),
            // It may be served again with its history: only the server can say that a version is forgotten.
            Some(Err(Trouble::NotServed)) => return self.absent(Then::Watch).await,
            Some(Err(trouble)) => return self.troubled(trouble, Then::Watch).await,
        };
        self.said_absent = false;
        if self.interruption.is_some() {
            let not_before = self.alive();
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

    /// Asks for the stream after a version; from then on its socket is drained.
    async fn open(&self, from: &ResourceVersion) -> Result<Socket, Trouble> {
        let Settings { cluster, pace, clock, depth, .. } = &self.settings;
        let path = query::watch(&self.watch, from, pace.watch_timeout.as_secs());
        let response = ask(cluster, "watch", &self.watch, &path).await?;
        Ok(Socket::drain(response, clock.clone(), Arc::clone(depth)))
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
            let line = self.tell(self.settings.clock.now(), What::NotServed { watch: self.id });
            self.send(vec![line]).await?;
        }
        if self.told.position.version().is_some() {
            self.interruption.get_or_insert("the resource was not served".to_owned());
        }
        if (self.fencing.is_some() || self.settings.finish.is_cancelled()) && self.told.objects.known().is_empty() {
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
            Then::Watch => State::Watch(None),
        })
    }

    /// A first attachment is not waited for for ever; a server that is not there, not at all.
    fn is_overdue(&self, error: &Error) -> bool {
        let waited = self.settings.clock.now().elapsed.saturating_sub(self.born.elapsed);
        matches!(error, Error::Unreachable { .. }) && self.told.position.version().is_none()
            || waited > self.settings.cluster.request_timeout()
    }

    fn next_pause(&mut self) -> Duration {
        self.backoff.next().unwrap_or(Duration::from_secs(30)).mul_f64(self.settings.pace.backoff)
    }

    /// The version that was recorded last; the empty one before the first list.
    pub(super) fn version(&self) -> ResourceVersion {
        self.told.position.version().cloned().unwrap_or_default()
    }

    /// Everything that happened up to this moment was delivered; nothing was asked for before the loop began.
    pub(super) fn alive(&self) -> Timestamp {
        self.told.position.alive().unwrap_or(self.born.at)
    }

    /// A line to be sent: from now on the watch is where it says.
    pub(super) fn tell(&mut self, stamp: Stamp, what: What) -> Observation {
        let line = Observation { stamp, what };
        self.told.learn(&line);
        line
    }

    pub(super) async fn send(&self, lines: Vec<Observation>) -> Result<(), Error> {
        self.settings.out.send(lines).await.map_err(|_| Error::Closed)
    }
}
