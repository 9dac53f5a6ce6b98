//! Waiting for a process to come up or go away, within a bound.
//!
//! The only place of the harness that reads the clock or sleeps. It is for processes, which announce nothing;
//! what the cluster's state should become is waited for by `kubectl wait`, which watches.

use std::thread;
use std::time::{Duration, Instant};

/// Asks `probe` again and again until it answers; `None` once `bound` is over. It is asked at least once, and
/// never interrupted.
#[expect(clippy::disallowed_methods, reason = "this is where the tests of real clusters read the clock")]
pub(crate) fn until<T>(bound: Duration, mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
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
