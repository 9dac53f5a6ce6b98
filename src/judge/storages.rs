//! Places, as each watch counts them, and what those of one watch say about those of another.
//!
//! A place is comparable with those of its own watch: versions of a later storage come after those of an earlier one,
//! and where versions are not numbers, lines are counted. Between two watches, places compare within one storage.

use super::ends::Ends;
use crate::monitor::{First, Micros, Order, Read, START};
use crate::observation::{ResourceVersion, Subject, WatchId};
use crate::timeline::Origin;
use std::collections::BTreeMap;

/// The bits of a place that count within one storage; those above count storages.
const BITS: u32 = 48;
const MAX_STORAGES: u32 = 1 << 14;

/// How the watches of a recording count places.
#[derive(Clone, Debug, Default)]
pub(super) struct Storages(BTreeMap<WatchId, Counted>);

/// How one watch does.
#[derive(Clone, Debug, Default)]
struct Counted {
    /// Whether its versions are numbers; none before the first one.
    by_number: Option<bool>,
    /// True when a version of its first storage is too large to be distinguished from those of later ones.
    is_large: bool,
    /// The last line that showed a version as it was delivered.
    line: u64,
    /// Where its storage was replaced, or may have been.
    replaced: Vec<Replaced>,
}

/// Where the storage of a watch was replaced, or may have been.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replaced {
    /// The version up to which it had been read.
    pub read: u64,
    /// The last moment at which the storage was certainly the one before.
    pub after: Micros,
    /// The moment of the gap's end.
    pub until: Micros,
}

/// A watch that has shown no version.
static UNSEEN: Counted = Counted { by_number: None, is_large: false, line: 0, replaced: Vec::new() };

impl Counted {
    fn is_plain(&self) -> bool {
        self.by_number != Some(false) && self.replaced.is_empty()
    }

    /// The place of a version.
    fn at(&self, storage: u32, version: u64) -> Option<u64> {
        match storage {
            0 => Some(version),
            _ if self.is_large || version >> BITS > 0 || storage > MAX_STORAGES => None,
            _ => Some(u64::from(storage) << BITS | version),
        }
    }

    /// The storage and the version of a place.
    fn version(&self, place: u64) -> (usize, u64) {
        if self.is_large || self.replaced.is_empty() {
            return (0, place);
        }
        (usize::try_from(place >> BITS).unwrap_or(usize::MAX), place & ((1 << BITS) - 1))
    }
}

impl Storages {
    /// The place of a version that a line shows; none when it is not known.
    pub fn place(&mut self, origin: Option<Origin>, version: &ResourceVersion, line: u64) -> Option<u64> {
        let Some(Origin { watch, storage, .. }) = origin else { return version.number() };
        if version.as_str().is_empty() {
            return None;
        }
        let counted = self.0.entry(watch).or_default();
        let number = version.number();
        match (*counted.by_number.get_or_insert(number.is_some()), number) {
            (true, Some(number)) => {
                if storage == 0 && number >> BITS > 0 && !counted.is_large {
                    counted.is_large = counted.replaced.is_empty();
                    return Some(number).filter(|_| counted.is_large);
                }
                counted.at(storage, number)
            }
            (false, None) => Some(line),
            // Versions of both sorts do not compare.
            _ => None,
        }
    }

    /// The place of a version of an earlier or later storage of its watch, where versions are numbers.
    pub fn number(&self, watch: Option<WatchId>, storage: u32, version: &ResourceVersion) -> Option<u64> {
        match watch.and_then(|watch| self.0.get(&watch)) {
            Some(counted) if counted.by_number == Some(false) => None,
            Some(counted) => counted.at(storage, version.number()?),
            None => version.number(),
        }
    }

    /// Whether a watch counts lines, because its versions are not numbers.
    pub fn counts_lines(&self, watch: Option<WatchId>) -> bool {
        watch.and_then(|watch| self.0.get(&watch)).is_some_and(|counted| counted.by_number == Some(false))
    }

    /// Notes a line that shows a version as it was delivered.
    pub fn delivered(&mut self, origin: Option<Origin>, line: u64) {
        if let Some(Origin { watch, .. }) = origin {
            let counted = self.0.entry(watch).or_default();
            counted.line = counted.line.max(line);
        }
    }

    /// The last line by which a watch showed a version as it was delivered.
    pub fn last_line(&self, watch: Option<WatchId>) -> u64 {
        watch.and_then(|watch| self.0.get(&watch)).map_or(0, |counted| counted.line)
    }

    /// Whether the places of two watches compare as they are, if both read the storage that was there first.
    pub fn compare(&self, one: Option<WatchId>, other: Option<WatchId>) -> bool {
        one == other || !self.counts_lines(one) && !self.counts_lines(other)
    }

    /// Notes that the storage of a watch was replaced, or may have been.
    pub fn replace(&mut self, watch: WatchId, replaced: Replaced) {
        let counted = self.0.entry(watch).or_default();
        counted.is_large |= counted.replaced.is_empty() && replaced.read >> BITS > 0;
        counted.replaced.push(replaced);
    }

    /// True when all places are versions of one storage, as far as their watches show.
    pub fn are_plain(&self) -> bool {
        self.0.values().all(Counted::is_plain)
    }

    fn is_plain(&self, watch: Option<WatchId>) -> bool {
        watch.and_then(|watch| self.0.get(&watch)).is_none_or(Counted::is_plain)
    }

    /// Whether the places of two watches are the same numbers.
    pub fn are_one(&self, one: Option<WatchId>, other: Option<WatchId>) -> bool {
        one == other || self.is_plain(one) && self.is_plain(other)
    }

    /// A place of a watch as one of the storage that all watches read first; a line stays one.
    pub fn in_first(&self, watch: Option<WatchId>, Order { lo, hi }: Order) -> Order {
        match watch.and_then(|watch| self.0.get(&watch)) {
            Some(counted) if counted.by_number != Some(false) && !counted.replaced.is_empty() => {
                let last = |place: u64| counted.version(place).0 == 0 && !counted.is_large;
                let lo = if last(lo) { lo } else { lo.min(counted.replaced[0].read.saturating_add(1)) };
                Order { lo, hi: if last(hi) { hi } else { u64::MAX } }
            }
            _ => Order { lo, hi },
        }
    }

    /// The first place behind what a watch had read when its storage was replaced first.
    pub fn behind_first(&self, watch: Option<WatchId>) -> u64 {
        let first = watch.and_then(|watch| self.0.get(&watch)?.replaced.first());
        first.map_or(0, |first| first.read.saturating_add(1))
    }
}

/// Places of one watch, as another counts them.
pub(super) struct Across<'a> {
    pub storages: &'a Storages,
    pub ends: &'a Ends,
    /// False when the times of the recording are not those of its receipt.
    pub is_timed: bool,
}

impl Across<'_> {
    /// The first place that something may have which another watch shows at a place, or later.
    pub fn lower(&self, from: Option<WatchId>, to: Option<WatchId>, place: u64) -> u64 {
        if matches!(place, START | u64::MAX) || self.storages.are_one(from, to) {
            return place;
        }
        let (Some((from, one)), Some((to, other))) = (self.numbered(from), self.numbered(to)) else { return START + 1 };
        let (mut storage, mut version) = one.version(place);
        loop {
            let known = (0..=other.replaced.len()).rev().find(|at| {
                self.are_same((from, storage), (to, *at))
                    // What was there before its list may have been before what it had read.
                    && (*at == 0 || self.list(to, *at).is_some_and(|(_, list)| version > list))
            });
            match known.and_then(|at| other.at(u32::try_from(at).ok()?, version)) {
                Some(place) => return place,
                None if storage == 0 => return START + 1,
                // It comes after what its own watch had read of the storage before.
                None => {
                    storage -= 1;
                    version = one.replaced.get(storage).map_or(0, |replaced| replaced.read.saturating_add(1));
                }
            }
        }
    }

    /// The last place of something that another watch shows at a place; the last of all if that is not known.
    pub fn upper(&self, from: Option<WatchId>, to: Option<WatchId>, place: u64) -> u64 {
        if matches!(place, START | u64::MAX) || self.storages.are_one(from, to) {
            return place;
        }
        let (Some((from, one)), Some((to, other))) = (self.numbered(from), self.numbered(to)) else { return u64::MAX };
        let (storage, version) = one.version(place);
        let known = (0..=other.replaced.len()).find(|at| {
            // What its watch had not read when the storage was replaced may have been later than what came then.
            let is_read = other.replaced.get(*at).is_none_or(|replaced| version <= replaced.read.saturating_add(1));
            is_read && self.are_same((from, storage), (to, *at))
        });
        known.and_then(|at| other.at(u32::try_from(at).ok()?, version)).unwrap_or(u64::MAX)
    }

    /// First entries that one watch shows, as another counts places.
    pub fn first(&self, from: Option<WatchId>, to: Option<WatchId>, first: First) -> First {
        if self.storages.are_one(from, to) {
            return first;
        }
        first.elsewhere(|place| self.lower(from, to, place), |place| self.upper(from, to, place))
    }

    /// How far the watches of a subject and those of a condition were read, as the watch of the subject counts.
    pub fn read(&self, home: Option<WatchId>, subject: &Subject, awaited: &[(WatchId, u32, u64)]) -> Read {
        let next = |(watch, storage, through): &(WatchId, u32, u64)| {
            let place = self.numbered(Some(*watch)).and_then(|(_, counted)| counted.at(*storage, *through));
            place.map_or(0, |place| self.lower(Some(*watch), home, place.saturating_add(1)))
        };
        let last = |read: &[(WatchId, u32, u64)]| Some(read.iter().map(next).min()?.saturating_sub(1));
        Read { waiting: last(&self.ends.read_of(subject)), awaited: last(awaited) }
    }

    /// A watch whose versions are numbers, as far as it was seen.
    fn numbered(&self, watch: Option<WatchId>) -> Option<(WatchId, &Counted)> {
        let counted = self.storages.0.get(&watch?).unwrap_or(&UNSEEN);
        Some((watch?, counted)).filter(|_| counted.by_number != Some(false))
    }

    /// Whether two watches read one storage: the first of both, or one that both read at one moment.
    fn are_same(&self, (one, first): (WatchId, usize), (other, second): (WatchId, usize)) -> bool {
        if first == 0 || second == 0 {
            return first == second;
        }
        let spans = self.span(one, first).zip(self.span(other, second));
        self.is_timed && spans.is_some_and(|(one, other)| one.0.max(other.0) < one.1.min(other.1))
    }

    /// From when to when a watch certainly read a later storage.
    fn span(&self, watch: WatchId, storage: usize) -> Option<(Micros, Micros)> {
        let (since, _) = self.list(watch, storage)?;
        let replaced = self.storages.0.get(&watch)?.replaced.get(storage);
        Some((since, replaced.map_or_else(|| self.ends.alive_of(watch), |replaced| replaced.after)))
    }

    /// The time and the version of the list with which a watch began to read a later storage.
    fn list(&self, watch: WatchId, storage: usize) -> Option<(Micros, u64)> {
        let replaced = self.storages.0.get(&watch)?.replaced.get(storage.checked_sub(1)?)?;
        self.ends.list_since(watch, replaced.until)
    }
}
