//! Verdicts for people: one line for what holds, a short story for what does not, and a count at the end.

use super::index::Index;
use super::ink::ink;
use super::judged::{Extent, Judged};
use super::sometimes::{self, Sometimes};
use super::story::{Line, Story};
use crate::expectation::Verdict;
use crate::view::row::Row;
use crate::view::style::{Ink, Style};
use std::io;

/// Columns of the longest verdict.
const VERDICT: usize = 12;

/// Column at which a wrapped line continues.
const HANG: usize = 16;

/// Writes the outcomes of all recordings.
pub(super) fn write(judged: &[Judged<'_>], style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let over = sometimes::over(judged);
    let mut parts: Vec<Vec<Line>> = judged.iter().map(|one| recording(judged, one)).collect();
    parts.push(shared(&over, judged.len()));
    let own = judged.iter().flat_map(|one| sometimes::own(judged, one)).map(|outcome| outcome.standing.verdict);
    let verdicts: Vec<Verdict> = own.chain(over.iter().map(|one| one.standing.verdict)).collect();
    if verdicts.len() > 1 {
        parts.push(vec![Line::Words(summary(&verdicts))]);
    }
    let mut is_first = true;
    for lines in parts.into_iter().filter(|lines| !lines.is_empty()) {
        let gap = (!std::mem::take(&mut is_first)).then(|| Line::Words(Row::new()));
        for line in gap.into_iter().chain(lines) {
            let rows = match line {
                Line::Words(row) => row.broken(style.width.unwrap_or(usize::MAX), HANG),
                Line::Cells(row) => vec![row],
            };
            rows.into_iter().try_for_each(|row| out.write_all(row.line(style).as_bytes()))?;
        }
    }
    Ok(())
}

/// One recording: its name, where there are several, and the outcomes that are its own.
fn recording(judged: &[Judged<'_>], one: &Judged<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let index = Index::of(one);
    let trouble = one.trouble.filter(|trouble| trouble.extent == Extent::Unreadable && judged.len() > 1);
    if let Some(trouble) = trouble {
        let mut row = Row::of(Ink::Failure, trouble.extent.as_str());
        row.tab(VERDICT + 2).push(Ink::Plain, trouble.message);
        lines.push(Line::Words(row));
    }
    let mut gap = false;
    for outcome in sometimes::own(judged, one) {
        if std::mem::take(&mut gap) {
            lines.push(Line::Words(Row::new()));
        }
        lines.push(Line::Words(title(outcome.standing.verdict, &outcome.name)));
        let story = Story::of(one, outcome, &index).lines();
        gap = !story.is_empty();
        lines.extend(story);
    }
    // Where all of them are about several recordings, nothing is to be said of this one.
    if let Some(name) = one.recording.filter(|_| judged.len() > 1 && !lines.is_empty()) {
        lines.insert(0, Line::Words(Row::of(Ink::Strong, name)));
    }
    lines
}

/// The expectations that must hold in one of the recordings.
fn shared(over: &[Sometimes<'_>], recordings: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for one in over {
        let gap = if lines.is_empty() {
            Row::of(Ink::Strong, format!("in one of {recordings} recordings"))
        } else {
            Row::new()
        };
        lines.push(Line::Words(gap));
        lines.push(Line::Words(title(one.standing.verdict, one.name)));
        let mut row = Row::of(Ink::Plain, "  ");
        row.push(ink(one.standing.verdict), one.sentence());
        lines.push(Line::Words(row));
        if let Some((judged, outcome)) = one.nearest() {
            lines.push(Line::Words(Row::of(Ink::Plain, format!("  in {}", judged.recording.unwrap_or_default()))));
            lines.extend(Story::of(judged, outcome, &Index::of(judged)).lines());
        }
    }
    lines
}

/// `violated      vm-never-runs`.
fn title(verdict: Verdict, name: &str) -> Row {
    let mut row = Row::of(ink(verdict), verdict.as_str());
    row.tab(VERDICT + 2).push(Ink::Strong, name);
    row
}

/// `3 expectations: 1 satisfied, 1 violated, 1 inconclusive`.
fn summary(verdicts: &[Verdict]) -> Row {
    let mut row = Row::of(Ink::Strong, format!("{} expectations", verdicts.len()));
    let order = [Verdict::Satisfied, Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Skipped];
    let mut sign = ": ";
    for verdict in order {
        let many = verdicts.iter().filter(|one| **one == verdict).count();
        if many > 0 {
            row.push(Ink::Plain, sign).push(ink(verdict), format!("{many} {verdict}"));
            sign = ", ";
        }
    }
    row
}
