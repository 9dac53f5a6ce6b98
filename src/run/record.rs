//! The life of a recorder: attach, follow, fence, end.

use super::config::{Config, Output};
use super::error::Error;
use super::listener::Speaker;
use super::mark::Mark;
use super::meters::Meters;
use super::opening::{Opened, facts_at_end, known_since};
use super::pipeline::{Finished, Pipeline};
use super::progress::Progress;
use super::stop::Stop;
use crate::observation::{ClockChange, Environment, Observation, Payload};
use crate::recording::{self, Verified};
use crate::source::{self, Clock, Connections, Depth, Requests, Resume, Settings, Stream, probe, until};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The result of a recording.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What was recorded and folded.
    pub finished: Finished,
    /// Time since the recording began; for a resumed one, since its first recorder began.
    pub elapsed: Duration,
    /// How full the queues were.
    pub depth: Arc<Depth>,
    /// True when it was aborted: there is no fence and no last line.
    pub aborted: bool,
}

impl Recorded {
    /// The result when it was aborted before anything was recorded.
    fn nothing(depth: Arc<Depth>) -> Self {
        let verified =
            Verified { complete: false, watches: Vec::new(), problems: vec!["nothing was recorded".to_owned()] };
        let finished = Finished { progress: Progress::default(), verified, written_bytes: None };
        Self { finished, elapsed: Duration::ZERO, depth, aborted: true }
    }
}

/// The channels out of a recorder.
pub(super) struct Doors {
    /// To the listeners.
    pub speaker: Speaker,
    /// Requested marks.
    pub marks: mpsc::Receiver<Mark>,
    /// What is requested of the watches.
    pub requests: watch::Receiver<Requests>,
    /// Receives the recorder's clock when the recording has begun.
    pub opened: watch::Sender<Option<Clock>>,
    /// What was recorded and folded so far.
    pub progress: watch::Sender<Progress>,
}

/// Records until it is stopped, its time is over, or it cannot continue.
///
/// # Errors
/// An error that the operator must fix. What was recorded before is in the file; a file in which nothing was recorded
/// is removed.
pub(super) async fn record(mut config: Config, stop: Stop, doors: Doors) -> Result<Recorded, Error> {
    config.check()?;
    withdraw(config.ready_file.as_deref())?;
    let depth = Arc::new(Depth::default());
    let Doors { speaker, marks, requests, opened, progress } = doors;
    let connections = Arc::new(Connections::default());
    progress.send_modify(|progress| {
        (progress.depth, progress.connections) = (Arc::clone(&depth), Arc::clone(&connections));
        progress.meters = Arc::new(Meters::new(config.watches.len()));
    });
    let Opened { clock, resumes, pipeline, environment } = tokio::select! {
        open = config.open((speaker, marks), progress.clone(), &stop) => open?,
        () = stop.abort.cancelled() => return Ok(Recorded::nothing(depth)),
    };
    opened.send_replace(Some(clock.clone()));
    let mut steps = JoinSet::new();
    steps.spawn(record_clock_changes(clock.clone(), pipeline.input.clone()));
    if config.is_of_cluster() {
        let probed = (Arc::clone(&config.cluster), Arc::clone(&connections), clock.clone(), config.pace.silence);
        steps.spawn(async move { probe(&probed.0, &probed.1, &probed.2, probed.3).await });
    }
    let asked = Asked { requests, finish: stop.finish.clone() };
    let mut streams = config.streams(&clock, resumes, &pipeline, (&depth, &connections), asked);

    let mut progress = progress.subscribe();
    let mut failure: Option<Error> = None;
    let mut deadline = None;
    let mut ready = false;
    loop {
        tokio::select! {
            () = stop.abort.cancelled() => break,
            // A failing disk ends the recording even if nothing more happens in the cluster.
            () = pipeline.input.closed() => {
                failure.get_or_insert(source::Error::Closed.into());
                break;
            }
            joined = streams.join_next() => match joined {
                None => break,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => {
                    // The recorder's own failure, if there is one, caused this one.
                    failure.get_or_insert(error.into());
                    break;
                }
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
            },
            changed = progress.wait_for(Progress::is_attached), if !ready => {
                if changed.is_ok() {
                    ready = true;
                    if let Err(error) = config.ready() {
                        failure.get_or_insert(error);
                        break;
                    }
                    deadline = config.length.map(|length| clock.after(length));
                }
            }
            () = until(deadline) => {
                deadline = None;
                stop.finish(config.ended_by_length);
            }
        }
    }
    streams.shutdown().await;
    // Its sender must be dropped before the pipeline can end.
    steps.shutdown().await;
    let aborted = stop.abort.is_cancelled();
    if failure.is_none() && !aborted {
        let reason = stop.reason.get().copied().unwrap_or("finished").to_owned();
        // A cluster that did not answer at the start is not asked at the end.
        let changed = if ready { Box::pin(config.changed_since(&environment)).await } else { None };
        let whats = changed.map(Payload::Environment).into_iter().chain([Payload::End { reason }]);
        let lines = whats.map(|what| Observation { stamp: clock.now(), payload: what }).collect();
        // A recorder that has failed reports its own error.
        let _ = pipeline.input.send(lines).await;
    }
    let finished = pipeline.finish().await;
    stop.recorded.cancel();
    if let Some(error) = failure {
        if ready {
            // A recorder that has failed must not leave a ready file.
            let _ = withdraw(config.ready_file.as_deref());
        }
        let finished = finished?;
        config.remove_if_empty(&finished);
        return Err(config.completed(error).await);
    }
    Ok(Recorded { finished: finished?, elapsed: clock.now().elapsed, depth, aborted })
}

/// How often the wall clock is checked.
const LOOK: Duration = Duration::from_millis(100);

/// Records when the wall clock was set.
async fn record_clock_changes(clock: Clock, out: mpsc::Sender<Vec<Observation>>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(by) = clock.step() else { continue };
        let (length, way) = (Duration::from_micros(by.unsigned_abs()), if by < 0 { "back" } else { "ahead" });
        tracing::warn!("the wall clock was set {way} by {:.1} s", length.as_secs_f64());
        let change = ClockChange { step_micros: Some(by), boot: None };
        let line = Observation { stamp: clock.now(), payload: Payload::Clock(change) };
        if out.send(vec![line]).await.is_err() {
            return;
        }
    }
}

/// Removes the ready file of an earlier recorder: from here on, its presence means that this one has attached.
///
/// # Errors
/// It exists and cannot be removed.
pub(crate) fn withdraw(path: Option<&Path>) -> Result<(), Error> {
    let Some(path) = path else { return Ok(()) };
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::Ready { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// How long the end of a recording waits for the cluster's versions and nodes, and for facts.
const ENVIRONMENT: Duration = Duration::from_secs(3);

impl Config {
    /// What the recording ends in, if that is known in time and has changed.
    async fn changed_since(&self, before: &Environment) -> Option<Environment> {
        let of_cluster = async {
            if self.is_of_cluster() {
                Box::pin(source::environment(&self.cluster)).await
            } else {
                Environment::default()
            }
        };
        let (of_cluster, facts) = tokio::join!(
            tokio::time::timeout(ENVIRONMENT, of_cluster),
            tokio::time::timeout(ENVIRONMENT, source::facts(&self.watches))
        );
        let facts = facts_at_end(facts.unwrap_or_default(), &before.facts);
        known_since(Environment { facts, ..of_cluster.unwrap_or_default() }, before)
    }
}

/// What watches are asked for while they run.
struct Asked {
    requests: watch::Receiver<Requests>,
    finish: CancellationToken,
}

impl Config {
    fn streams(
        &self,
        clock: &Clock,
        resumes: Vec<Resume>,
        pipeline: &Pipeline,
        (depth, connections): (&Arc<Depth>, &Arc<Connections>),
        Asked { requests, finish }: Asked,
    ) -> JoinSet<Result<(), source::Error>> {
        let settings = Settings {
            cluster: Arc::clone(&self.cluster),
            capture: self.capture,
            pace: self.pace,
            healing: self.healing,
            past: self.past.at(clock.now().at),
            clock: clock.clone(),
            depth: Arc::clone(depth),
            connections: Arc::clone(connections),
            out: pipeline.input.clone(),
            requests,
            finish,
        };
        let mut streams = JoinSet::new();
        for ((id, watch), resume) in (0..).zip(&self.watches).zip(resumes) {
            if watch.is_served() {
                streams.spawn(Stream::new(id, watch.clone(), settings.clone(), resume).run());
            } else {
                streams.spawn(source::run_source(id, watch.clone(), settings.clone(), resume));
            }
        }
        streams
    }

    /// Creates the ready file atomically, once every watch has attached.
    fn ready(&self) -> Result<(), Error> {
        let Some(path) = &self.ready_file else { return Ok(()) };
        let failed = |source| Error::Ready { path: path.clone(), source };
        let mut name = path.clone().into_os_string();
        name.push(".tmp");
        std::fs::write(&name, "attached\n").map_err(failed)?;
        std::fs::rename(&name, path).map_err(failed)
    }

    /// The error, with all rights that are missing if it is about one.
    async fn completed(&self, error: Error) -> Error {
        match error {
            Error::Source(error) if self.is_of_cluster() => {
                source::with_all_rights(&self.cluster, &self.watches, error).await.into()
            }
            error => error,
        }
    }

    fn remove_if_empty(&self, finished: &Finished) {
        if let Output::New(path) = &self.output
            && !recording::is_dash(path)
            && finished.progress.objects() == 0
            && !finished.progress.watches.iter().any(|watched| watched.attached)
        {
            // It contains only its header, and would be in the way of the next attempt.
            let _ = std::fs::remove_file(path);
        }
    }
}
