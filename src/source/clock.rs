//! The clocks of a recorder, which are read only here. (`replay` uses tokio's clock.)
//!
//! Durations come from a monotonic clock that counts suspension, which the standard library's does not on Linux. The
//! wall clock is read once, and after that only to notice when it was set.

use crate::observation::{Boot, Stamp};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use rustix::time::{ClockId, clock_gettime};
use smol_str::SmolStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// By how much the wall clock must differ to count as set. It is slewed together with the monotonic clock, but the two
/// are not read at the same moment.
pub(super) const STEP_MICROS: i64 = 50_000;
/// Two readings further apart than this are not compared.
const TOGETHER: Duration = Duration::from_millis(5);

/// A time in a header of a response, `Date` or `Retry-After`, by the server's clock.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// The time of a recorder: the wall clock at its origin, plus what has elapsed since on a monotonic clock that counts
/// suspension.
#[derive(Clone, Debug)]
pub struct Clock {
    /// The monotonic clock at the origin.
    origin: Duration,
    /// What had elapsed before the origin, in a resumed recording.
    before: Duration,
    /// The recorder's time at zero elapsed.
    begin: Timestamp,
    /// By how much the wall clock is known to be ahead of the recorder's time, in microseconds.
    ahead: Arc<AtomicI64>,
    wall: fn() -> Timestamp,
    story: Option<Story>,
}

/// The clock of a replayed scenario, at its own pace.
#[derive(Clone, Debug)]
struct Story {
    /// Corresponding times of the replay and of the scenario, in order; between them time is interpolated, after the
    /// last it runs in real time.
    knots: Arc<[(Duration, Duration)]>,
}

impl Story {
    fn elapsed(&self, played: Duration) -> Duration {
        let next = self.knots.partition_point(|(real, _)| *real <= played);
        let (real, story) = next.checked_sub(1).map_or_else(Default::default, |last| self.knots[last]);
        let since = played.saturating_sub(real);
        match self.knots.get(next) {
            Some((next_real, next_story)) => {
                let (stretch, story_stretch) = (next_real.saturating_sub(real), next_story.saturating_sub(story));
                story + story_stretch.mul_f64(since.as_secs_f64() / stretch.as_secs_f64())
            }
            None => story + since,
        }
    }
}

/// A moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    /// The stamp for lines that are recorded now.
    pub stamp: Stamp,
    /// The monotonic time in a run, to which all deadlines and bounds refer: how long it has run in real time.
    pub monotonic: Duration,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    pub fn start(before: Duration) -> Self {
        Self::resume(whole_micros(wall()), before, 0)
    }

    /// A clock that continues after `before` had elapsed since `begin`; the wall clock was known to be `ahead` of it by
    /// this many microseconds.
    #[must_use]
    pub fn resume(begin: Timestamp, before: Duration, ahead: i64) -> Self {
        Self { origin: monotonic(), before, begin, ahead: Arc::new(AtomicI64::new(ahead)), wall, story: None }
    }

    /// A clock that starts now, by another wall clock than the system's.
    #[doc(hidden)]
    #[must_use]
    pub fn by(wall: fn() -> Timestamp) -> Self {
        Self { wall, ..Self::resume(whole_micros(wall()), Duration::ZERO, 0) }
    }

    /// The clock of a scenario that began at `begin` and is replayed from now on. `knots` are corresponding times of
    /// the replay and of the scenario, both rising.
    #[must_use]
    pub fn of_story(begin: Timestamp, knots: Arc<[(Duration, Duration)]>) -> Self {
        Self { story: Some(Story { knots }), ..Self::resume(whole_micros(begin), Duration::ZERO, 0) }
    }

    /// The time at zero elapsed.
    #[must_use]
    pub fn begin(&self) -> Timestamp {
        self.begin
    }

    /// True when it does not show the time of this machine, because a scenario is replayed.
    #[must_use]
    pub fn is_of_a_story(&self) -> bool {
        self.story.is_some()
    }

    /// How long it has run in real time.
    #[must_use]
    pub fn played(&self) -> Duration {
        monotonic().saturating_sub(self.origin)
    }

    /// The instant at which it will have run for this long. The runtime's timers stop during suspension, so after one
    /// it is later.
    #[must_use]
    pub fn at(&self, played: Duration) -> Instant {
        self.after(played.saturating_sub(self.played()))
    }

    /// The instant after a wait.
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

    /// Now, as lines show it and as waits are measured.
    #[must_use]
    pub(super) fn read(&self) -> Now {
        Now { stamp: self.now(), monotonic: self.played() }
    }

    /// By how many microseconds the wall clock was set ahead, or back, since the last call; none when it was not.
    #[must_use]
    pub fn step(&self) -> Option<i64> {
        if self.story.is_some() {
            return None;
        }
        let before = self.now();
        let wall = (self.wall)();
        let together = self.now().elapsed.saturating_sub(before.elapsed) <= TOGETHER;
        let ahead = wall.as_microsecond() - before.at.as_microsecond();
        let by = ahead - self.ahead.load(Ordering::Relaxed);
        (together && by.abs() >= STEP_MICROS).then(|| {
            self.ahead.store(ahead, Ordering::Relaxed);
            by
        })
    }

    /// The monotonic clock's reading when `elapsed` had passed; none before its start.
    #[must_use]
    pub fn boot(&self, elapsed: Duration) -> Option<Boot> {
        let boottime = self.origin + elapsed.checked_sub(self.before)?;
        self.story.is_none().then(boot_id)?.map(|id| Boot { id, boottime })
    }
}

/// How long ago a clock of this boot of the machine showed `boot`; none for another boot.
#[must_use]
pub(crate) fn since(boot: &Boot) -> Option<Duration> {
    (boot_id()? == boot.id).then(|| monotonic().checked_sub(boot.boottime)).flatten()
}

/// The wall clock, for questions by users.
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

/// Waits until a moment; forever when there is none. Cancel-safe.
pub(crate) async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn whole_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).expect("a moment in range stays in range")
}
