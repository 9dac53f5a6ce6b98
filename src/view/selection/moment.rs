//! A moment as people type it: a time, a duration after the start of the recording, or a mark.

use crate::timeline::Entry;
use crate::view::{Error, clock};
use jiff::Timestamp;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// On the recorder's wall clock.
    At(Timestamp),
    /// After the start of the recording, on its monotonic clock.
    Elapsed(Duration),
    /// When the first mark of that name was written.
    Mark(String),
}

impl Moment {
    /// Compares an instant `at` on the wall clock, known from `entry`, with this moment; none for a mark, whose time is
    /// not known here.
    pub(super) fn of(&self, at: Timestamp, entry: &Entry) -> Option<Ordering> {
        match self {
            Self::At(moment) => Some(at.cmp(moment)),
            Self::Elapsed(moment) => {
                let back = clock::between(at, entry.stamp.at);
                let ahead = clock::between(entry.stamp.at, at);
                Some((entry.stamp.elapsed + ahead).cmp(&moment.saturating_add(back)))
            }
            Self::Mark(_) => None,
        }
    }
}

impl FromStr for Moment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::Moment(text.to_owned());
        if let Some(name) = text.strip_prefix("mark:") {
            return if name.is_empty() { Err(refused()) } else { Ok(Self::Mark(name.to_owned())) };
        }
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Self::At(at));
        }
        humantime::parse_duration(text.strip_prefix('+').unwrap_or(text)).map(Self::Elapsed).map_err(|_| refused())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "{at}"),
            Self::Elapsed(elapsed) => write!(f, "{}", humantime::format_duration(*elapsed)),
            Self::Mark(name) => write!(f, "mark:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_a_duration_or_a_mark() {
        assert_eq!("30s".parse(), Ok(Moment::Elapsed(Duration::from_secs(30))));
        assert_eq!("+1m 30s".parse(), Ok(Moment::Elapsed(Duration::from_secs(90))));
        assert_eq!("mark:step: create VM".parse(), Ok(Moment::Mark("step: create VM".to_owned())));
        assert!(matches!("2026-11-20T18:09:30+01:00".parse(), Ok(Moment::At(_))));
        for text in ["30", "", "mark:", "yesterday", "18:09:30"] {
            assert_eq!(text.parse::<Moment>(), Err(Error::Moment(text.to_owned())), "{text}");
        }
    }
}
