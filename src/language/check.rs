//! Checks the states that a statement names against the vocabularies of its tracks.

use super::vocabulary;
use crate::monitor::{Fault, NamedAt, Place, Statement, States};

/// Checks the states of a statement about one track, and those of its condition's track, when that is another one.
///
/// # Errors
/// A state is outside a closed vocabulary.
pub fn check(statement: &Statement, place: &Place, condition: Option<&Place>) -> Result<(), Fault> {
    names(place, statement.names())?;
    names(condition.unwrap_or(place), statement.awaited())
}

/// Checks the states of an entry at which a window starts or ends.
///
/// # Errors
/// A state is outside a closed vocabulary.
pub fn check_entry(place: &Place, states: &States) -> Result<(), Fault> {
    names(place, &states.names)
}

fn names<'a>(place: &Place, names: impl IntoIterator<Item = &'a NamedAt>) -> Result<(), Fault> {
    let Some(track) = &place.track else { return Ok(()) };
    names.into_iter().try_for_each(|named| vocabulary::check_state(&place.kind, track, named))
}
