//! What came of the trials, as lines and as JSON.

use super::outcome::Outcome;
use super::printed::Wrong;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// Objects that are named on one line.
const NAMED: usize = 2;

/// The line of one trial.
pub(super) fn line(outcome: &Outcome) -> String {
    let verdict = if outcome.passed() { "ok" } else { "LOST" };
    let mut text = format!("{verdict:<5} {:<15} {:<60}", outcome.trial.name, outcome.trial.doc);
    if let Some(ended) = &outcome.ended {
        let _ = write!(text, " {ended};");
    }
    if !outcome.wrong.is_empty() {
        let named: Vec<String> = outcome.wrong.iter().take(NAMED).map(wrong).collect();
        let more = if outcome.wrong.len() > NAMED { ", ..." } else { "" };
        let _ = write!(text, " {} of {} wrong: {}{more}", outcome.wrong.len(), outcome.objects, named.join(", "));
    }
    text.trim_end().trim_end_matches(';').to_owned() + "\n"
}

fn wrong(Wrong { object, found, expected }: &Wrong) -> String {
    let found = found.as_deref().unwrap_or("nothing");
    match expected {
        Some(expected) => format!("{object} {found} (is {expected})"),
        None => format!("{object} {found} (is deleted)"),
    }
}

/// The last line.
pub(super) fn total(outcomes: &[Outcome], recording: &Path) -> String {
    let lost = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let mut text = format!("{} of {} trials passed\n", outcomes.len() - lost, outcomes.len());
    let control = outcomes.iter().find(|outcome| outcome.trial.flags().is_empty());
    if control.is_some_and(|outcome| !outcome.passed()) {
        text += "It fails without any fault: it must print `namespace/name state` for every change, where state is \
                 .status.phase,\n.status.printableStatus if there is none, or Present; and `namespace/name -` for a deleted \
                 object.\n";
    } else if let Some(failed) = outcomes.iter().find(|outcome| !outcome.passed()) {
        let faults: Vec<String> = failed.trial.flags().iter().map(|fault| format!(" --inject {fault}")).collect();
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
            "trial": outcome.trial.name, "faults": outcome.trial.flags(), "passed": outcome.passed(),
            "objects": outcome.objects, "wrong": outcome.wrong.iter().map(wrong).collect::<Vec<_>>(),
            "ended": outcome.ended, "unreadLines": outcome.unread,
        })
        .to_string()
            + "\n"
    };
    outcomes.iter().map(line).collect()
}
