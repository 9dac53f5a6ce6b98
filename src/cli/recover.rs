//! `statetrail recover`: record the past and end at once.

use super::arguments::{RecordArgs, Recover};
use super::exit::{Exit, Failure};
use super::{printer, record, runtime, signals, sources, terminal, what};
use crate::run::{Output, Recorder};
use crate::source::Cluster;
use std::sync::Arc;
use std::time::Duration;

/// The longest time for reading history; nothing waits for current events, so it may be long.
const LONGEST: Duration = Duration::from_mins(10);

/// Runs it.
pub(super) fn run(command: Recover) -> Result<Exit, Failure> {
    let Recover { selecting, since, output, capture, heal_requests, heal_revisions, reaching } = command;
    let keeping = RecordArgs {
        length: Some(Duration::ZERO),
        capture,
        heal_requests,
        heal_revisions,
        since: Some(since),
        ..RecordArgs::default()
    };
    runtime::run(async {
        let stop = signals::listen()?;
        if let Some(source) = sources::taken(&selecting.what)?.sources.first() {
            return Err(Failure::usage(format!(
                "{}: only an API server has a history to recover; record it from now on with `record`",
                source.selected()
            )));
        }
        let config = signals::unless_stopped(&stop, async {
            let cluster = Arc::new(Cluster::new(reaching.access()).await?);
            record::refuse_existing(&output)?;
            let watches = what::watches(&cluster, &selecting).await?;
            Ok(record::config(cluster, watches, &keeping, Output::New(output.clone())))
        });
        let mut config = config.await?;
        config.healing.time = LONGEST;
        config.ended_by_length = "recovered";
        let attaching = Recorder::attach(config).stopped_by(stop);
        let recorded = record::record(attaching, None, record::Beside::default(), true).await?;
        let summary = record::summary(&output, &recorded);
        printer::say_painted(&summary.text(&terminal::style_of_stderr()));
        Ok(record::exit(&recorded, Exit::Ok))
    })
}
