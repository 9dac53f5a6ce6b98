//! Times and durations for people: always UTC, with no more digits than are useful.
//!
//! Programs get RFC 3339 and decimal seconds from [`super::document`]; nothing here is meant to be parsed.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::time::Duration;

/// Columns of a time of the day.
pub(super) const TIME: usize = 12;

/// `18:09:28.746`, UTC.
pub(super) fn time_of_day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S%.3f").to_string()
}

/// `18:09:20..18:09:38`, UTC: whole seconds, between which it was; of less than one, `18:09:20.125..20.337`.
pub(super) fn interval(from: Timestamp, to: Timestamp) -> String {
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    if to.duration_since(from) < SignedDuration::from_secs(1) && minute(from) == minute(to) {
        return format!("{}..{}", time_of_day(from), to.to_zoned(TimeZone::UTC).strftime("%S%.3f"));
    }
    let second = |at: Timestamp| at.to_zoned(TimeZone::UTC).strftime("%H:%M:%S").to_string();
    let up = SignedDuration::from_nanos(999_999_999);
    format!("{}..{}", second(from), second(to.checked_add(up).unwrap_or(to)))
}

/// False for the epoch, which stands for a lower bound that is not known.
pub(super) fn is_known(at: Timestamp) -> bool {
    at > Timestamp::UNIX_EPOCH
}

/// `2026-11-20`, UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

/// True for two times of one day, UTC.
pub(super) fn is_of_one_day(one: Timestamp, other: Timestamp) -> bool {
    let date = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    date(one) == date(other)
}

/// `+6.879s` since the recording started.
pub(super) fn elapsed(elapsed: Duration) -> String {
    let millis = elapsed.as_millis();
    format!("+{}.{:03}s", millis / 1000, millis % 1000)
}

/// `+6.9s` since the recording started, for lines that carry the clock time as well; rounded as [`span`] is.
pub(super) fn elapsed_short(elapsed: Duration) -> String {
    let tenths = (elapsed.as_micros() + 50_000) / 100_000;
    format!("+{}.{}s", tenths / 10, tenths % 10)
}

/// `3ms`, `0.23s`, `12.3s`, `1m37s`, `2h05m`: at most three digits, rounded to the nearest.
#[must_use]
pub fn span(span: Duration) -> String {
    match span.as_micros() {
        1..1_000 => "<1ms".to_owned(),
        _ => rounded(span, |micros, unit| (micros + unit / 2) / unit),
    }
}

/// The same of what it was at least: rounded down.
pub(super) fn at_least(span: Duration) -> String {
    rounded(span, |micros, unit| micros / unit)
}

/// The same of what it was at most: rounded up.
pub(super) fn at_most(span: Duration) -> String {
    rounded(span, u128::div_ceil)
}

fn rounded(span: Duration, rounded: impl Fn(u128, u128) -> u128) -> String {
    let micros = span.as_micros();
    let nearest = |unit: u128| rounded(micros, unit);
    let millis = nearest(1_000);
    if millis < 100 {
        return format!("{millis}ms");
    }
    let hundredths = nearest(10_000);
    if hundredths < 1_000 {
        return format!("{}.{:02}s", hundredths / 100, hundredths % 100);
    }
    let tenths = nearest(100_000);
    if tenths < 600 {
        return format!("{}.{}s", tenths / 10, tenths % 10);
    }
    let seconds = nearest(1_000_000);
    if seconds < 3_600 {
        return format!("{}m{:02}s", seconds / 60, seconds % 60);
    }
    let minutes = nearest(60_000_000);
    format!("{}h{:02}m", minutes / 60, minutes % 60)
}

/// The time from `earlier` to `later` on the wall clock, zero when the clock was set back between them.
pub(super) fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elapsed_time_is_rounded_as_a_span_is() {
        for (millis, text) in [(36_849, "36.8s"), (36_850, "36.9s"), (36_855, "36.9s"), (59_949, "59.9s")] {
            let elapsed = Duration::from_millis(millis);
            assert_eq!(elapsed_short(elapsed), format!("+{text}"));
            assert_eq!(span(elapsed), text);
        }
    }

    #[test]
    fn a_bound_is_never_rounded_to_where_it_does_not_hold() {
        for (micros, least, most) in [
            (0, "0ms", "0ms"),
            (400, "0ms", "1ms"),
            (99_400, "99ms", "0.10s"),
            (59_960_000, "59.9s", "1m00s"),
            (119_960_000, "1m59s", "2m00s"),
            (120_000_000, "2m00s", "2m00s"),
            (3_599_700_000, "59m59s", "1h00m"),
            (86_399_000_000, "23h59m", "24h00m"),
            (89_990_000_000, "24h59m", "25h00m"),
        ] {
            let span = Duration::from_micros(micros);
            assert_eq!((at_least(span), at_most(span)), (least.to_owned(), most.to_owned()), "{micros} µs");
        }
    }

    #[test]
    fn spans_keep_three_digits_and_never_say_sixty_seconds() {
        let cases = [
            (0, "0ms"),
            (400, "<1ms"),
            (3_400, "3ms"),
            (99_400, "99ms"),
            (99_700, "0.10s"),
            (234_900, "0.23s"),
            (9_994_000, "9.99s"),
            (9_996_000, "10.0s"),
            (59_940_000, "59.9s"),
            (59_960_000, "1m00s"),
            (3_599_600_000, "1h00m"),
            (7_500_000_000, "2h05m"),
        ];
        for (micros, text) in cases {
            assert_eq!(span(Duration::from_micros(micros)), text, "{micros} µs");
        }
    }
}
