//! A call while it passes: what of it is read, and when it is said.

use super::super::super::proxy::{self, Calls, OneCall};
use super::requests;
use crate::kinds::{CallProgress as Progress, CriCall as Call};
use bytes::BytesMut;
use smol_str::SmolStr;

/// Most bytes of a request that are read: more than containerd takes.
const MOST: usize = 17 << 20;
/// What precedes a message of gRPC: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// The services of CRI. The socket may have others, whose methods have names of their own.
const SERVICES: [&str; 4] = [
    "/runtime.v1.RuntimeService",
    "/runtime.v1.ImageService",
    "/runtime.v1alpha2.RuntimeService",
    "/runtime.v1alpha2.ImageService",
];

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
pub(super) struct Passing {
    call: OneCall<Call>,
    /// What of its request came, until that was read.
    request: Option<BytesMut>,
}

impl Passing {
    /// A call begins.
    pub(super) fn begin(calls: &Calls<Call>, path: &str) -> Self {
        let (service, method) = path.rsplit_once('/').unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric();
        let is_method = !method.is_empty() && method.len() <= METHOD && method.bytes().all(is_word);
        let is_known = is_method && SERVICES.contains(&service);
        let mut call = calls.begin(requests::nothing(if is_known { method } else { "unknown" }));
        let is_read = requests::is_read(&call.call().method);
        if !is_read {
            call.say();
        }
        Self { call, request: is_read.then(BytesMut::new) }
    }

    /// Some of the request came, or the rest of it.
    pub(super) fn requested(&mut self, data: &[u8], is_whole: bool) {
        let Some(request) = &mut self.request else { return };
        request.extend_from_slice(data);
        let is_read = match message(request) {
            Ok(Some(message)) => requests::read(self.call.call_mut(), message),
            Ok(None) if !is_whole => return,
            // It is broken off, or compressed, or too long.
            Ok(None) | Err(Unread) => false,
        };
        if !is_read {
            self.call.calls().unread();
        }
        self.request = None;
        self.call.say();
    }

    /// It was answered, with a code of gRPC.
    pub(super) fn answered(&mut self, code: &str) {
        self.requested(&[], true);
        let call = self.call.call_mut();
        let is_ok = code.parse() == Ok(0);
        call.state = if is_ok { Progress::Answered } else { Progress::Refused };
        if call.state == Progress::Refused {
            call.code = SmolStr::new_static(requests::code(code));
        }
        self.call.say();
    }

    /// Its client gave it up.
    pub(super) fn give_up(&mut self) {
        self.requested(&[], true);
        self.call.drop_it();
    }

    /// Its answer cannot be read, or came when it was given up.
    pub(super) fn lose(&mut self, why: &'static str) {
        self.requested(&[], true);
        self.call.lose(why);
    }
}

impl Drop for Passing {
    /// One whose request never came whole may have named anything.
    fn drop(&mut self) {
        self.requested(&[], true);
    }
}

/// A message that is compressed or too long.
struct Unread;

/// The message of a request, if it is whole.
fn message(request: &[u8]) -> Result<Option<&[u8]>, Unread> {
    let Some((prefix, message)) = request.split_at_checked(PREFIX) else { return Ok(None) };
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
    match usize::try_from(length) {
        Ok(length) if prefix[0] == 0 && length <= MOST => Ok(message.get(..length)),
        _ => Err(Unread),
    }
}
