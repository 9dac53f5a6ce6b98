//! When something was received: the recorder's wall clock and its monotonic clock, side by side.
//!
//! `source::Clock` makes them; this file reads no clock.

use jiff::Timestamp;
use std::time::Duration;

/// Receipt time of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Wall clock of the recorder, UTC, kept to the microsecond.
    pub at: Timestamp,
    /// Monotonic time since the recording started.
    pub elapsed: Duration,
}

/// RFC 3339 in UTC with six digits of the second: the one form in which times are written.
#[must_use]
pub fn rfc3339_micros(at: Timestamp) -> String {
    format!("{at:.6}")
}
