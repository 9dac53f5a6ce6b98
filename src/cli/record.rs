//! `statetrail record`.

use super::arguments::{Expecting, Keeping, Record};
use super::exit::{Exit, Failure};
use super::{expecting, signals, terminal, told, what};
use crate::observation::Watch;
use crate::recording::{self, Chain};
use crate::run::{self, Before, Earlier, Judging, Output, Plan, Progress, Recorded, Sink, Stop, Watched};
use crate::source::{Cluster, Healing, Pace};
use crate::view::{self, Summary};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// Runs it.
pub fn run(command: Record) -> Result<Exit, Failure> {
    let Record { selecting, until_expect, output, resume, keeping, reaching } = command;
    let program = Expecting { files: until_expect, lines: Vec::new() }.optional()?;
    let path = resume.clone().or(output).unwrap_or_default();
    let runtime = super::runtime();
    runtime.block_on(async {
        let cluster = Arc::new(Cluster::new(reaching.access()).await?);
        let plan = if resume.is_some() {
            again(&path, cluster, &keeping)?
        } else {
            refuse_existing(&path)?;
            let watches = what::watches(&cluster, &selecting).await?;
            plan(cluster, watches, &keeping, Output::New(path.clone()))
        };
        let watches = plan.watches.clone();
        let stop = Stop::default();
        let judging = program.map(|program| expecting::judging(program, &watches)).transpose()?;
        let sink = judging.clone().map(|judging| until_decided(judging, stop.clone()));
        let recorded = record(plan, sink, stop, true).await?;
        anstream::eprint!("{}", summary(&path, &recorded).text(&terminal::style(&std::io::stderr())));
        let judged = match judging {
            Some(judging) if !recorded.aborted => expecting::tell_live(&judging)?,
            _ => Exit::Ok,
        };
        Ok(exit(&recorded, judged))
    })
}

/// Stops the recorder when every expectation is decided.
fn until_decided(judging: Arc<Mutex<Judging>>, stop: Stop) -> Sink {
    Box::new(move |heard| {
        if judging.lock().expect("nobody panics with it").hear(&heard) {
            stop.finish("every expectation is decided");
        }
    })
}

/// The plan that the flags make.
pub fn plan(cluster: Arc<Cluster>, watches: Vec<Watch>, keeping: &Keeping, output: Output) -> Plan {
    Plan {
        cluster,
        watches,
        capture: keeping.capture.into(),
        output,
        sync: keeping.sync.into(),
        ready_file: keeping.ready_file.clone(),
        length: keeping.length,
        settle: keeping.settle,
        pace: Pace::default(),
        past: match keeping.since {
            Some(length) => Before::Since(length),
            None if keeping.no_history => Before::Unseen,
            None => Before::Beginnings,
        },
        healing: Healing { requests: keeping.heal_requests, revisions: keeping.heal_revisions, ..Healing::default() },
        clock: None,
    }
}

/// The plan that an earlier recording makes.
fn again(path: &Path, cluster: Arc<Cluster>, keeping: &Keeping) -> Result<Plan, Failure> {
    let earlier = Earlier::open(path, keeping.sync.into())?;
    if let Some(torn) = earlier.torn {
        anstream::eprintln!("{}: cut off {} bytes of an unfinished line {}", path.display(), torn.bytes, torn.line);
    }
    let (watches, capture) = (earlier.header.watches.clone(), earlier.header.capture);
    let mut plan = plan(cluster, watches, keeping, Output::Again(Box::new(earlier)));
    plan.capture = capture;
    plan.past = Before::Unseen;
    Ok(plan)
}

/// Says so before anything is asked of a cluster.
pub fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if path.exists() { Err(recording::Error::Exists { path: path.to_owned() }.into()) } else { Ok(()) }
}

/// Records until a signal or the end of the plan's time, and says when it sees everything; with a `moving` line on a
/// terminal.
pub async fn record(plan: Plan, sink: Option<Sink>, stop: Stop, moving: bool) -> Result<Recorded, Failure> {
    let listener = signals::listen(stop.clone())?;
    let progress = watch::Sender::new(Progress::default());
    let before = match &plan.output {
        Output::Again(earlier) => earlier.verification.positions().map(Watched::from).collect(),
        Output::Nowhere | Output::New(_) => vec![Watched::default(); plan.watches.len()],
    };
    let teller = tokio::spawn(told::tell(plan.watches.clone(), before, progress.subscribe(), moving));
    let recorded = run::record(plan, stop, sink, progress).await;
    // It ends with the last sender of the progress.
    teller.await.expect("the teller does not panic");
    listener.abort();
    Ok(recorded?)
}

/// What the exit code says of a recorded file: that it is not whole, unless there is worse to say.
pub fn exit(recorded: &Recorded, judged: Exit) -> Exit {
    match judged {
        _ if recorded.aborted => Exit::Trouble,
        Exit::Ok if !recorded.finished.verified.complete => Exit::Undecided,
        judged => judged,
    }
}

/// What a recording came to.
pub fn summary(path: &Path, recorded: &Recorded) -> Summary {
    let run::Finished { progress, verified, .. } = &recorded.finished;
    let stream = |chain: &Chain| view::Stream {
        resource: chain.resource.clone(),
        namespace: chain.namespace.clone(),
        events: chain.events,
        reconnects: chain.reconnects,
        gaps: chain.gaps,
        fenced: chain.fenced,
        not_served: chain.not_served,
        problems: chain.problems.clone(),
    };
    Summary {
        streams: verified.watches.iter().map(stream).collect(),
        problems: verified.problems.clone(),
        whole: verified.complete,
        transitions: progress.transitions,
        subjects: progress.subjects,
        marks: progress.marks,
        undecodable: progress.undecodable,
        stalls: recorded.depth.stalls(),
        duration: recorded.elapsed,
        file: path.display().to_string(),
        bytes: std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
    }
}
