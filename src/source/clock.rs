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
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn start(before: Duration) -> Self {
        Self { origin: Instant::now(), before }
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
        let micros = Timestamp::now().as_microsecond();
        Stamp {
            at: Timestamp::from_microsecond(micros).expect("now is in range"),
            elapsed: self.before + self.origin.elapsed(),
        }
    }
}
