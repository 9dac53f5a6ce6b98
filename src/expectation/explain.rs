//! Why a verdict is what it is: where a word left what was legal, what was legal there, the nearest legal word, the
//! gap that is to blame, and how what was not seen could have gone either way.
//!
//! Only data: how it is told is the view's. What would take too long to find is left out, never guessed.

mod breach;
mod completion;
mod doubt;
mod nearest;
mod relax;
mod sentence;
mod why;

pub use completion::Step;
pub use nearest::Edit;
pub use sentence::{Tell, Timeless};
pub use why::{Breach, Doubt, Length, Rule};

use super::monitor::{First, Monitor};
use super::outcome::{ClauseOutcome, WordOutcome};
use super::plan::Plan;
use super::program::{Clause, Expectation};
use super::statement::Statement;
use super::syntax::States;
use super::verdict::{Standing, Verdict};
use super::window::{From, Marks, Trouble, Window};
use super::word::{End, Event, Micros, Order, Shown, Span};

/// Why one word stands where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Index of the event with which satisfied went out of reach; none when only the end, or time, did it.
    pub departure: Option<usize>,
    /// The states that were legal there, or, without a departure, that are legal next.
    pub legal: Vec<String>,
    /// What broke it.
    pub breach: Option<Breach>,
    /// The word with the fewest edits that make it fit.
    pub nearest: Option<Vec<Edit>>,
    /// What keeps it from being decided.
    pub doubt: Option<Doubt>,
    /// A completion that fits.
    pub passing: Option<Vec<Step>>,
    /// A completion that does not.
    pub failing: Option<Vec<Step>>,
}

/// What is explained: one clause, and what is known of its condition.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    plan: &'a Plan,
    statement: &'a Statement,
    condition: &'a First,
    /// The track that the clause waits for, when it is another one.
    awaited: Option<String>,
}

impl<'a> Case<'a> {
    /// A clause of an expectation.
    #[must_use]
    pub fn of(expectation: &Expectation, clause: &'a Clause, condition: &'a First) -> Self {
        let awaited =
            clause.condition.as_ref().map(|(alias, track)| format!("{} {track}", expectation.subjects[*alias].0));
        Self { plan: &clause.plan, statement: &clause.statement, condition, awaited }
    }

    /// `pod phase Running`
    fn awaits(&self, states: &States) -> String {
        self.awaited.as_ref().map_or_else(|| states.to_string(), |track| format!("{track} {states}"))
    }

    fn awaited_states(&self) -> Option<String> {
        match self.statement {
            Statement::OnlyAfter { after, .. } | Statement::Quiet { after } => Some(self.awaits(after)),
            _ => None,
        }
    }
}

/// Why a window cannot be judged.
#[must_use]
pub fn trouble(window: &Window, marks: &Marks, trouble: Trouble) -> String {
    let missing = match &window.from {
        From::Mark(name) if !marks.contains_key(name) => format!(": there is no mark `{name}`"),
        _ => String::new(),
    };
    match trouble {
        Trouble::NotBegun => format!("the window has not begun{missing}"),
        Trouble::UnknownEnd => "the window's end counts from a beginning that was not seen".to_owned(),
    }
}

impl Explanation {
    /// Nothing is known.
    pub const NOTHING: Self = Self {
        departure: None,
        legal: Vec::new(),
        breach: None,
        nearest: None,
        doubt: None,
        passing: None,
        failing: None,
    };

    /// The event that the doubt is about.
    #[must_use]
    pub fn blamed(&self) -> Option<usize> {
        match self.doubt.as_ref()? {
            Doubt::Beginning(at)
            | Doubt::Lost(at)
            | Doubt::NotSeenAgain(at)
            | Doubt::Coalesced(at)
            | Doubt::Interval(at) => Some(*at),
            Doubt::Unended { since, .. } => Some(*since),
            Doubt::Waiting { trigger, .. } => *trigger,
            Doubt::Unfenced | Doubt::Condition(_) => None,
        }
    }

    /// The event that is looked at first.
    #[must_use]
    pub fn focus(&self) -> Option<usize> {
        let breach = self.breach.as_ref().and_then(|breach| match breach {
            Breach::Illegal { at, .. }
            | Breach::Stay { at, .. }
            | Breach::Early { at, .. }
            | Breach::Noise { at, .. } => Some(*at),
            Breach::Group { from, to, .. } => Some(to.unwrap_or(*from)),
            Breach::Unanswered { trigger, .. } => Some(*trigger),
            Breach::Number { at, .. } => *at,
            Breach::Unfinished | Breach::Untriggered { .. } => None,
        });
        breach.or(self.departure).or(self.blamed())
    }
}

/// Explains one word; `events` is the whole of it.
#[must_use]
pub fn explain(case: &Case<'_>, events: &[Event], end: &End, standing: Standing) -> Explanation {
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
            found.doubt = doubt::pending(case, standing, events);
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

/// The reason in one line, without times: whoever knows what they count from tells more.
#[must_use]
pub fn reason(standing: Standing, clauses: &[ClauseOutcome]) -> String {
    let Some(clause) = clauses.iter().find(|clause| clause.speaks_for(standing.verdict)) else {
        return match standing.verdict {
            Verdict::Satisfied => "every completion with every future fits".into(),
            other => other.to_string(),
        };
    };
    clause.sentence(&Timeless)
}

impl ClauseOutcome {
    /// True when this clause alone would make an expectation stand so.
    #[must_use]
    pub fn speaks_for(&self, verdict: Verdict) -> bool {
        let standing = if self.negated { self.standing.negated() } else { self.standing };
        standing.verdict == verdict && verdict != Verdict::Satisfied
    }

    /// The word that tells best why the clause stands where it stands; none when none does.
    #[must_use]
    pub fn told(&self) -> Option<&WordOutcome> {
        // Of words that are not known, one shows more than that others may be missing; else what is said of all counts.
        let of_all = self.reason.is_some() && self.standing.verdict != Verdict::Inconclusive;
        self.words.iter().find(|word| !of_all && word.standing.verdict == self.standing.verdict)
    }

    /// Why, in one line.
    #[must_use]
    pub fn sentence(&self, tell: &dyn Tell) -> String {
        if self.negated && self.standing.verdict == Verdict::Satisfied {
            return format!("`{}` holds, and it was not to", self.text);
        }
        let word = self.told().and_then(|word| word.sentence(tell));
        word.or_else(|| self.reason.clone()).unwrap_or_else(|| match self.standing.verdict {
            Verdict::Violated => format!("`{}` is broken", self.text),
            Verdict::Pending => "it goes on: another subject may still come".to_owned(),
            _ => format!("`{}` cannot be decided", self.text),
        })
    }
}

impl WordOutcome {
    /// Why, in one line; none when nothing but the verdict is known.
    #[must_use]
    pub fn sentence(&self, tell: &dyn Tell) -> Option<String> {
        let explained = || self.explanation.as_ref()?.sentence(&self.events, tell);
        self.reason.clone().or_else(explained)
    }
}
