//! Why a verdict is what it is, in at most about fifteen lines: whom it is about, what broke it and when, the way there,
//! and what would have been right.

use super::around::Around;
use super::choice::Choice;
use super::index::Index;
use super::trace::{Step, Trace};
use super::{Axis, Judged, path};
use crate::expectation::{Cause, ClauseOutcome, Explanation, Outcome, Verdict, WordOutcome};
use crate::timeline::How;
use crate::view::dwell::End;
use crate::view::row::Row;
use crate::view::style::Ink;
use crate::view::{clock, label};

/// Most steps of a path that are shown.
const MAX_STEPS: usize = 6;
/// Columns of the names of parts.
const NAMES: usize = 16;
/// Most updates of others, and most Events, that are told.
const MAX_UPDATES: usize = 4;
const MAX_EVIDENCE: usize = 2;
/// Most other subjects that are named.
const MAX_OTHERS: usize = 4;
/// Most other statements that are told.
const MAX_CLAUSES: usize = 2;

/// What is told of one outcome.
pub(super) struct Story<'a> {
    outcome: &'a Outcome,
    axis: Axis,
    index: &'a Index<'a>,
}

impl<'a> Story<'a> {
    /// Begins.
    pub(super) fn of(judged: &Judged<'a>, outcome: &'a Outcome, index: &'a Index<'a>) -> Self {
        Self { outcome, axis: judged.axis, index }
    }

    /// The lines below the verdict; none when there is nothing to say.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        if self.outcome.standing.verdict != Verdict::Satisfied {
            let choice = Choice::of(self.outcome);
            rows.extend(choice.and_then(|choice| self.about(&choice)));
            rows.push(self.reason());
            if let Some((choice, word)) = choice.and_then(|choice| Some((choice, choice.word?))) {
                rows.extend(self.way(word));
                rows.extend(word.explanation.iter().flat_map(fitting));
                rows.extend(self.settle(word));
                rows.extend(self.around(word));
                rows.extend(others(&choice));
            }
            rows.extend(choice.iter().flat_map(|choice| self.also(choice)));
        }
        let assumptions = self.outcome.assumptions.iter();
        rows.extend(assumptions.map(|assumption| part("assuming", Row::of(Ink::Plain, assumption))));
        rows
    }

    /// `on vm/vm-imagepull status in story: never Running`.
    fn about(&self, choice: &Choice<'_>) -> Option<Row> {
        let mut row = Row::of(Ink::Plain, "  ");
        if let Some(word) = choice.word.filter(|word| !word.subject.kind.is_empty()) {
            row.push(Ink::Faint, "on ").push(Ink::Strong, whom(word));
            if !word.subject.namespace.is_empty() {
                row.push(Ink::Faint, format!(" in {}", word.subject.namespace));
            }
        }
        if choice.clause.text != self.outcome.name {
            let sign = if row.width() > 2 { ": " } else { "" };
            row.push(Ink::Faint, sign).push(Ink::Plain, statement(&choice.clause.text));
        }
        (row.width() > 2).then_some(row)
    }

    /// Why, in one line.
    pub(super) fn sentence(&self) -> String {
        let lost = self.outcome.standing.verdict == Verdict::Pending && self.outcome.standing.pass_lost;
        let told = Choice::of(self.outcome).filter(|_| self.outcome.explained);
        let why = told.map(|choice| choice.clause.sentence(self.outcome.standing.verdict, &self.axis));
        let why = why.unwrap_or_else(|| self.outcome.reason.clone());
        format!("{why}{}", if lost { " (satisfied is out of reach)" } else { "" })
    }

    fn reason(&self) -> Row {
        let mut row = Row::of(Ink::Plain, "  ");
        row.push(super::text::ink(self.outcome.standing.verdict), self.sentence());
        row
    }

    /// `to settle it  start recording before the object is created`
    fn settle(&self, word: &WordOutcome) -> Option<Row> {
        let settle = word.explanation.as_ref()?.settle(&word.events, &self.axis)?;
        Some(part("to settle it", Row::of(Ink::Plain, settle)))
    }

    /// What happened beside it.
    fn around(&self, word: &WordOutcome) -> Vec<Row> {
        if word.standing.verdict != Verdict::Violated {
            return Vec::new();
        }
        let trace = Trace::of(word, self.axis, Some(self.index));
        let (updates, evidence) = Around::of(self.outcome, word, &trace, self.index).rows(MAX_UPDATES, MAX_EVIDENCE);
        let mut rows = parts("around", updates);
        rows.extend(parts("events", evidence));
        rows
    }

    /// Other clauses that stand like the one that is told.
    fn also(&self, choice: &Choice<'a>) -> Vec<Row> {
        let clauses: Vec<_> = choice.other_clauses(self.outcome).collect();
        let sentence = |clause: &ClauseOutcome| clause.sentence(self.outcome.standing.verdict, &self.axis);
        let mut rows: Vec<Row> = clauses
            .iter()
            .take(MAX_CLAUSES)
            .map(|clause| {
                let mut row = Row::of(Ink::Plain, statement(&clause.text));
                row.push(Ink::Faint, format!(": {}", sentence(clause)));
                part("also", row)
            })
            .collect();
        if clauses.len() > MAX_CLAUSES {
            rows.push(part("also", Row::of(Ink::Faint, format!("{} more statements", clauses.len() - MAX_CLAUSES))));
        }
        rows
    }

    /// The steps around the one that matters.
    fn way(&self, word: &WordOutcome) -> Vec<Row> {
        let trace = Trace::of(word, self.axis, Some(self.index));
        let explanation = word.explanation.as_ref();
        let focus = explanation.and_then(Explanation::focus);
        let middle = focus.unwrap_or(trace.steps.len());
        let (from, to) = window(trace.steps.len(), middle);
        let shown = &trace.steps[from..to];
        let columns = Columns::of(&trace, shown);
        let mut rows = Vec::new();
        let cut = |many: usize, side: &str| {
            Row::of(Ink::Faint, format!("    ... {many} {} {side}", if many == 1 { "step" } else { "steps" }))
        };
        if from > 0 {
            rows.push(cut(from, "before"));
        }
        for (at, step) in (from..).zip(shown) {
            rows.extend(columns.rows(&trace, step, focus == Some(at)));
        }
        if to < trace.steps.len() {
            rows.push(cut(trace.steps.len() - to, "after"));
        }
        rows
    }
}

/// The steps to show of so many, around one of them: more of the way there than of what came after.
fn window(len: usize, middle: usize) -> (usize, usize) {
    let to = (middle + 2).max(MAX_STEPS).min(len);
    (to.saturating_sub(MAX_STEPS), to)
}

/// Columns of the steps.
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
            state: most(&|step| step.state.as_ref().map_or(0, |state| label::state(&trace.track, state).width())),
            dwell: most(&|step| step.dwell.map_or(0, |dwell| Row::of(Ink::Plain, dwell.text()).width())),
        }
    }

    fn rows(&self, trace: &Trace<'_>, step: &Step<'_>, focus: bool) -> Vec<Row> {
        let margin = |ink: Ink| if focus { Row::of(ink, "  > ") } else { Row::of(Ink::Plain, "    ") };
        let mut rows = Vec::new();
        let unseen = step.gap.and_then(|cause| unseen(trace, step, cause));
        if let Some(words) = unseen {
            let mut row = margin(Ink::Gap);
            row.push(Ink::Gap, format!("~~~ {words} ~~~"));
            rows.push(row);
        }
        if let Some(state) = &step.state {
            let marked = rows.is_empty();
            let mut row = if marked { margin(Ink::Failure) } else { Row::of(Ink::Plain, "    ") };
            row.append(time(trace, step, self.elapsed)).tab(4 + self.time + 2);
            if step.still {
                row.push(Ink::Faint, "still ");
            }
            let start = row.width();
            row.append(label::state(&trace.track, state)).tab(start + self.state + 2);
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
    let mut row = Row::of(Ink::Faint, trace.axis.moment(step.when.hi).unwrap_or_default());
    if let Some(entry) = step.entry {
        row.push(Ink::Faint, format!("  {:>width$}", clock::elapsed(entry.stamp.elapsed)));
    }
    row
}

/// What is said of a gap; a beginning that was not seen is said beside its state.
fn unseen(trace: &Trace<'_>, step: &Step<'_>, cause: Cause) -> Option<String> {
    let moment = |at| trace.axis.moment(at);
    match cause {
        Cause::Beginning => None,
        Cause::Coalesced => Some("never published".to_owned()),
        Cause::Lost => Some(match (moment(step.when.lo), moment(step.when.hi), &step.state) {
            (Some(from), Some(to), Some(_)) => {
                let span = clock::span(super::axis::length(step.when.hi - step.when.lo));
                format!("not seen for {span}, {from} to {to}")
            }
            (Some(from), _, None) => format!("not seen from {from} on"),
            (None, Some(to), _) => format!("not seen before {to}"),
            _ => "not seen".to_owned(),
        }),
    }
}

/// `[delayed, not before 18:09:50.000]`.
fn seen(trace: &Trace<'_>, step: &Step<'_>) -> Row {
    if step.gap == Some(Cause::Beginning) {
        return Row::of(Ink::Faint, "  [its beginning was not seen]");
    }
    if let Some(entry) = step.entry.filter(|entry| entry.seen != How::Live) {
        return Row::of(Ink::Faint, format!("  [{}]", label::seen(entry)));
    }
    let earliest = super::axis::not_before(step.when).filter(|_| step.gap.is_none());
    let earliest = earliest.and_then(|earliest| trace.axis.moment(earliest));
    Row::of(Ink::Faint, earliest.map(|earliest| format!("  [not before {earliest}]")).unwrap_or_default())
}

/// What would have been right.
fn fitting(explanation: &Explanation) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(edits) = &explanation.nearest {
        rows.push(part("nearest fit", path::edits(edits)));
    }
    if let Some(steps) = &explanation.passing {
        rows.push(part("would pass", path::completion(steps)));
    }
    if let Some(steps) = &explanation.failing {
        rows.push(part("would fail", path::completion(steps)));
    }
    rows
}

/// The statement of a document without the track that it is about, which is named already.
fn statement(text: &str) -> &str {
    let rest = text.strip_prefix("track: ").and_then(|rest| rest.split_once(", "));
    rest.map_or(text, |(_, statement)| statement)
}

/// A part of several lines.
fn parts(name: &str, lines: Vec<Row>) -> Vec<Row> {
    let name = |at: usize| if at == 0 { name } else { "" };
    lines.into_iter().enumerate().map(|(at, line)| part(name(at), line)).collect()
}

fn part(name: &str, words: Row) -> Row {
    let mut row = Row::of(Ink::Faint, format!("  {name}"));
    row.tab(NAMES).append(words);
    row
}

/// `the same     3 more: pod/a phase, pod/b phase, pod/c phase`.
fn others(choice: &Choice<'_>) -> Option<Row> {
    let names: Vec<String> = choice.others().map(whom).collect();
    if names.is_empty() {
        return None;
    }
    let more = if names.len() > MAX_OTHERS { ", ..." } else { "" };
    let shown = names.iter().take(MAX_OTHERS).cloned().collect::<Vec<_>>().join(", ");
    Some(part("the same", Row::of(Ink::Plain, format!("{} more: {shown}{more}", names.len()))))
}

fn whom(word: &WordOutcome) -> String {
    let subject = label::subject(&word.subject);
    word.track.as_ref().map_or_else(|| subject.clone(), |track| format!("{subject} {track}"))
}
