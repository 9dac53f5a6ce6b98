//! Pauses between attempts, which double, and how long a first attachment is tried.

use super::super::clock::Now;
use super::super::error::Error;
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(800);
const LONGEST: Duration = Duration::from_secs(30);
/// After this long without a failure the pauses are short again.
const FORGIVEN: Duration = Duration::from_mins(2);

/// The retry state of a watch.
#[derive(Debug)]
pub(super) struct Retry {
    pauses: ExponentialBackoff,
    builder: ExponentialBuilder,
    /// The factor on the pauses.
    factor: f64,
    failed: Option<Duration>,
    /// How often the server reported a compacted version since a stream delivered anything.
    forgotten: u32,
    /// When the watch began; none once it has attached, after which it never gives up.
    began: Option<Duration>,
    /// The error that was reported last, until it is over.
    reported: Option<String>,
}

impl Retry {
    /// `seed` is that of the jitter.
    pub(super) fn new(factor: f64, seed: u64, now: Now) -> Self {
        let builder = ExponentialBuilder::new()
            .with_min_delay(SHORTEST)
            .with_max_delay(LONGEST)
            .with_jitter()
            .with_jitter_seed(seed)
            .without_max_times();
        Self {
            pauses: builder.build(),
            builder,
            factor,
            failed: None,
            forgotten: 0,
            began: Some(now.monotonic),
            reported: None,
        }
    }

    /// The watch has delivered its initial state, or there is none.
    pub(super) fn attached(&mut self) {
        self.began = None;
        self.reported = None;
    }

    /// Whether an error differs from the one that was reported last.
    pub(super) fn is_news(&mut self, words: &str) -> bool {
        let is_news = self.reported.as_deref() != Some(words);
        if is_news {
            self.reported = Some(words.to_owned());
        }
        is_news
    }

    /// Whether an error is final instead of retried. A first attachment is tried for a limited time, and not at all if
    /// the server does not exist.
    pub(super) fn gives_up(&self, error: &Error, is_known: bool, limit: Duration, now: Now) -> bool {
        let is_not_there = error.is_not_there() && !is_known;
        self.began.is_some_and(|began| is_not_there || now.monotonic.saturating_sub(began) >= limit)
    }

    /// How long a first attachment is still tried; none once it has attached.
    pub(super) fn patience(&self, limit: Duration, now: Now) -> Option<Duration> {
        Some((self.began? + limit).saturating_sub(now.monotonic))
    }

    /// Whether permanent errors are final.
    pub(super) fn may_give_up(&self) -> bool {
        self.began.is_some()
    }

    /// The pause after a failure.
    pub(super) fn pause(&mut self, now: Now) -> Duration {
        if self.failed.is_some_and(|failed| now.monotonic > failed + FORGIVEN) {
            self.reset();
        }
        self.failed = Some(now.monotonic);
        self.pauses.next().unwrap_or(LONGEST).mul_f64(self.factor)
    }

    /// The server answers again.
    pub(super) fn reset(&mut self) {
        self.pauses = self.builder.build();
    }

    /// The server reported that the last recorded version is compacted.
    pub(super) fn forgotten(&mut self) {
        self.forgotten += 1;
    }

    /// A stream delivered something.
    pub(super) fn progressed(&mut self) {
        self.forgotten = 0;
    }

    /// A server that repeatedly reports its own list's version as compacted is not asked in a hot loop.
    pub(super) fn is_forgetful(&self) -> bool {
        self.forgotten > 1
    }
}
