//! `never A while B`: there is no place at which A is held on the one track and B on the other; and `same as`: there is
//! none at which the two tracks have different states.

use super::first::First;
use super::held::Held;
use super::path::States;
use super::trace::{End, Event};
use super::verdict::Judgement;
use std::sync::Arc;

/// The monitor of `never A while B`, or of `same as`.
#[derive(Clone, Debug)]
pub struct Meanwhile {
    states: Arc<States>,
    held: Held,
    /// True where both tracks must have the same state, and have one.
    is_same: bool,
}

impl Meanwhile {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(states: Arc<States>) -> Self {
        Self { states, held: Held::default(), is_same: false }
    }

    /// The monitor of `same as` before the first event; `states` are all that there are.
    #[must_use]
    pub fn same(states: Arc<States>) -> Self {
        Self { states, held: Held::by_value(), is_same: true }
    }

    /// True when the stays in A are not known exactly.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.held.is_split()
    }

    /// Reads the next event of A's track.
    pub fn observe(&mut self, event: &Event) {
        self.held.observe(&self.states, event);
    }

    /// The stays in A, as far as they are certain, and those of the condition.
    #[must_use]
    pub fn own(&self, condition: &First) -> Held {
        let mut own = self.held.clone();
        if let Some(over) = condition.over {
            own.end(over);
        }
        own.read_through(condition.read.and_then(|read| read.waiting).unwrap_or(0));
        own
    }

    /// The judgement if both traces end with `end`, and B was held as `b` says.
    #[must_use]
    pub fn judge(&self, b: &First, end: &End) -> Judgement {
        let own = self.own(b);
        let nothing = Held::default();
        let other = b.held.as_ref().unwrap_or(&nothing);
        if own.meets(other).is_some() {
            return Judgement::VIOLATED;
        }
        let fits = !own.may_meet(other) && (!self.is_same || own.agrees(other));
        let read = b.read.and_then(|read| read.waiting.zip(read.awaited));
        match end {
            End::Closed { .. } | End::Deleted { .. } => Judgement::closed(fits, false),
            End::Unfenced => Judgement::INCONCLUSIVE,
            End::Open { .. } if b.doubtful => Judgement::PENDING,
            End::Open { .. } => Judgement::open(read.is_some_and(|read| own.may_have_met(other, read)), false),
        }
    }
}
