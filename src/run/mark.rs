//! Marks: named instants that a test writes between the lines of the streams.
//!
//! A mark is stamped with the time of its request. What the streams received before that time may not have reached the
//! file yet, so a mark waits until a later line comes, or none has come for a while: then it is placed between the
//! lines before and after it by time.

use crate::observation::{Observation, Payload, Stamp};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;

/// The longest name of a mark from outside, in bytes.
pub(crate) const LONGEST_NAME: usize = 1024;
/// How long a mark waits for earlier lines when nothing comes.
pub(super) const HOLD: Duration = Duration::from_millis(50);
/// The longest wait while only earlier lines come.
const LONGEST: Duration = Duration::from_secs(1);

/// A requested mark.
pub(super) struct Mark {
    /// The time of the request.
    pub stamp: Stamp,
    /// The name of the mark.
    pub name: String,
    /// Notified once the mark is written.
    pub recorded: oneshot::Sender<()>,
}

impl Mark {
    /// The line, and the channel to notify.
    pub(super) fn line(self) -> (Observation, oneshot::Sender<()>) {
        (Observation { stamp: self.stamp, payload: Payload::Mark { name: self.name } }, self.recorded)
    }
}

/// Marks that wait for their place, earliest first.
#[derive(Default)]
pub(super) struct Marks(VecDeque<Mark>);

impl Marks {
    pub(super) fn push(&mut self, mark: Mark) {
        let at = self.0.partition_point(|known| known.stamp.elapsed <= mark.stamp.elapsed);
        self.0.insert(at, mark);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next mark that belongs before a line with this stamp.
    pub(super) fn before(&mut self, stamp: Stamp) -> Option<Mark> {
        self.0.pop_front_if(|mark| mark.stamp.elapsed < stamp.elapsed)
    }

    /// The next mark that has waited long enough; `idle` says that no line has come meanwhile.
    pub(super) fn due(&mut self, now: Duration, idle: bool) -> Option<Mark> {
        let bound = if idle { HOLD } else { LONGEST };
        self.0.pop_front_if(|mark| now.saturating_sub(mark.stamp.elapsed) >= bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Stamp {
        Stamp { at: jiff::Timestamp::UNIX_EPOCH, elapsed: Duration::from_millis(milliseconds) }
    }

    fn mark(milliseconds: u64) -> Mark {
        Mark { stamp: at(milliseconds), name: milliseconds.to_string(), recorded: oneshot::channel().0 }
    }

    #[test]
    fn marks_wait_for_a_line_that_is_later_or_for_silence() {
        let mut marks = Marks::default();
        marks.push(mark(30));
        marks.push(mark(20));
        assert!(marks.before(at(20)).is_none(), "a line of the same moment may have others behind it");
        assert_eq!(marks.before(at(25)).expect("the earlier one").name, "20");
        assert!(marks.before(at(25)).is_none());
        assert!(marks.due(Duration::from_millis(79), true).is_none());
        assert!(marks.due(Duration::from_millis(80), false).is_none(), "lines of before are still coming");
        assert_eq!(marks.due(Duration::from_millis(80), true).expect("nothing comes").name, "30");
        assert!(marks.is_empty());
    }
}
