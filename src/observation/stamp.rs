//! When an observation was received.
//!
//! `source::Clock` makes them; this file reads no clock.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use std::time::Duration;

/// Receipt time of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The recorder's time, UTC, in microseconds: the wall clock's at the start of the recording, advanced by the
    /// monotonic clock. Differences are durations, whatever happens to the wall clock. The times in a recording are the
    /// wall clock's; `recording` converts.
    pub at: Timestamp,
    /// Monotonic time since the recording started.
    pub elapsed: Duration,
}

impl Stamp {
    /// When the recording started; none if that is out of range.
    #[must_use]
    pub fn start(&self) -> Option<Timestamp> {
        self.at.saturating_sub(self.elapsed).ok()
    }
}

/// A reading of a monotonic clock that also counts suspension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Boot {
    /// Identifies one boot of a machine.
    pub id: SmolStr,
    /// The reading, in seconds.
    #[serde(with = "seconds")]
    pub boottime: Duration,
}

/// A change of the recorder's clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockChange {
    /// By how many microseconds the wall clock was set forward; negative when it was set back.
    pub step_micros: Option<i64>,
    /// The new monotonic clock, if it is another one from here on.
    pub boot: Option<Boot>,
}

/// Durations, as seconds with up to six decimal places.
pub(crate) mod seconds {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::time::Duration;

    /// Writes a duration.
    ///
    /// # Errors
    /// When the serializer fails.
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    pub(crate) fn serialize<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(elapsed.as_micros() as f64 / 1e6)
    }

    /// Reads a duration.
    ///
    /// # Errors
    /// When it is not a number of seconds from 0 to 10^10.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        if (0.0..1e10).contains(&seconds) {
            Ok(Duration::from_micros((seconds * 1e6).round() as u64))
        } else {
            Err(D::Error::custom("not a number of seconds"))
        }
    }
}

/// RFC 3339 in UTC with microseconds: the only form in which times are written.
#[must_use]
pub fn rfc3339_micros(at: Timestamp) -> String {
    format!("{at:.6}")
}
