//! The complete path of one track: a line per state with its time, its length, and a bar that shows the length.
//!
//! Bars are to scale: half as long is half the bar. Times are those of the given entries.

use super::account::{Accounts, Course, Step};
use super::dwell::{Dwell, End};
use super::row::Row;
use super::selection::Selection;
use super::style::{Ink, Style};
use super::{clock, gap, label};
use crate::observation::{State, Subject, Track};
use crate::timeline::{Entry, Provenance};
use std::time::Duration;

/// Columns of the longest bar.
const BAR: usize = 40;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The path of a subject's track through all of `entries`; empty when it has none.
#[must_use]
pub fn narrative(entries: &[Entry], subject: &Subject, track: &Track, style: &Style) -> String {
    let accounts = Accounts::of(entries, &Selection::everything(), style.caveats);
    let account = accounts.of.iter().find(|account| account.subject == subject);
    let Some(course) = account.and_then(|account| account.courses.iter().find(|course| course.track == track)) else {
        return String::new();
    };
    let scale = Scale::of(course);
    course.steps.iter().map(|step| scale.row(step, course).line(style)).collect()
}

struct Scale {
    longest: Duration,
    state: usize,
    dwell: usize,
    elapsed: usize,
}

impl Scale {
    fn of(course: &Course<'_>) -> Self {
        let mut scale = Self { longest: Duration::ZERO, state: 0, dwell: 0, elapsed: 0 };
        for step in &course.steps {
            let Step::Entered { entry, transition, dwell, .. } = step else { continue };
            scale.state = scale.state.max(label::short(&transition.to).chars().count());
            scale.elapsed = scale.elapsed.max(clock::elapsed(entry.stamp.elapsed).len());
            if let Some(dwell) = dwell {
                scale.longest = scale.longest.max(dwell.at_least);
                scale.dwell = scale.dwell.max(dwell.text().chars().count());
            }
        }
        scale
    }

    fn row(&self, step: &Step<'_>, course: &Course<'_>) -> Row {
        match step {
            Step::Entered { entry, transition, dwell, .. } => self.entered(entry, &transition.to, *dwell, course),
            Step::Lost { gap, .. } => {
                let mut row = Row::of(Ink::Plain, "  ");
                row.append(gap::line_beside(gap, &Style::default()));
                row
            }
            Step::Detailed { entry, detailed, .. } => {
                let mut row = self.moment(entry);
                row.append(label::state(course.track, &detailed.to));
                row.push(Ink::Faint, format!("  continues, {}", label::change(detailed)));
                row
            }
            Step::Found { state } => {
                let mut row = Row::of(Ink::Plain, " ".repeat(2 + 12 + 2 + self.elapsed + 2));
                row.push(Ink::Faint, "still ").append(label::state(course.track, state));
                row
            }
        }
    }

    fn moment(&self, entry: &Entry) -> Row {
        let mut row = Row::of(Ink::Faint, "  ");
        row.append(label::moment(entry, Some(self.elapsed), clock::elapsed));
        row
    }

    fn entered(&self, entry: &Entry, state: &State, dwell: Option<Dwell>, course: &Course<'_>) -> Row {
        let mut row = self.moment(entry);
        let start = row.width();
        row.append(label::state(course.track, state)).tab(start + self.state + 2);
        let Some(dwell) = dwell else { return row };
        row.append(Row::of(Ink::Plain, dwell.text()).align_right(self.dwell)).push(Ink::Plain, "  ");
        row.push(label::ink(course.track, state), self.bar(dwell));
        if dwell.end == End::Deleted {
            row.push(Ink::Gone, "  until deleted");
        }
        if entry.seen != Provenance::Live {
            row.push(Ink::Faint, format!("  [{}]", label::seen(entry)));
        }
        row
    }

    /// The known length of a stay, to scale. A stay that continues has no length yet.
    fn bar(&self, dwell: Dwell) -> String {
        let longest = self.longest.as_micros();
        if longest == 0 || dwell.end == End::Open {
            return String::new();
        }
        let parts = 8 * BAR as u128;
        let eighths = (dwell.at_least.as_micros() * parts).div_ceil(longest).min(parts);
        let eighths = usize::try_from(eighths).expect("at most the longest bar");
        format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
    }
}
