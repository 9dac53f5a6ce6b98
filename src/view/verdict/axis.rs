//! The origin of the times of judged traces: the start of a sketch, or the Unix epoch on a recording's wall clock.

use crate::expectation::{Micros, Span, TimeFormat};
use crate::observation::rfc3339_micros;
use crate::view::clock;
use crate::view::style::Style;
use jiff::Timestamp;
use serde_json::value::RawValue;
use std::time::Duration;

/// The origin of a trace's microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// The start of a sketch.
    Sketch,
    /// The Unix epoch, on the recorder's wall clock; with the start of the recording, times of other days have a date.
    Clock(Option<Timestamp>),
}

/// Almost four thousand years: anything farther away means that no bound is known.
const FAR: Micros = 4_000 * 365 * 86_400 * 1_000_000;

impl Axis {
    /// `18:09:56.160`; in a sketch `+36.160s`. None where no bound is known.
    pub(super) fn moment(self, at: Micros) -> Option<String> {
        match self {
            Self::Sketch => (at.abs() < FAR).then(|| clock::elapsed(length(at))),
            Self::Clock(start) => {
                let style = Style { start, ..Style::default() };
                self.timestamp(at).filter(|at| clock::is_known(*at)).map(|at| style.time(at))
            }
        }
    }

    /// The wall clock's time, in recordings.
    pub(super) fn timestamp(self, at: Micros) -> Option<Timestamp> {
        (matches!(self, Self::Clock(_)) && at.abs() < FAR).then(|| Timestamp::from_microsecond(at).ok()).flatten()
    }

    /// RFC 3339, in recordings.
    pub(super) fn rfc3339(self, at: Micros) -> Option<String> {
        self.timestamp(at).map(rfc3339_micros)
    }

    /// Seconds with six decimals, in sketches.
    pub(super) fn seconds(self, at: Micros) -> Option<Box<RawValue>> {
        (self == Self::Sketch && at.abs() < FAR).then(|| decimal(at))
    }
}

impl TimeFormat for Axis {
    fn at(&self, when: Span) -> String {
        match (self.moment(when.lo).filter(|_| when.lo != when.hi), self.moment(when.hi)) {
            (Some(from), Some(to)) => format!(" between {from} and {to}"),
            (None, Some(at)) if when.lo == when.hi => format!(" at {at}"),
            (None, Some(to)) => format!(" before {to}"),
            (Some(from), None) => format!(" after {from}"),
            (None, None) => String::new(),
        }
    }

    fn length(&self, micros: Micros) -> String {
        clock::span(length(micros))
    }

    fn at_least(&self, micros: Micros) -> String {
        clock::at_least(length(micros))
    }

    fn at_most(&self, micros: Micros) -> String {
        clock::at_most(length(micros))
    }
}

/// A number of microseconds as a duration; negative numbers become zero.
pub(super) fn length(micros: Micros) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// The earliest moment of a span, if its entry was not seen as it happened.
pub(super) fn not_before(when: Span) -> Option<Micros> {
    (when.lo != when.hi && is_known(when.lo)).then_some(when.lo)
}

/// False for a number that means that no bound is known.
pub(super) fn is_known(at: Micros) -> bool {
    at.abs() < FAR
}

/// True for a span without any bound.
pub(super) fn is_timeless(when: Span) -> bool {
    !is_known(when.lo) && !is_known(when.hi)
}

/// Decimal seconds, written without going through a float.
pub(super) fn decimal(micros: Micros) -> Box<RawValue> {
    let sign = if micros < 0 { "-" } else { "" };
    let micros = micros.unsigned_abs();
    let number = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    RawValue::from_string(number).expect("decimal seconds are a JSON number")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_bound_that_is_not_known_is_not_printed_as_the_epoch() {
        let (hour, second) = (3_600_000_000, 1_000_000);
        assert_eq!(Axis::Clock(None).at(Span { lo: 0, hi: hour }), " before 01:00:00.000");
        assert_eq!(
            Axis::Clock(None).at(Span { lo: hour, hi: hour + second }),
            " between 01:00:00.000 and 01:00:01.000"
        );
        assert_eq!(Axis::Sketch.at(Span { lo: 0, hi: second }), " between +0.000s and +1.000s");
    }
}
