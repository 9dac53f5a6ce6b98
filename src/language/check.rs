//! Checks the states that a statement names against the vocabularies of its tracks.

use super::vocabulary;
use crate::monitor::{Fault, NamedAt, Path, Place, Statement, States};
use crate::observation::PREDICATE;

/// Checks the states of a statement about one track, and those of its condition's track, when that is another one.
///
/// # Errors
/// A state is outside a closed vocabulary, or a placeholder is used as it cannot be.
pub fn check(statement: &Statement, place: &Place, condition: Option<&Place>) -> Result<(), Fault> {
    match statement {
        Statement::Path(path) => placeholder(path)?,
        statement => no_placeholder(statement.names().into_iter().chain(statement.awaited()))?,
    }
    names(place, statement.names())?;
    names(condition.unwrap_or(place), statement.awaited())
}

/// Checks the states of an entry at which a window starts or ends.
///
/// # Errors
/// A state is outside a closed vocabulary, or a placeholder.
pub fn check_entry(place: &Place, states: &States) -> Result<(), Fault> {
    no_placeholder(&states.names)?;
    names(place, &states.names)
}

fn names<'a>(place: &Place, names: impl IntoIterator<Item = &'a NamedAt>) -> Result<(), Fault> {
    let Some(track) = &place.track else { return Ok(()) };
    let mut names = names.into_iter().filter(|named| !named.name.is_placeholder());
    names.try_for_each(|named| vocabulary::check_state(&place.kind, track, named))
}

/// Outside a path there is nothing that a placeholder could be the same as.
fn no_placeholder<'a>(names: impl IntoIterator<Item = &'a NamedAt>) -> Result<(), Fault> {
    let Some(named) = names.into_iter().find(|named| named.name.is_placeholder()) else { return Ok(()) };
    let fault = Fault::new(named.range.clone(), format!("`{}` outside a path", named.name));
    Err(fault.help(format!(
        "a placeholder stands for one label throughout a path: `{0} -> ... -> {0}`; quote a state of that name: `'{0}'`",
        named.name
    )))
}

/// A path has one placeholder, uses it twice, and has no other name that may mean the same label.
fn placeholder(path: &Path) -> Result<(), Fault> {
    let Some(first) = path.placeholder() else { return Ok(()) };
    let name = &first.name;
    let names = path.names();
    let other = names.iter().find(|named| named.name.is_placeholder() && named.name != *name);
    if let Some(other) = other {
        let fault = Fault::new(
            other.range.clone(),
            format!("`{}` beside `{name}`: a path has at most one placeholder", other.name),
        );
        return Err(fault.help(format!("`{name}` for both if they are the same label; otherwise two expectations")));
    }
    let is_unclear = |named: &&&NamedAt| {
        let has_predicate = named.name.details.iter().any(|detail| detail.starts_with(PREDICATE));
        has_predicate || named.name.quoted && named.name.has_reserved_label()
    };
    if let Some(unclear) = names.iter().find(is_unclear) {
        let what = format!("`{}` beside `{name}`: it may mean the same label", unclear.name);
        return Err(Fault::new(unclear.range.clone(), what).help("list the states: `[A, B]`; or use two expectations"));
    }
    if path.placeholder_uses() > 1 {
        return Ok(());
    }
    let fault = Fault::new(first.range.clone(), format!("`{name}` is used only once"));
    Err(fault.help(format!("`_` is any state; a placeholder is the same label again: `{name} -> ... -> {name}`")))
}
