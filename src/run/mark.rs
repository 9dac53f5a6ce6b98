//! Marks: named instants that a test writes between the lines of the streams.
//!
//! A mark bears the moment at which it was asked for. What the streams received before that moment may still be on its
//! way to the file, so a mark waits until a later line comes, or none has come for a while: then it stands between the
//! lines before it and those after it by time.

use crate::observation::{Observation, Payload, Stamp};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a mark waits for lines of before when nothing comes.
pub(super) const HOLD: Duration = Duration::from_millis(50);
/// How long it waits at most while only lines of before come.
const LONGEST: Duration = Duration::from_secs(1);

/// A mark that was asked for.
pub(super) struct Mark {
    /// When.
    pub stamp: Stamp,
    /// What it is called.
    pub name: String,
    /// Told once it is written.
    pub recorded: oneshot::Sender<()>,
}

impl Mark {
    /// Its line, and whom to notify.
    pub(super) fn line(self) -> (Observation, oneshot::Sender<()>) {
        (Observation { stamp: self.stamp, payload: Payload::Mark { name: self.name } }, self.recorded)
    }
}

/// Marks that wait for their place, the earliest first.
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

    /// The next one that belongs before a line of this stamp.
    pub(super) fn before(&mut self, stamp: Stamp) -> Option<Mark> {
        self.0.pop_front_if(|mark| mark.stamp.elapsed < stamp.elapsed)
    }

    /// The next one that has waited long enough; `idle` says that no line has come meanwhile.
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
