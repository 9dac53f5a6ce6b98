//! `-o summary`, and the beginning of a long table: per kind the number of subjects, the failures and the gaps, then
//! every subject that failed.

use super::account::{Account, Accounts, Step};
use super::count::Gaps;
use super::label;
use super::row::Row;
use super::selection::Selection;
use super::style::{Ink, Style};
use crate::kinds;
use crate::observation::{State, Subject, Track};
use crate::timeline::{Body, Entry};
use std::cmp::Reverse;

/// Columns between columns.
pub(super) const SPACE: usize = 3;
/// Columns of the shortest names: first, and if that is not short enough.
const SHORTEST: [usize; 2] = [16, 8];

/// A state that a subject should not have been in.
struct Failure<'a> {
    entry: &'a Entry,
    track: &'a Track,
    state: &'a State,
    /// It was in it at the end.
    lasts: bool,
}

/// The lines; of the subjects that failed, at most `most`.
pub(super) fn rows(
    entries: &[Entry],
    selection: &Selection,
    accounts: &Accounts<'_>,
    most: usize,
    style: &Style,
) -> Vec<Row> {
    let mut failed: Vec<(&Account<'_>, Failure<'_>)> =
        accounts.of.iter().filter_map(|account| Some((account, failure(account)?))).collect();
    failed.sort_by_key(|(_, failure)| (Reverse(failure.lasts), failure.entry.stamp.at));
    let gaps: Vec<&Entry> =
        entries.iter().filter(|entry| matches!(entry.body, Body::Gap(_)) && selection.matches(entry)).collect();
    let mut rows = of_kinds(accounts, &failed, &gaps);
    if failed.is_empty() {
        return rows;
    }
    rows.push(Row::new());
    rows.extend(failures(&failed[..failed.len().min(most)], style));
    if let Some(more) = failed.len().checked_sub(most).filter(|more| *more > 0) {
        rows.push(Row::of(Ink::Faint, format!("and {more} more: -o summary lists all")));
    }
    rows
}

/// A line per kind, those with failures first.
fn of_kinds(accounts: &Accounts<'_>, failed: &[(&Account<'_>, Failure<'_>)], gaps: &[&Entry]) -> Vec<Row> {
    let mut kinds: Vec<String> = Vec::new();
    let of_gap = |entry: &Entry| match (&entry.subject, &entry.body) {
        (Some(subject), _) => displayed(&subject.kind),
        (None, Body::Gap(gap)) if gap.kind.is_empty() => gap.resource.to_string(),
        (None, Body::Gap(gap)) => displayed(&gap.kind),
        (None, _) => String::new(),
    };
    let all = accounts.of.iter().map(|account| displayed(&account.subject.kind));
    for kind in all.chain(gaps.iter().map(|entry| of_gap(entry))) {
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let failures = |kind: &str| failed.iter().filter(|(account, _)| displayed(&account.subject.kind) == kind).count();
    kinds.sort_by_key(|kind| Reverse(failures(kind)));
    let mut lines = vec![["KIND", "SUBJECTS", "FAILED", "GAPS", "LAST STATES"].map(|name| Row::of(Ink::Strong, name))];
    for kind in &kinds {
        let of: Vec<&Account<'_>> =
            accounts.of.iter().filter(|account| displayed(&account.subject.kind) == *kind).collect();
        let gaps: Vec<&Entry> = gaps.iter().copied().filter(|entry| of_gap(entry) == *kind).collect();
        let (failed, gaps) = (failures(kind), Gaps::of(&gaps).number());
        lines.push([
            Row::of(Ink::Plain, kind),
            Row::of(Ink::Plain, of.len().to_string()),
            Row::of(if failed > 0 { Ink::Failure } else { Ink::Plain }, failed.to_string()),
            Row::of(if gaps > 0 { Ink::Gap } else { Ink::Plain }, gaps.to_string()),
            last_states(&of),
        ]);
    }
    aligned(lines)
}

/// `CrashLoopBackOff 1, Running 30, deleted 7`, failures first.
fn last_states(accounts: &[&Account<'_>]) -> Row {
    let mut states: Vec<(Ink, String, usize)> = Vec::new();
    for account in accounts {
        let (ink, state) = match (account.deleted, account.courses.first()) {
            (Some(_), _) => (Ink::Gone, "deleted".to_owned()),
            (None, _) if account.was_lost() => (Ink::Gap, "unknown".to_owned()),
            (None, Some(course)) => match course.last() {
                Some(state) => (label::ink(course.track, state), label::plain(state)),
                None => continue,
            },
            (None, None) if account.gaps.is_empty() => (Ink::Faint, "only events".to_owned()),
            (None, None) => (Ink::Gap, "unknown".to_owned()),
        };
        match states.iter_mut().find(|(_, known, _)| *known == state) {
            Some((.., count)) => *count += 1,
            None => states.push((ink, state, 1)),
        }
    }
    states.sort_by_key(|(ink, _, count)| (*ink != Ink::Failure, Reverse(*count)));
    let mut row = Row::new();
    for (ink, state, count) in states {
        if !row.is_empty() {
            row.push(Ink::Faint, ", ");
        }
        row.push(ink, state).push(Ink::Faint, format!(" {count}"));
    }
    row
}

/// The last failing state of the first track that has one. What is entered after a deletion was requested is its effect:
/// a container that is killed has an exit code.
fn failure<'a>(account: &Account<'a>) -> Option<Failure<'a>> {
    let lifecycle = account.courses.iter().filter(|course| *course.track == Track::Lifecycle);
    let requested = lifecycle.flat_map(|course| &course.steps).find_map(|step| match step {
        Step::Entered { place, transition, .. } if transition.to.label == "Terminating" => Some(*place),
        _ => None,
    });
    let is_before = |place: usize| requested.is_none_or(|requested| place < requested);
    account.courses.iter().find_map(|course| {
        course.steps.iter().rev().find_map(|step| match step {
            Step::Entered { place, entry, transition, .. }
                if is_before(*place) && label::ink(course.track, &transition.to) == Ink::Failure =>
            {
                let is_last = course.last().is_some_and(|last| last.label == transition.to.label);
                let lasts = is_last && account.deleted.is_none();
                Some(Failure { entry, track: course.track, state: &transition.to, lasts })
            }
            _ => None,
        })
    })
}

/// A line per subject that failed.
fn failures(failed: &[(&Account<'_>, Failure<'_>)], style: &Style) -> Vec<Row> {
    let mut lines = vec![["FAILED", "STATE", "SINCE", "AFTERWARDS", "WHY"].map(|name| Row::of(Ink::Strong, name))];
    for (account, failure) in failed {
        let Subject { kind, namespace, name, .. } = account.subject;
        let mut state = label::state(failure.track, failure.state);
        if !matches!(failure.track, Track::Status | Track::Phase) {
            state.push(Ink::Faint, format!(" ({})", failure.track));
        }
        let course = account.courses.iter().find(|course| course.track == failure.track);
        let afterwards = match course.and_then(|course| Some((course, course.last()?))) {
            _ if account.deleted.is_some() => Row::of(Ink::Gone, "deleted"),
            Some((course, last)) if !failure.lasts => label::state(course.track, last),
            _ => Row::of(Ink::Faint, "-"),
        };
        lines.push([
            Row::of(Ink::Strong, label::placed(kind, namespace, name, style)),
            state,
            Row::of(Ink::Faint, label::since(failure.entry, style)),
            afterwards,
            Row::of(Ink::Faint, why(account, failure.state)),
        ]);
    }
    // Whether it was deleted afterwards is left out before a state or a time is cut.
    fitting(lines, style, &[0], 2)
}

/// What the state says, or else another track in a state of that name or with a failing reason, or else the first Event
/// of a failure.
pub(super) fn why(account: &Account<'_>, state: &State) -> String {
    let words = label::words(state);
    if !words.is_empty() {
        return words;
    }
    let entered = account.courses.iter().flat_map(|course| &course.steps).filter_map(|step| match step {
        Step::Entered { transition, .. } => Some(&transition.to),
        _ => None,
    });
    let said = |is_it: &dyn Fn(&State) -> bool| {
        entered.clone().filter(|state| is_it(state)).map(label::words).find(|words| !words.is_empty())
    };
    let is_failing = label::fails(&state.label);
    let words = said(&|other| state.label.ends_with(other.label.as_str()))
        .or_else(|| said(&|other| is_failing && other.detail.reason.as_deref().is_some_and(label::fails)));
    if let Some(words) = words {
        return words;
    }
    let warnings = account.evidence.iter().filter_map(|entry| match &entry.body {
        Body::Evidence(evidence) if evidence.kind == "Warning" && label::fails(&evidence.reason) => Some(evidence),
        _ => None,
    });
    warnings.map(|warning| format!("{}: {}", warning.reason, warning.message)).next().unwrap_or_default()
}

/// A kind in its short form: `vm`.
fn displayed(kind: &str) -> String {
    kinds::of_kind(kind).map_or_else(|| kind.to_lowercase(), |known| known.display.to_owned())
}

/// Cells in columns. Names, in these columns, are shortened as far as it takes for the columns up to `last` to fit.
pub(super) fn fitting<const N: usize>(
    mut lines: Vec<[Row; N]>,
    style: &Style,
    names: &[usize],
    last: usize,
) -> Vec<Row> {
    let Some(room) = style.width else { return aligned(lines) };
    for shortest in SHORTEST {
        for column in names {
            let width = |column: usize| lines.iter().map(|line| line[column].width()).max().unwrap_or(0);
            // The sign of a line that is cut takes a column.
            let excess = ((0..=last).map(width).sum::<usize>() + last * SPACE + 1).saturating_sub(room);
            let width = width(*column).saturating_sub(excess).max(shortest);
            lines.iter_mut().for_each(|line| line[*column] = std::mem::take(&mut line[*column]).shortened(width));
        }
    }
    aligned(lines)
}

/// Cells in columns.
fn aligned<const N: usize>(lines: Vec<[Row; N]>) -> Vec<Row> {
    let mut widths = [0; N];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.width().max(*width);
        }
    }
    let row = |line: [Row; N]| {
        let (mut row, mut column) = (Row::new(), 0);
        for (at, cell) in line.into_iter().enumerate() {
            row.append(cell);
            column += widths[at] + SPACE;
            if at + 1 < N {
                row.tab(column);
            }
        }
        row
    };
    lines.into_iter().map(row).collect()
}
