//! The order of a timeline: the storage's revisions where they compare, arrival where they do not.
//!
//! Streams of one storage interleave as their revisions say. Live, an entry waits for the settle window, so that what
//! another stream delivers a little later still finds its place before it; what comes even later is put in its place
//! all the same and marked `late`. Whether an entry is late follows from the recorded stamps alone, so a replay says
//! the same.

use super::entry::{Entry, How};
use super::place::Placed;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long entries wait by default.
pub const SETTLE: SignedDuration = SignedDuration::from_millis(200);

/// Puts entries in order as they come.
#[derive(Debug)]
pub struct Order {
    settle: SignedDuration,
    waiting: BTreeMap<(u64, u64), Entry>,
    arrivals: u64,
    newest: u64,
    released: Option<u64>,
}

impl Order {
    /// An order with this settle window.
    #[must_use]
    pub fn new(settle: SignedDuration) -> Self {
        Self { settle, waiting: BTreeMap::new(), arrivals: 0, newest: 0, released: None }
    }

    /// Takes the next entry in order of arrival; what has settled by then is appended to `out`, in order.
    pub fn push(&mut self, placed: Placed, out: &mut Vec<Entry>) {
        let (key, entry) = self.place(placed, out);
        self.waiting.insert(key, entry);
    }

    /// Appends what has settled at `now`.
    pub fn settle(&mut self, now: Timestamp, out: &mut Vec<Entry>) {
        let settled = self.waiting.iter().filter(|(_, entry)| entry.stamp.at + self.settle <= now);
        let Some(last) = settled.map(|(key, _)| *key).next_back() else { return };
        let rest = self.waiting.split_off(&(last.0, last.1 + 1));
        self.released = self.released.max(Some(last.0));
        out.extend(std::mem::replace(&mut self.waiting, rest).into_values());
    }

    /// Appends all that waits.
    pub fn finish(self, out: &mut Vec<Entry>) {
        out.extend(self.waiting.into_values());
    }

    fn place(&mut self, placed: Placed, out: &mut Vec<Entry>) -> ((u64, u64), Entry) {
        let Placed { revision, mut entry } = placed;
        self.settle(entry.stamp.at, out);
        let key = revision.unwrap_or(self.newest);
        self.newest = self.newest.max(key);
        self.arrivals += 1;
        if entry.seen == How::Live && self.released.is_some_and(|released| key < released) {
            entry.seen = How::Late;
        }
        ((key, self.arrivals), entry)
    }
}

/// The whole order of a finished recording: late entries stand in their places.
#[must_use]
pub fn sorted(entries: impl IntoIterator<Item = Placed>, settle: SignedDuration) -> Vec<Entry> {
    let mut order = Order::new(settle);
    let mut scratch = Vec::new();
    let mut all: Vec<((u64, u64), Entry)> = entries
        .into_iter()
        .map(|placed| {
            let (key, entry) = order.place(placed, &mut scratch);
            order.waiting.insert(key, entry.clone());
            (key, entry)
        })
        .collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, entry)| entry).collect()
}
