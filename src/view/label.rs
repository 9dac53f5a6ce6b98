//! States, kinds and subjects in short form, each in the ink of its family.
//!
//! Colours are a reading aid: the families below are our own classification of the API's labels, and nothing but colour
//! depends on them.

use super::clock;
use super::row::Row;
use super::style::{Ink, Style};
use crate::kinds;
use crate::observation::{State, StateKind, Subject, Track};
use crate::timeline::{Body, Detailed, Entry, Provenance};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::fmt::Write as _;
use std::time::Duration;

/// `CrashLoopBackOff#3`, `Error#1(137)`, `(absent)`, `""`.
pub(super) fn state(track: &Track, state: &State) -> Row {
    Row::of(ink(track, state), short(state))
}

/// The state's label with its restart count and a failing exit code, without colour.
pub(super) fn short(state: &State) -> String {
    let mut text = plain(state);
    if let Some(count) = state.detail.restart_count.filter(|count| *count > 0) {
        let _ = write!(text, "#{count}");
    }
    if let Some(code) = state.detail.exit_code.filter(|code| *code != 0) {
        let _ = write!(text, "({code})");
    }
    text
}

/// The state's label alone.
pub(super) fn plain(state: &State) -> String {
    match (state.kind, state.label.as_str()) {
        (StateKind::Absent, _) => "(absent)".to_owned(),
        (_, "") => "\"\"".to_owned(),
        (_, label) => label.to_owned(),
    }
}

/// Reason and message of a state, where they add something to its label.
pub(super) fn words(state: &State) -> String {
    let reason = state.detail.reason.as_deref().filter(|reason| *reason != state.label);
    let parts = [reason, state.detail.message.as_deref()];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// The changed details of a state: `reason Deferred => Infeasible, exit code 137 => 1`.
pub(super) fn change(detailed: &Detailed) -> String {
    let (from, to) = (&detailed.from.detail, &detailed.to.detail);
    let mut changes = Vec::new();
    let mut add = |what: &str, from: Option<String>, to: Option<String>| {
        if from != to {
            let [from, to] = [from, to].map(|value| value.unwrap_or_else(|| "none".to_owned()));
            changes.push(format!("{what} {from} => {to}"));
        }
    };
    let word = |word: &Option<SmolStr>| word.as_ref().filter(|word| !word.is_empty()).map(ToString::to_string);
    let number = |number: Option<i32>| number.map(|number| number.to_string());
    let count = |count: Option<u32>| count.map(|count| count.to_string());
    add("reason", word(&from.reason), word(&to.reason));
    add("exit code", number(from.exit_code), number(to.exit_code));
    add("signal", number(from.signal), number(to.signal));
    add("restart count", count(from.restart_count), count(to.restart_count));
    add("of", word(&from.instance), word(&to.instance));
    changes.join(", ")
}

/// `live`; `healed, dated by Leases`.
pub(super) fn seen(entry: &Entry) -> String {
    let by_leases = if entry.leases.is_some() { ", dated by Leases" } else { "" };
    format!("{}{by_leases}", entry.seen.as_str())
}

/// When it happened: `18:09:28.746`; `18:09:20..18:09:38` or `before 18:09:38` for what was not seen as it happened.
pub(super) fn time(entry: &Entry, style: &Style) -> String {
    style.dated(entry.stamp.at, times(entry).0)
}

/// Since when a state is held: `18:09:21.867`, `before 18:09:21.867`, `18:09:20..18:09:22`.
pub(super) fn since(entry: &Entry, style: &Style) -> String {
    let is_bounded = entry.not_before.is_some_and(clock::is_known);
    match entry.seen {
        Provenance::Initial | Provenance::AfterGap if !is_bounded => {
            format!("before {}", style.time(entry.stamp.at))
        }
        _ => time(entry, style),
    }
}

/// The line before the first entry of a day.
pub(super) fn day(day: &str) -> Row {
    Row::of(Ink::Faint, format!("---- {day} UTC ----"))
}

/// The interval in which it happened; none where it was seen as it happened.
fn interval(entry: &Entry) -> Option<String> {
    let at = entry.stamp.at;
    if matches!(entry.body, Body::Gap(_)) || entry.seen == Provenance::Initial {
        return None;
    }
    let earliest = entry.not_before.filter(|earliest| entry.seen != Provenance::Live || !is_short(*earliest, at));
    match (entry.leases.as_deref(), earliest) {
        (Some([before, after]), _) => Some(clock::interval(*before, *after)),
        (None, Some(earliest)) if clock::is_known(earliest) => Some(clock::interval(earliest, at)),
        (None, Some(_)) => Some(format!("before {}", clock::time_of_day(at))),
        (None, None) => None,
    }
}

/// How long the interval is of what was seen as it happened: a receipt may be as late as that.
const AS_IT_HAPPENED: SignedDuration = SignedDuration::from_millis(100);

fn is_short(earliest: Timestamp, at: Timestamp) -> bool {
    at.duration_since(earliest) <= AS_IT_HAPPENED
}

/// The same, and the time since the start, where that is not an interval.
pub(super) fn times(entry: &Entry) -> (String, Option<Duration>) {
    match interval(entry) {
        Some(interval) => (interval, None),
        None => (clock::time_of_day(entry.stamp.at), Some(entry.stamp.elapsed)),
    }
}

/// The same in two columns, which an interval spans: the second has the width `width`, and is left out without one.
pub(super) fn moment(entry: &Entry, width: Option<usize>, elapsed: impl FnOnce(Duration) -> String) -> Row {
    let text = match (times(entry), width) {
        ((time, Some(since)), Some(width)) => format!("{time}  {:>width$}  ", elapsed(since)),
        ((interval, None), Some(width)) => format!("{interval:0$}  ", clock::TIME + 2 + width),
        ((time, _), None) => format!("{time}  "),
    };
    Row::of(Ink::Faint, text)
}

/// `vm/vm-imagepull`, as `kubectl -o name` writes it, with the display names of declared kinds.
pub(super) fn subject(subject: &Subject) -> String {
    named(&subject.kind, &subject.name)
}

/// `vm/vm-imagepull` from its parts.
pub(super) fn named(kind: &str, name: &str) -> String {
    match kinds::of_kind(kind) {
        Some(known) => format!("{}/{name}", known.display),
        None => format!("{}/{name}", kind.to_lowercase()),
    }
}

/// The same, after its namespace where the style has namespaces: `story vm/vm-imagepull`.
pub(super) fn placed(kind: &str, namespace: &str, name: &str, style: &Style) -> String {
    let prefix = if style.namespaces && !namespace.is_empty() { format!("{namespace} ") } else { String::new() };
    prefix + &named(kind, name)
}

/// The part of a uid that distinguishes subjects with the same name.
pub(super) fn short_uid(uid: &str) -> &str {
    uid.char_indices().nth(8).map_or(uid, |(end, _)| &uid[..end])
}

/// The ink of a state's family.
pub(super) fn ink(track: &Track, state: &State) -> Ink {
    if state.kind == StateKind::Absent {
        return Ink::Gone;
    }
    match track {
        Track::Condition(_) | Track::Node | Track::Custom(_) => return Ink::Plain,
        _ => {}
    }
    if fails(&state.label) || state.detail.exit_code.is_some_and(|code| code != 0) {
        return Ink::Failure;
    }
    match state.kind {
        StateKind::Waiting => return Ink::Waiting,
        StateKind::Running => return Ink::Running,
        StateKind::Terminated => return Ink::Done,
        StateKind::Plain | StateKind::Absent | StateKind::Unknown => {}
    }
    match state.label.as_str() {
        "Deleted" | "Stopped" | "none" => Ink::Gone,
        "Succeeded" | "Completed" => Ink::Done,
        "Running" | "Present" | "Ready" | "Bound" | "MigrationReady" => Ink::Running,
        _ => Ink::Waiting,
    }
}

/// True for labels and reasons that name a failure.
pub(super) fn fails(label: &str) -> bool {
    const WHOLE: [&str; 7] =
        ["OOMKilled", "DeadlineExceeded", "Evicted", "NodeLost", "Unknown", "InvalidImageName", "DataVolumeError"];
    const PARTS: [&str; 6] = ["Err", "BackOff", "Fail", "Unschedulable", "ContainerCannotRun", "Aborted"];
    WHOLE.contains(&label) || PARTS.iter().any(|part| label.contains(part))
}
