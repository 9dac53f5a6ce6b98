//! The trace inside a window, with its uncertain edges, which every operator reads.
//!
//! The state held at the start comes first, is entered there, and has the first of all places; entries after the end do
//! not count; what may lie on either side of a bound is a gap. The base has the number of restarts before the start.

use super::window::{Bounds, Edge, Trouble};
use crate::monitor::{Base, Cause, End, Event, Found, Micros, NEVER_AFTER, NEVER_BEFORE, Order, START, Span};
use crate::observation::StateKind;
use std::borrow::Cow;

/// What is known about one track: its whole trace, and how far it was seen.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// What happened.
    pub events: Cow<'a, [Event]>,
    /// True for a track of the subject that is judged.
    pub own: bool,
    /// The place of the first version of its subject, where that is known exactly.
    pub first: Option<u64>,
    /// The place by which its subject was first seen.
    pub seen: u64,
    /// True when the oldest events were dropped.
    pub shortened: bool,
    /// When the subject was deleted.
    pub deleted: Option<Edge>,
    /// How its stream ends.
    pub stream: End,
}

/// The trace inside a window.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The events within.
    pub events: Vec<Event>,
    /// How it ends.
    pub end: End,
    /// Another possible end.
    pub or: Option<End>,
    /// What restarts are counted from.
    pub base: Base,
    /// The places of the first event after the window.
    pub next: Option<Order>,
    /// Its first event is the state held at the start.
    pub held: bool,
    /// It has an end of its own.
    pub is_bounded: bool,
    /// When its subject was deleted, if that was within.
    pub gone: Option<Span>,
}

impl Bounds {
    /// Cuts the trace of a track.
    ///
    /// # Errors
    /// The state held at the start was not seen, or not yet.
    pub fn cut(&self, known: &Known<'_>) -> Result<Cut, Trouble> {
        let events = tightened(known);
        let (end, or) = self.end((known.deleted, known.stream), &events);
        let is_bounded = self.until.is_some();
        let is_within = |when: &Span| self.until.is_none_or(|until| when.hi <= until.when().lo);
        let gone = known.deleted.map(Edge::when).filter(is_within);
        let Some(from) = self.from else {
            let next = self.next(&events);
            return Ok(Cut {
                events: self.ended(events),
                end,
                or,
                base: Base::Count(0),
                next,
                held: false,
                is_bounded,
                gone,
            });
        };
        let attached = known.own && self.attached && !known.shortened;
        let version = known.first.filter(|_| attached);
        let begins =
            attached && version.is_none() && events.first().is_some_and(|event| begins(event, from.when(), known.seen));
        match known.deleted {
            // The trace starts with what was first seen, whenever that was.
            _ if begins || version.is_some() => {}
            // Without receipt times nothing is known about what lies before it.
            _ if from.hi.0 >= NEVER_AFTER => return Err(Trouble::NotBegun),
            Some(deleted) if deleted.is_by(from) => {
                let end = End::Deleted { when: deleted.when() };
                let (events, base) = (Vec::new(), Base::Count(0));
                return Ok(Cut { events, end, or: None, base, next: None, held: false, is_bounded, gone });
            }
            Some(deleted) if !deleted.is_after(from) => {
                let when = Span::new(from.lo.0, deleted.hi.0);
                let hidden = gap(when, Order { lo: START, hi: u64::MAX }, Found::NotSeen);
                let (events, base) = (self.ended(vec![hidden]), Base::Unknown);
                return Ok(Cut { events, end, or, base, next: None, held: false, is_bounded, gone });
            }
            Some(_) => {}
            None if alive(&known.stream) >= from.hi.0 => {}
            None if is_passed(from, &events) => {}
            None => return Err(Trouble::NotBegun),
        }
        let split = match version {
            Some(place) => {
                let before = count_through(&events, |event| event.order().hi <= place);
                (before, count_through(&events, |event| event.order().lo <= place).max(before))
            }
            None if begins => (1, 1),
            None => {
                let before = by(&events, from);
                (before, count_through(&events, |event| !Edge::of(event).is_after(from)).max(before))
            }
        };
        let from = from.when();
        let (mut first, base, rest) = self.start(from, &events, split);
        if version.is_none() && begins && from.lo < from.hi {
            // Of two tracks that were first seen at inexact times, either may be the first.
            first = first.map(|held| placed(held, |_| Order { lo: START, hi: events[0].order().hi }));
        }
        let mut rest = rest.to_vec();
        // Until a state is shown, none is known to be lost.
        if first.as_ref().is_none_or(|first| first.shown().is_none()) {
            for event in &mut rest {
                let Event::Gap { found, .. } = event else { break };
                *found = stateless(found.clone());
                if found.shown().is_some() {
                    break;
                }
            }
        }
        let within = rest
            .into_iter()
            .map(|event| placed(event, |order| Order { lo: order.lo.max(START + 1), hi: order.hi.max(START + 1) }));
        // The state held at the start is within, however close the end is.
        let held = first.as_ref().filter(|first| matches!(first, Event::Enter { .. })).cloned();
        let first = first.filter(|_| held.is_none());
        let within = self.ended(first.into_iter().chain(within).collect());
        let next = self.next(&events);
        let is_held = held.is_some() && version.is_none() && !begins;
        Ok(Cut {
            events: held.into_iter().chain(within).collect(),
            end,
            or,
            base,
            next,
            held: is_held,
            is_bounded,
            gone,
        })
    }

    /// The places of the first event after the end.
    fn next(&self, events: &[Event]) -> Option<Order> {
        let until = self.until?;
        events.iter().find(|event| Edge::of(event).is_after(until)).map(Event::order)
    }

    /// How a subject ends within the window, and another possible end, whatever one of its tracks shows.
    pub fn closing(&self, deleted: Option<Edge>, stream: End) -> (End, Option<End>) {
        match self.from {
            Some(from) if deleted.is_none() && alive(&stream) < from.hi.0 => (unproven(stream), None),
            _ => self.end((deleted, stream), &[]),
        }
    }

    /// The state held at the start, the base of restarts, and the events after it. `before` events are certainly before
    /// the start, those from `after` on are certainly after it.
    fn start<'a>(
        &self,
        from: Span,
        events: &'a [Event],
        (before, mut after): (usize, usize),
    ) -> (Option<Event>, Base, &'a [Event]) {
        let found = |at: usize| at.checked_sub(1).map(|at| events[at].found());
        // What was not seen again before the next event is known only from that event.
        while after > 0 && found(after) == Some(Found::NotSeen) && after < events.len() {
            after += 1;
        }
        if after == 0 {
            return (None, if self.attached { Base::FirstShown } else { Base::Count(0) }, events);
        }
        let held = stateless(found(after).unwrap_or(Found::NotSeen));
        if after == before && held != Found::NotSeen {
            let Some(shown) = held.shown() else {
                return (None, if self.attached { Base::FirstShown } else { Base::Unknown }, &events[after..]);
            };
            let base = shown.restarts.map_or(Base::Unknown, Base::Count);
            let held = Event::Enter { shown: shown.clone(), when: from, order: Order::at(START) };
            return (Some(held), base, &events[after..]);
        }
        let doubtful = &events[before.min(after - 1)..after];
        let hi = doubtful.iter().map(|event| event.when().hi).fold(from.hi, Micros::max);
        let last = doubtful.iter().map(|event| event.order().hi).max().unwrap_or(u64::MAX);
        let first = gap(Span::new(from.lo, hi), Order { lo: START, hi: last }, held);
        (Some(first), Base::Unknown, &events[after..])
    }

    /// Removes what lies after the end.
    fn ended(&self, mut events: Vec<Event>) -> Vec<Event> {
        let Some(until) = self.until else { return events };
        let after = events.iter().position(|event| Edge::of(event).is_after(until));
        events.truncate(after.unwrap_or(events.len()));
        let first = by(&events, until);
        if first == events.len() {
            return events;
        }
        let order = events[first..]
            .iter()
            .map(Event::order)
            .reduce(|one, other| Order { lo: one.lo.min(other.lo), hi: one.hi.max(other.hi) });
        // The window may end before the first of them; up to its earliest end, everything was seen.
        let when = Span::new(events[first].when().lo.min(until.lo.0.saturating_add(1)), until.hi.0);
        events.truncate(first);
        events.extend(order.map(|order| gap(when, order, Found::NotSeen)));
        events
    }

    /// How the trace ends, and another possible end.
    fn end(&self, (deleted, stream): (Option<Edge>, End), events: &[Event]) -> (End, Option<End>) {
        let Some(until) = self.until else {
            // After an event of a backlog or a list, earlier ones may still come.
            let proven = events.last().map_or(NEVER_BEFORE, |event| event.when().lo - 1);
            return (deleted.map_or(raised(stream, proven), |gone| End::Deleted { when: gone.when() }), None);
        };
        let (earliest, latest) = (until.lo.0, until.hi.0);
        let closed = End::Closed { at: earliest };
        if let Some(gone) = deleted {
            let within = End::Deleted { when: Span::new(gone.lo.0, gone.hi.0.min(latest)) };
            return match () {
                () if gone.is_after(until) => (closed, None),
                () if gone.is_by(until) => (within, None),
                () => (closed, Some(within)),
            };
        }
        match stream {
            stream if alive(&stream) >= latest => (closed, None),
            _ if is_passed(until, events) => (closed, None),
            stream @ End::Closed { .. } if self.asked => (within(unproven(stream), earliest), None),
            stream => (within(stream, earliest), None),
        }
    }
}

/// What a track is found in by a window that starts without a state of it: one whose state was lost before, or that
/// never had one, has none; if it is lost within, it had one there.
fn stateless(found: Found) -> Found {
    match found.shown() {
        Some(shown) if shown.symbol.kind == StateKind::Absent => Found::NoState,
        _ => found,
    }
}

/// How many events there are through the last one of a sort.
fn count_through(events: &[Event], is_it: impl Fn(&Event) -> bool) -> usize {
    events.iter().rposition(is_it).map_or(0, |last| last + 1)
}

/// How many events certainly come by a bound. If its place is not exact, one that alone has this place is the entry that
/// is the bound, or comes with it.
fn by(events: &[Event], bound: Edge) -> usize {
    let is_it = |event: &&Event| Edge::of(event) == bound && bound.lo.0 == bound.hi.0;
    let is_alone = events.iter().filter(is_it).count() == 1;
    count_through(events, |event| Edge::of(event).is_by(bound) || is_alone && is_it(&event))
}

/// True for the event that shows the first version of its subject, which was seen then, and by this place.
fn begins(event: &Event, from: Span, seen: u64) -> bool {
    let first = match event {
        Event::Enter { .. } => true,
        // Where another track of the subject may have been seen before, it may have been in other states since.
        Event::Gap { cause, .. } => *cause == Cause::Beginning && from.lo == from.hi,
    };
    first && event.shown().is_some() && event.when().hi == from.hi && event.order().hi <= seen
}

/// True when an entry shows that everything before a bound was seen, because later entries are not earlier.
fn is_passed(bound: Edge, events: &[Event]) -> bool {
    events.iter().any(|event| matches!(event, Event::Enter { when, .. } if when.lo > bound.hi.0))
}

/// True when a track shows that everything before a bound was seen, whatever follows.
pub fn is_over(bound: Edge, known: &Known<'_>) -> bool {
    is_passed(bound, &tightened(known))
}

/// The time up to which everything was seen.
pub fn alive(stream: &End) -> Micros {
    match stream {
        End::Open { alive: at, .. } | End::Closed { at } => *at,
        End::Unfenced => NEVER_BEFORE,
        End::Deleted { .. } => NEVER_AFTER,
    }
}

/// The end of a window that may have ended at this time: it need not continue after it.
fn within(stream: End, last: Micros) -> End {
    match stream {
        End::Open { now, alive } => End::Open { now, alive: alive.min(last) },
        End::Closed { at } => End::Closed { at: at.min(last) },
        stream => stream,
    }
}

/// The end of what was seen, without a proof.
fn unproven(stream: End) -> End {
    match stream {
        End::Closed { at } => End::Open { now: at, alive: at },
        stream => stream,
    }
}

fn raised(stream: End, proven: Micros) -> End {
    match stream {
        End::Open { now, alive } => End::Open { now, alive: alive.max(proven) },
        stream => stream,
    }
}

/// The events with their times narrowed by those of the others, since entries are ordered. Of dropped events, only the
/// state they led to is known.
fn tightened(known: &Known<'_>) -> Vec<Event> {
    let mut events = known.events.to_vec();
    if known.shortened
        && let Some(first) = events.first_mut()
    {
        let (when, place) = (Span::new(NEVER_BEFORE, first.when().hi), Order { lo: START, hi: first.order().hi });
        *first = gap(when, place, first.found());
    }
    let mut earliest = NEVER_BEFORE;
    for event in &mut events {
        let when = when_mut(event);
        *when = when.not_before(earliest);
        earliest = earliest.max(when.lo);
    }
    let mut latest = NEVER_AFTER;
    for event in events.iter_mut().rev() {
        let when = when_mut(event);
        when.hi = when.hi.min(latest).max(when.lo);
        latest = latest.min(when.hi);
    }
    events
}

fn when_mut(event: &mut Event) -> &mut Span {
    match event {
        Event::Enter { when, .. } | Event::Gap { when, .. } => when,
    }
}

fn placed(mut event: Event, place: impl Fn(Order) -> Order) -> Event {
    match &mut event {
        Event::Enter { order, .. } | Event::Gap { order, .. } => *order = place(*order),
    }
    event
}

fn gap(when: Span, order: Order, found: Found) -> Event {
    Event::Gap { when, order, cause: Cause::Lost, found }
}
