//! `count restart`: how often a container was started again, from its restartCount.
//!
//! The kubelet derives restartCount from the dead containers that it still has, so the count may fall back when they
//! are collected: across a gap a rise is only the least number of restarts, unless the expectation assumes
//! `restart-count-exact`.

use super::count::{Limits, Tally};
use super::trace::{End, Event};
use super::verdict::Judgement;

/// What is known of the count before the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// It was so high: nothing at a container's creation, what is held at a window's start.
    Count(u32),
    /// What is shown first, or less.
    FirstShown,
    /// Nothing.
    Unknown,
}

/// The monitor.
#[derive(Clone, Debug)]
pub struct Restarts {
    limits: Limits,
    /// Across gaps, a rise of the count is all there was.
    exact: bool,
    tally: Tally,
    last: Base,
    /// A gap since the count was last shown.
    unsure: bool,
    /// The count was shown at least once.
    shown: bool,
}

impl Restarts {
    /// Before the first event.
    #[must_use]
    pub fn new(limits: Limits, exact: bool, base: Base) -> Self {
        Self { limits, exact, tally: Tally::zero(), last: base, unsure: false, shown: false }
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
        let sure = self.exact || !self.unsure;
        let (least, most) = match self.last {
            Base::Count(last) => {
                let rise = u64::from(restarts.saturating_sub(last));
                (rise, (sure && restarts >= last).then_some(rise))
            }
            Base::FirstShown => (0, sure.then_some(u64::from(restarts))),
            Base::Unknown => (0, None),
        };
        self.tally.add(least, most);
        self.last = Base::Count(restarts);
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
