//! The states of a watch, from its first list to its fence, and the step from one to the next.
//!
//! It resumes from the last recorded version, never past an event that could not be decoded, and records for every
//! interruption whether anything was lost: a reconnect, or a gap with both its ends.

use super::super::clock::Now;
use super::super::depth::Waits;
use super::super::heal::Unknown;
use super::super::pages::is_long;
use super::super::request_error::RequestError;
use super::super::settings::{Healing, Past, Resume, Timeouts};
use super::action::Action;
use super::backlog::Backlog;
use super::before::{Absence, Before, Elsewhere};
use super::beside::Beside;
use super::check::Check;
use super::fence::Fence;
use super::held::Held;
use super::input::Input;
use super::proof::Proof;
use super::recognition::{Contact, Recognition};
use super::recorded::Recorded;
use super::reported::Reported;
use super::retry::Retry;
use super::state::{Reading, State, Then};
use super::trail::Since;
use crate::observation::{Capture, GapReason, Observation, Payload, Watch, WatchId};
use jiff::Timestamp;
use std::time::Duration;

/// The configuration of a watch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Config {
    /// Which fields of objects to keep.
    pub capture: Capture,
    /// Timeouts and pauses.
    pub pace: Timeouts,
    /// Limits for reading missed versions back.
    pub healing: Healing,
    /// What to read before the first event.
    pub past: Past,
    /// How long a first attachment is tried.
    pub attach_within: Duration,
    /// The seed of the jitter.
    pub seed: u64,
}

/// One watch.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(super) config: Config,
    state: State,
    /// What was recorded of it.
    pub(super) recorded: Recorded,
    /// The fence, once it was requested.
    pub(super) fence: Option<Fence>,
    /// The proof that is requested while the watch goes on.
    pub(super) proof: Proof,
    /// The check of a resumed stream, until it is done.
    pub(super) check: Option<Check>,
    /// The recognition of the storage after an outage, until it is done.
    pub(super) recognition: Option<Recognition>,
    /// The list that waits for history.
    pub(super) beside: Option<Beside>,
    /// Lines that wait for an answer.
    pub(super) held: Held,
    /// The pauses between attempts.
    pub(super) retry: Retry,
    /// Why the stream was interrupted, until it is resumed.
    pub(super) interruption: Option<String>,
    /// What is reported of its connection.
    pub(super) reported: Reported,
    /// When the list was asked for after which the stream is opened, until it is followed; and when it was opened.
    pub(super) listed_from: Option<Now>,
    opened_at: Duration,
    /// When it was recorded that the resource is not served, while it is not.
    pub(super) absence: Option<Absence>,
    /// Where the resource is served, if not in the version of the watch.
    pub(super) elsewhere: Elsewhere,
    /// The time before the first answer that the recording is to cover.
    pub(super) before: Before,
    /// The list or stream under way was asked for after the end was.
    pub(super) is_asked_at_end: bool,
    /// The time of the step.
    pub(super) now: Now,
    /// History is asked for what was recorded last.
    pub(super) is_last_asked: bool,
    /// Until when the stream is not read, while that is not answered: if the storage was replaced, what it delivers does
    /// not follow what was recorded.
    pub(super) unread_until: Option<Duration>,
    /// When the storage was last known to be the recorded one.
    pub(super) contact: Contact,
    /// True when it was reported that versions cannot be compared.
    is_warned_of_opaque: bool,
    /// What the step wants done.
    pub(super) actions: Vec<Action>,
}

/// What an earlier recorder left unrecorded: a list after a gap, or everything, if this may be another server.
fn lost_before(resume: &Resume) -> Option<GapReason> {
    let is_known = resume.position.version().is_some() || !resume.objects.known().is_empty();
    let may_be_other = resume.is_stranger && is_known;
    let unrecorded = (may_be_other || resume.is_cut).then_some(GapReason::Unrecorded);
    resume.position.gap().map(|gap| gap.reason).or(unrecorded)
}

impl Machine {
    /// A watch that begins, or continues from `resume`.
    pub(crate) fn new(id: WatchId, watch: Watch, config: Config, resume: Resume, now: Now) -> Self {
        let before = Before::of(&resume, config.past);
        Self {
            state: State::New(lost_before(&resume)),
            recorded: Recorded::new(id, watch, resume, now),
            fence: None,
            proof: Proof::default(),
            check: None,
            recognition: None,
            beside: None,
            held: Held::default(),
            retry: Retry::new(config.pace.backoff, config.seed, now),
            interruption: None,
            reported: Reported::default(),
            listed_from: None,
            opened_at: now.monotonic,
            absence: None,
            elsewhere: Elsewhere::default(),
            before,
            is_asked_at_end: false,
            is_last_asked: false,
            unread_until: None,
            contact: Contact::default(),
            is_warned_of_opaque: false,
            config,
            now,
            actions: Vec::new(),
        }
    }

    /// Handles an input, and returns the actions. Results that are no longer wanted are ignored.
    pub(crate) fn step(&mut self, now: Now, input: Input) -> Vec<Action> {
        self.now = now;
        let state = std::mem::replace(&mut self.state, State::Done);
        if self.unread_until.is_some_and(|until| until <= now.monotonic) {
            self.history_says_nothing(Unknown::Stopped);
        }
        let state = self.take_input(state, input);
        self.release();
        let state = self.settle(state);
        self.state = self.in_time(state);
        let state = std::mem::replace(&mut self.state, State::Done);
        self.prove(&state);
        self.state = state;
        // What an open stream delivers is not read while history is asked for the storage.
        if matches!(self.state, State::Following(_)) && self.unread_until.is_none() {
            self.reported.followed();
        }
        self.reported.count(&self.actions);
        std::mem::take(&mut self.actions)
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// When the last stream was opened.
    pub(super) fn opened_at(&self) -> Duration {
        self.opened_at
    }

    /// The time at which it needs its next input.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let is_following = matches!(&self.state, State::Following(_));
        let fence = self.fence.as_ref().map(Fence::wakes_at);
        let check = self.check.as_ref().filter(|_| is_following && self.hears() && self.knows_storage());
        let check = check.and_then(|check| check.wakes_at(self.config.pace.overdue));
        let head = self.recorded.backlog.as_ref().filter(|_| is_following).and_then(Backlog::wakes_at);
        let own = match &self.state {
            State::Following(_) if self.unread_until.is_some() => self.unread_until,
            State::Following(reading) => {
                let awaited = self.recognition.as_ref().and_then(Recognition::wakes_at);
                self.hears().then(|| reading.heard + self.config.pace.idle).into_iter().chain(awaited).min()
            }
            State::Paused(until, _) => Some(*until),
            State::Opening(None) => {
                let awaited = self.recognition.as_ref().filter(|recognition| recognition.is_awaited());
                awaited.and_then(Recognition::wakes_at)
            }
            State::Done => return None,
            _ => None,
        };
        let beside = self.beside.as_ref().and_then(Beside::wakes_at);
        let proof = self.proof.wakes_at();
        own.into_iter()
            .chain(fence)
            .chain(proof)
            .chain(check)
            .chain(head)
            .chain(beside)
            .chain(self.held.wakes_at())
            .min()
    }

    /// What it waits for before the open stream is read, which waits in its queue; none while it is read.
    pub(crate) fn waits_for(&self) -> Option<Waits> {
        match self.state {
            State::Following(_) if self.unread_until.is_some() => Some(Waits::Storage),
            State::Following(_) => self.held.is_full().then_some(Waits::History),
            // Otherwise no stream is open.
            _ => Some(Waits::History),
        }
    }

    /// True while silence of an open stream is the server's.
    fn hears(&self) -> bool {
        self.unread_until.is_none() && !self.held.is_full()
    }

    /// Reads the stream again; its silence was not the server's.
    pub(super) fn read_on(&mut self) {
        if self.unread_until.take().is_some() {
            self.check.iter_mut().for_each(|check| check.reopened(self.now.monotonic));
        }
    }

    fn take_input(&mut self, state: State, input: Input) -> State {
        if matches!(input, Input::Opened(_)) {
            self.opened_at = self.now.monotonic;
        }
        match (state, input) {
            (State::New(lost), Input::Started) => self.start(lost),
            (State::Listing(lost), Input::Listed(listed)) => self.listed(lost, listed),
            (State::Opening(None), Input::Opened(opened)) => self.opened(opened),
            (State::Opening(Some(listing)), Input::Opened(opened)) => self.opened_after(listing, opened),
            (state, Input::HistoryRead(answer)) => self.history_read(state, answer),
            (State::Following(reading), Input::Received { stamp, bytes }) => {
                let state = self.received(reading, stamp, bytes);
                self.contact.is_held_up = false;
                state
            }
            (State::Following(reading), Input::Stalled(since)) => {
                self.contact.is_held_up = true;
                self.stalled(since);
                State::Following(reading)
            }
            (State::Following(reading), Input::Doubted(since)) => {
                let since = since.unwrap_or_else(|| self.recorded.alive());
                self.late_from_now_on(since, Backlog::doubted);
                State::Following(reading)
            }
            (state, Input::Doubted(_)) => {
                self.recorded.is_doubted = true;
                state
            }
            (State::Following(reading), Input::Closed(stamp)) => {
                // It was there until then. A connection that breaks may have been dead for long.
                self.recognized_now(stamp);
                self.contact.is_held_up = false;
                self.check.iter_mut().for_each(Check::closed);
                self.fails_from_before();
                self.ended(&reading, "the server closed the stream".to_owned(), true)
            }
            (State::Following(reading), Input::Broken(why)) => self.ended(&reading, why, false),
            (state, Input::Confirmed { uid, version, is_gone }) => {
                self.held.answered(&uid, &version, is_gone);
                state
            }
            (state, Input::Head(head)) => {
                self.recorded.backlog.iter_mut().for_each(|backlog| backlog.answered(head.clone()));
                let backlog = self.recorded.backlog.as_ref();
                let is_behind = backlog.is_some_and(|backlog| backlog.is_behind(&self.recorded.version()));
                if self.check.as_ref().is_some_and(Check::is_asked) && !is_behind {
                    self.act(Action::ListHeads);
                }
                state
            }
            (state, Input::Last(is_known)) => self.last(state, is_known),
            (state, Input::Heads(heads)) => self.heads(state, heads),
            (state, Input::EndProven(newest)) => {
                if let (Some(fence), Err(why)) = (&self.fence, &newest) {
                    let left = fence.deadline().saturating_sub(self.now.monotonic).as_secs();
                    self.act(Action::Warn(format!("the end is not proven yet: {why}; waiting for at most {left} s")));
                }
                let fence = self.fence.as_mut().or(self.proof.fence());
                fence.into_iter().for_each(|fence| fence.history_answered(newest.clone()));
                state
            }
            (state, Input::ProofRequested) => self.proof_requested(state),
            (state, Input::FinishRequested) => self.finish(state),
            (state, Input::Deadline) => self.wake(state),
            (state, _) => state,
        }
    }

    fn start(&mut self, lost: Option<GapReason>) -> State {
        self.request_past();
        if self.recorded.position().version().is_none() || lost.is_some() {
            return self.list(lost);
        }
        self.interruption = Some("the recorder was stopped".to_owned());
        self.contact.is_resumed = true;
        self.open()
    }

    pub(super) fn list(&mut self, lost: Option<GapReason>) -> State {
        if let Some(reason) = lost {
            self.report_list(reason);
        }
        self.ask(Action::List);
        self.listed_from = Some(self.now);
        State::Listing(lost)
    }

    /// Asks for a list or a stream, in place of what is under way.
    pub(super) fn ask(&mut self, request: Action) {
        self.is_asked_at_end = self.fence.is_some();
        self.act(request);
    }

    pub(super) fn opened(&mut self, opened: Result<(), RequestError>) -> State {
        match opened {
            // The answer took long.
            Ok(()) if !self.contact.is_doubted && self.doubt_storage() => {
                self.act(Action::CloseWatch);
                self.open()
            }
            Ok(()) if self.is_to_be_retried() => {
                self.act(Action::CloseWatch);
                self.open()
            }
            Ok(()) => self.follow(),
            Err(RequestError::Expired(_)) if self.asks_history_instead() => self.open(),
            Err(RequestError::Expired(message)) => self.expired(message),
            // It may be served again with its history; only the server can say that a version is compacted.
            Err(RequestError::NotServed) => self.absent(Then::Watch),
            Err(RequestError::ServedAs(version)) => self.served_as(version, Then::Watch),
            Err(trouble) => self.troubled(trouble, Then::Watch),
        }
    }

    fn follow(&mut self) -> State {
        self.absence = None;
        self.elsewhere.is_over();
        if self.interruption.is_some() {
            let not_before = self.recorded.alive();
            self.reconnected();
            self.recorded.backlog = Some(Backlog::new(not_before, self.now));
            self.ask_head();
            let left = Since { version: self.recorded.version(), alive: not_before, is_sure: true };
            self.check.get_or_insert_with(|| Check::new(left)).reopened(self.now.monotonic);
            self.recorded.taken_up();
        }
        let listed_from = self.listed_from.take();
        if let Some(asked) = listed_from
            && is_long(self.opened_at.saturating_sub(asked.monotonic))
        {
            // The first events of the stream may have happened since the list was made.
            self.stalled(asked.stamp.at);
        }
        if std::mem::take(&mut self.recorded.is_doubted) {
            let alive = self.recorded.alive();
            let since = listed_from.map_or(alive, |asked| alive.min(asked.stamp.at));
            self.late_from_now_on(since, Backlog::doubted);
        }
        self.attached();
        self.recognizes();
        State::Following(Reading::new(self.recorded.version(), self.now.monotonic))
    }

    /// The watch has delivered its initial state, or there is none.
    pub(super) fn attached(&mut self) {
        self.retry.attached();
        if self.is_first_awaited() {
            return;
        }
        self.fence.iter_mut().for_each(|fence| fence.granted(self.config.pace.fence));
    }

    /// Nothing was read since a moment: what comes may have waited since then, up to the collection's version now.
    fn stalled(&mut self, since: Timestamp) {
        self.late_from_now_on(since, Backlog::grow);
    }

    fn late_from_now_on(&mut self, since: Timestamp, again: impl FnOnce(Backlog, Timestamp, Now) -> Backlog) {
        let now = self.now;
        let backlog = self.recorded.backlog.take();
        self.recorded.backlog =
            Some(backlog.map_or_else(|| Backlog::new(since, now), |backlog| again(backlog, since, now)));
        self.ask_head();
    }

    /// True while it is not known up to which version what comes may have waited.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.recorded.is_doubted || self.recorded.backlog.as_ref().is_some_and(|backlog| !backlog.has_head())
    }

    /// Asks how far the backlog reaches, if that is due.
    fn ask_head(&mut self) {
        let now = self.now;
        if self.recorded.backlog.as_mut().is_some_and(|backlog| backlog.asks(now)) {
            self.act(Action::AskHead);
        }
    }

    /// Records that the stream was resumed where it was left.
    pub(super) fn reconnected(&mut self) {
        let reason = self.interruption.take().unwrap_or_else(|| "interrupted".to_owned());
        let line = self.recorded.reconnected(self.now.stamp, reason);
        self.send(vec![line]);
    }

    /// Handles the deadline.
    fn wake(&mut self, state: State) -> State {
        let now = self.now.monotonic;
        let read = self.recorded.version();
        let for_fence = self.fence.as_mut().is_some_and(|fence| fence.asks_again(now, read));
        let for_check = self.check.as_mut().is_some_and(|check| check.asks_again(now));
        if for_fence || for_check {
            self.act(Action::ListHeads);
        }
        self.ask_head();
        self.wake_beside();
        let state = self.wake_recognition(state);
        let (idle, hears) = (self.config.pace.idle, self.hears());
        match state {
            State::Paused(until, then)
                if until <= now && self.fence.as_ref().is_none_or(|fence| fence.deadline() > now) =>
            {
                self.go(then)
            }
            State::Following(reading) if hears && reading.heard + idle <= now => {
                self.ended(&reading, format!("no byte for {} s", idle.as_secs_f64()), false)
            }
            state => state,
        }
    }

    /// True when what was read is recorded, and of the recorded storage: a proof may count.
    pub(super) fn is_settled(&self) -> bool {
        self.held.is_empty() && !self.is_last_asked && self.knows_storage()
    }

    /// Checks what an open stream implies besides its events.
    fn settle(&mut self, state: State) -> State {
        let State::Following(reading) = state else { return state };
        let read = self.read_to();
        let read = read.as_ref();
        let (now, overdue) = (self.now.monotonic, self.config.pace.overdue);
        let check = self.check.as_ref().filter(|_| self.hears() && self.knows_storage());
        let failed = check.and_then(|check| check.failed(&self.recorded, now, overdue));
        if let Some(failed) = failed {
            self.act(Action::CloseWatch);
            return self.doubted(GapReason::Contradicted, failed);
        }
        let fence = self.fence.as_ref().or(self.proof.begun.as_ref().map(|(fence, _)| fence));
        let fence = fence.filter(|_| self.knows_storage());
        if let Some(failed) = fence.and_then(|fence| fence.failed(&self.recorded)) {
            self.act(Action::CloseWatch);
            return self.doubted(GapReason::Contradicted, failed);
        }
        // Not before its lines are recorded.
        let met = self.fence.as_ref().filter(|_| self.is_settled()).and_then(|fence| fence.met(read));
        if let Some(version) = met {
            return self.write_fence(version, String::new());
        }
        if let Some(tail) = self.fence.as_mut().and_then(|fence| fence.asks_history(read)) {
            self.actions.push(Action::ProveEnd(tail));
        }
        self.check.take_if(|check| check.is_met());
        if self.recorded.backlog.as_ref().is_some_and(|backlog| backlog.is_behind(&reading.from)) {
            self.interruption = Some("the server's storage went back".to_owned());
            self.act(Action::CloseWatch);
            return self.list(Some(GapReason::StorageReplaced));
        }
        State::Following(reading)
    }

    /// Warns once about what a server with incomparable versions cannot guarantee.
    pub(super) fn warn_of_opaque(&mut self, lines: &[Observation]) {
        let version = |line: &Observation| match &line.payload {
            Payload::Object(seen) => Some(seen.object.resource_version.clone()),
            Payload::Attached(attached) => Some(attached.resource_version.clone()),
            _ => None,
        };
        let opaque = lines.iter().filter_map(version).find(|version| version.number().is_none());
        let Some(opaque) = opaque.filter(|_| !self.is_warned_of_opaque) else { return };
        self.is_warned_of_opaque = true;
        let shown: String = opaque.as_str().chars().filter(char::is_ascii_graphic).take(40).collect();
        self.act(Action::Warn(format!(
            "the resourceVersions of this server are no decimal numbers (`{shown}`), so they do not compare: events are \
             recorded in the order in which they come, nothing that is lost is read back, and the end is proven only if \
             a bookmark has the very version of the last list"
        )));
    }

    pub(super) fn send(&mut self, lines: Vec<Observation>) {
        self.warn_of_opaque(&lines);
        if !self.held.is_empty() {
            self.held.follow(lines);
        } else if !lines.is_empty() {
            self.act(Action::Send(lines));
        }
    }

    /// Records the lines that need not wait any more.
    pub(super) fn release(&mut self) {
        let lines = self.held.release(self.now.monotonic);
        if !lines.is_empty() {
            self.act(Action::Send(lines));
        }
    }

    pub(super) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
