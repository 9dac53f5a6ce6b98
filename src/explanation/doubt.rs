//! Why the verdict on a trace is undecided, found by judging what it would be had one thing been seen.
//!
//! The remedy follows from it. If several things are in doubt and none alone decides, the first that split the belief
//! is named.

use super::breach::{entries, entry};
use super::case::Case;
use super::why::Doubt;
use crate::monitor::{
    Bound, Cause, End, Event, Found, Judgement, Micros, Monitor, NEVER_AFTER, NEVER_BEFORE, Order, Shown, Span,
    Statement, Verdict,
};

/// Most work of repeated readings, in steps of the monitor, to find what is to blame.
const MAX_READ: u64 = 20_000;

/// Why a trace that is over is undecided.
pub(super) fn inconclusive(case: &Case<'_>, events: &[Event], end: &End) -> Option<Doubt> {
    let monitor = case.read(events);
    let decided = |monitor: &Monitor, end: &End| monitor.judge(case.condition, end).verdict.is_decided();
    let last = events.last().map_or(0, |event| event.when().hi);
    if *end == End::Unfenced && decided(&monitor, &End::Closed { at: last }) {
        return Some(Doubt::Unfenced);
    }
    if let End::Closed { at } = end
        && decided(&monitor, &End::Deleted { when: Span::at(*at) })
        && let Some(doubt) = unended(case, events)
    {
        return Some(doubt);
    }
    let unsure: Vec<usize> = (0..events.len()).filter(|at| is_unsure(&events[*at])).collect();
    let read_again = (unsure.len() as u64).saturating_mul(monitor.work(events.len()));
    let alone = unsure.iter().copied().filter(|_| read_again <= MAX_READ).find(|at| {
        let mut sure = events.to_vec();
        match certain(&sure[*at], at.checked_sub(1).and_then(|before| events[before].shown())) {
            Some(event) => sure[*at] = event,
            None => _ = sure.remove(*at),
        }
        decided(&case.read(&sure), end)
    });
    if case.awaited.is_some() && alone.is_none() {
        let open = unended(case, events);
        if let (End::Closed { at }, Some(Doubt::Unended { until: Some(until), .. })) = (end, &open)
            && at < until
        {
            return open;
        }
        let states = case.awaited_states()?;
        return Some(match case.statement {
            Statement::While { .. } => Doubt::Held(states),
            Statement::SameAs { .. } if is_apart(case, &monitor) => Doubt::Apart(states),
            Statement::SameAs { .. } => Doubt::Values(states),
            Statement::EveryAfter { .. } | Statement::EveryThen { .. } => Doubt::Entries(states),
            _ => Doubt::Condition(states),
        });
    }
    if let Some((placeholder, most)) = monitor.beyond_labels().filter(|_| alone.is_none()) {
        return Some(Doubt::Labels { placeholder: placeholder.to_owned(), most });
    }
    let at = alone.or_else(|| blamed(case, events)).or_else(|| unsure.first().copied());
    match at {
        Some(at) => Some(doubt(&events[at], at)),
        None if *end == End::Unfenced => Some(Doubt::Unfenced),
        None => unended(case, events),
    }
}

/// What a trace that continues is waiting for.
pub(super) fn pending(case: &Case<'_>, standing: Judgement, events: &[Event]) -> Doubt {
    if standing.pass_lost
        && let Some(at) = blamed(case, events)
    {
        return doubt(&events[at], at);
    }
    let last = events.last().map_or(0, |event| event.when().hi);
    let fits = match case.read(events).judge(case.condition, &End::Closed { at: last }).verdict {
        Verdict::Satisfied => Some(true),
        Verdict::Violated => Some(false),
        _ => None,
    };
    let is_unlimited = matches!(case.statement, Statement::Every { within: Some(within), .. } | Statement::EveryThen { within: Some(within), .. } if within.limit().is_none());
    match unended(case, events) {
        Some(Doubt::Unended { since, until, .. }) => {
            Doubt::Waiting { trigger: Some(since), until: until.filter(|_| !is_unlimited), fits }
        }
        _ => Doubt::Waiting { trigger: None, until: None, fits },
    }
}

/// True when the two tracks of `same as` cannot have had a state at once.
fn is_apart(case: &Case<'_>, monitor: &Monitor) -> bool {
    let Monitor::While(monitor) = monitor else { return false };
    case.condition.held.as_ref().is_some_and(|other| !monitor.own(case.condition).may_be_with(other))
}

fn is_unsure(event: &Event) -> bool {
    matches!(event, Event::Gap { .. }) || event.when().lo != event.when().hi
}

/// The event had all of it been seen: nothing hidden, its time exact. None when there would then be no event.
fn certain(event: &Event, before: Option<&Shown>) -> Option<Event> {
    let (shown, when, order) = match event {
        Event::Enter { shown, when, order } => (Some(shown), when, order),
        Event::Gap { found, when, order, .. } => (found.shown(), when, order),
    };
    let shown = shown.filter(|shown| before.is_none_or(|before| before.symbol != shown.symbol))?;
    let order = Order::at(order.hi);
    Some(Event::Enter { shown: shown.clone(), when: Span::at(when.hi), order })
}

/// The event since which the belief has had more than one configuration.
pub(super) fn blamed(case: &Case<'_>, events: &[Event]) -> Option<usize> {
    let mut monitor = case.plan.start();
    let mut blamed = None;
    for (index, event) in events.iter().enumerate() {
        let split = monitor.is_split();
        monitor.observe(event);
        match (split, monitor.is_split()) {
            (false, true) => blamed = is_unsure(event).then_some(index),
            (_, false) => blamed = None,
            (true, true) => {}
        }
    }
    blamed
}

fn doubt(event: &Event, at: usize) -> Doubt {
    match event {
        Event::Enter { .. } => Doubt::Interval(at),
        Event::Gap { cause: Cause::Beginning, .. } => Doubt::Beginning(at),
        // Without any time and any state before it, nothing but its beginning can have been missed.
        Event::Gap { when, found: Found::In(_), .. }
            if at == 0 && when.lo == NEVER_BEFORE && when.hi == NEVER_AFTER =>
        {
            Doubt::Beginning(at)
        }
        Event::Gap { cause: Cause::Coalesced, .. } => Doubt::Coalesced(at),
        Event::Gap { found: Found::NotSeen, .. } => Doubt::NotSeenAgain(at),
        Event::Gap { .. } => Doubt::Lost(at),
    }
}

fn unended_by(since: usize, until: Option<Micros>) -> Doubt {
    Doubt::Unended { by_window: false, since, until }
}

/// What was unfinished when the trace ended: an obligation, or a stay with a bound.
fn unended(case: &Case<'_>, events: &[Event]) -> Option<Doubt> {
    match case.statement {
        Statement::Every { every, then, within, .. } => {
            let least = within.map_or(0, |within| within.least);
            let is_answered = |(at, _, start): &(usize, _, Span)| {
                let mut later = entries(events).filter(|(answer, symbol, _)| answer > at && then.contains(symbol));
                later.any(|(_, _, when)| when.since(*start).hi >= least)
            };
            let mut open = entries(events).filter(|entry| every.contains(entry.1) && !is_answered(entry));
            let (since, _, when) = open.next()?;
            // Without a limit, what would decide is an answer that is late enough.
            let due = |within: Bound| within.limit().unwrap_or(within.least);
            Some(unended_by(since, within.map(|within| when.hi.saturating_add(due(within)))))
        }
        Statement::EveryThen { every, within, .. } => {
            let Monitor::Paired(monitor) = case.read(events) else { return None };
            let open = monitor.open(case.condition.entries.as_ref()?, *within).next()?;
            let since = entry(every, open, events)?;
            let due = |within: Bound| within.limit().unwrap_or(within.least);
            Some(unended_by(since, within.map(|within| open.when.hi.saturating_add(due(within)))))
        }
        Statement::Path(_) => {
            let stays = case.read(events).stays();
            let since = entries(events).last()?.0;
            let entered = events[since].when().hi;
            let over = |Bound { least, most }: Bound| if most < NEVER_AFTER { most.saturating_add(1) } else { least };
            let mut bounds = stays.into_iter().map(over).map(|length: Micros| entered.saturating_add(length));
            let until = bounds.next().map(|first| bounds.fold(first, Micros::max));
            until.map(|until| unended_by(since, Some(until)))
        }
        _ => None,
    }
}
