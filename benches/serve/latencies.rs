//! How long after its cause something arrived.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The causes that are out, by name, and the times that were measured.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Mutex<(HashMap<String, Instant>, Vec<Duration>)>);

impl Latencies {
    /// The cause of what is to arrive under this name happens now.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    pub(crate) fn cause(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.insert(name.to_owned(), Instant::now());
    }

    /// It has arrived.
    pub(crate) fn arrived(&self, name: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (causes, times) = &mut *held;
        if let Some(cause) = causes.remove(name) {
            times.push(cause.elapsed());
        }
    }

    /// The distribution of what was measured.
    pub(crate) fn percentiles(&self) -> Percentiles {
        let (_, times) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        times.sort_unstable();
        let millis = |percent: usize| {
            let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        Percentiles { count: times.len(), p50: millis(50), p99: millis(99), most: millis(100) }
    }
}

/// Milliseconds.
#[derive(Debug)]
pub(crate) struct Percentiles {
    count: usize,
    p50: f64,
    pub(crate) p99: f64,
    most: f64,
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, p50, p99, most } = self;
        write!(f, "{count}, median {p50:.1} ms, 99 % within {p99:.1} ms, at most {most:.1} ms")
    }
}
