//! Lines that wait for an answer: was a deleted object deleted, or did it only leave the selection? And what does
//! history show of the time before a list?
//!
//! The stream is read meanwhile. Lines are recorded in the order in which they came, and none waits longer than a
//! bound: a deletion without an answer by then is not confirmed, and the reading of history has a bound of its own.

use crate::observation::{Change, Object, Observation, Payload, ResourceVersion};
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a deletion waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most lines that wait. Deletions then wait no longer; while history is read, the stream is not read.
const MOST: usize = 10_000;
/// Most bytes of objects that wait for history.
const MOST_BYTES: usize = 8 << 20;

/// Lines that are not recorded yet. Times are of the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Held {
    waiting: VecDeque<Waiting>,
    /// The bytes of their objects.
    bytes: usize,
}

#[derive(Debug)]
struct Waiting {
    /// None for the place of a list that waits for history.
    line: Option<Observation>,
    /// When it stops waiting; none for a line that only follows one that waits.
    until: Option<Duration>,
}

impl Held {
    /// True when nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// True while so much waits for history that the stream is not to be read.
    pub(super) fn is_full(&self) -> bool {
        (self.waiting.len() > MOST || self.bytes > MOST_BYTES) && self.list_at().is_some()
    }

    /// Holds lines that follow waiting ones.
    pub(super) fn follow(&mut self, lines: Vec<Observation>) {
        lines.into_iter().for_each(|line| self.push(line, None));
    }

    /// Holds what follows a list that waits for history.
    pub(super) fn list(&mut self) {
        self.waiting.push_back(Waiting { line: None, until: None });
    }

    /// Holds the lines of a stream; returns the deleted objects, for which the caller asks.
    pub(super) fn ask(&mut self, lines: Vec<Observation>, now: Duration) -> Vec<Object> {
        let mut deleted = Vec::new();
        for line in lines {
            let object = match &line.payload {
                Payload::Object(seen) if seen.change == Change::Deleted => Some(seen.object.clone()),
                _ => None,
            };
            self.push(line, object.as_ref().map(|_| now + PATIENCE));
            deleted.extend(object);
        }
        deleted
    }

    /// Handles the answer for an object that was deleted in this version.
    pub(super) fn answered(&mut self, uid: &SmolStr, version: &ResourceVersion, is_gone: bool) {
        for waiting in &mut self.waiting {
            let Waiting { line, until } = waiting;
            if let Some(Observation { payload: Payload::Object(seen), .. }) = line
                && until.is_some()
                && seen.object.uid == *uid
                && seen.object.resource_version == *version
            {
                (seen.confirmed, *until) = (is_gone, None);
            }
        }
    }

    /// Puts the lines of the list in its place.
    pub(super) fn answered_by_history(&mut self, lines: Vec<Observation>) {
        let Some(at) = self.list_at() else { return };
        let after = self.waiting.split_off(at + 1);
        self.waiting.truncate(at);
        self.follow(lines);
        self.waiting.extend(after);
    }

    /// Drops the place of the list, and what follows it.
    pub(super) fn forget_list(&mut self) {
        let Some(at) = self.list_at() else { return };
        let forgotten: usize = self.waiting.split_off(at).iter().map(Waiting::bytes).sum();
        self.bytes -= forgotten;
    }

    /// The lines that need not wait any more.
    pub(super) fn release(&mut self, now: Duration) -> Vec<Observation> {
        let waits = |waiting: &Waiting| waiting.line.is_none() || waiting.until.is_some_and(|until| until > now);
        let ready = self.waiting.iter().position(waits).unwrap_or(self.waiting.len());
        let excess = self.waiting.len().saturating_sub(MOST).min(self.list_at().unwrap_or(usize::MAX));
        self.take(ready.max(excess))
    }

    /// All lines, as they are.
    pub(super) fn all(&mut self) -> Vec<Observation> {
        self.take(self.waiting.len())
    }

    /// When the first line has waited long enough.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.waiting.front().and_then(|waiting| waiting.until)
    }

    fn list_at(&self) -> Option<usize> {
        self.waiting.iter().position(|waiting| waiting.line.is_none())
    }

    fn push(&mut self, line: Observation, until: Option<Duration>) {
        let waiting = Waiting { line: Some(line), until };
        self.bytes += waiting.bytes();
        self.waiting.push_back(waiting);
    }

    fn take(&mut self, count: usize) -> Vec<Observation> {
        let mut lines = Vec::with_capacity(count);
        for waiting in self.waiting.drain(..count) {
            self.bytes -= waiting.bytes();
            lines.extend(waiting.line);
        }
        lines
    }
}

impl Waiting {
    fn bytes(&self) -> usize {
        match &self.line {
            Some(Observation { payload: Payload::Object(seen), .. }) => seen.object.json.get().len(),
            _ => 0,
        }
    }
}
