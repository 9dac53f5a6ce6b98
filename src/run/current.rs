//! The state of every subject of a running recorder, as last seen.

use crate::observation::{State, StateKind, Subject, Track, WatchId};
use crate::timeline::{Body, Entry, Provenance, Transition};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most deleted subjects that are remembered.
const DELETED: usize = 10_000;

/// The last state of one subject.
#[derive(Clone, Debug)]
pub struct CurrentSubject {
    /// The subject.
    pub subject: Arc<Subject>,
    /// The watch that shows it, where that is known.
    pub watch: Option<WatchId>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// Its tracks that have a state, each with the state that was seen last.
    pub tracks: BTreeMap<Track, CurrentState>,
}

/// A state that was seen last.
#[derive(Clone, Debug)]
pub struct CurrentState {
    /// The state.
    pub state: State,
    /// Since when, by the recorder's clock; where that was not seen, when it was first seen.
    pub since: Timestamp,
    /// How it was seen.
    pub seen: Provenance,
}

/// The last states of all subjects, by uid.
#[derive(Debug, Default)]
pub(super) struct Current {
    subjects: BTreeMap<SmolStr, CurrentSubject>,
    /// Deleted ones, in order.
    deleted: VecDeque<SmolStr>,
}

impl Current {
    /// Takes the next entry.
    pub(super) fn push(&mut self, entry: &Entry) {
        let Some(subject) = &entry.subject else { return };
        let Body::Transition(transition) = &entry.body else { return };
        let Transition { track, to, .. } = transition;
        let watch = entry.origin.map(|origin| origin.watch);
        let known = self.subjects.entry(subject.uid.clone()).or_insert_with(|| CurrentSubject {
            subject: Arc::clone(subject),
            watch,
            deleted: None,
            tracks: BTreeMap::new(),
        });
        if transition.is_deletion() {
            known.deleted = Some(entry.stamp.at);
            self.deleted.push_back(subject.uid.clone());
        } else if *track == Track::Lifecycle {
            // A restored storage has it again.
            known.deleted = None;
        }
        if to.kind == StateKind::Absent {
            known.tracks.remove(track);
        } else {
            let state = CurrentState { state: to.clone(), since: entry.stamp.at, seen: entry.seen };
            known.tracks.insert(track.clone(), state);
        }
        if self.deleted.len() > DELETED
            && let Some(uid) = self.deleted.pop_front()
            && self.subjects.get(&uid).is_some_and(|subject| subject.deleted.is_some())
        {
            self.subjects.remove(&uid);
        }
    }

    pub(super) fn subjects(&self) -> impl Iterator<Item = &CurrentSubject> {
        self.subjects.values()
    }
}
