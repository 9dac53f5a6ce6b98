//! The errors of the replay room, with a remedy where an operator can act.

use crate::observation::{Resource, ResourceVersion};
use std::net::SocketAddr;

/// An error of the replay room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Bytes that are not a Kubernetes object.
    #[error("read an object of {resource}")]
    Document {
        /// The resource of the object.
        resource: Resource,
        /// The JSON error.
        source: serde_json::Error,
    },
    /// An object without an identity, or whose version is not a number.
    #[error("object of {resource} has no usable metadata.{field}")]
    Identity {
        /// The resource of the object.
        resource: Resource,
        /// The member that is missing or invalid.
        field: &'static str,
    },
    /// A write that is not newer than the state of the store.
    #[error(
        "write {resource} at resourceVersion {revision}: the store is already at {current}; sort the script by resourceVersion"
    )]
    Order {
        /// The resource of the object.
        resource: Resource,
        /// The write's revision.
        revision: u64,
        /// The store's revision.
        current: u64,
    },
    /// A deletion of an object that does not exist.
    #[error("delete {resource} {key}: there is no such object")]
    NotFound {
        /// The resource of the object.
        resource: Resource,
        /// `namespace/name`.
        key: String,
    },
    /// A compaction beyond the newest revision.
    #[error("compact to {revision}: the store is only at {current}")]
    Future {
        /// The requested revision.
        revision: u64,
        /// The store's revision.
        current: u64,
    },
    /// The port could not be opened.
    #[error("listen on {address}; choose a free port, or port 0")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// Connections that did not end in time and were aborted.
    #[error("{connections} connections did not end within the drain time and were cut")]
    Drain {
        /// How many connections.
        connections: usize,
    },
    /// A fault that could not be parsed.
    #[error("fault `{text}`: {problem}")]
    Fault {
        /// The text as given.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A fault that does not exist.
    #[error("there is no fault `{name}`; there are {known}")]
    NoFault {
        /// Its name.
        name: String,
        /// The names of all faults.
        known: String,
    },
    /// A speed that could not be parsed.
    #[error("speed `{0}`; use 1x, 10x, max or step")]
    Speed(String),
    /// A recording that cannot be read.
    #[error(transparent)]
    Recording(Box<crate::recording::Error>),
    /// Versions that are no numbers cannot be put in order.
    #[error(
        "{resource} has the resourceVersion `{version}`: only decimal numbers are replayed; show, check and verify read \
         such a recording"
    )]
    Unordered {
        /// The resource of the object.
        resource: Resource,
        /// The version.
        version: Box<str>,
    },
    /// A timed write that the store refused.
    #[error("play write {position} (resourceVersion {resource_version}) of the script")]
    Write {
        /// Its index in the script.
        position: usize,
        /// The object's version; empty if it has none.
        resource_version: ResourceVersion,
        /// The cause.
        source: Box<Error>,
    },
    /// Playing was stopped by the caller.
    #[error("playing was stopped after {played} of {total} writes")]
    Stopped {
        /// Writes that were made.
        played: usize,
        /// Writes of the script.
        total: usize,
    },
}
