//! What is said of a kind and of a track. Code is in backticks.

use crate::kinds::{self, Kind, TrackDeclaration, Vocabulary};

/// The name of a track as it is written: that of a family ends with the name that the user fills in.
#[must_use]
pub fn shown(track: &TrackDeclaration) -> String {
    let name = if track.is_family() { "NAME" } else { "" };
    format!("{}{name}", track.name)
}

/// Where the state of a track is from.
pub(super) fn origin(track: &TrackDeclaration) -> String {
    let column = track.column.map(|column| format!("column {column}, ")).unwrap_or_default();
    let paths = list(track.paths.iter().map(|path| code(path)), "and");
    let reading = if track.reading.is_empty() { String::new() } else { format!(": {}", track.reading) };
    capitalized(&format!("{column}from {paths}{reading}."))
}

/// The known members of a family of tracks; empty where none are.
pub(super) fn members(track: &TrackDeclaration) -> String {
    if track.members.is_empty() {
        return String::new();
    }
    format!("Known names are {}.", list(track.members.iter().map(|member| code(member)), "and"))
}

/// What the states of a track are, before and after the list of those that are known.
pub(super) fn states(track: &TrackDeclaration) -> (&'static str, &'static [&'static str], String) {
    match track.vocabulary {
        Vocabulary::Closed { words, .. } => ("One of", words, String::new()),
        Vocabulary::Open { words: [], forms: "", .. } => ("Any text.", &[], String::new()),
        Vocabulary::Open { words: [], forms, .. } => ("", &[], format!("{}.", capitalized(forms))),
        Vocabulary::Open { words, forms: "", .. } => ("Any text, such as", words, String::new()),
        Vocabulary::Open { words, forms, .. } => ("Any text, such as", words, format!("Also {forms}.")),
    }
}

/// The same as one text.
pub(super) fn all_states(track: &TrackDeclaration) -> String {
    let (before, words, after) = states(track);
    let conjunction = if matches!(track.vocabulary, Vocabulary::Closed { .. }) { "or" } else { "and" };
    let words = list(words.iter().map(|word| code(word)), conjunction);
    let sentence = if words.is_empty() { before.to_owned() } else { format!("{before} {words}.") };
    [sentence, after].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The group and the versions of a kind, the preferred version first.
pub(super) fn versions(kind: &Kind) -> impl Iterator<Item = String> {
    let group = if kind.group.is_empty() { String::new() } else { format!("{}/", kind.group) };
    kind.versions.iter().map(move |version| format!("{group}{version}"))
}

/// The kinds that own objects of a kind, as `ownedBy` follows them.
pub(super) fn owners(kind: &Kind) -> String {
    list(kinds::owners(kind.kind).map(str::to_owned), "or")
}

pub(super) fn code(text: &str) -> String {
    format!("`{text}`")
}

/// `a, b and c`.
pub(super) fn list(items: impl Iterator<Item = String>, conjunction: &str) -> String {
    let items: Vec<String> = items.collect();
    match items.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
