//! What is known about a track before any of its events.

use super::alphabet::{Alphabet, MAX_ATOMS};
use super::fault::Fault;
use super::path::{Name, NamedAt};
use crate::kinds;
use crate::observation::Track;

/// A track as far as it is known when a statement is compiled.
#[derive(Clone, Debug)]
pub struct Place {
    /// The kind of object, such as `Pod`; empty when it is not known.
    pub kind: String,
    /// The track; none for the unnamed track of a sketch.
    pub track: Option<Track>,
    /// True when its states may have kinds.
    pub has_kinds: bool,
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
        Self { kind: kind.to_owned(), track: Some(track.clone()), has_kinds: !plain }
    }

    /// A track about which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self { kind: String::new(), track: None, has_kinds: true }
    }

    /// True when a state with this name can follow another with it: the name has no label; or it has no kind, but the
    /// track's states have.
    pub(super) fn repeats(&self, name: &Name) -> bool {
        name.label.is_none() || self.has_kinds && name.kind.is_none()
    }

    /// The symbols that a statement about this track distinguishes.
    pub(super) fn alphabet<'a>(&self, names: impl Iterator<Item = &'a NamedAt> + Clone) -> Result<Alphabet, Fault> {
        let range = names.clone().map(|named| named.range.clone()).last().unwrap_or(0..0);
        Alphabet::new(names.map(|named| &named.name), self.has_kinds).ok_or_else(|| {
            Fault::new(range, format!("more than {} different states in one statement", MAX_ATOMS - 1))
                .help("split it into several expectations")
        })
    }
}
