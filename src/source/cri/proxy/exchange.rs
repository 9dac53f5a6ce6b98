//! What passes on a connection of gRPC, read along without I/O.

use super::super::super::proxy::{Calls, Exchange, NOT_READ};
use super::call::Passing;
use super::frames::{Frames, Unreadable};
use crate::kinds::CriCall as Call;
use h2::frame::{Frame, Headers, StreamId};
use std::collections::{HashMap, VecDeque};

/// What a client of HTTP/2 sends first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Why it is not known how a call ended that its client gave up.
const LATE: &str = "it was answered when its client had given it up";

/// How many calls that were given up are kept.
const MOST_GIVEN_UP: usize = 1_000;

/// A connection.
#[derive(Debug)]
pub(super) struct Http2 {
    calls: Calls<Call>,
    /// How much of the preface came.
    preface: usize,
    /// What comes from the client, while it can be read.
    requests: Option<Frames>,
    /// What comes from the runtime, while it can be read.
    answers: Option<Frames>,
    /// The calls that are not over.
    open: HashMap<StreamId, Passing>,
    /// The last ones that their client gave up: their answers may be on their way.
    given_up: VecDeque<(StreamId, Passing)>,
    /// The latest of those that are not kept.
    forgotten: Option<StreamId>,
    /// The client is gone.
    is_gone: bool,
}

impl Http2 {
    /// A connection on which nothing has passed.
    pub(super) fn new(calls: Calls<Call>) -> Self {
        let [requests, answers] = [Frames::new(), Frames::new()].map(Some);
        let (open, given_up) = (HashMap::new(), VecDeque::new());
        Self { calls, preface: 0, requests, answers, open, given_up, forgotten: None, is_gone: false }
    }

    fn ask(&mut self, frame: Frame) {
        match frame {
            Frame::Headers(headers) => {
                let (stream, is_whole) = (headers.stream_id(), headers.is_end_stream());
                let (pseudo, _) = headers.into_parts();
                // Those at the end of a request have no method.
                if pseudo.method.is_some() {
                    let mut call = Passing::begin(&self.calls, pseudo.path.as_deref().unwrap_or_default());
                    if self.answers.is_none() {
                        call.lose(NOT_READ);
                    }
                    self.open.insert(stream, call);
                }
                if is_whole && let Some(call) = self.open.get_mut(&stream) {
                    call.requested(&[], true);
                }
            }
            Frame::Data(data) => {
                if let Some(call) = self.open.get_mut(&data.stream_id()) {
                    call.requested(data.payload(), data.is_end_stream());
                }
            }
            Frame::Settings(settings) => {
                if let Some(answers) = &mut self.answers {
                    answers.allow(&settings);
                }
            }
            Frame::Reset(reset) => {
                if let Some(mut call) = self.open.remove(&reset.stream_id()) {
                    call.give_up();
                    self.given_up.push_back((reset.stream_id(), call));
                    if self.given_up.len() > MOST_GIVEN_UP {
                        let oldest = self.given_up.pop_front().map(|(stream, _)| stream);
                        self.forgotten = self.forgotten.max(oldest);
                    }
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, frame: Frame) {
        match frame {
            Frame::Headers(headers) => self.headers(&headers),
            Frame::Data(data) if data.is_end_stream() => drop(self.open.remove(&data.stream_id())),
            Frame::Reset(reset) => drop(self.open.remove(&reset.stream_id())),
            // Those that came later are not answered.
            Frame::GoAway(end) => self.open.retain(|stream, _| *stream <= end.last_stream_id()),
            Frame::Settings(settings) => {
                if let Some(requests) = &mut self.requests {
                    requests.allow(&settings);
                }
            }
            _ => {}
        }
    }

    /// Headers of an answer came, of which the last have its code.
    fn headers(&mut self, headers: &Headers) {
        if !headers.is_end_stream() {
            return;
        }
        let codes = headers.fields().get_all("grpc-status");
        let code = codes.iter().next_back().map(|code| code.to_str().unwrap_or_default());
        let Some(mut call) = self.open.remove(&headers.stream_id()) else {
            let stream = headers.stream_id();
            match self.given_up.iter_mut().find(|(given_up, _)| *given_up == stream) {
                Some((_, call)) => call.lose(LATE),
                // It may be any of them.
                None if Some(stream) <= self.forgotten => self.calls.unread(),
                None => {}
            }
            return;
        };
        match code {
            Some(_) if self.is_gone => call.lose(LATE),
            Some(code) => call.answered(code),
            None if headers.is_over_size() => call.lose(NOT_READ),
            // Its answer ended without one.
            None => drop(call),
        }
    }
}

/// The next frame, if it is whole; none can be read after one that is no frame.
fn next(frames: &mut Option<Frames>) -> Option<Frame> {
    let read = frames.as_mut()?.next();
    read.unwrap_or_else(|Unreadable| {
        *frames = None;
        None
    })
}

impl Exchange for Http2 {
    fn requested(&mut self, bytes: &[u8]) -> usize {
        let (begin, rest) = bytes.split_at(bytes.len().min(PREFACE.len() - self.preface));
        if !PREFACE[self.preface..].starts_with(begin) {
            self.requests = None;
        }
        self.preface += begin.len();
        if let Some(requests) = &mut self.requests {
            requests.push(rest);
        }
        while let Some(frame) = next(&mut self.requests) {
            self.ask(frame);
        }
        if self.requests.is_none() && !bytes.is_empty() {
            self.calls.unread();
        }
        bytes.len()
    }

    fn is_waiting(&self) -> bool {
        false
    }

    fn answered(&mut self, bytes: &[u8]) {
        if let Some(answers) = &mut self.answers {
            answers.push(bytes);
        }
        while let Some(frame) = next(&mut self.answers) {
            self.answer(frame);
        }
        if self.answers.is_none() {
            self.open.drain().for_each(|(_, mut call)| call.lose(NOT_READ));
        }
    }

    fn ended(&mut self) {
        self.cut();
    }

    /// What it is answered then says so with a code.
    fn asked_all(&mut self) {}

    fn left(&mut self, bytes: &[u8]) {
        self.is_gone = true;
        self.answered(bytes);
    }

    fn cut(&mut self) {
        self.open.clear();
    }
}
