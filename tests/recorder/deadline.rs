//! Waits, each within a bound.
//!
//! [`until`] is the only place of the harnesses that sleeps. It is for processes, which announce nothing; what a
//! cluster's state should become is waited for by `kubectl wait`, which watches.

use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};

/// The time, where a test measures how long something takes.
#[expect(clippy::disallowed_methods, reason = "this is where tests read the clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks `probe` again and again until it answers; `None` once `bound` is over. It is asked at least once, and
/// never interrupted.
pub(crate) fn until<T>(bound: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = now();
    let mut pause = Duration::from_millis(2);
    loop {
        if let Some(answer) = probe() {
            return Some(answer);
        }
        if begun.elapsed() >= bound {
            return None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

/// Bounds a wait: a test fails when it takes too long.
pub(crate) async fn bounded<T>(what: &str, wait: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(40), wait).await;
    waited.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}
