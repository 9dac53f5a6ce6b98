//! The entries of a running recorder, for readers that each read at their own pace.
//!
//! It holds the newest entries, up to a limit. A reader has a position and no queue, so no reader delays another, and a
//! slow one learns how many entries it has missed.

use super::current::{Current, CurrentSubject};
use super::places::Places;
use super::relevance::{KindAndName, Relevance};
use crate::timeline::Entry;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The place of an entry in a log: entries are numbered from 1, anew in each edition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Changes when the log is read again from the file, where late entries are in their places.
    pub edition: u32,
    /// The number of the entry; 0 before the first one.
    pub number: u64,
}

/// The log. Clones share it.
#[derive(Clone, Debug)]
pub struct EntryLog(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// The position of the last entry.
    last: watch::Sender<Position>,
    /// Most entries that are held.
    most: usize,
}

#[derive(Debug, Default)]
struct State {
    edition: u32,
    /// The number of entries that are no longer held, and their greatest `seq`.
    dropped: u64,
    dropped_seq: u64,
    entries: VecDeque<Arc<Entry>>,
    places: Places,
    current: Current,
    /// True when the recorder has ended.
    over: bool,
}

impl State {
    /// The entries at these places, or all.
    fn held<'a>(&'a self, places: Option<&'a [u64]>) -> impl Iterator<Item = &'a Arc<Entry>> {
        let all = if places.is_none() { Some(self.entries.iter()) } else { None };
        let some = places.into_iter().flatten().filter_map(|place| {
            let at = usize::try_from(place.checked_sub(self.dropped + 1)?).ok()?;
            self.entries.get(at)
        });
        all.into_iter().flatten().chain(some)
    }
}

/// What a reader gets.
#[derive(Debug, PartialEq)]
pub enum Read {
    /// The next entries, and the position of the last one of them.
    Entries(Vec<Arc<Entry>>, Position),
    /// The entries after the reader's position are no longer held. It goes on after this position.
    Missed {
        /// The number of entries that it misses.
        entries: u64,
        /// The position before the first entry that is held.
        after: Position,
    },
    /// Its position is of another edition, or of another recorder: it reads from the beginning.
    OtherEdition,
    /// There are no more entries so far.
    Nothing,
    /// There are no more entries, and the recorder has ended.
    Over,
}

impl EntryLog {
    /// An empty log that holds this many entries.
    pub(super) fn new(edition: u32, most: usize) -> Self {
        let state = State { edition, ..State::default() };
        let last = watch::Sender::new(Position { edition, number: 0 });
        Self(Arc::new(Shared { state: Mutex::new(state), last, most: most.max(1) }))
    }

    /// The first position of this edition.
    #[must_use]
    pub fn beginning(&self) -> Position {
        Position { edition: self.lock().edition, number: 0 }
    }

    /// The position of the last entry, and its changes.
    #[must_use]
    pub fn last(&self) -> watch::Receiver<Position> {
        self.0.last.subscribe()
    }

    /// At most this many entries after a position.
    #[must_use]
    pub fn after(&self, position: Position, most: usize) -> Read {
        let state = self.lock();
        let last = state.dropped + state.entries.len() as u64;
        if position.edition != state.edition || position.number > last {
            return Read::OtherEdition;
        }
        if position.number < state.dropped {
            let after = Position { number: state.dropped, ..position };
            return Read::Missed { entries: state.dropped - position.number, after };
        }
        if position.number == last {
            return if state.over { Read::Over } else { Read::Nothing };
        }
        let skipped = usize::try_from(position.number - state.dropped).unwrap_or(usize::MAX);
        let entries: Vec<_> = state.entries.iter().skip(skipped).take(most).cloned().collect();
        let number = position.number + entries.len() as u64;
        Read::Entries(entries, Position { number, ..position })
    }

    /// True when the recorder has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.lock().over
    }

    /// The last states of the subjects that `keeps` selects.
    #[must_use]
    pub fn subjects(&self, keeps: impl Fn(&CurrentSubject) -> bool) -> Vec<CurrentSubject> {
        self.lock().current.subjects().filter(|subject| keeps(subject)).cloned().collect()
    }

    /// The entries among those that are held that `keeps` selects, and the first one; of some objects only, if those
    /// are given.
    pub(super) fn select<'a>(
        &self,
        objects: Option<impl IntoIterator<Item = &'a KindAndName>>,
        keeps: impl Fn(&Entry) -> bool,
    ) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let Some(first) = state.entries.front().cloned() else { return Vec::new() };
        let of_objects = objects.map(|objects| state.places.of(objects));
        let rest = state.held(of_objects.as_deref()).filter(|entry| !Arc::ptr_eq(entry, &first) && keeps(entry));
        std::iter::once(Arc::clone(&first)).chain(rest.cloned()).collect()
    }

    /// The entries among those that are held that are relevant, without the last `without` of the log.
    pub(super) fn relevant(&self, relevance: &Relevance, without: usize) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let held = state.entries.len() - without;
        match relevance {
            Relevance::All => state.entries.range(..held).cloned().collect(),
            Relevance::Of(objects) => {
                let mut places = state.places.of_or_none(objects);
                places.retain(|place| *place <= state.dropped + held as u64);
                state.held(Some(&places)).cloned().collect()
            }
        }
    }

    /// The greatest `seq` of the entries that are no longer held; 0 if all are.
    pub(super) fn dropped_seq(&self) -> u64 {
        self.lock().dropped_seq
    }

    pub(super) fn push(&self, entry: Arc<Entry>) {
        let mut state = self.lock();
        let state = &mut *state;
        state.current.push(&entry);
        state.places.push(state.dropped + state.entries.len() as u64 + 1, &entry);
        state.entries.push_back(entry);
        self.shorten(state);
    }

    /// Lets readers see what was pushed.
    pub(super) fn publish(&self) {
        let state = self.lock();
        let last = Position { edition: state.edition, number: state.dropped + state.entries.len() as u64 };
        drop(state);
        self.0.last.send_if_modified(|known| std::mem::replace(known, last) != last);
    }

    /// Begins a new edition with these entries.
    pub(super) fn replace(&self, entries: impl IntoIterator<Item = Arc<Entry>>) {
        let mut state = self.lock();
        state.edition = state.edition.wrapping_add(1);
        (state.dropped, state.dropped_seq) = (0, 0);
        state.entries = entries.into_iter().collect();
        let (mut current, mut places) = (Current::default(), Places::default());
        for (number, entry) in (1..).zip(&state.entries) {
            current.push(entry);
            places.push(number, entry);
        }
        (state.current, state.places) = (current, places);
        self.shorten(&mut state);
        drop(state);
        self.publish();
    }

    /// Begins a new edition after entries that were missed.
    pub(super) fn lose(&self) {
        self.replace([]);
        self.lock().dropped_seq = u64::MAX;
    }

    /// No more entries come.
    pub(super) fn end(&self) {
        self.lock().over = true;
        self.0.last.send_modify(|_| {});
    }

    fn shorten(&self, state: &mut State) {
        if let Some(more) = state.entries.len().checked_sub(self.0.most).filter(|more| *more > 0) {
            let State { entries, places, .. } = state;
            let last = entries.drain(..more).inspect(|entry| places.drop_first(entry)).map(|entry| entry.seq).max();
            state.dropped_seq = state.dropped_seq.max(last.unwrap_or(0));
            state.dropped += more as u64;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Stamp, Subject};
    use crate::timeline::{Body, Provenance};
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::time::Duration;

    fn mark(seq: u64) -> Arc<Entry> {
        Arc::new(Entry {
            seq,
            stamp: Stamp { at: jiff::Timestamp::UNIX_EPOCH, elapsed: Duration::ZERO },
            subject: None,
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body: Body::Mark(seq.to_string()),
        })
    }

    #[test]
    fn a_reader_gets_every_entry_once_or_learns_how_many_it_missed() {
        let log = EntryLog::new(7, 3);
        let at = |number| Position { edition: 7, number };
        assert_eq!(log.after(log.beginning(), 10), Read::Nothing);
        (1..=2).for_each(|seq| log.push(mark(seq)));
        assert_eq!(log.after(at(0), 1), Read::Entries(vec![mark(1)], at(1)));
        assert_eq!(log.after(at(1), 9), Read::Entries(vec![mark(2)], at(2)));
        (3..=5).for_each(|seq| log.push(mark(seq)));
        assert_eq!(log.after(at(0), 9), Read::Missed { entries: 2, after: at(2) });
        assert_eq!(log.after(at(2), 9), Read::Entries(vec![mark(3), mark(4), mark(5)], at(5)));
        log.end();
        assert_eq!(log.after(at(5), 9), Read::Over);
    }

    proptest! {
        #[test]
        fn what_is_relevant_is_found_wherever_the_log_begins(
            names in prop::collection::vec(prop::option::of("[ab]"), 0..40),
            most in 1usize..30,
            again in 0usize..40,
            wanted in prop::collection::vec("[abc]", 0..3),
            without in 0usize..4,
        ) {
            let of = |(seq, name): (u64, &Option<String>)| {
                let mut entry = Entry::clone(&mark(seq));
                entry.subject = name.as_ref().map(|name| {
                    Arc::new(Subject { kind: "Pod".into(), name: name.into(), ..Subject::default() })
                });
                Arc::new(entry)
            };
            let log = EntryLog::new(0, most);
            let (first, rest) = names.split_at(again.min(names.len()));
            log.replace((1..).zip(first).map(of));
            (1 + first.len() as u64..).zip(rest).map(of).for_each(|entry| log.push(entry));
            let held: Vec<_> = log.lock().entries.iter().cloned().collect();
            let without = without.min(held.len());
            let objects: HashSet<KindAndName> = wanted.iter().map(|name| ("Pod".into(), name.into())).collect();
            let list: Vec<KindAndName> = objects.iter().cloned().collect();
            for relevance in [Relevance::All, Relevance::Of(objects)] {
                let judged = &held[..held.len() - without];
                let expected: Vec<_> = judged.iter().filter(|entry| relevance.has(entry)).cloned().collect();
                prop_assert_eq!(log.relevant(&relevance, without), expected);
            }
            let is_wanted = |entry: &Entry| {
                entry.subject.as_ref().is_some_and(|subject| list.iter().any(|(_, name)| *name == subject.name))
            };
            let expected = held.iter().enumerate().filter(|(at, entry)| *at == 0 || is_wanted(entry));
            let expected: Vec<_> = expected.map(|(_, entry)| Arc::clone(entry)).collect();
            prop_assert_eq!(log.select(Some(&list), |_| true), expected);
        }
    }

    #[test]
    fn a_position_of_another_edition_or_beyond_the_end_is_refused() {
        let log = EntryLog::new(7, 3);
        log.push(mark(1));
        assert_eq!(log.after(Position { edition: 7, number: 2 }, 9), Read::OtherEdition);
        log.replace([mark(1), mark(2)]);
        assert_eq!(log.after(Position { edition: 7, number: 1 }, 9), Read::OtherEdition);
        assert_eq!(log.beginning(), Position { edition: 8, number: 0 });
    }
}
