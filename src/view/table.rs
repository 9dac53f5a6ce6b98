//! `-o table`: a timeline grouped by subject, to be understood at a glance.
//!
//! The first track of each subject (what kubectl's STATUS column would have shown) is shown state by state; the others
//! are a path each, and those that never changed share a line. Gaps are shown in their places, in full.

use super::account::{Account, Accounts, Course};
use super::aside::Aside;
use super::count::{Gaps, gaps_in_numbers, number};
use super::row::{Row, wrapped};
use super::selection::Selection;
use super::style::{Caveats, Durations, Ink, Style};
use super::{clock, dwell, evidence, gap, label, overview, route, steps};
use crate::timeline::{Body, Detailed, Entry, Transition};
use std::borrow::Cow;
use std::io;
use std::time::Duration;

/// A track that begins this much later than its subject is shown with its time, even if it never changed.
const WORTH_A_TIME: Duration = Duration::from_secs(1);
/// The longest track name that the others are aligned with; a longer one gets a line of its own.
const LONGEST_NAME: usize = 28;
/// Column at which a heading continues that is too long for the terminal.
const HANG: usize = 4;
/// Columns of the lines of a path in a pipe: wrapping loses nothing, and CI logs stay readable.
const WIDTH_OF_A_PIPE: usize = 120;

/// A table with more lines than this begins with a summary, unless objects are named. It is the same number in every
/// terminal and in a pipe, so that the text is the same.
const SCREENFUL: usize = 50;
/// Most subjects that failed in the summary at the beginning of a table.
const FAILED: usize = 10;

/// A row of any length in lines that fit.
fn broken(row: Row, style: &Style) -> Vec<Row> {
    row.broken(style.width.unwrap_or(usize::MAX), HANG)
}

/// Writes the summary alone.
///
/// # Errors
/// When writing to `out` fails.
pub(super) fn write_summary(
    entries: &[Entry],
    selection: &Selection,
    style: &Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    // What came after the window is not a last state in it.
    let entries = &*selection.before_its_end(entries);
    let accounts = Accounts::of(entries, selection, style.caveats);
    let Some(heading) = heading(entries, selection, &accounts, style.caveats) else { return Ok(()) };
    let broken = |row: Row| broken(row, style).into_iter();
    let gaps = entries.iter().filter(|entry| selection.matches(entry)).filter_map(|entry| match &entry.body {
        Body::Gap(blind) => Some((blind, entry.subject.as_deref())),
        _ => None,
    });
    let gaps = gap::lines(gaps, style);
    let rows = broken(heading).chain(gaps.into_iter().flat_map(broken)).chain([Row::new()]).chain(overview::rows(
        entries,
        selection,
        &accounts,
        usize::MAX,
        style,
    ));
    rows.into_iter().try_for_each(|row| out.write_all(row.line(style).as_bytes()))
}

/// Writes the entries that the selection matches.
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
    let whole = |row: Row| -> String { broken(row, style).into_iter().map(|line| line.line(style)).collect() };
    let Some(heading) = heading(entries, selection, &accounts, style.caveats) else { return Ok(()) };
    out.write_all(whole(heading).as_bytes())?;
    for (_, entry) in &accounts.apart {
        out.write_all(whole(apart(entry, style)).as_bytes())?;
    }
    let is_long = || {
        let in_a_pipe = Style { width: None, ..*style };
        let rows = accounts.of.iter().map(|account| 2 + account_rows(account, &accounts.apart, &in_a_pipe).len());
        // No more of them are laid out than it takes to know.
        let fits = rows.into_iter().try_fold(0, |all: usize, more| Some(all + more).filter(|all| *all <= SCREENFUL));
        accounts.of.len() > 1 && fits.is_none()
    };
    if !selection.names_objects() && is_long() {
        out.write_all(b"\n")?;
        let within = selection.before_its_end(entries);
        let cut = matches!(within, Cow::Owned(_)).then(|| Accounts::of(&within, selection, style.caveats));
        for row in overview::rows(&within, selection, cut.as_ref().unwrap_or(&accounts), FAILED, style) {
            out.write_all(row.line(style).as_bytes())?;
        }
    }
    for account in &accounts.of {
        out.write_all(b"\n")?;
        out.write_all(whole(title(account, style)).as_bytes())?;
        for row in account_rows(account, &accounts.apart, style) {
            out.write_all(row.line(style).as_bytes())?;
        }
    }
    Ok(())
}

/// `2026-11-20 18:09:21.867 to 18:11:38.912 UTC (2m17s): 42 subjects, 1203 transitions, 490 events, 1 mark, no gap`;
/// none where there is nothing to show.
fn heading(entries: &[Entry], selection: &Selection, accounts: &Accounts<'_>, caveats: Caveats) -> Option<Row> {
    let shown: Vec<&Entry> = entries.iter().filter(|entry| selection.matches(entry)).collect();
    let times = || shown.iter().map(|entry| entry.stamp.at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        let subjects = number(accounts.of.len(), "subject");
        return (!accounts.of.is_empty()).then(|| {
            Row::of(Ink::Strong, format!("nothing happened in these times: {subjects}, as they were before"))
        });
    };
    let count = |fits: fn(&Body) -> bool| shown.iter().filter(|entry| fits(&entry.body)).count();
    let mut row = Row::of(Ink::Strong, format!("{} {}", clock::day(first), clock::time_of_day(first)));
    let day = Some(clock::day(last)).filter(|day| *day != clock::day(first)).map(|day| day + " ");
    row.push(Ink::Strong, format!(" to {}{} UTC", day.unwrap_or_default(), clock::time_of_day(last)));
    let length = clock::between(first, last);
    row.push(Ink::Faint, format!(" ({})", lived(length, Some(length), caveats)));
    match caveats.durations {
        Durations::Measured => {}
        Durations::Stamped => _ = row.push(Ink::Gap, ", by the writers' clocks in whole seconds"),
        Durations::Unknown => _ = row.push(Ink::Gap, ", by clocks that do not compare"),
    }
    if caveats.stepped {
        row.push(Ink::Gap, ", by the wall clock as it was at the start");
    }
    row.push(Ink::Plain, format!(": {}", number(accounts.of.len(), "subject")));
    row.push(Ink::Plain, format!(", {}", number(count(|body| matches!(body, Body::Transition(_))), "transition")));
    for (many, what) in [
        (count(|body| matches!(body, Body::Evidence(_))), "event"),
        (count(|body| matches!(body, Body::Mark(_))), "mark"),
    ] {
        if many > 0 {
            row.push(Ink::Plain, format!(", {}", number(many, what)));
        }
    }
    let gaps = Gaps::of(&shown);
    if caveats.incomplete {
        row.push(Ink::Plain, ", ").push(Ink::Gap, "lines of the recording are missing");
    }
    if gaps.all > 0 || !caveats.incomplete {
        row.push(Ink::Plain, ", ").append(gaps.row());
    }
    let timeless = selection.timeless();
    let all: Vec<&Entry> = entries.iter().filter(|entry| timeless.matches(entry)).collect();
    if let Some(outside) = Gaps::of(&all).number().checked_sub(gaps.number()).filter(|outside| *outside > 0) {
        row.push(Ink::Gap, format!(" here, {} outside these times", number(outside, "gap")));
    }
    Some(row)
}

/// A length of time, as far as the recording's clocks measure any; `longest` is none where nothing limits it.
fn lived(shortest: Duration, longest: Option<Duration>, caveats: Caveats) -> String {
    let about = match caveats.durations {
        Durations::Measured => "",
        Durations::Stamped if longest.is_none_or(|longest| !longest.is_zero()) => "~",
        Durations::Stamped | Durations::Unknown => return "?".to_owned(),
    };
    let length = match longest {
        Some(longest) if longest == shortest => clock::span(longest),
        Some(longest) => dwell::between(shortest, longest),
        None if shortest.is_zero() => return "?".to_owned(),
        None => format!(">={}", clock::at_least(shortest)),
    };
    format!("{about}{length}")
}

fn apart(entry: &Entry, style: &Style) -> Row {
    let mut row = Row::of(Ink::Faint, style.time(entry.stamp.at));
    row.push(Ink::Faint, format!("  {}  ", clock::elapsed(entry.stamp.elapsed)));
    match &entry.body {
        Body::Mark(name) => row.push(Ink::Mark, format!("---- {name} ----")),
        Body::Gap(blind) => row.append(gap::line(blind, None, style)),
        Body::Evidence(event) => row
            .push(Ink::Plain, label::named(&event.involved.kind, &event.involved.name))
            .push(Ink::Plain, format!("  {} x{}", event.reason, event.count))
            .push(Ink::Faint, format!("  {}", event.message)),
        Body::Transition(Transition { track, to, .. }) | Body::Detailed(Detailed { track, to, .. }) => {
            row.append(label::state(track, to))
        }
    };
    row
}

fn account_rows(account: &Account<'_>, apart: &[(usize, &Entry)], style: &Style) -> Vec<Row> {
    let mut rows = Vec::new();
    let (head, others) = match account.courses.split_first() {
        Some((head, others)) => (Some(head), others),
        None => (None, &[][..]),
    };
    let (unchanged, moving): (Vec<_>, Vec<_>) = others.iter().partition(|course| course.unchanged().is_some());
    let names = head.into_iter().chain(moving.iter().copied());
    let columns = head.map_or(0, |head| steps::columns(account, head));
    let longest = style.width.map_or(LONGEST_NAME, |width| width.saturating_sub(columns + 4).min(LONGEST_NAME));
    let lengths = names.map(|course| course.track.to_string().len()).filter(|length| *length <= longest);
    let indent = lengths.max().unwrap_or(0).max("unchanged".len()) + 4;
    let width = style.width.unwrap_or(WIDTH_OF_A_PIPE).max(indent + 40);
    match head {
        Some(head) => rows.extend(steps::rows(account, head, apart, (indent, style))),
        None => {
            rows.extend(
                Aside::new("", indent).beside(account.gaps.iter().map(|(_, gap)| gap::line_beside(gap, style))),
            );
        }
    }
    for course in moving {
        rows.extend(route::rows(course, indent, (width, style)));
    }
    rows.extend(unchanged_rows(&unchanged, account, indent, (width, style)));
    rows.extend(evidence::rows(&account.evidence, indent, style));
    rows
}

/// `Pod story/never-pulls  3f2a9c1b  18:09:23.619 to 18:10:05.100  41.5s  deleted`, or `... since 18:09:23.619  last
/// Running`.
fn title(account: &Account<'_>, style: &Style) -> Row {
    let mut row = Row::of(Ink::Strong, account.subject.to_string());
    let uid = if style.wide { &account.subject.uid } else { label::short_uid(&account.subject.uid) };
    row.push(Ink::Faint, format!("  {uid}"));
    let first = account.first_at();
    let before = match (account.existed_before(), account.deleted) {
        (true, _) => "existed before ",
        (false, _) if account.was_found() => "first seen ",
        // Only an Event tells of it.
        (false, _) if account.has_only_events() => "first Event ",
        (false, Some(_)) => "",
        (false, None) => "since ",
    };
    let is_new = !account.existed_before() && !account.was_found();
    if let Some(first) = first {
        let time = if is_new { label::time(account.first, style) } else { style.time(first) };
        row.push(Ink::Faint, format!("  {before}{time}"));
    }
    if let Some(entry) = account.deleted {
        row.push(Ink::Faint, format!(" to {}", label::time(entry, style)));
        if let Some(first) = first {
            let shortest = clock::between(first, entry.not_before.unwrap_or(entry.stamp.at));
            let earliest = account.first.not_before.unwrap_or(first);
            let longest = (is_new && clock::is_known(earliest)).then(|| clock::between(earliest, entry.stamp.at));
            row.push(Ink::Faint, format!("  {}", lived(shortest, longest, style.caveats)));
        }
        row.push(Ink::Gone, "  deleted");
    } else if let Some((course, state)) = account.courses.first().and_then(|course| Some((course, course.last()?))) {
        row.push(Ink::Faint, "  last ").append(label::state(course.track, state));
    }
    let (gaps, unpublished) = account.unseen();
    if gaps > 0 {
        row.push(Ink::Plain, "  ").append(gaps_in_numbers(gaps, unpublished));
    }
    if account.was_lost() {
        row.push(Ink::Gap, ", not seen again");
    }
    row
}

/// `  unchanged   phase Pending, node node1, condition/PodScheduled True`.
fn unchanged_rows(
    courses: &[&Course<'_>],
    account: &Account<'_>,
    indent: usize,
    (width, style): (usize, &Style),
) -> Vec<Row> {
    let words = courses.iter().filter_map(|course| {
        let (state, entry) = course.unchanged()?;
        let mut row = Row::of(Ink::Faint, format!("{} ", course.track));
        row.append(label::state(course.track, state));
        let is_held = matches!(&entry.body, Body::Transition(transition) if transition.from.is_some());
        if is_held || entry.stamp.elapsed.saturating_sub(account.first.stamp.elapsed) >= WORTH_A_TIME {
            row.push(Ink::Faint, format!(" since {}", label::time(entry, style)));
        }
        Some(row)
    });
    Aside::new("unchanged", indent).beside(wrapped(words, width - indent))
}
