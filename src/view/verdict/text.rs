//! Verdicts for people: one line for what holds, a short story for what does not, and a count at the end.

use super::index::Index;
use super::ink::ink;
use super::judged::{Extent, Judged};
use super::story::{Line, Story};
use crate::expectation::{Outcome, Verdict};
use crate::view::row::Row;
use crate::view::style::{Ink, Style};
use std::io;

/// Columns of the longest verdict.
const VERDICT: usize = 12;

/// Column at which a wrapped line continues.
const HANG: usize = 16;

/// Writes the outcomes of all recordings.
pub(super) fn write(judged: &[Judged<'_>], style: &Style, out: &mut impl io::Write) -> io::Result<()> {
    let mut put = |line: Line| {
        let rows = match line {
            Line::Words(row) => row.broken(style.width.unwrap_or(usize::MAX), HANG),
            Line::Cells(row) => vec![row],
        };
        rows.into_iter().try_for_each(|row| out.write_all(row.line(style).as_bytes()))
    };
    let mut gap = false;
    for one in judged {
        let index = Index::of(one);
        if let Some(name) = one.recording.filter(|_| judged.len() > 1) {
            if std::mem::take(&mut gap) {
                put(Line::Words(Row::new()))?;
            }
            put(Line::Words(Row::of(Ink::Strong, name)))?;
        }
        if let Some(trouble) = one.trouble.filter(|trouble| trouble.extent == Extent::Unreadable && judged.len() > 1) {
            let mut row = Row::of(Ink::Failure, trouble.extent.as_str());
            row.tab(VERDICT + 2).push(Ink::Plain, trouble.message);
            put(Line::Words(row))?;
        }
        for outcome in one.outcomes {
            if std::mem::take(&mut gap) {
                put(Line::Words(Row::new()))?;
            }
            put(Line::Words(title(outcome)))?;
            let story = Story::of(one, outcome, &index).lines();
            gap = !story.is_empty();
            story.into_iter().try_for_each(&mut put)?;
        }
        gap |= one.recording.is_some();
    }
    let all = || judged.iter().flat_map(|one| one.outcomes);
    if all().count() > 1 {
        put(Line::Words(Row::new()))?;
        put(Line::Words(summary(&all())))?;
    }
    Ok(())
}

/// `violated      vm-never-runs`.
fn title(outcome: &Outcome) -> Row {
    let mut row = Row::of(ink(outcome.standing.verdict), outcome.standing.verdict.as_str());
    row.tab(VERDICT + 2).push(Ink::Strong, &outcome.name);
    row
}

/// `3 expectations: 1 satisfied, 1 violated, 1 inconclusive`.
fn summary<'a>(outcomes: &(impl Iterator<Item = &'a Outcome> + Clone)) -> Row {
    let mut row = Row::of(Ink::Strong, format!("{} expectations", outcomes.clone().count()));
    let order = [Verdict::Satisfied, Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Skipped];
    let mut sign = ": ";
    for verdict in order {
        let many = outcomes.clone().filter(|outcome| outcome.standing.verdict == verdict).count();
        if many > 0 {
            row.push(Ink::Plain, sign).push(ink(verdict), format!("{many} {verdict}"));
            sign = ", ";
        }
    }
    row
}
