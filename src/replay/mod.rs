//! A recording lived again: the one stand-in Kubernetes API server of the house.
//!
//! `statetrail demo`, the tests and the benchmarks share it. Real clients LIST and WATCH it over HTTP and meet what a
//! real API server, a network and an etcd with a bounded memory would give them, faults on command included. It refuses
//! to write: the past cannot be changed; and it knows nothing of what its objects mean.

#![expect(clippy::disallowed_methods, reason = "a server that lives a story at its own pace reads tokio's clock")]

mod abridged;
mod answer;
mod body;
mod collection;
mod connections;
mod discovery;
mod document;
mod error;
mod fault;
mod journal;
mod log;
mod options;
mod pace;
mod page;
mod refusal;
mod route;
mod script;
mod selector;
mod server;
mod shared;
mod store;
mod watch;
mod wire;

pub use abridged::{Abridged, abridge};
pub use collection::Bookmark;
pub use error::Error;
pub use fault::{Effect, Fault, Garble, Gone, Known, OldServer, Scope, catalogue};
pub use journal::Asked;
pub use options::Options;
pub use pace::{Pace, Speed, TimedWrite};
pub use route::Verb;
pub use script::script;
pub use server::Server;
pub use store::Store;
