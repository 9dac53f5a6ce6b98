//! The stand-in API server, as clients meet it: every promise of the replay room over real sockets.
//!
//! Time is real here, because sockets are; nothing sleeps to wait for a state, and every wait is bounded by
//! [`bounded`].

mod lists;
mod raw;
mod script;
mod watches;

use std::future::Future;
use std::time::Duration;

/// Every wait of these tests ends, if only by failing.
async fn bounded<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(Duration::from_secs(20), wait).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}
