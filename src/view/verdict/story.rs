//! Why a verdict is what it is, in at most about fifteen lines: the subject, what broke it and when, the path to there,
//! and what would have been right.

use super::around::Around;
use super::axis::Axis;
use super::choice::Choice;
use super::index::Index;
use super::ink::ink;
use super::judged::Judged;
use super::trace::Trace;
use super::{path, way};
use crate::expectation::{ClauseOutcome, Explanation, Outcome, TimeFormat, TraceOutcome, Verdict};
use crate::view::label;
use crate::view::row::Row;
use crate::view::style::Ink;

/// Columns of the names of parts.
const NAMES: usize = 16;
/// Largest number of updates of others, and of Events, that are shown.
const MAX_UPDATES: usize = 4;
const MAX_EVIDENCE: usize = 2;
/// Largest number of other subjects that are named.
const MAX_OTHERS: usize = 4;
/// Largest number of lives of a name that are shown.
const MAX_LIVES: usize = 8;
/// Largest number of other statements that are shown.
const MAX_CLAUSES: usize = 2;

/// A line, by how a narrow terminal treats it.
pub(super) enum Line {
    /// It is wrapped at words.
    Words(Row),
    /// It is cut: its cells are aligned with those of the line before.
    Cells(Row),
}

/// What is shown about one outcome.
pub(super) struct Story<'a> {
    outcome: &'a Outcome,
    axis: Axis,
    index: &'a Index<'a>,
}

impl<'a> Story<'a> {
    /// The story of an outcome.
    pub(super) fn of(judged: &Judged<'a>, outcome: &'a Outcome, index: &'a Index<'a>) -> Self {
        Self { outcome, axis: judged.axis, index }
    }

    /// The lines below the verdict; none when there is nothing to say.
    pub(super) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        if self.outcome.standing.verdict != Verdict::Satisfied {
            let choice = Choice::of(self.outcome).filter(|_| self.outcome.explained);
            lines.extend(choice.and_then(|choice| self.about(&choice)).map(Line::Words));
            lines.push(Line::Words(self.reason()));
            if let Some(choice) = choice.filter(|choice| choice.word.is_none()) {
                lines.extend(self.undecided(choice.clause));
            }
            if let Some((choice, word)) = choice.and_then(|choice| Some((choice, choice.word?))) {
                lines.extend(self.way(word).into_iter().map(Line::Cells));
                let explanation = word.explanation.iter();
                lines.extend(explanation.flat_map(|explanation| fitting(explanation, self.axis)).map(Line::Words));
                lines.extend(self.open_end(&choice, word).map(Line::Words));
                lines.extend(self.settle(word).map(Line::Words));
                lines.extend(self.around(word));
                lines.extend(others(&choice).map(Line::Words));
            }
            lines.extend(choice.iter().flat_map(|choice| self.also(choice)).map(Line::Words));
        }
        lines.extend(lives(self.outcome).map(Line::Words));
        let assumptions = self.outcome.assumptions.iter();
        lines.extend(assumptions.map(|assumption| Line::Words(part("assuming", Row::of(Ink::Plain, assumption)))));
        lines
    }

    /// `on vm/vm-imagepull status in story: never Running`.
    fn about(&self, choice: &Choice<'_>) -> Option<Row> {
        let mut row = Row::of(Ink::Plain, "  ");
        if let Some(word) = choice.word.filter(|word| !word.subject.kind.is_empty()) {
            row.push(Ink::Faint, "on ").push(Ink::Strong, subject_name(word));
            if !word.subject.namespace.is_empty() {
                row.push(Ink::Faint, format!(" in {}", word.subject.namespace));
            }
        }
        let track = choice.word.and_then(|word| word.track.as_ref()).map(ToString::to_string);
        if choice.clause.text != self.outcome.name && track.as_ref() != Some(&choice.clause.text) {
            let sign = if row.width() > 2 { ": " } else { "" };
            row.push(Ink::Faint, sign).push(Ink::Plain, statement(&choice.clause.text));
        }
        (row.width() > 2).then_some(row)
    }

    /// Why, in one line.
    pub(super) fn sentence(&self) -> String {
        let lost = self.outcome.standing.verdict == Verdict::Pending && self.outcome.standing.pass_lost;
        let choice = Choice::of(self.outcome).filter(|_| self.outcome.explained);
        let why = choice.map(|choice| choice.clause.sentence(&self.axis));
        let why = why.unwrap_or_else(|| self.outcome.reason.clone());
        format!("{why}{}", if lost { " (satisfied is out of reach)" } else { "" })
    }

    fn reason(&self) -> Row {
        let mut row = Row::of(Ink::Plain, "  ");
        row.push(ink(self.outcome.standing.verdict), self.sentence());
        row
    }

    /// `help  `-> ...` at the end of the path allows more: it fits up to Running at 18:09:56.160`
    fn open_end(&self, choice: &Choice<'_>, word: &TraceOutcome) -> Option<Row> {
        let event = word.events.get(word.explanation.as_ref()?.fits_until?).filter(|_| !choice.clause.under_not)?;
        let state = &event.shown()?.symbol;
        let text =
            format!("`-> ...` at the end of the path allows more: it fits up to {state}{}", self.axis.at(event.when()));
        Some(part("help", Row::of(Ink::Plain, text)))
    }

    /// `to settle it  start recording before the object is created`
    fn settle(&self, word: &TraceOutcome) -> Option<Row> {
        let settle = word.explanation.as_ref()?.settle(&word.events, &self.axis)?;
        Some(part("to settle it", Row::of(Ink::Plain, settle)))
    }

    /// The path of the one trace, and what would settle the verdict, where the trace itself does not leave it undecided.
    fn undecided(&self, clause: &ClauseOutcome) -> Vec<Line> {
        let Some(settle) = clause.settle() else { return Vec::new() };
        let mut lines = Vec::new();
        if let [word] = &clause.traces[..] {
            let rows = way::rows(&Trace::of(word, self.axis, Some(self.index)), None);
            lines.extend(rows.into_iter().map(Line::Cells));
        }
        lines.push(Line::Words(part("to settle it", Row::of(Ink::Plain, settle))));
        lines
    }

    /// What happened around it.
    fn around(&self, word: &TraceOutcome) -> Vec<Line> {
        if word.standing.verdict != Verdict::Violated {
            return Vec::new();
        }
        let trace = Trace::of(word, self.axis, Some(self.index));
        let (updates, evidence) = Around::of(self.outcome, word, &trace, self.index).rows(MAX_UPDATES, MAX_EVIDENCE);
        let mut lines: Vec<Line> = parts("around", updates).into_iter().map(Line::Cells).collect();
        // The end of a message is often what matters: `connect: connection refused`.
        lines.extend(parts("events", evidence).into_iter().map(Line::Words));
        lines
    }

    /// Other clauses with the same verdict as the one that is explained.
    fn also(&self, choice: &Choice<'a>) -> Vec<Row> {
        let clauses: Vec<_> = choice.other_clauses(self.outcome).collect();
        let mut rows: Vec<Row> = clauses
            .iter()
            .take(MAX_CLAUSES)
            .map(|clause| {
                let mut row = Row::of(Ink::Plain, statement(&clause.text));
                row.push(Ink::Faint, format!(": {}", clause.sentence(&self.axis)));
                part("also", row)
            })
            .collect();
        let of_all = choice.clause.reason.iter().filter(|_| choice.word.is_some());
        rows.extend(of_all.map(|reason| part("also", Row::of(Ink::Plain, reason))));
        if clauses.len() > MAX_CLAUSES {
            rows.push(part("also", Row::of(Ink::Faint, format!("{} more statements", clauses.len() - MAX_CLAUSES))));
        }
        rows
    }

    /// The steps around the decisive one.
    fn way(&self, word: &TraceOutcome) -> Vec<Row> {
        let Some(explanation) = &word.explanation else { return Vec::new() };
        way::rows(&Trace::of(word, self.axis, Some(self.index)), explanation.focus())
    }
}

/// What would have been right.
fn fitting(explanation: &Explanation, axis: Axis) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(edits) = &explanation.nearest {
        rows.push(part("nearest fit", path::edits(edits)));
    }
    let [passing, failing] = [&explanation.passing, &explanation.failing]
        .map(|steps| steps.as_ref().map(|steps| path::completion(steps, axis)));
    // Where unknown times decide, the two look the same.
    if passing != failing {
        rows.extend(passing.map(|path| part("would pass", path)));
        rows.extend(failing.map(|path| part("would fail", path)));
    }
    rows
}

/// The statement of a document without its track, which is named already.
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
    let names: Vec<String> = choice.others().map(subject_name).collect();
    if names.is_empty() {
        return None;
    }
    let all = names.len() as u64 + choice.not_listed();
    let more = if all > MAX_OTHERS as u64 { ", ..." } else { "" };
    let shown = names.iter().take(MAX_OTHERS).cloned().collect::<Vec<_>>().join(", ");
    Some(part("the same", Row::of(Ink::Plain, format!("{all} more: {shown}{more}"))))
}

/// Which lives were judged, where a name has several, each with its uid.
fn lives(outcome: &Outcome) -> Option<Row> {
    let mut names: Vec<(String, Vec<&TraceOutcome>)> = Vec::new();
    for word in outcome.clauses.iter().flat_map(|clause| &clause.traces) {
        if word.life.is_none_or(|life| life.of < 2) {
            continue;
        }
        let name = match word.subject.namespace.as_str() {
            "" => label::subject(&word.subject),
            namespace => format!("{} in {namespace}", label::subject(&word.subject)),
        };
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, lives)) if lives.iter().any(|life| life.subject.uid == word.subject.uid) => {}
            Some((_, lives)) => lives.push(word),
            None => names.push((name, vec![word])),
        }
    }
    if names.is_empty() {
        return None;
    }
    let more = if names.len() > MAX_OTHERS { "; ..." } else { "" };
    let names = names.iter().take(MAX_OTHERS).map(|(name, lives)| {
        let shown =
            lives.iter().take(MAX_LIVES).filter_map(|word| Some(format!("{} (uid {})", word.life?, word.subject.uid)));
        let more = if lives.len() > MAX_LIVES { ", ..." } else { "" };
        format!("{name}: {}{more}", shown.collect::<Vec<_>>().join(", "))
    });
    Some(part("lives judged", Row::of(Ink::Plain, format!("{}{more}", names.collect::<Vec<_>>().join("; ")))))
}

fn subject_name(word: &TraceOutcome) -> String {
    let mut subject = label::subject(&word.subject);
    if let Some(life) = word.life.filter(|life| life.of > 1) {
        subject = format!("{subject} ({life}, uid {})", word.subject.uid);
    }
    word.track.as_ref().map_or_else(|| subject.clone(), |track| format!("{subject} {track}"))
}
