//! What passes on a connection, read along without I/O: requests, and which answer is whose.

use super::super::super::proxy::{Calls, Exchange, NOT_READ, OneCall};
use super::answer::Content;
use super::body::{Body, MOST_HEAD};
use super::head;
use super::request;
use crate::kinds::{CallProgress as Progress, LibpodCall as Call};
use std::collections::VecDeque;

const TO_END: &str = "its answer ends with the connection: whether it is whole is not known";
const LATE: &str = "its client was gone when its answer was read: which was first is not known";
const ASKED_ALL: &str = "its client sent no more, as if it were gone: whether its answer is whole is not known";

/// A connection.
#[derive(Debug)]
pub(super) struct Http1 {
    calls: Calls<Call>,
    requests: Requests,
    answers: Answers,
    /// What was asked and not answered, in the order in which it will be.
    asked: VecDeque<Asked>,
    /// To what the connection was handed over.
    upgraded: Option<OneCall<Call>>,
    /// The client sends no more.
    has_asked_all: bool,
    /// The client is gone.
    is_gone: bool,
}

/// Where in the requests it is.
#[derive(Debug)]
enum Requests {
    Head,
    Body(Body),
    /// Nothing can be read any more.
    Unread,
}

/// Where in the answers it is.
#[derive(Debug)]
enum Answers {
    /// What of the head came.
    Head(Vec<u8>),
    Body(Body, Content),
    /// None can be read any more.
    Unread,
    /// None follows.
    Over,
}

/// A call that is not answered.
#[derive(Debug)]
struct Asked {
    call: OneCall<Call>,
    is_of_head: bool,
    may_upgrade: bool,
}

impl Http1 {
    /// A connection on which nothing has passed.
    pub(super) fn new(calls: Calls<Call>) -> Self {
        let (requests, answers) = (Requests::Head, Answers::Head(Vec::new()));
        Self { calls, requests, answers, asked: VecDeque::new(), upgraded: None, has_asked_all: false, is_gone: false }
    }

    fn ask(&mut self, request: head::Request) {
        let head::Request { method, target, body, upgrades } = request;
        let is_of_head = method == "HEAD";
        let call = request::call(&method, &target);
        let may_upgrade = upgrades || request::attaches(&call);
        let mut call = self.calls.begin(call);
        call.say();
        if matches!(self.answers, Answers::Unread) {
            call.lose(NOT_READ);
        }
        self.asked.push_back(Asked { call, is_of_head, may_upgrade });
        self.requests = match body {
            Some(body) if !body.is_over() => Requests::Body(body),
            _ => Requests::Head,
        };
    }

    /// The head of an answer came.
    fn answer(&mut self, answer: head::Answer) {
        self.answers = Answers::Head(Vec::new());
        let Some(asked) = self.asked.front_mut() else { return };
        let is_handed_over = asked.may_upgrade && answer.body == Some(Body::ToEnd) && answer.is_attached;
        match answer.code {
            101 => return self.upgrade(101),
            // Another one follows.
            ..=199 => return,
            200..=299 if is_handed_over => return self.upgrade(answer.code),
            code => asked.call.call_mut().code = Some(code),
        }
        let content = Content::of(asked.call.call(), &answer);
        self.answers = Answers::Body(answer.body.unwrap_or(Body::Length(0)), content);
        if matches!(&self.answers, Answers::Body(body, _) if body.is_over()) {
            self.end();
        }
    }

    /// An answer is whole.
    fn end(&mut self) {
        let answers = std::mem::replace(&mut self.answers, Answers::Head(Vec::new()));
        if let (Answers::Body(_, mut content), Some(Asked { mut call, .. })) = (answers, self.asked.pop_front()) {
            let mut known = call.call().clone();
            if self.is_gone {
                return call.lose(LATE);
            }
            if self.has_asked_all {
                content.doubt(ASKED_ALL);
            }
            match content.answered(&mut known) {
                Ok(()) => {
                    *call.call_mut() = known;
                    call.say();
                }
                Err(why) => call.lose(why),
            }
        }
    }

    /// From now on, the connection is no longer of HTTP.
    fn upgrade(&mut self, code: u16) {
        if self.is_gone {
            self.asked.drain(..).for_each(|Asked { mut call, .. }| call.lose(LATE));
        } else if let Some(Asked { mut call, .. }) = self.asked.pop_front() {
            (call.call_mut().state, call.call_mut().code) = (Progress::Upgraded, Some(code));
            call.say();
            self.upgraded = Some(call);
        }
        (self.requests, self.answers) = (Requests::Unread, Answers::Unread);
    }

    /// No more of an answer is read, since this is so. What it has said stands.
    fn break_off(&mut self, answers: Answers) {
        if self.has_decided() {
            self.end();
        }
        self.answers = answers;
    }

    /// True when what has come of an answer says how the call ended.
    fn has_decided(&mut self) -> bool {
        match (&mut self.answers, self.asked.front()) {
            (Answers::Body(_, content), Some(asked)) => content.is_decided(asked.call.call()),
            _ => false,
        }
    }

    /// Answers cannot be read any more.
    fn lose(&mut self) {
        self.break_off(Answers::Unread);
        self.asked.drain(..).for_each(|Asked { mut call, .. }| call.lose(NOT_READ));
    }
}

impl Exchange for Http1 {
    fn requested(&mut self, bytes: &[u8]) -> usize {
        let mut passing = 0;
        while let Some(rest) = bytes.get(passing..).filter(|rest| !rest.is_empty()) {
            if self.is_waiting() {
                return passing;
            }
            match &mut self.requests {
                Requests::Unread => {
                    if self.upgraded.is_none() {
                        self.calls.unread();
                    }
                    return bytes.len();
                }
                Requests::Body(body) => match body.take(rest, &mut |_| {}) {
                    Ok(taken) => {
                        passing += taken;
                        if body.is_over() {
                            self.requests = Requests::Head;
                        }
                    }
                    Err(_) => self.requests = Requests::Unread,
                },
                Requests::Head => match head::request(rest) {
                    Ok(Some((length, request))) => {
                        passing += length;
                        self.ask(request);
                    }
                    Ok(None) => return passing,
                    Err(_) => self.requests = Requests::Unread,
                },
            }
        }
        passing
    }

    fn is_waiting(&self) -> bool {
        matches!(self.requests, Requests::Head) && self.asked.back().is_some_and(|asked| asked.may_upgrade)
    }

    fn answered(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            match &mut self.answers {
                Answers::Unread | Answers::Over => return,
                Answers::Head(kept) => {
                    let before = kept.len();
                    kept.extend_from_slice(&bytes[..bytes.len().min(MOST_HEAD + 1)]);
                    // It is no answer to what was asked here: of a request that could not be read, or to none.
                    let Some(asked) = self.asked.front() else { return self.answers = Answers::Unread };
                    match head::answer(kept, asked.is_of_head) {
                        Ok(Some((length, answer))) => {
                            bytes = &bytes[length.saturating_sub(before)..];
                            self.answer(answer);
                        }
                        Ok(None) => return,
                        Err(_) => return self.lose(),
                    }
                }
                Answers::Body(body, content) => match body.take(bytes, &mut |bytes| content.push(bytes)) {
                    Ok(taken) => {
                        bytes = &bytes[taken..];
                        if body.is_over() {
                            self.end();
                        }
                    }
                    Err(_) => return self.lose(),
                },
            }
        }
    }

    fn ended(&mut self) {
        if let Answers::Body(Body::ToEnd, content) = &mut self.answers {
            content.doubt(TO_END);
            self.end();
        }
        self.cut();
    }

    fn asked_all(&mut self) {
        self.has_asked_all = true;
    }

    fn left(&mut self, bytes: &[u8]) {
        // What has passed stands.
        if self.has_decided() {
            self.end();
            self.is_gone = true;
            self.lose();
        } else {
            self.is_gone = true;
            self.answered(bytes);
        }
    }

    fn cut(&mut self) {
        self.break_off(Answers::Over);
        if let Some(mut call) = self.upgraded.take() {
            call.drop_it();
        }
        // Those will not be answered.
        self.asked.clear();
    }
}
