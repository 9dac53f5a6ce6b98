//! The trace that is explained, for programs: its whole path, what broke it or is in doubt, and what would have been
//! right.

use super::subject::{Life, life, subject};
use super::why::{Breach, Doubt};
use crate::expectation::{Cause, Edit, Explanation, Outcome, Span, Step, TraceOutcome, Verdict};
use crate::observation::StateKind;
use crate::timeline::Entry;
use crate::view::document::{self, SubjectRef};
use crate::view::dwell::Dwell;
use crate::view::json;
use crate::view::verdict::around::Around;
use crate::view::verdict::axis::{Axis, decimal, is_known, not_before};
use crate::view::verdict::index::Index;
use crate::view::verdict::trace::{self, Trace};
use serde::Serialize;
use serde_json::value::RawValue;

/// The members of a trace.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Word<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    life: Option<Life>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    #[serde(flatten)]
    at: When,
    path: Vec<Stop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    departure: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_elapsed: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholder: Option<Placeholder<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    legal: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    breach: Option<Breach<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<Doubt<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settle: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<Vec<Change<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passing: Option<Vec<Completed<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing: Option<Vec<Completed<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    around: Vec<document::Document<'a, Box<RawValue>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<document::Document<'a, Box<RawValue>>>,
}

impl<'a> Word<'a> {
    /// The members of a trace.
    pub(super) fn of(outcome: &Outcome, word: &'a TraceOutcome, axis: Axis, index: &Index<'a>) -> Self {
        static NOTHING: Explanation = Explanation::NOTHING;
        let explanation = word.explanation.as_ref().unwrap_or(&NOTHING);
        let trace = Trace::of(word, axis, Some(index));
        let focus = explanation.focus().and_then(|at| trace.steps.get(at));
        let is_satisfied = word.standing.verdict == Verdict::Satisfied;
        let around = if is_satisfied { Around::default() } else { Around::of(outcome, word, &trace, index) };
        let document = |entry: &'a Entry| document::Document::new(entry, false, json::seconds);
        let completed = |steps: &'a Vec<Step>| steps.iter().map(|step| Completed::of(step, axis)).collect();
        Self {
            subject: subject(word),
            life: life(word),
            track: word.track.as_ref().map(ToString::to_string).filter(|track| !track.is_empty()),
            at: focus.map(|step| When::of(step.when, axis, Some(step))).unwrap_or_default(),
            path: trace.steps.iter().map(|step| Stop::of(step, axis)).collect(),
            departure: explanation.departure,
            decided: explanation.decided.and_then(|at| axis.rfc3339(at)),
            decided_elapsed: explanation.decided.and_then(|at| axis.seconds(at)),
            placeholder: explanation.placeholder.as_ref().map(|(name, label)| Placeholder { name, label }),
            legal: &explanation.legal,
            breach: explanation.breach.as_ref().map(|breach| Breach::of(breach, axis)),
            doubt: explanation.doubt.as_ref().map(|doubt| Doubt::of(doubt, axis)),
            settle: explanation.settle(&word.events, &axis),
            nearest: explanation.nearest.as_ref().map(|edits| edits.iter().map(Change::of).collect()),
            gap: explanation.blamed().filter(|at| trace.steps.get(*at).is_some_and(|step| step.gap.is_some())),
            passing: explanation.passing.as_ref().map(completed),
            failing: explanation.failing.as_ref().map(completed),
            around: around.updates().map(document).collect(),
            evidence: around.evidence().map(document).collect(),
        }
    }
}

/// What a placeholder of the path stands for.
#[derive(Serialize)]
struct Placeholder<'a> {
    name: &'a str,
    label: &'a str,
}

/// A moment: RFC 3339 in recordings, seconds in sketches.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct When {
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_not_before: Option<Box<RawValue>>,
}

impl When {
    fn of(when: Span, axis: Axis, step: Option<&trace::Step<'_>>) -> Self {
        let elapsed = step.filter(|step| !step.is_timeless()).and_then(|step| step.entry).and_then(|entry| {
            let micros = i64::try_from(entry.stamp.elapsed.as_micros()).ok()?;
            Some(decimal(micros))
        });
        Self {
            at: axis.rfc3339(when.hi),
            not_before: not_before(when).and_then(|at| axis.rfc3339(at)),
            elapsed: elapsed.or_else(|| axis.seconds(when.hi)),
            elapsed_not_before: not_before(when).and_then(|at| axis.seconds(at)),
        }
    }
}

/// One step of the path, seen or not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    #[serde(skip_serializing_if = "Option::is_none")]
    gap: Option<&'static str>,
    /// Null for a track that its object lost; absent when it was not seen again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[expect(clippy::option_option, reason = "null and absent are different in JSON")]
    state: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<String>,
    #[serde(flatten)]
    when: When,
    #[serde(skip_serializing_if = "Option::is_none")]
    dwell: Option<Stay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<&'static str>,
}

impl Stop {
    fn of(step: &trace::Step<'_>, axis: Axis) -> Self {
        let state = step.state.as_ref();
        Self {
            gap: step.gap.map(|cause| match cause {
                Cause::Beginning => "beginning",
                Cause::Lost => "lost",
                Cause::Coalesced => "neverPublished",
            }),
            state: state.map(|state| (state.kind != StateKind::Absent).then(|| state.label.to_string())),
            kind: state.and_then(|state| state.kind.name()),
            restart_count: state.and_then(|state| state.detail.restart_count),
            exit_code: state.and_then(|state| state.detail.exit_code),
            details: step.details.shown().map(ToString::to_string).collect(),
            when: When::of(step.when, axis, Some(step)),
            dwell: step.dwell.and_then(Stay::of),
            seen: step.entry.map(|entry| entry.seen.as_str()),
        }
    }
}

/// How long a state lasted, in seconds, as far as it was seen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Stay {
    at_least: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<Box<RawValue>>,
    ended: bool,
}

impl Stay {
    fn of(dwell: Dwell) -> Option<Self> {
        let micros = |length: std::time::Duration| i64::try_from(length.as_micros()).ok().filter(|at| is_known(*at));
        Some(Self {
            at_least: decimal(micros(dwell.at_least)?),
            at_most: dwell.at_most.and_then(micros).map(decimal),
            ended: dwell.has_ended(),
        })
    }
}

#[derive(Serialize)]
struct Change<'a> {
    edit: &'static str,
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    with: Option<&'a str>,
}

impl<'a> Change<'a> {
    fn of(edit: &'a Edit) -> Self {
        let (edit, state, with) = match edit {
            Edit::Keep(state) => ("keep", state, None),
            Edit::Insert(state) => ("insert", state, None),
            Edit::Drop(state) => ("drop", state, None),
            Edit::Replace(state, other) => ("replace", state, Some(other.as_str())),
        };
        Self { edit, state, with }
    }
}

#[derive(Serialize)]
struct Completed<'a> {
    state: &'a str,
    hidden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed: Option<Box<RawValue>>,
}

impl<'a> Completed<'a> {
    fn of(step: &'a Step, axis: Axis) -> Self {
        Self {
            state: &step.label,
            hidden: step.hidden,
            at: step.at.and_then(|at| axis.rfc3339(at)),
            elapsed: step.at.and_then(|at| axis.seconds(at)),
        }
    }
}
