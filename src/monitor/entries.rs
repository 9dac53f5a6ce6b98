//! The entries into a set of states on one or several tracks: those that are certain, and where others may be hidden.

use super::path::States;
use super::trace::{Event, Micros, NEVER_AFTER, Order, START, Span, Symbol};

/// The most entries that are distinguished on one track; later ones may be anywhere.
const MAX_ENTRIES: usize = 1024;

/// The entries into a set of states.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    certain: Vec<Entered>,
    /// Within each of these, any number of entries may be hidden, or none.
    hidden: Vec<Entered>,
    last: Option<Symbol>,
}

/// When and where an entry was, or entries may have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entered {
    /// Their places.
    pub order: Order,
    /// Their times.
    pub when: Span,
}

impl Entered {
    /// The least and the most time from it to an answer.
    #[must_use]
    pub fn until(self, answer: Self) -> (Micros, Micros) {
        (answer.when.lo - self.when.hi, answer.when.hi - self.when.lo)
    }
}

impl Entries {
    /// Reads the next event of a track.
    pub fn observe(&mut self, states: &States, event: &Event) {
        let at = Entered { order: event.order(), when: event.when() };
        if self.certain.len() + self.hidden.len() >= MAX_ENTRIES {
            let on = Order { lo: at.order.lo, hi: u64::MAX };
            return self.may_be(on, Span::new(at.when.lo, NEVER_AFTER));
        }
        let is_gap = matches!(event, Event::Gap { .. });
        self.hidden.extend(is_gap.then_some(at));
        let shown = event.shown().filter(|shown| states.contains(&shown.symbol));
        let entered = shown.filter(|shown| !is_gap || self.last.as_ref() != Some(&shown.symbol));
        self.certain.extend(entered.map(|_| at));
        if let Some(symbol) = event.symbol() {
            self.last = Some(symbol);
        }
    }

    /// Entries may be hidden at these places and times.
    pub fn may_be(&mut self, order: Order, when: Span) {
        if self.hidden.len() <= 2 * MAX_ENTRIES {
            self.hidden.push(Entered { order, when });
        } else if let Some(last) = self.hidden.last_mut() {
            last.order = Order { lo: last.order.lo.min(order.lo), hi: last.order.hi.max(order.hi) };
            last.when = Span::new(last.when.lo.min(when.lo), last.when.hi.max(when.hi));
        }
    }

    /// Adds the entries on another track; if it is unknown whether that counts (`sure` is false), there may be none.
    pub fn join(&mut self, other: &Self, sure: bool) {
        self.hidden.extend(&other.hidden);
        let known = if sure { &mut self.certain } else { &mut self.hidden };
        known.extend(&other.certain);
    }

    /// The same where each entry has other places.
    #[must_use]
    pub fn placed(mut self, place: impl Fn(Order) -> Order) -> Self {
        self.certain.iter_mut().chain(&mut self.hidden).for_each(|entered| entered.order = place(entered.order));
        self
    }

    /// The same when its places cannot be compared with those of other tracks, except that of the start of a window.
    #[must_use]
    pub fn anywhere(self) -> Self {
        let bound = |place: u64, other: u64| if place == START { START } else { other };
        self.placed(|order| Order { lo: bound(order.lo, START + 1), hi: bound(order.hi, u64::MAX) })
    }

    /// The same for a track of a subject that began at this time and place or later.
    #[must_use]
    pub fn not_before(mut self, at: Micros, place: u64) -> Self {
        let all = self.certain.iter_mut().chain(&mut self.hidden);
        all.for_each(|entered| entered.when = entered.when.not_before(at));
        self.placed(|order| Order { lo: order.lo.max(place.min(order.hi)), hi: order.hi })
    }

    /// Those that are certain.
    #[must_use]
    pub fn certain(&self) -> &[Entered] {
        &self.certain
    }

    /// Where others may be hidden.
    #[must_use]
    pub fn hidden(&self) -> &[Entered] {
        &self.hidden
    }

    /// Both.
    pub fn all(&self) -> impl Iterator<Item = &Entered> {
        self.certain.iter().chain(&self.hidden)
    }

    /// How many there certainly were by a place.
    #[must_use]
    pub fn at_least(&self, place: u64) -> usize {
        self.certain.iter().filter(|entered| entered.order.hi <= place).count()
    }

    /// How many there may have been by a place; none when any number.
    #[must_use]
    pub fn at_most(&self, place: u64) -> Option<usize> {
        let is_by = |entered: &&Entered| entered.order.lo <= place;
        let is_bounded = !self.hidden.iter().any(|entered| is_by(&entered));
        is_bounded.then(|| self.certain.iter().filter(is_by).count())
    }
}
