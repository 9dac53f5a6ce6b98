//! What one object shows: the states of its tracks, or evidence about another object.

use crate::observation::{Malformed, Object, State, Track};
use smol_str::SmolStr;

/// Why an object, or a user-defined track of it, could not be interpreted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kept JSON does not have the shape that the kind's API promises.
    #[error("interpret {kind} object")]
    Shape {
        /// The kind of the object.
        kind: SmolStr,
        /// The mismatch.
        source: serde_json::Error,
    },
    /// The name of a user-defined track is invalid or taken.
    #[error("add track `{track}`: {wrong}")]
    Name {
        /// The name.
        track: SmolStr,
        /// What is wrong with it, and the remedy.
        wrong: &'static str,
    },
    /// The path of a user-defined track is not valid JSONPath.
    #[error(
        "cannot parse path `{path}` of track `{track}`: {wrong} (write `.status.some.path`, or `$.status.some.path` in RFC 9535 notation; \
         names with characters other than letters, digits and `_` go into brackets, `['some-name']`)"
    )]
    Path {
        /// Name of the track.
        track: SmolStr,
        /// The path, converted to RFC 9535 notation.
        path: String,
        /// What is wrong with it.
        wrong: String,
    },
    /// The path of a user-defined track leads to something that is not kept, so it would never match.
    #[error(
        "cannot follow path `{path}` of track `{track}`: {wrong} (take a path below `$.status`, or record with `--capture full`)"
    )]
    NotKept {
        /// Name of the track.
        track: SmolStr,
        /// The path, converted to RFC 9535 notation.
        path: String,
        /// What is not kept.
        wrong: String,
    },
}

impl Error {
    /// The error without any value of the object.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Shape { kind, source } => format!("no {kind} as the API has it: {}", Malformed::of(source)),
            other => other.to_string(),
        }
    }
}

impl Error {
    /// Returns a function that wraps a deserialization error of an object of this kind.
    pub(super) fn shape(kind: impl Into<SmolStr>) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Shape { kind: kind.into(), source }
    }
}

/// What one object shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Interpretation {
    /// The states of its tracks. A track that is missing here is absent.
    Tracks {
        /// Each track at most once, in display order. `lifecycle` is not among them: the fold determines it.
        states: Vec<(Track, State)>,
        /// The requested deletion, if any.
        deletion: Option<Deletion>,
    },
    /// What an Event reports about another object.
    Evidence(Evidence),
}

/// A deletion that was requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// `metadata.deletionTimestamp`: when it is due, by the server's clock; none when it is not an RFC 3339 timestamp.
    pub due: Option<jiff::Timestamp>,
}

/// A core Event, as evidence on its involved object's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The object that it is about.
    pub involved: Involved,
    /// `Normal` or `Warning`.
    pub kind: SmolStr,
    /// `Failed`, `BackOff` ...
    pub reason: SmolStr,
    /// The reporter's message.
    pub message: SmolStr,
    /// How often it has occurred so far.
    pub count: u32,
    /// The reporting component: `kubelet`, `virtualmachine-controller`.
    pub source: SmolStr,
}

/// The object that an Event is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Involved {
    /// Kind, `Pod`.
    pub kind: SmolStr,
    /// API group, empty for core.
    pub group: SmolStr,
    /// Namespace.
    pub namespace: SmolStr,
    /// Name.
    pub name: SmolStr,
    /// `uid`; empty when the reporter omitted it.
    pub uid: SmolStr,
    /// The part of the object, such as `spec.containers{app}`; empty for the whole object.
    pub field_path: SmolStr,
}

/// How one kind reads its objects.
pub trait Interpreter: Send + Sync {
    /// Reads the states of all tracks.
    ///
    /// # Errors
    /// When the object does not have the shape of its kind.
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error>;
}
