//! `statetrail watch`: records and prints entries as they come.

use super::arguments::{ExpectArgs, ShowArgs, Watch};
use super::command::{self, Command};
use super::exit::{Exit, Failure};
use super::judgement::{Expected, Place};
use super::marks::Marks;
use super::names::{self, Chosen};
use super::printer::{self, Notation, counted};
use super::record::Beside;
use super::serving::{self, Serving};
use super::{progress, record, runtime, selected, signals, terminal, what};
use crate::observation::{self, printable};
use crate::recording;
use crate::run::{self, HistoryPolicy, Listener, Message, Output, Recorded, Recorder, Stop};
use crate::source::Cluster;
use crate::timeline::{Body, Entry};
use crate::view::digest::{Counts, Digest};
use crate::view::line::Lines;
use crate::view::{Named, Selection};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// How long the end waits for a blocked standard output.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long the end waits for a slow one.
const LONGEST: Duration = Duration::from_secs(5);

/// Runs it.
pub(super) fn run(command: Watch) -> Result<Exit, Failure> {
    let Watch { mut selecting, expecting, report, all, shown, output, keeping, reaching, metrics, command } = command;
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
    let lines = Lines::new(style);
    let screen = Arc::new(Mutex::new(Screen {
        selection,
        lines,
        digest,
        transitions: 0,
        subjects: HashSet::new(),
        failed: None,
    }));
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
            let cluster = Arc::new(Cluster::new(reaching.access()).await?);
            if let Some(path) = &output {
                record::refuse_existing(path)?;
            }
            let watches = what::watches(&cluster, &selecting).await?;
            // Nothing would be shown, without a word.
            selected::refuse_impossible(&Named::by(&lock(&screen).selection).watched(&watches).unmatched())?;
            let destination = output.clone().map_or(Output::Nowhere, Output::New);
            Ok(record::config(cluster, watches, &keeping, destination))
        });
        let config = report.unless_failed(config.await, output.as_deref())?;
        let watches = config.watches.clone();
        printer::say(beginning(&watches, &choosing, config.past));
        let attaching = Recorder::attach(config).stopped_by(stop.clone());
        let mut judgement = report.unless_failed(expected.judge(&attaching, &watches), output.as_deref())?;
        let listener = attaching.listen();
        let (shown, mut all_shown) = watch::channel(0);
        // A separate thread: a slow reader must not delay the recorder.
        let showing = Arc::clone(&screen);
        std::thread::spawn(move || show_entries(listener, &showing, (place, &stop), &shown));
        let judges = judgement.judges();
        let beside = Beside { command: command.as_ref(), marks, serving, exporter, judges };
        let recorded = record::record(attaching, judgement.ending(), beside, false).await;
        let aborted = recorded.as_ref().is_ok_and(|recorded| recorded.aborted);
        let stalled = !aborted && tokio::time::timeout(LONGEST, until_shown(&mut all_shown)).await != Ok(true);
        if stalled {
            printer::say("standard output is blocked: entries after its last line are not shown");
        }
        let recorded = report.unless_failed(recorded, output.as_deref())?;
        lock(&screen).summary(&recorded, output.is_some()).into_iter().for_each(printer::say);
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
        let failed = lock(&screen).failed.take();
        let place = if stalled || failed.is_some() { Place::Stderr } else { place };
        let judged = judgement.print(place, &report, output.as_deref()).await?;
        if let Some(error) = failed {
            return Err(Failure::trouble(run::Error::Output(error)));
        }
        // Without a file there is no recording that could be whole.
        Ok(if output.is_some() { record::exit(&recorded, judged) } else { judged })
    };
    command::concluded(command.as_ref(), || runtime::run(run))
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

/// What is shown, and how.
struct Screen {
    selection: Selection,
    lines: Lines,
    /// None when everything is shown.
    digest: Option<Digest>,
    /// Transitions that are selected, whether they are shown or not, and the uids of their subjects.
    transitions: u64,
    subjects: HashSet<SmolStr>,
    /// Why standard output can no longer be written.
    failed: Option<io::Error>,
}

impl Screen {
    /// The line of an entry, if it is shown.
    fn line(&mut self, entry: &Entry) -> Option<String> {
        self.selection.observe(entry);
        if !self.selection.matches(entry) {
            return None;
        }
        if matches!(entry.body, Body::Transition(_)) {
            self.transitions += 1;
        }
        if let Some(subject) = entry.subject.as_deref().filter(|subject| !self.subjects.contains(&subject.uid)) {
            self.subjects.insert(subject.uid.clone());
        }
        match &mut self.digest {
            Some(digest) => digest.shows(entry).map(|times| self.lines.repeated(entry, times)),
            None => Some(self.lines.line(entry)),
        }
    }

    /// What was seen, in a few lines; a recording has a summary of its own.
    fn summary(&self, recorded: &Recorded, is_recorded: bool) -> Vec<String> {
        let mut summary = Vec::new();
        let watches = &recorded.finished.progress.watches;
        if !is_recorded {
            let gaps = watches.iter().map(|watched| watched.gaps + watched.undecodable).sum();
            let (transitions, subjects) =
                (counted(self.transitions, "transition"), counted(self.subjects.len() as u64, "subject"));
            let lasted = printer::lasted(recorded.elapsed);
            summary.push(format!("watched {lasted}: {transitions} of {subjects}, {}", counted(gaps, "gap")));
        }
        if self.subjects.is_empty() && self.selection.names_objects() {
            summary.push("no object of these names was seen".to_owned());
        }
        let Some(digest) = &self.digest else { return summary };
        let failures = digest.failures();
        let width = failures.iter().take(FAILURES).map(|(subject, _)| subject.len()).max().unwrap_or_default();
        for (subject, words) in failures.iter().take(FAILURES) {
            summary.push(format!("  failed: {subject:width$}  {words}"));
        }
        if failures.len() > FAILURES {
            summary.push(format!("  and {} more that failed", failures.len() - FAILURES));
        }
        let Counts { transitions, events } = digest.counts();
        if transitions + events > 0 {
            let transitions = counted(transitions, "transition");
            let events = format!("{events} Event{}", if events == 1 { "" } else { "s" });
            summary.push(format!("not shown: {transitions} of other tracks and {events}; --all shows them"));
        }
        summary
    }
}

/// Most subjects with failures in a summary.
const FAILURES: usize = 20;

/// No panic leaves a screen half changed.
fn lock(screen: &Mutex<Screen>) -> MutexGuard<'_, Screen> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The line before anything was read, which may take long.
fn beginning(watches: &[observation::Watch], choosing: &ShowArgs, past: HistoryPolicy) -> String {
    let what = if matches!(past, HistoryPolicy::Unseen) { "listing" } else { "reading history of" };
    let shown = choosing.what.iter().chain(&choosing.names).map(String::as_str).collect::<Vec<_>>().join(", ");
    let only = if shown.is_empty() { String::new() } else { format!("; showing {shown}") };
    format!("{what} {} ...{only}", progress::selected(watches.iter()))
}

/// Writes a line for each selected entry until the recorder ends, and counts them.
fn show_entries(
    mut listener: Listener,
    screen: &Mutex<Screen>,
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
        let Some(line) = lock(screen).line(&entry) else { continue };
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
            lock(screen).failed = Some(error).filter(|_| !is_closed);
            return;
        }
        shown.send_modify(|lines| *lines += 1);
    }
}
