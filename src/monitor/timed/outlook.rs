//! What the rest of a path promises, whatever the times: nothing at all, or everything.
//!
//! Two bounds that hold for all times. Hopeful: every bound could be kept; without a way to the end, no future fits.
//! Sceptical: no bound is kept that is not known to be; if still every word fits, every future does.

use super::truth::Truth;
use crate::monitor::automaton::Automaton;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most sets of positions that are looked at for one answer.
const MAX_EXPLORED: usize = 512;

/// What was worked out once for an automaton.
#[derive(Debug)]
pub struct Outlook {
    automaton: Arc<Automaton>,
    /// For each position, the atoms with which some word leads on to the end, hopefully.
    hopeful: Vec<u64>,
    beginning: Truth,
}

impl Outlook {
    /// Works it out; none when no word fits at all.
    #[must_use]
    pub fn new(automaton: Arc<Automaton>) -> Option<Self> {
        let hopeful = hopeful(&automaton);
        let mut outlook = Self { automaton, hopeful, beginning: Truth::Maybe };
        let firsts: Vec<u16> = outlook.automaton.first.iter().map(|edge| edge.to).collect();
        let hopes = firsts.iter().any(|to| outlook.hopeful[usize::from(*to)] != 0);
        if !hopes && !outlook.automaton.nullable {
            return None;
        }
        if outlook.automaton.nullable && outlook.universal(firsts, None) {
            outlook.beginning = Truth::Yes;
        }
        Some(outlook)
    }

    /// Before the first state.
    pub(super) fn at_the_beginning(&self) -> Truth {
        self.beginning
    }

    /// True when a word can go on to this position after `atom`, and from there to the end.
    pub(super) fn can_go_on(&self, to: u16, atom: usize) -> bool {
        self.hopeful[usize::from(to)] & after(&self.automaton, atom) != 0
    }

    /// True when every word that goes on after `atom` fits, starting with one of these positions.
    pub(super) fn is_universal(&self, to: Vec<u16>, atom: usize) -> bool {
        self.universal(to, Some(atom))
    }

    fn universal(&self, to: Vec<u16>, last: Option<usize>) -> bool {
        let alphabet = &self.automaton.alphabet;
        let mut to = to;
        to.sort_unstable();
        to.dedup();
        let mut seen = BTreeSet::from([(to.clone(), last)]);
        let mut work = vec![(to, last)];
        while let Some((to, last)) = work.pop() {
            for atom in 0..alphabet.size() {
                if last == Some(atom) && !alphabet.repeats(atom) {
                    continue;
                }
                let takes = |at: &&u16| self.automaton.positions[usize::from(**at)].atoms & (1 << atom) != 0;
                // A stay with a bound is not known to be kept, at the end or before the next state.
                let free = |at: &&u16| self.automaton.positions[usize::from(**at)].stay.is_none();
                let here: Vec<u16> = to.iter().filter(takes).filter(free).copied().collect();
                if !here.iter().any(|at| self.automaton.last[usize::from(*at)]) {
                    return false;
                }
                let edges = here.iter().flat_map(|at| &self.automaton.follow[usize::from(*at)]);
                let mut next: Vec<u16> = edges.filter(|edge| edge.kept == 0).map(|edge| edge.to).collect();
                next.sort_unstable();
                next.dedup();
                if seen.insert((next.clone(), Some(atom))) {
                    if seen.len() > MAX_EXPLORED {
                        return false;
                    }
                    work.push((next, Some(atom)));
                }
            }
        }
        true
    }
}

/// The atoms that may follow one.
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
