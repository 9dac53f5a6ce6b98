//! `-o log`: every entry in the order of the timeline, with all its data, a line each.

use super::dwell::{Dwell, dwells_under};
use super::row::Row;
use super::selection::{Selection, Shown};
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
    let all_shown = selection.shown(entries);
    let shown: Vec<usize> = (0..entries.len()).filter(|at| all_shown[*at].is_shown()).collect();
    let cells = |at: usize| cells(&entries[at], dwells[at], all_shown[at] == Shown::Held, style);
    let header = NAMES.map(|name| Row::of(Ink::Strong, name));
    let mut widths = NAMES.map(str::len);
    for at in &shown {
        for (column, (width, cell)) in widths.iter_mut().zip(cells(*at)).enumerate() {
            // The reason of an Event is no state: on a terminal, a long one reaches into the columns after it.
            let is_event = matches!(entries[*at].body, Body::Evidence(_)) && style.width.is_some();
            if column != Layout::TO || !is_event {
                *width = cell.width().max(*width);
            }
        }
    }
    let layout = Layout::of(widths, style.width);
    out.write_all(line(header, &layout).line(style).as_bytes())?;
    let mut day = None;
    for at in shown {
        let entry = &entries[at];
        let today = clock::day(entry.stamp.at);
        if day.as_ref().is_some_and(|day| *day != today) {
            out.write_all(label::day(&today).line(style).as_bytes())?;
        }
        day = Some(today);
        let mut row = line(cells(at), &layout);
        match &entry.body {
            Body::Mark(name) => {
                row.push(Ink::Mark, format!("---- {name} ----"));
            }
            Body::Gap(blind) => {
                row.append(gap::line(blind, entry.subject.as_deref(), style));
            }
            Body::Transition(_) | Body::Detailed(_) | Body::Evidence(_) => {}
        }
        out.write_all(row.line(style).as_bytes())?;
    }
    Ok(())
}

/// The cells of a row. Marks and gaps have only times: their text spans the row.
fn cells(entry: &Entry, dwell: Option<Dwell>, held: bool, style: &Style) -> [Row; NAMES.len()] {
    let (time, since) = label::times(entry);
    let [time, elapsed] = [time, since.map(clock::elapsed).unwrap_or_default()].map(|text| Row::of(Ink::Faint, text));
    let version = entry.resource_version.as_ref().map(ToString::to_string).unwrap_or_default();
    let version = Row::of(Ink::Faint, version);
    let held = if held { ", held at the start" } else { "" };
    let seen = Row::of(Ink::Faint, format!("{}{held}", label::seen(entry)));
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
    Row::of(Ink::Plain, label::placed(kind, namespace, name, style))
}

/// The columns. On a narrow terminal names are shortened and columns left out, before a state is cut.
struct Layout {
    /// None for a column that is left out.
    widths: [Option<usize>; NAMES.len()],
}

impl Layout {
    const ELAPSED: usize = 1;
    const SUBJECT: usize = 2;
    const TRACK: usize = 3;
    const FROM: usize = 4;
    /// The last column that has to fit.
    const TO: usize = 5;
    /// Columns of a short subject and track, and of the shortest.
    const SHORT: [[usize; 2]; 2] = [[16, 8], [8, 4]];

    fn of(widths: [usize; NAMES.len()], room: Option<usize>) -> Self {
        let mut layout = Self { widths: widths.map(Some) };
        let Some(room) = room else { return layout };
        layout.shorten(Self::SHORT[0], room);
        for column in [Self::ELAPSED, Self::FROM] {
            if layout.excess(room) > 0 {
                layout.widths[column] = None;
            }
        }
        layout.shorten(Self::SHORT[1], room);
        layout
    }

    /// Shortens names as far as necessary.
    fn shorten(&mut self, [subject, track]: [usize; 2], room: usize) {
        for (column, shortest) in [(Self::SUBJECT, subject), (Self::TRACK, track)] {
            let width = self.widths[column].unwrap_or(0);
            self.widths[column] = Some(width.saturating_sub(self.excess(room)).max(shortest.min(width)));
        }
    }

    /// By how much the columns up to the state are too wide.
    fn excess(&self, room: usize) -> usize {
        let columns = self.widths[..=Self::TO].iter().flatten();
        // The sign of a line that is cut takes a column.
        (columns.map(|width| width + SPACE).sum::<usize>() + 1).saturating_sub(SPACE + room)
    }
}

fn line(cells: [Row; NAMES.len()], layout: &Layout) -> Row {
    let whole = cells.iter().skip(2).any(|cell| !cell.is_empty());
    let mut row = Row::new();
    let mut column = 0;
    for (at, cell) in cells.into_iter().enumerate() {
        if !whole && at >= 2 {
            break;
        }
        let Some(width) = layout.widths[at] else { continue };
        let cell = match at {
            Layout::SUBJECT | Layout::TRACK => cell.shortened(width),
            _ if TO_THE_RIGHT.contains(&at) => cell.align_right(width),
            _ => cell,
        };
        row.append(cell);
        column += width + SPACE;
        if at < COLUMNS {
            row.tab(column);
        }
    }
    row
}
