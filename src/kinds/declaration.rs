//! What a kind declares. Everything else that depends on a kind reads it from here, through the registry.

use super::table::TableDeclaration;
use super::{Error, Interpretation, Interpreter};
use crate::observation::{Change, Object, Raw, Resource, Shape, Track};
use std::fmt;

/// A built-in kind.
///
/// A new one needs a file in this folder with such a constant, a line in the registry, and a scenario.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Kind as the API writes it, `VirtualMachineInstance`.
    pub kind: &'static str,
    /// What its objects are, in a sentence or two.
    pub about: &'static str,
    /// An expectation in one line, as an example.
    pub example: &'static str,
    /// Plural name, as in API paths, in lower case.
    pub plural: &'static str,
    /// Singular name, in lower case.
    pub singular: &'static str,
    /// Short names, as `kubectl` accepts them.
    pub short: &'static [&'static str],
    /// The name that output and messages use: one of the names above, such as `vmi`.
    pub display: &'static str,
    /// API group, empty for core.
    pub group: &'static str,
    /// Other groups that serve the same objects under the same plural. They are read in the same way, but users cannot
    /// name the kind with them.
    pub also_in: &'static [&'static str],
    /// Versions of the group that serve it, the preferred one first. All are read in the same way.
    pub versions: &'static [&'static str],
    /// Whether its objects are namespaced. For undeclared kinds, the server's discovery says so.
    pub namespaced: bool,
    /// Which names its objects have.
    pub naming: Naming,
    /// Whether it is watched by default.
    pub default: bool,
    /// What is stored of its objects besides `metadata` and `status`.
    pub kept: Shape,
    /// Fields besides `metadata.name` and `metadata.namespace` that a field selector may name and a recording keeps.
    pub fields: &'static [&'static str],
    /// Declared kinds whose objects directly own objects of this one: the chain that `ownedBy` follows upwards.
    pub owners: &'static [&'static str],
    /// Undeclared kinds that own objects of this one, each with the declared kinds that own objects of it.
    pub undeclared_owners: &'static [(&'static str, &'static [&'static str])],
    /// Whether its objects have tracks, and which.
    pub role: Role,
    /// How its objects are printed in a table.
    pub table: TableDeclaration,
    /// For objects that no API server serves: where they are from.
    pub source: Option<Source>,
    /// Reads one object.
    pub interpret: fn(&Object) -> Result<Interpretation, Error>,
}

/// Which names the objects of a kind have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// DNS subdomains, as most objects of Kubernetes.
    Subdomain,
    /// Segments of an API path.
    Segment,
    /// They are named by where they are, with an absolute path. Several may be at one place, and one may come while an
    /// earlier one of its name is still there.
    Place,
    /// As images are: `localhost/web:1`.
    Image,
}

impl Naming {
    /// True where a name may have slashes, so that it is all that follows the kind: `mount//mnt`.
    #[must_use]
    pub(super) fn has_slashes(self) -> bool {
        matches!(self, Self::Place | Self::Image)
    }
}

/// A source that is not an API server, for the objects of a kind. On the command line it is the group or a name of the
/// kind, a colon, and an address: `runc:/run/runc`.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// What its address is, always a path: `the directory in which runc keeps its state`.
    pub what: &'static str,
    /// The usual one; empty where it is no argument, but a flag names it.
    pub usual: &'static str,
    /// The usual one is taken where none is given.
    pub may_be_omitted: bool,
    /// Follows an object through the events of the source.
    pub follow: Follow,
}

/// What an object is after an event of a source that is not an API server, and what it was before.
pub type Follow = fn(Option<&Object>, &Raw) -> Result<Followed, Error>;

/// An object after an event of its source.
#[derive(Debug)]
pub struct Followed {
    /// How a server would have delivered it.
    pub change: Change,
    /// The object.
    pub object: Object,
    /// What the event shows that was never published: on which track, and how it shows.
    pub unpublished: Option<(Track, &'static str)>,
}

/// What the objects of a kind contribute to a timeline.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// Subjects, with all the tracks that they may have except user-defined ones.
    Subject(&'static [TrackDeclaration]),
    /// Evidence about other objects, with the tracks that an expectation may be about.
    Evidence(&'static [TrackDeclaration]),
}

/// A track, or a family of them, that objects of a kind may have.
#[derive(Clone, Copy, Debug)]
pub struct TrackDeclaration {
    /// Name of the track, such as `phase`; for a family, its prefix, such as `condition/`.
    pub name: &'static str,
    /// The known members of a family; there may be others.
    pub members: &'static [&'static str],
    /// The labels that its states may have.
    pub vocabulary: Vocabulary,
    /// The column of `kubectl get` that shows it, by kubectl's heading.
    pub column: Option<&'static str>,
    /// The paths of the object that it is read from, such as `.status.phase`.
    pub paths: &'static [&'static str],
    /// How the state follows from the paths; empty where the value of the only path is the label of the state.
    pub reading: &'static str,
    /// What its states have beside their labels, if the track is none of those of pods.
    pub details: Details,
    /// The label of an object that was there when the recorder looked, if nothing shows in which state that is.
    pub unknown: Option<Unknown>,
    /// Why nothing can be expected of it.
    pub untold: Option<&'static str>,
}

/// The label of a state that nothing shows.
#[derive(Clone, Copy, Debug)]
pub struct Unknown {
    /// The label.
    pub label: &'static str,
    /// Labels of states that it is none of.
    pub never: &'static [&'static str],
}

/// What the states of a track have beside their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Details {
    /// Nothing.
    None,
    /// Reasons.
    Reasons,
    /// Reasons and exit codes.
    Exits,
}

/// The labels that the states of a track may have.
#[derive(Clone, Copy, Debug)]
pub enum Vocabulary {
    /// The API lists them: any other label is a mistake, or newer than this list.
    Closed {
        /// What such a label is called in messages, such as `pod phase`.
        what: &'static str,
        /// All labels.
        words: &'static [&'static str],
    },
    /// The API does not limit them.
    Open {
        /// Labels that are known to occur.
        words: &'static [&'static str],
        /// True for other known labels, which follow a pattern such as `2/3`.
        form: fn(&str) -> bool,
        /// What those are, with examples in backticks; empty where there are none.
        forms: &'static str,
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
    /// All its names, in lower case: the plural, the singular, the short names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.plural, self.singular].into_iter().chain(self.short.iter().copied())
    }

    /// The resource, in its preferred version.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::new(self.group, self.versions[0], self.plural, self.kind)
    }

    /// True when its objects are served under this group and plural.
    #[must_use]
    pub fn serves(&self, group: &str, plural: &str) -> bool {
        self.plural == plural && (self.group == group || self.also_in.contains(&group))
    }

    /// True when its objects are those of an API server.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.source.is_none()
    }

    /// True when its objects are shown on the timelines of others.
    #[must_use]
    pub fn is_evidence(&self) -> bool {
        matches!(self.role, Role::Evidence(_))
    }

    /// Its tracks.
    #[must_use]
    pub fn tracks(&self) -> &'static [TrackDeclaration] {
        match self.role {
            Role::Subject(tracks) | Role::Evidence(tracks) => tracks,
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
    /// A single track whose labels are the values at a path.
    pub(super) const fn one(name: &'static str, paths: &'static [&'static str], vocabulary: Vocabulary) -> Self {
        let (column, unknown, untold) = (None, None, None);
        Self { name, members: &[], vocabulary, column, paths, reading: "", details: Details::None, unknown, untold }
    }

    /// A family of tracks: its prefix and its known members.
    pub(super) const fn family(
        prefix: &'static str,
        members: &'static [&'static str],
        paths: &'static [&'static str],
        vocabulary: Vocabulary,
    ) -> Self {
        Self { name: prefix, members, ..Self::one("", paths, vocabulary) }
    }

    /// The same track, which `kubectl get` shows as a column.
    pub(super) const fn column(self, column: &'static str) -> Self {
        Self { column: Some(column), ..self }
    }

    /// The same track, whose states are not simply the values at its path.
    pub(super) const fn reading(self, reading: &'static str) -> Self {
        Self { reading, ..self }
    }

    /// The same track, whose states have details.
    pub(super) const fn with(self, details: Details) -> Self {
        Self { details, ..self }
    }

    /// The same track, on which nothing shows the state of an object that was there, unless it is `never` that.
    pub(super) const fn unknown(self, label: &'static str, never: &'static [&'static str]) -> Self {
        Self { unknown: Some(Unknown { label, never }), ..self }
    }

    /// The same track, of which nothing can be expected for this reason.
    pub(super) const fn untold(self, why: &'static str) -> Self {
        Self { untold: Some(why), ..self }
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
    /// These labels and no others; `what` names them in messages.
    pub(super) const fn closed(what: &'static str, words: &'static [&'static str]) -> Self {
        Self::Closed { what, words }
    }

    /// Any label; these are known.
    pub(super) const fn open(words: &'static [&'static str]) -> Self {
        Self::Open { words, form: |_| false, forms: "" }
    }

    /// Any label; these, and those that match `form`, are known. `forms` says what the latter are.
    pub(super) const fn formed(words: &'static [&'static str], form: fn(&str) -> bool, forms: &'static str) -> Self {
        Self::Open { words, form, forms }
    }

    /// `true` and `false`; `what` names them in messages.
    pub(super) const fn truth(what: &'static str) -> Self {
        Self::Closed { what, words: &["true", "false"] }
    }

    /// Any label; numbers are known.
    pub(super) const fn count() -> Self {
        Self::Open { words: &[], form: is_number, forms: "numbers, such as `3`" }
    }
}

/// True for a number such as `3`.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// True for two numbers such as `2/3`.
pub(super) fn is_fraction(text: &str) -> bool {
    text.split_once('/').is_some_and(|(done, all)| is_number(done) && is_number(all))
}
