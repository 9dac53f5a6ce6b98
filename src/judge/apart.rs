//! Places of subjects whose watches count apart: their times. What certainly happened before something else comes before
//! it; what may have happened at one time is in no order.
//!
//! A source that is not an API server says for each event from when to when it happened. What an API server sends had
//! happened when it came, and nobody knows how long before: such an entry has a last place, and no first one.

use super::ends::Ends;
use super::log::ClauseId;
use super::state::Judge;
use super::subjects::Member;
use crate::language::Selector;
use crate::monitor::{Event, Micros, NEVER_AFTER, Order, START, Span};
use crate::observation::Track;

/// How the events of a subject are placed by their times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timed {
    /// Its watch says from when on each of its events may have happened.
    pub is_dated: bool,
}

impl Judge {
    /// Whether a clause waits for what only times compare with the subject that it judges.
    pub(super) fn is_timed(&self, id: ClauseId, ends: &Ends) -> bool {
        let (expectation, clause) = (&self.program.expectations[id.0], self.program.clause(id));
        let other = clause.condition.as_ref().filter(|(alias, _)| *alias != clause.subject);
        other.is_some_and(|(alias, _)| {
            let (own, other) = (&expectation.subjects[clause.subject].1, &expectation.subjects[*alias].1);
            !self.is_timeless() && ends.is_separate(own, other)
        })
    }

    /// How the events of the member that a clause judges are placed; none where versions say the order.
    pub(super) fn timed(&self, id: ClauseId, member: &Member, ends: &Ends) -> Option<Timed> {
        self.is_timed(id, ends).then(|| Timed::of(member, ends))
    }

    /// Whether the watches of two selectors tell the order of what is still to come: nothing of it happened before they
    /// were last known alive.
    pub(super) fn are_timed(&self, own: &Selector, other: &Selector, ends: &Ends) -> bool {
        !self.is_timeless() && ends.tells_times(own) && ends.tells_times(other)
    }
}

/// An event at its place, by its time if that is what counts.
pub(super) fn placed(event: Event, timed: Option<Timed>) -> Event {
    match timed {
        Some(timed) => timed.event(event),
        None => event,
    }
}

/// The places before which the last state of a track ended: with its window, before the event that is `next`, or with
/// its subject.
pub(super) fn over(
    next: Option<Order>,
    (member, track): (&Member, Option<&Track>),
    timed: Option<Timed>,
) -> Option<Order> {
    match timed {
        Some(timed) => next.map(|_| Order::UNKNOWN).or_else(|| timed.leaves(member, track)),
        None => next.or_else(|| member.leaves(track)),
    }
}

impl Timed {
    pub fn of(member: &Member, ends: &Ends) -> Self {
        Self { is_dated: ends.are_dated(&member.subject) }
    }

    /// An event at its place. What is held at the start of a window is before everything within.
    fn event(self, mut event: Event) -> Event {
        let placed = |this: Self, when: Span, order: Order| match order {
            Order { hi: START, .. } => order,
            Order { lo: START, .. } => Order { lo: START, ..this.places(when) },
            _ => this.places(when),
        };
        match &mut event {
            Event::Enter { when, order, .. } => {
                // What was read back later has a time that was not measured here.
                let is_measured = self.is_dated || when.lo == when.hi;
                *order = placed(self, *when, *order);
                order.hi = if is_measured || order.hi == START { order.hi } else { u64::MAX };
            }
            Event::Gap { when, order, .. } => *order = placed(self, *when, *order),
        }
        event
    }

    /// The first and the last place of something that happened between two times.
    pub fn places(self, when: Span) -> Order {
        Order { lo: if self.is_dated { first(when.lo) } else { START + 1 }, hi: last(when.hi) }
    }

    /// The place up to which everything was seen that happened up to a moment.
    pub fn read(self, alive: Micros) -> u64 {
        if self.is_dated { first(alive) } else { START }
    }

    /// The places before which the last state of a track ended with its subject.
    fn leaves(self, member: &Member, track: Option<&Track>) -> Option<Order> {
        let deleted = member.deleted.filter(|_| track != Some(&Track::Lifecycle))?;
        Some(self.places(deleted))
    }
}

/// Two places for each microsecond: what is in one and the same is in no order.
fn first(at: Micros) -> u64 {
    u64::try_from(at).ok().filter(|_| at < NEVER_AFTER).map_or(START + 1, |at| (2 * at).max(START + 1))
}

/// The last place of what happened by a time.
pub(super) fn last(at: Micros) -> u64 {
    u64::try_from(at).ok().filter(|_| at < NEVER_AFTER).map_or(u64::MAX, |at| 2 * at + 1)
}
