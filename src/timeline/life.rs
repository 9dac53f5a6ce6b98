//! The life of one subject so far: the states of its tracks, and what was not seen of it.

use super::entry::{Detailed, Transition};
use super::unpublished::Ends;
use crate::observation::{Detail, GapReason, ResourceVersion, State, StateKind, Subject, Track, WatchId};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::Arc;

/// A subject that was seen.
pub(super) struct Life {
    pub subject: Arc<Subject>,
    pub watch: WatchId,
    /// The version that was recorded first in its storage; none after a gap in which that may have been replaced.
    pub first: Option<ResourceVersion>,
    /// The version that was recorded last.
    pub version: ResourceVersion,
    /// The last version whose states are known: later ones could not be read.
    pub read: ResourceVersion,
    /// Receipt of that version, by the recorder's wall clock.
    pub at: Timestamp,
    /// The earliest time at which that version may have been written: before its receipt if it came late.
    pub not_before: Timestamp,
    /// That version was read back from history: no earlier one of it is missing.
    pub healed: bool,
    /// Number of the list in which it was found last.
    pub listed_in: u32,
    /// Since when it is unseen, and why.
    pub blind: Option<Unseen>,
    /// Since when another object has had its name. Lines that are read back may still show how it ended.
    pub replaced: Option<Unseen>,
    /// Out of the selection.
    pub gone: bool,
    tracks: Vec<Held>,
}

/// The start of an open gap.
#[derive(Clone, Debug)]
pub(super) struct Unseen {
    pub from: Timestamp,
    /// Version up to which its watch had been read, or its own last one if that is later; none where only its own last
    /// one is known.
    pub after: Option<ResourceVersion>,
    /// How often the storage had been replaced by then.
    pub storage: u32,
    pub reason: GapReason,
}

struct Held {
    track: Track,
    label: SmolStr,
    kind: StateKind,
    restart_count: Option<u32>,
    reason: Option<SmolStr>,
    exit_code: Option<i32>,
    signal: Option<i32>,
    instance: Option<SmolStr>,
    ends: Option<Box<Ends>>,
}

/// What a version of an object changed.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// A track entered a state.
    Entered(Box<Transition>),
    /// A track stayed in its state, with other details.
    Detailed(Box<Detailed>),
    /// A track passed through states that were never published, as this evidence shows.
    Unpublished(Track, String),
}

impl Life {
    pub(super) fn new(
        subject: Arc<Subject>,
        watch: WatchId,
        version: ResourceVersion,
        at: Timestamp,
        listed_in: u32,
    ) -> Self {
        let (first, read, tracks) = (Some(version.clone()), version.clone(), Vec::new());
        let (not_before, healed, blind, replaced, gone) = (at, false, None, None, false);
        Self { subject, watch, first, version, read, at, not_before, healed, listed_in, blind, replaced, gone, tracks }
    }

    /// Its name in its watch.
    pub(super) fn name(&self) -> (WatchId, SmolStr, SmolStr) {
        (self.watch, self.subject.namespace.clone(), self.subject.name.clone())
    }

    /// False until a version was folded into it: a life that follows a deletion begins with none.
    pub(super) fn has_states(&self) -> bool {
        !self.tracks.is_empty()
    }

    /// The tracks, with the label and the kind of the state of each.
    pub(super) fn labels(&self) -> impl Iterator<Item = (&Track, &SmolStr, StateKind)> {
        self.tracks.iter().map(|held| (&held.track, &held.label, held.kind))
    }

    /// The state of one track, if it has one.
    pub(super) fn state_of(&self, track: &Track) -> Option<State> {
        self.tracks.iter().find(|held| held.track == *track).map(Held::state)
    }

    /// The object was found again in this version. If it is the one recorded last, nothing happened in between.
    pub(super) fn found(&mut self, version: &ResourceVersion) {
        if self.version == *version && self.read == *version && !self.gone {
            self.blind = None;
        }
    }

    /// True for the version that was recorded last, if its states are not known.
    pub(super) fn lacks(&self, version: &ResourceVersion) -> bool {
        self.version == *version && self.read != *version
    }

    /// A version was recorded, whose states are known or not.
    pub(super) fn recorded(&mut self, version: &ResourceVersion, is_read: bool) {
        self.version.clone_from(version);
        if is_read {
            self.read.clone_from(version);
        }
    }

    /// Enters the states of a version. `unbroken` says that nothing was missed between it and the version before.
    pub(super) fn enter(&mut self, states: &[(Track, State)], unbroken: bool, steps: &mut Vec<Step>) {
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

    /// True when the states belong to the current tracks, in the same order, after the lifecycle: nearly always.
    fn is_aligned(&self, states: &[(Track, State)]) -> bool {
        self.tracks.len() == states.len() + 1
            && self.tracks[1..].iter().zip(states).all(|(held, (track, _))| held.track == *track)
    }

    /// Enters the state of one track, and adds a step if it differs from the current state.
    pub(super) fn step(&mut self, track: &Track, state: &State, unbroken: bool, steps: &mut Vec<Step>) {
        self.step_at(0, track, state, unbroken, steps);
    }

    /// The same, for a track that is probably the one at `index`.
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
        let mut is_again = false;
        if let Some(ends) = &mut held.ends {
            if unbroken {
                if let Some(evidence) = ends.next(held.restart_count.unwrap_or(0), state) {
                    steps.push(Step::Unpublished(track.clone(), evidence));
                    is_again = true;
                }
            } else {
                **ends = Ends::first(state);
            }
        }
        // The version that reveals an unpublished end also has the state that followed it.
        if is_again || held.differs(state) {
            steps.push(Step::Entered(Box::new(held.go(state))));
        } else if held.is_detailed_by(state) {
            let Transition { track, from, to } = held.go(state);
            steps.push(Step::Detailed(Box::new(Detailed { track, from: from.unwrap_or_else(State::absent), to })));
        }
    }
}

impl Held {
    fn begin(track: Track, state: &State) -> Self {
        let ends = track.is_container().then(|| Box::new(Ends::first(state)));
        let mut held = Self {
            track,
            label: SmolStr::default(),
            kind: StateKind::Plain,
            restart_count: None,
            reason: None,
            exit_code: None,
            signal: None,
            instance: None,
            ends,
        };
        held.hold(state);
        held
    }

    /// True when entering `next` is a transition, as in [`State::differs`].
    fn differs(&self, next: &State) -> bool {
        self.label != next.label || self.kind != next.kind || next.detail.restart_count > self.restart_count
    }

    /// True when the same state has other details. Messages and timestamps do not count: for some kinds they change
    /// with every heartbeat.
    fn is_detailed_by(&self, next: &State) -> bool {
        let Detail { reason, exit_code, signal, restart_count, instance, .. } = &next.detail;
        reason.as_deref().unwrap_or_default() != self.reason.as_deref().unwrap_or_default()
            || *exit_code != self.exit_code
            || *signal != self.signal
            || *restart_count != self.restart_count
            || *instance != self.instance
    }

    fn state(&self) -> State {
        let detail = Detail {
            reason: self.reason.clone(),
            exit_code: self.exit_code,
            signal: self.signal,
            restart_count: self.restart_count,
            instance: self.instance.clone(),
            ..Detail::default()
        };
        State { label: self.label.clone(), kind: self.kind, detail }
    }

    fn hold(&mut self, state: &State) {
        self.label.clone_from(&state.label);
        self.kind = state.kind;
        let Detail { reason, exit_code, signal, restart_count, instance, .. } = &state.detail;
        self.reason.clone_from(reason);
        self.instance.clone_from(instance);
        (self.exit_code, self.signal, self.restart_count) = (*exit_code, *signal, *restart_count);
    }

    fn go(&mut self, to: &State) -> Transition {
        let from = Some(self.state());
        self.hold(to);
        Transition { track: self.track.clone(), from, to: to.clone() }
    }
}
