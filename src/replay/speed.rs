//! The speed of a replay.

use super::Error;
use std::fmt;
use std::str::FromStr;

/// The speed of playing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// A multiple of the script's own speed; above 0.
    Times(f64),
    /// As fast as the store accepts writes.
    Max,
    /// Only by single steps.
    Step,
}

impl FromStr for Speed {
    type Err = Error;

    /// Parses `1x`, `10x`, `0.5x`, `max`, `step`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "max" => Ok(Self::Max),
            "step" => Ok(Self::Step),
            _ => text
                .strip_suffix('x')
                .and_then(|times| times.parse().ok())
                .filter(|times: &f64| times.is_finite() && *times > 0.0)
                .map(Self::Times)
                .ok_or_else(|| Error::Speed(text.to_owned())),
        }
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Times(times) => write!(f, "{times}x"),
            Self::Max => f.write_str("max"),
            Self::Step => f.write_str("step"),
        }
    }
}
