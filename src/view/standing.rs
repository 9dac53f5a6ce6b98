//! `--at`: the state of every subject at one moment, with since when and why. Where a gap covers the moment, or an entry
//! may have happened before or after it, the state is unknown.

use super::account::{Account, Accounts, Course, Step};
use super::count::number;
use super::overview::{fitting, why};
use super::row::Row;
use super::selection::Selection;
use super::style::{Durations, Ink, Style};
use super::{clock, gap, label};
use crate::observation::{GapReason, Track};
use crate::timeline::{Body, Entry, GapEntry, Provenance, Transition};
use jiff::Timestamp;
use std::io;

/// What is known of a track at the moment.
enum Standing<'a> {
    In(&'a Entry, &'a Transition),
    Unknown { was: Option<&'a Transition>, why: String },
}

/// Writes the state of what the selection matches.
///
/// # Errors
/// When writing to `out` fails.
pub(super) fn write(
    entries: &[Entry],
    selection: &Selection,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let accounts = Accounts::of(entries, selection, style.caveats);
    let Some(moment) = entries.first().and_then(|entry| selection.start(entry)) else { return Ok(()) };
    let mut lines = Vec::new();
    for account in &accounts.of {
        let shown = if style.wide { account.courses.len() } else { 1 };
        if account.courses.is_empty() {
            let why = account.gaps.first().map_or_else(String::new, |(_, gap)| gap::reason(gap.reason).to_owned());
            lines.push(cells(account, None, &Standing::Unknown { was: None, why }, moment, style));
        }
        for course in account.courses.iter().take(shown) {
            if let Some(standing) = standing(account, course, selection, style) {
                lines.push(cells(account, Some(course.track), &standing, moment, style));
            }
        }
    }
    lines.sort_by_key(|(rank, _)| *rank);
    let count = |rank: u8| lines.iter().filter(|(of, _)| *of == rank).count();
    let mut heading = Row::of(Ink::Strong, format!("{} {} UTC", clock::day(moment), clock::time_of_day(moment)));
    let what = if style.wide { "track" } else { "subject" };
    heading.push(Ink::Plain, format!(": {}", number(lines.len(), what)));
    for (rank, ink, what) in [(FAILING, Ink::Failure, "failing"), (UNKNOWN, Ink::Gap, "unknown")] {
        if count(rank) > 0 {
            heading.push(Ink::Plain, ", ").push(ink, format!("{} {what}", count(rank)));
        }
    }
    out.write_all(heading.line(style).as_bytes())?;
    for (_, entry) in &accounts.apart {
        if let Body::Gap(blind) = &entry.body {
            out.write_all(gap::line(blind, None, style).line(style).as_bytes())?;
        }
    }
    if lines.is_empty() {
        return Ok(());
    }
    let header = ["SUBJECT", "TRACK", "STATE", "SINCE", "FOR", "WHY"].map(|name| Row::of(Ink::Strong, name));
    let cells = [header].into_iter().chain(lines.into_iter().map(|(_, cells)| cells)).collect();
    fitting(cells, style, &[0, 1], 3).into_iter().try_for_each(|row| out.write_all(row.line(style).as_bytes()))
}

const FAILING: u8 = 0;
const UNKNOWN: u8 = 1;
const KNOWN: u8 = 2;

/// What is known of a track at the moment; none if the subject or the track was not there.
fn standing<'a>(
    account: &Account<'a>,
    course: &Course<'a>,
    selection: &Selection,
    style: &Style,
) -> Option<Standing<'a>> {
    let mut state: Option<(&Entry, &Transition)> = None;
    for step in &course.steps {
        match step {
            Step::Entered { entry, transition, .. } if selection.is_over_at(entry) => {
                state = Some((entry, transition));
            }
            Step::Entered { entry, .. } if entry.seen == Provenance::Initial => {
                return Some(Standing::Unknown { was: None, why: existed_before(entry, style) });
            }
            Step::Entered { entry, transition, .. } => {
                let why = entered_between(entry, transition, style);
                return Some(Standing::Unknown { was: state.map(|(_, was)| was), why });
            }
            Step::Lost { gap: blind, .. } => {
                return Some(Standing::Unknown { was: state.map(|(_, was)| was), why: not_seen(blind) });
            }
            Step::Detailed { .. } | Step::Found { .. } => {}
        }
    }
    let is_gone = account.deleted.is_some_and(|deleted| selection.is_over_at(deleted));
    state.filter(|_| !is_gone).map(|(entry, transition)| Standing::In(entry, transition))
}

/// Why the state is unknown before the first entry of a track that existed before.
pub(super) fn existed_before(first: &Entry, style: &Style) -> String {
    format!("existed before it was first seen at {}", style.time(first.stamp.at))
}

/// Why the state is unknown while a transition may have happened.
pub(super) fn entered_between(entry: &Entry, transition: &Transition, style: &Style) -> String {
    let earliest = entry.not_before.filter(|at| clock::is_known(*at));
    format!(
        "{} since some time from {} to {}",
        label::short(&transition.to),
        earliest.map_or_else(|| "?".to_owned(), |at| style.time(at)),
        style.time(entry.stamp.at)
    )
}

/// Why the state is unknown in a gap.
pub(super) fn not_seen(blind: &GapEntry) -> String {
    match blind.reason {
        GapReason::NeverPublished => "a state of that time was never published".to_owned(),
        reason => format!("not seen: {}", gap::reason(reason)),
    }
}

/// A line, and its rank.
fn cells(
    account: &Account<'_>,
    track: Option<&Track>,
    standing: &Standing<'_>,
    moment: Timestamp,
    style: &Style,
) -> (u8, [Row; 6]) {
    let subject = account.subject;
    let name = Row::of(Ink::Strong, label::placed(&subject.kind, &subject.namespace, &subject.name, style));
    let of_track = Row::of(Ink::Plain, track.map_or_else(|| "-".to_owned(), ToString::to_string));
    match standing {
        Standing::In(entry, transition) => {
            let state = label::state(&transition.track, &transition.to);
            let is_failing = label::ink(&transition.track, &transition.to) == Ink::Failure;
            let (since, length) = since(entry, moment, style);
            let why = Row::of(Ink::Faint, why(account, &transition.to));
            (if is_failing { FAILING } else { KNOWN }, [name, of_track, state, since, length, why])
        }
        Standing::Unknown { was, why } => {
            let was = was.map(|was| format!("; before, {}", label::short(&was.to))).unwrap_or_default();
            let state = Row::of(Ink::Gap, "unknown");
            (
                UNKNOWN,
                [
                    name,
                    of_track,
                    state,
                    Row::of(Ink::Faint, "-"),
                    Row::of(Ink::Faint, "-"),
                    Row::of(Ink::Gap, format!("{why}{was}")),
                ],
            )
        }
    }
}

/// Since when, and for how long: `before 18:09:21.867`, `>=12.3s` where the beginning was not seen.
pub(super) fn since(entry: &Entry, moment: Timestamp, style: &Style) -> (Row, Row) {
    let at = style.time(entry.stamp.at);
    let known = entry.not_before.filter(|at| clock::is_known(*at));
    let (since, sign) = match (entry.seen, known) {
        (Provenance::Initial | Provenance::AfterGap, None) => (format!("before {at}"), ">="),
        (_, Some(_)) => (label::time(entry, style), ">="),
        (_, None) if entry.not_before.is_some() => (label::time(entry, style), ">="),
        _ => (at, ""),
    };
    let length = match style.caveats.durations {
        Durations::Measured => format!("{sign}{}", clock::span(clock::between(entry.stamp.at, moment))),
        Durations::Stamped => format!("~{sign}{}", clock::span(clock::between(entry.stamp.at, moment))),
        Durations::Unknown => "?".to_owned(),
    };
    (Row::of(Ink::Faint, since), Row::of(Ink::Plain, length))
}
