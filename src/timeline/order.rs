//! The order of a timeline: by storage revision where revisions compare, by arrival where they do not.
//!
//! Streams of one storage interleave by revision. Live, an entry waits for the settle window, so that entries that
//! another stream delivers slightly later can still come before it; entries that come even later are also put in their
//! place, and marked `late`. Whether an entry is late depends only on recorded times, so a replay gives the same
//! result.

use super::entry::{Entry, Provenance};
use super::place::Ordered;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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

    /// When the first of the waiting entries has settled.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        let (at, _) = self.settling.arrived.front()?;
        at.checked_add(self.settling.settle).ok()
    }

    /// The earliest moment, and the lowest revision with its storage, among the waiting entries.
    #[must_use]
    pub(crate) fn waiting(&self) -> Option<(Timestamp, (u32, u64))> {
        let ((revision, _), _) = self.waiting.first_key_value()?;
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
    /// Those that arrived after entries that they precede.
    misplaced: BTreeSet<Key>,
    /// Most that are kept.
    most: usize,
    is_too_long: bool,
}

impl Sorting {
    /// Sorts with this settle window.
    #[must_use]
    pub(crate) fn new(settle: SignedDuration) -> Self {
        Self::of_at_most(usize::MAX, settle)
    }

    /// The same, but keeps at most this many entries. Of a longer timeline, only those are kept that must be known before
    /// it can be read again in order.
    #[must_use]
    pub(crate) fn of_at_most(most: usize, settle: SignedDuration) -> Self {
        let settling = Settling::new(settle);
        Self { settling, kept: Vec::new(), misplaced: BTreeSet::new(), most, is_too_long: false }
    }

    /// Takes the next entry in order of arrival; one that is not kept still affects the places of the others.
    pub(crate) fn push(&mut self, placed: Ordered, keeps: impl Fn(&Entry) -> bool) {
        self.settling.settled(placed.entry.stamp.at);
        let (key, entry) = self.settling.place(placed);
        if !keeps(&entry) {
            return;
        }
        let is_misplaced = key.0 < self.settling.released;
        if is_misplaced && self.most < usize::MAX {
            self.misplaced.insert(key);
        }
        if !self.is_too_long && self.kept.len() == self.most {
            self.is_too_long = true;
            self.kept.retain(|(key, _)| self.misplaced.contains(key));
            self.kept.shrink_to_fit();
        }
        if !self.is_too_long || is_misplaced {
            self.kept.push((key, entry));
        }
    }

    /// The entries that were kept, in order.
    #[must_use]
    pub(crate) fn finish(mut self) -> Vec<Entry> {
        self.kept.sort_by_key(|(key, _)| *key);
        self.kept.into_iter().map(|(_, entry)| entry).collect()
    }

    /// All entries, in order.
    ///
    /// # Errors
    /// The timeline is too long; the error has the entries that arrive out of place.
    pub(crate) fn finish_all(self) -> Result<Vec<Entry>, Misplaced> {
        if self.is_too_long { Err(Misplaced(self.kept.into_iter().collect())) } else { Ok(self.finish()) }
    }
}

/// The entries of a timeline that arrive out of place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Misplaced(BTreeMap<Key, Entry>);

/// Sorts all entries of a recording that is read again; holds only those that have not settled.
#[derive(Debug)]
pub(crate) struct Rereading {
    settling: Settling,
    waiting: BTreeMap<Key, Entry>,
    misplaced: BTreeMap<Key, Entry>,
}

impl Rereading {
    /// Sorts with the settle window of the first reading.
    #[must_use]
    pub(crate) fn new(settle: SignedDuration, Misplaced(misplaced): Misplaced) -> Self {
        Self { settling: Settling::new(settle), waiting: BTreeMap::new(), misplaced }
    }

    /// Takes the next entry in order of arrival; entries that have settled by then are passed to `take`, in order.
    pub(crate) fn push(&mut self, placed: Ordered, take: &mut impl FnMut(Entry)) {
        if let Some((revision, arrival)) = self.settling.settled(placed.entry.stamp.at) {
            let rest = self.waiting.split_off(&(revision, arrival + 1));
            let settled = std::mem::replace(&mut self.waiting, rest);
            self.pass_on(settled, take);
        }
        let (key, entry) = self.settling.place(placed);
        // A misplaced one is known already.
        if key.0 >= self.settling.released {
            self.waiting.insert(key, entry);
        }
    }

    /// Passes on all waiting entries: no more arrive.
    pub(crate) fn finish(mut self, take: &mut impl FnMut(Entry)) {
        let rest = std::mem::take(&mut self.waiting);
        self.pass_on(rest, take);
        self.misplaced.into_values().for_each(take);
    }

    fn pass_on(&mut self, settled: BTreeMap<Key, Entry>, take: &mut impl FnMut(Entry)) {
        for (key, entry) in settled {
            while let Some(earlier) = self.misplaced.first_entry()
                && *earlier.key() < key
            {
                take(earlier.remove());
            }
            take(entry);
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Stamp;
    use crate::timeline::Body;
    use proptest::prelude::*;
    use std::time::Duration;

    fn placed((seq, (millis, revision, storage)): (u64, (i64, Option<u64>, u32))) -> Ordered {
        let at = Timestamp::from_millisecond(millis).expect("small");
        let entry = Entry {
            seq,
            stamp: Stamp { at, elapsed: Duration::ZERO },
            subject: None,
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body: Body::Mark("m".into()),
        };
        Ordered { revision, storage, entry }
    }

    proptest! {
        #[test]
        fn a_timeline_that_is_read_twice_has_the_order_of_one_that_is_held(
            lines in prop::collection::vec((0i64..3_000, prop::option::of(0u64..30), 0u32..2), 0..60),
            most in 0usize..70,
        ) {
            let all = || (0..).zip(lines.iter().copied()).map(placed);
            let whole = sorted(all(), SETTLE);
            let mut sorting = Sorting::of_at_most(most, SETTLE);
            all().for_each(|placed| sorting.push(placed, |_| true));
            let again = match sorting.finish_all() {
                Ok(entries) => entries,
                Err(misplaced) => {
                    prop_assert!(lines.len() > most);
                    let mut passed = Vec::new();
                    let mut order = Rereading::new(SETTLE, misplaced);
                    all().for_each(|placed| order.push(placed, &mut |entry| passed.push(entry)));
                    order.finish(&mut |entry| passed.push(entry));
                    passed
                }
            };
            prop_assert_eq!(again, whole);
        }
    }
}
