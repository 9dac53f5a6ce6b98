//! The events on one track of a subject, and the monitors that read them.

use crate::monitor::{Cause, Event, First, Monitor, Order, Span};
use std::borrow::Cow;
use std::sync::Arc;

/// Most events that are kept for one track.
pub const MAX_TRACE: usize = 4096;

/// A clause of an expectation, by index.
pub type ClauseId = (usize, usize);

/// One track of a subject.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The last [`MAX_TRACE`] events.
    pub events: Vec<Event>,
    /// True when older events were dropped.
    pub shortened: bool,
    /// How many of its events were dropped.
    pub dropped: u64,
    /// What windows keep of it.
    pub pins: Vec<Pin>,
    /// Monitors of clauses about the whole timeline.
    pub monitors: Vec<(ClauseId, Monitor)>,
    /// First entries into the states that conditions wait for, of clauses about the whole timeline.
    pub conditions: Vec<(ClauseId, First)>,
}

/// What an expectation's window keeps of a track.
#[derive(Clone, Debug)]
pub struct Pin {
    /// The expectation, by index.
    pub expectation: usize,
    /// The events.
    pub events: Arc<[Event]>,
    /// The number of the first event of the track that is not among them.
    pub next: u64,
    /// True when events before them were dropped.
    pub shortened: bool,
    /// True when no later event matters.
    pub is_final: bool,
}

/// The events of a track that are known for a window.
#[derive(Debug)]
pub struct Kept<'a> {
    /// The events.
    pub events: Cow<'a, [Event]>,
    /// True when earlier ones were dropped.
    pub shortened: bool,
}

impl Log {
    /// The events that are known for the window of an expectation.
    pub fn kept(&self, expectation: usize) -> Kept<'_> {
        match self.pin(expectation) {
            Some(pin) => Kept { events: pin.joined(&self.events, self.dropped).into(), shortened: pin.shortened },
            None => Kept { events: self.events.as_slice().into(), shortened: self.shortened },
        }
    }

    /// True when some that may matter to the window of an expectation were dropped.
    pub fn lacks(&self, expectation: usize) -> bool {
        let dropped = |pin: &Pin| pin.shortened || !pin.is_final && pin.next < self.dropped;
        self.pin(expectation).map_or(self.shortened, dropped)
    }

    fn pin(&self, expectation: usize) -> Option<&Pin> {
        self.pins.iter().find(|pin| pin.expectation == expectation)
    }
}

impl Pin {
    /// The events followed by the last ones of the track, of which so many are dropped.
    pub fn joined(&self, last: &[Event], dropped: u64) -> Vec<Event> {
        let mut events = self.events.to_vec();
        match usize::try_from(self.next.saturating_sub(dropped)) {
            Ok(known) if self.next >= dropped => events.extend(last.iter().skip(known).cloned()),
            _ => {
                if let (Some(before), Some((first, rest))) = (events.last(), last.split_first()) {
                    let when = Span::new(before.when().lo.min(first.when().hi), first.when().hi);
                    let order = Order { lo: before.order().lo.min(first.order().hi), hi: first.order().hi };
                    events.push(Event::Gap { when, order, cause: Cause::Lost, found: first.found() });
                    events.extend(rest.iter().cloned());
                }
            }
        }
        events
    }
}
