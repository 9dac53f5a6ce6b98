//! Replays a recording: the stand-in Kubernetes API server.
//!
//! `statetrail demo`, the tests and the benchmarks share it. Real clients LIST and WATCH it over HTTP and meet what a
//! real API server, a network and an etcd with limited history present to them, including faults on demand. Writes are
//! refused, because the past cannot be changed, and objects are not interpreted.

#![expect(clippy::disallowed_methods, reason = "a server that plays a script at its own pace reads tokio's clock")]

mod abridged;
mod answer;
mod app;
mod body;
mod collection;
mod connections;
mod control;
mod discovery;
mod document;
mod error;
mod fault;
mod journal;
mod load;
mod log;
mod options;
mod pace;
mod page;
mod playback;
mod printing;
mod reel;
mod refusal;
mod route;
mod scopes;
mod script;
mod selector;
mod server;
mod shared;
mod speed;
mod steps;
mod store;
mod table;
mod watch;
mod wire;

pub(crate) use abridged::{Abridged, abridge};
pub use collection::Bookmark;
pub use error::Error;
pub use fault::{Effect, Fault, Garble, Gone, Known, OldServer, Scope, catalogue};
#[doc(hidden)]
pub use fault::{TRIALS, Trial};
pub use journal::RecordedRequest;
#[doc(hidden)]
pub use load::{Checkpoint, Loaded, checkpoints, load};
pub use options::Options;
pub use route::Verb;
pub(crate) use script::script;
pub(crate) use server::Access;
pub use server::Server;
pub use store::Store;

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use pace::{Pace, TimedWrite};
#[doc(hidden)]
pub use playback::{Doing, Playback, Position};
#[doc(hidden)]
pub use speed::Speed;
