//! The word nearest to the one that was seen that would have fitted: fewest states put in, left out or exchanged
//! (edit distance between a word and a regular language, Wagner 1974), by a search over places and states.

use super::why::Edit;
use crate::monitor::{Dfa, End, Event, Plan};
use std::collections::VecDeque;

/// Most pairs of place and state that are looked at.
const MAX_NODES: usize = 400_000;

/// How a node was reached: from where, and by which atom; `kept` when the letter was taken as it was.
#[derive(Clone, Copy)]
struct Came {
    from: usize,
    atom: Option<usize>,
}

/// Finds it; none for words with gaps, timed paths and words that are too long.
pub(super) fn nearest(plan: &Plan, events: &[Event], end: &End) -> Option<Vec<Edit>> {
    let Plan::Regular(dfa) = plan else { return None };
    let letters: Option<Vec<_>> = events
        .iter()
        .map(|event| match event {
            Event::Enter { shown, .. } => Some(&shown.letter),
            Event::Gap { .. } => None,
        })
        .collect();
    let letters = letters?;
    let atoms: Vec<usize> = letters.iter().map(|letter| dfa.alphabet.atom(letter)).collect();
    let nodes = (atoms.len() + 1).checked_mul(dfa.size()).filter(|nodes| *nodes <= MAX_NODES)?;
    let mut came: Vec<Option<Came>> = vec![None; nodes];
    let mut done = vec![false; nodes];
    let mut work = VecDeque::from([(0_usize, None::<Came>)]);
    while let Some((node, by)) = work.pop_front() {
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        came[node] = by;
        let (at, state) = (node / dfa.size(), u32::try_from(node % dfa.size()).ok()?);
        if at == atoms.len() && fits(dfa, state, end) {
            return Some(edits(dfa, &came, node, &letters.iter().map(ToString::to_string).collect::<Vec<_>>(), &atoms));
        }
        let to = |at: usize, state: u32| at * dfa.size() + state as usize;
        let by = |atom: Option<usize>| Some(Came { from: node, atom });
        for (atom, next) in dfa.steps(state) {
            if at < atoms.len() && atom == atoms[at] {
                work.push_front((to(at + 1, next), by(Some(atom))));
            } else if at < atoms.len() {
                work.push_back((to(at + 1, next), by(Some(atom))));
            }
            work.push_back((to(at, next), by(Some(atom))));
        }
        if at < atoms.len() {
            work.push_back((to(at + 1, state), by(None)));
        }
    }
    None
}

fn fits(dfa: &Dfa, state: u32, end: &End) -> bool {
    if end.is_final() { dfa.accepts(state) } else { !dfa.is_bad(state) }
}

fn edits(dfa: &Dfa, came: &[Option<Came>], last: usize, letters: &[String], atoms: &[usize]) -> Vec<Edit> {
    let mut found = Vec::new();
    let mut node = last;
    while let Some(Came { from, atom }) = came[node] {
        let (before, after) = (from / dfa.size(), node / dfa.size());
        found.push(match atom {
            None => Edit::Drop(letters[before].clone()),
            Some(atom) if before == after => Edit::Insert(dfa.alphabet.describe(atom)),
            Some(atom) if atom == atoms[before] => Edit::Keep(letters[before].clone()),
            Some(atom) => Edit::Replace(letters[before].clone(), dfa.alphabet.describe(atom)),
        });
        node = from;
    }
    found.reverse();
    found
}
