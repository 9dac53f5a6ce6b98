//! How a machine recognizes the storage: what it asks, and what it does with the answers.

use super::super::clock::Now;
use super::super::heal::Unknown;
use super::super::settings::LastEvent;
use super::action::Action;
use super::doubt::Doubt;
use super::machine::Machine;
use super::recognition::{Recognition, Step};
use super::state::State;
use crate::observation::{GapReason, ResourceVersion, Stamp};
use jiff::SignedDuration;
use smol_str::ToSmolStr;
use std::time::Duration;

/// Nobody puts a storage back in less under a running recorder.
const RESTORE: SignedDuration = SignedDuration::from_secs(1);
/// How often the newest version is awaited in streams that deliver nothing else.
const SOUGHT: u32 = 10;
/// How long the newest version is waited for in the stream.
const RECOGNIZED: Duration = Duration::from_secs(5);
/// How long history is waited for then. A busy server answers late, and without an answer there is a gap.
const ANSWERED: Duration = Duration::from_secs(25);
/// How often the stream may fail from before the newest version until the newest event is tried.
const FAILURES: u32 = 3;

impl Machine {
    /// Opens the stream after the last recorded version, or from where the storage is recognized.
    pub(super) fn open(&mut self) -> State {
        self.doubt_storage();
        let (from, until) = (self.opens_at(), self.within(RECOGNIZED));
        let recognition = self.recognition.as_mut().filter(|recognition| recognition.is_awaited());
        recognition.into_iter().for_each(|recognition| recognition.until = Some(until));
        self.ask(Action::OpenWatch { from });
        State::Opening(None)
    }

    fn opens_at(&self) -> ResourceVersion {
        let Some(recognition) = &self.recognition else { return self.recorded.resumes_at() };
        let before = self.recorded.last().filter(|_| recognition.is_awaited()).map(|last| last.revision - 1);
        match before {
            Some(before) => ResourceVersion::new(before.to_smolstr()),
            None if recognition.is_passed => self.recorded.resumes_at(),
            None => self.recorded.settled(),
        }
    }

    /// Begins a recognition after an outage in which the storage may have been put back. True if that is new.
    pub(super) fn doubt_storage(&mut self) -> bool {
        let through = self.recorded.version();
        let is_under_way = self.recognition.as_ref().is_some_and(|recognition| !recognition.is_known());
        let is_due = self.interruption.is_some() && through.number().is_some() && !is_under_way;
        if !is_due || !self.is_outage() {
            return false;
        }
        self.contact.is_doubted = true;
        // Version 0 would be any, and a newer one than the stream's is not known by the stream.
        let is_in_stream = |last: &&LastEvent| last.revision > 1 && Some(last.revision) <= through.number();
        // Beginning there again and again would never make progress if a server ends every stream after one event.
        let alive = self.recorded.alive();
        let before = self.contact.sought_since.filter(|(since, _)| *since == alive).map_or(0, |(_, times)| times);
        self.contact.sought_since = Some((alive, before + 1));
        let is_again = before >= SOUGHT && !self.contact.is_resumed;
        let step = match self.recorded.last() {
            Some(last) if is_in_stream(&last) && !is_again => Step::Awaited,
            Some(_) => Step::Asked,
            None => Step::Known,
        };
        self.recorded.is_doubtful = true;
        let is_passed = self.recorded.settled() == through;
        self.recognition = Some(Recognition {
            step,
            through,
            is_passed,
            until: None,
            unknown: None,
            skipped_to: None,
            failures: 0,
            is_probed: false,
        });
        if step == Step::Asked {
            self.ask_last();
        }
        true
    }

    /// The storage may have been put back since it was last known to be the recorded one.
    pub(super) fn is_outage(&self) -> bool {
        let Now { stamp, .. } = self.now;
        let is_ago = |then: Duration| stamp.elapsed.saturating_sub(then) >= RESTORE.unsigned_abs();
        self.contact.is_resumed
            || (stamp.at.duration_since(self.recorded.alive()) >= RESTORE
                && self.contact.recognized_at.is_none_or(is_ago))
    }

    /// The stream is refused from before the newest version: history is asked for that. False if it was asked for from
    /// elsewhere.
    pub(super) fn asks_history_instead(&mut self) -> bool {
        let Some(recognition) = self.recognition.as_mut().filter(|recognition| recognition.is_awaited()) else {
            return false;
        };
        (recognition.step, recognition.until) = (Step::Asked, None);
        // It would be refused again.
        self.contact.sought_since.iter_mut().for_each(|(_, times)| *times = SOUGHT);
        self.ask_last();
        true
    }

    /// The stream failed, or was not opened. If it failed from before the newest version, and repeatedly, the newest
    /// event is tried; if it fails from there, too, the server fails from anywhere.
    pub(super) fn fails_from_before(&mut self) {
        let Some(recognition) = &mut self.recognition else { return };
        match recognition.step {
            Step::Awaited => {
                recognition.failures += 1;
                if recognition.failures >= FAILURES {
                    recognition.step = Step::Probed;
                }
            }
            Step::Probed => {
                (recognition.step, recognition.failures, recognition.is_probed) = (Step::Awaited, 0, false);
            }
            Step::Asked | Step::Known => {}
        }
    }

    /// The stream was opened from the newest event because it failed from before that. True if it is to be opened from
    /// there once more, since the server may only just have come back.
    pub(super) fn is_to_be_retried(&mut self) -> bool {
        let Some(recognition) = self.recognition.as_mut().filter(|recognition| recognition.step == Step::Probed) else {
            return false;
        };
        if recognition.is_probed {
            recognition.step = Step::Asked;
            self.ask_last();
            return false;
        }
        (recognition.step, recognition.failures, recognition.is_probed) = (Step::Awaited, FAILURES - 1, true);
        true
    }

    /// The stream was opened.
    pub(super) fn recognizes(&mut self) {
        let until = self.within(RECOGNIZED);
        (self.contact.is_resumed, self.contact.is_doubted) = (false, false);
        self.recognition.iter_mut().for_each(|recognition| recognition.until = Some(until));
        self.unread_until = self.is_last_asked.then(|| self.within(ANSWERED));
        self.recognized();
    }

    /// Ends the recognition once nothing is left of it. True if it ends.
    pub(super) fn recognized(&mut self) -> bool {
        let is_over = |recognition: &mut Recognition| recognition.is_known() && recognition.is_passed;
        let is_over = self.recognition.take_if(is_over).is_some();
        self.recorded.is_doubtful &= !is_over;
        is_over
    }

    /// True unless an outage may have changed the storage. What a list shows of another one is no contradiction.
    pub(super) fn knows_storage(&self) -> bool {
        self.recognition.as_ref().is_none_or(Recognition::is_known)
    }

    /// The recorded storage was there at this time, unless what shows it may have waited for long.
    pub(super) fn recognized_now(&mut self, stamp: Stamp) {
        if !self.contact.is_held_up {
            self.contact.recognized_at = Some(stamp.elapsed);
        }
    }

    /// The version up to which the stream is known to be that of the recorded storage.
    pub(super) fn read_to(&self) -> Option<ResourceVersion> {
        let is_open = self.recognition.as_ref().is_some_and(|recognition| !recognition.is_passed);
        if is_open { Some(self.recorded.settled()) } else { self.recorded.position().version().cloned() }
    }

    /// Asks whether the storage knows what was recorded. A list need not show it: whatever is left may be as it was.
    pub(super) fn ask_last(&mut self) {
        if let Some(last) = self.recorded.last().cloned() {
            self.is_last_asked = true;
            self.act(Action::AskLast(last));
        }
    }

    /// The same after an outage, if a list follows.
    pub(super) fn ask_last_before_list(&mut self) {
        let has_asked = |recognition: &Recognition| matches!(recognition.step, Step::Asked | Step::Known);
        let has_asked = self.recognition.as_ref().is_some_and(has_asked);
        if self.is_outage() && !has_asked && !self.is_last_asked {
            self.ask_last();
        }
    }

    /// Handles the answer.
    pub(super) fn last(&mut self, state: State, is_known: Result<bool, Unknown>) -> State {
        self.read_on();
        let is_wanted = std::mem::take(&mut self.is_last_asked);
        let Some(last) = self.recorded.last().filter(|_| is_wanted) else { return state };
        let why = match is_known {
            Ok(true) => {
                self.recognition.iter_mut().for_each(|recognition| recognition.step = Step::Known);
                self.check.iter_mut().for_each(|check| check.reopened(self.now.monotonic));
                self.recognized_now(self.now.stamp);
                self.recognized();
                return state;
            }
            Ok(false) => format!("history does not know what was recorded of {} at {}", last.name, last.revision),
            Err(unknown) => {
                self.history_says_nothing(unknown);
                return state;
            }
        };
        if matches!(state, State::New(_) | State::Done) {
            return state;
        }
        self.act(Action::CloseWatch);
        self.forget_beside();
        self.doubted(GapReason::StorageReplaced, Doubt { why, since: None })
    }

    /// History does not say whether the storage is the recorded one. Nothing of its stream is recorded then; but that
    /// may begin with an error, and then a list follows anyway.
    pub(super) fn history_says_nothing(&mut self, unknown: Unknown) {
        self.read_on();
        let until = self.within(RECOGNIZED);
        if let Some(recognition) = self.recognition.as_mut().filter(|recognition| recognition.step == Step::Asked) {
            let is_skipped = recognition.skipped_to.is_some();
            let until = if is_skipped { self.now.monotonic } else { until };
            (recognition.unknown, recognition.until) = (Some(unknown), Some(until));
            self.is_last_asked = false;
        }
    }

    /// The storage is not recognized: an event or silence follows an answer of history that says nothing.
    pub(super) fn unrecognized(&mut self) -> State {
        let recognition = self.recognition.as_mut();
        let (unknown, skipped_to) =
            recognition.map_or((None, None), |found| (found.unknown.take(), found.skipped_to.take()));
        let (name, revision) = self.recorded.last().map_or(("", 0), |last| (&*last.name, last.revision));
        if let Some(read) = skipped_to {
            let why = format!("the stream was read to {read} without {name} at {revision}");
            self.forget_beside();
            return self.doubted(GapReason::StorageReplaced, Doubt { why, since: None });
        }
        let why = format!(
            "it is not known whether the storage is the recorded one: whether {name} was there at {revision} is not \
             known: {}",
            unknown.unwrap_or(Unknown::Stopped)
        );
        self.forget_beside();
        self.doubted(GapReason::StorageUnproven, Doubt { why, since: None })
    }

    /// The stream has not delivered the newest version in time, or was not even opened.
    pub(super) fn wake_recognition(&mut self, state: State) -> State {
        let now = self.now.monotonic;
        let is_late = self.recognition.as_ref().and_then(Recognition::wakes_at).is_some_and(|until| until <= now);
        if let (true, State::Opening(None), Some(recognition)) = (is_late, &state, &mut self.recognition)
            && recognition.is_awaited()
        {
            recognition.step = Step::Probed;
            return self.open();
        }
        if !is_late || !matches!(state, State::Following(_)) {
            return state;
        }
        self.act(Action::CloseWatch);
        if self.asks_history_instead() { self.open() } else { self.unrecognized() }
    }

    /// The end of a wait that begins now. It leaves a fence half of its time.
    fn within(&self, limit: Duration) -> Duration {
        let until = self.now.monotonic + limit;
        self.fence.as_ref().map_or(until, |fence| until.min(fence.half_time()))
    }
}
