//! Which of many traces is explained: the first that has the verdict of its clause, in the first clause that has the
//! verdict of its expectation. The others are counted and named, not explained.

use crate::expectation::{ClauseOutcome, Outcome, Verdict, WordOutcome};

/// What is explained of an outcome.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    /// The clause.
    pub clause: &'a ClauseOutcome,
    /// Its word; none when the clause stands where it stands for another reason.
    pub word: Option<&'a WordOutcome>,
}

impl<'a> Choice<'a> {
    /// The clause and the trace to explain; none when there is nothing to explain.
    pub(super) fn of(outcome: &'a Outcome) -> Option<Self> {
        let wanted = outcome.standing.verdict;
        if wanted == Verdict::Skipped {
            return None;
        }
        let clause = outcome.clauses.iter().find(|clause| clause.speaks_for(wanted))?;
        Some(Self { clause, word: clause.told() })
    }

    /// The other clauses that alone would make the expectation stand so.
    pub(super) fn other_clauses(self, outcome: &'a Outcome) -> impl Iterator<Item = &'a ClauseOutcome> {
        let wanted = outcome.standing.verdict;
        let told = self.clause;
        outcome.clauses.iter().filter(move |clause| clause.speaks_for(wanted) && !std::ptr::eq(*clause, told))
    }

    /// The other words of the clause that stand like the one that is explained.
    pub(super) fn others(&self) -> impl Iterator<Item = &'a WordOutcome> + use<'a> {
        let told = self.word;
        let words: &'a [WordOutcome] = if told.is_some() { &self.clause.words } else { &[] };
        words.iter().filter(move |word| {
            told.is_some_and(|told| word.standing.verdict == told.standing.verdict && !std::ptr::eq(*word, told))
        })
    }
}
