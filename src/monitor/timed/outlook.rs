//! Whether the rest of a path certainly fits, or certainly does not, whatever the times.
//!
//! Two approximations that ignore times. Optimistic: every bound can be kept; if then no future fits, none does.
//! Pessimistic: only bounds known to be kept are; if then every future fits, every future does.

use super::truth::Truth;
use crate::monitor::alphabet::AtomSet;
use crate::monitor::automaton::{Automaton, GroupSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most sets of positions that are explored for one answer.
const MAX_EXPLORED: usize = 512;

/// The precomputed outlook of an automaton.
#[derive(Debug)]
pub struct Outlook {
    automaton: Arc<Automaton>,
    /// For each position, the atoms from which some trace reaches the end, optimistically.
    hopeful: Vec<u64>,
    /// The positions from which every future fits at every time.
    accepting_all: BTreeSet<u16>,
    /// The groups with a least time.
    waiting: GroupSet,
    beginning: Truth,
}

impl Outlook {
    /// Computes the outlook; none when no trace fits at all.
    #[must_use]
    pub fn new(automaton: Arc<Automaton>) -> Option<Self> {
        let hopeful = hopeful(&automaton);
        let accepting_all = accepting_all(&automaton);
        let waits = automaton.limits.iter().enumerate().filter(|(_, bound)| bound.least > 0);
        let waiting = waits.fold(0, |all, (group, _)| all | 1 << group);
        let mut outlook = Self { automaton, hopeful, accepting_all, waiting, beginning: Truth::Maybe };
        let firsts: Vec<u16> = outlook.automaton.first.iter().map(|edge| edge.to).collect();
        let hopes = firsts.iter().any(|to| outlook.hopeful[usize::from(*to)] != 0);
        if !hopes && !outlook.automaton.nullable {
            return None;
        }
        if outlook.automaton.nullable && outlook.failing(&firsts) == 0 {
            outlook.beginning = Truth::Yes;
        }
        Some(outlook)
    }

    /// The answer before the first state.
    pub(super) fn at_the_beginning(&self) -> Truth {
        self.beginning
    }

    /// The atoms with which a trace can continue to this position and from there reach the end.
    pub(super) fn hopeful(&self, to: u16) -> AtomSet {
        self.hopeful[usize::from(to)]
    }

    /// True when every future from this position fits, whatever its states and times.
    pub(super) fn accepts_all(&self, at: u16) -> bool {
        self.accepting_all.contains(&at)
    }

    /// One position of which this is true, always the same.
    pub(super) fn accepting_all(&self) -> Option<u16> {
        self.accepting_all.first().copied()
    }

    /// The atoms that start a continuation from these positions that does not fit. If there are several, two are
    /// enough: at most one can be barred.
    fn failing(&self, to: &[u16]) -> AtomSet {
        let mut failing: AtomSet = 0;
        let mut good = BTreeSet::new();
        for atom in 0..self.automaton.alphabet.size() {
            let fits = self.next(to, atom).is_some_and(|next| self.is_universal((next, atom), &mut good));
            if !fits {
                failing |= 1 << atom;
            }
            if failing.count_ones() > 1 {
                break;
            }
        }
        failing
    }

    /// The positions after an atom, without duplicates; none when the trace does not fit there.
    fn next(&self, to: &[u16], atom: usize) -> Option<Vec<u16>> {
        let takes = |at: &&u16| self.automaton.positions[usize::from(**at)].atoms & (1 << atom) != 0;
        // A bounded stay is not known to be kept, at the end or before the next state, nor is the least time of a group.
        let free = |at: &&u16| {
            let position = &self.automaton.positions[usize::from(**at)];
            position.stay.is_none() && position.groups & self.waiting == 0
        };
        let here = || to.iter().filter(takes).filter(free);
        if !here().any(|at| self.automaton.last[usize::from(*at)]) {
            return None;
        }
        let edges = here().flat_map(|at| &self.automaton.follow[usize::from(*at)]);
        let mut next: Vec<u16> = edges.filter(|edge| edge.kept == 0).map(|edge| edge.to).collect();
        next.sort_unstable();
        next.dedup();
        Some(next)
    }

    /// True when every continuation fits; then everything that was explored is added to `good`.
    fn is_universal(&self, from: (Vec<u16>, usize), good: &mut BTreeSet<(Vec<u16>, usize)>) -> bool {
        let mut seen = good.clone();
        let mut work = Vec::new();
        if seen.insert(from.clone()) {
            work.push(from);
        }
        while let Some((to, last)) = work.pop() {
            for atom in 0..self.automaton.alphabet.size() {
                if last == atom && !self.automaton.alphabet.repeats(atom) {
                    continue;
                }
                let Some(next) = self.next(&to, atom) else { return false };
                let next = (next, atom);
                if seen.insert(next.clone()) {
                    if seen.len() > MAX_EXPLORED {
                        return false;
                    }
                    work.push(next);
                }
            }
        }
        *good = seen;
        true
    }
}

/// A cache of [`Outlook::failing`] for one judgement; configurations share the answers.
pub(super) struct Promises<'a> {
    outlook: &'a Outlook,
    known: BTreeMap<Vec<u16>, AtomSet>,
}

impl<'a> Promises<'a> {
    pub(super) fn new(outlook: &'a Outlook) -> Self {
        Self { outlook, known: BTreeMap::new() }
    }

    /// See [`Outlook::failing`].
    pub(super) fn failing(&mut self, mut to: Vec<u16>) -> AtomSet {
        to.sort_unstable();
        to.dedup();
        let outlook = self.outlook;
        *self.known.entry(to.clone()).or_insert_with(|| outlook.failing(&to))
    }
}

/// The atoms that may follow an atom.
fn after(automaton: &Automaton, atom: usize) -> u64 {
    let all = automaton.alphabet.all();
    if automaton.alphabet.repeats(atom) { all } else { all & !(1 << atom) }
}

fn hopeful(automaton: &Automaton) -> Vec<u64> {
    let ends = automaton.positions.iter().zip(&automaton.last);
    let mut found: Vec<u64> = ends.map(|(position, last)| if *last { position.atoms } else { 0 }).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for at in 0..found.len() {
            let mut atoms = found[at];
            for edge in &automaton.follow[at] {
                let next = found[usize::from(edge.to)];
                for atom in 0..automaton.alphabet.size() {
                    if automaton.positions[at].atoms & (1 << atom) != 0 && next & after(automaton, atom) != 0 {
                        atoms |= 1 << atom;
                    }
                }
            }
            changed |= atoms != found[at];
            found[at] = atoms;
        }
    }
    found
}

/// The positions of any state that may end the path and may follow themselves, as that of a last `...`, without a bound.
fn accepting_all(automaton: &Automaton) -> BTreeSet<u16> {
    let accepts = |at: &u16| {
        let index = usize::from(*at);
        let position = &automaton.positions[index];
        let is_free = position.stay.is_none() && position.groups == 0;
        let follows = || automaton.follow[index].iter().any(|edge| edge.to == *at);
        automaton.last[index] && is_free && position.atoms == automaton.alphabet.all() && follows()
    };
    (0..automaton.positions.len()).filter_map(|at| u16::try_from(at).ok()).filter(accepts).collect()
}
