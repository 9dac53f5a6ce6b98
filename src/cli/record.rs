//! `statetrail record`.

use super::arguments::{ClusterArgs, ExpectArgs, Record, RecordArgs, ServeArgs};
use super::command::{self, Command};
use super::exit::{Exit, Failure};
use super::files::{self, File};
use super::judgement::{Expected, Place};
use super::marks::Marks;
use super::report::Report;
use super::serving::{self, Serving};
use super::{printer, progress, runtime, signals, sources, terminal, what};
use crate::metrics;
use crate::observation::Watch;
use crate::recording::{self, Chain};
use crate::run::{
    self, Attaching, Config, Finished, HistoryPolicy, LiveJudge, Output, PriorRecording, Progress, Recorded, Recorder,
    Stop,
};
use crate::server::Listening;
use crate::source::{Clock, Cluster};
use crate::view::{self, Summary};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// How long the end waits for a blocked terminal.
const PATIENCE: Duration = Duration::from_millis(500);

/// Why there are no verdicts if a signal ends the recorder at once.
pub(super) const ABORTED: &str = "the recorder was aborted by a signal";

/// Runs it.
pub(super) fn run(command: Record) -> Result<Exit, Failure> {
    run_with(command, None)
}

/// Runs it with a server.
pub(super) fn run_with(command: Record, serving: Option<ServeArgs>) -> Result<Exit, Failure> {
    let Record { selecting, until_expect, expecting, report, output, resume, keeping, reaching, metrics, command } =
        command;
    let until = ExpectArgs { files: until_expect, lines: Vec::new() };
    let path = resume.clone().or(output).unwrap_or_default();
    let report = prepared((report, &keeping), Some(&path), &[&until, &expecting], &reaching)?;
    let expected = Expected::new(&until, &expecting, &report)?;
    if recording::is_dash(&path) && !expected.is_empty() {
        return Err(Failure::usage(
            "the verdicts go to standard output: record into a file, -o run.jsonl, to judge expectations",
        ));
    }
    if recording::is_dash(&path) && serving.is_some() {
        return Err(Failure::usage("standard output is for the server's address: record into a file, -o run.jsonl"));
    }
    let until_eof = serving.as_ref().is_some_and(|serving| serving.until_eof);
    if until_eof && keeping.marks_from.as_deref().is_some_and(recording::is_dash) {
        return Err(Failure::usage("--marks-from - reads standard input to its end: leave --until-eof out"));
    }
    let marks = Marks::of(keeping.marks_from.as_deref(), !command.is_empty())?;
    let command = Command::of(command, Some(&path))?;
    command::concluded(command.as_ref(), || {
        runtime::run(async {
            let stop = signals::listen_beside(command.as_ref().map(Command::process))?;
            let serving = Serving::of(serving, command.as_ref())?;
            let exporter = serving::exporter(metrics)?;
            if until_eof {
                serving::stop_at_eof(stop.clone());
            }
            let config = signals::unless_stopped(&stop, async {
                let is_needed = match &resume {
                    Some(path) => is_of_cluster(path),
                    None => sources::need_cluster(&selecting.what)?,
                };
                let cluster = Arc::new(sources::cluster(&reaching, is_needed).await?);
                if resume.is_some() {
                    return again(&path, cluster, &keeping).await;
                }
                refuse_existing(&path)?;
                let watches = what::watches(&cluster, &selecting).await?;
                Ok(config(cluster, watches, &keeping, Output::New(path.clone())))
            });
            let config = report.unless_failed(config.await, Some(&path))?;
            let watches = config.watches.clone();
            let attaching = Recorder::attach(config).stopped_by(stop);
            let mut judgement = report.unless_failed(expected.judge(&attaching, &watches), Some(&path))?;
            let judges = judgement.judges();
            let beside = Beside { command: command.as_ref(), marks, serving, exporter, judges, started: None };
            let recorded = record(attaching, judgement.ending(), beside, command.is_none()).await;
            let recorded = report.unless_failed(recorded, Some(&path))?;
            printer::say_painted(&summary(&path, &recorded).text(&terminal::style_of_stderr()));
            let place = if command.is_some() { Place::Stderr } else { Place::Stdout };
            if recorded.aborted {
                report.without_verdicts(ABORTED, Some(&path));
                return Ok(Exit::RequestError);
            }
            let judged = judgement.print(place, &report, Some(&path)).await?;
            Ok(exit(&recorded, judged))
        })
    })
}

/// The report of a run. Files of an earlier run that would pass for those of this one are removed.
///
/// # Errors
/// Two flags name one file, or a file cannot be written or removed.
pub(super) fn prepared(
    (report, keeping): (Option<PathBuf>, &RecordArgs),
    recording: Option<&Path>,
    expectations: &[&ExpectArgs],
    reaching: &ClusterArgs,
) -> Result<Report, Failure> {
    let report = Report::new(report)?;
    report.require(recording)?;
    let written = [("-o", recording), ("--report", report.path()), ("--ready-file", keeping.ready_file.as_deref())];
    let written = written.into_iter().filter_map(|(flag, path)| Some(File { flag, path: path?, is_written: true }));
    let read = |flag, path| File { flag, path, is_written: false };
    let texts = expectations.iter().flat_map(|of| &of.files).map(|path| read("-e", path.as_path()));
    let marks = keeping.marks_from.as_deref().filter(|path| !recording::is_dash(path));
    let marks = marks.map(|path| read("--marks-from", path));
    let kubeconfig = reaching.kubeconfig.as_deref().map(|path| read("--kubeconfig", path));
    files::distinct(&written.chain(texts).chain(marks).chain(kubeconfig).collect::<Vec<_>>())?;
    let mut names = BTreeSet::new();
    if let Some((name, _)) = keeping.facts.iter().find(|(name, _)| !names.insert(name)) {
        return Err(Failure::usage(format!("--fact {name}: it is given twice; leave one out")));
    }
    report.withdraw()?;
    run::withdraw(keeping.ready_file.as_deref())?;
    Ok(report)
}

/// The configuration from the flags.
pub(super) fn config(cluster: Arc<Cluster>, watches: Vec<Watch>, keeping: &RecordArgs, output: Output) -> Config {
    let mut config = Config::to(cluster, watches, output);
    config.capture = keeping.capture.into();
    config.sync = keeping.sync.into();
    config.facts = keeping.facts.iter().cloned().collect();
    config.ready_file.clone_from(&keeping.ready_file);
    config.length = keeping.length;
    config.settle = keeping.settle;
    config.past = match keeping.since {
        Some(length) => HistoryPolicy::Since(length),
        None if keeping.no_history => HistoryPolicy::Unseen,
        None => HistoryPolicy::Beginnings,
    };
    config.healing.requests = keeping.heal_requests;
    config.healing.revisions = keeping.heal_revisions;
    config
}

/// Whether a recording has a watch of a cluster. What is wrong with the file, is said when it is read.
fn is_of_cluster(path: &Path) -> bool {
    recording::Reader::open(path).is_ok_and(|reader| reader.header().watches.iter().any(Watch::is_served))
}

/// The configuration to resume a recording.
async fn again(path: &Path, cluster: Arc<Cluster>, keeping: &RecordArgs) -> Result<Config, Failure> {
    let (file, sync) = (path.to_owned(), keeping.sync.into());
    // Reading a large file takes time, during which signals must be handled.
    let earlier = tokio::task::spawn_blocking(move || PriorRecording::open(&file, sync)).await;
    let earlier = earlier.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    if let Some(torn) = earlier.torn {
        let what = if torn.is_frame { "zstd frame before line" } else { "line" };
        let (path, bytes, line) = (path.display(), torn.bytes, torn.line);
        printer::say(format!("{path}: cutting off {bytes} bytes of an unfinished {what} {line}"));
    }
    let unattached = earlier.unattached();
    if !unattached.is_empty() {
        let (path, names) = (path.display(), unattached.join(", "));
        printer::say(format!("{path}: no recorder had attached to {names} yet: nothing before now is known of them"));
    }
    let (watches, capture) = (earlier.header.watches.clone(), earlier.header.capture);
    let mut config = config(cluster, watches, keeping, Output::Again(Box::new(earlier)));
    config.capture = capture;
    config.past = HistoryPolicy::Unseen;
    Ok(config)
}

/// Fails if the file exists, before anything is requested from a cluster.
pub(super) fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if recording::is_dash(path) {
        return Ok(());
    }
    recording::require_file(path).map_err(|source| recording::Error::Open { path: path.to_owned(), source })?;
    if path.exists() { Err(recording::Error::Exists { path: path.to_owned() }.into()) } else { Ok(()) }
}

/// What runs beside a recorder.
#[derive(Default)]
pub(super) struct Beside<'a> {
    pub command: Option<&'a Command>,
    pub marks: Option<Marks>,
    pub serving: Option<Serving>,
    /// The port of `--metrics`.
    pub exporter: Option<Listening>,
    /// Judges whose verdicts are metrics, and shown by the page.
    pub judges: Vec<LiveJudge>,
    /// Is told when the recorder has started.
    pub started: Option<oneshot::Sender<Started>>,
}

/// What a screen shows of a running recorder, besides its entries.
pub(super) struct Started {
    pub progress: watch::Receiver<Progress>,
    pub clock: watch::Receiver<Option<Clock>>,
}

/// Records until a signal, the end of the configured time, of the command or the last decision, and reports progress;
/// with a progress line on a terminal if `moving`.
pub(super) async fn record(
    attaching: Attaching,
    judgement: Option<&mut LiveJudge>,
    Beside { command, marks, serving, exporter, judges, started }: Beside<'_>,
    moving: bool,
) -> Result<Recorded, Failure> {
    let stop = attaching.stop();
    let before = attaching.before();
    let serving = serving.map(|serving| (serving.timeline(&attaching), serving));
    let (recorder, servers) = if serving.is_some() || exporter.is_some() {
        let (recorder, metrics) = metrics::started(attaching);
        judges.iter().cloned().for_each(|judge| metrics.judged_by(judge));
        let serve = |(timeline, serving): (_, Serving)| serving.serve((&recorder, judges), timeline, metrics.clone());
        let server = serving.map(serve);
        let exporter = exporter.map(|exporter| exporter.serve_metrics(metrics));
        (recorder, [server, exporter])
    } else {
        (attaching.start(), [None, None])
    };
    let progress = recorder.progress();
    if let Some(sender) = started {
        // It may be gone already.
        let _ = sender.send(Started { progress: progress.clone(), clock: recorder.clock() });
    }
    let reports = progress::start(recorder.watches().to_vec(), before, (progress.clone(), stop.clone()), moving);
    let drained = marks.as_ref().map(Marks::drained);
    let marking = marks.map(|marks| marks.write(recorder.marker(), recorder.prover()));
    let recorded = async {
        tokio::select! {
            recorded = recorder.ended() => recorded,
            never = write_all(marking) => match never {},
            never = stop_when_decided(judgement, stop.clone()) => match never {},
        }
    };
    let recorded = match command {
        Some(command) => command.beside(recorded, (progress, drained), &stop).await,
        None => recorded.await.map_err(Failure::from),
    };
    // Whoever waits for verdicts has the last ones by now.
    let closed = async {
        for server in servers.into_iter().flatten() {
            server.shutdown().await;
        }
    };
    tokio::select! {
        () = closed => {}
        () = stop.leave.cancelled() => {}
    }
    // It ends with the last sender of the progress; a blocked terminal must not delay the end.
    let _ = tokio::time::timeout(PATIENCE, reports).await;
    recorded
}

/// Writes marks as long as there are any to read.
async fn write_all(marking: Option<impl Future<Output = ()>>) -> Infallible {
    if let Some(marking) = marking {
        marking.await;
    }
    std::future::pending().await
}

/// The exit code for a recorded file: that it is not whole, unless another one is worse.
pub(super) fn exit(recorded: &Recorded, judged: Exit) -> Exit {
    match judged {
        Exit::Ok if !recorded.finished.verified.complete => Exit::Undecided,
        judged => judged,
    }
}

/// Stops the recorder when there is nothing left to wait for.
async fn stop_when_decided(judgement: Option<&mut LiveJudge>, stop: Stop) -> Infallible {
    if let Some(judgement) = judgement
        && judgement.decided().await
    {
        let is_decided = judgement.standings().iter().all(|standing| standing.verdict.is_decided());
        stop.finish(if is_decided {
            "every expectation is decided"
        } else {
            "every goal is reached: the rest is judged at the fence"
        });
    }
    std::future::pending().await
}

/// The summary of a recording.
pub(super) fn summary(path: &Path, recorded: &Recorded) -> Summary {
    let Finished { progress, verified, .. } = &recorded.finished;
    let stream = |chain: &Chain| view::Stream {
        selected: chain.selected.clone(),
        object: chain.object.clone(),
        namespace: chain.namespace.clone(),
        events: chain.events,
        reconnects: chain.reconnects,
        // A version that could not be decoded is a gap of its object.
        gaps: chain.gaps + chain.undecodable,
        fenced: chain.fenced,
        not_served: chain.not_served,
        is_source: chain.is_source,
        problems: chain.problems.clone(),
    };
    // What a source could not see was no event.
    let unseen = verified.watches.iter().filter(|chain| chain.is_source).map(|chain| chain.undecodable).sum();
    Summary {
        streams: verified.watches.iter().map(stream).collect(),
        problems: verified.problems.clone(),
        whole: verified.complete,
        transitions: progress.transitions,
        subjects: progress.subjects,
        marks: progress.marks,
        undecodable: progress.undecodable.saturating_sub(unseen),
        stalls: recorded.depth.stalls(),
        duration: recorded.elapsed,
        file: if recording::is_dash(path) { "standard output".to_owned() } else { path.display().to_string() },
        bytes: std::fs::metadata(path).ok().map(|metadata| metadata.len()),
    }
}
