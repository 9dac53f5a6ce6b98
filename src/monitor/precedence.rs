//! `A onlyAfter B`: A is not entered before B was. It compares places in the order of all entries, not times.
//!
//! A first entry that was not seen exactly lies between the earliest place that is possible and the one by which it
//! is certain. B in the same change of one object is not later than A.

use super::first::{First, Read};
use super::path::States;
use super::trace::{End, Event};
use super::verdict::Judgement;
use std::sync::Arc;

/// The monitor.
#[derive(Clone, Debug)]
pub struct Precedence {
    enter: Arc<States>,
    entered: First,
}

impl Precedence {
    /// Before the first event.
    #[must_use]
    pub fn new(enter: Arc<States>) -> Self {
        Self { enter, entered: First::default() }
    }

    /// True when it is not known when A was first entered.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.entered.possible != self.entered.certain
    }

    /// Reads the next event of A's track.
    pub fn observe(&mut self, event: &Event) {
        self.entered.observe(&self.enter, event);
    }

    /// Says where it stands if both words end so, and B was first entered then.
    #[must_use]
    pub fn judge(&self, b: &First, end: &End) -> Judgement {
        let a = &self.entered;
        if let (End::Open { .. }, Some(read)) = (end, b.read) {
            return read.judge(a, b);
        }
        let (mut a_first, mut b_first) = (a.possible.unwrap_or(u64::MAX), b.possible.unwrap_or(u64::MAX));
        match end {
            End::Closed { .. } | End::Deleted { .. } => {}
            End::Unfenced => (a_first, b_first) = (a_first.min(a.seen), b_first.min(b.seen)),
            End::Open { alive, .. } => {
                a_first = a.possible_with_future(*alive, b.certain_at);
                b_first = b.possible_with_future(*alive, a.certain_at);
            }
        }
        let never = a.possible.is_none() && matches!(end, End::Closed { .. } | End::Deleted { .. });
        let fits = never || b.certain.is_some_and(|b| b <= a_first);
        // Where B was never entered, A was without it, wherever that was.
        let fails = a.certain.is_some_and(|a| a < b_first || b_first == u64::MAX);
        match end {
            End::Open { alive, .. } if !fits && !fails => {
                // An entry that may still come with an earlier place would change what is believed of the first.
                let (a_whole, b_whole) = (*alive >= b.certain_at, *alive >= a.certain_at);
                let pass_lost = b_whole && a.possible.is_some_and(|a| a < b.certain.unwrap_or(u64::MAX));
                let fail_lost = a_whole && b.possible.is_some_and(|b| b <= a.certain.unwrap_or(u64::MAX));
                Judgement::open(pass_lost, fail_lost)
            }
            _ => Judgement::closed(fits, fails),
        }
    }
}

impl Read {
    /// While both streams go on: an entry that comes is behind what its own was read through, so it takes back nothing
    /// that was decided by an earlier place.
    fn judge(self, a: &First, b: &First) -> Judgement {
        let earliest = |first: &First, read: u64| first.possible.unwrap_or(u64::MAX).min(read.saturating_add(1));
        let fits = b.certain.is_some_and(|b| b <= earliest(a, self.waiting));
        let fails = a.certain.is_some_and(|a| a < earliest(b, self.awaited));
        if fits || fails {
            return Judgement::closed(fits, fails);
        }
        let is_before = |one: Option<u64>, read: u64, other: Option<u64>, or_at: bool| {
            let other = other.unwrap_or(u64::MAX);
            one.is_some_and(|one| one <= read && (one < other || or_at && one == other))
        };
        let pass_lost = is_before(a.possible, self.awaited, b.certain, false);
        let fail_lost = is_before(b.possible, self.waiting, a.certain, true);
        Judgement::open(pass_lost, fail_lost)
    }
}
