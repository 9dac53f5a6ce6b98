//! What the server had waiting when a stream was taken up again, or was not read for a while: events up to its head are
//! late.

use super::super::clock::Now;
use crate::observation::ResourceVersion;
use jiff::Timestamp;
use std::time::Duration;

/// The shortest time between two questions for the head, where the process is held up again and again.
const PAUSE: Duration = Duration::from_secs(1);
/// The same where marks are written again and again.
const SHORT_PAUSE: Duration = Duration::from_millis(100);

/// The backlog of a stream. Moments are times of the monotonic clock.
#[derive(Clone, Debug)]
pub(super) struct Backlog {
    /// Nothing of it happened before this moment, ...
    not_before: Timestamp,
    /// ... but for what is not newer than the head of an earlier backlog, which may have waited since then.
    earlier: Option<(Timestamp, ResourceVersion)>,
    /// When the head was asked for last, if it was.
    asked: Option<Now>,
    head: Head,
}

#[derive(Clone, Debug)]
enum Head {
    /// It is asked for at this moment.
    Due(Duration),
    Asked,
    Known(ResourceVersion),
    /// The request failed: everything is late until the next bookmark.
    Unknown,
}

impl Backlog {
    /// A backlog whose end is still to be asked for.
    pub(super) fn new(not_before: Timestamp, now: Now) -> Self {
        Self { not_before, earlier: None, asked: None, head: Head::Due(now.monotonic) }
    }

    /// The stream was not read since a moment, once more.
    pub(super) fn grow(self, since: Timestamp, now: Now) -> Self {
        self.again(since, now, PAUSE)
    }

    /// What comes may have happened since a moment, once more: as long as the head is not known, the order is not, too.
    pub(super) fn doubted(self, since: Timestamp, now: Now) -> Self {
        self.again(since, now, SHORT_PAUSE)
    }

    fn again(mut self, since: Timestamp, now: Now, pause: Duration) -> Self {
        let due = self.asked.map_or(now.monotonic, |asked| now.monotonic.max(asked.monotonic + pause));
        if let Head::Known(head) = std::mem::replace(&mut self.head, Head::Due(due)) {
            self.answer(head);
        }
        self.not_before = self.not_before.min(since);
        self
    }

    /// What is newer than a head came to be after that was asked for.
    fn answer(&mut self, head: ResourceVersion) {
        let since = self.earlier.take().map_or(self.not_before, |(since, _)| since);
        self.earlier = Some((since, head));
        self.not_before = self.asked.map_or(self.not_before, |asked| self.not_before.max(asked.stamp.at));
    }

    /// Whether the head is to be asked for now; who gets true asks.
    pub(super) fn asks(&mut self, now: Now) -> bool {
        let is_due = matches!(self.head, Head::Due(at) if at <= now.monotonic);
        if is_due {
            (self.head, self.asked) = (Head::Asked, Some(now));
        }
        is_due
    }

    /// When the head is to be asked for.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        if let Head::Due(at) = self.head { Some(at) } else { None }
    }

    /// The collection's version at a time at which the stream was open.
    pub(super) fn answered(&mut self, head: Option<ResourceVersion>) {
        match (&self.head, head) {
            // It was asked for before the stream was not read once more.
            (Head::Due(_), Some(head)) => self.answer(head),
            (Head::Due(_), None) => {}
            (_, head) => self.head = head.map_or(Head::Unknown, Head::Known),
        }
    }

    /// Whether it is known how far it reaches.
    pub(super) fn has_head(&self) -> bool {
        matches!(self.head, Head::Known(_))
    }

    /// True when the collection is older than what was recorded: the storage was restored.
    pub(super) fn is_behind(&self, recorded: &ResourceVersion) -> bool {
        matches!(&self.head, Head::Known(head) if head != recorded && head.is_covered_by(recorded))
    }

    /// Since when an event of this version may have waited; none when it is not late.
    pub(super) fn late_since(&self, version: &ResourceVersion) -> Option<Timestamp> {
        if let Some((since, head)) = &self.earlier
            && version.is_covered_by(head)
        {
            return Some(*since);
        }
        let is_late = match &self.head {
            Head::Known(head) => version.is_covered_by(head),
            Head::Due(_) | Head::Asked | Head::Unknown => true,
        };
        is_late.then_some(self.not_before)
    }

    /// True when a bookmark of this version ends the backlog.
    pub(super) fn ends_at(&self, bookmark: &ResourceVersion) -> bool {
        match &self.head {
            Head::Unknown => true,
            // It was read to the head; what comes later was not waiting.
            Head::Known(head) => head.is_covered_by(bookmark),
            Head::Due(_) | Head::Asked => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Stamp;

    fn now(millis: u64) -> Now {
        let monotonic = Duration::from_millis(millis);
        Now { stamp: Stamp { at: Timestamp::UNIX_EPOCH + monotonic, elapsed: monotonic }, monotonic }
    }

    fn at(millis: u64) -> Timestamp {
        now(millis).stamp.at
    }

    fn version(text: &str) -> ResourceVersion {
        ResourceVersion::new(text)
    }

    #[test]
    fn a_process_that_is_held_up_again_and_again_asks_once_a_second_and_bounds_what_comes() {
        let mut backlog = Backlog::new(at(100), now(200));
        assert!(backlog.asks(now(200)) && !backlog.asks(now(200)));
        backlog.answered(Some(version("5")));
        assert_eq!(backlog.late_since(&version("6")), None);
        let mut backlog = backlog.grow(at(300), now(400));
        assert_eq!((backlog.asks(now(400)), backlog.wakes_at()), (false, Some(Duration::from_millis(1200))));
        // What was there when it was asked for may have waited from the beginning; what is newer came to be after that.
        assert_eq!(backlog.late_since(&version("5")), Some(at(100)));
        assert_eq!(backlog.late_since(&version("6")), Some(at(200)));
        assert!(backlog.asks(now(1200)));
        backlog.answered(Some(version("8")));
        let since = ["5", "6", "8", "9"].map(|of| backlog.late_since(&version(of)));
        assert_eq!(since, [Some(at(100)), Some(at(200)), Some(at(200)), None]);
    }

    #[test]
    fn a_bookmark_at_the_head_ends_a_backlog() {
        let mut backlog = Backlog::new(at(100), now(200));
        assert!(backlog.asks(now(200)) && !backlog.ends_at(&version("9")));
        backlog.answered(Some(version("5")));
        assert_eq!(["4", "5", "6"].map(|of| backlog.ends_at(&version(of))), [false, true, true]);
    }

    #[test]
    fn an_answer_to_an_earlier_question_does_not_end_a_later_backlog() {
        let mut backlog = Backlog::new(at(100), now(200));
        assert!(backlog.asks(now(200)));
        let mut backlog = backlog.grow(at(250), now(350));
        backlog.answered(Some(version("5")));
        assert_eq!(backlog.late_since(&version("6")), Some(at(200)));
        backlog.answered(None);
        assert_eq!(backlog.late_since(&version("6")), Some(at(200)));
    }
}
