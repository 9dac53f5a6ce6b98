//! What a fault does, to which requests and how often.

use super::super::collection::Bookmark;
use super::super::route::Verb;
use smol_str::SmolStr;
use std::time::Duration;

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What it does.
    pub effect: Effect,
    /// Which requests it strikes.
    pub scope: Scope,
    /// How many requests it strikes; `None` for all.
    pub times: Option<u32>,
    /// The share of these requests that it strikes, at random, from 0 to 1; `None` for all.
    pub chance: Option<f64>,
    /// How many requests it lets pass first.
    pub skip: u32,
}

/// Which requests a fault strikes; an absent member matches all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The verb of the request.
    pub verb: Option<Verb>,
    /// The resource of the request: `pods`, `virtualmachines.kubevirt.io` or its plural alone.
    pub resource: Option<SmolStr>,
}

/// What a fault does. Events are counted per watch from 1, without bookmarks, and without the synthetic events of the
/// initial state unless `initial` is set.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// The connection is closed after this many events, without an end of the response.
    CutAfter {
        /// Number of events that arrive completely.
        events: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// The connection is closed within an event.
    CutWithin {
        /// Number of its bytes that arrive.
        bytes: usize,
        /// Number of the event.
        event: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// The connection is closed within the body of a list.
    CutList {
        /// Number of its bytes that arrive.
        bytes: usize,
    },
    /// Nothing is sent after this many events, and the connection stays open.
    HalfOpenAfter {
        /// Number of events that arrive.
        events: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// The response ends properly after this many events, as at `timeoutSeconds`.
    CloseAfter {
        /// Number of events that arrive.
        events: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// HTTP chunks have these sizes, in turn.
    Chunks(Vec<usize>),
    /// TCP writes have these sizes, in turn.
    Segments(Vec<usize>),
    /// A response with this status instead of the real one.
    Http {
        /// Status code.
        status: u16,
        /// Value of the `Retry-After` header, in seconds.
        retry_after: Option<u64>,
    },
    /// The response to a watch is that its version is too old.
    Gone(Gone),
    /// The server forgets what was before the present, as etcd does when it is compacted.
    Forget,
    /// The response to a continue token is that it is too old, as if its revision were compacted.
    ExpireContinue,
    /// The server does not support `sendInitialEvents`.
    NoInitialEvents(OldServer),
    /// Bookmarks have another shape or version.
    Bookmarks(Bookmark),
    /// Lists are (`true`) or are not (`false`) compressed for clients that accept it, whatever their size.
    Gzip(bool),
    /// An event is replaced with one that cannot be decoded.
    Garble {
        /// How it is made undecodable.
        how: Garble,
        /// Number of the event.
        event: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// A large, meaningless member is added to an event.
    Oversize {
        /// Size of the member, in bytes.
        bytes: usize,
        /// Number of the event.
        event: u64,
        /// Whether initial events count.
        initial: bool,
    },
    /// Responses start later.
    Delay(Duration),
    /// Events are sent later, by one to two times this.
    Lag(Duration),
    /// Every so many events, one is sent twice.
    Duplicate {
        /// How many.
        every: u64,
    },
    /// The events of a watch are sent later, by a random time of up to this.
    Reorder(Duration),
    /// The header `Date` is of a clock that is ahead by this.
    ClockJump(jiff::SignedDuration),
    /// Lists at an exact version are refused with this status.
    RefuseExact {
        /// Status code.
        status: u16,
    },
    /// A client that reads nothing for this long is disconnected.
    DropSlow(Duration),
}

/// How a watch learns that its version is too old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gone {
    /// Status 200 and an ERROR event, as the watch cache does.
    #[default]
    InStream,
    /// HTTP status 410.
    Http,
}

/// The behavior of a server that does not support `sendInitialEvents`.
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
    /// Truncated JSON.
    Truncated,
    /// JSON of another shape: identity and version are present, and the status is a number.
    Shape,
}

impl Fault {
    /// A fault that strikes every request to which it applies.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self { effect, scope: Scope::default(), times: None, chance: None, skip: 0 }
    }

    /// Limits how many requests it strikes.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Limits it to requests for a resource, `pods` or `virtualmachines.kubevirt.io`.
    #[must_use]
    pub fn resource(mut self, resource: &str) -> Self {
        self.scope.resource = Some(resource.into());
        self
    }

    /// Limits it to requests with a verb.
    #[must_use]
    pub fn verb(mut self, verb: Verb) -> Self {
        self.scope.verb = Some(verb);
        self
    }
}

impl Effect {
    /// The only verb that it applies to, if there is just one.
    #[must_use]
    pub(crate) fn only_verb(&self) -> Option<Verb> {
        match self {
            Self::CutList { .. } | Self::ExpireContinue | Self::RefuseExact { .. } | Self::Gzip(_) => Some(Verb::List),
            Self::Chunks(_) | Self::Segments(_) | Self::Http { .. } | Self::Delay(_) => None,
            Self::DropSlow(_) | Self::ClockJump(_) => None,
            _ => Some(Verb::Watch),
        }
    }
}
