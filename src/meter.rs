//! What a running recorder measures of itself, as atomics: nobody who measures waits for a reader.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Upper bounds of the buckets for delays, in seconds.
pub(crate) const DELAYS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];

/// Durations, counted in buckets.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: &'static [f64],
    /// One for each bound, and one for what is longer.
    buckets: Box<[AtomicU64]>,
    sum_nanos: AtomicU64,
}

/// A histogram at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// How many were at most as long as each bound, in seconds.
    pub buckets: Vec<(f64, u64)>,
    /// How many there were.
    pub count: u64,
    /// Their sum.
    pub sum: Duration,
}

impl Histogram {
    /// An empty one; the bounds are in seconds, and rise.
    pub(crate) fn new(bounds: &'static [f64]) -> Self {
        let buckets = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, buckets, sum_nanos: AtomicU64::new(0) }
    }

    /// Counts a duration.
    pub(crate) fn observe(&self, length: Duration) {
        let seconds = length.as_secs_f64();
        let bucket = self.bounds.partition_point(|bound| *bound < seconds);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum_nanos.fetch_add(u64::try_from(length.as_nanos()).unwrap_or(u64::MAX), Relaxed);
    }

    /// What was counted so far.
    pub(crate) fn counted(&self) -> Counted {
        let sum = Duration::from_nanos(self.sum_nanos.load(Relaxed));
        let mut count = 0;
        let mut up_to = |bucket: &AtomicU64| {
            count += bucket.load(Relaxed);
            count
        };
        let buckets = self.bounds.iter().zip(&self.buckets).map(|(bound, bucket)| (*bound, up_to(bucket))).collect();
        let longer = self.buckets.last().map_or(0, |last| last.load(Relaxed));
        Counted { buckets, count: count + longer, sum }
    }
}

impl Counted {
    /// Both together; they have the same bounds.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.buckets.iter_mut().zip(&other.buckets).for_each(|((_, count), (_, more))| *count += more);
        Self { count: self.count + other.count, sum: self.sum + other.sum, ..self }
    }
}

/// Measures how long something takes, on a clock that it is given.
pub(crate) struct Timer {
    now: Box<dyn Fn() -> Duration + Send + Sync>,
    histogram: Arc<Histogram>,
}

impl Timer {
    /// Counts in a histogram; `now` is the reading of a clock that is never set.
    pub(crate) fn new(histogram: Arc<Histogram>, now: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { now: Box::new(now), histogram }
    }

    /// Does the work, and counts how long it took.
    pub(crate) fn time<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = (self.now)();
        let done = work();
        self.histogram.observe((self.now)().saturating_sub(begun));
        done
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("histogram", &self.histogram).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_part_of_its_bucket_and_what_is_longer_than_all_is_only_counted() {
        let histogram = Histogram::new(&[0.001, 1.0]);
        let micros = [0, 1000, 1001, 1_000_000, 1_000_001].map(Duration::from_micros);
        micros.into_iter().for_each(|length| histogram.observe(length));
        let counted = histogram.counted();
        assert_eq!(counted.buckets, [(0.001, 2), (1.0, 4)]);
        assert_eq!((counted.count, counted.sum), (5, Duration::from_micros(2_002_002)));
        let twice = counted.clone().and(&counted);
        assert_eq!((twice.buckets[0].1, twice.count, twice.sum), (4, 10, 2 * counted.sum));
    }

    #[test]
    fn a_timer_counts_what_passes_on_its_clock() {
        let (histogram, clock) = (Arc::new(Histogram::new(DELAYS)), Arc::new(AtomicU64::new(7)));
        let shown = Arc::clone(&clock);
        let timer = Timer::new(Arc::clone(&histogram), move || Duration::from_millis(shown.load(Relaxed)));
        assert_eq!(timer.time(|| clock.fetch_add(3, Relaxed)), 7);
        assert_eq!((histogram.counted().count, histogram.counted().sum), (1, Duration::from_millis(3)));
    }
}
