//! What a state means to a reader, by name: the families that have one ink each on a terminal.

use crate::observation::{State, Track};
use crate::view::label;
use crate::view::style::Ink;

/// `good`, `waiting`, `failing`, `ended`, `gone` or `plain`.
pub(super) fn of(track: &Track, state: &State) -> &'static str {
    match label::ink(track, state) {
        Ink::Running => "good",
        Ink::Waiting => "waiting",
        Ink::Failure => "failing",
        Ink::Done => "ended",
        Ink::Gone => "gone",
        Ink::Plain | Ink::Gap | Ink::Mark | Ink::Faint | Ink::Strong => "plain",
    }
}
