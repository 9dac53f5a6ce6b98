//! One track as a path: `18:09:23.620  Pending 12ms -> ContainerCreating 2.10s -> ErrImagePull 1.13s`.
//!
//! The form of the expectation language, with the dwell after each state; that of the last state lasts until the
//! deletion of the subject. A full line continues in the next one, which starts with the time of its first state.

use super::account::{Course, Step};
use super::aside::Aside;
use super::row::Row;
use super::style::{Ink, Style};
use super::{gap, label};
use crate::timeline::{Entry, Provenance};

/// The lines of a course; paths begin at column `indent` and end before `width`.
pub(super) fn rows(course: &Course<'_>, indent: usize, (width, style): (usize, &Style)) -> Vec<Row> {
    let mut route = Route { lines: Vec::new(), width: width - indent, style, begun: false };
    for (index, step) in course.steps.iter().enumerate() {
        match step {
            Step::Entered { entry, transition, dwell, held, .. } => {
                let mut piece = Row::new();
                if index == 0 && transition.from.is_some() && !held {
                    piece.push(Ink::Faint, "... -> ");
                }
                piece.append(label::state(course.track, &transition.to));
                if entry.seen != Provenance::Live {
                    piece.push(Ink::Faint, format!(" [{}]", entry.seen.as_str()));
                }
                if *held {
                    piece.push(Ink::Faint, " [held]");
                }
                if let Some(dwell) = dwell {
                    piece.push(Ink::Faint, format!(" {}", dwell.text()));
                }
                route.add(piece, Some(entry));
            }
            Step::Detailed { entry, detailed, .. } => {
                route.beside(Row::of(Ink::Faint, format!(" ({})", label::change(detailed))), entry);
            }
            Step::Lost { gap: blind, .. } if blind.track.is_some() => route.full(gap::line_beside(blind, style)),
            Step::Lost { gap: blind, .. } => route.add(gap::short(blind), None),
            Step::Found { state } => {
                let mut piece = Row::of(Ink::Faint, "still ");
                piece.append(label::state(course.track, state));
                route.add(piece, None);
            }
        }
    }
    Aside::new(course.track.to_string(), indent).beside(route.lines)
}

/// Column at which a state continues that is too long for a line.
const HANG: usize = 14;

struct Route<'a> {
    lines: Vec<Row>,
    width: usize,
    style: &'a Style,
    /// A piece precedes, so the next one needs an arrow.
    begun: bool,
}

impl Route<'_> {
    fn add(&mut self, piece: Row, entry: Option<&Entry>) {
        let arrow = if self.begun { " -> " } else { "" };
        let fits = self.lines.last().is_some_and(|line| line.width() + arrow.len() + piece.width() <= self.width);
        // Without an entry there is no time to start a line with; the piece stays on the line of its predecessor.
        if self.begun
            && (fits || entry.is_none())
            && let Some(line) = self.lines.last_mut()
        {
            line.push(Ink::Faint, arrow).append(piece);
            return;
        }
        let time = entry.map(|entry| label::time(entry, self.style)).unwrap_or_default();
        let mut line = Row::of(Ink::Faint, format!("{time:12}  "));
        if !self.lines.is_empty() {
            line.push(Ink::Faint, "-> ");
        }
        line.append(piece);
        self.lines.extend(line.broken(self.width, HANG));
        self.begun = true;
    }

    /// Adds something that belongs to the previous state.
    fn beside(&mut self, piece: Row, entry: &Entry) {
        match self.lines.last_mut().filter(|line| self.begun && line.width() + piece.width() <= self.width) {
            Some(line) => _ = line.append(piece),
            None => {
                let mut line = Row::of(Ink::Faint, format!("{:12} ", label::time(entry, self.style)));
                line.append(piece);
                self.lines.push(line);
                self.begun = true;
            }
        }
    }

    fn full(&mut self, line: Row) {
        self.lines.push(line);
        self.begun = false;
    }
}
