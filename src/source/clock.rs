//! The clocks of a recorder, read here and nowhere else. (`replay` plays on tokio's clock.)
//!
//! Durations are the monotonic clock's: one that counts suspension, which that of the standard library does not on
//! Linux. The wall clock is read once, and from then on only to notice when it was set.

use crate::observation::{Boot, Stamp};
use jiff::Timestamp;
use rustix::time::{ClockId, clock_gettime};
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// How far the wall clock must be off to have been set: it is slewed together with the monotonic clock, but two clocks
/// are not read at the same moment.
const STEP_MICROS: i64 = 50_000;
/// Two readings that are further apart are not compared.
const TOGETHER: Duration = Duration::from_millis(5);

/// The time of a recorder: the wall clock's at its origin, and from there on by the monotonic clock that counts
/// suspension.
#[derive(Clone, Debug)]
pub struct Clock {
    /// What the monotonic clock showed at the origin.
    origin: Duration,
    /// What had elapsed before the origin: a resumed recording goes on counting.
    before: Duration,
    /// The recorder's time when nothing had elapsed.
    begin: Timestamp,
    /// How far the wall clock is known to be ahead of the recorder's time, in microseconds.
    ahead: Arc<AtomicI64>,
    story: Option<Story>,
}

/// The clock of a story that is lived again, at a pace of its own.
#[derive(Clone, Debug)]
struct Story {
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
    pub fn start(before: Duration) -> Self {
        Self::resume(whole_micros(wall()), before, 0)
    }

    /// A clock that goes on after what had elapsed `before`, since `begin`; the wall clock was known to be `ahead` of
    /// it by so many microseconds.
    #[must_use]
    pub fn resume(begin: Timestamp, before: Duration, ahead: i64) -> Self {
        Self { origin: monotonic(), before, begin, ahead: Arc::new(AtomicI64::new(ahead)), story: None }
    }

    /// The clock of a story that began at `begin` and is lived again from now on. `knots` are moments of the play and
    /// of the story that belong together, both rising.
    #[must_use]
    pub fn of_story(begin: Timestamp, knots: Arc<[(Duration, Duration)]>) -> Self {
        Self { story: Some(Story { knots }), ..Self::resume(whole_micros(begin), Duration::ZERO, 0) }
    }

    /// When nothing had elapsed.
    #[must_use]
    pub fn begin(&self) -> Timestamp {
        self.begin
    }

    /// It is not what the clocks of this machine and of others say.
    #[must_use]
    pub fn is_of_a_story(&self) -> bool {
        self.story.is_some()
    }

    /// How long it has run, whatever the story says.
    #[must_use]
    pub fn played(&self) -> Duration {
        monotonic().saturating_sub(self.origin)
    }

    /// The moment at which it will have run for so long. The runtime's timers stop during suspension, so it is later
    /// than that after one.
    #[must_use]
    pub fn at(&self, played: Duration) -> Instant {
        self.after(played.saturating_sub(self.played()))
    }

    /// A moment to come.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
    pub fn after(&self, wait: Duration) -> Instant {
        Instant::now() + wait
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Stamp {
        let elapsed = self.before + self.played();
        let elapsed = self.story.as_ref().map_or(elapsed, |story| story.elapsed(elapsed));
        let elapsed = Duration::from_micros(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        Stamp { at: self.begin.checked_add(elapsed).unwrap_or(Timestamp::MAX), elapsed }
    }

    /// By how many microseconds the wall clock was set ahead, or back, since this was asked last.
    #[must_use]
    pub fn step(&self) -> Option<i64> {
        if self.story.is_some() {
            return None;
        }
        let before = self.now();
        let wall = wall();
        let together = self.now().elapsed.saturating_sub(before.elapsed) <= TOGETHER;
        let ahead = wall.as_microsecond() - before.at.as_microsecond();
        let by = ahead - self.ahead.load(Ordering::Relaxed);
        (together && by.abs() >= STEP_MICROS).then(|| {
            self.ahead.store(ahead, Ordering::Relaxed);
            by
        })
    }

    /// The monotonic clock behind it, and what that showed when so much had elapsed, which is not before it started.
    #[must_use]
    pub fn boot(&self, elapsed: Duration) -> Option<Boot> {
        let boottime = self.origin + elapsed.checked_sub(self.before)?;
        self.story.is_none().then(boot_id)?.map(|id| Boot { id, boottime })
    }
}

/// How long ago a clock of this start of the machine showed `boot`; none when it was another start.
#[must_use]
pub(crate) fn since(boot: &Boot) -> Option<Duration> {
    (boot_id()? == boot.id).then(|| monotonic().checked_sub(boot.boottime)).flatten()
}

/// The wall clock, for what people ask about it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is where clocks are read")]
pub(crate) fn wall() -> Timestamp {
    Timestamp::now()
}

/// The monotonic clock that counts suspension.
fn monotonic() -> Duration {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let id = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let id = ClockId::Monotonic;
    let time = clock_gettime(id);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

fn boot_id() -> Option<SmolStr> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim()).filter(|id| !id.is_empty()).map(SmolStr::new)
}

/// Waits for a moment; for ever when there is none. Cancel-safe.
pub(crate) async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).expect("a moment in range stays in range")
}
