//! What is shown: the outcomes of one recording, or of one sketch.

use super::axis::Axis;
use crate::expectation::{Judgement, Outcome, Verdict};
use crate::timeline::Entry;

/// The outcomes of one recording, or of one sketch.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The recording's name; none for a sketch, and for a single recording.
    pub recording: Option<&'a str>,
    /// In the order of the expectations.
    pub outcomes: &'a [Outcome],
    /// The timeline that was judged, in order: what happened around a track is taken from it. It may be empty.
    pub entries: &'a [Entry],
    /// The origin of the times of its traces.
    pub axis: Axis,
}

impl<'a> Judged<'a> {
    /// The outcomes of a sketch: its times are seconds, and nothing happened around its tracks.
    #[must_use]
    pub fn sketch(outcomes: &'a [Outcome]) -> Self {
        Self { recording: None, outcomes, entries: &[], axis: Axis::Sketch }
    }

    /// The outcomes of a recording, with its timeline.
    #[must_use]
    pub fn recording(name: Option<&'a str>, outcomes: &'a [Outcome], entries: &'a [Entry]) -> Self {
        Self { recording: name, outcomes, entries, axis: Axis::Clock }
    }
}

/// The overall verdict: violated before pending before inconclusive before satisfied. Skipped counts only if there is
/// nothing else.
#[must_use]
pub fn total(judged: &[Judged<'_>]) -> Verdict {
    Judgement::all(judged.iter().flat_map(|judged| judged.outcomes).map(|outcome| outcome.standing)).verdict
}
