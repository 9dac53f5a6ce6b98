//! Timelines sketched on one line, to learn and test the language (docs/EXPECTATIONS.md, Sketches).
//!
//! `Pending@0 Running@12.5 Failed@[30,31] |closed`. Sketches of impossible timelines are rejected: a state that follows
//! itself, time that goes back, a missing end.

mod read;
mod words;

pub(crate) use words::parts;

use crate::monitor::{End, Event, Found, Micros, Span};
use std::ops::Range;

/// Most entries of one sketch.
pub const MAX_ENTRIES: usize = 10_000;

/// A sketched timeline.
#[derive(Clone, Debug)]
pub struct Sketch {
    /// Its tracks, in the order of the text.
    pub tracks: Vec<Track>,
    /// The marks and their times, in the order of the text.
    pub marks: Vec<(String, Micros)>,
    /// How the tracks end.
    pub end: Ending,
}

/// One track of a sketch.
#[derive(Clone, Debug)]
pub struct Track {
    /// Subject and track, such as `pod/a` and `phase`; none for a single unnamed track.
    pub name: Option<(String, String)>,
    /// The life of that subject, from 1: `pod/a#2`.
    pub life: u32,
    /// When the subject was deleted while the timeline continued: `|deleted@5 ;`.
    pub deleted: Option<Micros>,
    /// The place of its name in the text, in bytes.
    pub range: Range<usize>,
    /// What happened.
    pub events: Vec<Event>,
    /// True when some label was written with a kind, `waiting:X`.
    pub has_kinds: bool,
}

/// How a sketch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// `|open now=31 alive=25`
    Open {
        /// The time of the judgement.
        now: Micros,
        /// The last time at which the stream was known to be alive.
        alive: Micros,
    },
    /// `|closed@40`
    Closed(Micros),
    /// `|unfenced`
    Unfenced,
    /// `|deleted@40`
    Deleted(Micros),
}

impl Track {
    /// How the trace of this track ends.
    #[must_use]
    pub fn end(&self, ending: Ending) -> End {
        let ending = self.deleted.map_or(ending, Ending::Deleted);
        let last = self.events.last();
        let seen = last.map_or(Micros::MIN, |event| event.when().hi);
        match ending {
            Ending::Open { now, alive } => End::Open { now, alive: alive.max(seen) },
            Ending::Closed(at) => End::Closed { at },
            Ending::Unfenced => End::Unfenced,
            Ending::Deleted(at) => match last {
                Some(Event::Gap { when, found: Found::NotSeen, .. }) => End::Deleted { when: Span::new(when.lo, at) },
                _ => End::Deleted { when: Span::at(at) },
            },
        }
    }
}
