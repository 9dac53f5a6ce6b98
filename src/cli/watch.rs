//! `statetrail watch`: record and show in one, live, to the terminal.

use super::arguments::{Choosing, Watch};
use super::exit::{Exit, Failure};
use super::{expecting, record, terminal, what};
use crate::run::{Output, Sink};
use crate::source::Cluster;
use crate::view::line::Lines;
use std::io::{self, Write};
use std::sync::Arc;

/// Runs it.
pub fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { selecting, expecting, shown, output, keeping, reaching } = command;
    let program = expecting.optional()?;
    let choosing = Choosing { tracks: shown, ..Choosing::default() };
    let mut selection = super::show::selection(&choosing)?;
    let mut style = terminal::style(&io::stdout());
    style.namespaces = selecting.all_namespaces;
    let mut lines = Lines::new(style);
    super::runtime().block_on(async {
        let cluster = Arc::new(Cluster::new(reaching.access()).await?);
        if let Some(path) = &output {
            record::refuse_existing(path)?;
        }
        let watches = what::watches(&cluster, &selecting).await?;
        let destination = output.clone().map_or(Output::Nowhere, Output::New);
        let plan = record::plan(cluster, watches.clone(), &keeping, destination);
        let stop = crate::run::Stop::default();
        let pipe = stop.clone();
        let judging = program.map(|program| expecting::judging(program, &watches)).transpose()?;
        let judged = judging.clone();
        let sink: Sink = Box::new(move |heard| {
            if let Some(judging) = &judged
                && judging.lock().expect("nobody panics with it").hear(&heard)
            {
                pipe.finish("every expectation is decided");
            }
            let mut out = io::stdout().lock();
            let shown = heard.entries.iter().try_for_each(|entry| {
                selection.observe(entry);
                if selection.matches(entry) { out.write_all(lines.line(entry).as_bytes()) } else { Ok(()) }
            });
            if shown.and_then(|()| out.flush()).is_err() {
                // Whoever read enough closed the pipe.
                pipe.finish("the output was closed");
            }
        });
        let recorded = record::record(plan, Some(sink), stop, false).await?;
        if let Some(path) = &output {
            let summary = record::summary(path, &recorded);
            anstream::eprint!("{}", summary.text(&terminal::style(&io::stderr())));
        }
        if recorded.aborted {
            return Ok(Exit::Trouble);
        }
        let judged = judging.map_or(Ok(Exit::Ok), |judging| expecting::tell_live(&judging))?;
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    })
}
