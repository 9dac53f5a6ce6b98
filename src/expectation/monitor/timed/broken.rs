//! Which bound of a path was not kept, for explanations: of all ways on that order alone would have allowed, the one
//! that was missed by least.

use super::{Config, Thread, Timed};
use crate::expectation::syntax::Bound;
use crate::expectation::word::{End, Letter, Micros, NEVER_AFTER, Span};

/// A bound that was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// It bounds a group; else the stay in the present state.
    pub group: bool,
    /// From when it counts.
    pub start: Span,
    /// How long it was, at least and at most; the most is far away while it goes on.
    pub lasted: Span,
    /// How long it had to be.
    pub least: Micros,
    /// How long it might be.
    pub most: Micros,
}

impl Broken {
    fn missed_by(&self) -> Micros {
        (self.least - self.lasted.hi).max(self.lasted.lo - self.most)
    }
}

impl Timed {
    /// The bound that kept a state from being entered within `when`; none when order did.
    #[must_use]
    pub fn broken_by(&self, letter: &Letter, when: Span) -> Option<Broken> {
        let atom = self.automaton.alphabet.atom(letter);
        let ways = self.belief.iter().flat_map(|config| {
            let candidates = self.candidates(config, atom);
            let leads_on = move |to| self.outlook.leads_on(to, atom);
            candidates.into_iter().filter(move |(_, edge)| leads_on(edge.to)).flat_map(move |(thread, edge)| {
                let stay = config.entered.map(|(entered, _)| entered);
                let bounded = thread.map(|at| &config.threads[at]).is_some_and(|thread| self.has_stay(thread));
                let conditions = self.conditions(config, thread, edge).into_iter().enumerate();
                conditions.map(move |(at, (start, least, most))| Broken {
                    group: !(at == 0 && bounded && Some(start) == stay),
                    start,
                    lasted: when.since(start),
                    least,
                    most,
                })
            })
        });
        nearest(ways)
    }

    /// The bound that was not kept although nothing more happened; none when order was not.
    #[must_use]
    pub fn broken_at(&self, end: &End) -> Option<Broken> {
        let ways = self.belief.iter().flat_map(|config| self.broken_here(config, end));
        nearest(ways)
    }

    fn broken_here(&self, config: &Config, end: &End) -> Vec<Broken> {
        let Some((entered, _)) = config.entered else { return Vec::new() };
        let now = match end {
            End::Deleted { when } => *when,
            End::Closed { at } | End::Open { alive: at, .. } => Span { lo: *at, hi: NEVER_AFTER },
            End::Unfenced => return Vec::new(),
        };
        let mut found = Vec::new();
        for thread in &config.threads {
            if let Some(bound) = self.automaton.positions[usize::from(thread.at)].stay {
                let lasted = now.since(entered);
                found.push(Broken { group: false, start: entered, lasted, least: bound.least, most: bound.most });
            }
            for edge in &self.automaton.follow[usize::from(thread.at)] {
                found.extend(self.kept(thread, edge.kept).map(|(group, start)| {
                    let most = self.automaton.limits[group];
                    Broken { group: true, start, lasted: now.since(start), least: 0, most }
                }));
            }
        }
        found
    }

    /// The bounds on the present state, of all ways that lead on from it.
    pub fn stays(&self) -> impl Iterator<Item = Bound> + '_ {
        let threads = self.belief.iter().flat_map(|config| &config.threads);
        threads.filter_map(|thread| self.automaton.positions[usize::from(thread.at)].stay)
    }

    fn has_stay(&self, thread: &Thread) -> bool {
        self.automaton.positions[usize::from(thread.at)].stay.is_some()
    }
}

fn nearest(ways: impl Iterator<Item = Broken>) -> Option<Broken> {
    ways.filter(|way| way.missed_by() > 0).min_by_key(Broken::missed_by)
}
