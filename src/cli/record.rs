//! `statetrail record`.

use super::arguments::{Keeping, Record};
use super::exit::{Exit, Failure};
use super::{signals, what};
use crate::observation::Watch;
use crate::recording;
use crate::run::{self, Earlier, Output, Plan, Progress, Recorded, Sink, Stop};
use crate::source::{Cluster, Pace};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// Runs it.
pub fn run(command: Record) -> Result<Exit, Failure> {
    let Record { selecting, output, resume, keeping, reaching } = command;
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
        let recorded = record(plan, Box::new(|_| {})).await?;
        summary(&path, &watches, &recorded);
        Ok(if recorded.aborted { Exit::Trouble } else { Exit::Ok })
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
    Ok(plan)
}

/// Says so before anything is asked of a cluster.
pub fn refuse_existing(path: &Path) -> Result<(), Failure> {
    if path.exists() { Err(recording::Error::Exists { path: path.to_owned() }.into()) } else { Ok(()) }
}

/// Records until a signal or the end of the plan's time, and says when it sees everything.
pub async fn record(plan: Plan, sink: Sink) -> Result<Recorded, Failure> {
    let stop = Stop::default();
    let listener = signals::listen(stop.clone())?;
    let progress = watch::Sender::new(Progress::default());
    let (watches, mut attached) = (plan.watches.clone(), progress.subscribe());
    let teller = tokio::spawn(async move {
        if let Ok(progress) = attached.wait_for(Progress::is_attached).await {
            tell_attached(&watches, &progress);
        }
    });
    let recorded = run::record(plan, stop, sink, progress).await;
    teller.abort();
    listener.abort();
    Ok(recorded?)
}

/// Says that the recorder sees everything from now on.
fn tell_attached(watches: &[Watch], progress: &Progress) {
    let names = |absent: bool| {
        let chosen = watches.iter().zip(&progress.absent).filter(|(_, is)| **is == absent);
        chosen.map(|(watch, _)| watch.resource.to_string()).collect::<Vec<_>>().join(", ")
    };
    anstream::eprintln!("attached: {}", names(false));
    if progress.absent.contains(&true) {
        anstream::eprintln!("waiting for {} to be served", names(true));
    }
}

fn summary(output: &Path, watches: &[Watch], recorded: &Recorded) {
    let progress = &recorded.finished.progress;
    anstream::eprintln!(
        "{}: {} objects in {} watches, {} entries, {} reconnects, {} gaps, {:.1} s",
        output.display(),
        progress.objects,
        watches.len(),
        progress.entries,
        progress.reconnects,
        progress.gaps,
        recorded.elapsed.as_secs_f64(),
    );
}
