//! The states of all subjects at any moment of a timeline, for a player: those that `show --at` has of the same moment.

use super::overview::{SPACE, fitting};
use super::row::{Piece, Row};
use super::selection::{Moment, Selection};
use super::standing::{since, unknown};
use super::standings::{Instant, Known, Standings, transition};
use super::style::{Ink, Style};
use super::{clock, label};
use crate::observation::{Subject, Track};
use crate::timeline::{Body, Entry};
use jiff::Timestamp;
use std::sync::Arc;

const HEADER: [&str; 5] = ["SUBJECT", "TRACK", "STATE", "FOR", "SINCE"];
/// From this width on, a table says since when a state is held, and not only for how long.
const WITH_SINCE: usize = 72;

/// What precedes the last state that was seen of a track that is not followed.
const STALE: &str = "stale: ";

/// A moment of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The moment, by the recorder's clock.
    pub at: Timestamp,
    /// The place of the last entry that has happened, if it is known which of those of exactly this moment have.
    pub last: Option<usize>,
}

/// The states of a timeline.
#[derive(Clone, Debug)]
pub struct States {
    entries: Arc<[Entry]>,
    style: Style,
    standings: Standings,
}

/// A track of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    object: usize,
    /// None for a subject of which only a gap is known.
    course: Option<usize>,
}

/// The widths of the columns of the states of entries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Widths([usize; 3]);

impl Widths {
    /// Makes the columns as wide as what an entry has.
    pub fn fit(&mut self, entry: &Entry, style: &Style) {
        let mut widen = |column: usize, text: &str| {
            self.0[column] = self.0[column].max(Row::of(Ink::Plain, text).width());
        };
        if let (Some(subject), Body::Transition(_) | Body::Detailed(_) | Body::Gap(_)) = (&entry.subject, &entry.body) {
            let Subject { kind, namespace, name, .. } = &**subject;
            widen(0, &label::placed(kind, namespace, name, style));
        }
        if let Some(transition) = transition(entry) {
            widen(1, &transition.track.to_string());
            widen(2, &label::short(&transition.to));
        }
    }

    /// The width of a table with them.
    #[must_use]
    pub fn total(self) -> usize {
        let [subject, track, state] = [0, 1, 2].map(|column| self.0[column].max(HEADER[column].len()));
        // A length, and a time.
        subject + track + state + 7 + clock::TIME + SPACE * (HEADER.len() - 1) + 1
    }
}

/// What of the present is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doubts {
    /// Watches that are not followed, by their index, and since when.
    pub unfollowed: Vec<(usize, Timestamp)>,
    /// Entries are missing before this place.
    pub missed: Option<usize>,
}

impl Doubts {
    /// True when the state that an entry began may have ended without being seen.
    fn reach(&self, place: usize, entry: &Entry, now: Now) -> bool {
        let is_of = |watch: usize| entry.origin.is_none_or(|origin| usize::from(origin.watch) == watch);
        self.missed.is_some_and(|missed| place < missed)
            || self.unfollowed.iter().any(|(watch, since)| is_of(*watch) && *since <= now.at)
    }
}

impl States {
    /// Indexes the tracks that the selection matches.
    #[must_use]
    pub fn of(entries: &Arc<[Entry]>, selection: &Selection, style: Style) -> Self {
        Self { entries: Arc::clone(entries), style, standings: Standings::of(entries, selection) }
    }

    /// What there is at a moment, in the order in which it was first seen: of every subject its first track, or every
    /// track.
    #[must_use]
    pub fn lines(&self, now: Now, every_track: bool) -> Vec<Line> {
        let objects = self.standings.objects.iter().enumerate();
        let lines = objects.flat_map(|(object, of)| {
            let known = of.at(&self.entries, &now.into(), !every_track).into_iter();
            known.map(move |(course, _)| Line { object, course })
        });
        lines.collect()
    }

    /// The width of a table in which nothing has to be shortened, at any moment.
    #[must_use]
    pub fn width(&self) -> usize {
        let mut widths = Widths::default();
        self.entries.iter().for_each(|entry| widths.fit(entry, &self.style));
        widths.total()
    }

    /// The subject of a line.
    #[must_use]
    pub fn subject(&self, line: Line) -> &Subject {
        &self.standings.objects[line.object].subject
    }

    /// The track of a line; none for a subject of which only a gap is known.
    #[must_use]
    pub fn track(&self, line: Line) -> Option<&Track> {
        line.course.map(|course| &self.standings.objects[line.object].courses[course].track)
    }

    /// The line of a subject and a track, or else of its first track.
    #[must_use]
    pub fn find(&self, subject: &Subject, track: Option<&Track>) -> Option<Line> {
        let object = self.standings.objects.iter().position(|object| *object.subject == *subject)?;
        let courses = &self.standings.objects[object].courses;
        let same = courses.iter().position(|course| Some(&course.track) == track);
        Some(Line { object, course: same.or((!courses.is_empty()).then_some(0)) })
    }

    /// A table of lines, with a header, in a width.
    #[must_use]
    pub fn table(&self, lines: &[Line], now: Now, doubts: &Doubts, width: usize) -> Vec<Vec<Piece>> {
        let header = HEADER.map(|name| Row::of(Ink::Strong, name));
        let cells = [header].into_iter().chain(lines.iter().map(|line| self.cells(*line, now, doubts)));
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
    pub fn details(&self, line: Line, now: Now, doubts: &Doubts) -> Vec<Vec<Piece>> {
        let object = &self.standings.objects[line.object];
        let mut title = Row::of(Ink::Strong, object.subject.to_string());
        title.push(Ink::Faint, format!("  uid {}", object.subject.uid));
        let mut rows = vec![title];
        if object.is_gone(&self.entries, &now.into()) {
            rows.push(Row::of(Ink::Gone, "deleted"));
        }
        for (course, known) in object.at(&self.entries, &now.into(), false) {
            let track = course.map_or_else(|| "-".to_owned(), |course| object.courses[course].track.to_string());
            let mut row = Row::of(Ink::Plain, format!("{track}  "));
            match known {
                Known::State(place) => {
                    let entry = &self.entries[place];
                    let Some(transition) = transition(entry) else { continue };
                    let (since, length) = since(entry, now.at, &self.style);
                    if doubts.reach(place, entry, now) {
                        row.push(Ink::Gap, format!("{STALE}{}", label::short(&transition.to)));
                        row.push(Ink::Faint, "  since ").append(since);
                        row.push(Ink::Gap, "  what came after it may not have been seen");
                        rows.push(row);
                        continue;
                    }
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
                Known::Unknown { was, reason } => {
                    let was = was.and_then(|place| transition(&self.entries[place]));
                    row.push(Ink::Gap, format!("unknown: {}", unknown(&self.entries[reason], was, &self.style)));
                    rows.push(row);
                }
            }
        }
        rows.into_iter().map(|row| row.pieces(usize::MAX)).collect()
    }

    fn cells(&self, line: Line, now: Now, doubts: &Doubts) -> [Row; 5] {
        let object = &self.standings.objects[line.object];
        let subject = &object.subject;
        let name = Row::of(Ink::Strong, label::placed(&subject.kind, &subject.namespace, &subject.name, &self.style));
        let track = line.course.map_or_else(|| "-".to_owned(), |course| object.courses[course].track.to_string());
        let track = Row::of(Ink::Plain, track);
        let none = || Row::of(Ink::Faint, "-");
        match object.known(line.course, &self.entries, &now.into()) {
            Some(Known::State(place)) => {
                let entry = &self.entries[place];
                let (since, length) = since(entry, now.at, &self.style);
                if let Some(transition) = transition(entry).filter(|_| doubts.reach(place, entry, now)) {
                    let state = Row::of(Ink::Gap, format!("{STALE}{}", label::short(&transition.to)));
                    return [name, track, state, none(), since];
                }
                let state = transition(entry).map(|transition| label::state(&transition.track, &transition.to));
                [name, track, state.unwrap_or_default(), length, since]
            }
            Some(Known::Unknown { .. }) => [name, track, Row::of(Ink::Gap, "unknown"), none(), none()],
            None => [name, track, none(), none(), none()],
        }
    }
}

impl From<Now> for Instant {
    fn from(Now { at, last }: Now) -> Self {
        Self { moment: Moment::At(at), last }
    }
}
