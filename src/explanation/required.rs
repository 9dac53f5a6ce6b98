//! What a path requires and a trace lacks: a state without which no trace fits.

use super::why::Required;
use crate::monitor::{ANY_OTHER, Dfa, Event, Plan, Symbol};
use std::collections::VecDeque;

/// What a violated trace lacks; nothing for traces with gaps and timed paths.
pub(super) fn required(plan: &Plan, events: &[Event]) -> Required {
    let (Plan::Regular(dfa), Some(symbols)) = (plan, entered(events)) else { return Required::default() };
    let is_entered = |atom: usize| symbols.iter().any(|symbol| dfa.alphabet.describes(atom, symbol));
    let never = first(dfa, 0, |atom| !is_entered(atom));
    let steps = symbols.iter().try_fold(0, |state, symbol| dfa.step(state, dfa.alphabet.atom(symbol)));
    let next = steps.and_then(|state| first(dfa, state, |_| true));
    Required { never, next }
}

/// The last event with which a trace fits a path, so that all of it fits the path with `-> ...` at its end; none for
/// traces with gaps and timed paths.
pub(super) fn fits_until(plan: &Plan, events: &[Event]) -> Option<usize> {
    let Plan::Regular(dfa) = plan else { return None };
    let (mut state, mut last) = (0, None);
    for (at, symbol) in entered(events)?.into_iter().enumerate() {
        state = dfa.step(state, dfa.alphabet.atom(symbol))?;
        if dfa.accepts(state) {
            last = Some(at);
        }
    }
    last
}

/// The states that a trace entered; none for one with gaps.
fn entered(events: &[Event]) -> Option<Vec<&Symbol>> {
    let symbols = events.iter().map(|event| match event {
        Event::Enter { shown, .. } => Some(&shown.symbol),
        Event::Gap { .. } => None,
    });
    symbols.collect()
}

/// The first wanted state on a shortest way to the end of the path without which there is no way at all.
fn first(dfa: &Dfa, from: u32, is_wanted: impl Fn(usize) -> bool) -> Option<String> {
    let is_named = |atom: &usize| dfa.alphabet.describe(*atom) != ANY_OTHER;
    let mut wanted = way(dfa, from, None)?.into_iter().filter(|atom| is_wanted(*atom) && is_named(atom));
    let found = wanted.find(|atom| way(dfa, from, Some(*atom)).is_none())?;
    Some(dfa.alphabet.describe(found))
}

/// The atoms of a shortest way from a state to one in which a trace may end, without one of them; none if there is none.
fn way(dfa: &Dfa, from: u32, without: Option<usize>) -> Option<Vec<usize>> {
    let mut came: Vec<Option<(u32, usize)>> = vec![None; dfa.size()];
    let mut work = VecDeque::from([from]);
    while let Some(state) = work.pop_front() {
        if dfa.accepts(state) {
            let mut atoms = Vec::new();
            let mut at = state;
            while at != from {
                let (before, atom) = came[at as usize]?;
                atoms.push(atom);
                at = before;
            }
            atoms.reverse();
            return Some(atoms);
        }
        for (atom, next) in dfa.steps(state).filter(|(atom, _)| Some(*atom) != without) {
            if next != from && came[next as usize].is_none() {
                came[next as usize] = Some((state, atom));
                work.push_back(next);
            }
        }
    }
    None
}
