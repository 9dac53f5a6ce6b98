//! The times of which the answers of a server say nothing: before the first one, and while a resource is not served.

use super::super::clock::Now;
use super::super::settings::{Past as Requested, Resume};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::time::Duration;

/// The time before the first answer that the recording is to cover.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before {
    /// None of it.
    Unasked,
    /// The past since a moment.
    Asked(Timestamp),
    /// The time since an earlier recorder found that the resource is not served, for the last time.
    Left(Timestamp),
}

impl Before {
    /// What an earlier recorder left, or what is asked for.
    pub(super) fn of(resume: &Resume, asked: Requested) -> Self {
        match (resume.past, asked) {
            (Some(at), _) => Self::Left(at),
            (None, Requested::Since(since)) => Self::Asked(since),
            (None, Requested::Beginnings | Requested::Unseen) => Self::Unasked,
        }
    }
}

/// The longest time between two answers that a resource is not served after which it is not known to have been so all
/// the time.
const UNASKED: Duration = Duration::from_secs(3);

/// A time during which a resource is not served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Absence {
    /// When that was recorded.
    pub since: Timestamp,
    /// The last answer.
    last: Now,
    /// From the first to the last time at which it was not asked for long enough.
    pub unasked: Option<(Timestamp, Timestamp)>,
}

impl Absence {
    /// It begins with an answer.
    pub(super) fn begin(now: Now) -> Self {
        Self { since: now.stamp.at, last: now, unasked: None }
    }

    /// Another answer that it is not served: it may have been, if the last one is long ago.
    pub(super) fn answered(&mut self, now: Now) {
        if now.monotonic.saturating_sub(self.last.monotonic) > UNASKED {
            let from = self.unasked.map_or(self.last.stamp.at, |(from, _)| from);
            self.unasked = Some((from.min(now.stamp.at), now.stamp.at));
        }
        self.last = now;
    }
}

/// Where the resource is served, if not in the version of the watch.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    /// When the last list was requested that was answered with "not served".
    pub(super) not_served: Option<Timestamp>,
    /// The version that serves it, and since when nothing is known of its objects.
    pub(super) found: Option<(SmolStr, Timestamp)>,
}

impl Elsewhere {
    /// The stream is followed again; what was missed is read from it or from history.
    pub(super) fn is_over(&mut self) {
        *self = Self::default();
    }
}
