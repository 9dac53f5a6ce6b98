//! How polling would have fared on the same states.
//!
//! A poller that asks every `T`, starting at a moment unrelated to the events (a uniformly random phase), sees a state
//! that lasts `d` with probability
//!
//! ```text
//! p(d, T) = min(1, d / T)
//! ```
//!
//! Over visits with dwells `d1 .. dn` the expected share seen is the mean of `p(di, T)`. A visit counts once for each
//! time that a track entered a state and was seen to leave it, by its next state or by the deletion of its subject.
//! States that are still held, and those whose dwell was not seen from end to end (before the watch, around a gap,
//! delivered late), are not counted: their number is given instead.

use super::dwell::dwells;
use super::row::Row;
use super::selection::Selection;
use super::style::{Ink, Style};
use super::{clock, label};
use crate::observation::{State, StateKind, Track};
use crate::timeline::{Body, Entry};
use std::time::Duration;

/// Common polling periods.
pub const PERIODS: [Duration; 3] = [Duration::from_secs(1), Duration::from_millis(100), Duration::from_millis(10)];

/// Instead of a table without rows.
const UNMEASURED: &str = "  no state was seen from end to end as it happened";

/// The visits of a timeline.
#[derive(Clone, Debug, Default)]
pub struct Visits<'a> {
    /// With both ends seen.
    pub measured: Vec<Visit<'a>>,
    /// Number of visits that are not counted: without an end, or not seen from end to end.
    pub unmeasured: usize,
}

/// A track in a state, from entering to leaving.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// Its track.
    pub track: &'a Track,
    /// Its state.
    pub state: &'a State,
    /// How long it lasted.
    pub dwell: Duration,
}

/// How a poller fares.
#[derive(Clone, Copy, Debug)]
pub struct Fare<'a> {
    /// Its period.
    pub period: Duration,
    /// Expected number of visits seen.
    pub seen: f64,
    /// Number of visits; never 0.
    pub visits: usize,
    /// The visit that it is most likely to miss: the first of the shortest.
    pub worst: Visit<'a>,
}

/// The visits that the selection matches. Absent states are not counted: there is nothing to see.
#[must_use]
pub fn visits<'a>(entries: &'a [Entry], selection: &Selection) -> Visits<'a> {
    let mut visits = Visits::default();
    for (entry, dwell) in entries.iter().zip(dwells(entries)) {
        let (Body::Transition(transition), Some(dwell)) = (&entry.body, dwell) else { continue };
        if transition.to.kind == StateKind::Absent || !selection.matches(entry) {
            continue;
        }
        match dwell.exact() {
            Some(dwell) => visits.measured.push(Visit { track: &transition.track, state: &transition.to, dwell }),
            None => visits.unmeasured += 1,
        }
    }
    visits
}

/// The probability that a poller with this period sees a state that lasts this long.
#[must_use]
pub fn chance(dwell: Duration, period: Duration) -> f64 {
    if period.is_zero() { 1.0 } else { (dwell.as_secs_f64() / period.as_secs_f64()).min(1.0) }
}

impl<'a> Visits<'a> {
    /// How a poller with this period fares; none when nothing was measured.
    #[must_use]
    pub fn fare(&self, period: Duration) -> Option<Fare<'a>> {
        let worst = self.measured.iter().min_by_key(|visit| visit.dwell)?;
        let seen = self.measured.iter().map(|visit| chance(visit.dwell, period)).sum();
        Some(Fare { period, seen, visits: self.measured.len(), worst: *worst })
    }

    /// A small table, a line per period, under a heading.
    #[must_use]
    pub fn table(&self, periods: &[Duration], style: &Style) -> String {
        let fares: Vec<_> = periods.iter().filter_map(|period| self.fare(*period)).collect();
        let Some(first) = fares.first() else {
            return Row::of(Ink::Faint, UNMEASURED).line(style);
        };
        let heading =
            format!("  {:<12}  {:>20}  most likely missed", "poll every", format!("sees of {}", first.visits));
        let mut text = Row::of(Ink::Faint, heading).line(style);
        text.extend(fares.iter().map(|fare| fare.row().line(style)));
        text.push_str(&self.uncounted(style));
        text
    }
}

impl Visits<'_> {
    /// Every visit with its probability for every period, a line each, and the expected numbers below.
    #[must_use]
    pub fn each(&self, periods: &[Duration], style: &Style) -> String {
        if self.measured.is_empty() {
            return Row::of(Ink::Faint, UNMEASURED).line(style) + &self.uncounted(style);
        }
        let words: Vec<String> = self.measured.iter().map(|visit| label::short(visit.state)).collect();
        let widest = words.iter().map(String::len).chain(["expected".len()]).max().unwrap_or(0);
        let line = |name: Row, dwell: &str, cells: Vec<Row>| {
            let mut row = Row::of(Ink::Plain, "  ");
            row.append(name).tab(widest + 4).append(Row::of(Ink::Plain, dwell).align_right(7));
            for cell in cells {
                row.append(cell.align_right(15));
            }
            row.line(style)
        };
        let polls = periods.iter().map(|period| Row::of(Ink::Faint, format!("{} poll", short(*period)))).collect();
        let mut text = line(Row::of(Ink::Faint, "state"), "", polls);
        for visit in &self.measured {
            let cells = periods.iter().map(|period| {
                let chance = chance(visit.dwell, *period);
                Row::of(if chance < 0.5 { Ink::Failure } else { Ink::Plain }, percent(chance))
            });
            text.push_str(&line(label::state(visit.track, visit.state), &clock::span(visit.dwell), cells.collect()));
        }
        let fares = periods.iter().filter_map(|period| self.fare(*period));
        let cells = fares.map(|fare| Row::of(Ink::Strong, format!("{:.1} ({})", fare.seen, percent(fare.share()))));
        text.push_str(&line(Row::of(Ink::Strong, "expected"), &format!("of {}", self.measured.len()), cells.collect()));
        text.push_str(&self.uncounted(style));
        text
    }

    fn uncounted(&self, style: &Style) -> String {
        if self.unmeasured == 0 {
            return String::new();
        }
        let note = format!("  not counted: {} whose beginning or end was delivered late, or not seen", self.unmeasured);
        Row::of(Ink::Faint, note).line(style)
    }
}

impl Fare<'_> {
    /// Expected share of visits seen, 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 visits")]
    pub fn share(&self) -> f64 {
        self.seen / self.visits as f64
    }

    /// The probability that it sees the worst visit, 0 to 1.
    #[must_use]
    pub fn worst_chance(&self) -> f64 {
        chance(self.worst.dwell, self.period)
    }

    fn row(&self) -> Row {
        let mut row = Row::of(Ink::Plain, format!("  {:<12}", short(self.period)));
        let seen = format!("{:.1}  ({})", self.seen, percent(self.share()));
        row.append(Row::of(Ink::Strong, seen).align_right(22)).push(Ink::Plain, "  ");
        if self.worst_chance() < 1.0 {
            row.append(label::state(self.worst.track, self.worst.state));
            row.push(Ink::Plain, format!(" for {}", clock::span(self.worst.dwell)));
            row.push(Ink::Faint, format!(": seen by {} of polls", percent(self.worst_chance())));
        } else {
            row.push(Ink::Faint, "none");
        }
        row
    }
}

/// `1 s`, `100 ms`.
fn short(period: Duration) -> String {
    let text = humantime::format_duration(period).to_string();
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    format!("{} {}", &text[..digits], &text[digits..])
}

/// Whole percentages, but never 100 % for anything less, nor 0 % for anything more.
fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    if rounded >= 100.0 && share < 1.0 {
        ">99 %".to_owned()
    } else if rounded < 1.0 && share > 0.0 {
        "<1 %".to_owned()
    } else {
        format!("{rounded} %")
    }
}
