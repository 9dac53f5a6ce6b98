//! What a statement sees of a track: the states, and of their details those that it names.
//!
//! A statement that names no details sees no change of them. A state that nothing shows, such as `present`, is any state
//! for a statement that does not name it, also the one that is entered next: that may be no entry.

use super::path::Name;
use super::trace::{Cause, Event, Found, Order, Shown, Span, Symbol};
use crate::observation::{OF_LABEL, StateKind};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::sync::Arc;

/// What one statement names, for one track.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refinement {
    names: Arc<[Name]>,
    /// Labels of states that one of which nothing shows is none of.
    never_unknown: &'static [&'static str],
}

impl Refinement {
    /// Of these names, where a state that nothing shows is none of those with some labels.
    #[must_use]
    pub fn new<'a>(names: impl Iterator<Item = &'a Name>, never_unknown: &'static [&'static str]) -> Self {
        Self { names: names.cloned().collect(), never_unknown }
    }

    /// True when the statement distinguishes states with this name by details that it does not name. What holds of a
    /// label does not distinguish states with that label.
    #[must_use]
    pub fn refines(&self, name: &Name) -> bool {
        let is_same = |refined: &Name| refined.label.is_none() || name.label.is_none() || refined.label == name.label;
        let tells = |detail: &SmolStr| !detail.starts_with(OF_LABEL) && !name.details.has(detail);
        self.names.iter().any(|refined| is_same(refined) && refined.details.iter().any(tells))
    }

    /// A symbol as the statement sees it.
    fn symbol(&self, symbol: &Symbol) -> Symbol {
        let named =
            |detail: &&SmolStr| self.names.iter().any(|name| name.fits_state(symbol) && name.details.has(detail));
        Symbol { details: symbol.details.iter().filter(named).cloned().collect(), ..symbol.clone() }
    }

    fn shown(&self, shown: &Shown) -> Shown {
        Shown { symbol: self.symbol(&shown.symbol), restarts: shown.restarts }
    }

    /// True when the state that an event leads to may be any for the statement: nothing shows it, and the statement does
    /// not name that. After a gap that was seen to begin, what is named is what was found first, and not this.
    fn is_any(&self, event: &Event) -> bool {
        let Some(Shown { symbol, .. }) = event.shown() else { return false };
        let is_named = |name: &Name| name.label.as_ref() == Some(&symbol.label);
        let may_be = |name: &Name| name.label.as_ref().is_none_or(|label| self.may_be(label));
        symbol.kind == StateKind::Unknown
            && (event.cause() == Some(Cause::Lost) || !self.names.iter().any(is_named))
            && (self.names.is_empty() || self.names.iter().any(may_be))
    }

    /// True when a state that nothing shows may be one with this label.
    fn may_be(&self, label: &str) -> bool {
        !self.never_unknown.contains(&label)
    }

    /// An event as the statement sees it, after another; none when the state stays the same for it.
    #[must_use]
    pub fn event<'a>(&self, before: Option<&Event>, event: &'a Event) -> Option<Cow<'a, Event>> {
        if !is_changed(event) && !before.is_some_and(is_changed) {
            return Some(Cow::Borrowed(event));
        }
        let unseen = before.filter(|event| self.is_any(event));
        let before = before.and_then(Event::shown).map(|shown| self.symbol(&shown.symbol));
        Some(Cow::Owned(match (event, unseen) {
            (event, _) if self.is_any(event) => event.clone().unseen(),
            (Event::Enter { shown, when, order }, Some(unseen)) if self.may_be(&shown.symbol.label) => Event::Gap {
                when: Span::new(unseen.when().lo, when.hi),
                order: Order { lo: unseen.order().lo, hi: order.hi },
                cause: unseen.cause().unwrap_or(Cause::Lost),
                found: Found::In(self.shown(shown)),
            },
            (Event::Enter { shown, when, order }, _) => {
                let shown = self.shown(shown);
                if before.as_ref() == Some(&shown.symbol) {
                    return None;
                }
                Event::Enter { shown, when: *when, order: *order }
            }
            (Event::Gap { when, order, cause, found }, _) => {
                let found = match found {
                    Found::In(shown) => Found::In(self.shown(shown)),
                    found => found.clone(),
                };
                Event::Gap { when: *when, order: *order, cause: *cause, found }
            }
        }))
    }

    /// The events of a track as the statement sees them.
    #[must_use]
    pub fn events<'a>(&self, events: Cow<'a, [Event]>) -> Cow<'a, [Event]> {
        if !events.iter().any(is_changed) {
            return events;
        }
        let before = std::iter::once(None).chain(events.iter().map(Some));
        before.zip(&*events).filter_map(|(before, event)| Some(self.event(before, event)?.into_owned())).collect()
    }
}

/// True for an event of which a statement may see less than there is.
fn is_changed(event: &Event) -> bool {
    event.shown().is_some_and(|shown| !shown.symbol.details.is_empty() || shown.symbol.kind == StateKind::Unknown)
}
