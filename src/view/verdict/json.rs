//! Verdicts for programs: one JSON document, the contract of docs/schema/verdicts-v1.schema.json.
//!
//! Later versions add members, and never rename or remove any. What is not known is left out: a member that is absent
//! was not known, one that is null is the API's own null, and 0 is a number that was measured.

mod subject;
mod why;
mod word;

use super::axis::Axis;
use super::choice::Choice;
use super::index::Index;
use super::judged::Judged;
use super::sometimes::{self, Sometimes};
use super::story::Story;
use super::total::total;
use crate::expectation::{ClauseOutcome, Outcome, TraceOutcome};
use crate::view::document::SubjectRef;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;
use subject::{Life, life, subject};
use word::Word;

/// Writes the document and the end of its line.
pub(super) fn write(judged: &[Judged<'_>], out: &mut impl io::Write) -> io::Result<()> {
    let expectations = judged.iter().flat_map(|one| {
        let index = Index::of(one);
        one.outcomes.iter().map(|outcome| Expectation::of(one, outcome, &index)).collect::<Vec<_>>()
    });
    let errors = judged.iter().filter_map(|one| one.trouble).map(|trouble| RecordingError {
        recording: trouble.recording,
        kind: trouble.extent.as_str(),
        message: trouble.message,
    });
    let over = sometimes::over(judged);
    let document = Document {
        verdict: total(judged).as_str(),
        errors: errors.collect(),
        expectations: expectations.collect(),
        sometimes: over.iter().map(Over::of).collect(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    verdict: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RecordingError<'a>>,
    expectations: Vec<Expectation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sometimes: Vec<Over<'a>>,
}

/// An expectation that must hold in one of several recordings, over all of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Over<'a> {
    name: &'a str,
    verdict: &'static str,
    pass_lost: bool,
    reason: String,
    recordings: Vec<OfRecording<'a>>,
    /// The recording whose explanation shows best why none satisfies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'a str>,
}

#[derive(Serialize)]
struct OfRecording<'a> {
    recording: &'a str,
    verdict: &'static str,
}

impl<'a> Over<'a> {
    fn of(over: &'a Sometimes<'a>) -> Self {
        let parts = over.parts.iter();
        Self {
            name: over.name,
            verdict: over.standing.verdict.as_str(),
            pass_lost: over.standing.pass_lost,
            reason: over.sentence(),
            recordings: parts.map(|one| OfRecording { recording: one.recording(), verdict: one.verdict() }).collect(),
            nearest: over.nearest().and_then(|(judged, _)| judged.recording),
        }
    }
}

/// A recording that could not be read, or not to its end.
#[derive(Serialize)]
struct RecordingError<'a> {
    recording: &'a str,
    kind: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Expectation<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sometimes: bool,
    verdict: &'static str,
    pass_lost: bool,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    explained: Option<Explained<'a>>,
    assumptions: &'a [String],
    clauses: Vec<Clause<'a>>,
}

impl<'a> Expectation<'a> {
    fn of(judged: &Judged<'a>, outcome: &'a Outcome, index: &Index<'a>) -> Self {
        let choice = Choice::of(outcome).filter(|_| outcome.explained);
        Self {
            recording: judged.recording,
            name: &outcome.name,
            sometimes: outcome.sometimes,
            verdict: outcome.standing.verdict.as_str(),
            pass_lost: outcome.standing.pass_lost,
            reason: Story::of(judged, outcome, index).sentence(),
            explained: choice.map(|choice| Explained::of(outcome, &choice, judged.axis, index)),
            assumptions: &outcome.assumptions,
            clauses: outcome.clauses.iter().map(|clause| Clause::of(clause, judged.axis)).collect(),
        }
    }
}

/// The trace that shows best why.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained<'a> {
    statement: &'a str,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    word: Option<Word<'a>>,
}

impl<'a> Explained<'a> {
    fn of(outcome: &Outcome, choice: &Choice<'a>, axis: Axis, index: &Index<'a>) -> Self {
        Self { statement: &choice.clause.text, word: choice.word.map(|word| Word::of(outcome, word, axis, index)) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Clause<'a> {
    statement: &'a str,
    verdict: &'static str,
    pass_lost: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    subjects: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<&'static str, u64>,
}

impl<'a> Clause<'a> {
    fn of(clause: &'a ClauseOutcome, axis: Axis) -> Self {
        Self {
            statement: &clause.text,
            verdict: clause.standing.verdict.as_str(),
            pass_lost: clause.standing.pass_lost,
            reason: clause.reason.as_deref(),
            subjects: clause.traces.iter().map(|word| Part::of(word, axis)).collect(),
            more: clause.beyond.iter().map(|(verdict, number)| (verdict.as_str(), *number)).collect(),
        }
    }
}

/// The verdict on one track of one subject.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    life: Option<Life>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    verdict: &'static str,
    pass_lost: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl<'a> Part<'a> {
    fn of(word: &'a TraceOutcome, axis: Axis) -> Self {
        Self {
            subject: subject(word),
            life: life(word),
            track: word.track.as_ref().map(ToString::to_string).filter(|track| !track.is_empty()),
            verdict: word.standing.verdict.as_str(),
            pass_lost: word.standing.pass_lost,
            reason: word.sentence(&axis),
        }
    }
}
