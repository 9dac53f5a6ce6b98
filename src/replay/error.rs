//! What can go wrong in this room, with the remedy where an operator has one.

use crate::observation::{Resource, ResourceVersion};
use std::net::SocketAddr;

/// An error of the replay room.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Bytes that are not a Kubernetes object.
    #[error("read an object of {resource}")]
    Document {
        /// Of which resource.
        resource: Resource,
        /// What is wrong with the JSON.
        source: serde_json::Error,
    },
    /// An object that nobody could tell from another, or whose version is not a number.
    #[error("object of {resource} has no usable metadata.{field}")]
    Identity {
        /// Of which resource.
        resource: Resource,
        /// The member that is missing.
        field: &'static str,
    },
    /// A write that is not newer than what the store holds.
    #[error(
        "write {resource} at resourceVersion {revision}: the store is at {current} already; sort the script by resourceVersion"
    )]
    Order {
        /// Of which resource.
        resource: Resource,
        /// The write's revision.
        revision: u64,
        /// The store's revision.
        current: u64,
    },
    /// A deletion of what is not there.
    #[error("delete {resource} {key}: there is no such object")]
    NotFound {
        /// Of which resource.
        resource: Resource,
        /// `namespace/name`.
        key: String,
    },
    /// A compaction past the newest revision.
    #[error("compact to {revision}: the store is only at {current}")]
    Future {
        /// Asked for.
        revision: u64,
        /// The store's revision.
        current: u64,
    },
    /// The port could not be opened.
    #[error("listen on {address}; choose a free port, or port 0")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Tasks that did not end in time and were aborted.
    #[error("{connections} connections did not end within the drain time and were cut")]
    Drain {
        /// How many.
        connections: usize,
    },
    /// A fault that cannot be read.
    #[error("fault `{text}`: {problem}; known faults: {known}")]
    Fault {
        /// As given.
        text: String,
        /// What is wrong with it.
        problem: String,
        /// The names of all faults.
        known: String,
    },
    /// A speed that cannot be read.
    #[error("speed `{0}`; use 1x, 10x, max or step")]
    Speed(String),
    /// A timed write that the store refused.
    #[error("play write {position} (resourceVersion {resource_version}) of the script")]
    Write {
        /// Its index in the script.
        position: usize,
        /// Its version as it stands in the object, empty if none.
        resource_version: ResourceVersion,
        /// Why.
        source: Box<Error>,
    },
    /// The play was stopped from outside.
    #[error("the play was stopped after {played} of {total} writes")]
    Stopped {
        /// Writes that were made.
        played: usize,
        /// Writes of the script.
        total: usize,
    },
}
