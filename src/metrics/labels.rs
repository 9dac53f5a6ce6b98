//! The values of labels. Words in lower case are those of statetrail: the API's states begin with capitals.

use crate::observation::{State, StateKind, Track};
use smol_str::SmolStr;

/// What stands for every value beyond a bound.
pub(super) const OTHER: SmolStr = SmolStr::new_static("other");
/// A state that is not known, because of a gap or an interruption.
pub(super) const UNKNOWN: SmolStr = SmolStr::new_static("unknown");
/// The object lost the track.
const ABSENT: SmolStr = SmolStr::new_static("absent");
/// Most letters of a value.
const LETTERS: usize = 100;
/// The API has an empty string.
const EMPTY: SmolStr = SmolStr::new_static("empty");

/// A state.
pub(super) fn state(state: &State) -> SmolStr {
    named(&state.label, state.kind)
}

/// A state by its label and kind. One that is named like a word of statetrail is in quotation marks.
pub(super) fn named(label: &SmolStr, kind: StateKind) -> SmolStr {
    match (kind, label) {
        (StateKind::Absent, _) => ABSENT,
        (_, label) if label.is_empty() => EMPTY,
        (_, label) if [OTHER, UNKNOWN, ABSENT, EMPTY].contains(label) => smol_str::format_smolstr!("\"{label}\""),
        (_, label) => short(label),
    }
}

/// The beginning of a text: a label is repeated in every series.
pub(super) fn short(text: &SmolStr) -> SmolStr {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => smol_str::format_smolstr!("{}…", &text[..end]),
        None => text.clone(),
    }
}

/// A track, without the name of a container or a volume: those are as many as there are objects.
pub(super) fn track(track: &Track) -> SmolStr {
    match track {
        Track::Container(_) => SmolStr::new_static("container"),
        Track::Init(_) => SmolStr::new_static("init"),
        Track::Ephemeral(_) => SmolStr::new_static("ephemeral"),
        Track::Volume(_) => SmolStr::new_static("volume"),
        Track::Lifecycle => SmolStr::new_static("lifecycle"),
        Track::Phase => SmolStr::new_static("phase"),
        Track::Status => SmolStr::new_static("status"),
        Track::Node => SmolStr::new_static("node"),
        Track::Migration => SmolStr::new_static("migration"),
        Track::Condition(_) => short(&smol_str::format_smolstr!("{track}")),
        Track::Custom(name) => short(name),
    }
}
