//! `quiet after A`: once A was entered, none of the tracks changes any more. It compares places, not times: what
//! changes together with A does not come after it.

use super::first::First;
use super::trace::{End, Event, Symbol};
use super::verdict::Judgement;

/// The monitor of `quiet after A`.
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    /// The earliest place that the last known change may have.
    certain: Option<u64>,
    /// The latest place that a change may have.
    possible: Option<u64>,
    last: Option<Symbol>,
}

impl Quiet {
    /// True when the last change of the track is not known exactly.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.possible != self.certain
    }

    /// Reads the next event of the track that must be quiet.
    pub fn observe(&mut self, event: &Event) {
        let (order, changed) = match event {
            Event::Enter { order, .. } => (order, true),
            Event::Gap { order, found, .. } => {
                (order, found.shown().is_some_and(|shown| self.last.as_ref() != Some(&shown.symbol)))
            }
        };
        if changed {
            self.certain = self.certain.max(Some(order.lo));
        }
        self.possible = self.possible.max(Some(order.hi));
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
    }

    /// The judgement if both traces end with `end`, and A was first entered as `trigger` says. One monitor watches one
    /// track; several tracks are judged one by one.
    #[must_use]
    pub fn judge(&self, trigger: &First, end: &End) -> Judgement {
        let broken = |change: Option<u64>, trigger: Option<u64>| matches!((change, trigger), (Some(change), Some(trigger)) if change > trigger);
        if broken(self.certain, trigger.certain) {
            return Judgement::VIOLATED;
        }
        let may_be_broken = broken(self.possible, trigger.possible);
        match end {
            End::Closed { .. } | End::Deleted { .. } => Judgement::closed(!may_be_broken, false),
            End::Unfenced => Judgement::INCONCLUSIVE,
            End::Open { .. } => Judgement::open(may_be_broken && !trigger.doubtful, false),
        }
    }
}
