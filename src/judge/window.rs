//! The span of a timeline that an expectation speaks about.
//!
//! The word of a window is the run of states held within it: the state held at its start comes first and counts as
//! entered at its start, an entry after its end does not count, and at its end the word is whole, as behind a fence.

use crate::language::{From, Until, Window};
use crate::monitor::{Cause, End, Event, Found, Micros, Monitor, Order, Shown, Span};
use crate::observation::StateKind;
use std::collections::BTreeMap;

/// The marks of a timeline, each where it was first written.
pub type Marks = BTreeMap<String, Micros>;

/// A bound of a window, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    /// There is none.
    None,
    /// Then.
    At(Micros),
    /// Not yet: its mark has not come.
    ToCome,
    /// It cannot be known.
    Unknown,
}

/// Why a window cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Its start has not come.
    NotBegun,
    /// When it ends depends on a beginning that was not seen.
    UnknownEnd,
}

impl Window {
    /// Why it cannot be judged, for people.
    #[must_use]
    pub fn trouble(&self, marks: &Marks, trouble: RequestError) -> String {
        let missing = match &self.from {
            From::Mark(name) if !marks.contains_key(name) => format!(": there is no mark `{name}`"),
            _ => String::new(),
        };
        match trouble {
            RequestError::NotBegun => format!("the window has not begun{missing}"),
            RequestError::UnknownEnd => "the window's end counts from a beginning that was not seen".to_owned(),
        }
    }

    fn start(&self, marks: &Marks) -> Limit {
        match &self.from {
            From::Created | From::Attached => Limit::None,
            From::Time(at) => Limit::At(*at),
            From::Mark(name) => marks.get(name).map_or(Limit::ToCome, |at| Limit::At(*at)),
        }
    }

    /// The end, for a subject that was first seen at `first`, with its beginning or without.
    fn end(&self, marks: &Marks, first: Option<(Micros, bool)>) -> Limit {
        let until = match &self.until {
            Until::End => Limit::None,
            Until::Time(at) => Limit::At(*at),
            Until::Mark(name) => marks.get(name).map_or(Limit::ToCome, |at| Limit::At(*at)),
        };
        let Some(max) = self.max else { return until };
        let start = match (self.start(marks), first) {
            (Limit::At(at), _) => Some(at),
            (Limit::ToCome | Limit::Unknown, _) | (Limit::None, None) => return until,
            (Limit::None, Some((_, false))) if self.from == From::Created => None,
            (Limit::None, Some((at, _))) => Some(at),
        };
        match (start.map(|start| start.saturating_add(max)), until) {
            (None, _) => Limit::Unknown,
            (Some(at), Limit::At(until)) => Limit::At(at.min(until)),
            // A mark that comes later than the longest span does not matter.
            (Some(at), _) => Limit::At(at),
        }
    }

    /// Runs a monitor over the part of a word that is within, and says how that part ends.
    ///
    /// # Errors
    /// When the window cannot be judged.
    pub fn run(
        &self,
        monitor: &mut Monitor,
        events: &[Event],
        marks: &Marks,
        first: Option<(Micros, bool)>,
        end: &End,
    ) -> Result<End, RequestError> {
        self.each(events, marks, first, end, |event| monitor.observe(event))
    }

    /// Calls `observe` with each event of the part of a word that is within, and says how that part ends.
    ///
    /// # Errors
    /// When the window cannot be judged.
    pub fn each(
        &self,
        events: &[Event],
        marks: &Marks,
        first: Option<(Micros, bool)>,
        end: &End,
        mut observe: impl FnMut(&Event),
    ) -> Result<End, RequestError> {
        if self.is_whole() {
            events.iter().for_each(observe);
            return Ok(*end);
        }
        let from = match self.start(marks) {
            Limit::At(at) => Some(at),
            Limit::None => None,
            Limit::ToCome | Limit::Unknown => return Err(RequestError::NotBegun),
        };
        let until = match self.end(marks, first) {
            Limit::At(at) => Some(at),
            Limit::None | Limit::ToCome => None,
            Limit::Unknown => return Err(RequestError::UnknownEnd),
        };
        let mut held: Option<(Shown, Order)> = None;
        let mut begun = from.is_none();
        let over = match (end, from) {
            (End::Closed { at } | End::Open { alive: at, .. }, Some(from)) if *at < from => {
                return Err(RequestError::NotBegun);
            }
            (End::Deleted { when }, Some(from)) if when.lo <= from => Some(when.hi <= from),
            _ => None,
        };
        if let Some(gone) = over {
            return Ok(if gone { *end } else { End::Unfenced });
        }
        let is_attached = self.from == From::Attached;
        for event in events {
            let when = event.when();
            if let Event::Gap { cause: Cause::Beginning, found: Found::NoState, .. } = event
                && is_attached
            {
                continue;
            }
            if until.is_some_and(|until| when.lo > until) {
                break;
            }
            if let Some(from) = from.filter(|_| !begun) {
                if when.hi <= from {
                    // A track that its object lost, or that it never had, has no state.
                    let shown = event.shown().filter(|shown| shown.letter.kind != StateKind::Absent);
                    held = shown.cloned().zip(Some(order(event)));
                    continue;
                }
                begun = true;
                if when.lo > from {
                    if let Some((shown, order)) = held.take() {
                        observe(&Event::Enter { shown, when: Span::at(from), order });
                    }
                } else {
                    observe(&straddling(event, from, until));
                    continue;
                }
            }
            match until {
                Some(until) if when.hi > until => {
                    observe(&hidden(event, when.lo, until));
                    break;
                }
                _ => observe(&self.beginning(event)),
            }
        }
        if !begun && let (Some(from), Some((shown, order))) = (from, held.take()) {
            observe(&Event::Enter { shown, when: Span::at(from), order });
        }
        Ok(closing(until, end))
    }

    /// `from: attached` takes what was first seen as the beginning.
    fn beginning(&self, event: &Event) -> Event {
        match event {
            Event::Gap { cause: Cause::Beginning, found: Found::In(shown), when, order }
                if self.from == From::Attached =>
            {
                let order = Order::at(order.hi);
                Event::Enter { shown: shown.clone(), when: Span::at(when.hi), order }
            }
            event => event.clone(),
        }
    }
}

fn order(event: &Event) -> Order {
    match event {
        Event::Enter { order, .. } | Event::Gap { order, .. } => *order,
    }
}

/// What a track is in after an event.
fn found(event: &Event) -> Found {
    match event {
        Event::Enter { shown, .. } => Found::In(shown.clone()),
        Event::Gap { found, .. } => found.clone(),
    }
}

/// An event that may lie on either side of the window's start: all that is known is what was found after it.
fn straddling(event: &Event, from: Micros, until: Option<Micros>) -> Event {
    match until.filter(|until| event.when().hi > *until) {
        Some(until) => hidden(event, from, until),
        None => {
            let when = event.when().not_before(from);
            Event::Gap { when, order: order(event), cause: Cause::Lost, found: found(event) }
        }
    }
}

/// An event that may lie on either side of the window's end: nothing is known any more.
fn hidden(event: &Event, from: Micros, until: Micros) -> Event {
    Event::Gap { when: Span::new(from, until), order: order(event), cause: Cause::Lost, found: Found::NotSeen }
}

/// The end of the word within the window.
fn closing(until: Option<Micros>, end: &End) -> End {
    let Some(until) = until else { return *end };
    match end {
        End::Open { alive, .. } if *alive >= until => End::Closed { at: until },
        End::Closed { at } if *at >= until => End::Closed { at: until },
        End::Deleted { when } if when.lo > until => End::Closed { at: until },
        End::Deleted { when } if when.hi > until => End::Unfenced,
        end => *end,
    }
}
