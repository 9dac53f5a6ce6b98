//! A timeline sketched on one line, to learn the language and to test it (docs/EXPECTATIONS.md, Sketches).
//!
//! `Pending@0 Running@12.5 Failed@[30,31] |closed`. It refuses what no timeline can be: a state that follows itself,
//! time that goes back, an end that is not said.

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
    /// Marks, in the order of the text.
    pub marks: Vec<(String, Micros)>,
    /// How they end.
    pub end: Ending,
}

/// One track of a sketch.
#[derive(Clone, Debug)]
pub struct Track {
    /// `pod/a` and `phase`; none for one unnamed track.
    pub name: Option<(String, String)>,
    /// Which of the lives of that name, from 1: `pod/a#2`.
    pub life: u32,
    /// The subject was found gone then, while the timeline goes on: `|deleted@5 ;`.
    pub deleted: Option<Micros>,
    /// Where its name stands.
    pub range: Range<usize>,
    /// What happened.
    pub events: Vec<Event>,
    /// Some label was written with a sort, `waiting:X`.
    pub sorted: bool,
}

/// How a sketch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// `|open now=31 alive=25`
    Open {
        /// Judged at.
        now: Micros,
        /// The stream was last known alive.
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
    /// How this track's word ends.
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
