//! The result of judging: of an expectation, of its clauses, of single traces.

use super::quoted::Quoted;
use crate::explanation::{Explanation, TimeFormat, Timeless};
use crate::monitor::{End, Event, Judgement, Span, Verdict};
use crate::observation::{Subject, Track};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The reason when only the unfenced end leaves the lives of a name undecided.
pub(super) const EVERY_LIFE: &str =
    "every life of this name is judged, and another may have begun unseen after the last line";

/// What settles that.
const WHICH_LIFE: &str =
    "a recording that ends with a fence, or one life (`life: first`, `life: any`, `uid: ...` in a document)";

/// The outcome of one expectation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The expectation's name.
    pub name: String,
    /// The judgement.
    pub standing: Judgement,
    /// The reason, in one line.
    pub reason: String,
    /// True when its clauses explain the verdict; otherwise it was not judged, and `reason` says why.
    pub explained: bool,
    /// Its clauses.
    pub clauses: Vec<ClauseOutcome>,
    /// The assumptions that it makes.
    pub assumptions: Vec<String>,
    /// True when it must hold in one of several recordings, not in each; in a single one it is like any other.
    pub sometimes: bool,
}

/// The outcome of one clause.
#[derive(Clone, Debug)]
pub struct ClauseOutcome {
    /// The clause as written.
    pub text: String,
    /// The judgement.
    pub standing: Judgement,
    /// True under an odd number of `not`: satisfying the clause then counts against the expectation.
    pub negated: bool,
    /// True under one `not` or more.
    pub under_not: bool,
    /// The reason, when it is not one of the traces.
    pub reason: Option<String>,
    /// The outcomes of its traces; of subjects that were deleted long ago, the first few of each verdict.
    pub traces: Vec<TraceOutcome>,
    /// The number of other traces with each verdict, all of subjects that were deleted long ago.
    pub beyond: Vec<(Verdict, u64)>,
}

/// The outcome of one trace.
#[derive(Clone, Debug)]
pub struct TraceOutcome {
    /// The subject; a placeholder for the unnamed track of a sketch.
    pub subject: Arc<Subject>,
    /// Which life of its name the subject is; none for the unnamed track of a sketch.
    pub life: Option<Life>,
    /// The track.
    pub track: Option<Track>,
    /// The judgement.
    pub standing: Judgement,
    /// The reason, when it is not in the trace itself.
    pub reason: Option<String>,
    /// The last events of the trace; with a window, those within. A clause about many subjects keeps the events of the
    /// first few traces of each verdict.
    #[doc(hidden)]
    pub events: Vec<Event>,
    /// How the trace ends.
    #[doc(hidden)]
    pub end: End,
    /// When its subject was deleted, if that was within the window.
    #[doc(hidden)]
    pub gone: Option<Span>,
    /// Why the verdict is what it is, where the trace alone explains it. Only the trace that explains the verdict of the
    /// expectation has completions.
    #[doc(hidden)]
    pub explanation: Option<Explanation>,
}

/// One of the lives of a name, numbered in the order in which they began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Its number, from 1.
    pub number: usize,
    /// The number of lives of the name that were seen.
    pub of: usize,
}

impl std::fmt::Display for Life {
    /// Formats `2nd of 3 lives`.
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

/// The reason in one line, without times, which only the view can format.
#[must_use]
pub fn reason(standing: Judgement, clauses: &[ClauseOutcome]) -> String {
    let Some(clause) = clauses.iter().find(|clause| clause.speaks_for(standing.verdict)) else {
        return match standing.verdict {
            Verdict::Satisfied => "every completion fits, whatever follows".into(),
            other => other.to_string(),
        };
    };
    clause.sentence(&Timeless)
}

impl Outcome {
    /// The number of the first clause that alone would give the expectation its verdict.
    pub(crate) fn decisive_clause(&self) -> Option<usize> {
        self.clauses.iter().position(|clause| clause.speaks_for(self.standing.verdict))
    }

    /// The trace that explains an inconclusive verdict, with the number of its clause; none where something else does.
    pub(super) fn undecided_trace(&mut self) -> Option<(usize, &mut TraceOutcome)> {
        let number = self.decisive_clause().filter(|_| self.explained)?;
        let clause = &mut self.clauses[number];
        let at = clause.decisive_at()?;
        let trace = &mut clause.traces[at];
        (trace.standing.verdict == Verdict::Inconclusive && trace.reason.is_none()).then_some((number, trace))
    }

    /// Merges the outcome without the gaps that have no end yet, which may still turn out to apply.
    pub(super) fn or_unbroken(&mut self, other: &Self) {
        for (clause, other) in self.clauses.iter_mut().zip(&other.clauses) {
            clause.standing = clause.standing.or_unbroken(other.standing);
            let traces: BTreeMap<_, _> =
                other.traces.iter().map(|trace| ((&trace.subject.uid, &trace.track), trace.standing)).collect();
            for trace in &mut clause.traces {
                let other = traces.get(&(&trace.subject.uid, &trace.track)).copied();
                trace.standing = trace.standing.or_unbroken(other.unwrap_or(Judgement::PENDING));
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
    /// True when this clause alone would give an expectation this verdict.
    #[must_use]
    pub(crate) fn speaks_for(&self, verdict: Verdict) -> bool {
        let standing = match (self.under_not, self.negated) {
            (true, _) if self.standing.vacuous => self.standing.negated(),
            (_, true) => self.standing.negated(),
            _ => self.standing,
        };
        standing.verdict == verdict && verdict != Verdict::Satisfied
    }

    /// The trace that explains the clause's verdict best; none when none does.
    #[must_use]
    pub(crate) fn decisive(&self) -> Option<&TraceOutcome> {
        self.decisive_at().map(|at| &self.traces[at])
    }

    fn decisive_at(&self) -> Option<usize> {
        // Of undecided traces, one explains more than that others may be missing; otherwise the reason for all counts.
        let of_all = self.reason.is_some() && self.standing.verdict != Verdict::Inconclusive;
        self.traces.iter().position(|trace| !of_all && trace.standing.verdict == self.standing.verdict)
    }

    /// What would settle it, where no trace shows it.
    #[must_use]
    pub(crate) fn settle(&self) -> Option<&'static str> {
        (self.reason.as_deref() == Some(EVERY_LIFE)).then_some(WHICH_LIFE)
    }

    /// The reason in one line.
    #[must_use]
    pub(crate) fn sentence(&self, times: &dyn TimeFormat) -> String {
        let times = &Quoted { text: &self.text, times };
        if self.under_not && self.standing.vacuous {
            if self.standing.negated().verdict == Verdict::Pending {
                let open = self.traces.iter().find(|trace| trace.standing.verdict == Verdict::Pending);
                let open = open.and_then(|trace| trace.sentence(times));
                return open.unwrap_or_else(|| "still open: another subject may appear".to_owned());
            }
            let nothing = self.reason.clone().unwrap_or_else(|| format!("`{}` has nothing to judge", self.text));
            return format!("{nothing}, so `not` is neither a pass nor a failure");
        }
        if self.negated && self.standing.verdict == Verdict::Satisfied {
            return format!("expected `{}` to fail, but it held", self.text);
        }
        let trace = self.decisive().and_then(|trace| trace.sentence(times));
        trace.or_else(|| self.reason.clone()).unwrap_or_else(|| match self.standing.verdict {
            Verdict::Violated => format!("`{}` is violated", self.text),
            Verdict::Pending => "still open: another subject may appear".to_owned(),
            _ => format!("`{}` cannot be decided", self.text),
        })
    }
}

impl TraceOutcome {
    /// The reason in one line; none when only the verdict is known.
    #[must_use]
    pub(crate) fn sentence(&self, times: &dyn TimeFormat) -> Option<String> {
        let explained = || self.explanation.as_ref()?.sentence(&self.events, times);
        self.reason.clone().or_else(explained)
    }
}
