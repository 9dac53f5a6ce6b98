//! What is known beside the entries when a judge is asked: how far the streams were seen, and which gaps go on.

use crate::expectation::{Ends, Environment, Judge};
use crate::observation::Stamp;
use crate::timeline::{Coverage, Entry, Fold, Order};

/// How far a timeline was seen.
pub(super) struct Horizon {
    environment: Environment,
    ends: Ends,
    /// Gaps that go on, of which there is no entry yet.
    gaps: Vec<Entry>,
    /// The recorder has not ended.
    pub open: bool,
    /// `seq` of the last line that it knows of.
    pub seq: u64,
}

impl Horizon {
    /// Of a fold all of whose entries were passed on.
    pub(super) fn of(fold: &Fold, seq: u64, now: Stamp) -> Self {
        Self::new(fold, fold.coverage(), seq, now)
    }

    /// Of a fold some of whose entries still wait for their place.
    pub(super) fn of_order(fold: &Fold, order: &Order, seq: u64, now: Stamp) -> Self {
        let tails = match order.waiting() {
            Some((at, revision)) => fold.coverage().into_iter().map(|tail| tail.before(at, revision)).collect(),
            None => fold.coverage(),
        };
        Self::new(fold, tails, seq, now)
    }

    fn new(fold: &Fold, tails: Vec<Coverage>, seq: u64, now: Stamp) -> Self {
        let open = tails.iter().any(|tail| !tail.over);
        Self {
            environment: Environment::of(fold.environments(), &tails),
            ends: Ends::new(tails, now.at),
            gaps: if open { fold.open_gaps(now) } else { Vec::new() },
            open,
            seq,
        }
    }

    /// Asks a judge to whom all entries up to here were shown.
    pub(super) fn ask<T>(&self, judge: &mut Judge, question: impl Fn(&Judge, Ends) -> T) -> T {
        judge.environment(self.environment.clone());
        if self.gaps.is_empty() {
            return question(judge, self.ends.clone());
        }
        let mut knowing = judge.clone();
        self.gaps.iter().for_each(|gap| knowing.push(gap));
        question(&knowing, self.ends.clone())
    }
}
