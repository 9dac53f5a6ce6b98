//! The handle of a recorder, for the command line, servers and tests.

use super::config::{Config, Output};
use super::entry_log::EntryLog;
use super::error::Error;
use super::follower::Follower;
use super::judges::Judges;
use super::listener::{Hub, Listener, QUEUE, Queue, Speaker, Stall};
use super::live_judge::LiveJudge;
use super::live_timeline::{LiveTimeline, refuse_unknown};
use super::mark::Mark;
use super::progress::{Progress, Watched};
use super::prover::Prover;
use super::record::{Doors, Recorded, record};
use super::stop::Stop;
use super::verdicts::Verdicts;
use crate::expectation::Program;
use crate::observation::{Stamp, Watch};
use crate::source::{Clock, Cluster};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Most marks that wait to be written.
const MARKS: usize = 64;
/// Most entries that are kept for the explanations of expectations.
const KEPT: usize = 100_000;

/// A recorder that has not started: listeners and expectations that are added now get everything from the first entry.
///
/// Awaiting it starts the recorder, and returns it once it is attached.
#[must_use = "it does nothing until it is awaited or started"]
pub struct Attaching {
    config: Config,
    shared: Shared,
    stop: Stop,
    stall: Option<Stall>,
}

impl std::fmt::Debug for Attaching {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attaching").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A running recorder.
///
/// It records until it is asked to finish, its time is over, or it cannot continue. Dropping it aborts it without
/// waiting: its tasks end as soon as the runtime runs them, its threads right after, and the file is closed as far as
/// it was written. [`Recorder::abort`] does the same and waits.
pub struct Recorder {
    shared: Shared,
    stop: Stop,
    progress: watch::Receiver<Progress>,
    marker: Marker,
    task: Option<JoinHandle<Result<Recorded, Error>>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// Writes marks into the recording of a [`Recorder`].
#[derive(Clone)]
pub struct Marker {
    marks: mpsc::Sender<Mark>,
    clock: watch::Receiver<Option<Clock>>,
}

impl std::fmt::Debug for Marker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Marker").finish_non_exhaustive()
    }
}

impl Marker {
    /// As [`Recorder::mark`].
    ///
    /// # Errors
    /// The recorder has ended.
    pub async fn mark(&self, name: impl Into<String>) -> Result<Stamp, Error> {
        let (stamp, written) = self.send(name.into()).await?;
        written.await.map_err(|_| Error::Ended)?;
        Ok(stamp)
    }

    /// The time now, by the recorder's clock.
    ///
    /// # Errors
    /// The recorder has ended.
    pub(crate) async fn now(&self) -> Result<Stamp, Error> {
        let mut clock = self.clock.clone();
        let clock = clock.wait_for(Option::is_some).await.map_err(|_| Error::Ended)?.clone();
        clock.as_ref().map(Clock::now).ok_or(Error::Ended)
    }

    /// The same, without waiting until the line is written.
    pub(crate) async fn post(&self, name: String) -> Result<(), Error> {
        self.send(name).await.map(|_| ())
    }

    async fn send(&self, name: String) -> Result<(Stamp, oneshot::Receiver<()>), Error> {
        let stamp = self.now().await?;
        let (recorded, written) = oneshot::channel();
        self.marks.send(Mark { stamp, name, recorded }).await.map_err(|_| Error::Ended)?;
        Ok((stamp, written))
    }
}

/// What listeners and judges need, before and after the start.
struct Shared {
    hub: Hub,
    cluster: Arc<Cluster>,
    watches: Vec<Watch>,
    file: Option<PathBuf>,
    prover: Prover,
    /// True when the file had entries before this recorder.
    resumed: bool,
}

impl Shared {
    fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        refuse_unknown(&program, &self.watches)?;
        Ok(Judges::of_one(self.queue()?, EntryLog::new(0, KEPT), self.prover.clone(), program))
    }

    /// A new queue with the file, and whether earlier entries are in that alone.
    fn queue(&self) -> Result<(Arc<Queue>, Option<PathBuf>, bool), Error> {
        let (queue, begun) = self.hub.join(QUEUE);
        let earlier = begun || self.resumed;
        if earlier && self.file.is_none() {
            return Err(Error::NotKept);
        }
        Ok((queue, self.file.clone(), earlier))
    }
}

impl Attaching {
    /// A listener to every entry.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.shared.hub.listen(QUEUE)
    }

    /// The same for who must know the states of all objects at any time.
    pub(crate) fn follow(&self) -> Follower {
        Follower::of(&self.shared.hub, QUEUE)
    }

    /// Judges expectations from the first entry on; on a resumed recording, from its beginning.
    ///
    /// # Errors
    /// They name tracks that the watched objects do not have.
    pub fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        self.shared.judge(program)
    }

    /// The timeline, from the beginning of the recording on, of which this many entries are held.
    ///
    /// # Panics
    /// Never: a recorder that has not started has a file, or no earlier entries.
    #[doc(hidden)]
    #[must_use]
    pub fn timeline(&self, entries: usize) -> LiveTimeline {
        // Positions are not those of another recorder.
        let [a, b, c, d, ..] = RandomState::new().hash_one(0).to_le_bytes();
        let edition = u32::from_le_bytes([a, b, c, d]);
        let log = EntryLog::new(edition, entries);
        let (queue, file, earlier) = self.shared.queue().expect("nothing was passed on");
        let judges = Judges::start((queue, file, earlier), log.clone(), self.shared.prover.clone());
        LiveTimeline { judges, log, watches: self.shared.watches.clone().into() }
    }

    /// A handle to stop it from elsewhere, like [`Recorder::stop`].
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Lets `stop` stop it, which may have been asked for already.
    pub fn stopped_by(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// The state of each watch in the recording to be resumed; empty for a new recording.
    pub(crate) fn before(&self) -> Vec<Watched> {
        match &self.config.output {
            Output::Again(earlier) => earlier.verification.positions().map(Watched::from).collect(),
            Output::Nowhere | Output::New(_) => vec![Watched::default(); self.config.watches.len()],
        }
    }

    /// Runs `stall` in the fold's thread before entries are passed on, for tests.
    #[doc(hidden)]
    pub fn stalled_by(mut self, stall: impl FnMut() + Send + 'static) -> Self {
        self.stall = Some(Box::new(stall));
        self
    }

    /// Starts it without waiting for the attachment.
    ///
    /// # Panics
    /// If called outside a tokio runtime.
    #[must_use]
    pub fn start(self) -> Recorder {
        let Self { config, shared, stop, stall } = self;
        let sender = watch::Sender::new(Progress::default());
        let progress = sender.subscribe();
        let (marks, inbox) = mpsc::channel(MARKS);
        let (opened, clock) = watch::channel(None);
        let speaker = Speaker::new(shared.hub.clone(), stall);
        let requests = shared.prover.subscribe();
        let doors = Doors { speaker, marks: inbox, requests, opened, progress: sender };
        let task = tokio::spawn(record(config, stop.clone(), doors));
        Recorder { shared, stop, progress, marker: Marker { marks, clock }, task: Some(task) }
    }
}

impl IntoFuture for Attaching {
    type Output = Result<Recorder, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async {
            let mut recorder = self.start();
            recorder.attached().await?;
            Ok(recorder)
        })
    }
}

impl Recorder {
    /// Prepares a recorder; await the result to start and attach it.
    pub fn attach(config: Config) -> Attaching {
        let file = config.output.path().map(ToOwned::to_owned);
        let resumed = matches!(config.output, Output::Again(_));
        let (cluster, watches) = (Arc::clone(&config.cluster), config.watches.clone());
        let (hub, prover) = (Hub::default(), Prover::default());
        let shared = Shared { hub, cluster, watches, file, prover, resumed };
        Attaching { config, shared, stop: Stop::default(), stall: None }
    }

    /// Waits until every watch has delivered its initial state, or is known not to be served: everything that happens
    /// from then on is recorded. A server that does not answer is given up after its request timeout; one that answers
    /// may take as long as its lists take, and reading the past as long as [`crate::source::Healing::time`].
    /// Cancel-safe.
    ///
    /// # Errors
    /// An error that the operator must fix.
    pub async fn attached(&mut self) -> Result<(), Error> {
        self.until(Progress::is_attached).await
    }

    /// Waits until the progress satisfies a condition, without a timeout. Cancel-safe.
    ///
    /// # Errors
    /// The recorder ended first; its error is returned once.
    pub async fn until(&mut self, holds: impl FnMut(&Progress) -> bool) -> Result<(), Error> {
        if self.progress.wait_for(holds).await.is_ok() {
            return Ok(());
        }
        match self.join().await {
            Some(Err(error)) => Err(error),
            _ => Err(Error::Ended),
        }
    }

    /// The cluster that is recorded.
    pub(crate) fn cluster(&self) -> Arc<Cluster> {
        Arc::clone(&self.shared.cluster)
    }

    /// The watches, in the order of [`Progress::watches`].
    #[must_use]
    pub fn watches(&self) -> &[Watch] {
        &self.shared.watches
    }

    /// The path of the recording; none without a file.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.shared.file.as_deref()
    }

    /// The progress so far: what was recorded and folded.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// A listener to the entries that are folded from now on. A slow listener does not delay others: when its queue is
    /// full, a count takes the place of the entries that it missed.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.shared.hub.listen(QUEUE)
    }

    /// The same with a queue of this many entries.
    #[must_use]
    pub fn listen_within(&self, entries: usize) -> Listener {
        self.shared.hub.listen(entries)
    }

    /// Writes a mark into the recording, stamped with the time of the call, and returns the stamp once the line is
    /// written. It comes after the lines that were received before it, and before those that are received later, though
    /// they may be about what the server had already. A call that is dropped may still have written it.
    ///
    /// # Errors
    /// The recorder has ended.
    pub async fn mark(&self, name: impl Into<String>) -> Result<Stamp, Error> {
        self.marker.mark(name).await
    }

    /// Writes marks from elsewhere, like [`Recorder::mark`].
    #[must_use]
    pub fn marker(&self) -> Marker {
        self.marker.clone()
    }

    /// Its clock, once the recording has begun.
    #[must_use]
    pub(crate) fn clock(&self) -> watch::Receiver<Option<Clock>> {
        self.marker.clock.clone()
    }

    /// Asks for proofs that everything up to now was recorded.
    #[doc(hidden)]
    #[must_use]
    pub fn prover(&self) -> Prover {
        self.shared.prover.clone()
    }

    /// Judges expectations on the whole recording, from its beginning; what was already recorded is read from the file.
    ///
    /// # Errors
    /// They name tracks that the watched objects do not have, or entries were already passed on and there is no file.
    pub fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        self.shared.judge(program)
    }

    /// Waits until every expectation is decided, or can no longer be, or the time is over, and returns the verdicts.
    /// The same as [`Recorder::judge`] in one step.
    ///
    /// # Errors
    /// As for [`Recorder::judge`].
    pub async fn expect(&self, program: Arc<Program>, bound: Duration) -> Result<Verdicts, Error> {
        let mut judgement = self.judge(program)?;
        // A timeout is not an error: undecided verdicts say so themselves.
        let _ = tokio::time::timeout(bound, judgement.decided()).await;
        Ok(judgement.verdicts().await)
    }

    /// A handle to stop it from elsewhere, such as a signal handler.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Proves that everything was seen, ends the recording, and returns its result. The proof takes at most
    /// [`crate::source::Timeouts::fence`]; without it the recording ends nevertheless, and says so.
    ///
    /// # Errors
    /// The recording failed or could not be written.
    pub async fn finish(self) -> Result<Recorded, Error> {
        self.stop.finish("finished");
        self.ended().await
    }

    /// Ends at once, without a fence.
    ///
    /// # Errors
    /// The recording failed or could not be written.
    pub async fn abort(self) -> Result<Recorded, Error> {
        self.stop.abort.cancel();
        self.ended().await
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// The error that ended it.
    pub async fn ended(mut self) -> Result<Recorded, Error> {
        self.join().await.unwrap_or(Err(Error::Ended))
    }

    /// The result of the task; none when it was already returned.
    async fn join(&mut self) -> Option<Result<Recorded, Error>> {
        // Taken only when it is finished, so that dropping the wait loses nothing.
        let joined = self.task.as_mut()?.await;
        self.task = None;
        match joined {
            Ok(result) => Some(result),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is shutting down.
            Err(_) => None,
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if self.task.is_some() {
            self.stop.abort.cancel();
        }
    }
}
