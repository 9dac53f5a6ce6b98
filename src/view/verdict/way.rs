//! The steps of a trace for people, a line each: when, which state, how long, and the gaps in their places. Only those
//! around the decisive step are shown, which is marked.

use super::axis::{length, not_before};
use super::trace::{Step, Trace};
use crate::expectation::Cause;
use crate::timeline::Provenance;
use crate::view::dwell::End;
use crate::view::row::Row;
use crate::view::style::Ink;
use crate::view::{clock, label};

/// Largest number of steps that are shown.
const MAX_STEPS: usize = 6;

/// The lines around a step, or around the last one if none is decisive.
pub(super) fn rows(trace: &Trace<'_>, focus: Option<usize>) -> Vec<Row> {
    let (from, to) = window(trace.steps.len(), focus.unwrap_or(trace.steps.len()));
    let shown = &trace.steps[from..to];
    let columns = Columns::of(trace, shown);
    let mut rows = Vec::new();
    let cut = |many: usize, side: &str| {
        Row::of(Ink::Faint, format!("    ... {many} {} {side}", if many == 1 { "step" } else { "steps" }))
    };
    if from > 0 {
        rows.push(cut(from, "before"));
    }
    for (at, step) in (from..).zip(shown) {
        rows.extend(columns.rows(trace, step, focus == Some(at)));
    }
    if to < trace.steps.len() {
        rows.push(cut(trace.steps.len() - to, "after"));
    }
    rows
}

/// Which steps to show around one of them: more of those before it than after it.
fn window(len: usize, middle: usize) -> (usize, usize) {
    let to = (middle + 2).max(MAX_STEPS).min(len);
    (to.saturating_sub(MAX_STEPS), to)
}

/// The widths of the columns.
struct Columns {
    time: usize,
    elapsed: usize,
    state: usize,
    dwell: usize,
}

impl Columns {
    fn of(trace: &Trace<'_>, steps: &[Step<'_>]) -> Self {
        let most = |column: &dyn Fn(&Step<'_>) -> usize| steps.iter().map(column).max().unwrap_or(0);
        Self {
            time: most(&|step| time(trace, step, 0).width()),
            elapsed: most(&|step| step.entry.map_or(0, |entry| clock::elapsed(entry.stamp.elapsed).len())),
            state: most(&|step| step.label(&trace.track).width()),
            dwell: most(&|step| step.dwell.map_or(0, |dwell| Row::of(Ink::Plain, dwell.text()).width())),
        }
    }

    fn rows(&self, trace: &Trace<'_>, step: &Step<'_>, focus: bool) -> Vec<Row> {
        let margin = |ink: Ink| if focus { Row::of(ink, "  > ") } else { Row::of(Ink::Plain, "    ") };
        let mut rows = Vec::new();
        let unseen = step.gap.filter(|_| !is_beginning(step)).and_then(|cause| unseen(trace, step, cause));
        if let Some(words) = unseen {
            let mut row = margin(Ink::Gap);
            row.push(Ink::Gap, format!("~~~ {words} ~~~"));
            rows.push(row);
        }
        if step.state.is_some() {
            let marked = rows.is_empty();
            let mut row = if marked { margin(Ink::Failure) } else { Row::of(Ink::Plain, "    ") };
            row.append(time(trace, step, self.elapsed)).tab(4 + self.time + 2);
            if step.still {
                row.push(Ink::Faint, "still ");
            }
            let start = row.width();
            row.append(step.label(&trace.track)).tab(start + self.state + 2);
            if let Some(dwell) = step.dwell {
                row.append(Row::of(Ink::Plain, dwell.text()).align_right(self.dwell));
                if dwell.end == End::Deleted {
                    row.push(Ink::Gone, "  until deleted");
                }
            }
            row.append(seen(trace, step));
            rows.push(row);
        }
        rows
    }
}

/// `18:09:56.160  +36.160s`, as much of it as is known.
fn time(trace: &Trace<'_>, step: &Step<'_>, width: usize) -> Row {
    // Without times of receipt, by the writers' clocks.
    let about = || step.entry.map(|entry| format!("~{}", clock::time_of_day(entry.stamp.at)));
    let mut row = Row::of(Ink::Faint, trace.axis.moment(step.when.hi).or_else(about).unwrap_or_default());
    if let Some(entry) = step.entry {
        row.push(Ink::Faint, format!("  {:>width$}", clock::elapsed(entry.stamp.elapsed)));
    }
    row
}

/// The text of a gap; an unseen beginning is noted next to its state.
fn unseen(trace: &Trace<'_>, step: &Step<'_>, cause: Cause) -> Option<String> {
    let moment = |at| trace.axis.moment(at);
    match cause {
        Cause::Beginning => None,
        Cause::Coalesced => Some("never published".to_owned()),
        Cause::Lost => Some(match (moment(step.when.lo), moment(step.when.hi), &step.state) {
            (Some(from), Some(to), Some(_)) if from == to => format!("not seen at {to}"),
            (Some(from), Some(to), Some(_)) => {
                let span = clock::span(length(step.when.hi - step.when.lo));
                format!("not seen for {span}, {from} to {to}")
            }
            (Some(from), _, None) => format!("not seen from {from} on"),
            (None, Some(to), _) => format!("not seen before {to}"),
            _ => "not seen".to_owned(),
        }),
    }
}

/// True for a subject whose beginning was not seen; without any time, nothing else can be missing before its state.
fn is_beginning(step: &Step<'_>) -> bool {
    let lost_first = step.gap == Some(Cause::Lost) && step.is_first && step.state.is_some();
    step.gap == Some(Cause::Beginning) || lost_first && step.is_timeless()
}

/// `[delayed, not before 18:09:50.000]`.
fn seen(trace: &Trace<'_>, step: &Step<'_>) -> Row {
    if is_beginning(step) {
        return Row::of(Ink::Faint, "  [its beginning was not seen]");
    }
    if let Some(entry) = step.entry.filter(|entry| entry.seen != Provenance::Live) {
        return Row::of(Ink::Faint, format!("  [{}]", label::seen(entry)));
    }
    let earliest = not_before(step.when).filter(|_| step.gap.is_none());
    let earliest = earliest.and_then(|earliest| trace.axis.moment(earliest));
    Row::of(Ink::Faint, earliest.map(|earliest| format!("  [not before {earliest}]")).unwrap_or_default())
}
