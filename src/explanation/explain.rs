//! Why a verdict is what it is: where a trace stopped being legal, what was legal there, the nearest legal trace,
//! and the gap that is to blame.
//!
//! The result is data; the view formats it. What would take too long to find is left out, never guessed.

use super::breach;
use super::case::Case;
use super::doubt;
use super::nearest;
use super::why::{Breach, Explanation};
use crate::monitor::{
    End, Event, First, Judgement, Micros, Monitor, NEVER_AFTER, NEVER_BEFORE, Order, Plan, Shown, Span, Statement,
    Verdict,
};

/// Explains the verdict on one trace; `events` is all of it. It leaves out what [`Explanation::complete`] adds.
#[must_use]
pub fn explain(case: &Case<'_>, events: &[Event], end: &End, standing: Judgement) -> Explanation {
    let mut found = Explanation::default();
    let Case { plan, condition, .. } = case;
    match standing.verdict {
        Verdict::Violated => {
            let Departure { before, at, decided, by_time } = departure(plan, condition, events, end);
            found.departure = at;
            found.decided = Some(decided).filter(|at| is_time(*at));
            found.legal = if by_time { Vec::new() } else { legal(plan, condition, &before, decided) };
            found.breach =
                breach::breach(case, at, events, end).filter(|found| !(by_time && *found == Breach::Unfinished));
            if matches!(case.statement, Statement::Path(_) | Statement::Graph(_))
                && let Some(nearest) = nearest::nearest(plan, events, end)
            {
                (found.nearest, found.lacking) = (Some(nearest.edits), nearest.lacking);
            }
        }
        Verdict::Inconclusive => found.doubt = doubt::inconclusive(case, events, end),
        Verdict::Pending => {
            found.doubt = Some(doubt::pending(case, standing, events));
            let mut monitor = plan.start();
            events.iter().for_each(|event| monitor.observe(event));
            found.legal = legal(plan, condition, &monitor, closing_time(events, end));
        }
        Verdict::Satisfied | Verdict::Skipped => {}
    }
    found
}

/// Where a trace became violated.
struct Departure {
    /// The monitor before the violation.
    before: Monitor,
    /// The event that violated it; none when elapsed time or the end did.
    at: Option<usize>,
    /// The time by which it was violated.
    decided: Micros,
    /// True when elapsed time violated it before the end.
    by_time: bool,
}

/// Finds the first moment at which every continuation is violated: at an event, or between two of them.
fn departure(plan: &Plan, condition: &First, events: &[Event], end: &End) -> Departure {
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

fn is_violated(monitor: &Monitor, condition: &First, alive: Micros) -> bool {
    monitor.is_violated(condition, &End::Open { now: alive, alive })
}

/// The named states, and all others as one, that may be entered without a violation.
fn legal(plan: &Plan, condition: &First, before: &Monitor, at: Micros) -> Vec<String> {
    let alphabet = match plan {
        Plan::Regular(dfa) => &dfa.alphabet,
        Plan::Timed(automaton, _) => &automaton.alphabet,
        _ => return Vec::new(),
    };
    let stands = |atom: &usize| {
        let mut next = before.clone();
        let shown = Shown { symbol: alphabet.sample(*atom), restarts: None };
        let entered =
            next.observe_unless_stutter(&Event::Enter { shown, when: Span::at(at), order: Order::at(u64::MAX) });
        entered && !is_violated(&next, condition, at)
    };
    let mut names: Vec<String> = Vec::new();
    for name in (0..alphabet.size()).filter(stands).map(|atom| alphabet.describe(atom)) {
        // States that only predicates tell apart may have one name.
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// False for the sentinels that stand for an unknown time.
fn is_time(at: Micros) -> bool {
    NEVER_BEFORE < at && at < NEVER_AFTER
}

fn closing_time(events: &[Event], end: &End) -> Micros {
    match end {
        End::Open { alive, .. } => *alive,
        End::Closed { at } => *at,
        End::Deleted { when } => when.hi,
        End::Unfenced => events.last().map_or(0, |event| event.when().hi),
    }
}
