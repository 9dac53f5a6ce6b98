//! `statetrail watch`: records and prints entries as they come.

use super::arguments::{ShowArgs, Watch};
use super::exit::{Exit, Failure};
use super::printer::{self, Notation};
use super::{expecting, record, runtime, show, signals, terminal, what};
use crate::observation::printable;
use crate::recording;
use crate::run::{self, Listener, Message, Output, Recorded, Recorder, Stop};
use crate::source::Cluster;
use crate::view::line::Lines;
use crate::view::{Named, Selection};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the end waits for a blocked standard output.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the end waits for a slow one.
const LONGEST: Duration = Duration::from_secs(5);

/// Runs it.
pub(super) fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { selecting, expecting, shown, output, keeping, reaching } = command;
    let program = expecting.optional()?;
    let choosing = ShowArgs { tracks: shown, ..ShowArgs::default() };
    let mut selection = show::selection(&choosing)?;
    let mut style = terminal::style_of_stdout();
    style.namespaces = selecting.all_namespaces;
    let mut lines = Lines::new(style);
    if output.as_deref().is_some_and(recording::is_stdout) {
        return Err(Failure::usage(
            "`watch` prints to standard output: name a file, -o run.jsonl, or use `record -o -`",
        ));
    }
    run::withdraw(keeping.ready_file.as_deref())?;
    runtime::run(async {
        let stop = signals::listen()?;
        let config = signals::unless_stopped(&stop, async {
            let cluster = Arc::new(Cluster::new(reaching.access()).await?);
            if let Some(path) = &output {
                record::refuse_existing(path)?;
            }
            let watches = what::watches(&cluster, &selecting).await?;
            // Nothing would be shown, without a word.
            show::refuse_impossible(&Named::by(&selection).watched(&watches).unmatched())?;
            let destination = output.clone().map_or(Output::Nowhere, Output::New);
            Ok(record::config(cluster, watches, &keeping, destination))
        });
        let config = config.await?;
        let watches = config.watches.clone();
        let attaching = Recorder::attach(config).stopped_by(stop.clone());
        let mut judgement = program.map(|program| expecting::judge(&attaching, program, &watches)).transpose()?;
        let listener = attaching.listen();
        let (shown, mut all_shown) = watch::channel(0);
        // A separate thread: a slow reader must not delay the recorder.
        std::thread::spawn(move || show_entries(listener, &mut selection, &mut lines, &stop, &shown));
        let recorded = record::record(attaching, judgement.as_mut(), false).await;
        let aborted = recorded.as_ref().is_ok_and(|recorded| recorded.aborted);
        let stalled = !aborted && tokio::time::timeout(LONGEST, until_shown(&mut all_shown)).await != Ok(true);
        if stalled {
            printer::say("standard output is blocked: entries after its last line are not shown");
        }
        let recorded = recorded?;
        if output.is_none() {
            say_missing(&recorded);
        }
        if let Some(path) = &output {
            let summary = record::summary(path, &recorded);
            printer::say_painted(&summary.text(&terminal::style_of_stderr()));
        }
        if recorded.aborted {
            return Ok(Exit::RequestError);
        }
        let judged = match &mut judgement {
            Some(judgement) => expecting::print_live(judgement, stalled).await?,
            None => Exit::Ok,
        };
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    })
}

/// Says what was not seen; with a file, its summary does.
fn say_missing(recorded: &Recorded) {
    let verified = &recorded.finished.verified;
    let missing = verified.watches.iter().flat_map(|chain| {
        chain.problems.iter().map(move |problem| format!("{}: not whole: {}", chain.resource, printable(problem)))
    });
    missing.for_each(printer::say);
    if !verified.complete {
        printer::say("not whole: nothing may be concluded about what was not seen");
    }
}

/// Waits for the last line; false when none is written for a while.
async fn until_shown(shown: &mut watch::Receiver<u64>) -> bool {
    loop {
        match tokio::time::timeout(PATIENCE, shown.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return true,
            Err(_) => return false,
        }
    }
}

/// Writes a line for each selected entry until the recorder ends, and counts them.
fn show_entries(
    mut listener: Listener,
    selection: &mut Selection,
    lines: &mut Lines,
    stop: &Stop,
    shown: &watch::Sender<u64>,
) {
    while let Some(message) = listener.blocking_next() {
        let entry = match message {
            Message::Entry(entry) => entry,
            Message::Missed { entries } => {
                printer::say(format!("{entries} entries are not shown: standard output is too slow"));
                continue;
            }
        };
        selection.observe(&entry);
        if !selection.matches(&entry) {
            continue;
        }
        let mut out = printer::stdout(Notation::Words);
        if out.write_all(lines.line(&entry).as_bytes()).and_then(|()| out.flush()).is_err() {
            // The reader may close the pipe early.
            stop.finish("the output was closed");
            return;
        }
        shown.send_modify(|lines| *lines += 1);
    }
}
