//! What a judge needs in addition to the entries: how far the streams were seen, and which gaps have no end yet.

use crate::expectation::{Ends, Environment, Judge};
use crate::observation::Stamp;
use crate::timeline::{Coverage, Entry, Fold, Order};

/// How far a timeline was seen.
pub(super) struct Horizon {
    environment: Environment,
    ends: Ends,
    /// Gaps without an end, for which there is no entry yet.
    gaps: Vec<Entry>,
    /// True when lines were measured by another clock than those before.
    pub has_other_clock: bool,
    /// True while the recorder has not ended.
    pub open: bool,
    /// `seq` of the last line that it includes.
    pub seq: u64,
}

impl Horizon {
    /// The horizon of a fold whose entries were all passed on.
    pub(super) fn of(fold: &Fold, seq: u64, now: Stamp) -> Self {
        Self::new(fold, fold.coverage(), seq, now)
    }

    /// The horizon of a fold with entries that are not settled yet.
    pub(super) fn of_order(fold: &Fold, order: &Order, seq: u64, now: Stamp) -> Self {
        let tails = match order.waiting() {
            Some((at, revision)) => fold.coverage().into_iter().map(|tail| tail.before(at, revision)).collect(),
            None => fold.coverage(),
        };
        Self::new(fold, tails, seq, now)
    }

    /// The horizon where reading stopped early: nothing will come after it, and nothing proves what came.
    pub(super) fn of_damaged(fold: &Fold, seq: u64, now: Stamp) -> Self {
        let cut = |tail: Coverage| Coverage { over: true, fence: None, ..tail };
        let horizon = Self::of(fold, seq, now);
        let tails: Vec<Coverage> = fold.coverage().into_iter().map(cut).collect();
        let environment = Environment::of(fold.environments(), &tails);
        Self { environment, ends: Ends::new(tails, now.at), open: false, ..horizon }
    }

    fn new(fold: &Fold, tails: Vec<Coverage>, seq: u64, now: Stamp) -> Self {
        let open = tails.iter().any(|tail| !tail.over);
        Self {
            environment: Environment::of(fold.environments(), &tails),
            ends: Ends::new(tails, now.at),
            gaps: if open { fold.open_gaps(now) } else { Vec::new() },
            has_other_clock: fold.other_clock().is_some(),
            open,
            seq,
        }
    }

    /// Asks a judge that has read all entries up to here.
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
