//! Which entries of a timeline the explanations of some outcomes may show: a long timeline is read again for them, and no
//! others are held.

use super::around::{WINDOW, is_related_warning, subjects_of};
use super::choice::Choice;
use crate::expectation::{Explanation, Outcome, TraceOutcome, Verdict};
use crate::timeline::Entry;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::HashSet;

/// What is shown beside some outcomes.
#[derive(Debug)]
pub struct Beside<'a>(Vec<Explained<'a>>);

/// The trace that explains an outcome.
#[derive(Debug)]
struct Explained<'a> {
    trace: &'a TraceOutcome,
    /// The time of the step that is explained first, if the trace has one.
    focus: Option<Timestamp>,
    /// The uids of all subjects that were judged.
    judged: HashSet<&'a str>,
}

impl<'a> Beside<'a> {
    /// What is shown beside these outcomes.
    #[must_use]
    pub fn of(outcomes: &'a [Outcome]) -> Self {
        let explained = outcomes.iter().filter_map(|outcome| {
            let trace = Choice::of(outcome)?.word?;
            let focus = trace.explanation.as_ref().and_then(Explanation::focus);
            let event = focus.and_then(|at| trace.events.get(at)).or(trace.events.last());
            let focus = event.and_then(|event| Timestamp::from_microsecond(event.when().hi).ok());
            Some(Explained { trace, focus, judged: subjects_of(outcome) })
        });
        Self(explained.collect())
    }

    /// The objects of which alone entries are shown, each by kind and name; none if others may be shown, too.
    #[must_use]
    pub fn objects(&self) -> Option<impl Iterator<Item = (SmolStr, SmolStr)>> {
        let subjects = self.0.iter().map(|explained| &explained.trace.subject);
        self.0
            .iter()
            .all(|explained| explained.trace.standing.verdict == Verdict::Satisfied)
            .then(|| subjects.map(|subject| (subject.kind.clone(), subject.name.clone())))
    }

    /// Whether an entry may be shown.
    #[must_use]
    pub fn shows(&self, entry: &Entry) -> bool {
        self.0.iter().any(|explained| {
            let is_own = entry.subject.as_ref().is_some_and(|subject| subject.uid == explained.trace.subject.uid);
            if is_own || explained.trace.standing.verdict == Verdict::Satisfied {
                return is_own;
            }
            let is_near = explained.focus.is_some_and(|at| entry.stamp.at.duration_since(at).abs() <= WINDOW);
            // Warnings count along the whole trace.
            is_near || is_related_warning(entry, &explained.judged, explained.trace)
        })
    }
}
