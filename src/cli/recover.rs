//! `statetrail recover`: record the past and end at once.

use super::arguments::{Keeping, Recover};
use super::exit::{Exit, Failure};
use super::{record, terminal, what};
use crate::run::{Output, Stop};
use crate::source::Cluster;
use std::sync::Arc;
use std::time::Duration;

/// Nobody waits for what happens meanwhile: history may take long to read.
const LONGEST: Duration = Duration::from_secs(600);

/// Runs it.
pub fn run(command: Recover) -> Result<Exit, Failure> {
    let Recover { selecting, since, output, capture, heal_requests, heal_revisions, reaching } = command;
    let keeping = Keeping {
        length: Some(Duration::ZERO),
        capture,
        heal_requests,
        heal_revisions,
        since: Some(since),
        ..Keeping::default()
    };
    super::runtime().block_on(async {
        let cluster = Arc::new(Cluster::new(reaching.access()).await?);
        record::refuse_existing(&output)?;
        let watches = what::watches(&cluster, &selecting).await?;
        let mut plan = record::plan(cluster, watches, &keeping, Output::New(output.clone()));
        plan.healing.time = LONGEST;
        let stop = Stop::default();
        let _ = stop.reason.set("recovered");
        let recorded = record::record(plan, None, stop, true).await?;
        let summary = record::summary(&output, &recorded);
        anstream::eprint!("{}", summary.text(&terminal::style(&std::io::stderr())));
        Ok(record::exit(&recorded, Exit::Ok))
    })
}
