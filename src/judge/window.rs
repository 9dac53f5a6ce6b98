//! The bounds of an expectation's window, as far as they are known.
//!
//! A window is the same for every track that a clause is about, including its condition's: if it depends on a subject,
//! that is the subject that is judged. `cut.rs` cuts out what lies within.

use crate::language::{From, Until, Window};
use crate::monitor::{Cause, Event, Micros, NEVER_AFTER, NEVER_BEFORE, Order, Span};
use std::collections::BTreeMap;

/// The marks of a timeline, each with the time of its first occurrence.
pub type Marks = BTreeMap<String, Micros>;

/// When a subject was created and first seen. The order in which its tracks are added does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// When its first track was entered.
    created: Span,
    /// True when its beginning was seen.
    born: bool,
    /// When it was first seen.
    seen: Span,
    /// The place by which its first track was entered. What another line of the same moment says is later.
    place: u64,
}

impl Sight {
    /// Derives it from the first event of one of its tracks.
    pub fn of(event: &Event) -> Self {
        let when = event.when();
        let seen = match event {
            Event::Gap { cause: Cause::Beginning, .. } => Span::at(when.hi),
            _ => when,
        };
        Self { created: when, born: matches!(event, Event::Enter { .. }), seen, place: event.order().hi }
    }

    /// True when its beginning was seen.
    pub fn is_birth(self) -> bool {
        self.born
    }

    /// When it was first seen.
    pub fn seen(self) -> Span {
        self.seen
    }

    /// The place by which it was first seen.
    pub fn place(self) -> u64 {
        self.place
    }

    /// When it was created.
    pub fn created(self) -> Span {
        if self.born { self.created } else { Span::new(NEVER_BEFORE, self.created.hi) }
    }

    /// Combines what the first events of two of its tracks say.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let by = |sight: &Self| (sight.created.hi, sight.place);
        let (first, later) = if by(&self) <= by(&other) { (self, other) } else { (other, self) };
        // A later track says something about the beginning only if that was not seen.
        if by(&later) > by(&first) && later.seen.lo <= NEVER_BEFORE {
            return first;
        }
        let earlier = |one: Span, other: Span| Span { lo: one.lo.min(other.lo), hi: one.hi.min(other.hi) };
        let unseen = |sight: Self| !sight.born && (by(&sight) == by(&first) || sight.created.lo <= NEVER_BEFORE);
        Self {
            created: earlier(first.created, later.created),
            born: !unseen(first) && !unseen(later),
            seen: earlier(first.seen, later.seen),
            place: first.place,
        }
    }
}

/// When the entries that bound a window came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries {
    /// The one at which it starts.
    pub from: Instant,
    /// The one at which it ends.
    pub until: Instant,
}

/// A time, and a place that orders what came at that time.
pub type Moment = (Micros, u64);

/// The moments between which something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The first possible one.
    pub lo: Moment,
    /// The last possible one.
    pub hi: Moment,
}

impl Edge {
    pub fn new(when: Span, order: Order) -> Self {
        Self { lo: (when.lo, order.lo), hi: (when.hi, order.hi) }
    }

    /// When an event came.
    pub fn of(event: &Event) -> Self {
        Self::new(event.when(), event.order())
    }

    /// A bound that is a time: what comes at that time comes by it.
    pub fn by(when: Span) -> Self {
        Self::new(when, Order::at(u64::MAX))
    }

    /// A start from which on all counts that comes at its time.
    pub fn from(when: Span) -> Self {
        Self::new(when, Order::at(0))
    }

    /// The times between which it came.
    pub fn when(self) -> Span {
        Span::new(self.lo.0, self.hi.0)
    }

    /// True when it certainly comes by another one.
    pub fn is_by(self, other: Self) -> bool {
        self.hi <= other.lo
    }

    /// True when it certainly comes after another one.
    pub fn is_after(self, other: Self) -> bool {
        self.lo > other.hi
    }

    /// The first of two.
    fn earlier(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.min(other.hi) }
    }

    /// With its places as others count them.
    #[must_use]
    pub fn placed(self, lower: impl Fn(u64) -> u64, upper: impl Fn(u64) -> u64) -> Self {
        Self { lo: (self.lo.0, lower(self.lo.1)), hi: (self.hi.0, upper(self.hi.1)) }
    }
}

/// When the first of some entries came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Instant {
    /// The earliest possible moment; none if it never comes.
    pub possible: Option<Moment>,
    /// The moment by which it certainly came; none if it need not come.
    pub certain: Option<Moment>,
}

impl Instant {
    /// The moments between which it lies, without an end if it need not come; none if it never comes.
    pub fn edge(self) -> Option<Edge> {
        self.possible.map(|lo| Edge { lo, hi: self.certain.unwrap_or((NEVER_AFTER, u64::MAX)) })
    }

    /// The moments between which it certainly lies.
    pub fn known(self) -> Option<Edge> {
        self.edge().filter(|_| self.certain.is_some())
    }

    /// It may come at this moment.
    pub fn may_come(&mut self, at: Moment) {
        self.possible = Some(self.possible.map_or(at, |known| known.min(at)));
    }

    /// It certainly comes, by this moment.
    pub fn comes(&mut self, by: Moment) {
        self.certain = Some(self.certain.map_or(by, |known| known.min(by)));
    }
}

/// Why a window cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Its start was not reached, or the state held then was not seen.
    NotBegun,
    /// The mark that ends it was not written.
    NotEnded,
    /// Its end depends on a beginning that was not seen.
    UnknownEnd,
    /// It ends before it starts.
    Inverted,
    /// It may end before it starts.
    MayBeInverted,
    /// No time of the recording is known, so nothing is known to lie within.
    Timeless,
}

impl Trouble {
    /// True when later entries cannot change it.
    pub fn lasts(self) -> bool {
        matches!(self, Self::UnknownEnd | Self::Inverted | Self::MayBeInverted | Self::Timeless)
    }
}

/// The bounds of a window. What comes at the time of one that is an entry comes by it if its place is no later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The start; none for that of the trace.
    pub from: Option<Edge>,
    /// True when the start is the time at which the subject was first seen.
    pub attached: bool,
    /// The end; none for that of the timeline.
    pub until: Option<Edge>,
    /// True when `until` names the end: a timeline that ends earlier does not show all of the window.
    pub asked: bool,
}

impl Window {
    /// The message for a window that cannot be judged.
    #[must_use]
    pub fn trouble(&self, marks: &Marks, trouble: Trouble) -> String {
        let missing = |name: &str| {
            if marks.contains_key(name) { String::new() } else { format!(": there is no mark `{name}`") }
        };
        match (trouble, &self.from, &self.until) {
            (Trouble::NotBegun, From::Mark(name), _) => format!("the window has not started{}", missing(name)),
            (Trouble::NotBegun, From::Enter(entered), _) => {
                format!("the window has not started: no entry `{}` was seen", entered.text)
            }
            (Trouble::NotBegun, ..) => "the window has not started".to_owned(),
            (Trouble::NotEnded, _, Until::Mark(name)) => format!("the window has not ended{}", missing(name)),
            (Trouble::NotEnded, ..) => "the window has not ended".to_owned(),
            (Trouble::UnknownEnd, ..) => "the end of the window counts from a beginning that was not seen".to_owned(),
            (Trouble::Inverted, ..) => "the window ends before it starts".to_owned(),
            (Trouble::MayBeInverted, ..) => "the window may end before it starts".to_owned(),
            (Trouble::Timeless, ..) => {
                "what lies within the window is unknown: the times of the recording are not of one clock".to_owned()
            }
        }
    }

    /// The bounds for a subject with this `sight`, when everything about it up to `alive` was seen.
    ///
    /// # Errors
    /// The bounds are unknown.
    pub(super) fn bounds(
        &self,
        marks: &Marks,
        sight: Option<Sight>,
        alive: Micros,
        entries: Entries,
    ) -> Result<Bounds, Trouble> {
        let mark = |name: &String| marks.get(name).copied().map(Span::at);
        let from = match &self.from {
            From::Created => None,
            From::Attached => sight.map(|sight| Edge::by(sight.seen)),
            From::Time(at) => Some(Edge::by(Span::at(*at))),
            From::Mark(name) => Some(Edge::by(mark(name).ok_or(Trouble::NotBegun)?)),
            From::Enter(_) => Some(entries.from.known().ok_or(Trouble::NotBegun)?),
        };
        let created = || sight.map(|sight| sight.created);
        let start = if self.from == From::Created { created() } else { from.map(Edge::when) };
        let longest = match (self.max, start) {
            (Some(_), _) if self.from == From::Created && sight.is_some_and(|sight| !sight.born) => {
                return Err(Trouble::UnknownEnd);
            }
            (Some(_), Some(start)) if start.lo <= NEVER_BEFORE || start.hi >= NEVER_AFTER => {
                return Err(Trouble::UnknownEnd);
            }
            (Some(max), Some(start)) => Some(Span::new(start.lo.saturating_add(max), start.hi.saturating_add(max))),
            _ => None,
        };
        let wanted = match &self.until {
            Until::End | Until::Enter(_) => None,
            Until::Time(at) => Some(Span::at(*at)),
            Until::Mark(name) => match mark(name) {
                // A mark after the window's longest duration does not matter.
                None if longest.is_none_or(|longest| alive < longest.hi) => return Err(Trouble::NotEnded),
                known => known,
            },
        };
        let until = [wanted.map(Edge::by), longest.map(Edge::by), entries.until.edge()];
        let until = until.into_iter().flatten().reduce(Edge::earlier);
        let both = from.map(Edge::when).zip(wanted);
        if both.is_some_and(|(from, wanted)| wanted.hi < from.lo) {
            return Err(Trouble::Inverted);
        }
        // The longest duration counts from the start, so it never ends before it.
        if both.is_some_and(|(from, wanted)| wanted.lo < from.hi) {
            return Err(Trouble::MayBeInverted);
        }
        Ok(Bounds { from, attached: self.from == From::Attached, until, asked: wanted.is_some() })
    }
}
