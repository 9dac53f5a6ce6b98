//! The two clocks of a recorder, read here and in `run` and nowhere else.

use crate::observation::Stamp;
use jiff::Timestamp;
use std::time::Duration;
use tokio::time::Instant;

/// Wall clock and monotonic clock since one origin.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    /// What had elapsed before the origin: a resumed recording goes on counting.
    before: Duration,
    story: Option<Story>,
}

/// The clock of a story that is lived again, faster or slower than it was.
#[derive(Clone, Copy, Debug)]
struct Story {
    begin: Timestamp,
    speed: f64,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn start(before: Duration) -> Self {
        Self { origin: Instant::now(), before, story: None }
    }

    /// The clock of a story that began at `begin` and is lived again from now on, `speed` times as fast.
    #[must_use]
    pub fn of_story(begin: Timestamp, speed: f64) -> Self {
        Self { story: Some(Story { begin, speed }), ..Self::start(Duration::ZERO) }
    }

    /// A moment to come.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn after(&self, wait: Duration) -> Instant {
        Instant::now() + wait
    }

    /// Now, on both clocks.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn now(&self) -> Stamp {
        let elapsed = self.before + self.origin.elapsed();
        let Some(Story { begin, speed }) = self.story else {
            return Stamp { at: whole_micros(Timestamp::now()), elapsed };
        };
        let elapsed = elapsed.mul_f64(speed);
        Stamp { at: whole_micros(begin.checked_add(elapsed).unwrap_or(Timestamp::MAX)), elapsed }
    }
}

fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).expect("a moment in range stays in range")
}
