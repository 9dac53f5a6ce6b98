//! The order of a timeline: the storage's revisions where they compare, arrival where they do not.
//!
//! Streams of one storage interleave as their revisions say. Live, an entry waits for the settle window, so that what
//! another stream delivers a little later still finds its place before it; what comes even later is put in its place
//! all the same and marked `late`. Whether an entry is late follows from the recorded stamps alone, so a replay says
//! the same.

use super::entry::{Entry, Provenance};
use super::place::Ordered;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};

/// How long entries wait by default.
pub const SETTLE: SignedDuration = SignedDuration::from_millis(200);

/// Storage, revision in it, arrival.
type Key = ((u32, u64), u64);

/// Puts entries in order as they come.
#[derive(Debug)]
pub struct Order {
    settling: Settling,
    waiting: BTreeMap<Key, Entry>,
}

impl Order {
    /// An order with this settle window.
    #[must_use]
    pub fn new(settle: SignedDuration) -> Self {
        Self { settling: Settling::new(settle), waiting: BTreeMap::new() }
    }

    /// Takes the next entry in order of arrival; what has settled by then is appended to `out`, in order.
    pub fn push(&mut self, placed: Ordered, out: &mut Vec<Entry>) {
        self.settle(placed.entry.stamp.at, out);
        let (key, entry) = self.settling.place(placed);
        self.waiting.insert(key, entry);
    }

    /// The same where nobody is told of the entry: it counts for the places of those that come.
    pub fn pass(&mut self, placed: Ordered, out: &mut Vec<Entry>) {
        self.settle(placed.entry.stamp.at, out);
        self.settling.place(placed);
    }

    /// Appends what has settled at `now`: those that came longer ago than the window, and whatever belongs before them.
    pub fn settle(&mut self, now: Timestamp, out: &mut Vec<Entry>) {
        let Some((revision, arrival)) = self.settling.settled(now) else { return };
        let rest = self.waiting.split_off(&(revision, arrival + 1));
        out.extend(std::mem::replace(&mut self.waiting, rest).into_values());
    }

    /// The earliest moment and the least revision of what waits.
    #[must_use]
    pub fn waiting(&self) -> Option<(Timestamp, u64)> {
        let (((_, revision), _), _) = self.waiting.first_key_value()?;
        let earliest = |entry: &Entry| entry.not_before.unwrap_or(entry.stamp.at).min(entry.stamp.at);
        Some((self.waiting.values().map(earliest).min()?, *revision))
    }

    /// Appends all that still waits, in order: no more entries come.
    pub fn finish(self, out: &mut Vec<Entry>) {
        out.extend(self.waiting.into_values());
    }
}

/// The whole order of a finished recording: late entries stand in their places.
#[must_use]
pub fn sorted(entries: impl IntoIterator<Item = Ordered>, settle: SignedDuration) -> Vec<Entry> {
    let mut sorting = Sorting::new(settle);
    entries.into_iter().for_each(|placed| sorting.push(placed, |_| true));
    sorting.finish()
}

/// The whole order of a recording that is being read, of which some entries are kept.
#[derive(Debug)]
pub struct Sorting {
    settling: Settling,
    kept: Vec<(Key, Entry)>,
}

impl Sorting {
    /// With this settle window.
    #[must_use]
    pub fn new(settle: SignedDuration) -> Self {
        Self { settling: Settling::new(settle), kept: Vec::new() }
    }

    /// Takes the next entry in order of arrival; one that is not kept counts for the places of the others.
    pub fn push(&mut self, placed: Ordered, keeps: impl Fn(&Entry) -> bool) {
        self.settling.settled(placed.entry.stamp.at);
        let (key, entry) = self.settling.place(placed);
        if keeps(&entry) {
            self.kept.push((key, entry));
        }
    }

    /// What was kept, in order.
    #[must_use]
    pub fn finish(mut self) -> Vec<Entry> {
        self.kept.sort_by_key(|(key, _)| *key);
        self.kept.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// What has settled, and what came too late for it.
#[derive(Debug)]
struct Settling {
    settle: SignedDuration,
    /// What has not settled yet, in order of arrival.
    arrived: VecDeque<(Timestamp, Key)>,
    arrivals: u64,
    newest: (u32, u64),
    released: (u32, u64),
}

impl Settling {
    fn new(settle: SignedDuration) -> Self {
        Self { settle, arrived: VecDeque::new(), arrivals: 0, newest: (0, 0), released: (0, 0) }
    }

    /// The last place that has settled at `now`, if any has since the last time.
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

    /// Gives an entry its place. One without a revision stands after all that came before it.
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
