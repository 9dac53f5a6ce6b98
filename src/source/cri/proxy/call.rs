//! A call while it passes: what of it is read, and when it is said.

use super::super::super::proxy::{self, Calls, OneCall};
use super::requests;
use crate::kinds::{CallProgress as Progress, CriCall as Call};
use smol_str::SmolStr;

/// Methods of CRI are words.
const METHOD: usize = 64;

impl proxy::Call for Call {
    fn name(&self) -> String {
        let parts = [&self.method, &self.pod, &self.container].into_iter().filter(|part| !part.is_empty());
        parts.map(SmolStr::as_str).collect::<Vec<_>>().join(".")
    }

    fn is_over(&self) -> bool {
        self.state.is_over()
    }

    fn cut(&mut self) {
        self.state = Progress::Dropped;
    }
}

/// A call that passes.
#[derive(Debug)]
pub(super) struct Passing(OneCall<Call>);

impl Passing {
    /// A call begins.
    pub(super) fn begin(calls: &Calls<Call>, path: &str) -> Self {
        let method = path.rsplit('/').next().unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric();
        let is_known = !method.is_empty() && method.len() <= METHOD && method.bytes().all(is_word);
        Self(calls.begin(requests::nothing(if is_known { method } else { "unknown" })))
    }

    /// The request, if it is one that is read.
    pub(super) fn is_read(&self) -> bool {
        requests::is_read(&self.0.call().method)
    }

    /// The request is whole.
    pub(super) fn requested(&mut self, message: &[u8]) {
        if self.0.is_said() || self.0.is_over() {
            return;
        }
        if !requests::read(self.0.call_mut(), message) {
            self.unread();
        }
        self.0.say();
    }

    /// The request is passed on, and what it names is not known.
    pub(super) fn unread(&self) {
        self.0.calls().unread();
    }

    /// It was answered, with a code of gRPC.
    pub(super) fn answered(&mut self, code: Option<&str>) {
        if self.0.is_over() {
            return;
        }
        if !self.0.is_said() {
            self.requested(&[]);
        }
        let call = self.0.call_mut();
        call.state = match code {
            Some("0") => Progress::Answered,
            Some(code) => {
                call.code = SmolStr::new_static(requests::code(code));
                Progress::Refused
            }
            None => Progress::Dropped,
        };
        self.0.say();
    }
}
