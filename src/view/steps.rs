//! One track, a line per state, with the marks and the gaps of the whole subject in between.

use super::account::{Account, Course, Step};
use super::aside::Aside;
use super::clock::{self, TIME};
use super::dwell::End;
use super::row::Row;
use super::style::{Ink, Style};
use super::{gap, label};
use crate::observation::State;
use crate::timeline::{Body, Detailed, Entry, Provenance};
use std::time::Duration;

/// Columns of the longest line, up to the length of its stay.
pub(super) fn columns(account: &Account<'_>, course: &Course<'_>) -> usize {
    Widths::of(course, account.last.stamp.elapsed).all()
}

/// The lines of a track, at column `indent`. Lines wider than the terminal continue in the next one, except messages,
/// which are cut.
pub(super) fn rows(
    account: &Account<'_>,
    course: &Course<'_>,
    apart: &[(usize, &Entry)],
    (indent, style): (usize, &Style),
) -> Vec<Row> {
    let room = style.width.map_or(usize::MAX, |width| width.saturating_sub(indent));
    let mut widths = Widths::of(course, account.last.stamp.elapsed);
    if widths.all() > room {
        widths.elapsed = None;
    }
    let broken = |place: usize, row: Row| row.broken(room, TIME + 2).into_iter().map(move |line| (place, line));
    let mut lines: Vec<(usize, Row)> = Vec::new();
    let mut day = style.start.map(clock::day);
    for step in &course.steps {
        let place = lines.last().map_or(0, |(place, _)| *place);
        if let Step::Entered { place, entry, .. } | Step::Detailed { place, entry, .. } = step {
            let today = clock::day(entry.stamp.at);
            if day.as_ref().is_some_and(|day| *day != today) {
                lines.push((*place, label::day(&today)));
                day = Some(today);
            }
        }
        match step {
            Step::Entered { place, entry, .. } => {
                lines.extend(broken(*place, widths.row(step, course)));
                if let Some((_, line)) = lines.last_mut() {
                    if let Some(version) = entry.resource_version.as_ref().filter(|_| style.wide) {
                        line.push(Ink::Faint, format!("  rv {version}"));
                    }
                    line.push(Ink::Faint, message(entry));
                }
            }
            Step::Detailed { place, entry, detailed } => {
                lines.extend(broken(*place, widths.detailed(entry, detailed)));
            }
            Step::Found { state } => lines.push((place, widths.found(state, course))),
            Step::Lost { place, gap } => lines.extend(broken(*place, gap::line_beside(gap, style))),
        }
    }
    // Gaps of the whole subject before the first step of this track.
    let listed = |place: usize| lines.iter().any(|(line, _)| *line == place);
    let earlier: Vec<_> = account.gaps.iter().filter(|(place, _)| !listed(*place)).copied().collect();
    lines.extend(earlier.into_iter().flat_map(|(place, blind)| broken(place, gap::line_beside(blind, style))));
    lines.extend(marks(&lines, apart));
    lines.sort_by_key(|(place, _)| *place);
    Aside::new(course.track.to_string(), indent).beside(lines.into_iter().map(|(_, line)| line))
}

/// The message of a state, after its line.
fn message(entry: &Entry) -> String {
    let Body::Transition(transition) = &entry.body else { return String::new() };
    let words = label::words(&transition.to);
    if words.is_empty() { words } else { format!("  {words}") }
}

/// Marks between the first and the last line.
fn marks(lines: &[(usize, Row)], apart: &[(usize, &Entry)]) -> Vec<(usize, Row)> {
    let (Some(first), Some(last)) = (lines.iter().map(|(p, _)| *p).min(), lines.iter().map(|(p, _)| *p).max()) else {
        return Vec::new();
    };
    let begin = apart.partition_point(|(place, _)| *place < first);
    let between = apart[begin..].iter().take_while(|(place, _)| *place < last);
    between
        .filter_map(|(place, entry)| match &entry.body {
            Body::Mark(name) => {
                let mut row = Row::of(Ink::Mark, clock::time_of_day(entry.stamp.at));
                row.push(Ink::Mark, format!("  ---- {name} ----"));
                Some((*place, row))
            }
            _ => None,
        })
        .collect()
}

/// The widths of the columns.
struct Widths {
    /// None on a terminal that is too narrow for it.
    elapsed: Option<usize>,
    state: usize,
    dwell: usize,
}

impl Widths {
    fn of(course: &Course<'_>, last: Duration) -> Self {
        let entered = || {
            course.steps.iter().filter_map(|step| match step {
                Step::Entered { transition, dwell, .. } => Some((transition, dwell)),
                _ => None,
            })
        };
        Self {
            elapsed: Some(clock::elapsed(last).len()),
            state: entered().map(|(transition, _)| label::short(&transition.to).len()).max().unwrap_or(0),
            dwell: entered().filter_map(|(_, dwell)| dwell.map(|dwell| dwell.text().len())).max().unwrap_or(0),
        }
    }

    fn all(&self) -> usize {
        TIME + 2 + self.elapsed.map_or(0, |width| width + 2) + self.state + 2 + self.dwell
    }

    fn row(&self, step: &Step<'_>, course: &Course<'_>) -> Row {
        let Step::Entered { entry, transition, dwell, held, .. } = step else { return Row::new() };
        let mut row = label::moment(entry, self.elapsed, clock::elapsed);
        let start = row.width();
        row.append(label::state(course.track, &transition.to)).tab(start + self.state + 2);
        let dwell_text = dwell.map(|dwell| dwell.text()).unwrap_or_default();
        row.append(Row::of(Ink::Plain, dwell_text).align_right(self.dwell));
        if dwell.is_some_and(|dwell| dwell.end == End::Deleted) {
            row.push(Ink::Gone, "  until deleted");
        }
        if entry.seen != Provenance::Live {
            row.push(Ink::Faint, format!("  [{}]", label::seen(entry)));
        }
        if *held {
            row.push(Ink::Faint, "  [held at the start]");
        }
        row
    }

    fn detailed(&self, entry: &Entry, detailed: &Detailed) -> Row {
        let mut row = label::moment(entry, self.elapsed, clock::elapsed);
        row.append(label::state(&detailed.track, &detailed.to));
        row.push(Ink::Faint, format!("  continues, {}", label::change(detailed)));
        if entry.seen != Provenance::Live {
            row.push(Ink::Faint, format!("  [{}]", label::seen(entry)));
        }
        row
    }

    fn found(&self, state: &State, course: &Course<'_>) -> Row {
        let mut row = Row::of(Ink::Faint, " ".repeat(TIME + 2 + self.elapsed.map_or(0, |width| width + 2)));
        row.push(Ink::Faint, "still ").append(label::state(course.track, state));
        row
    }
}
