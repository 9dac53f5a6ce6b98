//! Converts between the wall clock, on which a recording's times are, and the recorder's time, used everywhere else.
//!
//! The recorder's time starts with the wall clock and advances by `elapsed`: a straight axis, on which differences are
//! durations. When the wall clock is set, it differs from this axis from then on.

use super::header::{Clock, Header};
use jiff::Timestamp;
use std::time::Duration;

/// Two clocks are not read at the same moment. A larger difference means that the wall clock was set.
const SLACK_MICROS: i64 = 10_000;
/// How many changes of the wall clock are remembered.
const MOST: usize = 1024;

/// The two time axes of a recording, as far as it was written or read.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    started: i64,
    /// True when the times are receipt times.
    is_straight: bool,
    /// Since when the wall clock is ahead of the recorder's time, and by how many microseconds; the newest last.
    ahead: Vec<(i64, i64)>,
}

impl Axis {
    /// The axes at the start of a recording.
    pub(super) fn new(header: &Header) -> Self {
        Self {
            started: header.started.as_microsecond(),
            is_straight: header.clock == Clock::Receipt,
            ahead: vec![(i64::MIN, 0)],
        }
    }

    /// By how many microseconds the wall clock is ahead of the recorder's time.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead.last().map_or(0, |(_, ahead)| *ahead)
    }

    /// True when the wall clock differs, or differed, from the recorder's time.
    pub(super) fn is_set(&self) -> bool {
        self.ahead.len() > 1
    }

    /// The wall clock was set forward by this many microseconds.
    pub(super) fn stepped(&mut self, by: i64) {
        let ahead = self.ahead().saturating_add(by);
        self.set(i64::MIN, ahead);
    }

    /// Converts a moment of the recorder's time to the wall clock.
    pub(super) fn wall(&self, at: Timestamp) -> Timestamp {
        timestamp(at.as_microsecond().saturating_add(self.ahead()))
    }

    /// A moment of the recorder's time, in microseconds since the start.
    pub(super) fn elapsed(&self, at: Timestamp) -> i64 {
        at.as_microsecond().saturating_sub(self.started)
    }

    /// The moment of a line, in the recorder's time.
    pub(super) fn place(&mut self, wall: Timestamp, elapsed: Duration, may_be_earlier: bool) -> Timestamp {
        if !self.is_straight {
            return wall;
        }
        let elapsed = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
        let straight = self.started.saturating_add(elapsed);
        let ahead = wall.as_microsecond().saturating_sub(straight);
        let own = wall.as_microsecond().saturating_sub(self.ahead());
        if ahead.saturating_sub(self.ahead()).saturating_abs() <= SLACK_MICROS {
            return timestamp(own);
        }
        if may_be_earlier {
            return timestamp(own.min(straight));
        }
        self.set(straight, ahead);
        timestamp(straight)
    }

    /// Converts another moment of a line that was received `at`. It is not after `at`; where it could be one of two,
    /// because the wall clock was set back, it is the earlier one.
    pub(super) fn bound(&self, wall: Option<Timestamp>, elapsed: Option<i64>, at: Timestamp) -> Option<Timestamp> {
        let wall = wall?;
        if !self.is_straight {
            return Some(wall);
        }
        if let Some(elapsed) = elapsed {
            return Some(timestamp(self.started.saturating_add(elapsed)));
        }
        let ends = self.ahead.iter().skip(1).map(|(since, _)| *since).chain([i64::MAX]);
        let possible = self.ahead.iter().zip(ends).filter_map(|((since, ahead), end)| {
            let moment = wall.as_microsecond().saturating_sub(*ahead);
            let since = since.saturating_sub(SLACK_MICROS);
            (since <= moment && moment <= end.saturating_add(SLACK_MICROS)).then_some(moment)
        });
        let own = wall.as_microsecond().saturating_sub(self.ahead());
        Some(timestamp(possible.min().unwrap_or(own)).min(at.max(timestamp(own))))
    }

    fn set(&mut self, since: i64, ahead: i64) {
        if self.ahead.len() == MOST {
            // The oldest change is merged into the one before it.
            self.ahead.remove(1);
        }
        self.ahead.push((since, ahead));
    }
}

fn timestamp(micros: i64) -> Timestamp {
    let bounds = Timestamp::MIN.as_microsecond()..=Timestamp::MAX.as_microsecond();
    Timestamp::from_microsecond(micros.clamp(*bounds.start(), *bounds.end())).expect("it is in range")
}
