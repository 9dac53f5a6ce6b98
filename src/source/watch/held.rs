//! Lines that wait for an answer: was a deleted object deleted, or did it only leave the selection?
//!
//! The stream is read meanwhile. Lines are recorded in the order in which they came, and none waits longer than a
//! bound: a deletion without an answer by then is not confirmed.

use crate::observation::{Change, Object, Observation, Payload, ResourceVersion};
use smol_str::SmolStr;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a deletion waits for its answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Most lines that wait.
const MOST: usize = 10_000;

/// Lines that are not recorded yet. Times are of the monotonic clock.
#[derive(Debug, Default)]
pub(super) struct Held(VecDeque<Waiting>);

#[derive(Debug)]
struct Waiting {
    line: Observation,
    /// When it stops waiting; none for a line that only follows one that waits.
    until: Option<Duration>,
}

impl Held {
    /// True when no line waits.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Holds lines that follow waiting ones.
    pub(super) fn follow(&mut self, lines: Vec<Observation>) {
        self.0.extend(lines.into_iter().map(|line| Waiting { line, until: None }));
    }

    /// Holds the lines of a stream; returns the deleted objects, for which the caller asks.
    pub(super) fn ask(&mut self, lines: Vec<Observation>, now: Duration) -> Vec<Object> {
        let mut deleted = Vec::new();
        for line in lines {
            let object = match &line.payload {
                Payload::Object(seen) if seen.change == Change::Deleted => Some(seen.object.clone()),
                _ => None,
            };
            self.0.push_back(Waiting { line, until: object.as_ref().map(|_| now + PATIENCE) });
            deleted.extend(object);
        }
        deleted
    }

    /// Handles the answer for an object that was deleted in this version.
    pub(super) fn answered(&mut self, uid: &SmolStr, version: &ResourceVersion, is_gone: bool) {
        for Waiting { line, until } in &mut self.0 {
            if let Payload::Object(seen) = &mut line.payload
                && until.is_some()
                && seen.object.uid == *uid
                && seen.object.resource_version == *version
            {
                (seen.confirmed, *until) = (is_gone, None);
            }
        }
    }

    /// The lines that need not wait any more.
    pub(super) fn release(&mut self, now: Duration) -> Vec<Observation> {
        let excess = self.0.len().saturating_sub(MOST);
        let waits = |waiting: &Waiting| waiting.until.is_some_and(|until| until > now);
        let ready = self.0.iter().position(waits).unwrap_or(self.0.len());
        self.0.drain(..ready.max(excess)).map(|waiting| waiting.line).collect()
    }

    /// All lines, as they are.
    pub(super) fn all(&mut self) -> Vec<Observation> {
        self.0.drain(..).map(|waiting| waiting.line).collect()
    }

    /// When the first line has waited long enough.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.0.front().and_then(|waiting| waiting.until)
    }
}
