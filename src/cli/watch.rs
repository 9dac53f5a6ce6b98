//! `statetrail watch`: record and show in one, live, to the terminal.

use super::arguments::{ShowArgs, Watch};
use super::exit::{Exit, Failure};
use super::{expecting, record, terminal, what};
use crate::run::{self, Listener, Message, Output, Recorder, Stop};
use crate::source::Cluster;
use crate::view::Selection;
use crate::view::line::Lines;
use std::io::{self, Write};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Runs it.
pub fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { selecting, expecting, shown, output, keeping, reaching } = command;
    let program = expecting.optional()?;
    let choosing = ShowArgs { tracks: shown, ..ShowArgs::default() };
    let mut selection = super::show::selection(&choosing)?;
    let mut style = terminal::style(&io::stdout());
    style.namespaces = selecting.all_namespaces;
    let mut lines = Lines::new(style);
    run::withdraw(keeping.ready_file.as_deref())?;
    super::run(async {
        let cluster = Arc::new(Cluster::new(reaching.access()).await?);
        if let Some(path) = &output {
            record::refuse_existing(path)?;
        }
        let watches = what::watches(&cluster, &selecting).await?;
        let destination = output.clone().map_or(Output::Nowhere, Output::New);
        let config = record::config(cluster, watches.clone(), &keeping, destination);
        let attaching = Recorder::attach(config);
        let mut judgement = program.map(|program| expecting::judge(&attaching, program, &watches)).transpose()?;
        let (listener, stop) = (attaching.listen(), attaching.stop());
        let (shown, all_shown) = oneshot::channel::<()>();
        // A thread of its own: whoever reads the lines may take time, and the recorder goes on.
        std::thread::spawn(move || {
            show(listener, &mut selection, &mut lines, &stop);
            drop(shown);
        });
        let recorded = record::record(attaching, judgement.as_mut(), false).await;
        if !recorded.as_ref().is_ok_and(|recorded| recorded.aborted) {
            // It says nothing; it ends.
            let _ = all_shown.await;
        }
        let recorded = recorded?;
        if let Some(path) = &output {
            let summary = record::summary(path, &recorded);
            anstream::eprint!("{}", summary.text(&terminal::style(&io::stderr())));
        }
        if recorded.aborted {
            return Ok(Exit::RequestError);
        }
        let judged = match &mut judgement {
            Some(judgement) => expecting::tell_live(judgement).await?,
            None => Exit::Ok,
        };
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    })
}

/// Writes a line for each selected entry until the recorder ends.
fn show(mut listener: Listener, selection: &mut Selection, lines: &mut Lines, stop: &Stop) {
    while let Some(told) = listener.blocking_next() {
        let entry = match told {
            Message::Entry(entry) => entry,
            Message::Missed { entries } => {
                anstream::eprintln!("{entries} entries are not shown: standard output took them too slowly");
                continue;
            }
        };
        selection.observe(&entry);
        if !selection.matches(&entry) {
            continue;
        }
        let mut out = io::stdout().lock();
        if out.write_all(lines.line(&entry).as_bytes()).and_then(|()| out.flush()).is_err() {
            // Whoever read enough closed the pipe.
            stop.finish("the output was closed");
            return;
        }
    }
}
