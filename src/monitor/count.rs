//! `count A`: how often a state is entered. The belief is an interval: a gap may hold any number of entries.

use super::path::States;
use super::trace::{End, Event, Symbol};
use super::verdict::Judgement;
use std::sync::Arc;

/// The bounds of a count, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The lower bound.
    pub min: u64,
    /// The upper bound; none for unlimited.
    pub max: Option<u64>,
}

/// A count that is known to lie between two bounds; `most` is none when it is unbounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub least: u64,
    pub most: Option<u64>,
}

impl Tally {
    pub fn zero() -> Self {
        Self { least: 0, most: Some(0) }
    }

    pub fn add(&mut self, least: u64, most: Option<u64>) {
        self.least = self.least.saturating_add(least);
        self.most = self.most.zip(most).map(|(sum, more)| sum.saturating_add(more));
    }

    /// Judges a count that can only grow while the trace is open.
    pub fn judge(self, limits: Limits, end: &End) -> Judgement {
        let max = limits.max.unwrap_or(u64::MAX);
        let below = self.most.is_some_and(|most| most < limits.min);
        let fits = self.least >= limits.min && (limits.max.is_none() || self.most.is_some_and(|most| most <= max));
        match end {
            _ if self.least > max => Judgement::VIOLATED,
            _ if self.least >= limits.min && limits.max.is_none() => Judgement::SATISFIED,
            End::Closed { .. } | End::Deleted { .. } => Judgement::closed(fits, below),
            End::Unfenced => Judgement::INCONCLUSIVE,
            End::Open { .. } => {
                // A future adds the same number to every completion.
                let missing = limits.min.saturating_sub(self.least);
                let can_pass =
                    limits.max.is_none() || self.most.is_some_and(|most| most.saturating_add(missing) <= max);
                let can_fail = limits.max.is_some() || below;
                Judgement::open(!can_pass, !can_fail)
            }
        }
    }
}

/// The monitor of `count A`.
#[derive(Clone, Debug)]
pub struct Count {
    states: Arc<States>,
    limits: Limits,
    tally: Tally,
    last: Option<Symbol>,
}

impl Count {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(states: Arc<States>, limits: Limits) -> Self {
        Self { states, limits, tally: Tally::zero(), last: None }
    }

    /// The least and the most entries so far; the most is none when unbounded.
    #[must_use]
    pub fn range(&self) -> (u64, Option<u64>) {
        (self.tally.least, self.tally.most)
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Enter { shown, .. } => {
                let one = u64::from(self.states.contains(&shown.symbol));
                self.tally.add(one, Some(one));
            }
            Event::Gap { found, .. } => {
                let entered = found.shown().is_some_and(|shown| {
                    let may_have_stayed = self.last.as_ref() == Some(&shown.symbol);
                    self.states.contains(&shown.symbol) && !may_have_stayed
                });
                self.tally.add(u64::from(entered), None);
            }
        }
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        self.tally.judge(self.limits, end)
    }
}
