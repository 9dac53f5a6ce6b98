//! `statetrail record`.

use super::arguments::{Keeping, Reaching, Record, Selecting};
use super::exit::{Exit, Failure};
use super::{signals, what};
use crate::observation::Watch;
use crate::run::{self, Plan, Progress, Recorded, Sink, Stop};
use crate::source::{Cluster, Pace};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Runs it.
pub fn run(command: Record) -> Result<Exit, Failure> {
    let Record { selecting, output, keeping, reaching } = command;
    let runtime = super::runtime();
    runtime.block_on(async {
        let plan = plan(&selecting, &keeping, &reaching, Some(output.clone())).await?;
        let watches = plan.watches.clone();
        let sink: Sink = Box::new(|_| {});
        let recorded = record(plan, sink, |progress| tell_attached(&watches, progress)).await?;
        summary(&output, &watches, &recorded);
        Ok(if recorded.aborted { Exit::Trouble } else { Exit::Ok })
    })
}

/// The plan that the flags make.
pub async fn plan(
    selecting: &Selecting,
    keeping: &Keeping,
    reaching: &Reaching,
    output: Option<PathBuf>,
) -> Result<Plan, Failure> {
    if let Some(path) = output.as_ref().filter(|path| path.exists()) {
        return Err(crate::recording::Error::Exists { path: path.clone() }.into());
    }
    let cluster = Arc::new(Cluster::new(reaching.access()).await?);
    let watches = what::watches(&cluster, selecting).await?;
    Ok(Plan {
        cluster,
        watches,
        capture: keeping.capture.into(),
        output,
        sync: keeping.sync.into(),
        ready_file: keeping.ready_file.clone(),
        length: keeping.length,
        settle: keeping.settle,
        pace: Pace::default(),
    })
}

/// Records until a signal or the end of the plan's time.
pub async fn record(plan: Plan, sink: Sink, attached: impl FnMut(&Progress)) -> Result<Recorded, Failure> {
    let stop = Stop::default();
    let listener = signals::listen(stop.clone())?;
    let recorded = run::record(plan, stop, sink, attached).await;
    listener.abort();
    Ok(recorded?)
}

/// Says that the recorder sees everything from now on.
pub fn tell_attached(watches: &[Watch], progress: &Progress) {
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
