//! `count A`: how often a state is entered. The belief is an interval: a gap may hold any number of entries.

use super::path::States;
use super::trace::{End, Event, Symbol};
use super::verdict::Judgement;
use std::sync::Arc;

/// How often, at least and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// At least.
    pub min: u64,
    /// At most; none for no end.
    pub max: Option<u64>,
}

/// A number that is known to lie between two others; `most` is none when it has no end.
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

    /// Judges a number that can only grow while the word is open.
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

/// The monitor.
#[derive(Clone, Debug)]
pub struct Count {
    states: Arc<States>,
    limits: Limits,
    tally: Tally,
    last: Option<Symbol>,
}

impl Count {
    /// Before the first event.
    #[must_use]
    pub fn new(states: Arc<States>, limits: Limits) -> Self {
        Self { states, limits, tally: Tally::zero(), last: None }
    }

    /// At least, and at most, how often so far.
    #[must_use]
    pub fn range(&self) -> (u64, Option<u64>) {
        (self.tally.least, self.tally.most)
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Enter { shown, .. } => {
                let one = u64::from(self.states.contains(&shown.letter));
                self.tally.add(one, Some(one));
            }
            Event::Gap { found, .. } => {
                let entered = found.shown().is_some_and(|shown| {
                    let may_have_stayed = self.last.as_ref() == Some(&shown.letter);
                    self.states.contains(&shown.letter) && !may_have_stayed
                });
                self.tally.add(u64::from(entered), None);
            }
        }
        if let Some(letter) = event.letter() {
            self.last = Some(letter);
        }
    }

    /// Says where it stands if the word ends so.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        self.tally.judge(self.limits, end)
    }
}
