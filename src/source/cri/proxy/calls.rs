//! The calls that pass through, without I/O: what of them is recorded, in the order in which they were seen.

use super::super::super::clock::Clock;
use super::requests;
use crate::kinds::{CriCall as Call, CriProgress as Progress};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How many lines are kept until they are recorded; what does not fit is lost, and that is a gap.
const MOST: usize = 50_000;
/// Methods of CRI are words.
const METHOD: usize = 64;

/// A line that is due.
#[derive(Debug)]
pub(super) struct Seen {
    /// When it was seen.
    pub at: Timestamp,
    /// Which call.
    pub number: u64,
    /// Its name.
    pub name: SmolStr,
    /// What is known of it.
    pub call: Call,
}

/// The calls of all connections.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    all: Arc<Mutex<All>>,
    woken: Arc<Notify>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct All {
    last: u64,
    /// Those that are not over.
    open: usize,
    due: Vec<Seen>,
    is_full: bool,
    /// A request was passed on, and could not be read.
    is_unread: bool,
}

/// What was taken of the calls.
#[derive(Debug)]
pub(super) struct Taken {
    /// The lines that are due.
    pub seen: Vec<Seen>,
    /// Others were lost.
    pub is_full: bool,
    /// What a request names is not known.
    pub is_unread: bool,
}

impl Calls {
    /// The calls after one of this number.
    pub(super) fn after(last: u64, clock: Clock) -> Self {
        let all = Arc::new(Mutex::new(All { last, ..All::default() }));
        Self { all, woken: Arc::default(), clock }
    }

    /// How many are not over.
    pub(super) fn open(&self) -> usize {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).open
    }

    /// What was seen since the last time, and whether something was lost.
    pub(super) fn take(&self) -> Taken {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let All { due, is_full, is_unread, .. } = &mut *all;
        let (seen, is_full, is_unread) = (std::mem::take(due), std::mem::take(is_full), std::mem::take(is_unread));
        Taken { seen, is_full, is_unread }
    }

    /// Waits until there is something to take.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// A call begins.
    pub(super) fn begin(&self, path: &str) -> OneCall {
        let method = path.rsplit('/').next().unwrap_or_default();
        let is_word = |byte: u8| byte.is_ascii_alphanumeric();
        let is_known = !method.is_empty() && method.len() <= METHOD && method.bytes().all(is_word);
        let method = if is_known { method } else { "unknown" };
        let number = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            all.last += 1;
            all.open += 1;
            all.last
        };
        let name = format_smolstr!("{method}.{number}");
        let call = requests::nothing(method);
        OneCall { calls: self.clone(), number, name, call, is_said: false }
    }

    fn push(&self, seen: Seen) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.open -= usize::from(seen.call.state != Progress::Calling);
        if all.due.len() < MOST {
            all.due.push(seen);
        } else {
            all.is_full = true;
        }
        drop(all);
        self.woken.notify_one();
    }
}

/// One call. Dropping it before it was answered says that it was not.
#[derive(Debug)]
pub(super) struct OneCall {
    calls: Calls,
    number: u64,
    name: SmolStr,
    call: Call,
    /// That it was called has been said.
    is_said: bool,
}

impl OneCall {
    /// The request, if it is one that is read.
    pub(super) fn is_read(&self) -> bool {
        requests::is_read(&self.call.method)
    }

    /// The request is whole.
    pub(super) fn requested(&mut self, message: &[u8]) {
        if self.is_said || self.is_over() {
            return;
        }
        if !requests::read(&mut self.call, message) {
            self.unread();
        }
        let Call { method, pod, container, .. } = &self.call;
        let parts = [method, pod, container].into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.map(SmolStr::as_str).collect();
        self.name = format_smolstr!("{}.{}", parts.join("."), self.number);
        self.say();
    }

    /// The request is passed on, and what it names is not known.
    pub(super) fn unread(&self) {
        self.calls.all.lock().unwrap_or_else(PoisonError::into_inner).is_unread = true;
    }

    /// It was answered, with a code of gRPC.
    pub(super) fn answered(&mut self, code: Option<&str>) {
        if self.is_over() {
            return;
        }
        if !self.is_said {
            self.requested(&[]);
        }
        self.call.state = match code {
            Some("0") => Progress::Answered,
            Some(code) => {
                self.call.code = SmolStr::new_static(requests::code(code));
                Progress::Refused
            }
            None => Progress::Dropped,
        };
        self.say();
    }

    fn is_over(&self) -> bool {
        self.call.state != Progress::Calling
    }

    fn say(&mut self) {
        self.is_said = true;
        let at = self.calls.clock.now().at;
        let Self { number, name, call, .. } = self;
        self.calls.push(Seen { at, number: *number, name: name.clone(), call: call.clone() });
    }
}

impl Drop for OneCall {
    fn drop(&mut self) {
        self.answered(None);
    }
}
