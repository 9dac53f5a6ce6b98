//! What a kind says about one object: the states of its tracks, or evidence about another object.

use crate::observation::{Object, State, Track};
use smol_str::SmolStr;

/// Why an object, or what a user wants to see of it, could not be interpreted.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kept JSON is not of the shape that the kind's API promises.
    #[error("interpret {kind} object")]
    Shape {
        /// Which kind.
        kind: SmolStr,
        /// What does not fit.
        source: serde_json::Error,
    },
    /// A track of the user's own has a name that it cannot have.
    #[error("add track `{track}`: {wrong}")]
    Name {
        /// The name.
        track: SmolStr,
        /// What is wrong with it, and what to do.
        wrong: &'static str,
    },
    /// The path of a track of the user's own is no JSONPath.
    #[error(
        "parse path `{path}` of track `{track}` (write `.status.some.path`, or `$.status.some.path` as RFC 9535 has it; \
         names with other characters than letters, digits and `_` go into brackets, `['some-name']`)"
    )]
    Path {
        /// Name of the track.
        track: SmolStr,
        /// The path as it was understood.
        path: String,
        /// What is wrong with it.
        source: serde_json_path::ParseError,
    },
    /// The path of a track of the user's own leads to what is not kept, so it would never find anything.
    #[error(
        "follow path `{path}` of track `{track}`: {wrong} (take a path below `$.status`, or run with `--capture full`)"
    )]
    NotKept {
        /// Name of the track.
        track: SmolStr,
        /// The path as it was understood.
        path: String,
        /// What is not kept.
        wrong: String,
    },
}

impl Error {
    /// Says which kind's shape it was that did not fit.
    pub(super) fn shape(kind: impl Into<SmolStr>) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Shape { kind: kind.into(), source }
    }
}

/// What one object says.
#[derive(Clone, Debug, PartialEq)]
pub enum Interpretation {
    /// The states that its tracks are in. A track that is not named is absent.
    Tracks {
        /// Each track at most once, in the order in which people read them. Without `lifecycle`: the fold owns it.
        states: Vec<(Track, State)>,
        /// The deletion stamp, when it is being deleted.
        deletion: Option<Deletion>,
    },
    /// What it says about another object.
    Evidence(Evidence),
}

/// A deletion that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// `metadata.deletionTimestamp`: when it is due, the server's clock.
    pub due: Option<jiff::Timestamp>,
}

/// A core Event, as evidence on its involved object's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whom it is about.
    pub involved: Involved,
    /// `Normal` or `Warning`.
    pub kind: SmolStr,
    /// `Failed`, `BackOff` ...
    pub reason: SmolStr,
    /// The reporter's words.
    pub message: SmolStr,
    /// How often so far.
    pub count: u32,
    /// Who says so: `kubelet`, `virtualmachine-controller`.
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
    /// uid, empty when the reporter left it out.
    pub uid: SmolStr,
    /// `spec.containers{app}`, empty for the whole object.
    pub field_path: SmolStr,
}

/// How one kind reads its objects.
pub trait Interpreter: Send + Sync {
    /// Reads the states of all tracks.
    ///
    /// # Errors
    /// When the object is not of the kind's shape.
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error>;
}
