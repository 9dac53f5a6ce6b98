//! `every A after B` and `every A then B`, where B is on another track: each entry into A has its cause, or its answer.
//!
//! The first compares numbers: by the place of each entry into A, there were as many into B. The second asks for one
//! into B whose place is not before, in time. What changes in one version of an object has one place.

use super::count::{Limits, Tally};
use super::entries::{Entered, Entries};
use super::first::First;
use super::path::{Bound, States};
use super::trace::{End, Event, Micros};
use super::verdict::{Judgement, Verdict};
use std::sync::Arc;

/// The operands of `every`, where B is on another track.
#[derive(Clone, Debug)]
pub struct Terms {
    /// A.
    pub every: States,
    /// B.
    pub other: States,
    /// What is asked of B.
    pub pairing: Pairing,
    /// The least number of entries into A.
    pub min: u64,
}

/// What is asked of the entries into B.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// The k-th entry into A is not before the k-th into B.
    After,
    /// Each entry into A is followed by one into B, within this time if there is one.
    Then(Option<Bound>),
}

/// The monitor of both.
#[derive(Clone, Debug)]
pub struct Paired {
    terms: Arc<Terms>,
    own: Entries,
}

impl Paired {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(terms: Arc<Terms>) -> Self {
        Self { terms, own: Entries::default() }
    }

    /// True when the entries into A are not known exactly.
    #[must_use]
    pub fn is_split(&self) -> bool {
        !self.own.hidden().is_empty()
    }

    /// Reads the next event of A's track.
    pub fn observe(&mut self, event: &Event) {
        self.own.observe(&self.terms.every, event);
    }

    /// The judgement if both traces end with `end`, and B was entered as `b` says.
    #[must_use]
    pub fn judge(&self, b: &First, end: &End) -> Judgement {
        let pairs = match (&b.entries, self.terms.pairing) {
            (Some(other), Pairing::After) => self.ranked(b, other, end),
            (Some(other), Pairing::Then(within)) => self.followed(b, other, within, end),
            (None, _) => undecided(end, b, false, false),
        };
        let number = self.number(end);
        Judgement::all([pairs, if number.verdict == Verdict::Violated { number.vacuously() } else { number }])
    }

    /// The judgement of the number of entries into A.
    fn number(&self, end: &End) -> Judgement {
        let least = self.own.certain().len() as u64;
        let most = self.own.hidden().is_empty().then_some(least);
        Tally { least, most }.judge(Limits { min: self.terms.min, max: None }, end)
    }

    fn ranked(&self, b: &First, other: &Entries, end: &End) -> Judgement {
        if self.uncaused(b, other).is_some() {
            return Judgement::VIOLATED;
        }
        let lacks = |place: &u64| self.own.at_most(*place).is_none_or(|most| most > other.at_least(*place));
        let first = self.own.all().map(|entered| entered.order.lo).filter(lacks).min();
        let read = b.read.and_then(|read| read.awaited).unwrap_or(0);
        undecided(end, b, first.is_none(), first.is_some_and(|place| place <= read))
    }

    /// The first entry into A by whose place there were certainly fewer into B, and how many these were at most.
    #[must_use]
    pub fn uncaused(&self, b: &First, other: &Entries) -> Option<(Entered, usize)> {
        // What was not read may hold any number.
        let read = b.read.and_then(|read| read.awaited)?;
        let mut own: Vec<Entered> = self.own.certain().to_vec();
        own.sort_by_key(|entered| entered.order.hi);
        own.into_iter().enumerate().find_map(|(before, entered)| {
            let place = entered.order.hi;
            let most = other.at_most(place).filter(|_| place <= read)?;
            (most <= before).then_some((entered, most))
        })
    }

    fn followed(&self, b: &First, other: &Entries, within: Option<Bound>, end: &End) -> Judgement {
        if self.unanswered(other, within, end).is_some() {
            return Judgement::VIOLATED;
        }
        let mut open = self.open(other, within).peekable();
        let is_late = |entered: &Entered| {
            let limit = within.and_then(Bound::limit);
            limit.is_some_and(|most| seen(end) >= entered.when.lo.saturating_add(most))
        };
        let all_fit = open.peek().is_none();
        undecided(end, b, all_fit, open.any(|entered| is_late(&entered)))
    }

    /// The entries into A, seen or hidden, that are not certainly answered.
    pub fn open(&self, other: &Entries, within: Option<Bound>) -> impl Iterator<Item = Entered> {
        self.own.all().copied().filter(move |entered| {
            let is_answer = |answer: &Entered| {
                let (least, most) = entered.until(*answer);
                entered.order.hi <= answer.order.lo && is_within(within, (most, least))
            };
            !other.certain().iter().any(is_answer)
        })
    }

    /// The first entry into A that is certainly not answered.
    #[must_use]
    pub fn unanswered(&self, other: &Entries, within: Option<Bound>, end: &End) -> Option<Entered> {
        self.own.certain().iter().copied().find(|entered| {
            let may_answer = |answer: &Entered| {
                let (least, most) = entered.until(*answer);
                answer.order.hi >= entered.order.lo && is_within(within, (least, most))
            };
            let may_be = other.all().any(may_answer);
            let bound = within.unwrap_or(Bound { least: 0, most: Micros::MAX });
            let is_over = match end {
                End::Deleted { .. } => true,
                // The order is final, once an answer could have counted.
                End::Closed { .. } if bound.limit().is_none() => {
                    seen(end) >= entered.when.hi.saturating_add(bound.least)
                }
                _ => bound.limit().is_some_and(|most| seen(end) >= entered.when.hi.saturating_add(most)),
            };
            is_over && !may_be
        })
    }
}

/// Whether a time is not above the most, and another not below the least. What has a later place may have been received
/// before.
fn is_within(within: Option<Bound>, (short, long): (Micros, Micros)) -> bool {
    within.is_none_or(|within| {
        within.limit().is_none_or(|most| short <= most) && (within.least == 0 || long >= within.least)
    })
}

/// The time up to which both tracks were seen.
fn seen(end: &End) -> Micros {
    match end {
        End::Open { alive: at, .. } | End::Closed { at } => *at,
        End::Deleted { .. } => Micros::MAX,
        End::Unfenced => Micros::MIN,
    }
}

/// What is not violated.
fn undecided(end: &End, condition: &First, all_fit: bool, pass_lost: bool) -> Judgement {
    match end {
        End::Closed { .. } | End::Deleted { .. } => Judgement::closed(all_fit, false),
        End::Unfenced => Judgement::INCONCLUSIVE,
        End::Open { .. } if condition.doubtful => Judgement::PENDING,
        End::Open { .. } => Judgement::open(pass_lost, false),
    }
}
