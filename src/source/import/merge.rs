//! Merges the lines of several watches: by version if versions can be compared, by time otherwise.
//!
//! The order within each watch is kept, whatever its versions and times are.

use super::stream::Line;
use crate::observation::Payload;
use jiff::Timestamp;

/// The clock of the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The receiver's: every line has a time of receipt.
    Receipt,
    /// The writers': the newest timestamps in the objects, in seconds, because at least one line has no time of
    /// receipt.
    Server,
}

/// A line with its time.
pub(super) struct Timed {
    pub at: Timestamp,
    pub payload: Payload,
    /// Of a gap: it lasts to the end of the watch.
    pub is_lasting: bool,
}

/// The lines of one watch.
pub(super) struct Lines {
    /// True when its versions are in another storage than those of the others.
    pub is_separate: bool,
    /// The lines, in the order of the watch.
    pub lines: Vec<Line>,
}

/// All lines in order, with their times; none when no line has a time.
pub(super) fn merged(watches: Vec<Lines>, times: Times) -> Option<Vec<Timed>> {
    let earliest = watches.iter().flat_map(|watch| &watch.lines).filter_map(|line| time(line, times)).min()?;
    let (comparable, others): (Vec<_>, Vec<_>) = watches.into_iter().partition(|watch| {
        let is_number = |line: &Line| line.revision.is_some() || !has_version(&line.payload);
        !watch.is_separate && watch.lines.iter().all(is_number)
    });
    let mut numbered: Vec<(u64, Timed)> = Vec::new();
    for watch in comparable {
        let mut newest = 0;
        let revisions: Vec<u64> = watch
            .lines
            .iter()
            .map(|line| {
                newest = newest.max(line.revision.unwrap_or(0));
                newest
            })
            .collect();
        numbered.extend(revisions.into_iter().zip(timed(watch.lines, times, earliest)));
    }
    numbered.sort_by_key(|(revision, _)| *revision);
    let mut merged: Vec<Timed> = numbered.into_iter().map(|(_, line)| line).collect();
    if times == Times::Server {
        // A later version happened later: a timestamp older than the previous one is only less precise.
        let mut newest = earliest;
        for line in &mut merged {
            newest = newest.max(line.at);
            line.at = newest;
        }
    }
    for watch in others {
        merged = beside(merged, timed(watch.lines, times, earliest));
    }
    Some(merged)
}

fn time(line: &Line, times: Times) -> Option<Timestamp> {
    match times {
        Times::Receipt => line.received,
        Times::Server => line.stamped,
    }
}

fn has_version(what: &Payload) -> bool {
    matches!(what, Payload::Object(_) | Payload::Bookmark { .. } | Payload::Attached(_))
}

/// Gives every line a time: its own, or that of the previous line. Timestamps never go back within a stream.
fn timed(lines: Vec<Line>, times: Times, earliest: Timestamp) -> Vec<Timed> {
    let mut last = lines.iter().find_map(|line| time(line, times)).unwrap_or(earliest);
    lines
        .into_iter()
        .map(|line| {
            let own = time(&line, times).unwrap_or(last);
            last = if times == Times::Server { last.max(own) } else { own };
            Timed { at: last, payload: line.payload, is_lasting: line.is_lasting }
        })
        .collect()
}

/// Merges by time; at equal times, lines of `first` come first.
fn beside(first: Vec<Timed>, second: Vec<Timed>) -> Vec<Timed> {
    let mut merged = Vec::with_capacity(first.len() + second.len());
    let mut second = second.into_iter().peekable();
    let mut newest = Timestamp::MIN;
    for line in first {
        newest = newest.max(line.at);
        while let Some(earlier) = second.next_if(|other| other.at < newest) {
            merged.push(earlier);
        }
        merged.push(line);
    }
    merged.extend(second);
    merged
}
