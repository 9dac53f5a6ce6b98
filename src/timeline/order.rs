//! The order of a timeline: by storage revision where revisions compare, by arrival where they do not.
//!
//! Streams of one storage interleave by revision. Live, an entry waits for the settle window, so that entries that
//! another stream delivers slightly later can still come before it; entries that come even later are also put in their
//! place, and marked `late`. Whether an entry is late depends only on recorded times, so a replay gives the same
//! result.

use super::entry::{Entry, Provenance};
use super::place::Ordered;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// How long entries wait by default.
pub const SETTLE: SignedDuration = SignedDuration::from_millis(200);

/// Storage and revision in it, then arrival.
type Key = ((u32, u64), u64);

/// Puts entries in order as they arrive.
#[derive(Debug)]
pub(crate) struct Order {
    settling: Settling,
    waiting: BTreeMap<Key, Entry>,
}

impl Order {
    /// An order with this settle window.
    #[must_use]
    pub(crate) fn new(settle: SignedDuration) -> Self {
        Self { settling: Settling::new(settle), waiting: BTreeMap::new() }
    }

    /// Takes the next entry in order of arrival, and appends the entries that have settled by then to `out`, in order.
    pub(crate) fn push(&mut self, placed: Ordered, out: &mut Vec<Entry>) {
        self.settle(placed.entry.stamp.at, out);
        let (key, entry) = self.settling.place(placed);
        self.waiting.insert(key, entry);
    }

    /// The same for an entry that is not passed on: it only affects the places of later ones.
    pub(crate) fn pass(&mut self, placed: Ordered, out: &mut Vec<Entry>) {
        self.settle(placed.entry.stamp.at, out);
        self.settling.place(placed);
    }

    /// Appends what has settled at `now`: entries that arrived longer ago than the window, and all that belong before
    /// them.
    pub(crate) fn settle(&mut self, now: Timestamp, out: &mut Vec<Entry>) {
        let Some((revision, arrival)) = self.settling.settled(now) else { return };
        let rest = self.waiting.split_off(&(revision, arrival + 1));
        out.extend(std::mem::replace(&mut self.waiting, rest).into_values());
    }

    /// The earliest moment and the lowest revision among the waiting entries.
    #[must_use]
    pub(crate) fn waiting(&self) -> Option<(Timestamp, u64)> {
        let (((_, revision), _), _) = self.waiting.first_key_value()?;
        let earliest = |entry: &Entry| entry.not_before.unwrap_or(entry.stamp.at).min(entry.stamp.at);
        Some((self.waiting.values().map(earliest).min()?, *revision))
    }

    /// Appends all waiting entries, in order: no more arrive.
    pub(crate) fn finish(self, out: &mut Vec<Entry>) {
        out.extend(self.waiting.into_values());
    }
}

/// Sorts a finished recording: late entries are in their places.
#[must_use]
pub fn sorted(entries: impl IntoIterator<Item = Ordered>, settle: SignedDuration) -> Vec<Entry> {
    let mut sorting = Sorting::new(settle);
    entries.into_iter().for_each(|placed| sorting.push(placed, |_| true));
    sorting.finish()
}

/// Sorts a recording while it is read, and keeps some of its entries.
#[derive(Debug)]
pub(crate) struct Sorting {
    settling: Settling,
    kept: Vec<(Key, Entry)>,
}

impl Sorting {
    /// Sorts with this settle window.
    #[must_use]
    pub(crate) fn new(settle: SignedDuration) -> Self {
        Self { settling: Settling::new(settle), kept: Vec::new() }
    }

    /// Takes the next entry in order of arrival; one that is not kept still affects the places of the others.
    pub(crate) fn push(&mut self, placed: Ordered, keeps: impl Fn(&Entry) -> bool) {
        self.settling.settled(placed.entry.stamp.at);
        let (key, entry) = self.settling.place(placed);
        if keeps(&entry) {
            self.kept.push((key, entry));
        }
    }

    /// The entries that were kept, in order.
    #[must_use]
    pub(crate) fn finish(mut self) -> Vec<Entry> {
        self.kept.sort_by_key(|(key, _)| *key);
        self.kept.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// Which entries have settled, and which arrived too late for that.
#[derive(Debug)]
struct Settling {
    settle: SignedDuration,
    /// Entries that have not settled yet, in order of arrival.
    arrived: VecDeque<(Timestamp, Key)>,
    arrivals: u64,
    newest: (u32, u64),
    released: (u32, u64),
}

impl Settling {
    fn new(settle: SignedDuration) -> Self {
        Self { settle, arrived: VecDeque::new(), arrivals: 0, newest: (0, 0), released: (0, 0) }
    }

    /// The last place that has settled at `now`, if any has since the last call.
    fn settled(&mut self, now: Timestamp) -> Option<Key> {
        let mut last = None;
        while let Some((at, key)) = self.arrived.front()
            && *at + self.settle <= now
        {
            last = last.max(Some(*key));
            self.arrived.pop_front();
        }
        self.released = self.released.max(last?.0);
        last
    }

    /// Gives an entry its place. Without a revision, it comes after all that arrived before it.
    fn place(&mut self, Ordered { revision, storage, mut entry }: Ordered) -> (Key, Entry) {
        let key = (revision.map_or(self.newest, |revision| (storage, revision)), self.arrivals);
        self.newest = self.newest.max(key.0);
        self.arrivals += 1;
        self.arrived.push_back((entry.stamp.at, key));
        if entry.seen == Provenance::Live && key.0 < self.released {
            entry.seen = Provenance::Late;
        }
        (key, entry)
    }
}
