//! A moment as people type it: a time, a duration before the end or after the start of the recording, or a mark.

use crate::timeline::Entry;
use crate::view::{Error, clock};
use jiff::civil::{self, DateTime};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// On the recorder's wall clock.
    At(Timestamp),
    /// This time of day in UTC, as statetrail prints it.
    TimeOfDay(civil::Time),
    /// Before the end of the recording; for a recorder, before it starts.
    Ago(Duration),
    /// After the start of the recording, on its monotonic clock.
    Elapsed(Duration),
    /// When the first mark of that name was written.
    Mark(String),
}

impl Moment {
    /// Parses a moment up to which something is meant. Printed times end with milliseconds: all of the last one is meant.
    ///
    /// # Errors
    /// It is not a moment.
    pub fn until(text: &str) -> Result<Self, Error> {
        let moment: Self = text.parse()?;
        let digits =
            text.trim_end_matches('Z').trim_end_matches(" UTC").rsplit_once('.').map(|(_, digits)| digits.len());
        let rest = jiff::SignedDuration::from_micros(999);
        Ok(match moment {
            Self::At(at) if digits == Some(3) => Self::At(at.checked_add(rest).unwrap_or(at)),
            Self::TimeOfDay(time) if digits == Some(3) => Self::TimeOfDay(time.saturating_add(rest)),
            moment => moment,
        })
    }

    /// The same for a recording from `start` to `end`.
    ///
    /// # Errors
    /// The recording has this time of day more than once.
    pub(super) fn within(self, start: Timestamp, end: Timestamp) -> Result<Self, Error> {
        match self {
            Self::Ago(ago) => Ok(Self::At(end.saturating_sub(ago).unwrap_or(Timestamp::MIN))),
            Self::TimeOfDay(time) => time_of_day(time, start, end).map(Self::At),
            other => Ok(other),
        }
    }

    /// How long before `now` it is; none for moments of a recording, and for the future.
    #[must_use]
    pub fn before(&self, now: Timestamp) -> Option<Duration> {
        let at = match self {
            Self::Ago(ago) => return Some(*ago),
            Self::At(at) => *at,
            Self::TimeOfDay(time) => {
                let today = now.to_zoned(TimeZone::UTC).date().to_datetime(*time).to_zoned(TimeZone::UTC).ok()?;
                let today = today.timestamp();
                if today <= now { today } else { today.checked_sub(jiff::SignedDuration::from_hours(24)).ok()? }
            }
            Self::Elapsed(_) | Self::Mark(_) => return None,
        };
        Duration::try_from(now.duration_since(at)).ok()
    }

    /// The moment on the wall clock, by the clocks of an entry; none if it is not resolved.
    pub(super) fn on_the_clock_of(&self, entry: &Entry) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Elapsed(elapsed) => entry.stamp.start()?.saturating_add(*elapsed).ok(),
            _ => None,
        }
    }

    /// Compares an instant `at` on the wall clock, known from `entry`, with this moment; none for a mark, whose time is
    /// not known here, and for what [`Self::within`] resolves.
    pub(in crate::view) fn of(&self, at: Timestamp, entry: &Entry) -> Option<Ordering> {
        match self {
            Self::At(moment) => Some(at.cmp(moment)),
            Self::Elapsed(moment) => {
                let back = clock::between(at, entry.stamp.at);
                let ahead = clock::between(entry.stamp.at, at);
                Some((entry.stamp.elapsed + ahead).cmp(&moment.saturating_add(back)))
            }
            Self::Mark(_) | Self::Ago(_) | Self::TimeOfDay(_) => None,
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
        if let Ok(at) = text.parse::<Zoned>() {
            return Ok(Self::At(at.timestamp()));
        }
        if text.contains(':') {
            let text = text.strip_suffix(" UTC").or(text.strip_suffix('Z')).unwrap_or(text);
            // These types ignore a zone.
            let is_zoned =
                text.contains(['+', '[']) || text.split_once(':').is_some_and(|(_, rest)| rest.contains('-'));
            if is_zoned {
                return Err(Error::Zone(text.to_owned()));
            }
            return match text.parse::<DateTime>() {
                Ok(at) => at.to_zoned(TimeZone::UTC).map(|at| Self::At(at.timestamp())).map_err(|_| refused()),
                Err(_) => text.parse().map(Self::TimeOfDay).map_err(|_| refused()),
            };
        }
        match text.strip_prefix('+') {
            Some(after) => humantime::parse_duration(after).map(Self::Elapsed),
            None => humantime::parse_duration(text).map(Self::Ago),
        }
        .map_err(|_| refused())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "{at}"),
            Self::TimeOfDay(time) => write!(f, "{time}"),
            Self::Ago(ago) => write!(f, "{}", humantime::format_duration(*ago)),
            Self::Elapsed(elapsed) => write!(f, "+{}", humantime::format_duration(*elapsed)),
            Self::Mark(name) => write!(f, "mark:{name}"),
        }
    }
}

/// The instant of a time of day in a recording: the only one in it, or the one on its first day if it has none.
fn time_of_day(time: civil::Time, start: Timestamp, end: Timestamp) -> Result<Timestamp, Error> {
    let day = jiff::SignedDuration::from_hours(24);
    let first = start.to_zoned(TimeZone::UTC).date().to_datetime(time).to_zoned(TimeZone::UTC);
    let Ok(first) = first.map(|at| at.timestamp()) else { return Err(Error::Moment(time.to_string())) };
    let next = |at: Timestamp| at.checked_add(day).unwrap_or(Timestamp::MAX);
    // Printed times end with milliseconds.
    let is_before = |at: Timestamp| at.checked_add(jiff::SignedDuration::from_millis(1)).is_ok_and(|at| at <= start);
    let earliest = if is_before(first) && next(first) <= end { next(first) } else { first };
    if earliest >= start && next(earliest) <= end {
        return Err(Error::TimeOfDay { time: time.to_string(), start, end });
    }
    Ok(earliest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_of_the_recording_and_must_be_the_only_one() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let of = |time: &str, start: &str, end: &str| {
            time.parse::<Moment>().expect("a moment").within(at(start), at(end)).map_err(|error| error.to_string())
        };
        let (evening, morning) = ("2026-11-20T23:50:00Z", "2026-11-21T00:10:00Z");
        assert_eq!(of("23:55:00", evening, morning), Ok(Moment::At(at("2026-11-20T23:55:00Z"))));
        assert_eq!(of("00:05:00", evening, morning), Ok(Moment::At(at("2026-11-21T00:05:00Z"))));
        let twice = of("23:55:00", evening, "2026-11-22T00:00:00Z").expect_err("two days");
        assert!(twice.contains("more than once"), "{twice}");
        assert_eq!(of("5m", evening, morning), Ok(Moment::At(at("2026-11-21T00:05:00Z"))));
    }

    #[test]
    fn a_zone_is_never_ignored() {
        let parsed = |text: &str| text.parse::<Moment>().map_err(|error| error.to_string());
        let at = |text: &str| Ok(Moment::At(text.parse().expect("a time")));
        assert_eq!(parsed("2026-11-20T18:09:30+02:00"), at("2026-11-20T16:09:30Z"));
        assert_eq!(parsed("2026-11-20T18:09:30[Europe/Berlin]"), at("2026-11-20T17:09:30Z"));
        assert_eq!(parsed("2026-11-20 18:09:30 UTC"), at("2026-11-20T18:09:30Z"));
        assert_eq!(parsed("18:09:30Z"), parsed("18:09:30"));
        for text in ["18:09:30+02:00", "18:09:30+05", "18:09:30-05:00", "18:09:30[Europe/Berlin]"] {
            let error = parsed(text).expect_err(text);
            assert!(error.contains("a time of day is in UTC"), "{error}");
        }
    }

    #[test]
    fn a_recorder_starts_at_a_time_or_a_duration_ago() {
        let now: Timestamp = "2026-11-20T18:00:00Z".parse().expect("a time");
        let before = |text: &str| text.parse::<Moment>().expect("a moment").before(now);
        assert_eq!(before("5m"), Some(Duration::from_mins(5)));
        assert_eq!(before("17:59:30"), Some(Duration::from_secs(30)));
        assert_eq!(before("18:00:30"), Some(Duration::from_secs(86_400 - 30)), "yesterday");
        assert_eq!(before("2026-11-20 17:59:00"), Some(Duration::from_mins(1)));
        for of_a_recording in ["+30s", "mark:begin", "2026-11-20T18:00:01Z"] {
            assert_eq!(before(of_a_recording), None, "{of_a_recording}");
        }
    }

    #[test]
    fn a_moment_is_a_time_a_duration_or_a_mark() {
        assert_eq!("30s".parse(), Ok(Moment::Ago(Duration::from_secs(30))));
        assert_eq!("18:09:30.250".parse(), Ok(Moment::TimeOfDay(civil::time(18, 9, 30, 250_000_000))));
        assert_eq!("2026-11-20 18:09:30".parse::<Moment>(), "2026-11-20T18:09:30Z".parse());
        assert_eq!("2026-11-20 18:09:30 UTC".parse::<Moment>(), "2026-11-20T18:09:30Z".parse());
        assert_eq!("+1m 30s".parse(), Ok(Moment::Elapsed(Duration::from_secs(90))));
        assert_eq!("mark:step: create VM".parse(), Ok(Moment::Mark("step: create VM".to_owned())));
        assert!(matches!("2026-11-20T18:09:30+01:00".parse(), Ok(Moment::At(_))));
        for text in ["30", "", "mark:", "yesterday", "18:90"] {
            assert_eq!(text.parse::<Moment>(), Err(Error::Moment(text.to_owned())), "{text}");
        }
    }
}
