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
/// What stands in place of the track of an Event.
const EVENT: &str = "event";

/// Formats the lines of one watch, in order.
#[derive(Clone, Debug)]
pub struct Lines {
    style: Style,
    subject: usize,
    track: usize,
}

impl Lines {
    /// Starts without any lines.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, subject: 16, track: 15 }
    }

    /// Starts with columns as wide as the names of these entries.
    #[must_use]
    pub fn fitted<'a>(style: Style, entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut lines = Self::new(style);
        for entry in entries {
            let track = match &entry.body {
                Body::Transition(transition) => transition.track.to_string(),
                Body::Detailed(detailed) => detailed.track.to_string(),
                Body::Evidence(_) => EVENT.to_owned(),
                Body::Gap(_) | Body::Mark(_) => continue,
            };
            lines.names(entry, &track, &mut Row::new());
        }
        lines
    }

    /// The pieces of the entry's line, cut to a width.
    pub fn pieces(&mut self, entry: &Entry, width: usize) -> Vec<Piece> {
        self.row(entry, times(entry)).pieces(width)
    }

    /// The entry's line, with its end:
    /// `18:09:28.746  +4.9s  vm/vm-imagepull  status  Starting -> ErrImagePull`.
    pub fn line(&mut self, entry: &Entry) -> String {
        self.repeated(entry, times(entry))
    }

    /// The same for an entry that stands for several: `BackOff x179`.
    pub fn repeated(&mut self, entry: &Entry, times: u32) -> String {
        self.row(entry, times).line(&self.style)
    }

    /// The entry's line without its time, to be searched.
    pub fn words(&mut self, entry: &Entry) -> String {
        let mut row = Row::new();
        self.fill(entry, times(entry), &mut row);
        row.line(&Style { colour: false, width: None, ..self.style })
    }

    fn row(&mut self, entry: &Entry, times: u32) -> Row {
        let mut row = label::moment(entry, Some(6), clock::elapsed_short);
        self.fill(entry, times, &mut row);
        row
    }

    /// Adds everything but the time.
    fn fill(&mut self, entry: &Entry, times: u32, row: &mut Row) {
        match &entry.body {
            Body::Transition(transition) => self.transition(entry, transition, row),
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
                row.append(gap::line(blind, entry.subject.as_deref(), &self.style));
            }
            Body::Mark(name) => {
                row.push(Ink::Mark, format!("---- {name} ----"));
            }
        }
    }

    fn transition(&mut self, entry: &Entry, transition: &Transition, row: &mut Row) {
        self.names(entry, &transition.track.to_string(), row);
        if let Some(from) = &transition.from {
            row.push(Ink::Faint, label::short(from)).push(Ink::Faint, " -> ");
        }
        row.append(label::state(&transition.track, &transition.to));
        if entry.seen != Provenance::Live {
            row.push(Ink::Faint, format!(" [{}]", entry.seen.as_str()));
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
        self.subject = self.subject.max(names.width().min(WIDEST_SUBJECT));
        let start = row.width();
        row.append(names).tab(start + self.subject + 2);
        let track = Row::of(Ink::Plain, track);
        self.track = self.track.max(track.width().min(WIDEST_TRACK));
        let start = row.width();
        row.append(track).tab(start + self.track + 2);
    }
}

/// How often what an entry reports happened.
fn times(entry: &Entry) -> u32 {
    if let Body::Evidence(evidence) = &entry.body { evidence.count } else { 1 }
}
