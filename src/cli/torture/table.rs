//! What came of the trials, as lines and as JSON.

use super::outcome::Outcome;
use super::printed::Wrong;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Most objects that are named.
const NAMED: usize = 5;
/// Where the reasons begin.
const INDENT: usize = 22;

/// The line of one trial.
pub(super) fn line(outcome: &Outcome) -> String {
    let mut text = format!("{:<5} {:<15} {}\n", outcome.verdict(), outcome.trial.name, outcome.trial.doc);
    let mut why = Vec::new();
    if let Some(ended) = &outcome.ended {
        why.push(ended.clone());
    } else if !outcome.has_watched {
        why.push("it opened no watch of what is compared".to_owned());
    }
    if !outcome.wrong.is_empty() {
        let when = if outcome.is_within { "when most objects exist" } else { "at the end" };
        why.push(format!("{when}, {} of {} objects are wrong:", outcome.wrong.len(), outcome.objects));
        why.extend(outcome.wrong.iter().take(NAMED).map(wrong));
    }
    if outcome.wrong.len() > NAMED {
        why.push(format!("  and {} more", outcome.wrong.len() - NAMED));
    }
    if !outcome.passed() && outcome.unread > 0 {
        why.push(format!("{} lines name no object of the recording", outcome.unread));
    }
    for line in why {
        let _ = writeln!(text, "{:INDENT$}{line}", "");
    }
    text
}

fn wrong(Wrong { object, found, expected }: &Wrong) -> String {
    let expected = expected.as_deref().unwrap_or("deleted");
    match found.as_deref() {
        Some("-") => format!("  {object} is {expected}, printed as deleted"),
        Some(found) => format!("  {object} is {expected}, printed as {found}"),
        None => format!("  {object} is {expected}, not printed"),
    }
}

/// The last line.
pub(super) fn total(outcomes: &[Outcome], recording: &Path) -> String {
    let lost = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let mut text = format!("{} of {} trials passed\n", outcomes.len() - lost, outcomes.len());
    let control = outcomes.iter().find(|outcome| outcome.trial.is_control());
    if control.is_some_and(|outcome| !outcome.passed()) {
        text += "It fails without any fault. It must watch all objects, and print a line for every change:\n\
                 \"namespace/name state\", or \"name state\" for an object without a namespace. The state is .status.phase,\n\
                 .status.printableStatus if there is none, or Present, and - for a deleted object.\n";
    } else if let Some(failed) = outcomes.iter().find(|outcome| !outcome.passed()) {
        let faults: Vec<String> = failed.flags.iter().map(|fault| format!(" --inject {fault}")).collect();
        let _ = writeln!(
            text,
            "See one for yourself: statetrail replay {} --listen 127.0.0.1:0 --kubeconfig-out replay.kubeconfig \
             --start on-watch{}",
            recording.display(),
            faults.concat()
        );
    }
    text
}

/// One line of JSON for each trial.
pub(super) fn json(outcomes: &[Outcome]) -> String {
    let line = |outcome: &Outcome| {
        let wrong = |Wrong { object, found, expected }: &Wrong| json!({"object": object, "printed": found, "expected": expected});
        json!({
            "trial": outcome.trial.name, "faults": outcome.flags, "passed": outcome.passed(),
            "objects": outcome.objects, "wrong": outcome.wrong.iter().map(wrong).collect::<Vec<_>>(),
            "when": if outcome.is_within { "most" } else { "end" }, "watched": outcome.has_watched, "ended": outcome.ended,
            "unreadLines": outcome.unread,
        })
        .to_string()
            + "\n"
    };
    outcomes.iter().map(line).collect()
}
