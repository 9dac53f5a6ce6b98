//! Collects the states of one object's tracks: in order, each track once.
//!
//! The API keys its lists by name or type, but nothing stops a custom resource from using a type twice. The first one
//! counts, as in `kubectl wait` and in the printers of kubectl.

use super::{Deletion, Interpretation};
use crate::observation::{State, Track};
use std::collections::HashSet;

/// Collects the states of one object's tracks.
pub(super) struct Tracks {
    list: Vec<(Track, State)>,
    /// Index of the first track of the family that is being collected: only its members can clash.
    family: usize,
    /// The names in a family that is too large for a linear search per member.
    seen: HashSet<Track>,
}

/// Up to this many members, a linear search is faster than hashing.
const FEW: usize = 32;

impl Tracks {
    /// Reserves capacity for this many tracks.
    pub(super) fn with_capacity(tracks: usize) -> Self {
        Self { list: Vec::with_capacity(tracks), family: 0, seen: HashSet::new() }
    }

    /// Adds a track that the API cannot name twice.
    pub(super) fn one(&mut self, track: Track, state: State) {
        self.list.push((track, state));
    }

    /// Adds a track if the object has it.
    pub(super) fn optional(&mut self, track: Track, state: Option<State>) {
        self.list.extend(state.map(|state| (track, state)));
    }

    /// Adds the tracks of one list of the API, the first of each name.
    pub(super) fn family(&mut self, members: impl Iterator<Item = (Track, State)>) {
        self.family = self.list.len();
        self.seen.clear();
        for (track, state) in members {
            if !self.has(&track) {
                self.list.push((track, state));
            }
        }
    }

    fn has(&mut self, track: &Track) -> bool {
        let members = &self.list[self.family..];
        if members.len() < FEW {
            return members.iter().any(|(known, _)| known == track);
        }
        if self.seen.is_empty() {
            self.seen.extend(members.iter().map(|(known, _)| known.clone()));
        }
        !self.seen.insert(track.clone())
    }

    /// The interpretation of the object.
    pub(super) fn done(self, deletion: Option<Deletion>) -> Interpretation {
        Interpretation::Tracks { states: self.list, deletion }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use smol_str::format_smolstr;

    #[test]
    fn the_first_of_each_name_stays_however_many_there_are() {
        let mut tracks = Tracks::with_capacity(0);
        tracks.one(Track::Phase, State::plain("Running"));
        tracks.family((0..300).map(|n| {
            let name = format_smolstr!("c{}", n % 100);
            (Track::Condition(name), State::plain(n.to_string()))
        }));
        let Interpretation::Tracks { states, .. } = tracks.done(None) else { panic!("tracks") };
        assert_eq!(states.len(), 101);
        assert_eq!(states[100], (Track::Condition("c99".into()), State::plain("99")));
    }
}
