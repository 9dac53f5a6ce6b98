//! The handle of a recorder: what the command line, a server and the author of a test hold.

use super::config::{Config, Output};
use super::error::Error;
use super::listener::{Hub, Listener, QUEUE, Speaker, Stall};
use super::live_judge::{self, LiveJudge, Verdicts};
use super::mark::Mark;
use super::pipeline::{Progress, Watched};
use super::record::{Doors, Recorded, Stop, record};
use crate::expectation::{Diagnostics, Program, Severity, Words};
use crate::observation::{Stamp, Watch};
use crate::source::Clock;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Marks that wait to be written at most.
const MARKS: usize = 64;

/// A recorder that has not started: listeners and expectations that come now get everything from the first entry.
///
/// Awaiting it starts the recorder, and gives it back once it is attached.
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
/// It records until it is asked to finish, its time is over, or it cannot go on. Dropping it aborts it, without
/// waiting: its tasks end as soon as the runtime runs them, its threads right after, and the file is closed as far as
/// it was written. [`Recorder::abort`] does the same and waits.
pub struct Recorder {
    shared: Shared,
    stop: Stop,
    progress: watch::Receiver<Progress>,
    marks: mpsc::Sender<Mark>,
    clock: watch::Receiver<Option<Clock>>,
    task: Option<JoinHandle<Result<Recorded, Error>>>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").finish_non_exhaustive()
    }
}

/// What listeners and judges need, before and after the start.
struct Shared {
    hub: Hub,
    watches: Vec<Watch>,
    file: Option<PathBuf>,
    /// The file had entries before this recorder.
    resumed: bool,
}

impl Shared {
    fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        let mut words = Words::growing();
        self.watches.iter().for_each(|watch| words.watch(watch));
        let unknown = program.unknown_tracks(&words);
        let wrong: Vec<_> = unknown.into_iter().filter(|found| found.severity == Severity::Error).collect();
        if !wrong.is_empty() {
            return Err(Error::Expectations(Diagnostics(wrong)));
        }
        let (queue, begun) = self.hub.join(QUEUE);
        let earlier = begun || self.resumed;
        if earlier && self.file.is_none() {
            return Err(Error::NotKept);
        }
        Ok(live_judge::start(program, queue, self.file.clone(), earlier))
    }
}

impl Attaching {
    /// Hears every entry.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.shared.hub.listen(QUEUE)
    }

    /// Judges expectations from the first entry on; of a recording that is continued, from its beginning.
    ///
    /// # Errors
    /// When they speak of tracks that what is watched does not have.
    pub fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        self.shared.judge(program)
    }

    /// Asks it to stop from elsewhere, as [`Recorder::stop`].
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Lets `stop` stop it, which may have been asked for already.
    pub fn stopped_by(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    /// What an earlier recorder left of each watch; nothing when this one is the first.
    pub(crate) fn before(&self) -> Vec<Watched> {
        match &self.config.output {
            Output::Again(earlier) => earlier.verification.positions().map(Watched::from).collect(),
            Output::Nowhere | Output::New(_) => vec![Watched::default(); self.config.watches.len()],
        }
    }

    /// Runs this in the fold's thread before entries are passed on. For tests that stall it.
    #[doc(hidden)]
    pub fn stalled_by(mut self, stall: impl FnMut() + Send + 'static) -> Self {
        self.stall = Some(Box::new(stall));
        self
    }

    /// Starts it without waiting for the attachment.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[must_use]
    pub fn start(self) -> Recorder {
        let Self { config, shared, stop, stall } = self;
        let sender = watch::Sender::new(Progress::default());
        let progress = sender.subscribe();
        let (marks, inbox) = mpsc::channel(MARKS);
        let (opened, clock) = watch::channel(None);
        let speaker = Speaker::new(shared.hub.clone(), stall);
        let doors = Doors { speaker, marks: inbox, opened, progress: sender };
        let task = tokio::spawn(record(config, stop.clone(), doors));
        Recorder { shared, stop, progress, marks, clock, task: Some(task) }
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
    /// Prepares a recorder; await what it gives, and it is attached.
    pub fn attach(config: Config) -> Attaching {
        let file = config.output.path().map(ToOwned::to_owned);
        let resumed = matches!(config.output, Output::Again(_));
        let shared = Shared { hub: Hub::default(), watches: config.watches.clone(), file, resumed };
        Attaching { config, shared, stop: Stop::default(), stall: None }
    }

    /// Waits until every watch has delivered its initial state, or is known not to be served: whatever happens from now
    /// on is seen. A server that does not answer is given up after its request timeout; one that answers may take as
    /// long as its lists take, and reading the past as long as [`crate::source::Healing::time`]. Cancel-safe.
    ///
    /// # Errors
    /// What an operator must mend.
    pub async fn attached(&mut self) -> Result<(), Error> {
        self.until(Progress::is_attached).await
    }

    /// Waits until something holds of what has come through. It has no bound of its own. Cancel-safe.
    ///
    /// # Errors
    /// When the recorder ended before: with what ended it, once.
    pub async fn until(&mut self, holds: impl FnMut(&Progress) -> bool) -> Result<(), Error> {
        if self.progress.wait_for(holds).await.is_ok() {
            return Ok(());
        }
        match self.join().await {
            Some(Err(error)) => Err(error),
            _ => Err(Error::Ended),
        }
    }

    /// What is watched, in the order of [`Progress::watches`].
    #[must_use]
    pub fn watches(&self) -> &[Watch] {
        &self.shared.watches
    }

    /// Where it records; none when it only looks on.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.shared.file.as_deref()
    }

    /// What has come through, as it comes: recorded and folded.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Hears the entries that are folded from now on. A slow listener holds up nobody: when its queue is full it is
    /// told how many entries it missed, in their place.
    #[must_use]
    pub fn listen(&self) -> Listener {
        self.shared.hub.listen(QUEUE)
    }

    /// The same with a queue of so many entries.
    #[must_use]
    pub fn listen_within(&self, entries: usize) -> Listener {
        self.shared.hub.listen(entries)
    }

    /// Writes a mark into the recording, stamped with the moment of the call, and gives the stamp back once the line is
    /// written. It stands behind the lines that were received before it. A call that is dropped may have written it.
    ///
    /// # Errors
    /// When the recorder has ended.
    pub async fn mark(&self, name: impl Into<String>) -> Result<Stamp, Error> {
        let mut clock = self.clock.clone();
        let clock = clock.wait_for(Option::is_some).await.map_err(|_| Error::Ended)?.clone();
        let stamp = clock.as_ref().map(Clock::now).ok_or(Error::Ended)?;
        let (recorded, written) = oneshot::channel();
        let mark = Mark { stamp, name: name.into(), recorded };
        self.marks.send(mark).await.map_err(|_| Error::Ended)?;
        written.await.map_err(|_| Error::Ended)?;
        Ok(stamp)
    }

    /// Judges expectations on the whole recording, from its beginning on; what was recorded already is read from the
    /// file.
    ///
    /// # Errors
    /// When they speak of tracks that what is watched does not have, or entries were passed on already and there is no
    /// file.
    pub fn judge(&self, program: Arc<Program>) -> Result<LiveJudge, Error> {
        self.shared.judge(program)
    }

    /// Waits until every expectation is decided, or can no longer be, or the time is over, and says where they stand.
    /// The same as [`Recorder::judge`], in one step.
    ///
    /// # Errors
    /// As [`Recorder::judge`].
    pub async fn expect(&self, program: Arc<Program>, bound: Duration) -> Result<Verdicts, Error> {
        let mut judgement = self.judge(program)?;
        // Out of time is no error: what is not decided says so itself.
        let _ = tokio::time::timeout(bound, judgement.decided()).await;
        Ok(judgement.verdicts().await)
    }

    /// Asks it to stop from elsewhere: a signal handler, a button.
    #[must_use]
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Proves that all was seen, ends the recording, and says what it came to. The proof takes
    /// [`crate::source::Timeouts::fence`] at most; without it the recording ends all the same, and says so.
    ///
    /// # Errors
    /// When the recording could not be made or written.
    pub async fn finish(self) -> Result<Recorded, Error> {
        self.stop.finish("finished");
        self.ended().await
    }

    /// Ends at once, without a fence.
    ///
    /// # Errors
    /// When the recording could not be made or written.
    pub async fn abort(self) -> Result<Recorded, Error> {
        self.stop.abort.cancel();
        self.ended().await
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// What ended it before its time.
    pub async fn ended(mut self) -> Result<Recorded, Error> {
        self.join().await.unwrap_or(Err(Error::Ended))
    }

    /// What the task came to; none when that was returned already.
    async fn join(&mut self) -> Option<Result<Recorded, Error>> {
        // Taken only when it is over: a wait that is dropped loses nothing.
        let joined = self.task.as_mut()?.await;
        self.task = None;
        match joined {
            Ok(result) => Some(result),
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime ends.
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
