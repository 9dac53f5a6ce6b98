//! `--at`: the state of every subject at one moment, with since when and why. Where a gap covers the moment, or an entry
//! may have happened before or after it, the state is unknown.

use super::account::{Account, Accounts};
use super::count::number;
use super::overview::{fitting, why};
use super::row::Row;
use super::selection::Selection;
use super::standings::{Instant, Known, Standings, transition};
use super::style::{Durations, Ink, Style};
use super::{clock, gap, label};
use crate::observation::{GapReason, Subject, Track};
use crate::timeline::{Body, Entry, Provenance, Transition};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;

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
    let Some(bound) = &selection.since else { return Ok(()) };
    let now = Instant { moment: bound.clone(), last: None };
    let by_subject: HashMap<&Subject, &Account<'_>> =
        accounts.of.iter().map(|account| (account.subject, account)).collect();
    let mut lines = Vec::new();
    for object in &Standings::of(entries, selection).objects {
        let account = by_subject.get(&*object.subject).copied();
        for (course, known) in object.at(entries, &now, !style.wide) {
            let track = course.map(|course| &object.courses[course].track);
            lines.push(cells((&object.subject, track), account, (entries, known), moment, style));
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

/// Why a state is unknown, by the entry that makes it so, and what the state was before: `not seen: history expired;
/// before, Running`.
pub(super) fn unknown(reason: &Entry, was: Option<&Transition>, style: &Style) -> String {
    let why = match &reason.body {
        Body::Gap(blind) if blind.reason == GapReason::NeverPublished => {
            "a state of that time was never published".to_owned()
        }
        Body::Gap(blind) => format!("not seen: {}", gap::reason(blind.reason)),
        Body::Transition(_) if reason.seen == Provenance::Initial => {
            return format!("existed before it was first seen at {}", style.time(reason.stamp.at));
        }
        Body::Transition(entered) => entered_between(reason, entered, style),
        _ => String::new(),
    };
    let was = was.map(|was| format!("; before, {}", label::short(&was.to))).unwrap_or_default();
    format!("{why}{was}")
}

/// `Running since some time between 18:09:20.000 and 18:09:28.746`.
fn entered_between(entry: &Entry, entered: &Transition, style: &Style) -> String {
    let what =
        if entered.is_deletion() { "deleted at".to_owned() } else { format!("{} since", label::short(&entered.to)) };
    let latest = style.time(entry.stamp.at);
    match entry.not_before.filter(|at| clock::is_known(*at)) {
        Some(earliest) => format!("{what} some time between {} and {latest}", style.time(earliest)),
        None => format!("{what} some time before {latest}"),
    }
}

/// A line, and its rank.
fn cells(
    (subject, track): (&Subject, Option<&Track>),
    account: Option<&Account<'_>>,
    (entries, known): (&[Entry], Known),
    moment: Timestamp,
    style: &Style,
) -> (u8, [Row; 6]) {
    let name = Row::of(Ink::Strong, label::placed(&subject.kind, &subject.namespace, &subject.name, style));
    let of_track = Row::of(Ink::Plain, track.map_or_else(|| "-".to_owned(), ToString::to_string));
    let none = || Row::of(Ink::Faint, "-");
    match known {
        Known::State(place) => {
            let entry = &entries[place];
            let Some(Transition { track, to, .. }) = transition(entry) else {
                return (KNOWN, [name, of_track, none(), none(), none(), Row::new()]);
            };
            let is_failing = label::ink(track, to) == Ink::Failure;
            let (since, length) = since(entry, moment, style);
            let why = account.map_or_else(|| label::words(to), |account| why(account, to));
            let rank = if is_failing { FAILING } else { KNOWN };
            (rank, [name, of_track, label::state(track, to), since, length, Row::of(Ink::Faint, why)])
        }
        Known::Unknown { was, reason } => {
            let was = was.and_then(|place| transition(&entries[place]));
            let why = match &entries[reason].body {
                Body::Gap(blind) if track.is_none() => gap::reason(blind.reason).to_owned(),
                _ => unknown(&entries[reason], was, style),
            };
            (UNKNOWN, [name, of_track, Row::of(Ink::Gap, "unknown"), none(), none(), Row::of(Ink::Gap, why)])
        }
    }
}

/// Since when, and for how long: `before 18:09:21.867`, `>=12.3s` where the beginning was not seen.
pub(super) fn since(entry: &Entry, moment: Timestamp, style: &Style) -> (Row, Row) {
    let is_unseen = matches!(entry.seen, Provenance::Initial | Provenance::AfterGap);
    let sign = if is_unseen || entry.not_before.is_some() { ">=" } else { "" };
    let length = match style.caveats.durations {
        Durations::Measured if sign.is_empty() => clock::span(clock::between(entry.stamp.at, moment)),
        Durations::Measured => format!("{sign}{}", clock::at_least(clock::between(entry.stamp.at, moment))),
        Durations::Stamped => format!("~{sign}{}", clock::span(clock::between(entry.stamp.at, moment))),
        Durations::Unknown => "?".to_owned(),
    };
    (Row::of(Ink::Faint, label::since(entry, style)), Row::of(Ink::Plain, length))
}
