//! A timeline that grows: the place in it, and what is known of the recorder. Pure.

use super::action::Action;
use super::story::Story;
use crate::replay::{Doing, Position, Speed};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// What the screen shows of a running recorder, besides its timeline.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    pub place: Place,
    /// True once every watch has delivered its initial state.
    pub is_attached: bool,
    /// The watches that are not followed, in words.
    pub outage: Option<String>,
    /// The messages, the newest first.
    pub messages: Arc<[String]>,
    /// Older entries that are no longer listed, and entries that were never received.
    pub left_out: u64,
    pub missed: u64,
    /// The file that has all of them.
    pub file: Option<Arc<str>>,
}

/// A place in a timeline that grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// The newest entry, whichever that is.
    #[default]
    Newest,
    /// A moment, after the entry of a number if there is one before it.
    At { at: Timestamp, after: Option<u64> },
}

impl Live {
    /// Where it is in a story, at a moment by the recorder's clock.
    pub(super) fn position(&self, story: &Story, now: Timestamp) -> Position {
        let steps = story.shown.len();
        let last = story.moments.last().copied().unwrap_or_default();
        let length = between(story.begin, now).max(last);
        let (at, step, doing) = match self.place {
            Place::Newest => (length, steps, Doing::Playing),
            Place::At { at, after } => {
                (between(story.begin, at), after.map_or(0, |after| story.steps_up_to(after)), Doing::Paused)
            }
        };
        Position { at: at.min(length), length, step, steps, speed: Speed::Times(1.0), doing, round: 0 }
    }

    /// Does what a key asked for.
    pub(super) fn apply(&mut self, action: Action, story: &Story, position: &Position) {
        let at = |moment: Duration| story.begin.checked_add(moment).unwrap_or(Timestamp::MAX);
        let after = |step: usize| step.checked_sub(1).and_then(|step| story.number(step));
        self.place = match action {
            Action::Quit | Action::Suspend | Action::SetSpeed(_) => return,
            Action::Resume | Action::Restart => Place::Newest,
            Action::Pause => Place::At { at: at(position.at), after: after(position.step) },
            Action::StepTo(step) => {
                let moment = step.checked_sub(1).map_or(Duration::ZERO, |step| story.moments[step]);
                Place::At { at: at(moment), after: after(step) }
            }
            Action::Seek(moment) => {
                let step = story.moments.partition_point(|of| *of <= moment);
                Place::At { at: at(moment), after: after(step) }
            }
        };
    }
}

fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
