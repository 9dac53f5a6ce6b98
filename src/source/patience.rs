//! How long the requests before the first list wait for a server that answers with temporary errors: together, no longer
//! than `--request-timeout`.

use super::causes::causes;
use super::cluster::Cluster;
use super::decode::get;
use super::error::Error;
use super::query;
use super::request_error::{About, RequestError};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How often a request is tried after temporary errors.
const ATTEMPTS: u32 = 4;
/// The first pause between attempts; it doubles.
const PAUSE: Duration = Duration::from_millis(300);
/// The longest pause that a server may request.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// After this long without a request, earlier errors do not count.
const FORGIVEN: Duration = Duration::from_mins(1);

/// Since when a server answers with nothing but temporary errors.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// The first error and the last one.
    failing: Option<(Duration, Duration)>,
}

impl Patience {
    /// Notes a temporary error; true for the first one.
    pub(super) fn failed(&mut self, limit: Duration, now: Duration) -> bool {
        let since = self.since(limit, now);
        self.failing = Some((since.unwrap_or(now), now));
        since.is_none()
    }

    /// Notes any other answer.
    pub(super) fn answered(&mut self) {
        self.failing = None;
    }

    /// How long the server is still waited for.
    pub(super) fn left(&self, limit: Duration, now: Duration) -> Duration {
        limit.saturating_sub(self.since(limit, now).map_or(Duration::ZERO, |since| now.saturating_sub(since)))
    }

    /// The first error; none if nothing was asked for so long that it is over.
    fn since(&self, limit: Duration, now: Duration) -> Option<Duration> {
        let (since, last) = self.failing?;
        // A pause and a request may lie between two errors.
        (now.saturating_sub(last) <= 2 * limit + FORGIVEN).then_some(since)
    }
}

/// Sends a GET and decodes the response. Temporary errors are retried a few times, with what is left of the patience.
pub(super) async fn get_patiently<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Result<T, RequestError> {
    let (mut attempts, mut pause) = (1, PAUSE);
    loop {
        let (after, error) = match get(cluster, "get", About::Path(path), path, query::JSON).await {
            Err(RequestError::Passing { after, error })
                if !error.is_not_there() && !matches!(error, Error::Timeout { .. } | Error::Answer { .. }) =>
            {
                (after, error)
            }
            answer => return answer,
        };
        let is_news = cluster.failed();
        let left = cluster.patience();
        if attempts == ATTEMPTS || left.is_zero() {
            return Err(RequestError::Passing { after, error });
        }
        let wait = after.unwrap_or_default().clamp(pause, LONGEST_PAUSE).min(left);
        let words = message(&error, after, wait);
        if is_news {
            tracing::warn!("{words}");
        } else {
            tracing::info!("{words}");
        }
        tokio::time::sleep(wait).await;
        (attempts, pause) = (attempts + 1, pause * 2);
    }
}

fn message(error: &Error, after: Option<Duration>, wait: Duration) -> String {
    let (words, wait) = (causes(error), wait.as_secs_f64());
    match after {
        Some(after) if after.as_secs_f64() > wait => {
            let asked = after.as_secs();
            format!("{words}; it asks for a pause of {asked} s, and is asked again in {wait:.1} s")
        }
        _ => format!("{words}; it is asked again in {wait:.1} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_waited_for_once_and_not_for_every_request() {
        let (mut patience, second) = (Patience::default(), Duration::from_secs(1));
        let limit = 10 * second;
        assert_eq!(patience.left(limit, 100 * second), limit);
        assert!(patience.failed(limit, 100 * second));
        assert!(!patience.failed(limit, 104 * second));
        assert_eq!(patience.left(limit, 107 * second), 3 * second);
        assert!(!patience.failed(limit, 111 * second));
        assert_eq!(patience.left(limit, 111 * second), Duration::ZERO);
        // Another answer ends it, and so does a time in which nothing is asked.
        patience.answered();
        assert_eq!(patience.left(limit, 112 * second), limit);
        assert!(patience.failed(limit, 112 * second));
        assert_eq!(patience.left(limit, 132 * second), Duration::ZERO);
        assert_eq!(patience.left(limit, 193 * second), limit);
        assert!(patience.failed(limit, 193 * second));
    }
}
