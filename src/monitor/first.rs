//! When a set of states was first entered, as far as it was seen: the earliest possible place, and the place by which
//! it is certain; and when it was held, where that matters.

use super::entries::Entries;
use super::held::Held;
use super::path::States;
use super::trace::{Event, Micros, NEVER_AFTER, NEVER_BEFORE, Order, START, Span, Symbol};

/// When a set of states was first entered.
#[derive(Clone, Debug)]
pub struct First {
    /// The earliest possible place; none when it cannot have been entered yet.
    pub possible: Option<u64>,
    /// The place by which it was certainly entered; none while it need not have been.
    pub certain: Option<u64>,
    /// The time that belongs to `certain`.
    pub certain_at: Micros,
    /// The earliest moment at which what makes it certain can have happened.
    pub certain_since: Micros,
    /// The last place at which the track was seen.
    pub seen: u64,
    /// How far the two streams involved were read, where places say so.
    pub read: Option<Read>,
    /// Whether some of the tracks count at all is not known.
    pub doubtful: bool,
    /// When the states were held, if that matters.
    pub held: Option<Held>,
    /// All entries into the states, if these matter.
    pub entries: Option<Entries>,
    /// The place at which the last state of the track that is judged ended, if it did.
    pub over: Option<Order>,
    last: Option<Symbol>,
}

/// How far two streams were read while both continue: whatever comes later has later places. None before the start of a
/// window: what comes may be held there, before all other places.
#[derive(Clone, Copy, Debug, Default)]
pub struct Read {
    /// The stream of the track that waits.
    pub waiting: Option<u64>,
    /// The stream of the track that is waited for.
    pub awaited: Option<u64>,
}

impl Read {
    /// Both were read through one place.
    #[must_use]
    pub fn both(place: u64) -> Self {
        Self { waiting: Some(place), awaited: Some(place) }
    }
}

impl Default for First {
    fn default() -> Self {
        Self {
            possible: None,
            certain: None,
            certain_at: NEVER_BEFORE,
            certain_since: NEVER_BEFORE,
            seen: 0,
            read: None,
            doubtful: false,
            held: None,
            entries: None,
            over: None,
            last: None,
        }
    }
}

impl First {
    /// Before the first event, where it matters when the states were held.
    #[must_use]
    pub fn and_held() -> Self {
        Self { held: Some(Held::default()), ..Self::default() }
    }

    /// Before the first event, where it matters which state was held when.
    #[must_use]
    pub fn and_values() -> Self {
        Self { held: Some(Held::by_value()), ..Self::default() }
    }

    /// Before the first event, where all entries matter.
    #[must_use]
    pub fn and_entries() -> Self {
        Self { entries: Some(Entries::default()), ..Self::default() }
    }

    /// True when more than the first entry matters.
    #[must_use]
    pub fn tells_all(&self) -> bool {
        self.held.is_some() || self.entries.is_some()
    }

    /// Combines the first entries of two tracks. If it is unknown whether the other track counts (`sure` is false), its
    /// entries are only possible.
    pub fn join(&mut self, other: &Self, sure: bool) {
        self.possible = self.possible.into_iter().chain(other.possible).min();
        self.doubtful |= other.doubtful || !sure && other.possible.is_some();
        if let Some(place) = other.certain.filter(|_| sure) {
            self.settle(place, Span::new(other.certain_since, other.certain_at));
        }
        self.seen = if self.last.is_none() && self.seen == 0 { other.seen } else { self.seen.min(other.seen) };
        if let (Some(held), Some(other)) = (&mut self.held, &other.held) {
            held.join(other, sure);
        }
        if let (Some(entries), Some(other)) = (&mut self.entries, &other.entries) {
            entries.join(other, sure);
        }
    }

    /// The same when its places cannot be compared with those of other tracks. An entry that is held at the start of a
    /// window is still before all others.
    #[must_use]
    pub fn anywhere(self) -> Self {
        let certain = self.certain.map(|place| if place == START { START } else { u64::MAX });
        let (held, entries) = (self.held.map(Held::anywhere), self.entries.map(Entries::anywhere));
        Self { possible: self.possible.map(|place| place.min(START + 1)), certain, seen: 0, held, entries, ..self }
    }

    /// The same as another watch counts places: each of its places may be between a first and a last one there.
    #[must_use]
    pub fn elsewhere(self, lower: impl Fn(u64) -> u64, upper: impl Fn(u64) -> u64) -> Self {
        let (possible, certain, seen) = (self.possible.map(&lower), self.certain.map(&upper), lower(self.seen));
        let held = self.held.map(|held| held.elsewhere(&lower, &upper));
        let place = |order: Order| Order { lo: lower(order.lo), hi: upper(order.hi) };
        let entries = self.entries.map(|entries| entries.placed(place));
        Self { possible, certain, seen, held, entries, ..self }
    }

    /// The same for a track of a subject that began at this time and place or later.
    #[must_use]
    pub fn not_before(self, (at, place): (Micros, u64)) -> Self {
        let latest = self.certain.unwrap_or(u64::MAX);
        let held = self.held.map(|held| held.not_before(place));
        let entries = self.entries.map(|entries| entries.not_before(at, place));
        Self { possible: self.possible.map(|known| known.max(place.min(latest))), held, entries, ..self }
    }

    /// A hidden entry may have happened from this place on.
    pub fn may_be_hidden(&mut self, place: u64) {
        self.may_be_hidden_in(Order { lo: place, hi: u64::MAX }, Span::new(NEVER_BEFORE, NEVER_AFTER));
    }

    /// The same where it was over by another place, and at known times.
    pub fn may_be_hidden_in(&mut self, order: Order, when: Span) {
        let Order { lo: place, hi: last } = order;
        self.possible = Some(self.possible.map_or(place, |known| known.min(place)));
        if let Some(held) = &mut self.held {
            held.may_be(place, last);
        }
        if let Some(entries) = &mut self.entries {
            entries.may_be(order, when);
        }
    }

    /// Its last state ended before one of these places, if there are any.
    pub fn ends(&mut self, before: Option<Order>) {
        if let (Some(held), Some(before)) = (&mut self.held, before) {
            held.end(before);
        }
    }

    /// Names the subject of the track.
    pub fn is_of(&mut self, subject: usize) {
        self.held.iter_mut().for_each(|held| held.is_of(subject));
    }

    /// Reads the next event of the track.
    pub fn observe(&mut self, states: &States, event: &Event) {
        let earliest = |known: Option<u64>, place: u64| Some(known.map_or(place, |known| known.min(place)));
        match event {
            Event::Enter { shown, when, order } => {
                if states.contains(&shown.symbol) {
                    self.possible = earliest(self.possible, order.lo);
                    self.settle(order.hi, *when);
                }
                self.seen = self.seen.max(order.lo);
            }
            Event::Gap { when, order, found, .. } => {
                self.possible = earliest(self.possible, order.lo);
                if let Some(shown) = found.shown()
                    && states.contains(&shown.symbol)
                    && self.last.as_ref() != Some(&shown.symbol)
                {
                    self.settle(order.hi, *when);
                }
                self.seen = self.seen.max(order.lo);
            }
        }
        if let Some(held) = &mut self.held {
            held.observe(states, event);
        }
        if let Some(entries) = &mut self.entries {
            entries.observe(states, event);
        }
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
    }

    fn settle(&mut self, place: u64, when: Span) {
        if self.certain.is_none_or(|known| place < known) {
            self.certain = Some(place);
            (self.certain_since, self.certain_at) = (when.lo, when.hi);
        }
    }

    /// The earliest possible place while entries at any time after `alive` may still come; only those before `other_at`
    /// matter.
    #[must_use]
    pub fn possible_with_future(&self, alive: Micros, other_at: Micros) -> u64 {
        if alive >= other_at { self.possible.unwrap_or(u64::MAX) } else { 0 }
    }
}
