//! `A onlyAfter B`: A is not entered before B was. It compares places in the order of all entries, not times.
//!
//! A first entry that was not seen exactly lies between its earliest possible place and the place by which it is
//! certain. A B in the same change of one object counts as not later than A.

use super::first::{First, Read};
use super::path::States;
use super::trace::{End, Event};
use super::verdict::Judgement;
use std::sync::Arc;

/// The monitor of `A onlyAfter B`.
#[derive(Clone, Debug)]
pub struct Precedence {
    enter: Arc<States>,
    entered: First,
}

impl Precedence {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(enter: Arc<States>) -> Self {
        Self { enter, entered: First::default() }
    }

    /// True when the first entry of A is not known exactly.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.entered.possible != self.entered.certain
    }

    /// Reads the next event of A's track.
    pub fn observe(&mut self, event: &Event) {
        self.entered.observe(&self.enter, event);
    }

    /// The judgement if both traces end with `end`, and B was first entered as `b` says.
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
        let never = a.possible.is_none() && end.is_proven();
        // Of an entry at an unknown place, it is not known that later ones come after it.
        let is_final = end.is_final();
        let fits = never || b.certain.is_some_and(|b| b <= a_first && (is_final || b < u64::MAX));
        // If B was never entered, A was entered without it, whenever that was.
        let fails = a.certain.is_some_and(|a| a < b_first || is_final && b_first == u64::MAX);
        match end {
            End::Open { alive, .. } if !fits && !fails => {
                // An entry that may still arrive with an earlier place would change which entry is the first.
                let (a_whole, b_whole) = (*alive >= b.certain_at, *alive >= a.certain_at);
                let pass_lost = b_whole && a.possible.is_some_and(|a| a < b.certain.unwrap_or(u64::MAX));
                let fail_lost = a_whole && b.possible.is_some_and(|b| b <= a.certain.unwrap_or(u64::MAX));
                lost(b, pass_lost, fail_lost)
            }
            _ => Judgement::closed(fits, fails),
        }
    }
}

impl Read {
    /// The judgement while both streams continue. An entry that is still to come has a place after what its stream was
    /// read through, so it cannot revoke what an earlier place decided.
    fn judge(self, a: &First, b: &First) -> Judgement {
        let next = |read: Option<u64>| read.map_or(0, |read| read.saturating_add(1));
        let earliest = |first: &First, read| first.possible.unwrap_or(u64::MAX).min(next(read));
        let fits = b.certain.is_some_and(|b| b <= earliest(a, self.waiting));
        let fails = a.certain.is_some_and(|a| a < earliest(b, self.awaited));
        if fits || fails {
            return Judgement::closed(fits, fails);
        }
        let is_before = |one: Option<u64>, read: Option<u64>, other: Option<u64>, or_at: bool| {
            let other = other.unwrap_or(u64::MAX);
            one.is_some_and(|one| one < next(read) && (one < other || or_at && one == other))
        };
        let pass_lost = is_before(a.possible, self.awaited, b.certain, false);
        let fail_lost = is_before(b.possible, self.waiting, a.certain, true);
        lost(b, pass_lost, fail_lost)
    }
}

/// Whose entries count may turn out later: until then nothing is out of reach.
fn lost(condition: &First, pass_lost: bool, fail_lost: bool) -> Judgement {
    if condition.doubtful { Judgement::PENDING } else { Judgement::open(pass_lost, fail_lost) }
}
