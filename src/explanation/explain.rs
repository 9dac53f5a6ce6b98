//! Why a verdict is what it is: where a word left what was legal, what was legal there, the nearest legal word, the
//! gap that is to blame, and how what was not seen could have gone either way.
//!
//! Only data: how it is told is the view's. What would take too long to find is left out, never guessed.

use super::breach;
use super::case::Case;
use super::completion;
use super::doubt;
use super::nearest;
use super::why::Explanation;
use crate::monitor::{End, Event, First, Judgement, Micros, Monitor, Order, Plan, Shown, Span, Statement, Verdict};

/// Explains one word; `events` is the whole of it.
#[must_use]
pub fn explain(case: &Case<'_>, events: &[Event], end: &End, standing: Judgement) -> Explanation {
    let mut found = Explanation::default();
    let Case { plan, condition, .. } = case;
    match standing.verdict {
        Verdict::Violated => {
            let (before, departure) = departure(plan, condition, events);
            let at = departure
                .and_then(|at| events.get(at))
                .map_or_else(|| closing_time(events, end), |event| event.when().hi);
            found.departure = departure;
            found.legal = legal(plan, condition, &before, at);
            found.breach = breach::breach(case, departure, events, end);
            if matches!(case.statement, Statement::Path(_) | Statement::Graph(_)) {
                found.nearest = nearest::nearest(plan, events, end);
            }
        }
        Verdict::Inconclusive => {
            found.doubt = doubt::inconclusive(case, events, end);
            (found.passing, found.failing) = completion::both(case, events, end);
        }
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

/// The monitor before the event that violates, and that event.
fn departure(plan: &Plan, condition: &First, events: &[Event]) -> (Monitor, Option<usize>) {
    let mut monitor = plan.start();
    for (index, event) in events.iter().enumerate() {
        let before = monitor.clone();
        monitor.observe(event);
        if is_violated(&monitor, condition, event.when().lo) {
            return (before, Some(index));
        }
    }
    (monitor, None)
}

fn is_violated(monitor: &Monitor, condition: &First, alive: Micros) -> bool {
    monitor.judge(condition, &End::Open { now: alive, alive }).verdict == Verdict::Violated
}

/// The named states, and all others as one, whose entry would not violate.
fn legal(plan: &Plan, condition: &First, before: &Monitor, at: Micros) -> Vec<String> {
    let alphabet = match plan {
        Plan::Regular(dfa) => &dfa.alphabet,
        Plan::Timed(automaton, _) => &automaton.alphabet,
        _ => return Vec::new(),
    };
    let stands = |atom: &usize| {
        let mut next = before.clone();
        let shown = Shown { letter: alphabet.sample(*atom), restarts: None };
        let entered =
            next.observe_unless_stutter(&Event::Enter { shown, when: Span::at(at), order: Order::at(u64::MAX) });
        entered && !is_violated(&next, condition, at)
    };
    (0..alphabet.size()).filter(stands).map(|atom| alphabet.describe(atom)).collect()
}

fn closing_time(events: &[Event], end: &End) -> Micros {
    match end {
        End::Open { alive, .. } => *alive,
        End::Closed { at } => *at,
        End::Deleted { when } => when.hi,
        End::Unfenced => events.last().map_or(0, |event| event.when().hi),
    }
}
