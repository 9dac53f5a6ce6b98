//! The two clocks of a recorder, read here and nowhere else. (`replay` plays on tokio's clock.)

use crate::observation::Stamp;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Wall clock and monotonic clock since one origin.
#[derive(Clone, Debug)]
pub struct Clock {
    origin: Instant,
    /// What had elapsed before the origin: a resumed recording goes on counting.
    before: Duration,
    story: Option<Story>,
}

/// The clock of a story that is lived again, at a pace of its own.
#[derive(Clone, Debug)]
struct Story {
    begin: Timestamp,
    /// Moments of the play and of the story that belong together, in order; between them time runs evenly, after the
    /// last as in reality.
    knots: Arc<[(Duration, Duration)]>,
}

impl Story {
    fn elapsed(&self, played: Duration) -> Duration {
        let next = self.knots.partition_point(|(real, _)| *real <= played);
        let (real, told) = next.checked_sub(1).map_or_else(Default::default, |last| self.knots[last]);
        let since = played.saturating_sub(real);
        match self.knots.get(next) {
            Some((next_real, next_told)) => {
                let (stretch, told_stretch) = (next_real.saturating_sub(real), next_told.saturating_sub(told));
                told + told_stretch.mul_f64(since.as_secs_f64() / stretch.as_secs_f64())
            }
            None => told + since,
        }
    }
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn start(before: Duration) -> Self {
        Self { origin: Instant::now(), before, story: None }
    }

    /// The clock of a story that began at `begin` and is lived again from now on. `knots` are moments of the play and of
    /// the story that belong together, both rising.
    #[must_use]
    pub fn of_story(begin: Timestamp, knots: Arc<[(Duration, Duration)]>) -> Self {
        Self { story: Some(Story { begin, knots }), ..Self::start(Duration::ZERO) }
    }

    /// How long it has run, whatever the story says.
    #[must_use]
    pub fn played(&self) -> Duration {
        self.origin.elapsed()
    }

    /// The moment at which it will have run for so long.
    #[must_use]
    pub fn at(&self, played: Duration) -> Instant {
        self.origin + played
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
        let Some(story) = &self.story else {
            return Stamp { at: whole_micros(Timestamp::now()), elapsed };
        };
        let elapsed = story.elapsed(elapsed);
        Stamp { at: whole_micros(story.begin.checked_add(elapsed).unwrap_or(Timestamp::MAX)), elapsed }
    }
}

/// Waits for a moment; for ever when there is none. Cancel-safe.
pub async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).expect("a moment in range stays in range")
}
