//! `count restart`: how often a container was started again, from its restartCount.
//!
//! The kubelet derives restartCount from the dead containers that it still has, so the count may fall back when they
//! are collected: across a gap a rise is only the least number of restarts, unless the expectation assumes
//! `restart-count-exact`.

use super::count::{Limits, Tally};
use super::trace::{End, Event};
use super::verdict::Judgement;

/// The monitor.
#[derive(Clone, Debug)]
pub struct Restarts {
    limits: Limits,
    /// Across gaps, a rise of the count is all there was.
    exact: bool,
    tally: Tally,
    last: u32,
    /// A gap since the count was last shown.
    unsure: bool,
    /// The count was shown at least once.
    shown: bool,
}

impl Restarts {
    /// Before the first event.
    #[must_use]
    pub fn new(limits: Limits, exact: bool) -> Self {
        Self { limits, exact, tally: Tally::zero(), last: 0, unsure: false, shown: false }
    }

    /// At least, and at most, how often so far.
    #[must_use]
    pub fn range(&self) -> (u64, Option<u64>) {
        (self.tally.least, self.tally.most)
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        self.unsure |= matches!(event, Event::Gap { .. });
        let Some(restarts) = event.shown().and_then(|shown| shown.restarts) else { return };
        let rise = u64::from(restarts.saturating_sub(self.last));
        let fell = restarts < self.last;
        let most = ((self.exact || !self.unsure) && !fell).then_some(rise);
        self.tally.add(rise, most);
        self.last = restarts;
        self.unsure = false;
        self.shown = true;
    }

    /// Says where it stands if the word ends so.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        if self.shown && !self.unsure {
            return self.tally.judge(self.limits, end);
        }
        let standing = Tally { most: None, ..self.tally }.judge(self.limits, end);
        let may_be_told = self.exact || !self.unsure;
        let lost = standing.verdict.is_decided() || end.is_final() || !may_be_told || self.tally.most.is_none();
        if lost { standing } else { Judgement::open(false, standing.fail_lost) }
    }
}
