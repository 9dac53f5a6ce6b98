//! `-o wide`: every entry in the order of the timeline, with all its data, a line each.

use super::dwell::{Dwell, dwells_under};
use super::row::Row;
use super::selection::Selection;
use super::style::{Ink, Style};
use super::{clock, gap, label};
use crate::kinds::Evidence;
use crate::timeline::{Body, Entry};
use std::io;

const NAMES: [&str; 10] =
    ["TIME", "ELAPSED", "SUBJECT", "TRACK", "FROM", "TO", "DWELL", "RESOURCEVERSION", "SEEN", "MESSAGE"];
const COLUMNS: usize = NAMES.len() - 1;
/// Blanks between columns, as in kubectl.
const SPACE: usize = 3;
/// Columns of numbers, which are aligned to the right.
const TO_THE_RIGHT: [usize; 2] = [1, 6];

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
    let dwells = dwells_under(entries, style.caveats);
    let shown: Vec<usize> = (0..entries.len()).filter(|at| selection.matches(&entries[*at])).collect();
    let header = NAMES.map(|name| Row::of(Ink::Strong, name));
    let mut widths = NAMES.map(str::len);
    for at in &shown {
        for (width, cell) in widths.iter_mut().zip(cells(&entries[*at], dwells[*at], style)) {
            *width = cell.width().max(*width);
        }
    }
    out.write_all(line(header, &widths).line(style).as_bytes())?;
    let mut day = None;
    for at in shown {
        let entry = &entries[at];
        let today = clock::day(entry.stamp.at);
        if day.as_ref().is_some_and(|day| *day != today) {
            out.write_all(Row::of(Ink::Faint, format!("---- {today} UTC ----")).line(style).as_bytes())?;
        }
        day = Some(today);
        let mut row = line(cells(entry, dwells[at], style), &widths);
        match &entry.body {
            Body::Mark(name) => {
                row.push(Ink::Mark, format!("---- {name} ----"));
            }
            Body::Gap(blind) => {
                row.append(gap::line(blind, entry.subject.as_deref()));
            }
            Body::Transition(_) | Body::Detailed(_) | Body::Evidence(_) => {}
        }
        out.write_all(row.line(style).as_bytes())?;
    }
    Ok(())
}

/// The cells of a row. Marks and gaps have only times: their text spans the row.
fn cells(entry: &Entry, dwell: Option<Dwell>, style: &Style) -> [Row; NAMES.len()] {
    let time = Row::of(Ink::Faint, clock::time_of_day(entry.stamp.at));
    let elapsed = Row::of(Ink::Faint, clock::elapsed(entry.stamp.elapsed));
    let version = entry.resource_version.as_ref().map(ToString::to_string).unwrap_or_default();
    let version = Row::of(Ink::Faint, version);
    let seen = Row::of(Ink::Faint, label::seen(entry));
    let none = Row::new;
    match &entry.body {
        Body::Transition(transition) => [
            time,
            elapsed,
            subject_cell(entry, None, style),
            Row::of(Ink::Plain, transition.track.to_string()),
            transition.from.as_ref().map(|from| label::state(&transition.track, from)).unwrap_or_default(),
            label::state(&transition.track, &transition.to),
            dwell.map(|dwell| Row::of(Ink::Plain, dwell.text())).unwrap_or_default(),
            version,
            seen,
            Row::of(Ink::Faint, label::words(&transition.to)),
        ],
        Body::Detailed(detailed) => [
            time,
            elapsed,
            subject_cell(entry, None, style),
            Row::of(Ink::Plain, detailed.track.to_string()),
            none(),
            label::state(&detailed.track, &detailed.to),
            none(),
            version,
            seen,
            Row::of(Ink::Faint, label::change(detailed)),
        ],
        Body::Evidence(evidence) => {
            let ink = if evidence.kind == "Warning" { Ink::Waiting } else { Ink::Plain };
            let field = &evidence.involved.field_path;
            let field = if field.is_empty() { String::new() } else { format!(" {field}") };
            [
                time,
                elapsed,
                subject_cell(entry, Some(evidence), style),
                Row::of(Ink::Faint, "event"),
                none(),
                Row::of(ink, format!("{} x{}", evidence.reason, evidence.count)),
                none(),
                version,
                seen,
                Row::of(Ink::Faint, format!("{}{field}: {}", evidence.source, evidence.message)),
            ]
        }
        Body::Mark(_) | Body::Gap(_) => [time, elapsed, none(), none(), none(), none(), none(), none(), none(), none()],
    }
}

fn subject_cell(entry: &Entry, evidence: Option<&Evidence>, style: &Style) -> Row {
    let involved = evidence.map(|evidence| &evidence.involved);
    let (kind, namespace, name) = match (&entry.subject, involved) {
        (Some(subject), _) => (&subject.kind, &subject.namespace, &subject.name),
        (None, Some(involved)) => (&involved.kind, &involved.namespace, &involved.name),
        (None, None) => return Row::new(),
    };
    let mut row = Row::new();
    if style.namespaces && !namespace.is_empty() {
        row.push(Ink::Plain, format!("{namespace} "));
    }
    row.push(Ink::Plain, label::named(kind, name));
    row
}

fn line(cells: [Row; NAMES.len()], widths: &[usize; NAMES.len()]) -> Row {
    let whole = cells.iter().skip(2).any(|cell| !cell.is_empty());
    let mut row = Row::new();
    let mut column = 0;
    for (at, cell) in cells.into_iter().enumerate() {
        if !whole && at >= 2 {
            break;
        }
        let cell = if TO_THE_RIGHT.contains(&at) { cell.align_right(widths[at]) } else { cell };
        row.append(cell);
        column += widths[at] + SPACE;
        if at < COLUMNS {
            row.tab(column);
        }
    }
    row
}
