//! `statetrail watch`: records and prints entries as they come.

use super::arguments::{ExpectArgs, ShowArgs, Watch};
use super::command::{self, Command};
use super::exit::{Exit, Failure};
use super::judgement::{Expected, Place};
use super::printer::{self, Notation};
use super::{record, runtime, show, signals, terminal, what};
use crate::observation::printable;
use crate::recording;
use crate::run::{self, Listener, Message, Output, Recorded, Recorder, Stop};
use crate::source::Cluster;
use crate::view::line::Lines;
use crate::view::{Named, Selection};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long the end waits for a blocked standard output.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the end waits for a slow one.
const LONGEST: Duration = Duration::from_secs(5);

/// Runs it.
pub(super) fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { selecting, expecting, report, shown, output, keeping, reaching, command } = command;
    // With a command, it is the command that ends the recording.
    let none = ExpectArgs::default();
    let (ending, beside) = if command.is_empty() { (&expecting, &none) } else { (&none, &expecting) };
    let expected = Expected::new(ending, beside, report)?;
    let choosing = ShowArgs { tracks: shown, ..ShowArgs::default() };
    let mut selection = show::selection(&choosing)?;
    let place = if command.is_empty() { Place::Stdout } else { Place::Stderr };
    let mut style = place.style();
    style.namespaces = selecting.all_namespaces;
    let mut lines = Lines::new(style);
    if output.as_deref().is_some_and(recording::is_stdout) {
        return Err(Failure::usage(
            "`watch` prints to standard output: name a file, -o run.jsonl, or use `record -o -`",
        ));
    }
    let command = Command::of(command, output.as_deref())?;
    expected.withdraw_report()?;
    run::withdraw(keeping.ready_file.as_deref())?;
    let run = async {
        let stop = signals::listen_beside(command.as_ref().map(Command::process))?;
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
        let mut judgement = expected.judge(&attaching, &watches)?;
        let listener = attaching.listen();
        let (shown, mut all_shown) = watch::channel(0);
        // A separate thread: a slow reader must not delay the recorder.
        std::thread::spawn(move || {
            show_entries(listener, &mut selection, &mut lines, (place, &stop), &shown);
        });
        let recorded = record::record(attaching, judgement.ending(), command.as_ref(), false).await;
        let aborted = recorded.as_ref().is_ok_and(|recorded| recorded.aborted);
        let stalled = !aborted && tokio::time::timeout(LONGEST, until_shown(&mut all_shown)).await != Ok(true);
        if stalled {
            printer::say("standard output is blocked: entries after its last line are not shown");
        }
        let recorded = judgement.unless_failed(recorded, output.as_deref())?;
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
        let place = if stalled { Place::Stderr } else { place };
        let judged = judgement.print(place, output.as_deref()).await?;
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    };
    command::concluded(command.as_ref(), || runtime::run(run))
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
    (place, stop): (Place, &Stop),
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
        let line = lines.line(&entry);
        let written = match place {
            Place::Stdout => printer::print(Notation::Words, &line),
            Place::Stderr => {
                printer::say_painted(&line);
                Ok(())
            }
        };
        if written.is_err() {
            // The reader may close the pipe early.
            stop.finish("the output was closed");
            return;
        }
        shown.send_modify(|lines| *lines += 1);
    }
}
