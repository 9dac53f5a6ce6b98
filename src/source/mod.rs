//! The source: watch loops that turn what a cluster's API server streams into observations.
//!
//! The loop is ours because kube's `watcher` hides what must be shown: where a stream was interrupted, what it lost.

mod attach;
mod causes;
mod clock;
mod cluster;
mod confirm;
mod credential;
mod decode;
mod environment;
mod error;
mod heal;
mod identity;
pub mod import;
mod lines;
mod pages;
mod query;
mod request_error;
mod resolve;
mod secretless;
mod settings;
mod socket;
mod stream;
mod watch;

pub use clock::{Clock, since, until, wall};
pub use cluster::{Access, Cluster, REQUEST_TIMEOUT};
pub use environment::environment;
pub use error::Error;
pub use identity::identity;
pub use resolve::{Resolved, in_full, is_version, resolve};
pub use settings::{Healing, Past, Resume, Settings, Timeouts};
pub use socket::Depth;
pub use stream::Stream;
