//! When something was received.
//!
//! `source::Clock` makes them; this file reads no clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::time::Duration;

/// Receipt time of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The recorder's time, UTC, kept to the microsecond: the wall clock's at the start of the recording, and from
    /// there on by the monotonic clock. Differences are durations, whatever becomes of the wall clock. The times that a
    /// recording bears are the wall clock's; `recording` translates.
    pub at: Timestamp,
    /// Monotonic time since the recording started.
    pub elapsed: Duration,
}

/// A monotonic clock that counts suspension, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Boot {
    /// What distinguishes one start of a machine from any other.
    pub id: SmolStr,
    /// What that clock shows, in seconds.
    #[serde(with = "seconds")]
    pub boottime: Duration,
}

/// What became of the recorder's clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockChange {
    /// By how many microseconds the wall clock was set ahead, or back.
    pub step_micros: Option<i64>,
    /// The monotonic clock is another one from here on.
    pub boot: Option<Boot>,
}

/// Durations: seconds with up to six digits.
pub mod seconds {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    /// Writes them.
    ///
    /// # Errors
    /// When the serializer fails.
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    pub fn serialize<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(elapsed.as_micros() as f64 / 1e6)
    }

    /// Reads them.
    ///
    /// # Errors
    /// When it is no number, or not one of seconds from 0 to 10^10.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..1e10).contains(&seconds) {
            Ok(Duration::from_micros((seconds * 1e6).round() as u64))
        } else {
            Err(D::Error::custom("not a number of seconds"))
        }
    }
}

/// RFC 3339 in UTC with six digits of the second: the one form in which times are written.
#[must_use]
pub fn rfc3339_micros(at: Timestamp) -> String {
    format!("{at:.6}")
}
