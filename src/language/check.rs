//! Checks the states that a statement names against the vocabularies of its tracks.

use super::vocabulary;
use crate::monitor::{Fault, NamedAt, Place, Statement};

/// Checks the states of a statement about one track, and those of its condition's track, when that is another one.
///
/// # Errors
/// A state is outside a closed vocabulary.
pub fn check(statement: &Statement, place: &Place, condition: Option<&Place>) -> Result<(), Fault> {
    let other = condition.unwrap_or(place);
    match statement {
        Statement::Path(path) => names(place, path.names()),
        Statement::Never(states) | Statement::Always(states) => names(place, &states.names),
        Statement::Every { every, then, .. } => names(place, every.names.iter().chain(&then.names)),
        Statement::Count { states, .. } => names(place, states.iter().flat_map(|states| &states.names)),
        Statement::OnlyAfter { enter, after } => {
            names(place, &enter.names)?;
            names(other, &after.names)
        }
        Statement::Quiet { after } => names(other, &after.names),
        Statement::Graph(edges) => names(place, edges.iter().flat_map(|(from, to)| std::iter::once(from).chain(to))),
    }
}

fn names<'a>(place: &Place, names: impl IntoIterator<Item = &'a NamedAt>) -> Result<(), Fault> {
    let Some(track) = &place.track else { return Ok(()) };
    names.into_iter().try_for_each(|named| vocabulary::check_state(&place.kind, track, named))
}
