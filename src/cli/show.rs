//! `statetrail show`: prints a recording.

use super::arguments::{Show, ShowArgs};
use super::exit::{Exit, Failure};
use super::pager::Pager;
use super::printer::{self, Notation, Printer};
use super::{progress, terminal, what};
use crate::kinds::{self, Definitions};
use crate::observation::{Track, listed};
use crate::recording::{Clock, Header, Reader};
use crate::run::{self, FoldedRecording};
use crate::timeline::{Body, Entry, Transition};
use crate::view::{Caveats, Durations, Ending, Format, Moment, Named, Origin, Selection, Unmatched};
use jiff::SignedDuration;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The last digit of a printed time.
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// Runs it.
pub(super) fn run(command: &Show) -> Result<Exit, Failure> {
    let (defined, shown): (Vec<String>, Vec<String>) =
        command.choosing.tracks.iter().cloned().partition(|word| word.contains('='));
    let defined = what::definitions(&defined)?;
    let without_state = RefCell::new(defined.names().collect::<BTreeSet<_>>());
    refuse_file(&command.choosing)?;
    let typed = selection(&ShowArgs { tracks: shown, ..command.choosing.clone() })?;
    let whom = typed.subjects();
    let named = RefCell::new(Named::by(&typed));
    let (whole, selection) = read(&command.recording, &defined, &typed, |entry| {
        named.borrow_mut().entry(entry);
        if let Body::Transition(Transition { track: Track::Custom(name), .. }) = &entry.body {
            without_state.borrow_mut().remove(name);
        }
        whom.matches(entry)
    })?;
    let unmatched = named.into_inner().watched(&whole.header.watches).unmatched();
    if let Some(torn) = whole.torn {
        progress::torn(&command.recording, torn, "shown");
    }
    if let Some(missing) = &whole.missing {
        progress::missing(&command.recording, missing);
    }
    let durations = if whole.is_measured() {
        Durations::Measured
    } else if whole.header.clock == Clock::Server {
        Durations::Stamped
    } else {
        Durations::Unknown
    };
    let warning = match durations {
        Durations::Measured => None,
        Durations::Stamped => {
            Some("its times are stamps of the writers' clocks in whole seconds, and not of receipt: no stay is exact")
        }
        Durations::Unknown => Some("its times are of clocks that do not compare: how long anything took is not known"),
    };
    if let Some(warning) = warning {
        printer::say(format!("warning: {}: {warning}", command.recording.display()));
    }
    progress::steps(&command.recording, &whole.steps);
    progress::unattached(&command.recording, &whole);
    let notation = if command.output == Format::Json { Notation::Json } else { Notation::Words };
    let mut style = terminal::style_of_stdout();
    style.namespaces = command.choosing.all_namespaces;
    style.start = Some(whole.header.started);
    let stepped = !whole.steps.is_empty();
    style.caveats = Caveats { durations, stepped, incomplete: whole.missing.is_some() };
    let mut pager = Pager::start(!command.no_pager);
    let mut out = BufWriter::new(Printer::new(&mut pager, notation, style.colour));
    let written =
        if command.output.is_for_people() { out.write_all(origin(&whole).text(&style).as_bytes()) } else { Ok(()) };
    let written = written
        .and_then(|()| command.output.write(&whole.entries, &selection, &style, &mut out))
        .and_then(|()| out.flush());
    drop(out);
    pager.finish();
    match written {
        // The reader may close the pipe early.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(Exit::Ok),
        Err(error) => return Err(Failure::trouble(run::Error::Output(error))),
        Ok(()) => {}
    }
    // The output is about the lines before the damage, and what is not found may be behind it.
    if let Some(damage) = whole.damage {
        return Err(damage.into());
    }
    let without_state = without_state.into_inner();
    let without_state = without_state.iter().map(|name| format!("no object has a value at the path of track `{name}`"));
    let messages: Vec<String> = unmatched.into_iter().map(|unmatched| unmatched.message).chain(without_state).collect();
    if !messages.is_empty() {
        let name = command.recording.display();
        let missing: Vec<String> = messages.iter().map(|message| format!("{name}: {message}")).collect();
        return Err(Failure::not_found(missing.join("\nerror: ")));
    }
    if !selection.shown(&whole.entries).iter().any(|shown| shown.is_shown()) {
        let name = command.recording.display();
        let said =
            nothing(&selection, &whole.entries).map_err(|error| Failure::not_found(format!("{name}: {error}")))?;
        printer::say(said);
    }
    Ok(Exit::Ok)
}

/// Where a recording is from, and how it ends.
fn origin(whole: &FoldedRecording) -> Origin {
    let header = &whole.header;
    let is_open = header.clock == Clock::Receipt && whole.fold.coverage().iter().any(|coverage| !coverage.over);
    let ending = whole.last.filter(|_| is_open).map_or(Ending::Closed, |last| Ending::Open(last.at));
    Origin {
        cluster: header.cluster.as_ref().map(ToString::to_string),
        kubernetes: header.environment.kubernetes.clone(),
        kubevirt: header.environment.kubevirt.clone(),
        ending,
    }
}

/// Fails if a moment is not in the recording.
fn require_moment(moment: &Moment, whole: &FoldedRecording) -> Result<(), Failure> {
    let start = whole.header.started;
    let Some(last) = whole.last else { return Ok(()) };
    let is_within = match moment {
        // Of a printed time, the whole millisecond is meant.
        Moment::At(at) => *at >= start && at.saturating_sub(MILLISECOND).is_ok_and(|at| at < last.at),
        Moment::Elapsed(elapsed) => *elapsed <= last.elapsed,
        _ => true,
    };
    if is_within {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "--at {moment}: the recording has nothing of that time; it is from {start:.3} to {:.3}",
        last.at
    )))
}

/// Fails if no part of a window is in the recording.
fn require_window(selection: &Selection, whole: &FoldedRecording) -> Result<(), Failure> {
    let (start, Some(last)) = (whole.header.started, whole.last) else { return Ok(()) };
    let outside = match (&selection.since, &selection.until) {
        (Some(Moment::At(since)), _) if *since > last.at => "--since is after the end of the recording",
        (Some(Moment::Elapsed(since)), _) if *since > last.elapsed => "--since is after the end of the recording",
        (_, Some(Moment::At(until))) if *until < start => "--until is before the start of the recording",
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("{outside}, which is from {start:.3} to {:.3}", last.at)))
}

/// What is said where each of the selectors matches something, but nothing matches them all; an error where objects or
/// tracks are named.
fn nothing(selection: &Selection, entries: &[Entry]) -> Result<String, String> {
    let matching = |selection: Selection| entries.iter().filter(|entry| selection.matches(entry)).count();
    let of_subjects = matching(selection.subjects());
    let of_tracks = matching(Selection { since: None, until: None, ..selection.clone() });
    match &selection.namespaces[..] {
        _ if of_tracks > 0 && selection.is_moment() && selection.names_an_object() => {
            Err(format!("what was selected did not exist at that moment, though there are {of_tracks} entries of it"))
        }
        _ if of_tracks > 0 && selection.is_moment() => Ok("No resources found at that moment.".to_owned()),
        _ if of_tracks > 0 => Ok(format!("Nothing found: --since and --until leave out all {of_tracks} entries.")),
        _ if of_subjects > 0 => {
            let names: BTreeSet<String> = tracks(selection, entries).map(ToString::to_string).collect();
            let wanted = words(&selection.tracks);
            Err(format!("what was selected has no track {wanted}; it has {}", listed(names.iter().map(String::as_str))))
        }
        _ if selection.names_an_object() => {
            let parts = [
                ("kind", words(&selection.kinds)),
                ("namespace", words(&selection.namespaces)),
                ("name", words(&selection.names)),
                ("uid", words(&selection.uids)),
            ];
            let parts = parts.iter().filter(|(_, words)| !words.is_empty());
            let parts: Vec<String> = parts.map(|(what, words)| format!("{what} {words}")).collect();
            Err(format!("it has no object that matches all of {}", parts.join(", ")))
        }
        [namespace] => Ok(format!("No resources found in {namespace} namespace.")),
        _ => Ok("No resources found.".to_owned()),
    }
}

/// The tracks of what is selected, whether or not they are.
fn tracks<'a>(selection: &Selection, entries: &'a [Entry]) -> impl Iterator<Item = &'a Track> {
    let whom = selection.subjects();
    entries.iter().filter(move |entry| whom.matches(entry)).filter_map(|entry| match &entry.body {
        Body::Transition(transition) => Some(&transition.track),
        _ => None,
    })
}

/// `` `a` or `b` ``.
fn words(all: &[impl ToString]) -> String {
    all.iter().map(|word| format!("`{}`", word.to_string())).collect::<Vec<_>>().join(" or ")
}

/// Fails if another file is named where kinds and objects are.
fn refuse_file(choosing: &ShowArgs) -> Result<(), Failure> {
    match choosing.what.first() {
        Some(word) if kinds::named(word).is_none() && Path::new(word).is_file() => Err(Failure::usage(format!(
            "{word} is a file, and `show` shows one recording: run it once for each; after the recording come kinds and \
             objects, such as vm/web"
        ))),
        _ => Ok(()),
    }
}

/// Fails for selectors that no recording could match.
pub(super) fn refuse_impossible(unmatched: &[Unmatched]) -> Result<(), Failure> {
    let wrong = unmatched.iter().filter(|unmatched| unmatched.is_impossible);
    let wrong: Vec<&str> = wrong.map(|unmatched| unmatched.message.as_str()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Failure::usage(wrong.join("\nerror: "))) }
}

/// Reads a recording and keeps some of its entries; damage before any of them is an error.
fn read(
    path: &Path,
    defined: &Definitions,
    typed: &Selection,
    keeps: impl Fn(&Entry) -> bool,
) -> Result<(FoldedRecording, Selection), Failure> {
    let reader = Reader::open(path)?.changed(|header| defined.add(&mut header.watches, header.capture));
    let reader = reader.map_err(Failure::usage)?;
    let mut whole = run::folded(reader, keeps)?;
    let start = whole.header.started;
    let end = whole.last.map_or(start, |last| last.at);
    match typed.clone().within(start, end).and_then(|selection| selection.resolve(&whole.entries)) {
        Ok(selection) => {
            if let Some(moment) = selection.since.as_ref().filter(|_| selection.is_moment()) {
                require_moment(moment, &whole)?;
            } else {
                require_window(&selection, &whole)?;
            }
            Ok((whole, selection))
        }
        // The mark may be after the damage.
        Err(error) => Err(whole.damage.take().map_or_else(|| Failure::usage(error), Failure::from)),
    }
}

/// The whole timeline of a recording. A truncated end is reported on stderr.
pub(super) fn timeline(path: &Path) -> Result<(Header, Vec<Entry>), Failure> {
    let whole = run::folded(Reader::open(path)?, |_| true).map_err(Failure::trouble)?;
    if let Some(torn) = whole.torn {
        progress::torn(path, torn, "shown");
    }
    whole.damage.map_or(Ok((whole.header, whole.entries)), |damage| Err(damage.into()))
}

/// The selectors as typed.
pub(super) fn selection(choosing: &ShowArgs) -> Result<Selection, Failure> {
    fn all<T: std::str::FromStr<Err = crate::view::Error>>(words: &[String]) -> Result<Vec<T>, Failure> {
        words.iter().map(|word| word.parse().map_err(Failure::usage)).collect()
    }
    if choosing.namespaces.iter().any(String::is_empty) {
        return Err(Failure::usage(
            "the namespace is empty: write a name, or a pattern such as kubevirt-*, or leave -n out for all namespaces",
        ));
    }
    let since = |word: &String| word.parse().map_err(Failure::usage);
    let until = |word: &String| Moment::until(word).map_err(Failure::usage);
    let mut kinds = what::words(&choosing.what)?;
    kinds.extend(choosing.kinds.iter().flat_map(|kinds| kinds.split(',')).map(str::to_owned));
    Ok(Selection {
        kinds: all(&kinds)?,
        namespaces: all(&choosing.namespaces)?,
        names: all(&choosing.names)?,
        uids: all(&choosing.uids)?,
        tracks: all(&choosing.tracks)?,
        since: choosing.at.as_ref().map(until).or(choosing.since.as_ref().map(since)).transpose()?,
        until: choosing.at.as_ref().or(choosing.until.as_ref()).map(until).transpose()?,
    })
}
