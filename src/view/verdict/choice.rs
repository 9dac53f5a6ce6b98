//! Which of several traces is explained: the first that has the verdict of its clause, in the first clause that has the
//! verdict of its expectation. The others are counted and named, not explained.

use crate::expectation::{ClauseOutcome, Outcome, TraceOutcome, Verdict};

/// The part of an outcome that is explained.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    /// The clause.
    pub clause: &'a ClauseOutcome,
    /// The trace; none when the clause has its verdict for another reason.
    pub word: Option<&'a TraceOutcome>,
}

impl<'a> Choice<'a> {
    /// The clause and the trace to explain; none when there is nothing to explain.
    pub(super) fn of(outcome: &'a Outcome) -> Option<Self> {
        let wanted = outcome.standing.verdict;
        if wanted == Verdict::Skipped {
            return None;
        }
        let clause = &outcome.clauses[outcome.decisive_clause()?];
        Some(Self { clause, word: clause.decisive() })
    }

    /// The other clauses that alone would give the expectation the same verdict.
    pub(super) fn other_clauses(self, outcome: &'a Outcome) -> impl Iterator<Item = &'a ClauseOutcome> {
        let wanted = outcome.standing.verdict;
        let explained = self.clause;
        outcome.clauses.iter().filter(move |clause| clause.speaks_for(wanted) && !std::ptr::eq(*clause, explained))
    }

    /// The other traces of the clause with the same verdict as the one that is explained.
    pub(super) fn others(&self) -> impl Iterator<Item = &'a TraceOutcome> + use<'a> {
        let explained = self.word;
        let words: &'a [TraceOutcome] = if explained.is_some() { &self.clause.traces } else { &[] };
        words.iter().filter(move |word| {
            explained.is_some_and(|explained| {
                word.standing.verdict == explained.standing.verdict && !std::ptr::eq(*word, explained)
            })
        })
    }

    /// How many traces of dropped subjects have the same verdict and are not listed.
    pub(super) fn not_listed(&self) -> u64 {
        let Some(explained) = self.word else { return 0 };
        let beyond = self.clause.beyond.iter();
        beyond.filter(|(verdict, _)| *verdict == explained.standing.verdict).map(|(_, number)| number).sum()
    }
}
