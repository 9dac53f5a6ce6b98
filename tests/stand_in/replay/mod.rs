//! The stand-in API server as clients see it: every promise of the replay room over real sockets.
//!
//! Time is real here, because sockets are; nothing sleeps to wait for a state, and every wait is bounded by
//! [`bounded`].

#![expect(clippy::disallowed_methods, reason = "tests of pacing read the clock")]

mod faults;
mod lists;
mod metrics;
mod paces;
mod random;
mod raw;
mod real_clients;
mod recorded;
mod script;
mod server;
mod streams;
mod watches;

use std::future::Future;
use std::time::Duration;

/// Bounds a wait: a test fails when it takes too long.
async fn bounded<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
