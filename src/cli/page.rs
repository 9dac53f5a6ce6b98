//! The page for browsers: a recording, and the verdicts on it, as one HTML file.

use super::arguments::ShowArgs;
use super::exit::{self, Failure};
use super::selected::{Selected, caveats};
use super::{progress, terminal};
use crate::kinds::Definitions;
use crate::observation::{Payload, Subject, Track};
use crate::recording::{Reader, is_dash};
use crate::run::{self, FoldedRecording};
use crate::source::wall;
use crate::timeline::{Body, Entry, Transition};
use crate::view::browser::{Head, Objects, Page, WatchHead};
use crate::view::verdict::{self, Judged};
use crate::view::{Selection, Shown, Style, verdict::Format};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Duration;

/// Writes the page of what was selected to standard output.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(selected: &Selected, choosing: &ShowArgs) -> io::Result<()> {
    let Selected { path, whole, selection, .. } = selected;
    let page = page(path, whole, entries(selection, &whole.entries));
    let [since, until] = selection.since_start(whole.header.started);
    let at = |elapsed: Duration| whole.header.started.checked_add(elapsed).ok();
    let (since, until) = (since.and_then(at), until.and_then(at));
    print(Page { head: Head { selection: words(choosing), since, until, ..page.head }, ..page })
}

/// The entries of what is shown, also those outside of the window and the deletions: how long a state was held follows
/// from what came next.
fn entries<'a>(selection: &Selection, all: &'a [Entry]) -> Vec<&'a Entry> {
    let timeless = selection.timeless();
    let shown: Vec<bool> = selection.shown(all).into_iter().map(Shown::is_shown).collect();
    let subject = |entry: &'a Entry| entry.subject.as_deref();
    let subjects: HashSet<&Subject> =
        all.iter().zip(&shown).filter(|(_, shown)| **shown).filter_map(|(entry, _)| subject(entry)).collect();
    let is_life = |entry: &Entry| matches!(&entry.body, Body::Transition(Transition { track: Track::Lifecycle, .. }));
    let is_kept = |(entry, shown): &(&'a Entry, bool)| match subject(entry) {
        Some(subject) => subjects.contains(subject) && (timeless.matches(entry) || is_life(entry)),
        None => *shown,
    };
    all.iter().zip(shown).filter(is_kept).map(|(entry, _)| entry).collect()
}

/// `check -o html`: the whole timeline, with the verdicts.
///
/// # Errors
/// The recording cannot be read again, or the page cannot be written.
pub(super) fn check(path: &Path, tracks: &Definitions, judged: &[Judged<'_>]) -> Result<(), Failure> {
    let reader = Reader::open(path)?.changed(|header| tracks.add(&mut header.watches, header.capture));
    let whole = run::folded(reader.map_err(Failure::usage)?, |_| true)?;
    let page = page(path, &whole, whole.entries.iter().collect());
    exit::written(print(Page { verdicts: Some(verdicts(judged)), ..page })).map(|_| ())
}

/// The page of a recording that has just been made, with the verdicts on it.
///
/// # Errors
/// The recording cannot be read.
pub(super) fn report(path: &Path, judged: &[Judged<'_>], out: &mut impl Write) -> Result<(), Failure> {
    let whole = run::folded(Reader::open(path)?, |_| true)?;
    let page = page(path, &whole, whole.entries.iter().collect());
    let verdicts = (!judged.is_empty()).then(|| verdicts(judged));
    Page { verdicts, ..page }.write(out).map_err(|error| Failure::trouble(run::Error::Output(error)))
}

/// The page of a recording that was never made, and why.
///
/// # Errors
/// It cannot be written.
pub(super) fn unrecorded(path: Option<&Path>, why: &str, out: &mut impl Write) -> Result<(), Failure> {
    let recording = path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let now = wall();
    let notices = Some(vec![sentence(&format!("nothing was recorded: {why}"))]);
    let head = Head { recording, started: now, last: now, notices, ..Head::default() };
    let page = Page { head, entries: Vec::new(), verdicts: None, objects: Objects::default() };
    page.write(out).map_err(|error| Failure::trouble(run::Error::Output(error)))
}

fn print(page: Page<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(terminal::stdout());
    page.write(&mut out)?;
    out.flush()
}

/// The document of verdicts.
fn verdicts(judged: &[Judged<'_>]) -> Box<RawValue> {
    let mut document = Vec::new();
    verdict::write(Format::Json, judged, &Style::default(), &mut document).expect("memory can be written");
    let document = String::from_utf8(document).expect("JSON is UTF-8");
    RawValue::from_string(document.trim_end().to_owned()).expect("it is JSON")
}

/// The page of some entries of a recording.
fn page<'a>(path: &Path, whole: &FoldedRecording, entries: Vec<&'a Entry>) -> Page<'a> {
    let objects = objects(path, &entries);
    Page { head: head(path, whole), entries, verdicts: None, objects }
}

fn head(path: &Path, whole: &FoldedRecording) -> Head {
    let header = &whole.header;
    Head {
        recording: path.file_name().filter(|_| !is_dash(path)).map(|name| name.to_string_lossy().into_owned()),
        cluster: header.cluster.as_ref().map(ToString::to_string),
        kubernetes: header.environment.kubernetes.clone(),
        kubevirt: header.environment.kubevirt.clone(),
        started: header.started,
        last: whole.last.map_or(header.started, |last| last.at),
        open: whole.is_open(),
        caveats: caveats(whole),
        notices: Some(notices(whole)),
        watches: header.watches.iter().map(WatchHead::from).collect(),
        ..Head::default()
    }
}

/// What is wrong with a recording, in sentences.
fn notices(whole: &FoldedRecording) -> Vec<String> {
    let damage = whole.damage.as_ref().map(|damage| match damage.place() {
        Some((line, _)) => format!("the recording is damaged at line {line}: only what is before that is shown"),
        None => "the recording is damaged: only what is before the damage is shown".to_owned(),
    });
    let is_open = whole.is_open() && whole.damage.is_none();
    let open = is_open.then(|| "the recorder was still running, or was killed: the recording has no end".to_owned());
    let torn = whole.torn.map(|torn| progress::torn_words(torn, "shown"));
    let missing = whole.missing.as_deref().map(progress::missing_words);
    let all = damage.into_iter().chain(torn).chain(open).chain(missing).chain(progress::unattached_words(whole));
    all.map(|words| sentence(&words)).collect()
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// What was selected, as it was typed.
fn words(choosing: &ShowArgs) -> Option<String> {
    let ShowArgs { what, kinds, namespaces, names, uids, tracks, since, until, .. } = choosing;
    let flags = |flag: &str, values: &[String]| -> Vec<String> {
        values.iter().flat_map(|value| [flag.to_owned(), value.clone()]).collect()
    };
    let tracks: Vec<String> = tracks.iter().filter(|track| !track.contains('=')).cloned().collect();
    let parts = [
        what.clone(),
        flags("--kind", kinds),
        flags("-n", namespaces),
        flags("--name", names),
        flags("--uid", uids),
        flags("--track", &tracks),
        flags("--since", since.as_slice()),
        flags("--until", until.as_slice()),
    ];
    Some(parts.concat().join(" ")).filter(|words| !words.is_empty())
}

/// The objects behind some entries. A recording that cannot be read again, such as one from a pipe, has none at hand.
fn objects(path: &Path, entries: &[&Entry]) -> Objects {
    let mut objects = Objects::default();
    let subjects = entries.iter().filter_map(|entry| entry.subject.as_ref());
    let wanted: HashSet<&str> = subjects.map(|subject| subject.uid.as_str()).collect();
    let Some(reader) = path.is_file().then(|| Reader::open(path).ok()).flatten() else { return objects };
    for record in reader.map_while(Result::ok) {
        if let Payload::Object(event) = &record.observation.payload
            && wanted.contains(event.object.uid.as_str())
        {
            objects.add(&event.object.uid, record.seq, event.object.json.get());
        }
    }
    objects
}
