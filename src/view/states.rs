//! The states of all subjects at any moment of a timeline, for a player that moves in both directions.
//!
//! Every track is indexed once: which entries enter its states, and in which spans its state is unknown. A moment is then
//! found by binary search, wherever it was before. It shows what `show --at` shows of the same moment.

use super::account::{Account, Accounts, Step};
use super::label;
use super::overview::fitting;
use super::row::{Piece, Row};
use super::selection::Selection;
use super::standing::{entered_between, existed_before, not_seen, since};
use super::style::{Ink, Style};
use crate::observation::{Subject, Track};
use crate::timeline::{Body, Entry, GapEntry, Provenance, Transition};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;

/// From this width on, a table says since when a state is held, and not only for how long.
const WITH_SINCE: usize = 72;

/// How much of a timeline has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The number of its entries that have.
    pub entries: usize,
    /// The moment, by the recorder's clock.
    pub at: Timestamp,
}

/// The states of a timeline.
#[derive(Clone, Debug)]
pub struct States {
    entries: Arc<[Entry]>,
    style: Style,
    objects: Vec<Object>,
}

/// A track of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    object: usize,
    course: usize,
}

#[derive(Clone, Debug)]
struct Object {
    subject: Arc<Subject>,
    /// Entries of its lifecycle, and whether it is gone from there on.
    lives: Vec<(usize, bool)>,
    courses: Vec<Course>,
}

#[derive(Clone, Debug, Default)]
struct Course {
    /// None for a subject of which only gaps are known.
    track: Option<Track>,
    /// The entries that enter its states.
    entered: Vec<usize>,
    /// Ascending by their ends.
    unknown: Vec<Unknown>,
}

/// A span in which the state of a track is unknown.
#[derive(Clone, Debug)]
struct Unknown {
    from: Timestamp,
    /// It ends with this entry.
    until: usize,
    /// The earliest start of this span and all later ones.
    earliest: Timestamp,
    /// The entry that says why.
    reason: usize,
}

/// What is known of a track.
enum Known<'a> {
    State(&'a Entry, &'a Transition),
    Nothing { was: Option<&'a Transition>, why: String },
}

impl States {
    /// Indexes the tracks that the selection matches.
    #[must_use]
    pub fn of(entries: &Arc<[Entry]>, selection: &Selection, style: Style) -> Self {
        let accounts = Accounts::of(entries, selection, style.caveats).of;
        let mut places: HashMap<&Subject, usize> = HashMap::new();
        let mut objects: Vec<Object> = Vec::new();
        for account in &accounts {
            let Some(subject) = account.first.subject.clone() else { continue };
            let courses = courses(account);
            if !courses.is_empty() {
                places.insert(account.subject, objects.len());
                objects.push(Object { subject, lives: Vec::new(), courses });
            }
        }
        for (place, entry) in entries.iter().enumerate() {
            let Body::Transition(transition) = &entry.body else { continue };
            let object = entry.subject.as_deref().and_then(|subject| places.get(subject));
            if let Some(object) = object.filter(|_| transition.track == Track::Lifecycle) {
                objects[*object].live(place, entry, transition.is_deletion());
            }
        }
        objects.iter_mut().flat_map(|object| &mut object.courses).for_each(Course::finish);
        Self { entries: Arc::clone(entries), style, objects }
    }

    /// What there is at a moment, in the order in which it was first seen: of every subject its first track, or every
    /// track.
    #[must_use]
    pub fn lines(&self, now: Now, every_track: bool) -> Vec<Line> {
        let mut lines = Vec::new();
        for (object, of) in self.objects.iter().enumerate().filter(|(_, of)| !of.is_gone(now)) {
            let there = of.courses.iter().enumerate().filter(|(_, course)| course.is_there(now));
            let there = there.map(|(course, _)| Line { object, course });
            lines.extend(there.take(if every_track { usize::MAX } else { 1 }));
        }
        lines
    }

    /// The subject of a line.
    #[must_use]
    pub fn subject(&self, line: Line) -> &Subject {
        &self.objects[line.object].subject
    }

    /// A table of lines, with a header, in a width.
    #[must_use]
    pub fn table(&self, lines: &[Line], now: Now, width: usize) -> Vec<Vec<Piece>> {
        let header = ["SUBJECT", "TRACK", "STATE", "FOR", "SINCE"].map(|name| Row::of(Ink::Strong, name));
        let cells = [header].into_iter().chain(lines.iter().map(|line| self.cells(*line, now)));
        let style = Style { width: Some(width), ..self.style };
        let rows = if width < WITH_SINCE {
            let cells = cells.map(|[subject, track, state, length, _]| [subject, track, state, length]).collect();
            fitting(cells, &style, &[0, 1], 3)
        } else {
            fitting(cells.collect(), &style, &[0, 1], 4)
        };
        rows.into_iter().map(|row| row.pieces(width)).collect()
    }

    /// All tracks of a line's subject, each with what the API says of its state.
    #[must_use]
    pub fn details(&self, line: Line, now: Now) -> Vec<Vec<Piece>> {
        let object = &self.objects[line.object];
        let mut title = Row::of(Ink::Strong, object.subject.to_string());
        title.push(Ink::Faint, format!("  uid {}", object.subject.uid));
        let mut rows = vec![title];
        if object.is_gone(now) {
            rows.push(Row::of(Ink::Gone, "deleted"));
        }
        for course in object.courses.iter().filter(|course| course.is_there(now)) {
            let track = course.track.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
            let mut row = Row::of(Ink::Plain, format!("{track}  "));
            match self.known(course, now) {
                Some(Known::State(entry, transition)) => {
                    let (since, length) = since(entry, now.at, &self.style);
                    row.append(label::state(&transition.track, &transition.to));
                    row.push(Ink::Faint, "  since ").append(since);
                    row.push(Ink::Faint, "  for ").append(length);
                    let version = entry.resource_version.as_ref().map(|version| format!("  rv {version}"));
                    row.push(Ink::Faint, version.unwrap_or_default());
                    row.push(Ink::Faint, format!("  {}", label::seen(entry)));
                    rows.push(row);
                    let words = label::words(&transition.to);
                    rows.extend((!words.is_empty()).then(|| Row::of(Ink::Faint, format!("    {words}"))));
                }
                Some(Known::Nothing { was, why }) => {
                    row.push(Ink::Gap, format!("unknown: {why}{}", before(was)));
                    rows.push(row);
                }
                None => {}
            }
        }
        rows.into_iter().map(|row| row.pieces(usize::MAX)).collect()
    }

    fn cells(&self, line: Line, now: Now) -> [Row; 5] {
        let object = &self.objects[line.object];
        let (subject, course) = (&object.subject, &object.courses[line.course]);
        let name = Row::of(Ink::Strong, label::placed(&subject.kind, &subject.namespace, &subject.name, &self.style));
        let track = course.track.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
        let track = Row::of(Ink::Plain, track);
        let none = || Row::of(Ink::Faint, "-");
        match self.known(course, now) {
            Some(Known::State(entry, transition)) => {
                let (since, length) = since(entry, now.at, &self.style);
                [name, track, label::state(&transition.track, &transition.to), length, since]
            }
            Some(Known::Nothing { .. }) => [name, track, Row::of(Ink::Gap, "unknown"), none(), none()],
            None => [name, track, none(), none(), none()],
        }
    }

    fn known(&self, course: &Course, now: Now) -> Option<Known<'_>> {
        let transition = |place: usize| match &self.entries[place].body {
            Body::Transition(transition) => Some(transition),
            _ => None,
        };
        let state = course.state(now);
        if let Some(unknown) = course.unknown(now) {
            let entry = &self.entries[unknown.reason];
            let (was, why) = match &entry.body {
                Body::Gap(blind) => (state, not_seen(blind)),
                _ if entry.seen == Provenance::Initial => (None, existed_before(entry, &self.style)),
                Body::Transition(entered) => (state, entered_between(entry, entered, &self.style)),
                _ => (state, String::new()),
            };
            return Some(Known::Nothing { was: was.and_then(transition), why });
        }
        state.and_then(|place| Some(Known::State(&self.entries[place], transition(place)?)))
    }
}

impl Object {
    /// Adds an entry of its lifecycle. While it may have been deleted, its states are unknown.
    fn live(&mut self, place: usize, entry: &Entry, is_gone: bool) {
        self.lives.push((place, is_gone));
        if let Some(from) = entry.not_before.filter(|_| is_gone) {
            let unknown = Unknown { from, until: place, earliest: from, reason: place };
            self.courses.iter_mut().for_each(|course| course.unknown.push(unknown.clone()));
        }
    }

    fn is_gone(&self, now: Now) -> bool {
        let made = self.lives.partition_point(|(place, _)| *place < now.entries);
        made.checked_sub(1).is_some_and(|last| self.lives[last].1)
    }
}

impl Course {
    /// The entry of the last state.
    fn state(&self, now: Now) -> Option<usize> {
        let made = self.entered.partition_point(|place| *place < now.entries);
        made.checked_sub(1).map(|last| self.entered[last])
    }

    /// The span that covers a moment.
    fn unknown(&self, now: Now) -> Option<&Unknown> {
        let over = self.unknown.partition_point(|unknown| unknown.until < now.entries);
        let rest = &self.unknown[over..];
        rest.first().filter(|next| next.earliest <= now.at)?;
        rest.iter().find(|unknown| unknown.from <= now.at)
    }

    fn is_there(&self, now: Now) -> bool {
        self.state(now).is_some() || self.unknown(now).is_some()
    }

    fn enter(&mut self, place: usize, entry: &Entry) {
        self.entered.push(place);
        let from = if entry.seen == Provenance::Initial { Some(Timestamp::MIN) } else { entry.not_before };
        if let Some(from) = from {
            self.unknown.push(Unknown { from, until: place, earliest: from, reason: place });
        }
    }

    fn lose(&mut self, place: usize, gap: &GapEntry) {
        let until = if gap.to.is_some() { place } else { usize::MAX };
        let from = gap.from.unwrap_or(Timestamp::MIN);
        self.unknown.push(Unknown { from, until, earliest: from, reason: place });
    }

    fn finish(&mut self) {
        self.unknown.sort_by_key(|unknown| unknown.until);
        let mut earliest = Timestamp::MAX;
        for unknown in self.unknown.iter_mut().rev() {
            earliest = earliest.min(unknown.from);
            unknown.earliest = earliest;
        }
    }
}

/// The tracks of a subject; none if there is nothing but Events about it.
fn courses(account: &Account<'_>) -> Vec<Course> {
    let mut courses: Vec<Course> = Vec::new();
    for course in &account.courses {
        let mut indexed = Course { track: Some(course.track.clone()), ..Course::default() };
        let mut lost: Option<&GapEntry> = None;
        for step in &course.steps {
            match step {
                Step::Entered { place, entry, .. } => {
                    // The state that was found after a gap ends it.
                    let found = lost.take().is_some_and(|gap| gap.to.is_none_or(|to| to == entry.stamp.at));
                    if let Some(gap) = indexed.unknown.last_mut().filter(|_| found) {
                        gap.until = *place;
                    }
                    indexed.enter(*place, entry);
                }
                Step::Lost { place, gap } => {
                    lost = Some(gap);
                    indexed.lose(*place, gap);
                }
                Step::Detailed { .. } | Step::Found { .. } => {}
            }
        }
        courses.push(indexed);
    }
    if courses.is_empty() && !account.gaps.is_empty() {
        let mut unseen = Course::default();
        account.gaps.iter().for_each(|(place, gap)| unseen.lose(*place, gap));
        courses.push(unseen);
    }
    courses
}

/// `; before, Running`.
fn before(was: Option<&Transition>) -> String {
    was.map(|was| format!("; before, {}", label::short(&was.to))).unwrap_or_default()
}
