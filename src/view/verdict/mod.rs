//! Verdicts as people and programs read them: what is said of every expectation, and why, in ten seconds.
//!
//! It says what the judge found and never judges itself. Like every view it does no I/O of its own: the caller brings
//! the writer. What a sentence needs and nobody measured is left out of it.

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

/// What was said about one recording, or about one sketch.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The recording's name; none for a sketch, and where there is only one and it goes without saying.
    pub recording: Option<&'a str>,
    /// In the order of the expectations.
    pub outcomes: &'a [Outcome],
    /// The timeline that was judged, in its order: what happened beside a track is taken from it. It may be empty.
    pub entries: &'a [Entry],
    /// What the times of its words count from.
    pub axis: Axis,
}

impl<'a> Judged<'a> {
    /// What was said about a sketch: its times are seconds, and there is nothing beside its tracks.
    #[must_use]
    pub fn sketch(outcomes: &'a [Outcome]) -> Self {
        Self { recording: None, outcomes, entries: &[], axis: Axis::Sketch }
    }

    /// What was said about a recording, with its timeline.
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

/// Writes what was said, one recording after the other. `style` is for people; programs get the same bytes whatever it
/// says.
///
/// # Errors
/// When `out` does not take it.
pub fn write(format: Format, judged: &[Judged<'_>], style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(judged, style, out),
        Format::Json => json::write(judged, out),
        Format::Junit => junit::write(judged, out),
    }
}

/// The one verdict on everything: violated before pending before inconclusive before satisfied; what is skipped does
/// not count, and is all there is when nothing else was said.
#[must_use]
pub fn total(judged: &[Judged<'_>]) -> Verdict {
    Judgement::all(judged.iter().flat_map(|judged| judged.outcomes).map(|outcome| outcome.standing)).verdict
}
