//! `statetrail watch`: records and prints entries as they come.

use super::arguments::{ExpectArgs, ShowArgs, Watch};
use super::command::{self, Command};
use super::exit::{Exit, Failure};
use super::judgement::{Expected, Place};
use super::marks::Marks;
use super::names::{self, Chosen};
use super::player::{self, Closed, Opening, Watching as Screen};
use super::printer::{self, Notation};
use super::record::Beside;
use super::serving::{self, Serving};
use super::tally::{Fate, Tally};
use super::{progress, record, runtime, selected, signals, sources, terminal, what};
use crate::observation::{self, printable};
use crate::recording;
use crate::run::{self, HistoryPolicy, Listener, Message, Output, Recorded, Recorder, Stop};
use crate::timeline::Entry;
use crate::view::digest::Digest;
use crate::view::line::Lines;
use crate::view::{Named, Style};
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// How long the end waits for a blocked standard output.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the end waits for a slow one.
const LONGEST: Duration = Duration::from_secs(5);

/// Runs it.
#[expect(clippy::too_many_lines, reason = "one step after another, each of which needs what the ones before it made")]
pub(super) fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { mut selecting, expecting, report, all, shown, tui, output, keeping, reaching, metrics, command } =
        command;
    if tui {
        refuse_screen(&command, keeping.marks_from.as_deref())?;
    }
    // With a command, it is the command that ends the recording.
    let none = ExpectArgs::default();
    let (ending, beside) = if command.is_empty() { (&expecting, &none) } else { (&none, &expecting) };
    let report = record::prepared((report, &keeping), output.as_deref(), &[&expecting], &reaching)?;
    let expected = Expected::new(ending, beside, &report)?;
    let Chosen { watched, what, names } = names::chosen(&selecting.what)?;
    // An Event that nobody asked for is shown if it is a Warning.
    let is_of_events = watched.iter().any(|word| what::names_events(word));
    let digest = (!all && shown.is_empty()).then(|| Digest::new(is_of_events));
    selecting.what = watched;
    let choosing = ShowArgs { what, names, tracks: shown, ..ShowArgs::default() };
    let selection = selected::selection(&choosing)?;
    let place = if command.is_empty() { Place::Stdout } else { Place::Stderr };
    let mut style = place.style();
    style.namespaces = selecting.all_namespaces;
    let printing = Arc::new(Mutex::new(Printing::new(style)));
    let tally = Arc::new(Mutex::new(Tally::new(selection, digest)));
    if output.as_deref().is_some_and(recording::is_dash) {
        return Err(Failure::usage(
            "`watch` prints to standard output: name a file, -o run.jsonl, or use `record -o -`",
        ));
    }
    let marks = Marks::of(keeping.marks_from.as_deref(), !command.is_empty())?;
    let command = Command::of(command, output.as_deref())?;
    let run = async {
        let stop = signals::listen_beside(command.as_ref().map(Command::process))?;
        let serving = Serving::of(None, command.as_ref())?;
        let exporter = serving::exporter(metrics)?;
        let config = signals::unless_stopped(&stop, async {
            let is_needed = sources::need_cluster(&selecting.what)?;
            let cluster = Arc::new(sources::cluster(&reaching, is_needed).await?);
            if let Some(path) = &output {
                record::refuse_existing(path)?;
            }
            let watches = what::watches(&cluster, &selecting).await?;
            // Nothing would be shown, without a word.
            selected::refuse_impossible(&Named::by(lock(&tally).selection()).watched(&watches).unmatched())?;
            let destination = output.clone().map_or(Output::Nowhere, Output::New);
            Ok(record::config(cluster, watches, &keeping, destination))
        });
        let config = report.unless_failed(config.await, output.as_deref())?;
        let watches = config.watches.clone();
        let held = tui.then(|| {
            config.cluster.leave_terminal();
            printer::hold()
        });
        printer::say(beginning(&watches, &choosing, config.past));
        let attaching = Recorder::attach(config).stopped_by(stop.clone());
        let mut judgement = report.unless_failed(expected.judge(&attaching, &watches), output.as_deref())?;
        let listener = attaching.listen();
        let (shown, mut all_shown) = watch::channel(0);
        let (begun, started) = oneshot::channel();
        let screen = if let Some(held) = held {
            let (tally, stop) = (Arc::clone(&tally), stop.clone());
            let file = output.as_deref().and_then(name_of);
            let opening = Opening { listener, tally, style, watches, file, stop, started, held, handled: shown };
            Some(report.unless_failed(Screen::open(opening), output.as_deref())?)
        } else {
            // A separate thread: a slow reader must not delay the recorder.
            let (tally, printing, stop) = (Arc::clone(&tally), Arc::clone(&printing), stop.clone());
            std::thread::spawn(move || show_entries(listener, (&tally, &printing), (place, &stop), &shown));
            None
        };
        let judges = judgement.judges();
        let beside = Beside { command: command.as_ref(), marks, serving, exporter, judges, started: Some(begun) };
        let recorded = record::record(attaching, judgement.ending(), beside, false).await;
        let aborted = recorded.as_ref().is_ok_and(|recorded| recorded.aborted);
        let is_drawn = screen.is_some();
        let closed = if let Some(screen) = screen { screen.close().await } else { Closed::default() };
        let mut stalled = closed.is_stalled;
        if !aborted && tokio::time::timeout(LONGEST, until_shown(&mut all_shown)).await != Ok(true) && !is_drawn {
            stalled = true;
            printer::say("standard output is blocked: entries after its last line are not shown");
        }
        let recorded = report.unless_failed(recorded, output.as_deref())?;
        let width = terminal::style_of_stderr().width;
        lock(&tally).summary(&recorded, output.is_some(), width).into_iter().for_each(printer::say);
        if output.is_none() {
            say_missing(&recorded);
        }
        if let Some(path) = &output {
            let summary = record::summary(path, &recorded);
            printer::say_painted(&summary.text(&terminal::style_of_stderr()));
        }
        if recorded.aborted {
            report.without_verdicts(record::ABORTED, output.as_deref());
            return Ok(Exit::RequestError);
        }
        let failed = lock(&printing).failed.take();
        let place = if stalled || failed.is_some() { Place::Stderr } else { place };
        let judged = judgement.print(place, &report, output.as_deref()).await?;
        if let Some(failed) = closed.failed {
            return Err(failed);
        }
        if let Some(error) = failed {
            return Err(Failure::trouble(run::Error::Output(error)));
        }
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    };
    command::concluded(command.as_ref(), || runtime::run(run))
}

/// The name of a file, without its folder.
fn name_of(path: &Path) -> Option<String> {
    Some(printable(&path.file_name()?.to_string_lossy()).to_string())
}

/// Says what was not seen; with a file, its summary does.
fn say_missing(recorded: &Recorded) {
    let verified = &recorded.finished.verified;
    let missing = verified.watches.iter().flat_map(|chain| {
        chain.problems.iter().map(move |problem| format!("{}: not whole: {}", chain.selected, printable(problem)))
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

/// How lines are printed, and whether they could be.
struct Printing {
    lines: Lines,
    /// The same for a terminal that is too narrow for them.
    narrow: Lines,
    /// The width at which they did not fit.
    too_narrow: Option<usize>,
    /// Why standard output can no longer be written.
    failed: Option<io::Error>,
}

impl Printing {
    fn new(style: Style) -> Self {
        Self { lines: Lines::new(style), narrow: Lines::fitted(style, []), too_narrow: None, failed: None }
    }

    /// The line of an entry; in a terminal that is too narrow, names are shortened before a state is cut.
    fn line(&mut self, entry: &Entry, times: u32, width: Option<usize>) -> String {
        self.narrow.fit(entry);
        if let Some(width) = width {
            if !self.lines.fits(entry, width) {
                self.too_narrow = self.too_narrow.max(Some(width));
            }
            // Once narrow, all of them are, so that columns stay where they are.
            if self.too_narrow >= Some(width) {
                return self.narrow.within(width).repeated(entry, times);
            }
            // The window may have been another size at the start.
            return self.lines.sized(width).repeated(entry, times);
        }
        self.lines.repeated(entry, times)
    }
}

/// No panic leaves it half changed.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The line before anything was read, which may take long.
fn beginning(watches: &[observation::Watch], choosing: &ShowArgs, past: HistoryPolicy) -> String {
    let has_history = watches.iter().any(observation::Watch::is_served) && !matches!(past, HistoryPolicy::Unseen);
    let what = if has_history { "reading history of" } else { "listing" };
    let shown = choosing.what.iter().chain(&choosing.names).map(String::as_str).collect::<Vec<_>>().join(", ");
    let only = if shown.is_empty() { String::new() } else { format!("; showing {shown}") };
    format!("{what} {} ...{only}", progress::selected(watches.iter()))
}

/// Writes a line for each entry that is shown until the recorder ends, and counts them.
fn show_entries(
    mut listener: Listener,
    (tally, printing): (&Mutex<Tally>, &Mutex<Printing>),
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
        let Fate::Shown(times) = lock(tally).take(&entry) else { continue };
        let line = lock(printing).line(&entry, times, place.style().width);
        let written = match place {
            Place::Stdout => printer::print(Notation::Words, &line),
            Place::Stderr => {
                printer::say_painted(&line);
                Ok(())
            }
        };
        if let Err(error) = written {
            // The reader may close the pipe early.
            let is_closed = error.kind() == io::ErrorKind::BrokenPipe;
            stop.finish(if is_closed { "the output was closed" } else { "standard output cannot be written" });
            lock(printing).failed = Some(error).filter(|_| !is_closed);
            return;
        }
        shown.send_modify(|lines| *lines += 1);
    }
}

/// Refuses a screen where the terminal is not for it alone.
fn refuse_screen(command: &[OsString], marks: Option<&Path>) -> Result<(), Failure> {
    let remedy = if !command.is_empty() {
        "--tui needs the terminal for itself, and COMMAND prints there: leave one of the two out, or run COMMAND in \
         another terminal"
    } else if !terminal::is_screen() {
        player::NO_TERMINAL
    } else if marks.is_some_and(recording::is_dash) && io::stdin().is_terminal() {
        "--tui takes its keys from the terminal: name a file or a pipe, --marks-from FILE, or leave --tui out"
    } else {
        return Ok(());
    };
    Err(Failure::usage(remedy))
}
