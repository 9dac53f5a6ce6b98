//! The entries of a running recorder, as many as fit into memory: the newest ones, and of older ones what the states
//! of the present rest on.

use super::picture::Picture;
use super::story::{Seen, Story};
use crate::cli::tally::Fate;
use crate::observation::{StateKind, Subject, Track};
use crate::timeline::{Body, Entry};
use crate::view::line::Lines;
use crate::view::states::{Doubts, States, Widths};
use crate::view::{Selection, Style};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

/// The most entries of the newest that are kept, and the most gaps among older ones.
pub(super) const LIMIT: usize = 100_000;
const GAPS: usize = 10_000;

/// An entry, and for how many occurrences it is listed; none where only the states need it.
#[derive(Clone)]
struct Item {
    entry: Arc<Entry>,
    times: Option<u32>,
}

/// What was collected. Every entry has a number; they ascend.
pub(super) struct Collection {
    selection: Selection,
    style: Style,
    limit: usize,
    newest: VecDeque<Item>,
    /// The number of the first of the newest.
    first: u64,
    /// Of older ones: gaps, and the last transition of each track that has a state.
    older: BTreeMap<u64, Item>,
    gaps: VecDeque<u64>,
    /// The number of the last transition of each track that has a state.
    last: HashMap<Arc<Subject>, Vec<(Track, u64)>>,
    /// Older entries that were listed, and are no longer.
    left_out: u64,
    /// Entries that were never received, and the number of the first one after them.
    missed: u64,
    missed_before: Option<u64>,
}

/// What was collected by some moment: a copy that is made quickly, for a picture that takes longer.
pub(super) struct Collected {
    selection: Selection,
    style: Style,
    /// All entries with their numbers, and the number of the first of the newest.
    items: Vec<(u64, Item)>,
    first: u64,
    left_out: u64,
    missed: u64,
    missed_before: Option<u64>,
}

impl Collection {
    /// Nothing yet; at most `limit` of the newest entries are kept.
    pub(super) fn new(selection: Selection, style: Style, limit: usize) -> Self {
        Self {
            selection,
            style,
            limit,
            newest: VecDeque::new(),
            first: 0,
            older: BTreeMap::new(),
            gaps: VecDeque::new(),
            last: HashMap::new(),
            left_out: 0,
            missed: 0,
            missed_before: None,
        }
    }

    /// The number of the next entry.
    fn next(&self) -> u64 {
        self.first + self.newest.len() as u64
    }

    /// Takes the next entry; returns whether it changes anything.
    pub(super) fn take(&mut self, entry: Arc<Entry>, fate: Fate) -> bool {
        let times = match fate {
            Fate::Shown(times) => Some(times),
            Fate::Counted => None,
            // The end of a subject ends the states of its tracks.
            Fate::NotSelected if self.is_life(&entry) => None,
            Fate::NotSelected => return false,
        };
        self.note(&entry);
        self.newest.push_back(Item { entry, times });
        while self.newest.len() > self.limit {
            self.leave_out();
        }
        true
    }

    /// Notes that entries are missing here.
    pub(super) fn miss(&mut self, entries: u64) {
        self.missed += entries;
        self.missed_before = Some(self.next());
    }

    fn is_life(&self, entry: &Entry) -> bool {
        let is_life = matches!(&entry.body, Body::Transition(transition) if transition.track == Track::Lifecycle);
        is_life && entry.subject.as_deref().is_some_and(|subject| self.selection.has_subject(subject))
    }

    /// Notes which states the next entry begins and ends.
    fn note(&mut self, entry: &Entry) {
        let number = self.next();
        let (Some(subject), Body::Transition(transition)) = (&entry.subject, &entry.body) else { return };
        if transition.is_deletion() {
            for (_, number) in self.last.remove(subject).unwrap_or_default() {
                self.older.remove(&number);
            }
            return;
        }
        let tracks = self.last.entry(Arc::clone(subject)).or_default();
        let known = tracks.iter().position(|(track, _)| *track == transition.track);
        let ended = match (known, transition.to.kind) {
            (Some(at), StateKind::Absent) => Some(tracks.remove(at).1),
            (None, StateKind::Absent) => None,
            (Some(at), _) => Some(std::mem::replace(&mut tracks[at].1, number)),
            (None, _) => {
                tracks.push((transition.track.clone(), number));
                None
            }
        };
        if tracks.is_empty() {
            self.last.remove(subject);
        }
        ended.map(|ended| self.older.remove(&ended));
    }

    /// Leaves out the oldest of the newest, unless the present needs it.
    fn leave_out(&mut self) {
        let Some(item) = self.newest.pop_front() else { return };
        let number = self.first;
        self.first += 1;
        if let Body::Gap(_) = &item.entry.body {
            self.older.insert(number, item);
            self.gaps.push_back(number);
            if self.gaps.len() > GAPS {
                let oldest = self.gaps.pop_front();
                self.left_out += u64::from(oldest.and_then(|oldest| self.older.remove(&oldest)).is_some());
            }
            return;
        }
        self.left_out += u64::from(item.times.is_some());
        let tracks = item.entry.subject.as_ref().and_then(|subject| self.last.get(subject));
        if tracks.is_some_and(|tracks| tracks.iter().any(|(_, last)| *last == number)) {
            self.older.insert(number, item);
        }
    }

    /// A copy of what is there.
    pub(super) fn collected(&self) -> Collected {
        let older = self.older.iter().map(|(number, item)| (*number, item.clone()));
        Collected {
            selection: self.selection.clone(),
            style: self.style,
            items: older.chain((self.first..).zip(self.newest.iter().cloned())).collect(),
            first: self.first,
            left_out: self.left_out,
            missed: self.missed,
            missed_before: self.missed_before,
        }
    }
}

/// Makes pictures of what is collected more and more.
pub(super) struct Painter {
    lines: Lines,
    widths: Widths,
    /// The number of the next entry that has not widened the columns.
    next: u64,
}

impl Painter {
    pub(super) fn new(style: Style) -> Self {
        Self { lines: Lines::fitted(style, []), widths: Widths::default(), next: 0 }
    }

    /// What is to be drawn of it.
    pub(super) fn picture(&mut self, collected: Collected) -> Picture {
        for (number, Item { entry, times }) in &collected.items {
            if *number < self.next {
                continue;
            }
            self.next = *number + 1;
            self.widths.fit(entry, &collected.style);
            if times.is_some() {
                self.lines.fit(entry);
            }
        }
        collected.picture(self)
    }
}

impl Collected {
    fn picture(self, painter: &Painter) -> Picture {
        let seen = self.items.iter().enumerate().filter_map(|(place, (number, item))| {
            let is_listed = *number >= self.first || matches!(item.entry.body, Body::Gap(_));
            Some(Seen { place, number: *number, times: item.times.filter(|_| is_listed)? })
        });
        let seen: Vec<Seen> = seen.collect();
        let entries: Vec<Entry> = self.items.iter().map(|(_, item)| Entry::clone(&item.entry)).collect();
        let start = entries.first().map(start).or(self.style.start);
        let style = Style { start, ..self.style };
        let newest = self.items.iter().find(|(number, _)| *number >= self.first && self.left_out > 0);
        let oldest = newest.map(|(_, item)| item.entry.stamp.elapsed);
        let before = |before: u64| self.items.partition_point(|(number, _)| *number < before);
        let doubts = Doubts { missed: self.missed_before.map(before), ..Doubts::default() };
        let story = Story::collected(entries, &seen, (self.selection, style), (start.unwrap_or_default(), oldest));
        let states = States::of(&story.entries, &story.selection, style);
        Picture {
            width: u16::try_from(painter.widths.total()).unwrap_or(u16::MAX),
            story: Arc::new(story),
            states: Arc::new(states),
            lines: painter.lines.clone(),
            doubts,
            left_out: self.left_out,
            missed: self.missed,
        }
    }
}

/// When the recording of an entry started.
fn start(entry: &Entry) -> Timestamp {
    entry.stamp.at.checked_sub(entry.stamp.elapsed).unwrap_or(entry.stamp.at)
}
