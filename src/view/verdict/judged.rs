//! What is shown: the outcomes of one recording, or of one sketch.

use super::axis::Axis;
use crate::expectation::Outcome;
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
    /// Why it was not judged, or not to its end.
    pub trouble: Option<Trouble<'a>>,
}

/// Why a recording was not judged, or not to its end.
#[derive(Clone, Copy, Debug)]
pub struct Trouble<'a> {
    /// The name of the recording.
    pub recording: &'a str,
    /// How much of it was judged.
    pub extent: Extent,
    /// What is wrong with it.
    pub message: &'a str,
}

/// How much of a recording was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing.
    Unreadable,
    /// The lines before its damage.
    Damaged,
}

impl Extent {
    /// Its name in documents.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Damaged => "damaged",
        }
    }
}

impl<'a> Judged<'a> {
    /// The outcomes of a sketch: its times are seconds, and nothing happened around its tracks.
    #[must_use]
    pub fn sketch(outcomes: &'a [Outcome]) -> Self {
        Self { recording: None, outcomes, entries: &[], axis: Axis::Sketch, trouble: None }
    }

    /// The outcomes of a recording, with its timeline.
    #[must_use]
    pub fn recording(name: Option<&'a str>, outcomes: &'a [Outcome], entries: &'a [Entry]) -> Self {
        let start = entries.first().and_then(|entry| entry.stamp.start());
        Self { recording: name, outcomes, entries, axis: Axis::Clock(start), trouble: None }
    }

    /// A recording of which nothing could be read.
    #[must_use]
    pub fn unreadable(recording: &'a str, message: &'a str) -> Self {
        Self { recording: Some(recording), ..Self::recording(None, &[], &[]) }.troubled(Trouble {
            recording,
            extent: Extent::Unreadable,
            message,
        })
    }

    /// The same, with what is wrong with its recording.
    #[must_use]
    pub fn troubled(self, trouble: Trouble<'a>) -> Self {
        Self { trouble: Some(trouble), ..self }
    }
}
