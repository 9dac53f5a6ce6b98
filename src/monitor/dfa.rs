//! The deterministic automaton of an untimed path, over traces without repetitions, and which of its states are already
//! decided.
//!
//! Subset construction (Rabin and Scott 1959) over pairs of a position set and the last symbol, which rules out
//! repetitions. A path whose automaton exceeds [`MAX_STATES`] is rejected: nothing is built while judging.

use super::alphabet::Alphabet;
use super::automaton::Automaton;
use std::collections::HashMap;
use std::hash::Hash;

/// Most states of one automaton.
pub const MAX_STATES: usize = 4096;

/// The target of a step that no trace takes.
pub const NOWHERE: u32 = u32::MAX;

/// A deterministic automaton; state 0 is the start.
#[derive(Clone, Debug)]
pub struct Dfa {
    /// The atoms that it distinguishes.
    pub alphabet: Alphabet,
    /// For each state and atom the next state, or [`NOWHERE`] where the atom would repeat the present state.
    next: Vec<u32>,
    /// True for each state in which a trace may end.
    accepts: Vec<bool>,
    /// True for each state in which a trace has nothing to judge.
    lacks: Vec<bool>,
    /// Some continuation, or stopping here, leaves nothing that is judged.
    may_lack: Vec<bool>,
    /// True for each state from which every continuation fits, including the empty one.
    good: Vec<bool>,
    /// True for each state from which no continuation fits, including the empty one.
    bad: Vec<bool>,
}

impl Dfa {
    /// The automaton of a path; none when it is too large.
    #[must_use]
    pub fn new(automaton: &Automaton) -> Option<Self> {
        let step = |set: &Option<Vec<u16>>, atom: usize| {
            let edges: Box<dyn Iterator<Item = _>> = match set {
                None => Box::new(automaton.first.iter()),
                Some(set) => Box::new(set.iter().flat_map(|from| &automaton.follow[usize::from(*from)])),
            };
            let takes = |to: &u16| automaton.positions[usize::from(*to)].atoms & (1 << atom) != 0;
            let mut target: Vec<u16> = edges.map(|edge| edge.to).filter(takes).collect();
            target.sort_unstable();
            target.dedup();
            Some(target)
        };
        let accepts = |set: &Option<Vec<u16>>| match set {
            None => automaton.nullable,
            Some(set) => set.iter().any(|at| automaton.last[usize::from(*at)]),
        };
        Self::of(&automaton.alphabet, None, step, accepts)
    }

    /// The automaton of any statement about the order of symbols alone; none when it is too large.
    #[must_use]
    pub fn of<S: Clone + Eq + Hash>(
        alphabet: &Alphabet,
        start: S,
        step: impl Fn(&S, usize) -> S,
        accepts: impl Fn(&S) -> bool,
    ) -> Option<Self> {
        Self::judged(alphabet, start, step, accepts, |_| false)
    }

    /// The same, where traces that `lacks` accepts have nothing to judge.
    #[must_use]
    pub fn judged<S: Clone + Eq + Hash>(
        alphabet: &Alphabet,
        start: S,
        step: impl Fn(&S, usize) -> S,
        accepts: impl Fn(&S) -> bool,
        lacks: impl Fn(&S) -> bool,
    ) -> Option<Self> {
        let mut states: Vec<(S, Option<usize>)> = vec![(start, None)];
        let mut known: HashMap<(S, Option<usize>), u32> = states.iter().cloned().map(|state| (state, 0)).collect();
        let mut next = Vec::new();
        let mut at = 0;
        while at < states.len() {
            let (state, last) = states[at].clone();
            for atom in 0..alphabet.size() {
                if last == Some(atom) && !alphabet.repeats(atom) {
                    next.push(NOWHERE);
                    continue;
                }
                let key = (step(&state, atom), Some(atom));
                let number = u32::try_from(states.len()).ok()?;
                let target = *known.entry(key.clone()).or_insert_with(|| {
                    states.push(key);
                    number
                });
                next.push(target);
            }
            if states.len() > MAX_STATES {
                return None;
            }
            at += 1;
        }
        let accepts: Vec<bool> = states.iter().map(|(state, _)| accepts(state)).collect();
        let lacks: Vec<bool> = states.iter().map(|(state, _)| lacks(state)).collect();
        let may_lack = reaches(&next, alphabet.size(), &lacks);
        let can_accept = reaches(&next, alphabet.size(), &accepts);
        let refuses: Vec<bool> = accepts.iter().map(|accepts| !accepts).collect();
        let can_refuse = reaches(&next, alphabet.size(), &refuses);
        Some(Self {
            alphabet: alphabet.clone(),
            next,
            accepts,
            lacks,
            may_lack,
            good: can_refuse.iter().map(|can| !can).collect(),
            bad: can_accept.iter().map(|can| !can).collect(),
        })
    }

    /// The same automaton with other names for its atoms.
    #[must_use]
    pub fn over(&self, alphabet: Alphabet) -> Self {
        Self { alphabet, ..self.clone() }
    }

    /// The number of states.
    #[must_use]
    pub fn size(&self) -> usize {
        self.accepts.len()
    }

    /// The state after an atom; none where the atom would repeat the present state.
    #[must_use]
    pub fn step(&self, state: u32, atom: usize) -> Option<u32> {
        let next = self.next.get(state as usize * self.alphabet.size() + atom).copied().unwrap_or(NOWHERE);
        (next != NOWHERE).then_some(next)
    }

    /// Each possible next state, with its atom.
    pub fn steps(&self, state: u32) -> impl Iterator<Item = (usize, u32)> + '_ {
        (0..self.alphabet.size()).filter_map(move |atom| self.step(state, atom).map(|next| (atom, next)))
    }

    /// True when a trace may end in this state.
    #[must_use]
    pub fn accepts(&self, state: u32) -> bool {
        self.accepts[state as usize]
    }

    /// True when a trace that ends in this state has nothing to judge.
    #[must_use]
    pub fn lacks(&self, state: u32) -> bool {
        self.lacks[state as usize]
    }

    /// Some continuation, or stopping here, leaves nothing that is judged.
    #[must_use]
    pub fn may_lack(&self, state: u32) -> bool {
        self.may_lack[state as usize]
    }

    /// True when every continuation fits.
    #[must_use]
    pub fn is_good(&self, state: u32) -> bool {
        self.good[state as usize]
    }

    /// True when no continuation fits.
    #[must_use]
    pub fn is_bad(&self, state: u32) -> bool {
        self.bad[state as usize]
    }

    /// The states that one symbol leads to from these; sorted.
    #[must_use]
    pub fn left(&self, from: &[u32]) -> Vec<u32> {
        let mut next: Vec<u32> = from.iter().flat_map(|state| self.steps(*state).map(|(_, next)| next)).collect();
        next.sort_unstable();
        next.dedup();
        next
    }

    /// The states reachable from these, including themselves; sorted.
    #[must_use]
    pub fn closure(&self, from: &[u32]) -> Vec<u32> {
        let mut seen = vec![false; self.size()];
        let mut work: Vec<u32> = from.to_vec();
        while let Some(state) = work.pop() {
            if !std::mem::replace(&mut seen[state as usize], true) {
                work.extend(self.steps(state).map(|(_, next)| next).filter(|next| !seen[*next as usize]));
            }
        }
        (0..).zip(seen).filter(|(_, seen)| *seen).map(|(state, _)| state).collect()
    }
}

/// For each state, whether a wanted state can be reached from it.
fn reaches(next: &[u32], atoms: usize, wanted: &[bool]) -> Vec<bool> {
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); wanted.len()];
    for (index, to) in (0_u32..).zip(next) {
        if *to != NOWHERE {
            before[*to as usize].push(index / u32::try_from(atoms).unwrap_or(u32::MAX));
        }
    }
    let mut found = wanted.to_vec();
    let mut work: Vec<usize> = (0..wanted.len()).filter(|state| wanted[*state]).collect();
    while let Some(state) = work.pop() {
        for from in &before[state] {
            if !std::mem::replace(&mut found[*from as usize], true) {
                work.push(*from as usize);
            }
        }
    }
    found
}
