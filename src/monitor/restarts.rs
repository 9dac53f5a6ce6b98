//! `count restart`: how often a container was restarted, from its restartCount.
//!
//! The kubelet derives restartCount from the dead containers that it still has, so the count may fall when they are
//! garbage collected. Across a gap, the rise is only a lower bound of the restarts, unless the expectation assumes
//! `restart-count-exact`.

use super::count::{Limits, Tally};
use super::trace::{End, Event};
use super::verdict::Judgement;

/// What is known of the count before the first event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The count itself: zero at a container's creation, or the count at a window's start.
    Count(u32),
    /// At most the first count that is shown.
    FirstShown,
    /// Unknown.
    Unknown,
}

/// The monitor of `count restart`.
#[derive(Clone, Debug)]
pub struct Restarts {
    limits: Limits,
    /// True when the rise across a gap is taken as the exact number of restarts.
    exact: bool,
    tally: Tally,
    last: Base,
    /// True after a gap until the count is shown again.
    unsure: bool,
    /// True once the count was shown.
    shown: bool,
}

impl Restarts {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(limits: Limits, exact: bool, base: Base) -> Self {
        Self { limits, exact, tally: Tally::zero(), last: base, unsure: false, shown: false }
    }

    /// The least and the most restarts so far; the most is none when unbounded.
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

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        if self.shown && !self.unsure {
            return self.tally.judge(self.limits, end);
        }
        let standing = Tally { most: None, ..self.tally }.judge(self.limits, end);
        let may_be_known = self.exact || !self.unsure;
        let lost = standing.verdict.is_decided() || end.is_final() || !may_be_known || self.tally.most.is_none();
        if lost { standing } else { Judgement::open(false, self.tally.judge(self.limits, end).fail_lost) }
    }
}
