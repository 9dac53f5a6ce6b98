//! The monitor of untimed paths: a set of states of one deterministic automaton.
//!
//! Outside gaps the set keeps its size and a transition costs one table look-up per member. The set is never larger
//! than its automaton, which has at most [`super::dfa::MAX_STATES`] states.

use super::dfa::Dfa;
use super::trace::{End, Event, Found, Symbol};
use super::verdict::Judgement;
use std::collections::HashSet;
use std::sync::Arc;

/// Most beliefs that are explored to distinguish pending from inconclusive.
const MAX_EXPLORED: usize = 2048;

/// A belief over the states of an automaton.
#[derive(Clone, Debug)]
pub struct Regular {
    dfa: Arc<Dfa>,
    /// Sorted, without duplicates, never empty.
    belief: Vec<u32>,
    last: Option<Symbol>,
    /// True when the track was not seen again after its last gap.
    blind: bool,
}

impl Regular {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(dfa: Arc<Dfa>) -> Self {
        Self { dfa, belief: vec![0], last: None, blind: false }
    }

    /// True when an entry repeats the present state in every completion.
    #[must_use]
    pub fn stutters(&self, event: &Event) -> bool {
        let atom = event.shown().map(|shown| self.dfa.alphabet.atom(&shown.symbol));
        atom.is_some_and(|atom| self.belief.iter().all(|state| self.dfa.step(*state, atom).is_none()))
    }

    /// The states that some completion leads to; sorted.
    #[must_use]
    pub fn belief(&self) -> &[u32] {
        &self.belief
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Enter { shown, .. } => {
                let atom = self.dfa.alphabet.atom(&shown.symbol);
                self.belief = self.image(&self.belief, atom);
                self.last = Some(shown.symbol.clone());
            }
            Event::Gap { found: Found::NotSeen, .. } => {
                self.belief = self.dfa.closure(&self.belief);
                self.blind = true;
            }
            Event::Gap { found: Found::NoState, .. } => {
                // The track never had a state, or lost the one that it had.
                let atom = self.dfa.alphabet.atom(&Symbol::absent());
                let stays = self.last == Some(Symbol::absent());
                let mut left = self.dfa.closure(&self.belief);
                left.retain(|state| *state != 0);
                let mut next = self.image(&left, atom);
                next.extend(self.belief.iter().filter(|state| stays || **state == 0));
                next.sort_unstable();
                next.dedup();
                self.belief = next;
                self.last = Some(Symbol::absent());
                self.blind = false;
            }
            Event::Gap { found: Found::In(shown), .. } => {
                let atom = self.dfa.alphabet.atom(&shown.symbol);
                let stayed = self.last.as_ref() == Some(&shown.symbol);
                // To be found in the same state again, the track must have left it.
                let from = if stayed { self.dfa.left(&self.belief) } else { self.belief.clone() };
                let mut next = self.image(&self.dfa.closure(&from), atom);
                if stayed {
                    next.extend(&self.belief);
                }
                next.sort_unstable();
                next.dedup();
                self.belief = next;
                self.last = Some(shown.symbol.clone());
                self.blind = false;
            }
        }
    }

    /// The states after an atom. A state in which the atom would repeat the present one belongs to no completion that
    /// continues so; if that is true of all states, the event is a repetition and nothing changes.
    fn image(&self, belief: &[u32], atom: usize) -> Vec<u32> {
        let mut next: Vec<u32> = belief.iter().filter_map(|state| self.dfa.step(*state, atom)).collect();
        if next.is_empty() {
            return belief.to_vec();
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    /// True when no future of any completion fits.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        self.belief.iter().all(|state| self.dfa.is_bad(*state))
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        let all = |fits: &dyn Fn(u32) -> bool| self.belief.iter().all(|state| fits(*state));
        let any = |fits: &dyn Fn(u32) -> bool| self.belief.iter().any(|state| fits(*state));
        match end {
            End::Closed { .. } | End::Deleted { .. } => {
                let accepts = |state| self.dfa.accepts(state);
                let standing = Judgement::closed(all(&accepts), !any(&accepts));
                if any(&|state| self.dfa.lacks(state)) { standing.vacuously() } else { standing }
            }
            _ if all(&|state| self.dfa.is_good(state)) => Judgement::SATISFIED,
            // Whether it is violated for something that is judged is open while there may be nothing of that sort.
            _ if all(&|state| self.dfa.is_bad(state)) && !any(&|state| self.dfa.may_lack(state)) => Judgement::VIOLATED,
            End::Unfenced => Judgement::INCONCLUSIVE,
            End::Open { .. } => {
                let (can_pass, can_fail) = self.can_still();
                Judgement::open(!can_pass, !can_fail)
            }
        }
    }

    /// Whether some future up to a fenced end satisfies, and whether some future violates.
    fn can_still(&self) -> (bool, bool) {
        let can_pass = !self.belief.iter().any(|state| self.dfa.is_bad(*state));
        let can_fail = !self.belief.iter().any(|state| self.dfa.is_good(*state));
        if self.belief.len() == 1 || self.blind {
            return (can_pass, can_fail);
        }
        let mut seen = HashSet::from([self.belief.clone()]);
        let mut work = vec![self.belief.clone()];
        let (mut pass, mut fail) = (false, false);
        while let Some(belief) = work.pop() {
            pass |= belief.iter().all(|state| self.dfa.accepts(*state));
            fail |= !belief.iter().any(|state| self.dfa.accepts(*state));
            if (pass || !can_pass) && (fail || !can_fail) {
                break;
            }
            for atom in 0..self.dfa.alphabet.size() {
                let mut next: Vec<u32> = belief.iter().filter_map(|state| self.dfa.step(*state, atom)).collect();
                next.sort_unstable();
                next.dedup();
                if !next.is_empty() && seen.insert(next.clone()) {
                    work.push(next);
                }
            }
            if seen.len() > MAX_EXPLORED {
                return (can_pass, can_fail);
            }
        }
        (pass && can_pass, fail && can_fail)
    }
}
