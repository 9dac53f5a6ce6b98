//! A recorder's life: attach, follow, fence, end.

use super::earlier::Earlier;
use super::error::Error;
use super::folder::Sink;
use super::pipeline::{Finished, Pipeline, Progress};
use crate::kinds;
use crate::observation::{Capture, Environment, Observation, Watch, What};
use crate::recording::{self, Header, Sync, Writer};
use crate::source::{self, Clock, Cluster, Depth, Healing, Pace, Past, Resume, Settings, Stream, until};
use crate::timeline::Fold;
use smol_str::SmolStr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// What to record, where to, and for how long.
pub struct Plan {
    /// Whom to watch.
    pub cluster: Arc<Cluster>,
    /// What to watch.
    pub watches: Vec<Watch>,
    /// What to keep of objects.
    pub capture: Capture,
    /// Where to record.
    pub output: Output,
    /// When to fsync.
    pub sync: Sync,
    /// Written when every watch has attached.
    pub ready_file: Option<PathBuf>,
    /// When to stop by itself, counted from the attachment.
    pub length: Option<Duration>,
    /// How long entries wait for their place.
    pub settle: Duration,
    /// How patient the watch loops are.
    pub pace: Pace,
    /// How much of what was not seen may be read back from the server's history.
    pub healing: Healing,
    /// What of the time before is read from there.
    pub past: Before,
    /// The clock of a story that is lived again; the real one when none.
    pub clock: Option<Clock>,
}

/// What of the time before the recorder is read from the server's history.
#[derive(Clone, Copy, Debug, Default)]
pub enum Before {
    /// Nothing.
    #[default]
    Unseen,
    /// The beginnings of what is there.
    Beginnings,
    /// Everything for so long.
    Since(Duration),
}

/// Where to record.
pub enum Output {
    /// Nowhere: to look on only.
    Nowhere,
    /// Into a file that does not exist yet.
    New(PathBuf),
    /// Into a file that an earlier recorder left.
    Again(Box<Earlier>),
}

/// Asks a recorder to stop: first politely, with a fence, then at once.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Fence and end.
    pub finish: CancellationToken,
    /// End without a fence.
    pub abort: CancellationToken,
    /// Why, for the last line.
    pub reason: Arc<std::sync::OnceLock<&'static str>>,
}

impl Stop {
    /// Asks to finish, and says why.
    pub fn finish(&self, reason: &'static str) {
        let _ = self.reason.set(reason);
        self.finish.cancel();
    }
}

/// What a recording came to.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What came through.
    pub finished: Finished,
    /// How long it took.
    pub elapsed: Duration,
    /// How full the queues were.
    pub depth: Arc<Depth>,
    /// It was aborted: no fence, no last line.
    pub aborted: bool,
}

/// Records until it is stopped, its time is over, or it cannot go on.
///
/// `sink`, if there is one, takes entries as they settle; `progress` tells what has come through, after it was recorded and folded.
///
/// # Errors
/// What an operator must mend. What was recorded before is in the file; a file in which nothing was recorded is
/// removed.
pub async fn record(
    mut plan: Plan,
    stop: Stop,
    sink: Option<Sink>,
    progress: watch::Sender<Progress>,
) -> Result<Recorded, Error> {
    plan.check()?;
    let depth = Arc::new(Depth::default());
    progress.send_modify(|progress| progress.depth = Arc::clone(&depth));
    let Opened { clock, resumes, pipeline, environment } = plan.open(sink, progress.clone()).await?;
    let mut streams = plan.streams(&clock, resumes, &pipeline, &depth, &stop.finish);

    let mut progress = progress.subscribe();
    let mut failure: Option<Error> = None;
    let mut deadline = None;
    let mut ready = false;
    loop {
        tokio::select! {
            () = stop.abort.cancelled() => break,
            // A disk that fails ends the recording even if nothing more happens in the cluster.
            () = pipeline.input.closed() => {
                failure.get_or_insert(source::Error::Closed.into());
                break;
            }
            joined = streams.join_next() => match joined {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => {
                    // The recorder's own failure, if there is one, is the cause of this one.
                    failure.get_or_insert(error.into());
                    break;
                }
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            },
            changed = progress.wait_for(Progress::is_attached), if !ready => {
                if changed.is_ok() {
                    ready = true;
                    if let Err(error) = plan.ready() {
                        failure.get_or_insert(error);
                        break;
                    }
                    deadline = plan.length.map(|length| clock.after(length));
                }
            }
            () = until(deadline) => {
                deadline = None;
                stop.finish("the time was over");
            }
        }
    }
    streams.shutdown().await;
    let aborted = stop.abort.is_cancelled();
    if failure.is_none() && !aborted {
        let reason = stop.reason.get().copied().unwrap_or("finished").to_owned();
        let changed = changed_since(&plan.cluster, &environment).await;
        let whats = changed.map(What::Environment).into_iter().chain([What::End { reason }]);
        let lines = whats.map(|what| Observation { stamp: clock.now(), what }).collect();
        // A recorder that is gone has its own error to tell.
        let _ = pipeline.input.send(lines).await;
    }
    let finished = pipeline.finish().await;
    if let Some(error) = failure {
        let finished = finished?;
        plan.remove_if_empty(&finished);
        return Err(error);
    }
    Ok(Recorded { finished: finished?, elapsed: clock.now().elapsed, depth, aborted })
}

/// How long the end of a recording waits for what the cluster says of itself.
const ENVIRONMENT: Duration = Duration::from_secs(3);

/// What the cluster is made of, if it answers in time and that is not what it was.
async fn changed_since(cluster: &Cluster, before: &Environment) -> Option<Environment> {
    let now = tokio::time::timeout(ENVIRONMENT, source::environment(cluster)).await.ok()?;
    known_since(now, before)
}

/// What was found, unless it is what it was; what cannot be read any more has not changed.
fn known_since(now: Environment, before: &Environment) -> Option<Environment> {
    let now = Environment {
        kubernetes: now.kubernetes.or_else(|| before.kubernetes.clone()),
        platform: now.platform.or_else(|| before.platform.clone()),
        kubevirt: now.kubevirt.or_else(|| before.kubevirt.clone()),
        feature_gates: now.feature_gates.or_else(|| before.feature_gates.clone()),
        nodes: now.nodes.or_else(|| before.nodes.clone()),
    };
    (now != *before).then_some(now)
}

/// A recording that has begun, or that goes on.
struct Opened {
    clock: Clock,
    resumes: Vec<Resume>,
    pipeline: Pipeline,
    /// What the cluster was made of then.
    environment: Environment,
}

impl Before {
    /// The same, counted from now.
    fn at(self, now: jiff::Timestamp) -> Past {
        match self {
            Self::Unseen => Past::Unseen,
            Self::Beginnings => Past::Beginnings,
            Self::Since(length) => Past::Since(now.checked_sub(length).unwrap_or(jiff::Timestamp::UNIX_EPOCH)),
        }
    }
}

impl Plan {
    fn check(&self) -> Result<(), Error> {
        for (index, watch) in self.watches.iter().enumerate() {
            // What goes on was admitted when it began, by a program that knew fewer tracks perhaps.
            if !matches!(self.output, Output::Again(_)) {
                kinds::admit(watch, self.capture)?;
            }
            if self.watches[..index].contains(watch) {
                return Err(Error::Twice(watch.resource.to_string()));
            }
        }
        Ok(())
    }

    /// Opens the file and starts the threads.
    async fn open(&mut self, sink: Option<Sink>, progress: watch::Sender<Progress>) -> Result<Opened, Error> {
        let (uid, environment) = tokio::join!(source::cluster_uid(&self.cluster), source::environment(&self.cluster));
        let output = std::mem::replace(&mut self.output, Output::Nowhere);
        if let Output::Again(earlier) = output {
            return self.open_again(*earlier, uid, environment, sink, progress).await;
        }
        let clock = self.clock.clone().unwrap_or_else(|| Clock::start(Duration::ZERO));
        let mut header = Header::new(clock.now().at, self.watches.clone());
        (header.cluster, header.environment, header.capture) = (uid, environment.clone(), self.capture);
        let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
        fold.began_in(environment.clone());
        let writer = match &output {
            Output::New(path) => Some(Writer::create(path, &header, self.sync)?),
            _ => None,
        };
        self.output = output;
        let resumes = vec![Resume::default(); self.watches.len()];
        let pipeline = Pipeline::start(writer, fold, self.watches.len(), self.settle, clock.clone(), sink, progress);
        Ok(Opened { clock, resumes, pipeline, environment })
    }

    async fn open_again(
        &mut self,
        earlier: Earlier,
        uid: Option<SmolStr>,
        environment: Environment,
        sink: Option<Sink>,
        progress: watch::Sender<Progress>,
    ) -> Result<Opened, Error> {
        if let (Some(theirs), Some(ours)) = (&earlier.header.cluster, &uid)
            && theirs != ours
        {
            let path = earlier.writer.path().to_owned();
            return Err(
                recording::Error::OtherCluster { path, theirs: theirs.to_string(), ours: ours.to_string() }.into()
            );
        }
        let before = earlier.elapsed_at(Clock::start(Duration::ZERO).now().at);
        let clock = Clock::start(before);
        let before = earlier.environment().clone();
        let Earlier { writer, fold, watches, .. } = earlier;
        let pipeline =
            Pipeline::start(Some(writer), fold, self.watches.len(), self.settle, clock.clone(), sink, progress);
        let resumed = What::Resumed { tool: recording::tool() };
        let changed = known_since(environment, &before);
        let environment = changed.clone().unwrap_or(before);
        let whats = [resumed].into_iter().chain(changed.map(What::Environment));
        let lines = whats.map(|what| Observation { stamp: clock.now(), what }).collect();
        // A recorder that is gone already has its own error to tell.
        let _ = pipeline.input.send(lines).await;
        Ok(Opened { clock, resumes: watches, pipeline, environment })
    }

    fn streams(
        &self,
        clock: &Clock,
        resumes: Vec<Resume>,
        pipeline: &Pipeline,
        depth: &Arc<Depth>,
        finish: &CancellationToken,
    ) -> JoinSet<Result<(), source::Error>> {
        let settings = Settings {
            cluster: Arc::clone(&self.cluster),
            capture: self.capture,
            pace: self.pace,
            healing: self.healing,
            past: self.past.at(clock.now().at),
            clock: clock.clone(),
            depth: Arc::clone(depth),
            out: pipeline.input.clone(),
            finish: finish.clone(),
        };
        let mut streams = JoinSet::new();
        for ((id, watch), resume) in (0..).zip(&self.watches).zip(resumes) {
            streams.spawn(Stream::new(id, watch.clone(), settings.clone(), resume).run());
        }
        streams
    }

    /// Says that every watch has attached, in one step: whoever sees the file sees all of it.
    fn ready(&self) -> Result<(), Error> {
        let Some(path) = &self.ready_file else { return Ok(()) };
        let failed = |source| Error::Ready { path: path.clone(), source };
        let mut name = path.clone().into_os_string();
        name.push(".tmp");
        std::fs::write(&name, "attached\n").map_err(failed)?;
        std::fs::rename(&name, path).map_err(failed)
    }

    fn remove_if_empty(&self, finished: &Finished) {
        if let Output::New(path) = &self.output
            && finished.progress.objects() == 0
            && !finished.progress.watches.iter().any(|watched| watched.attached)
        {
            // It holds nothing but its header; leaving it would only be in the way of the next attempt.
            let _ = std::fs::remove_file(path);
        }
    }
}
