//! `quiet after A`: once A was entered, none of the tracks changes any more. It compares places, not times: what
//! changes together with A does not come after it.

use super::first::First;
use super::trace::{End, Event, Symbol};
use super::verdict::Judgement;

/// The monitor.
#[derive(Clone, Debug, Default)]
pub struct Quiet {
    /// The last place that a change is certain not to come before.
    certain: Option<u64>,
    /// The last place that a change may have.
    possible: Option<u64>,
    last: Option<Symbol>,
}

impl Quiet {
    /// True when it is not known when the track changed last.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.possible != self.certain
    }

    /// Reads the next event of the track that must be quiet.
    pub fn observe(&mut self, event: &Event) {
        let (order, changed) = match event {
            Event::Enter { order, .. } => (order, true),
            Event::Gap { order, found, .. } => {
                (order, found.shown().is_some_and(|shown| self.last.as_ref() != Some(&shown.letter)))
            }
        };
        if changed {
            self.certain = self.certain.max(Some(order.lo));
        }
        self.possible = self.possible.max(Some(order.hi));
        if let Some(letter) = event.letter() {
            self.last = Some(letter);
        }
    }

    /// Says where it stands if both words end so, and A was first entered then. One monitor watches one track; what is
    /// said of several holds of each.
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
            End::Open { .. } => Judgement::open(may_be_broken, false),
        }
    }
}
