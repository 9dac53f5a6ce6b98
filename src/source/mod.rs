//! The source: watch loops that turn watch streams, and what other sources deliver, into observations.
//!
//! kube's `watcher` is not used because it hides interruptions and losses.

mod absent;
mod attach;
mod causes;
mod certificate;
mod clock;
mod cluster;
mod confirm;
mod connection;
mod credential;
mod cri;
mod decode;
mod delivery;
mod depth;
mod environment;
mod error;
mod facts;
mod heal;
mod identity;
#[doc(hidden)]
pub mod import;
#[cfg(target_os = "linux")]
mod kernel;
mod lines;
mod local;
#[cfg(any(target_os = "linux", test))]
mod mountinfo;
#[cfg(any(target_os = "linux", test))]
mod mounts;
mod namespace;
mod numbered;
mod overrides;
mod pages;
mod patience;
mod podman;
mod probe;
mod proxy;
mod query;
mod request_error;
mod resolve;
mod review;
mod rewatch;
mod rights;
mod runc;
mod secretless;
mod settings;
mod socket;
mod stream;
#[cfg(any(target_os = "linux", test))]
mod uevents;
mod unix_socket;
mod watch;

pub use crate::observation::Stalls;
pub(crate) use clock::{since, until, wall};
pub use cluster::{Access, Cluster};
pub(crate) use cluster::{KubeconfigNames, kubeconfig_names};
pub use connection::{Connection, Connections, Outage, Trouble};
pub use depth::Depth;
pub(crate) use environment::{ServerVersion, server_version};
pub use error::Error;
pub(crate) use facts::facts;
pub(crate) use identity::identity;
pub(crate) use local::run_source;
pub(crate) use namespace::{names, namespaces, namespaces_instead_of};
pub use overrides::{Overrides, Token};
pub(crate) use probe::probe;
pub(crate) use resolve::in_full;
pub use resolve::{Resolved, resolve};
pub(crate) use review::{Allowed, review_token, with_all_rights};
pub use rights::Rights;
pub use settings::{Healing, Timeouts};
pub(crate) use settings::{Past, Requests, Resume, Settings};
pub(crate) use socket::QUEUE_BYTES;
pub(crate) use stream::Stream;

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use clock::Clock;
#[doc(hidden)]
pub use environment::environment;
#[doc(hidden)]
pub use resolve::is_version;
