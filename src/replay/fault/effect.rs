//! What a fault does, to whom and how often.

use super::super::collection::Bookmark;
use super::super::route::Verb;
use smol_str::SmolStr;
use std::time::Duration;

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What happens.
    pub effect: Effect,
    /// To which requests.
    pub scope: Scope,
    /// To how many requests; `None` for all to come.
    pub times: Option<u32>,
}

/// Which requests a fault strikes; an absent part matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// What is asked.
    pub verb: Option<Verb>,
    /// Of which resource: `pods`, `virtualmachines.kubevirt.io` or its plural alone.
    pub resource: Option<SmolStr>,
}

/// What happens. Events are counted per watch from 1, bookmarks not among them, and the synthetic events of the initial
/// state only where `initial` says so.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The connection is closed after so many events, without an end of the answer.
    CutAfter {
        /// Events that arrive whole.
        events: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// The connection is closed within an event.
    CutWithin {
        /// Bytes of it that arrive.
        bytes: usize,
        /// Which event.
        event: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// The connection is closed within the body of a list.
    CutList {
        /// Bytes of it that arrive.
        bytes: usize,
    },
    /// Nothing comes any more after so many events, and the connection stays open.
    HalfOpenAfter {
        /// Events that arrive.
        events: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// The answer ends properly after so many events, as at `timeoutSeconds`.
    CloseAfter {
        /// Events that arrive.
        events: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// HTTP chunks of these sizes in turn.
    Chunks(Vec<usize>),
    /// TCP writes of these sizes in turn.
    Segments(Vec<usize>),
    /// An answer with this status instead of the real one.
    Http {
        /// Status code.
        status: u16,
        /// Seconds.
        retry_after: Option<u64>,
    },
    /// A watch is told that its version is too old.
    Gone(Gone),
    /// A page's token is told to be too old, as if its revision were compacted.
    ExpireContinue,
    /// The server does not know `sendInitialEvents`.
    NoInitialEvents(OldServer),
    /// Bookmarks of another shape.
    Bookmarks(Bookmark),
    /// Lists are (`true`) or are not (`false`) compressed for clients that accept it, whatever their size.
    Gzip(bool),
    /// An event is replaced by one that cannot be decoded.
    Garble {
        /// How.
        how: Garble,
        /// Which event.
        event: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// An event gets a large member that nobody asked for.
    Oversize {
        /// How large.
        bytes: usize,
        /// Which event.
        event: u64,
        /// Initial ones count.
        initial: bool,
    },
    /// The answer begins later.
    Delay(Duration),
    /// Events come between one and two times this later.
    Lag(Duration),
    /// Lists at an exact version are refused with this status.
    RefuseExact {
        /// Status code.
        status: u16,
    },
    /// A client that takes no byte for this long is dropped.
    DropSlow(Duration),
}

/// How a watch is told that its version is too old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gone {
    /// Status 200 and an ERROR event, as the watch cache does.
    #[default]
    InStream,
    /// HTTP status 410.
    Http,
}

/// What a server does that does not know `sendInitialEvents`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OldServer {
    /// Ignores it: a plain watch (before 1.27).
    #[default]
    Ignore,
    /// Refuses it with 422 (the feature is off).
    Refuse,
}

/// How an event is made undecodable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Garble {
    /// Not JSON at all.
    #[default]
    Garbage,
    /// JSON that ends in the middle.
    Truncated,
    /// JSON of another shape: identity and version are there, the status is a number.
    Shape,
}

impl Fault {
    /// A fault for every request that it makes sense for.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self { effect, scope: Scope::default(), times: None }
    }

    /// Strikes only so many requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Strikes only requests of a resource, `pods` or `virtualmachines.kubevirt.io`.
    #[must_use]
    pub fn resource(mut self, resource: &str) -> Self {
        self.scope.resource = Some(resource.into());
        self
    }

    /// Strikes only requests of a verb.
    #[must_use]
    pub fn verb(mut self, verb: Verb) -> Self {
        self.scope.verb = Some(verb);
        self
    }
}

impl Effect {
    /// The verb that it makes sense for, if there is only one.
    #[must_use]
    pub fn only_verb(&self) -> Option<Verb> {
        match self {
            Self::CutList { .. } | Self::ExpireContinue | Self::RefuseExact { .. } | Self::Gzip(_) => Some(Verb::List),
            Self::Chunks(_) | Self::Segments(_) | Self::Http { .. } | Self::Delay(_) | Self::DropSlow(_) => None,
            _ => Some(Verb::Watch),
        }
    }
}
