//! What a judge says, in parts: of an expectation, of its clauses, of single words.

use crate::explanation::{Explanation, TimeFormat, Timeless};
use crate::monitor::{End, Event, Judgement, Verdict};
use crate::observation::{Subject, Track};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is said of one expectation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The expectation's name.
    pub name: String,
    /// Where it stands.
    pub standing: Judgement,
    /// Why, in one line.
    pub reason: String,
    /// Its clauses tell why; else `reason` does, for it was not judged.
    pub explained: bool,
    /// Its clauses.
    pub clauses: Vec<ClauseOutcome>,
    /// What it assumes.
    pub assumptions: Vec<String>,
}

/// What is said of one clause.
#[derive(Clone, Debug)]
pub struct ClauseOutcome {
    /// The clause as it was written.
    pub text: String,
    /// Where it stands.
    pub standing: Judgement,
    /// It stands under a `not`: that it holds speaks against the expectation.
    pub negated: bool,
    /// It stands under a `not`, or under several.
    pub under_not: bool,
    /// Why, when it is not because of one of its words.
    pub reason: Option<String>,
    /// Its words.
    pub words: Vec<WordOutcome>,
}

/// What is said of one word.
#[derive(Clone, Debug)]
pub struct WordOutcome {
    /// Whose; none for the unnamed track of a sketch.
    pub subject: Arc<Subject>,
    /// Which of the lives of its name; none for the unnamed track of a sketch.
    pub life: Option<Life>,
    /// Which track.
    pub track: Option<Track>,
    /// Where it stands.
    pub standing: Judgement,
    /// Why, when it is not for the word itself.
    pub reason: Option<String>,
    /// The word, the last events of it; of an expectation with a window, those within. A clause about many subjects
    /// keeps the words of the first few of each verdict.
    #[doc(hidden)]
    pub events: Vec<Event>,
    /// How it ends.
    #[doc(hidden)]
    pub end: End,
    /// Why it stands where it stands, where that can be told of the word alone.
    #[doc(hidden)]
    pub explanation: Option<Explanation>,
}

/// One of the lives of a name, in the order in which they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its number, from 1.
    pub number: usize,
    /// How many lives of the name were seen.
    pub of: usize,
}

impl std::fmt::Display for Life {
    /// `2nd of 3 lives`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { number, of } = self;
        let suffix = match (number % 10, number % 100) {
            (1, rest) if rest != 11 => "st",
            (2, rest) if rest != 12 => "nd",
            (3, rest) if rest != 13 => "rd",
            _ => "th",
        };
        write!(f, "{number}{suffix} of {of} {}", if *of == 1 { "life" } else { "lives" })
    }
}

/// The reason in one line, without times: whoever knows what they count from tells more.
#[must_use]
pub fn reason(standing: Judgement, clauses: &[ClauseOutcome]) -> String {
    let Some(clause) = clauses.iter().find(|clause| clause.speaks_for(standing.verdict)) else {
        return match standing.verdict {
            Verdict::Satisfied => "every completion with every future fits".into(),
            other => other.to_string(),
        };
    };
    clause.sentence(&Timeless)
}

impl Outcome {
    /// What is said of it where what is said without the gaps that go on may still turn out to be true.
    pub(super) fn or_unbroken(&mut self, other: &Self) {
        for (clause, other) in self.clauses.iter_mut().zip(&other.clauses) {
            clause.standing = clause.standing.or_unbroken(other.standing);
            let words: BTreeMap<_, _> =
                other.words.iter().map(|word| ((&word.subject.uid, &word.track), word.standing)).collect();
            for word in &mut clause.words {
                let other = words.get(&(&word.subject.uid, &word.track)).copied();
                word.standing = word.standing.or_unbroken(other.unwrap_or(Judgement::PENDING));
            }
        }
        let standing = self.standing.or_unbroken(other.standing);
        if standing.verdict != self.standing.verdict {
            self.reason = reason(standing, &self.clauses);
        }
        self.standing = standing;
    }
}

impl ClauseOutcome {
    /// True when this clause alone would make an expectation stand so.
    #[must_use]
    pub(crate) fn speaks_for(&self, verdict: Verdict) -> bool {
        let standing = match (self.under_not, self.negated) {
            (true, _) if self.standing.vacuous => self.standing.negated(),
            (_, true) => self.standing.negated(),
            _ => self.standing,
        };
        standing.verdict == verdict && verdict != Verdict::Satisfied
    }

    /// The word that tells best why the clause stands where it stands; none when none does.
    #[must_use]
    pub(crate) fn told(&self) -> Option<&WordOutcome> {
        // Of words that are not known, one shows more than that others may be missing; else what is said of all counts.
        let of_all = self.reason.is_some() && self.standing.verdict != Verdict::Inconclusive;
        self.words.iter().find(|word| !of_all && word.standing.verdict == self.standing.verdict)
    }

    /// Why, in one line.
    #[must_use]
    pub(crate) fn sentence(&self, times: &dyn TimeFormat) -> String {
        if self.under_not && self.standing.vacuous {
            let nothing = self.reason.clone().unwrap_or_else(|| format!("`{}` has nothing to judge", self.text));
            return format!("{nothing}, which `not` makes neither a pass nor a failure");
        }
        if self.negated && self.standing.verdict == Verdict::Satisfied {
            return format!("`{}` holds, and it was not to", self.text);
        }
        let word = self.told().and_then(|word| word.sentence(times));
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
    pub(crate) fn sentence(&self, times: &dyn TimeFormat) -> Option<String> {
        let explained = || self.explanation.as_ref()?.sentence(&self.events, times);
        self.reason.clone().or_else(explained)
    }
}
