//! Which values of labels are kept. The first ones are; every further one becomes `other`, so that no cluster makes the
//! metrics grow without end.

use super::labels::{OTHER, short};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};

/// Most namespaces.
const NAMESPACES: usize = 200;
/// Most kinds.
const KINDS: usize = 100;
/// Most tracks of a kind.
const TRACKS: usize = 50;
/// Most states of a track.
const STATES: usize = 100;
/// Most reasons of the Events about a kind.
const REASONS: usize = 100;

/// The values that are kept.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    namespaces: HashSet<SmolStr>,
    kinds: HashMap<SmolStr, OfKind>,
}

#[derive(Debug, Default)]
struct OfKind {
    tracks: HashMap<SmolStr, HashSet<SmolStr>>,
    reasons: HashSet<SmolStr>,
}

impl Bounds {
    /// A namespace; empty for objects without one.
    pub(super) fn namespace(&mut self, namespace: &SmolStr) -> SmolStr {
        kept(&mut self.namespaces, namespace, NAMESPACES)
    }

    /// A kind.
    pub(super) fn kind(&mut self, kind: &SmolStr) -> SmolStr {
        if !self.kinds.contains_key(kind) {
            if self.kinds.len() >= KINDS {
                return OTHER;
            }
            self.kinds.insert(kind.clone(), OfKind::default());
        }
        kind.clone()
    }

    /// A track of a kind.
    pub(super) fn track(&mut self, kind: &SmolStr, track: SmolStr) -> SmolStr {
        let tracks = &mut self.kinds.entry(kind.clone()).or_default().tracks;
        if !tracks.contains_key(&track) {
            if tracks.len() >= TRACKS {
                return OTHER;
            }
            tracks.insert(track.clone(), HashSet::new());
        }
        track
    }

    /// A state of a track; kind and track are kept ones, or `other`.
    pub(super) fn state(&mut self, kind: &SmolStr, track: &SmolStr, state: &SmolStr) -> SmolStr {
        let tracks = &mut self.kinds.entry(kind.clone()).or_default().tracks;
        if let Some(states) = tracks.get_mut(track) {
            return kept(states, state, STATES);
        }
        kept(tracks.entry(track.clone()).or_default(), state, STATES)
    }

    /// The reason of an Event about a kind.
    pub(super) fn reason(&mut self, kind: &SmolStr, reason: &SmolStr) -> SmolStr {
        kept(&mut self.kinds.entry(kind.clone()).or_default().reasons, &short(reason), REASONS)
    }
}

fn kept(known: &mut HashSet<SmolStr>, value: &SmolStr, most: usize) -> SmolStr {
    if value.is_empty() || known.contains(value) {
        return value.clone();
    }
    if known.len() >= most {
        return OTHER;
    }
    known.insert(value.clone());
    value.clone()
}
