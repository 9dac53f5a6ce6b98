//! Why a verdict is what it is: where a word left what was legal, what was legal there, the nearest legal word, the
//! gap that is to blame, and how what was not seen could have gone either way.
//!
//! Only data: how it is told is the view's. What would take too long to find is left out, never guessed.

mod completion;
mod nearest;

pub use completion::Step;
pub use nearest::Edit;

use super::monitor::{First, Monitor};
use super::outcome::{ClauseOutcome, WordOutcome};
use super::plan::Plan;
use super::verdict::{Standing, Verdict};
use super::word::{Cause, End, Event, Micros, Order, Shown, Span};

/// Why one word stands where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the event with which satisfied went out of reach; none when only the end, or time, did it.
    pub departure: Option<usize>,
    /// The states that were legal there, or, without a departure, that are legal next.
    pub legal: Vec<String>,
    /// The word with the fewest edits that make it fit.
    pub nearest: Option<Vec<Edit>>,
    /// Index of the gap that is to blame for not knowing.
    pub gap: Option<usize>,
    /// A completion that fits.
    pub passing: Option<Vec<Step>>,
    /// A completion that does not.
    pub failing: Option<Vec<Step>>,
}

impl Explanation {
    /// Nothing is known.
    pub const NOTHING: Self =
        Self { departure: None, legal: Vec::new(), nearest: None, gap: None, passing: None, failing: None };
}

/// Explains one word; `events` is the whole of it.
#[must_use]
pub fn explain(plan: &Plan, condition: &First, events: &[Event], end: &End, standing: Standing) -> Explanation {
    let mut found = Explanation::default();
    match standing.verdict {
        Verdict::Violated => {
            let (before, departure) = departure(plan, condition, events);
            let at = departure
                .and_then(|at| events.get(at))
                .map_or_else(|| closing_time(events, end), |event| event.when().hi);
            found.departure = departure;
            found.legal = legal(plan, condition, &before, at);
            found.nearest = nearest::nearest(plan, events, end);
        }
        Verdict::Inconclusive | Verdict::Pending => {
            found.gap = blamed(plan, events);
            if standing.verdict == Verdict::Inconclusive {
                (found.passing, found.failing) = completion::both(plan, events, end);
            } else {
                let mut monitor = plan.start();
                events.iter().for_each(|event| monitor.observe(event));
                found.legal = legal(plan, condition, &monitor, closing_time(events, end));
            }
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

/// The gap after which more than one configuration had to be believed.
fn blamed(plan: &Plan, events: &[Event]) -> Option<usize> {
    let mut monitor = plan.start();
    let mut blamed = None;
    for (index, event) in events.iter().enumerate() {
        let split = monitor.is_split();
        monitor.observe(event);
        match (split, monitor.is_split()) {
            (false, true) => blamed = matches!(event, Event::Gap { .. }).then_some(index),
            (_, false) => blamed = None,
            (true, true) => {}
        }
    }
    blamed
}

fn closing_time(events: &[Event], end: &End) -> Micros {
    match end {
        End::Open { alive, .. } => *alive,
        End::Closed { at } => *at,
        End::Deleted { when } => when.hi,
        End::Unfenced => events.last().map_or(0, |event| event.when().hi),
    }
}

/// The reason in one line.
#[must_use]
pub fn reason(standing: Standing, clauses: &[ClauseOutcome]) -> String {
    let clause = clauses.iter().find(|clause| clause.standing.verdict == standing.verdict);
    let Some(clause) = clause.filter(|_| standing.verdict != Verdict::Satisfied) else {
        return match standing.verdict {
            Verdict::Satisfied => "every completion with every future fits".into(),
            other => other.to_string(),
        };
    };
    if let Some(reason) = &clause.reason {
        return reason.clone();
    }
    let word = clause.words.iter().find(|word| word.standing.verdict == standing.verdict);
    let why = word.and_then(|word| word.reason.clone().or_else(|| told(word)));
    why.unwrap_or_else(|| clause.text.clone())
}

fn told(word: &WordOutcome) -> Option<String> {
    let explanation = word.explanation.as_ref()?;
    let legal = || {
        let legal = explanation.legal.join(", ");
        if legal.is_empty() { "nothing was legal there".to_owned() } else { format!("legal there: {legal}") }
    };
    let name = |index: usize| {
        let shown = word.events.get(index).and_then(Event::shown);
        shown.map_or_else(|| "what was not seen".to_owned(), |shown| format!("`{}`", shown.letter))
    };
    match word.standing.verdict {
        Verdict::Violated => Some(match explanation.departure {
            // Only statements about order know the nearest word, and what was legal: others were violated by time or number.
            Some(at) if explanation.legal.is_empty() && explanation.nearest.is_none() => {
                format!("violated with {}", name(at))
            }
            Some(at) => format!("{} does not fit; {}", name(at), legal()),
            None if explanation.legal.is_empty() => return None,
            None => format!("it ended where more was asked for; legal next: {}", explanation.legal.join(", ")),
        }),
        Verdict::Inconclusive if explanation.gap.is_none() && word.end == End::Unfenced => {
            Some("nothing proves that its end is whole".into())
        }
        Verdict::Inconclusive | Verdict::Pending => explanation.gap.and_then(|at| match word.events.get(at) {
            Some(Event::Gap { cause: Cause::Beginning, .. }) => Some("its beginning was not seen".into()),
            Some(Event::Gap { cause: Cause::Coalesced, .. }) => {
                Some(format!("what lay before {} was not published", name(at)))
            }
            Some(Event::Gap { found: None, .. }) => Some("its end was not seen".into()),
            Some(Event::Gap { .. }) => Some(format!("the gap before {} leaves it open", name(at))),
            _ => None,
        }),
        Verdict::Satisfied | Verdict::Skipped => None,
    }
}
