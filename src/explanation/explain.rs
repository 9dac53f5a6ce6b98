//! Why a verdict is what it is: where a trace stopped being legal, what was legal there, the nearest legal trace,
//! and the gap that is to blame.
//!
//! The result is data; the view formats it. What would take too long to find is left out, never guessed.

use super::breach;
use super::case::Case;
use super::departure::{Departure, closing_time, departure, is_violated};
use super::doubt;
use super::nearest;
use super::placeholder;
use super::required;
use super::why::{Breach, Explanation};
use crate::monitor::{
    Alphabet, End, Event, First, Judgement, Micros, Monitor, NEVER_AFTER, NEVER_BEFORE, Order, Plan, Shown, Span,
    Statement, Symbol, Verdict,
};

/// Explains the verdict on one trace; `events` is all of it. It leaves out what [`Explanation::complete`] adds.
#[must_use]
pub fn explain(case: &Case<'_>, events: &[Event], end: &End, standing: Judgement) -> Explanation {
    if let (Plan::Placeholder(terms), Verdict::Violated) = (case.plan, standing.verdict)
        && let Some((label, plan)) = placeholder::nearest(case, terms, events, end)
    {
        let found = explain(&Case { plan: &plan, ..case.clone() }, events, end, standing);
        let placeholder = label.map(|label| (terms.name().to_owned(), label.to_string()));
        return Explanation { placeholder, ..found };
    }
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
            if matches!(case.statement, Statement::Path(_) | Statement::Graph(_)) {
                found.nearest = nearest::nearest(plan, events, end);
                found.required = required::required(plan, events);
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
    if matches!(case.statement, Statement::Path(_)) {
        found.fits_until = required::fits_until(plan, events);
    }
    found
}

/// The named states, and all others as one, that may be entered without a violation.
fn legal(plan: &Plan, condition: &First, before: &Monitor, at: Micros) -> Vec<String> {
    let samples = match (plan, before) {
        (Plan::Regular(dfa), _) => samples(&dfa.alphabet),
        (Plan::Timed(automaton, _), _) => samples(&automaton.alphabet),
        (Plan::Placeholder(terms), Monitor::Placeholder(before)) => {
            terms.samples(&before.labels().cloned().collect::<Vec<_>>())
        }
        _ => return Vec::new(),
    };
    let stands = |symbol: &Symbol| {
        let mut next = before.clone();
        let shown = Shown { symbol: symbol.clone(), restarts: None };
        let entered =
            next.observe_unless_stutter(&Event::Enter { shown, when: Span::at(at), order: Order::at(u64::MAX) });
        entered && !is_violated(&next, condition, at)
    };
    let mut names: Vec<String> = Vec::new();
    for (_, name) in samples.into_iter().filter(|(symbol, _)| stands(symbol)) {
        // States that only predicates tell apart may have one name.
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A state of each atom, with the name of the atom.
fn samples(alphabet: &Alphabet) -> Vec<(Symbol, String)> {
    (0..alphabet.size()).map(|atom| (alphabet.sample(atom), alphabet.describe(atom))).collect()
}

/// False for the sentinels that stand for an unknown time.
fn is_time(at: Micros) -> bool {
    NEVER_BEFORE < at && at < NEVER_AFTER
}
