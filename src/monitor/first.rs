//! When a set of states was first entered, as far as it was seen: the earliest place that is possible, and the one by
//! which it is certain.

use super::path::States;
use super::trace::{Event, Micros, NEVER_BEFORE, Symbol};

/// When a set of states was first entered.
#[derive(Clone, Debug)]
pub struct First {
    /// Not before this place; none when it cannot have been entered yet.
    pub possible: Option<u64>,
    /// Not after this place; none while it need not have been entered.
    pub certain: Option<u64>,
    /// The time that goes with `certain`.
    pub certain_at: Micros,
    /// The last place that the track was seen at.
    pub seen: u64,
    /// Up to which places the stream of the track that waits for it and its own were read, where places tell.
    pub read: Option<Read>,
    last: Option<Symbol>,
}

/// Up to which places two streams were read while they go on: what comes has later ones.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    /// That of the track that waits.
    pub waiting: u64,
    /// That of what it waits for.
    pub awaited: u64,
}

impl Default for First {
    fn default() -> Self {
        Self { possible: None, certain: None, certain_at: NEVER_BEFORE, seen: 0, read: None, last: None }
    }
}

impl First {
    /// The first entry on any of two tracks. Whether the other track counts at all may be unknown: then its entries
    /// are only possible.
    pub fn join(&mut self, other: &Self, sure: bool) {
        self.possible = self.possible.into_iter().chain(other.possible).min();
        if let Some(place) = other.certain.filter(|_| sure) {
            self.settle(place, other.certain_at);
        }
        self.seen = if self.last.is_none() && self.seen == 0 { other.seen } else { self.seen.min(other.seen) };
    }

    /// The same when its places do not compare with those of the others.
    #[must_use]
    ///
    /// What is held at the start of a window is before all others nevertheless.
    pub fn anywhere(self) -> Self {
        let certain = self.certain.map(|place| if place == 0 { 0 } else { u64::MAX });
        Self { possible: self.possible.map(|_| 0), certain, seen: 0, ..self }
    }

    /// An entry that nobody would have seen may have happened from this place on.
    pub fn may_be_hidden(&mut self, place: u64) {
        self.possible = Some(self.possible.map_or(place, |known| known.min(place)));
    }

    /// Reads the next event of the track.
    pub fn observe(&mut self, states: &States, event: &Event) {
        let earliest = |known: Option<u64>, place: u64| Some(known.map_or(place, |known| known.min(place)));
        match event {
            Event::Enter { shown, when, order } => {
                if states.contains(&shown.letter) {
                    self.possible = earliest(self.possible, order.lo);
                    self.settle(order.hi, when.hi);
                }
                self.seen = self.seen.max(order.lo);
            }
            Event::Gap { when, order, found, .. } => {
                self.possible = earliest(self.possible, order.lo);
                if let Some(shown) = found.shown()
                    && states.contains(&shown.letter)
                    && self.last.as_ref() != Some(&shown.letter)
                {
                    self.settle(order.hi, when.hi);
                }
                self.seen = self.seen.max(order.lo);
            }
        }
        if let Some(letter) = event.letter() {
            self.last = Some(letter);
        }
    }

    fn settle(&mut self, place: u64, at: Micros) {
        if self.certain.is_none_or(|known| place < known) {
            self.certain = Some(place);
            self.certain_at = at;
        }
    }

    /// The earliest place, when entries may still come for all times after `alive`, and `other_at` is the time that
    /// they would have to come before to matter.
    #[must_use]
    pub fn possible_with_future(&self, alive: Micros, other_at: Micros) -> u64 {
        if alive >= other_at { self.possible.unwrap_or(u64::MAX) } else { 0 }
    }
}
