//! Which entries of a timeline are told beside what was said of it: whoever reads a long timeline again keeps no others.

use super::around::{WINDOW, kinship};
use super::choice::Choice;
use crate::expectation::{Explanation, Outcome, TraceOutcome};
use crate::observation::Subject;
use crate::timeline::{Body, Entry};
use jiff::Timestamp;
use std::collections::HashSet;

/// What is told beside some outcomes.
#[derive(Debug)]
pub struct Beside<'a>(Vec<Told<'a>>);

/// Beside the one word that explains an outcome.
#[derive(Debug)]
struct Told<'a> {
    word: &'a TraceOutcome,
    subject: &'a Subject,
    /// The moment that is looked at first, where the word has one.
    focus: Option<Timestamp>,
    judged: HashSet<&'a str>,
}

impl<'a> Beside<'a> {
    /// Beside these.
    #[must_use]
    pub fn of(outcomes: &'a [Outcome]) -> Self {
        let told = outcomes.iter().filter_map(|outcome| {
            let word = Choice::of(outcome)?.word?;
            let focus = word.explanation.as_ref().and_then(Explanation::focus);
            let event = focus.and_then(|at| word.events.get(at)).or(word.events.last());
            let at = event.and_then(|event| Timestamp::from_microsecond(event.when().hi).ok());
            let judged = outcome
                .clauses
                .iter()
                .flat_map(|clause| &clause.traces)
                .map(|word| word.subject.uid.as_str())
                .collect();
            Some(Told { word, subject: &word.subject, focus: at, judged })
        });
        Self(told.collect())
    }

    /// Whether an entry may be told.
    #[must_use]
    pub fn tells(&self, entry: &Entry) -> bool {
        self.0.iter().any(|told| {
            let is_own = entry.subject.as_ref().is_some_and(|subject| subject.uid == told.subject.uid);
            let is_near = told.focus.is_some_and(|at| entry.stamp.at.duration_since(at).abs() <= WINDOW);
            // The first Warnings on its whole way.
            let warns = matches!(&entry.body, Body::Evidence(said) if said.kind == "Warning")
                && kinship(entry, &told.judged, told.word) == 0;
            is_own || is_near || warns
        })
    }
}
