//! One subject's life so far: which states its tracks are in, and what of it could not be seen.

use super::entry::Transition;
use super::unpublished::Ends;
use crate::observation::{GapReason, ResourceVersion, State, StateKind, Subject, Track, WatchId};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// A subject that was seen.
pub struct Life {
    pub subject: Arc<Subject>,
    pub watch: WatchId,
    /// `resourceVersion` of the version that was recorded last.
    pub version: ResourceVersion,
    /// Receipt of that version, by the recorder's wall clock.
    pub at: Timestamp,
    /// Number of the list that it was found in last.
    pub listed_in: u32,
    /// Since when it is not seen, and why.
    pub blind: Option<Unseen>,
    /// Out of the selection, or deleted in a version that could not be read.
    pub gone: bool,
    tracks: Vec<Held>,
}

/// The open beginning of a gap.
#[derive(Clone, Debug)]
pub struct Unseen {
    pub from: Timestamp,
    pub reason: GapReason,
}

struct Held {
    track: Track,
    label: SmolStr,
    kind: StateKind,
    restart_count: Option<u32>,
    ends: Option<Box<Ends>>,
}

/// What a version of an object changed.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// A track entered a state.
    Entered(Box<Transition>),
    /// A track has passed through states that were never published, as this evidence shows.
    Unpublished(Track, String),
}

impl Life {
    pub fn new(subject: Arc<Subject>, watch: WatchId, version: ResourceVersion, at: Timestamp, listed_in: u32) -> Self {
        Self { subject, watch, version, at, listed_in, blind: None, gone: false, tracks: Vec::new() }
    }

    /// Found again in a version. If it is the one recorded last, nothing happened in between.
    pub fn found(&mut self, version: &ResourceVersion) {
        if self.version == *version && !self.gone {
            self.blind = None;
        }
    }

    /// Takes the states of a version. `unbroken` says that nothing lies unseen between it and the version before.
    pub fn enter(&mut self, states: &[(Track, State)], unbroken: bool, steps: &mut Vec<Step>) {
        if !self.is_aligned(states) {
            for held in &mut self.tracks {
                if held.kind != StateKind::Absent
                    && held.track != Track::Lifecycle
                    && !states.iter().any(|(track, _)| *track == held.track)
                {
                    steps.push(Step::Entered(Box::new(held.go(&State::absent()))));
                }
            }
        }
        for (index, (track, state)) in states.iter().enumerate() {
            self.step_at(index + 1, track, state, unbroken, steps);
        }
    }

    /// True when the states are those of the tracks that are held, in the same order, after the lifecycle: nearly always.
    fn is_aligned(&self, states: &[(Track, State)]) -> bool {
        self.tracks.len() == states.len() + 1
            && self.tracks[1..].iter().zip(states).all(|(held, (track, _))| held.track == *track)
    }

    /// Takes the state of one track; a transition is added to `steps` if it differs from the one held.
    pub fn step(&mut self, track: &Track, state: &State, unbroken: bool, steps: &mut Vec<Step>) {
        self.step_at(0, track, state, unbroken, steps);
    }

    /// The same for a track that is probably the one at `index`.
    fn step_at(&mut self, index: usize, track: &Track, state: &State, unbroken: bool, steps: &mut Vec<Step>) {
        let is_there = |held: &Held| held.track == *track;
        let position = match self.tracks.get(index) {
            Some(held) if is_there(held) => Some(index),
            _ => self.tracks.iter().position(is_there),
        };
        let Some(held) = position.map(|position| &mut self.tracks[position]) else {
            self.tracks.push(Held::begin(track.clone(), state));
            let begun = Transition { track: track.clone(), from: None, to: state.clone() };
            steps.push(Step::Entered(Box::new(begun)));
            return;
        };
        if let Some(ends) = &mut held.ends {
            if unbroken {
                if let Some(evidence) = ends.next(held.restart_count.unwrap_or(0), state) {
                    steps.push(Step::Unpublished(track.clone(), evidence));
                }
            } else {
                **ends = Ends::first(state);
            }
        }
        if held.differs(state) {
            steps.push(Step::Entered(Box::new(held.go(state))));
        }
    }
}

impl Held {
    fn begin(track: Track, state: &State) -> Self {
        let ends = track.is_container().then(|| Box::new(Ends::first(state)));
        Self { track, label: state.label.clone(), kind: state.kind, restart_count: state.detail.restart_count, ends }
    }

    /// As [`State::differs`].
    fn differs(&self, next: &State) -> bool {
        self.label != next.label || self.kind != next.kind || next.detail.restart_count > self.restart_count
    }

    fn state(&self) -> State {
        let mut state = State::plain(&self.label);
        state.kind = self.kind;
        state.detail.restart_count = self.restart_count;
        state
    }

    fn go(&mut self, to: &State) -> Transition {
        let from = Some(self.state());
        self.label.clone_from(&to.label);
        self.kind = to.kind;
        self.restart_count = to.detail.restart_count;
        Transition { track: self.track.clone(), from, to: to.clone() }
    }
}
