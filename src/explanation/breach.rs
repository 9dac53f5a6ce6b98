//! What violated a trace: the entry, the bound or the number, found in the events that were judged.
//!
//! The monitor decides the verdict; this only says, in terms of the statement, where to look. What it does not find is
//! left out.

use super::blame;
use super::case::Case;
use super::sentence::as_written;
use super::why::{Breach, Length, Rule};
use crate::monitor::{
    Bound, End, Entered, Event, Found, Monitor, NEVER_AFTER, NEVER_BEFORE, Paired, Span, Statement, States, Symbol,
};

/// Finds what violated a trace.
pub(super) fn breach(case: &Case<'_>, departure: Option<usize>, events: &[Event], end: &End) -> Option<Breach> {
    let illegal = |rule: Rule| departure.map(|at| Breach::Illegal { at, rule });
    match case.statement {
        Statement::Path(_) => {
            blame::broken(case, events, end).or_else(|| illegal(Rule::Path)).or(Some(Breach::Unfinished))
        }
        Statement::Never(_) => illegal(Rule::Never),
        Statement::Always(states) => illegal(Rule::Always(states.to_string())),
        Statement::Graph(_) => {
            let from = departure?.checked_sub(1).and_then(|at| events[at].shown());
            illegal(Rule::Graph(from.map(|shown| shown.symbol.to_string())))
        }
        Statement::Every { every, then, within, min } => {
            unanswered(every, then, *within, events, end).or_else(|| untriggered(every, *min, events))
        }
        Statement::EveryThen { every, then, within, min } => {
            let other = case.condition.entries.as_ref()?;
            let Some(open) = paired(case, events)?.unanswered(other, *within, end) else {
                return untriggered(every, *min, events);
            };
            let trigger = entry(every, open, events)?;
            // Of those that do not count, the one that comes nearest.
            let later = other.certain().iter().filter(|answer| answer.order.lo >= open.order.hi);
            let took = later.map(|answer| answer.when.since(open.when)).min_by_key(|took| took.lo);
            let awaited = case.awaits(then);
            Some(Breach::Unmet { trigger, awaited, after: took.map(Length::of), within: *within })
        }
        Statement::EveryAfter { every, after, min } => {
            let other = case.condition.entries.as_ref()?;
            let Some((open, came)) = paired(case, events)?.uncaused(case.condition, other) else {
                return untriggered(every, *min, events);
            };
            let at = entry(every, open, events)?;
            let number = entries(&events[..=at]).filter(|(_, symbol, _)| every.contains(symbol)).count() as u64;
            Some(Breach::Uncaused { at, number, awaited: case.awaits(after), came: came as u64 })
        }
        Statement::Count { states, min, max } => {
            let restarts = || restarts(case, events);
            Some(number(states.as_ref(), *min, *max, departure, events, restarts))
        }
        Statement::OnlyAfter { enter, after } => {
            let (at, _, _) = entries(events).find(|(_, symbol, _)| enter.contains(symbol))?;
            let came = match &case.awaited {
                Some(_) => case.condition.certain.map(|_| case.condition.certain_at),
                None => entries(events).find(|(_, symbol, _)| after.contains(symbol)).map(|(_, _, when)| when.hi),
            };
            Some(Breach::Early { at, awaited: case.awaits(after), came: came.filter(|at| *at > NEVER_BEFORE) })
        }
        Statement::While { never, held } => meanwhile(case, events, never, |_| held.to_string()),
        Statement::SameAs { any } => meanwhile(case, events, any, as_written),
        Statement::Quiet { after } => {
            let condition = case.condition;
            let since = match &case.awaited {
                Some(_) => condition.certain.map(|_| Span::new(condition.certain_since, condition.certain_at)),
                None => entries(events).find(|(_, symbol, _)| after.contains(symbol)).map(|(_, _, when)| when),
            };
            let late = |when: &Span| since.is_some_and(|since| when.hi > since.hi);
            let at = departure.or_else(|| entries(events).find(|(_, _, when)| late(when)).map(|(at, _, _)| at))?;
            Some(Breach::Noise { at, trigger: case.awaits(after), since })
        }
    }
}

/// A state that was held while one on another track was, which is named by its label where that matters.
fn meanwhile(case: &Case<'_>, events: &[Event], states: &States, named: impl FnOnce(&str) -> String) -> Option<Breach> {
    let Monitor::While(monitor) = case.read(events) else { return None };
    let (own, other) = monitor.own(case.condition).meets(case.condition.held.as_ref()?)?;
    let is_value = |symbol: &Symbol| own.value.as_ref().is_none_or(|value| *value == symbol.label);
    let is_it = |symbol: &Symbol| states.contains(symbol) && is_value(symbol);
    let is_in = |event: &Event| event.shown().is_some_and(|shown| is_it(&shown.symbol));
    let at = events.iter().position(|event| event.order().hi == own.from && is_in(event))?;
    let since = Some(other.since).filter(|since| *since > NEVER_BEFORE);
    let state = named(&other.value.unwrap_or_default());
    let held = case.awaited.as_ref().map_or_else(|| state.clone(), |track| format!("{track} {state}"));
    Some(Breach::Meanwhile { at, held, state, of: other.of, since })
}

/// The monitor of entries on two tracks, after all events.
fn paired(case: &Case<'_>, events: &[Event]) -> Option<Paired> {
    if let Monitor::Paired(monitor) = case.read(events) { Some(monitor) } else { None }
}

/// The event that shows an entry into one of these states.
pub(super) fn entry(states: &States, entered: Entered, events: &[Event]) -> Option<usize> {
    let is_it = |event: &Event| event.order() == entered.order && event.when() == entered.when;
    let is_in = |event: &Event| event.shown().is_some_and(|shown| states.contains(&shown.symbol));
    events.iter().position(|event| is_it(event) && is_in(event))
}

/// The entries that are certain: a gap after which the same state was found contains none.
pub(super) fn entries(events: &[Event]) -> impl Iterator<Item = (usize, &Symbol, Span)> {
    let mut last: Option<&Symbol> = None;
    events.iter().enumerate().filter_map(move |(at, event)| {
        let symbol = &event.shown()?.symbol;
        let before = last.replace(symbol);
        let entered = matches!(event, Event::Enter { .. }) || before != Some(symbol);
        entered.then(|| (at, symbol, event.when()))
    })
}

/// The first entry that was not answered in time, with no gap that may have hidden the answer.
fn unanswered(every: &States, then: &States, within: Option<Bound>, events: &[Event], end: &End) -> Option<Breach> {
    let Bound { least, most } = within.unwrap_or(Bound { least: 0, most: NEVER_AFTER });
    let over = match end {
        End::Open { alive, .. } => Span::new(*alive, NEVER_AFTER),
        End::Closed { at } => Span::new(*at, NEVER_AFTER),
        End::Deleted { when } => *when,
        End::Unfenced => return None,
    };
    let is_over = |waited: Span| match end {
        End::Deleted { .. } => true,
        End::Closed { .. } if most == NEVER_AFTER => waited.lo >= least,
        // It is late as soon as everything up to the limit was seen.
        _ => within.is_none() || waited.lo >= most,
    };
    entries(events).filter(|(_, symbol, _)| every.contains(symbol)).find_map(|(trigger, _, start)| {
        let answers = entries(events).filter(|(at, symbol, _)| *at > trigger && then.contains(symbol));
        let answers: Vec<(usize, Span)> = answers.map(|(at, _, when)| (at, when.since(start))).collect();
        if answers.iter().any(|(_, after)| after.hi >= least && after.lo <= most) {
            return None;
        }
        let late = answers.iter().find(|(_, after)| after.lo > most);
        let early = answers.iter().rfind(|(_, after)| after.hi < least);
        let waited = over.since(start);
        let until = late.map_or(events.len(), |(at, _)| *at);
        // A gap that ended before an answer could be late enough hides none.
        let hides = |event: &Event| match event {
            Event::Gap { when, found, .. } => {
                let is_over = *found != Found::NotSeen && when.hi < start.lo.saturating_add(least);
                when.lo <= start.hi.saturating_add(most) && !is_over
            }
            Event::Enter { .. } => false,
        };
        let unseen = events[trigger + 1..until].iter().any(hides);
        let miss = |(_, after): &(usize, Span)| (least - after.hi).max(after.lo - most);
        let nearest = late.into_iter().chain(early).min_by_key(|answer| miss(answer));
        let (answer, after) = nearest.map_or((None, waited), |(at, after)| (Some(*at), *after));
        let then = then.to_string();
        let breach = Breach::Unanswered { trigger, answer, after: Length::of(after), within, then };
        ((late.is_some() || is_over(waited)) && !unseen).then_some(breach)
    })
}

fn untriggered(every: &States, min: u64, events: &[Event]) -> Option<Breach> {
    let seen = entries(events).filter(|(_, symbol, _)| every.contains(symbol)).count() as u64;
    (seen < min).then(|| Breach::Untriggered { every: every.to_string(), seen, min })
}

fn number(
    states: Option<&States>,
    min: u64,
    max: Option<u64>,
    departure: Option<usize>,
    events: &[Event],
    restarts: impl FnOnce() -> u64,
) -> Breach {
    let (least, at) = match states {
        Some(states) => {
            let of: Vec<usize> =
                entries(events).filter(|(_, symbol, _)| states.contains(symbol)).map(|(at, _, _)| at).collect();
            let one_too_many = max.and_then(|max| of.get(usize::try_from(max).ok()?).copied());
            (of.len() as u64, one_too_many)
        }
        None => (restarts(), departure),
    };
    let most = (!events.iter().any(|event| matches!(event, Event::Gap { .. }))).then_some(least);
    let states = states.map(ToString::to_string);
    Breach::Number { states, at, least, most, min, max }
}

/// The restarts that are certain.
fn restarts(case: &Case<'_>, events: &[Event]) -> u64 {
    if let Monitor::Restarts(monitor) = case.read(events) { monitor.range().0 } else { 0 }
}
