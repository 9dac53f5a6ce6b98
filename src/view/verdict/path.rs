//! Paths in few columns: what was seen, what was not, what would have to be different. Long runs without differences
//! are cut to `...`; differences never are.

use super::axis::Axis;
use crate::expectation::{Edit, Span, Step, TimeFormat};
use crate::view::row::Row;
use crate::view::style::Ink;

/// States that are shown on either side of a difference.
const AROUND: usize = 2;

/// One state of a path, and whether it is a difference.
struct Stop {
    ink: Ink,
    text: String,
    notable: bool,
}

impl Stop {
    fn plain(text: &str) -> Self {
        Self { ink: Ink::Plain, text: text.to_owned(), notable: false }
    }

    fn notable(ink: Ink, text: String) -> Self {
        Self { ink, text, notable: true }
    }
}

/// `P -> R -> [-F]`: the trace with the edits that would make it fit: insert (`+`), drop (`-`) or replace (`=>`).
pub(super) fn edits(edits: &[Edit]) -> Row {
    let stops = edits.iter().map(|edit| match edit {
        Edit::Keep(label) => Stop::plain(label),
        Edit::Insert(label) => Stop::notable(Ink::Running, format!("[+{label}]")),
        Edit::Drop(label) => Stop::notable(Ink::Failure, format!("[-{label}]")),
        Edit::Replace(label, other) => Stop::notable(Ink::Waiting, format!("[{label} => {other}]")),
    });
    row(&stops.collect::<Vec<_>>())
}

/// `P -> (Q) -> R`: a completion; what was not seen is in brackets.
pub(super) fn completion(steps: &[Step], axis: Axis) -> Row {
    let when = |step: &Step| step.at.map(|at| axis.at(Span::at(at))).unwrap_or_default();
    let stops = steps.iter().map(|step| match (step.hidden, when(step)) {
        (true, when) => Stop::notable(Ink::Gap, format!("({}{when})", step.label)),
        (false, when) if when.is_empty() => Stop::plain(&step.label),
        (false, when) => Stop::notable(Ink::Plain, format!("{}{when}", step.label)),
    });
    let mut row = row(&stops.collect::<Vec<_>>());
    if !steps.iter().any(|step| step.hidden || step.at.is_some()) {
        row.push(Ink::Faint, if row.is_empty() { "nothing more" } else { ", and nothing unseen" });
    }
    row
}

fn row(stops: &[Stop]) -> Row {
    let notable = |at: usize| {
        let near = &stops[at.saturating_sub(AROUND)..stops.len().min(at + AROUND + 1)];
        near.iter().any(|stop| stop.notable) || at + 2 * AROUND >= stops.len() && !stops.iter().any(|s| s.notable)
    };
    let mut row = Row::new();
    let mut cut = false;
    for (at, stop) in stops.iter().enumerate() {
        if !notable(at) {
            cut = true;
            continue;
        }
        if std::mem::take(&mut cut) {
            row.push(Ink::Faint, if row.is_empty() { "..." } else { " -> ..." });
        }
        if !row.is_empty() {
            row.push(Ink::Faint, " -> ");
        }
        row.push(stop.ink, &stop.text);
    }
    if cut {
        row.push(Ink::Faint, if row.is_empty() { "..." } else { " -> ..." });
    }
    row
}
