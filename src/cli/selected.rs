//! What of a recording is shown: the selectors that `show`, `replay` and `watch` share, and the reading that `show` and
//! `replay` do. What is wrong with the recording is said on standard error.

use super::arguments::ShowArgs;
use super::exit::Failure;
use super::{printer, progress, terminal, what};
use crate::kinds::{self, Definitions};
use crate::observation::{Track, listed};
use crate::recording::{Clock, Reader};
use crate::run::{self, FoldedRecording};
use crate::timeline::{Body, Entry, Transition};
use crate::view::{Caveats, Durations, Moment, Named, Selection, Style, Unmatched};
use jiff::SignedDuration;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The last digit of a printed time.
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

/// A recording, and what of it is to be shown.
pub(super) struct Selected {
    pub path: PathBuf,
    pub whole: FoldedRecording,
    pub selection: Selection,
    /// For standard output.
    pub style: Style,
    /// What was named and is not in the recording.
    missing: Vec<String>,
}

impl Selected {
    /// Reads a recording for a command, and says what is wrong with it; `at` is one moment, instead of a window.
    ///
    /// # Errors
    /// The recording cannot be read, or the selectors are invalid.
    pub(super) fn of(command: &str, path: &Path, choosing: &ShowArgs, at: Option<&str>) -> Result<Self, Failure> {
        let (defined, tracks): (Vec<String>, Vec<String>) =
            choosing.tracks.iter().cloned().partition(|word| word.contains('='));
        let defined = what::definitions(&defined)?;
        let without_state = RefCell::new(defined.names().collect::<BTreeSet<_>>());
        refuse_file(command, choosing)?;
        let mut typed = selection(&ShowArgs { tracks, ..choosing.clone() })?;
        if let Some(at) = at {
            let moment = Moment::until(at).map_err(Failure::usage)?;
            (typed.since, typed.until) = (Some(moment.clone()), Some(moment));
        }
        let whom = typed.subjects();
        let named = RefCell::new(Named::by(&typed));
        let (whole, selection) = read(path, &defined, &typed, |entry| {
            named.borrow_mut().entry(entry);
            if let Body::Transition(Transition { track: Track::Custom(name), .. }) = &entry.body {
                without_state.borrow_mut().remove(name);
            }
            whom.matches(entry)
        })?;
        let unmatched = named.into_inner().watched(&whole.header.watches).unmatched();
        let without_state = without_state.into_inner();
        let without_state =
            without_state.iter().map(|name| format!("no object has a value at the path of track `{name}`"));
        let missing = unmatched.into_iter().map(|unmatched| unmatched.message).chain(without_state).collect();
        let style = style(choosing, &whole);
        warn(path, &whole, style.caveats.durations);
        Ok(Self { path: path.to_owned(), whole, selection, style, missing })
    }

    /// Fails if something was named that is not in the recording.
    pub(super) fn refuse_missing(&self) -> Result<(), Failure> {
        if self.missing.is_empty() {
            return Ok(());
        }
        let name = self.path.display();
        let missing: Vec<String> = self.missing.iter().map(|message| format!("{name}: {message}")).collect();
        Err(Failure::not_found(missing.join("\nerror: ")))
    }

    /// What is said where nothing is shown; none where something is.
    ///
    /// # Errors
    /// Objects or tracks are named.
    pub(super) fn nothing(&self) -> Result<Option<String>, Failure> {
        let Self { path, whole, selection, .. } = self;
        if selection.shown(&whole.entries).iter().any(|shown| shown.is_shown()) {
            return Ok(None);
        }
        let said = nothing(selection, &whole.entries);
        said.map(Some).map_err(|error| Failure::not_found(format!("{}: {error}", path.display())))
    }
}

/// The style for standard output, with what the entries do not show.
fn style(choosing: &ShowArgs, whole: &FoldedRecording) -> Style {
    Style {
        namespaces: choosing.all_namespaces,
        start: Some(whole.header.started),
        caveats: caveats(whole),
        ..terminal::style_of_stdout()
    }
}

/// What the entries of a recording do not show.
pub(super) fn caveats(whole: &FoldedRecording) -> Caveats {
    let durations = if whole.is_measured() {
        Durations::Measured
    } else if whole.header.clock == Clock::Server {
        Durations::Stamped
    } else {
        Durations::Unknown
    };
    Caveats { durations, stepped: !whole.steps.is_empty(), incomplete: whole.missing.is_some() }
}

/// Says what is wrong with a recording.
fn warn(path: &Path, whole: &FoldedRecording, durations: Durations) {
    if let Some(torn) = whole.torn {
        progress::torn(path, torn, "shown");
    }
    if let Some(missing) = &whole.missing {
        progress::missing(path, missing);
    }
    let warning = match durations {
        Durations::Measured => None,
        Durations::Stamped => {
            Some("its times are stamps of the writers' clocks in whole seconds, and not of receipt: no stay is exact")
        }
        Durations::Unknown => Some("its times are of clocks that do not compare: how long anything took is not known"),
    };
    if let Some(warning) = warning {
        printer::say(format!("warning: {}: {warning}", path.display()));
    }
    progress::steps(path, &whole.steps);
    progress::unattached(path, whole);
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
    let of_tracks = matching(selection.timeless());
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
fn refuse_file(command: &str, choosing: &ShowArgs) -> Result<(), Failure> {
    match choosing.what.first() {
        Some(word) if kinds::named(word).is_none() && Path::new(word).is_file() => Err(Failure::usage(format!(
            "{word} is a file, and `{command}` shows one recording: run it once for each; after the recording come kinds \
             and objects, such as vm/web"
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
        since: choosing.since.as_ref().map(since).transpose()?,
        until: choosing.until.as_ref().map(until).transpose()?,
    })
}
