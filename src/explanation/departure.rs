//! The first moment at which a trace was violated, whatever followed.

use crate::monitor::{End, Event, First, Micros, Monitor, Plan};

/// Where a trace became violated.
pub(super) struct Departure {
    /// The monitor before the violation.
    pub before: Monitor,
    /// The event that violated it; none when elapsed time or the end did.
    pub at: Option<usize>,
    /// The time by which it was violated.
    pub decided: Micros,
    /// True when elapsed time violated it before the end.
    pub by_time: bool,
}

/// Finds the first moment at which every continuation is violated: at an event, or between two of them.
pub(super) fn departure(plan: &Plan, condition: &First, events: &[Event], end: &End) -> Departure {
    let mut monitor = plan.start();
    let over = closing_time(events, end);
    let seen = |at: usize| if plan.condition().is_some() { events[at].when().hi } else { events[at].when().hi - 1 };
    let found = (0..events.len()).find_map(|at| {
        monitor.observe(&events[at]);
        if is_violated(&monitor, condition, seen(at)) {
            return Some((at, false));
        }
        // Everything up to the next event was seen.
        let next = events.get(at + 1).map_or(over, |next| next.when().lo - 1);
        (next > seen(at) && is_violated(&monitor, condition, next)).then_some((at + 1, true))
    });
    let read = |number: usize| {
        let mut monitor = plan.start();
        events[..number].iter().for_each(|event| monitor.observe(event));
        monitor
    };
    match found {
        Some((at, false)) => {
            Departure { before: read(at), at: Some(at), decided: events[at].when().hi, by_time: false }
        }
        Some((number, true)) => {
            let (mut before, mut after) =
                (seen(number - 1), events.get(number).map_or(over, |next| next.when().lo - 1));
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if is_violated(&monitor, condition, middle) { after = middle } else { before = middle }
            }
            Departure { before: monitor, at: None, decided: after, by_time: true }
        }
        None => Departure { before: monitor, at: None, decided: over, by_time: false },
    }
}

pub(super) fn is_violated(monitor: &Monitor, condition: &First, alive: Micros) -> bool {
    monitor.is_violated(condition, &End::Open { now: alive, alive })
}

/// When what was seen of a trace ended.
pub(super) fn closing_time(events: &[Event], end: &End) -> Micros {
    match end {
        End::Open { alive, .. } => *alive,
        End::Closed { at } => *at,
        End::Deleted { when } => when.hi,
        End::Unfenced => events.last().map_or(0, |event| event.when().hi),
    }
}
