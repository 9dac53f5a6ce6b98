//! Verdicts for people and programs: the verdict on every expectation, and why, at a glance.
//!
//! It reports what the judge found and never judges itself. Like every view it does no I/O of its own: the caller
//! provides the writer. What was not measured is left out of sentences.

mod around;
mod axis;
mod choice;
mod index;
mod json;
mod junit;
mod path;
mod story;
mod text;
mod trace;
mod way;

use super::style::Style;
use crate::expectation::{Judgement, Outcome, Verdict};
use crate::timeline::Entry;
pub use axis::Axis;
use std::io;

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

/// How verdicts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON document, for programs.
    Json,
    /// JUnit XML, for CI.
    Junit,
}

/// Writes the outcomes, one recording after the other. `style` is for people; programs get the same bytes for every
/// style.
///
/// # Errors
/// When writing to `out` fails.
pub fn write(format: Format, judged: &[Judged<'_>], style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(judged, style, out),
        Format::Json => json::write(judged, out),
        Format::Junit => junit::write(judged, out),
    }
}

/// The overall verdict: violated before pending before inconclusive before satisfied. Skipped counts only if there is
/// nothing else.
#[must_use]
pub fn total(judged: &[Judged<'_>]) -> Verdict {
    Judgement::all(judged.iter().flat_map(|judged| judged.outcomes).map(|outcome| outcome.standing)).verdict
}
