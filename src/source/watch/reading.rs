//! Reads an open stream: chunks become observations, in the server's order, each exactly once.

use super::super::lines::TooLong;
use super::super::request_error::{RequestError, judge};
use super::action::Action;
use super::beside::Beside;
use super::check::Check;
use super::doubt::Doubt;
use super::fence::Fence;
use super::machine::Machine;
use super::meeting::Meeting;
use super::recognition::{Recognition, Sign};
use super::recorded::Recorded;
use super::state::{Reading, State, Then};
use crate::observation::{
    Capture, Change, Envelope, GapReason, Object, Observation, Payload, ResourceVersion, Stamp, StatusError,
    Undecodable, decode_event,
};
use bytes::Bytes;
use http::StatusCode;
use smol_str::SmolStr;
use std::ops::ControlFlow;

/// Why a stream ends, as found in the stream itself.
#[derive(Debug)]
enum End {
    /// The server ended the stream with an error.
    Refused(RequestError),
    /// An event is contradictory: something was lost before it.
    Contradicted(Doubt),
    /// An event is of another storage than the recorded one.
    Other(Doubt),
    /// A line may be of another storage.
    Unproven,
    /// An event could not be decoded: its content must be found otherwise.
    Undecodable,
}

impl Machine {
    /// Handles bytes of the stream.
    pub(super) fn received(&mut self, mut reading: Reading, stamp: Stamp, bytes: Bytes) -> State {
        reading.heard = self.now.monotonic;
        let mut batch = Vec::new();
        let mut end = None;
        let before = self.recorded.version();
        let was_known = self.knows_storage();
        let Reading { lines, progressed, .. } = &mut reading;
        let mut decoder = Decoder {
            recorded: &mut self.recorded,
            fence: self.fence.as_mut(),
            proof: self.proof.fence(),
            check: self.check.as_mut(),
            recognition: self.recognition.as_mut(),
            capture: self.config.capture,
            stamp,
            progressed,
            batch: &mut batch,
        };
        let pushed = lines.push(bytes, |line| {
            if end.is_none() {
                end = decoder.line(line);
            }
        });
        if let (Err(TooLong), None) = (pushed, &end) {
            end = Some(decoder.too_long());
        }
        if reading.progressed {
            self.retry.progressed();
        }
        if !was_known && self.knows_storage() {
            self.recognized_now(stamp);
            self.check.iter_mut().for_each(|check| check.reopened(self.now.monotonic));
        }
        if self.recognized() {
            self.recognized_now(stamp);
        }
        if let Some(check) = &mut self.check
            && *self.recorded.position().version().unwrap_or(&before) != before
        {
            check.heard(self.now.monotonic);
        }
        if end.is_some()
            || batch.iter().any(|line| matches!(line.payload, Payload::Object(_) | Payload::Undecodable(_)))
        {
            let said = self.beside.as_mut().and_then(Beside::holds);
            said.into_iter().for_each(|line| self.act(Action::Send(vec![line])));
        }
        if self.recorded.watch.can_be_left() {
            let deleted = self.held.ask(batch, self.now.monotonic);
            if !deleted.is_empty() {
                self.act(Action::ConfirmDeletions(deleted));
            }
            self.release();
        } else {
            self.send(batch);
        }
        if end.is_none() && self.recognition.as_ref().is_some_and(Recognition::is_skipped) {
            self.asks_history_instead();
            self.recognizes();
        }
        self.take(reading, end)
    }

    /// Handles the end of the stream, which the server closed or which broke. A line that was cut off was not delivered,
    /// so the server sends it again.
    pub(super) fn ended(&mut self, reading: &Reading, mut why: String, is_closed: bool) -> State {
        if reading.lines.is_torn() {
            why.push_str(" in the middle of an event");
        }
        self.act(Action::CloseWatch);
        self.report_end(&why, is_closed);
        self.interruption = Some(why);
        let pause = if reading.progressed {
            self.retry.reset();
            self.config.pace.resume_after
        } else {
            self.retry.pause(self.now)
        };
        self.pause(pause, Then::Watch)
    }

    /// Handles a contradiction: a list shows the present state.
    pub(super) fn doubted(&mut self, reason: GapReason, doubt: Doubt) -> State {
        self.act(Action::Warn(match reason {
            GapReason::StorageUnproven => doubt.why.clone(),
            _ => format!("the server contradicts itself: {}", doubt.why),
        }));
        self.interruption = Some(doubt.why.clone());
        self.recorded.doubt = Some(doubt);
        (self.check, self.recognition) = (None, None);
        let pause = self.retry.pause(self.now);
        self.pause(pause, Then::List(Some(reason)))
    }

    fn take(&mut self, reading: Reading, end: Option<End>) -> State {
        let Some(end) = end else { return State::Following(reading) };
        self.act(Action::CloseWatch);
        match end {
            End::Refused(RequestError::Expired(_)) | End::Undecodable if self.asks_history_instead() => {
                // What cannot be decoded may have been recorded as such.
                self.recorded.withheld.clear();
                self.report_unfollowed("its history is asked for the last recorded event");
                self.open()
            }
            End::Refused(RequestError::Expired(message)) => self.expired(message),
            End::Refused(trouble) => self.troubled(trouble, Then::Watch),
            End::Contradicted(doubt) => self.doubted(GapReason::Contradicted, doubt),
            End::Other(doubt) => {
                self.forget_beside();
                self.doubted(GapReason::StorageReplaced, doubt)
            }
            End::Unproven => self.unrecognized(),
            End::Undecodable => {
                self.interruption = Some("an event could not be decoded".to_owned());
                let pause = self.retry.pause(self.now);
                self.pause(pause, Then::List(Some(GapReason::Undecodable)))
            }
        }
    }
}

/// Makes observations of the lines of a chunk.
struct Decoder<'a> {
    recorded: &'a mut Recorded,
    fence: Option<&'a mut Fence>,
    proof: Option<&'a mut Fence>,
    check: Option<&'a mut Check>,
    recognition: Option<&'a mut Recognition>,
    capture: Capture,
    stamp: Stamp,
    progressed: &'a mut bool,
    batch: &'a mut Vec<Observation>,
}

impl Decoder<'_> {
    fn line(&mut self, line: &[u8]) -> Option<End> {
        match decode_event(line, self.recorded.shape, self.capture) {
            Ok(Envelope::Object(change, object)) => return self.object(change, object),
            Ok(Envelope::Bookmark { .. }) if self.recognition.as_ref().is_some_and(|it| it.is_unproven()) => {
                return Some(End::Unproven);
            }
            // Nothing comes before the newest recorded version.
            Ok(Envelope::Bookmark { resource_version, .. })
                if self.recognition.as_ref().is_some_and(|it| it.is_awaited()) =>
            {
                self.recognition.iter_mut().for_each(|it| it.skip(&resource_version, self.recorded));
            }
            Ok(Envelope::Bookmark { resource_version, .. }) => {
                *self.progressed |= self.recognition.as_mut().is_some_and(|it| it.bookmark(&resource_version));
                let (line, is_new) = self.recorded.bookmark(self.stamp, resource_version);
                *self.progressed |= is_new;
                self.batch.push(line);
            }
            Ok(Envelope::Error(status)) => return Some(End::Refused(self.refused(status))),
            Err(error) => {
                let Recorded { id, shape, .. } = *self.recorded;
                return self.unreadable(Undecodable::new(id, line, shape, self.capture, &error));
            }
        }
        None
    }

    /// A server sends only events after a version; repeated ones are not recorded again.
    fn object(&mut self, change: Change, object: Object) -> Option<End> {
        if let ControlFlow::Break(end) = self.sign(Some(change), &object.uid, &object.resource_version) {
            return end;
        }
        match self.recorded.meets(Some(change), &object.uid, &object.resource_version) {
            Meeting::New => {}
            Meeting::Again => return None,
            Meeting::Contradiction(doubt) => return Some(End::Contradicted(doubt)),
        }
        if change == Change::Added
            && let Some(doubt) = self.recorded.is_reborn(&object)
        {
            return Some(End::Contradicted(doubt));
        }
        let not_before = self.recorded.late_since(&object.resource_version);
        self.recording(change, &object.uid, &object.resource_version);
        let what = self.recorded.seen(change, object, not_before);
        self.push(what);
        None
    }

    /// What an event says of the storage, if it is not to be recorded for that.
    fn sign(&mut self, change: Option<Change>, uid: &SmolStr, version: &ResourceVersion) -> ControlFlow<Option<End>> {
        let Some(recognition) = &mut self.recognition else { return ControlFlow::Continue(()) };
        match recognition.meets(self.recorded, change, uid, version) {
            Sign::Recorded => {
                *self.progressed = true;
                ControlFlow::Break(None)
            }
            Sign::Other(doubt) => ControlFlow::Break(Some(End::Other(doubt))),
            Sign::Unproven => ControlFlow::Break(Some(End::Unproven)),
            Sign::Nothing => ControlFlow::Continue(()),
        }
    }

    fn recording(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        *self.progressed = true;
        for fence in self.fence.iter_mut().chain(&mut self.proof) {
            fence.recorded(change, uid, version);
        }
        if let Some(check) = &mut self.check {
            check.recorded(change, uid, version);
        }
    }

    /// An event that could not be decoded. If its object and version can be read, only its subject has a gap, and the
    /// stream continues; otherwise a list must show what it may have contained.
    fn unreadable(&mut self, undecodable: Undecodable) -> Option<End> {
        let (Some(uid), Some(version)) = (&undecodable.uid, &undecodable.resource_version) else {
            let what = Payload::Undecodable(undecodable);
            self.recorded.withheld.push(Observation { stamp: self.stamp, payload: what });
            return Some(End::Undecodable);
        };
        if let ControlFlow::Break(end) = self.sign(None, uid, version) {
            return end;
        }
        match self.recorded.meets(None, uid, version) {
            Meeting::New => {}
            Meeting::Again => return None,
            Meeting::Contradiction(doubt) => return Some(End::Contradicted(doubt)),
        }
        self.recording(Change::Modified, uid, version);
        self.push(Payload::Undecodable(undecodable));
        None
    }

    /// The rest of the stream cannot be read. A list must show what it may have contained.
    fn too_long(&mut self) -> End {
        let undecodable = TooLong::undecodable(self.recorded.id);
        self.recorded.withheld.push(Observation { stamp: self.stamp, payload: Payload::Undecodable(undecodable) });
        End::Undecodable
    }

    fn refused(&self, status: StatusError) -> RequestError {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let after = status.retry_after();
        judge("watch", &self.recorded.watch, code, after, status.message)
    }

    fn push(&mut self, payload: Payload) {
        let line = self.recorded.record(self.stamp, payload);
        self.batch.push(line);
    }
}
