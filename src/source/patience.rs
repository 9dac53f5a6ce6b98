//! How long a server that answers with temporary errors is waited for before the first list: over all requests, no longer
//! than `--request-timeout`.

use std::time::Duration;

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
