//! What a kind declares about itself. Everything else that depends on a kind reads it from here, through the registry.

use super::{Error, Interpretation, Interpreter};
use crate::observation::{Object, Resource, Shape, Track};
use std::fmt;

/// A kind of the API that statetrail knows by itself.
///
/// Adding one is a file of this folder with such a constant, its line in the registry, and a scenario.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Kind as the API writes it, `VirtualMachineInstance`.
    pub kind: &'static str,
    /// Plural name, as paths have it, in lower case.
    pub plural: &'static str,
    /// Singular name, in lower case.
    pub singular: &'static str,
    /// Short names, as `kubectl` takes them.
    pub short: &'static [&'static str],
    /// One of the names above: the one that output and messages use, `vmi`.
    pub display: &'static str,
    /// API group, empty for core.
    pub group: &'static str,
    /// Other groups that serve the same objects under the same plural; they are read in the same way, and no word names
    /// them.
    pub also_in: &'static [&'static str],
    /// Versions of the group that serve it, the preferred one first. What is read of an object is the same in all.
    pub versions: &'static [&'static str],
    /// Its objects are in namespaces. Of kinds that are not declared, the server's discovery says this.
    pub namespaced: bool,
    /// It is watched when nobody says what to watch.
    pub default: bool,
    /// What of its objects is kept beside `metadata` and `status`.
    pub kept: Shape,
    /// Fields beside `metadata.name` and `metadata.namespace` that a field selector may name and that are kept.
    pub fields: &'static [&'static str],
    /// Declared kinds whose objects own objects of this one, directly: the chain that `ownedBy` follows upwards.
    pub owners: &'static [&'static str],
    /// The same of kinds that are not declared, each with the declared kinds whose objects own objects of it.
    pub undeclared_owners: &'static [(&'static str, &'static [&'static str])],
    /// Its tracks, or that it has none.
    pub role: Role,
    /// Reads one object.
    pub interpret: fn(&Object) -> Result<Interpretation, Error>,
}

/// What the objects of a kind are to a timeline.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// Subjects: these are all the tracks that they may have, except those of the user's own.
    Subject(&'static [TrackDeclaration]),
    /// Evidence about other objects.
    Evidence,
}

/// A track, or a family of them, that objects of a kind may have.
#[derive(Clone, Copy, Debug)]
pub struct TrackDeclaration {
    /// `phase`; of a family the prefix, `condition/`.
    pub name: &'static str,
    /// Members of a family that the API is known to have; there may be others.
    pub members: &'static [&'static str],
    /// What its states may be.
    pub vocabulary: Vocabulary,
    /// The column of `kubectl get` that shows it, as kubectl heads it.
    pub column: Option<&'static str>,
}

/// The vocabulary of a track.
#[derive(Clone, Copy, Debug)]
pub enum Vocabulary {
    /// The API lists them: any other word is a mistake, or newer than this list.
    Closed {
        /// What such a word is, for messages: `pod phase`.
        what: &'static str,
        /// All of them.
        words: &'static [&'static str],
    },
    /// Any word may come.
    Open {
        /// Words that are known to come.
        words: &'static [&'static str],
        /// True for other words of a known form, such as `2/3`.
        form: fn(&str) -> bool,
    },
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kind").field(&self.resource().to_string()).finish()
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.group == other.group
    }
}

impl Eq for Kind {}

impl Kind {
    /// Every word for it, in lower case: the plural, the singular, the short names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.plural, self.singular].into_iter().chain(self.short.iter().copied())
    }

    /// The resource, in the version that is preferred.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::new(self.group, self.versions[0], self.plural, self.kind)
    }

    /// True when a resource of this group and plural holds its objects.
    #[must_use]
    pub fn serves(&self, group: &str, plural: &str) -> bool {
        self.plural == plural && (self.group == group || self.also_in.contains(&group))
    }

    /// True when its objects have no tracks and are shown on the timelines of others.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        matches!(self.role, Role::Evidence)
    }

    /// Its tracks; none of what is evidence.
    #[must_use]
    pub fn tracks(&self) -> &'static [TrackDeclaration] {
        match self.role {
            Role::Subject(tracks) => tracks,
            Role::Evidence => &[],
        }
    }

    /// The declaration of a track, if the kind has it.
    #[must_use]
    pub fn track(&self, track: &Track) -> Option<&'static TrackDeclaration> {
        declaration(self.tracks(), track)
    }
}

impl Interpreter for &'static Kind {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        (self.interpret)(object)
    }
}

/// The declaration of a track among those of a kind.
pub(super) fn declaration(tracks: &'static [TrackDeclaration], track: &Track) -> Option<&'static TrackDeclaration> {
    let name = track.to_string();
    tracks.iter().find(|declared| declared.is(&name))
}

impl TrackDeclaration {
    /// A track of its own.
    pub(super) const fn one(name: &'static str, vocabulary: Vocabulary) -> Self {
        Self { name, members: &[], vocabulary, column: None }
    }

    /// A family: its prefix, and the members that are known.
    pub(super) const fn family(prefix: &'static str, members: &'static [&'static str], vocabulary: Vocabulary) -> Self {
        Self { name: prefix, members, vocabulary, column: None }
    }

    /// What `kubectl get` shows in a column.
    pub(super) const fn column(name: &'static str, column: &'static str, vocabulary: Vocabulary) -> Self {
        Self { name, members: &[], vocabulary, column: Some(column) }
    }

    /// True for a family of tracks.
    #[must_use]
    pub fn is_family(&self) -> bool {
        self.name.ends_with('/')
    }

    /// True when a track of this name is declared here.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        if self.is_family() { name.starts_with(self.name) } else { self.name == name }
    }
}

impl Vocabulary {
    /// Words that the API lists.
    pub(super) const fn closed(what: &'static str, words: &'static [&'static str]) -> Self {
        Self::Closed { what, words }
    }

    /// Any word; these are known.
    pub(super) const fn open(words: &'static [&'static str]) -> Self {
        Self::Open { words, form: |_| false }
    }

    /// Any word; those of a form are known.
    pub(super) const fn formed(words: &'static [&'static str], form: fn(&str) -> bool) -> Self {
        Self::Open { words, form }
    }

    /// `true` and `false`.
    pub(super) const fn truth(what: &'static str) -> Self {
        Self::Closed { what, words: &["true", "false"] }
    }

    /// A number.
    pub(super) const fn count() -> Self {
        Self::Open { words: &[], form: is_number }
    }
}

/// `3`
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `2/3`
pub(super) fn is_fraction(text: &str) -> bool {
    text.split_once('/').is_some_and(|(done, all)| is_number(done) && is_number(all))
}
