//! What a path requires and a trace lacks: a state without which no trace fits.

use super::why::Required;
use crate::monitor::{ANY_OTHER, Dfa, Event, Plan, Symbol};
use std::collections::VecDeque;

/// Most states that are named as alternatives.
const ALTERNATIVES: usize = 4;

/// What a violated trace lacks; nothing for traces with gaps and timed paths.
pub(super) fn required(plan: &Plan, events: &[Event]) -> Required {
    let (Plan::Regular(dfa), Some(symbols)) = (plan, entered(events)) else { return Required::default() };
    let is_entered = |atom: usize| symbols.iter().any(|symbol| dfa.alphabet.describes(atom, symbol));
    let never = first(dfa, 0, |atom| !is_entered(atom));
    let steps = symbols.iter().try_fold(0, |state, symbol| dfa.step(state, dfa.alphabet.atom(symbol)));
    let next = steps.map(|state| first(dfa, state, |_| true)).unwrap_or_default();
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

/// The first wanted state on a shortest way to the end of the path without which there is no way at all; or else a few
/// such states of which each way has one. None if there are no such states.
fn first(dfa: &Dfa, from: u32, is_wanted: impl Fn(usize) -> bool) -> Vec<String> {
    let is_named = |atom: &usize| dfa.alphabet.describe(*atom) != ANY_OTHER;
    let wanted =
        |way: Vec<usize>| way.into_iter().filter(|atom| is_wanted(*atom) && is_named(atom)).collect::<Vec<_>>();
    let mut without: Vec<usize> = Vec::new();
    while let Some(way) = way(dfa, from, &without) {
        let wanted = wanted(way);
        if without.is_empty()
            && let Some(needed) = wanted.iter().find(|atom| self::way(dfa, from, &[**atom]).is_none())
        {
            return vec![dfa.alphabet.describe(*needed)];
        }
        match wanted.first() {
            Some(one) if without.len() < ALTERNATIVES => without.push(*one),
            _ => return Vec::new(),
        }
    }
    without.into_iter().map(|atom| dfa.alphabet.describe(atom)).collect()
}

/// The atoms of a shortest way from a state to one in which a trace may end, without some of them; none if there is none.
fn way(dfa: &Dfa, from: u32, without: &[usize]) -> Option<Vec<usize>> {
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
        for (atom, next) in dfa.steps(state).filter(|(atom, _)| !without.contains(atom)) {
            if next != from && came[next as usize].is_none() {
                came[next as usize] = Some((state, atom));
                work.push_back(next);
            }
        }
    }
    None
}
