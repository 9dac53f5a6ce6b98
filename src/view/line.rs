//! One entry as one line, for people who watch live.
//!
//! Columns grow with the names that appear and never shrink, so that lines stay aligned although later names are
//! unknown.

use super::row::{Piece, Row};
use super::style::{Ink, Style};
use super::{clock, gap, label};
use crate::kinds::Evidence;
use crate::timeline::{Body, Entry, Provenance, Transition};

const WIDEST_SUBJECT: usize = 44;
const WIDEST_TRACK: usize = 20;
const ARROW: &str = " -> ";
/// What stands in place of the track of an Event.
const EVENT: &str = "event";

/// The same where all tracks are known: `condition/ContainersReady`.
const LONGEST_TRACK: usize = 25;
/// Columns between columns.
const SPACE: usize = 2;
/// Columns of a long transition: `ErrImagePull -> ImagePullBackOff`.
const LONG: usize = 32;
/// Columns of a short subject and track, and of the shortest.
const SHORT: [[usize; 2]; 2] = [[16, 12], [8, 4]];

/// Formats the lines of one watch, in order.
#[derive(Clone, Debug)]
pub struct Lines {
    style: Style,
    subject: usize,
    track: usize,
    /// The widest time alone, and the widest time since the start; none where the second is left out.
    time: usize,
    elapsed: Option<usize>,
    /// The widest transition, and the widest state alone.
    states: [usize; 2],
    /// The width of a line, in which names are shortened before a state is cut.
    room: Option<usize>,
}

impl Lines {
    /// Starts without any lines.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, subject: 16, track: 15, time: clock::TIME, elapsed: Some(6), states: [0; 2], room: None }
    }

    /// Starts with columns as wide as what these entries have.
    #[must_use]
    pub fn fitted<'a>(style: Style, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut lines = Self { subject: 0, track: 0, ..Self::new(style) };
        entries.into_iter().for_each(|entry| lines.fit(entry));
        lines
    }

    /// Makes the columns as wide as what an entry has; none becomes narrower.
    pub fn fit(&mut self, entry: &Entry) {
        let width = |text: &str| Row::of(Ink::Plain, text).width();
        let (time, since) = label::times(entry);
        self.time = self.time.max(time.len());
        self.elapsed = self.elapsed.max(since.map(|since| clock::elapsed_short(since).len()));
        let track = match &entry.body {
            Body::Transition(Transition { track, from, to }) => {
                let from = from.as_ref().map_or(0, |from| width(&label::short(from)) + ARROW.len());
                let to = width(&label::short(to));
                self.states = [self.states[0].max(from + to), self.states[1].max(to)];
                track.to_string()
            }
            Body::Detailed(detailed) => detailed.track.to_string(),
            Body::Evidence(_) => EVENT.to_owned(),
            Body::Gap(_) | Body::Mark(_) => return,
        };
        self.names(entry, &track, &mut Row::new());
        self.track = self.track.max(width(&track).min(LONGEST_TRACK));
    }

    /// The same for lines of a width: as in `-o log`, names are shortened and times left out before a state is cut.
    #[must_use]
    pub fn within(&self, room: usize) -> Self {
        let width = self.style.width.map(|_| room);
        let mut lines = Self { room: Some(room), style: Style { width, ..self.style }, ..self.clone() };
        let [transition, state] = self.states;
        // Where a longer one does not fit, its line leaves out the state before.
        let transition = transition.min(LONG).max(state);
        lines.shorten(SHORT[0], transition);
        if lines.excess(transition) > 0 {
            (lines.subject, lines.track, lines.elapsed) = (self.subject, self.track, None);
            lines.shorten(SHORT[0], transition);
        }
        lines.shorten(SHORT[1], state);
        lines
    }

    /// Cuts lines at another width.
    pub fn sized(&mut self, width: usize) -> &mut Self {
        self.style.width = Some(width);
        self
    }

    /// Shortens names as far as necessary for states of a width.
    fn shorten(&mut self, [subject, track]: [usize; 2], state: usize) {
        self.subject = self.subject.saturating_sub(self.excess(state)).max(subject.min(self.subject));
        self.track = self.track.saturating_sub(self.excess(state)).max(track.min(self.track));
    }

    /// By how much lines with states of a width are too wide.
    fn excess(&self, state: usize) -> usize {
        let times = self.elapsed.map_or(self.time, |elapsed| self.time.max(clock::TIME + SPACE + elapsed));
        // The sign of a line that is cut takes a column.
        let width = times + self.subject + self.track + 3 * SPACE + state + 1;
        width.saturating_sub(self.room.unwrap_or(usize::MAX))
    }

    /// True when everything but the words after the state fits into a width.
    pub fn fits(&mut self, entry: &Entry, width: usize) -> bool {
        let mut row = label::moment(entry, self.elapsed, clock::elapsed_short);
        match &entry.body {
            Body::Transition(Transition { track, from, to }) => {
                self.names(entry, &track.to_string(), &mut row);
                if let Some(from) = from {
                    row.push(Ink::Plain, label::short(from) + ARROW);
                }
                row.append(label::state(track, to));
            }
            Body::Detailed(detailed) => {
                self.names(entry, &detailed.track.to_string(), &mut row);
                row.append(label::state(&detailed.track, &detailed.to));
            }
            Body::Evidence(evidence) => {
                self.names(entry, EVENT, &mut row);
                row.push(Ink::Plain, &evidence.reason);
            }
            Body::Gap(_) | Body::Mark(_) => self.fill(entry, 1, false, &mut row),
        }
        // The sign of a line that is cut takes a column.
        row.width() < width
    }

    /// The pieces of the entry's line, cut to a width; `is_held` if it is shown as the state at the start of a window.
    pub fn pieces(&mut self, entry: &Entry, is_held: bool, width: usize) -> Vec<Piece> {
        self.row(entry, times(entry), is_held).pieces(width)
    }

    /// The same for an entry that stands for several.
    pub fn repeated_pieces(&mut self, entry: &Entry, times: u32, width: usize) -> Vec<Piece> {
        self.row(entry, times, false).pieces(width)
    }

    /// The entry's line, with its end:
    /// `18:09:28.746  +4.9s  vm/vm-imagepull  status  Starting -> ErrImagePull`.
    pub fn line(&mut self, entry: &Entry) -> String {
        self.repeated(entry, times(entry))
    }

    /// The same for an entry that stands for several: `BackOff x179`.
    pub fn repeated(&mut self, entry: &Entry, times: u32) -> String {
        self.row(entry, times, false).line(&self.style)
    }

    /// The same for a state that its track held at the start of a window.
    pub fn held(&mut self, entry: &Entry) -> String {
        self.row(entry, times(entry), true).line(&self.style)
    }

    /// The entry's line without its time, to be searched.
    pub fn words(&mut self, entry: &Entry) -> String {
        let mut row = Row::new();
        self.fill(entry, times(entry), false, &mut row);
        row.line(&Style { colour: false, width: None, ..self.style })
    }

    fn row(&mut self, entry: &Entry, times: u32, is_held: bool) -> Row {
        let mut row = label::moment(entry, self.elapsed, clock::elapsed_short);
        if self.elapsed.is_none() && row.width() < self.time + SPACE {
            row.tab(self.time + SPACE);
        }
        self.fill(entry, times, is_held, &mut row);
        row
    }

    /// Adds everything but the time.
    fn fill(&mut self, entry: &Entry, times: u32, is_held: bool, row: &mut Row) {
        match &entry.body {
            Body::Transition(transition) => self.transition(entry, transition, is_held, row),
            Body::Detailed(detailed) => {
                self.names(entry, &detailed.track.to_string(), row);
                row.append(label::state(&detailed.track, &detailed.to));
                if entry.seen != Provenance::Live {
                    row.push(Ink::Faint, format!(" [{}]", entry.seen.as_str()));
                }
                row.push(Ink::Faint, format!("   {}", label::change(detailed)));
            }
            Body::Evidence(evidence) => self.evidence(entry, evidence, times, row),
            Body::Gap(blind) => {
                let subject = entry.subject.as_deref();
                row.append(match self.room {
                    Some(room) => gap::line_within(blind, subject, &self.style, room.saturating_sub(row.width())),
                    None => gap::line(blind, subject, &self.style),
                });
            }
            Body::Mark(name) => {
                row.push(Ink::Mark, format!("---- {name} ----"));
            }
        }
    }

    fn transition(&mut self, entry: &Entry, transition: &Transition, is_held: bool, row: &mut Row) {
        self.names(entry, &transition.track.to_string(), row);
        let to = label::state(&transition.track, &transition.to);
        if let Some(from) = &transition.from {
            let from = Row::of(Ink::Faint, label::short(from) + ARROW);
            if self.room.is_none_or(|room| row.width() + from.width() + to.width() < room) {
                row.append(from);
            }
        }
        row.append(to);
        let seen = (entry.seen != Provenance::Live).then(|| entry.seen.as_str());
        let seen: Vec<&str> = seen.into_iter().chain(is_held.then_some("held at the start")).collect();
        if !seen.is_empty() {
            row.push(Ink::Faint, format!(" [{}]", seen.join(", ")));
        }
        let words = label::words(&transition.to);
        if !words.is_empty() {
            row.push(Ink::Faint, format!("   {words}"));
        }
    }

    fn evidence(&mut self, entry: &Entry, evidence: &Evidence, times: u32, row: &mut Row) {
        self.names(entry, EVENT, row);
        let ink = if evidence.kind == "Warning" { Ink::Waiting } else { Ink::Plain };
        row.push(ink, &evidence.reason);
        if times > 1 {
            row.push(Ink::Plain, format!(" x{times}"));
        }
        row.push(Ink::Faint, format!("   {}", evidence.message));
    }

    fn names(&mut self, entry: &Entry, track: &str, row: &mut Row) {
        let involved = match (&entry.subject, &entry.body) {
            (Some(subject), _) => Some((&subject.kind, &subject.namespace, &subject.name)),
            (None, Body::Evidence(e)) => Some((&e.involved.kind, &e.involved.namespace, &e.involved.name)),
            (None, _) => None,
        };
        let names = involved.map(|(kind, namespace, name)| label::placed(kind, namespace, name, &self.style));
        let names = Row::of(Ink::Strong, names.unwrap_or_default());
        let track = Row::of(Ink::Plain, track);
        let (names, track) = if self.room.is_some() {
            (names.shortened(self.subject), track.shortened(self.track))
        } else {
            self.subject = self.subject.max(names.width().min(WIDEST_SUBJECT));
            self.track = self.track.max(track.width().min(WIDEST_TRACK));
            (names, track)
        };
        let start = row.width();
        row.append(names).tab(start + self.subject + SPACE);
        let start = row.width();
        row.append(track).tab(start + self.track + SPACE);
    }
}

/// How often what an entry reports happened.
fn times(entry: &Entry) -> u32 {
    if let Body::Evidence(evidence) = &entry.body { evidence.count } else { 1 }
}
