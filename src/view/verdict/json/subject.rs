//! Whose a trace is.

use crate::expectation::TraceOutcome;
use crate::view::document::SubjectRef;
use serde::Serialize;

/// The unnamed track of a sketch has no subject.
pub(super) fn subject(word: &TraceOutcome) -> Option<SubjectRef<'_>> {
    (!word.subject.kind.is_empty()).then(|| SubjectRef::of(&word.subject))
}

/// The number of a life among the lives of its name that were seen.
#[derive(Serialize)]
pub(super) struct Life {
    number: usize,
    of: usize,
}

/// The life of a trace's subject.
pub(super) fn life(word: &TraceOutcome) -> Option<Life> {
    word.life.map(|life| Life { number: life.number, of: life.of })
}
