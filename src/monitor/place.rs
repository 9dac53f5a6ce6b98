//! What is known of a track before anything was seen of it.

use super::alphabet::{Alphabet, MAX_ATOMS};
use super::fault::Fault;
use super::path::{Name, NamedAt};
use crate::kinds;
use crate::observation::Track;

/// What a track is, as far as it is known when a statement is compiled.
#[derive(Clone, Debug)]
pub struct Place {
    /// Kind, `Pod`; empty when it is not known.
    pub kind: String,
    /// Which track; none for the unnamed one of a sketch.
    pub track: Option<Track>,
    /// Its states may have sorts.
    pub sorted: bool,
}

impl Place {
    /// A track of a kind.
    #[must_use]
    pub fn of(kind: &str, track: &Track) -> Self {
        let plain = match track {
            Track::Lifecycle | Track::Phase | Track::Status | Track::Node | Track::Migration | Track::Condition(_) => {
                true
            }
            Track::Custom(name) => kinds::tracks(kind).iter().any(|declared| declared.is(name)),
            _ => false,
        };
        Self { kind: kind.to_owned(), track: Some(track.clone()), sorted: !plain }
    }

    /// A track about which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { kind: String::new(), track: None, sorted: true }
    }

    /// True when a state of this name can follow another of it: the name has no sort, and the track's states have.
    pub(super) fn repeats(&self, name: &Name) -> bool {
        self.sorted && name.kind.is_none()
    }

    /// The letters that a statement about this track tells apart.
    pub(super) fn alphabet<'a>(&self, names: impl Iterator<Item = &'a NamedAt> + Clone) -> Result<Alphabet, Fault> {
        let range = names.clone().map(|named| named.range.clone()).last().unwrap_or(0..0);
        Alphabet::new(names.map(|named| &named.name), self.sorted).ok_or_else(|| {
            Fault::new(range, format!("more than {} different states in one statement", MAX_ATOMS - 1))
                .help("split it into several expectations")
        })
    }
}
