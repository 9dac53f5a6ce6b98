//! Reading an open stream: chunks into observations, in the server's order, each exactly once.

use super::super::lines::Lines;
use super::super::request_error::{RequestError, judge};
use super::action::Action;
use super::fence::Fence;
use super::machine::{Machine, State, Then};
use super::recorded::Recorded;
use crate::observation::{
    Capture, Change, Envelope, GapReason, Object, Observation, Payload, ResourceVersion, Stamp, StatusError,
    Undecodable, decode_event,
};
use bytes::Bytes;
use http::StatusCode;
use std::time::Duration;

/// How far a stream was read.
#[derive(Debug)]
pub struct Reading {
    /// Where it began.
    pub from: ResourceVersion,
    lines: Lines,
    /// It has delivered something new.
    progressed: bool,
    /// When it began, or delivered anything last.
    pub heard: Duration,
    /// Lines with deletions that are being confirmed, and how the stream ended with them.
    pub held: Option<Held>,
}

/// Lines that are not recorded yet.
#[derive(Debug)]
pub struct Held {
    pub lines: Vec<Observation>,
    end: Option<End>,
}

/// What ends a stream, said in it.
#[derive(Debug)]
enum End {
    /// The server will not go on.
    Refused(RequestError),
    /// An event could not be decoded: what it said has to be found out otherwise.
    Undecodable,
}

impl Reading {
    pub fn new(from: ResourceVersion, now: Duration) -> Self {
        Self { from, lines: Lines::default(), progressed: false, heard: now, held: None }
    }
}

impl Machine {
    /// Bytes of the stream.
    pub(super) fn received(&mut self, mut reading: Reading, stamp: Stamp, bytes: Bytes) -> State {
        reading.heard = self.now.monotonic;
        if let Some(fence) = &mut self.fence {
            fence.heard(self.now.monotonic);
        }
        let mut batch = Vec::new();
        let mut end = None;
        let Reading { lines, progressed, .. } = &mut reading;
        let mut decoder = Decoder {
            recorded: &mut self.recorded,
            fence: self.fence.as_mut(),
            capture: self.config.capture,
            stamp,
            progressed,
            batch: &mut batch,
        };
        lines.push(bytes, |line| {
            if end.is_none() {
                end = decoder.line(line);
            }
        });
        if reading.progressed {
            self.retry.progressed();
        }
        let deleted = if self.recorded.watch.can_be_left() { deleted(&batch) } else { Vec::new() };
        if deleted.is_empty() {
            return self.take(reading, batch, end);
        }
        self.act(Action::ConfirmDeletions(deleted));
        reading.held = Some(Held { lines: batch, end });
        State::Following(reading)
    }

    /// Whether the deleted objects of the held lines are gone, in their order.
    pub(super) fn confirmed(&mut self, mut reading: Reading, gone: Vec<bool>) -> State {
        let Some(Held { mut lines, end }) = reading.held.take() else { return State::Following(reading) };
        let mut gone = gone.into_iter();
        for line in &mut lines {
            if let Payload::Object(seen) = &mut line.payload
                && seen.change == Change::Deleted
            {
                seen.confirmed = gone.next().unwrap_or(false);
            }
        }
        self.take(reading, lines, end)
    }

    /// The stream ended by itself. A line that was cut off was never delivered: the server sends it again.
    pub(super) fn ended(&mut self, reading: &Reading, mut why: String) -> State {
        if reading.lines.is_torn() {
            why.push_str(" in the middle of an event");
        }
        self.act(Action::CloseWatch);
        self.interruption = Some(why);
        let pause = if reading.progressed {
            self.retry.reset();
            self.config.pace.resume_after
        } else {
            self.retry.pause(self.now)
        };
        self.pause(pause, Then::Watch)
    }

    fn take(&mut self, reading: Reading, lines: Vec<Observation>, end: Option<End>) -> State {
        self.send(lines);
        let Some(end) = end else { return State::Following(reading) };
        self.act(Action::CloseWatch);
        match end {
            End::Refused(RequestError::Expired(message)) => self.expired(message),
            End::Refused(trouble) => self.troubled(trouble, Then::Watch),
            End::Undecodable => {
                self.interruption = Some("an event could not be decoded".to_owned());
                let pause = self.retry.pause(self.now);
                self.pause(pause, Then::List(Some(GapReason::Undecodable)))
            }
        }
    }
}

fn deleted(batch: &[Observation]) -> Vec<Object> {
    let of = |line: &Observation| match &line.payload {
        Payload::Object(seen) if seen.change == Change::Deleted => Some(seen.object.clone()),
        _ => None,
    };
    batch.iter().filter_map(of).collect()
}

/// Makes observations of the lines of a chunk.
struct Decoder<'a> {
    recorded: &'a mut Recorded,
    fence: Option<&'a mut Fence>,
    capture: Capture,
    stamp: Stamp,
    progressed: &'a mut bool,
    batch: &'a mut Vec<Observation>,
}

impl Decoder<'_> {
    fn line(&mut self, line: &[u8]) -> Option<End> {
        match decode_event(line, self.recorded.shape, self.capture) {
            Ok(Envelope::Object(change, object)) => self.object(change, object),
            Ok(Envelope::Bookmark { resource_version, .. }) => {
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

    /// A server sends events after a version only; one that it sends again is not recorded again.
    fn object(&mut self, change: Change, object: Object) {
        if self.recorded.position().covers(&object.resource_version) {
            return;
        }
        *self.progressed = true;
        let not_before = self.recorded.late_since(&object.resource_version);
        if let Some(fence) = &mut self.fence {
            fence.recorded(change, &object.uid, &object.resource_version);
        }
        let what = self.recorded.seen(change, object, not_before);
        self.push(what);
    }

    /// An event that could not be decoded. If it can be told whose it is and in which version, its subject alone has a
    /// gap, and the stream goes on behind it; else a list has to tell what it may have said.
    fn unreadable(&mut self, undecodable: Undecodable) -> Option<End> {
        let (Some(uid), Some(version)) = (&undecodable.uid, &undecodable.resource_version) else {
            let what = Payload::Undecodable(undecodable);
            self.recorded.withheld.push(Observation { stamp: self.stamp, payload: what });
            return Some(End::Undecodable);
        };
        if self.recorded.position().covers(version) {
            return None;
        }
        *self.progressed = true;
        if let Some(fence) = &mut self.fence {
            fence.recorded(Change::Modified, uid, version);
        }
        self.push(Payload::Undecodable(undecodable));
        None
    }

    fn refused(&self, status: StatusError) -> RequestError {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        judge("watch", &self.recorded.watch, code, None, status.message)
    }

    fn push(&mut self, payload: Payload) {
        let line = self.recorded.tell(self.stamp, payload);
        self.batch.push(line);
    }
}
