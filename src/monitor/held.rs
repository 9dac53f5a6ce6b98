//! When a set of states was held, as places: where it certainly was, and where it may have been.
//!
//! A stay lasts from the place of its entry to the one before the next entry on its track. So two states that take
//! turns in one version of an object never meet.

use super::path::States;
use super::trace::{Event, Found, Micros, NEVER_BEFORE, Order, START, Symbol};
use crate::observation::StateKind;
use smol_str::SmolStr;

/// The most stays that are distinguished on one track; whether there are later ones is not known then.
const MAX_STAYS: usize = 4096;

/// The last place of a stay that continues.
const ON: u64 = u64::MAX;

/// When a set of states was held.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// True when it matters which of the states was held: two stays in one label agree.
    by_value: bool,
    certain: Vec<Stay>,
    possible: Vec<Stay>,
    /// It was certainly held at one place at least of each of these.
    within: Vec<Stay>,
}

/// The first and the last place of a stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// When it was entered, or seen first.
    pub since: Micros,
    /// The number of the subject that it is of, as the caller counts.
    pub of: usize,
    /// The label of the state, where it is known and matters.
    pub value: Option<SmolStr>,
    /// True when it began at its first place.
    is_exact: bool,
    /// The earliest place at which its entry may have been; none where that was not seen.
    entered: Option<u64>,
}

impl Held {
    /// Before the first event, where it matters which states were held.
    #[must_use]
    pub fn by_value() -> Self {
        Self { by_value: true, ..Self::default() }
    }

    /// Reads the next event of the track.
    pub fn observe(&mut self, states: &States, event: &Event) {
        let Order { lo, hi } = event.order();
        if self.possible.len() > MAX_STAYS {
            return;
        }
        self.leave(event.order());
        if self.possible.len() == MAX_STAYS {
            return self.may_be(lo, ON);
        }
        if matches!(event, Event::Gap { .. }) {
            self.may_be(lo, hi);
        }
        match event.found() {
            // A track without a state has no value.
            Found::In(shown) if self.by_value && shown.symbol.kind == StateKind::Absent => {}
            Found::In(shown) if states.contains(&shown.symbol) => {
                let value = self.by_value.then(|| shown.symbol.label.clone());
                let entered = matches!(event, Event::Enter { .. }).then_some(lo);
                let stay = Stay { from: hi, to: ON, since: event.when().hi, of: 0, value, is_exact: lo == hi, entered };
                self.possible.push(Stay { from: lo, ..stay.clone() });
                // At a place that is not known, nothing is certain to be met.
                self.certain.extend((hi < ON).then_some(stay));
            }
            // It may have lost its state, which is one.
            Found::NoState if !self.by_value && states.contains(&Symbol::absent()) => self.may_be(lo, ON),
            Found::NotSeen => self.may_be(lo, ON),
            Found::In(_) | Found::NoState => {}
        }
    }

    /// What continues ends before one of these places.
    pub fn leave(&mut self, Order { lo, hi }: Order) {
        let end = |stay: &mut Stay, next: u64| {
            // Where it is not known when the next state began, what follows shows by when.
            if stay.to == ON && next < ON {
                let Some(last) = next.checked_sub(1) else { return false };
                stay.to = last;
            }
            stay.from <= stay.to
        };
        self.certain.retain_mut(|stay| {
            // What came later was later, wherever that was.
            let next = if stay.is_exact && hi > stay.from { lo.max(stay.from.saturating_add(1)) } else { lo };
            end(stay, next)
        });
        self.possible.retain_mut(|stay| end(stay, hi));
    }

    /// The same where its subject ended: a state that was shown was held where it was.
    pub fn end(&mut self, before: Order) {
        let is_shown = |stay: &&mut Stay| stay.to == ON && stay.is_exact && before.lo <= stay.from;
        self.certain.iter_mut().filter(is_shown).for_each(|stay| stay.to = stay.from);
        let entered = |stay: &Stay| Some(Stay { from: stay.entered?, to: stay.from, ..stay.clone() });
        self.within.extend(self.certain.iter().filter(|stay| stay.to == ON && !stay.is_exact).filter_map(entered));
        self.leave(before);
    }

    /// It may be held from one place through another.
    pub fn may_be(&mut self, from: u64, to: u64) {
        let (since, is_exact) = (NEVER_BEFORE, false);
        self.possible.push(Stay { from, to, since, of: 0, value: None, is_exact, entered: None });
    }

    /// Names the subject that it is of.
    pub fn is_of(&mut self, subject: usize) {
        self.certain.iter_mut().chain(&mut self.within).for_each(|stay| stay.of = subject);
    }

    /// It is certain only as far as its stream was read.
    pub fn read_through(&mut self, place: u64) {
        self.certain.retain_mut(|stay| {
            let last = if stay.is_exact { place.max(stay.from) } else { place };
            stay.to = stay.to.min(last);
            stay.from <= stay.to
        });
        self.within.retain(|stay| stay.to <= place);
    }

    /// Adds the stays of another track; if it is unknown whether that counts (`sure` is false), they are only possible.
    pub fn join(&mut self, other: &Self, sure: bool) {
        self.possible.extend_from_slice(&other.possible);
        self.certain.extend(other.certain.iter().filter(|_| sure).cloned());
        self.within.extend(other.within.iter().filter(|_| sure).cloned());
    }

    /// The same when its places cannot be compared with those of other tracks: what is held at the start of a window is
    /// held there on all of them.
    #[must_use]
    pub fn anywhere(self) -> Self {
        let started = |stay: &Stay| stay.from == START;
        let certain = self.certain.into_iter().filter(started).map(|stay| Stay { to: START, ..stay });
        let from = |stay: &Stay| if started(stay) { START } else { START + 1 };
        let possible = self.possible.into_iter().map(|stay| Stay { from: from(&stay), to: ON, ..stay });
        Self { certain: certain.collect(), possible: possible.collect(), within: Vec::new(), ..self }
    }

    /// The same as another watch counts places: each of its places may be between a first and a last one there.
    #[must_use]
    pub fn elsewhere(self, lower: impl Fn(u64) -> u64, upper: impl Fn(u64) -> u64) -> Self {
        let next = |stay: &Stay| stay.to.saturating_add(1);
        let certain = self.certain.into_iter().map(|stay| {
            let to = if stay.to == ON { ON } else { lower(next(&stay)).saturating_sub(1) };
            let from = upper(stay.from);
            Stay { from, to, is_exact: stay.is_exact && from == lower(stay.from), ..stay }
        });
        let possible = self.possible.into_iter().map(|stay| {
            let to = if stay.to == ON { ON } else { upper(next(&stay)).saturating_sub(1) };
            Stay { from: lower(stay.from), to, ..stay }
        });
        let is_some = |stay: &Stay| stay.from <= stay.to;
        let certain = certain.filter(|stay| is_some(stay) && stay.from < ON);
        let within = self.within.into_iter().map(|stay| Stay { from: lower(stay.from), to: upper(stay.to), ..stay });
        let (certain, possible) = (certain.collect(), possible.filter(is_some).collect());
        Self { certain, possible, within: within.collect(), ..self }
    }

    /// The same for a track of a subject that began at this place or later.
    #[must_use]
    pub fn not_before(mut self, place: u64) -> Self {
        let latest = self.certain.iter().map(|stay| stay.from).min().unwrap_or(ON);
        self.possible.iter_mut().for_each(|stay| stay.from = stay.from.max(place.min(latest)));
        self.possible.retain(|stay| stay.from <= stay.to);
        self.within.iter_mut().for_each(|stay| stay.from = stay.from.max(place.min(stay.to)));
        self
    }

    /// The first stay of this that certainly meets one of another that does not agree with it, with that one.
    #[must_use]
    pub fn meets(&self, other: &Self) -> Option<(Stay, Stay)> {
        let lies_in = |one: &Stay, other: &Stay| other.from <= one.from && one.to <= other.to && one.differs(other);
        let within = |one: &Self, other: &Self| {
            let mut pairs = one.within.iter().flat_map(|one| other.certain.iter().map(move |other| (one, other)));
            pairs.find(|(one, other)| lies_in(one, other)).map(|(one, other)| (one.clone(), other.clone()))
        };
        meeting(&self.certain, &other.certain)
            .or_else(|| within(self, other))
            .or_else(|| within(other, self).map(|(other, own)| (own, other)))
    }

    /// True when a stay of this may meet one of another that may not agree with it.
    #[must_use]
    pub fn may_meet(&self, other: &Self) -> bool {
        meeting(&self.possible, &other.possible).is_some()
    }

    /// The same of what was seen by the places through which the two streams were read.
    #[must_use]
    pub fn may_have_met(&self, other: &Self, (own, others): (u64, u64)) -> bool {
        let seen = |held: &Self, read: u64| {
            let last = |stay: &Stay| Stay { to: stay.to.min(read), ..stay.clone() };
            held.possible.iter().map(last).filter(|stay| stay.from <= stay.to).collect::<Vec<_>>()
        };
        meeting(&seen(self, own), &seen(other, others)).is_some()
    }

    /// True when both may have a state at one place.
    #[must_use]
    pub fn may_be_with(&self, other: &Self) -> bool {
        let meet = |one: &Stay, other: &Stay| one.from <= other.to && other.from <= one.to;
        self.possible.iter().any(|one| other.possible.iter().any(|other| meet(one, other)))
    }

    /// True when both are certainly in the same state at one place.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        let meet = |one: &Stay, other: &Stay| one.from <= other.to && other.from <= one.to && !one.differs(other);
        self.certain.iter().any(|one| other.certain.iter().any(|other| meet(one, other)))
    }

    /// True when gaps or inexact places leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        let bounds = |stays: &[Stay]| stays.iter().map(|stay| (stay.from, stay.to)).collect::<Vec<_>>();
        bounds(&self.certain) != bounds(&self.possible)
    }
}

impl Stay {
    /// True unless both are in the same state, and which one matters.
    fn differs(&self, other: &Self) -> bool {
        self.value.is_none() || self.value != other.value
    }
}

/// Of the stays that began, those that last longest: one, and one that differs from it.
#[derive(Default)]
struct Longest {
    first: Option<Stay>,
    other: Option<Stay>,
}

impl Longest {
    fn add(&mut self, stay: &Stay) {
        let lasts = |known: &Option<Stay>| known.as_ref().is_none_or(|known| known.to < stay.to);
        if lasts(&self.first) {
            let known = self.first.replace(stay.clone());
            self.other = known.filter(|known| known.differs(stay)).or(self.other.take());
        } else if self.first.as_ref().is_some_and(|first| first.differs(stay)) && lasts(&self.other) {
            self.other = Some(stay.clone());
        }
    }

    /// One that differs from a stay that begins now, and lasts until then.
    fn meeting(&self, stay: &Stay) -> Option<&Stay> {
        let mut both = self.first.iter().chain(&self.other);
        both.find(|known| known.to >= stay.from && known.differs(stay))
    }
}

/// The first stays of two lists that have a place in common, and differ.
fn meeting(one: &[Stay], other: &[Stay]) -> Option<(Stay, Stay)> {
    let sorted = |stays: &[Stay]| {
        let mut stays = stays.to_vec();
        stays.sort_by_key(|stay| stay.from);
        stays
    };
    let (one, other) = (sorted(one), sorted(other));
    let (mut at, mut there) = (0, 0);
    let (mut longest, mut longest_other) = (Longest::default(), Longest::default());
    loop {
        match (one.get(at), other.get(there)) {
            (Some(own), next) if next.is_none_or(|next| own.from <= next.from) => {
                if let Some(known) = longest_other.meeting(own) {
                    return Some((own.clone(), known.clone()));
                }
                longest.add(own);
                at += 1;
            }
            (_, Some(next)) => {
                if let Some(known) = longest.meeting(next) {
                    return Some((known.clone(), next.clone()));
                }
                longest_other.add(next);
                there += 1;
            }
            (None | Some(_), None) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::trace::{Details, Shown, Span};
    use crate::monitor::{Name, NamedAt};

    fn enters(held: &mut Held, label: &str, place: u64) {
        let name = Name { kind: None, label: Some("A".into()), details: Details::default(), quoted: false };
        let states = States { negated: false, names: vec![NamedAt { name, range: 0..1 }], range: 0..1 };
        let shown = Shown { symbol: Symbol::plain(label), restarts: None };
        held.observe(&states, &Event::Enter { shown, when: Span::at(0), order: Order::at(place) });
    }

    #[test]
    fn a_state_is_held_up_to_the_place_before_the_next_entry() {
        let (mut one, mut other) = (Held::default(), Held::default());
        enters(&mut one, "A", 1);
        enters(&mut one, "B", 5);
        enters(&mut other, "A", 5);
        assert!(one.meets(&other).is_none() && !one.may_meet(&other));
        enters(&mut one, "A", 7);
        assert!(one.meets(&other).is_some_and(|(own, of)| (own.from, of.from) == (7, 5)));
    }

    #[test]
    fn a_last_state_is_held_where_it_was_entered_though_that_is_not_known_exactly() {
        let entered = |order: Order| {
            let mut held = Held::default();
            let name = Name { kind: None, label: Some("A".into()), details: Details::default(), quoted: false };
            let states = States { negated: false, names: vec![NamedAt { name, range: 0..1 }], range: 0..1 };
            let shown = Shown { symbol: Symbol::plain("A"), restarts: None };
            held.observe(&states, &Event::Enter { shown, when: Span::at(0), order });
            held.end(order);
            held
        };
        let mut other = Held::default();
        enters(&mut other, "A", 4);
        enters(&mut other, "B", 9);
        for (lo, hi, meets) in [(5, 7, true), (4, 8, true), (3, 7, false), (5, 9, false), (8, 8, true), (9, 9, false)] {
            let ended = entered(Order { lo, hi });
            assert_eq!(ended.meets(&other).is_some(), meets, "{lo}..{hi}");
            assert_eq!(other.meets(&ended).is_some(), meets, "{lo}..{hi}");
        }
    }

    #[test]
    fn of_many_stays_the_first_are_known_and_the_rest_may_be() {
        let mut held = Held::default();
        let count = 3 * MAX_STAYS as u64;
        for at in 0..count {
            enters(&mut held, if at % 2 == 0 { "A" } else { "B" }, at + 1);
        }
        assert!(held.possible.len() <= MAX_STAYS + 1, "{}", held.possible.len());
        let mut at = Held::default();
        at.may_be(count, count);
        assert!(held.may_meet(&at), "it may be held then");
        let mut early = Held::default();
        enters(&mut early, "A", 3);
        enters(&mut early, "B", 4);
        assert!(held.meets(&early).is_some());
    }
}
