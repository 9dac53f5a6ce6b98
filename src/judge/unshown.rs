//! The tracks of a subject that none of its versions has shown so far.
//!
//! A version without a track proves that the track has no state there, but nothing about what was not seen: an unseen
//! beginning and every gap of the subject may hide a track that was lost again. The trace of such a track consists of
//! gaps only; the trace of a track that is shown for the first time begins with them.

use super::log::{Log, MAX_TRACE};
use crate::monitor::{Cause, Event, Found, Order, Shown, Span};

/// The trace of the tracks that no version has shown.
#[derive(Clone, Debug, Default)]
pub struct Unshown {
    log: Log,
    /// `seq` of the line with the version that ended the last gap: what that version shows was found, not entered.
    ended_by: Option<u64>,
}

impl Unshown {
    /// The trace; it has no monitors.
    #[must_use]
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// True when this line ended the last gap.
    #[must_use]
    pub fn ended_by(&self, line: u64) -> bool {
        self.ended_by == Some(line)
    }

    /// The first place after what is known.
    #[must_use]
    pub fn place(&self) -> u64 {
        self.log.events.last().map_or(0, Event::next_place)
    }

    /// Adds a gap of the subject; `ended_by` is the line that showed it again.
    pub fn lost(&mut self, when: Span, order: Order, cause: Cause, ended_by: Option<u64>) {
        let found = if ended_by.is_some() { Found::NoState } else { Found::NotSeen };
        self.ended_by = ended_by;
        match self.log.events.last_mut() {
            // The last gap has no known end yet, or extends into this one.
            Some(Event::Gap { when: known, order: places, cause: first, found: last })
                if *last == Found::NotSeen || when.lo < known.hi =>
            {
                let hi = if *last == Found::NotSeen { when.hi } else { when.hi.max(known.hi) };
                *known = Span::new(known.lo.min(when.lo), hi);
                *places = Order { lo: places.lo.min(order.lo), hi: order.hi };
                *last = found;
                *first = Cause::Lost;
            }
            _ => self.push(Event::Gap { when, order, cause, found }),
        }
    }

    /// The subject was deleted: the gap that its deletion ended is one without an end.
    pub fn gone(&mut self, when: Span, line: u64) {
        if let Some(Event::Gap { when: known, found, .. }) = self.log.events.last_mut()
            && (*found == Found::NotSeen || self.ended_by == Some(line))
        {
            *known = Span::new(known.lo, known.hi.min(when.hi));
            *found = Found::NotSeen;
        }
    }

    /// The trace of a track that is shown for the first time, by this line.
    #[must_use]
    pub fn begin(&self, shown: Shown, when: Span, order: Order, line: u64) -> Vec<Event> {
        let known = &self.log.events;
        if let Some((Event::Gap { when: gap, order: places, cause, found }, before)) = known.split_last() {
            let is_found = self.ended_by == Some(line);
            if is_found || *found == Found::NotSeen || when.lo < gap.hi {
                let when = Span::new(gap.lo.min(when.lo), when.hi);
                let order = Order { lo: places.lo.min(order.hi), hi: order.hi };
                let cause = if is_found { *cause } else { Cause::Lost };
                let last = Event::Gap { when, order, cause, found: Found::In(shown) };
                return before.iter().cloned().chain([last]).collect();
            }
        }
        known.iter().cloned().chain([Event::Enter { shown, when, order }]).collect()
    }

    /// Keeps the last gaps separately, and the earlier ones merged: that may hide more, never less.
    fn push(&mut self, event: Event) {
        if self.log.events.len() == MAX_TRACE {
            let earlier: Vec<Event> = self.log.events.drain(..MAX_TRACE / 2).collect();
            if let (
                Some(Event::Gap { when: first, order: from, cause, .. }),
                Some(Event::Gap { when: last, order: to, .. }),
            ) = (earlier.first(), earlier.last())
            {
                let (when, order) = (Span::new(first.lo, last.hi), Order { lo: from.lo, hi: to.hi });
                self.log.events.insert(0, Event::Gap { when, order, cause: *cause, found: Found::NoState });
            }
            self.log.shortened = true;
        }
        self.log.events.push(event);
    }
}
