//! The STATUS column of `kubectl get pods`: the label by which people know a pod's state, which is not a field of the
//! API.
//!
//! The API server computes it when it prints a table. This follows `printPod` of Kubernetes 1.36
//! (pkg/printers/internalversion/printers.go) decision by decision; tests/data/kinds holds objects with the labels that
//! the real printer gives them. As there, null and missing members are Go's zero values.

use super::conditions::Condition;
use super::container::{self, Situation, Terminated};
use super::declaration::{Vocabulary, is_fraction, is_number};
use super::pod_object::{Pod, Status};
use super::text::{label, or_empty};
use smol_str::{SmolStr, format_smolstr};

/// The labels of the column. Those of containers occur, too, and labels with prefixes and numbers.
pub(super) const STATES: Vocabulary = Vocabulary::formed(
    &[
        "Pending",
        "Succeeded",
        "Failed",
        "Unknown",
        "Terminating",
        "NotReady",
        "SchedulingGated",
        "NodeLost",
        "NodeAffinity",
        "NodeShutdown",
        "Preempting",
        "UnexpectedAdmissionError",
    ],
    is_known,
    "the states of containers, such as `CrashLoopBackOff`, and `Init:1/2`, `Init:ErrImagePull`, `ExitCode:137`, `Signal:9`",
);

fn is_known(word: &str) -> bool {
    let rest = word.strip_prefix("Init:").unwrap_or(word);
    let Vocabulary::Open { words, .. } = STATES else { return false };
    container::WORDS.contains(&rest)
        || words.contains(&rest)
        || (rest != word && is_fraction(rest))
        || rest.split_once(':').is_some_and(|(what, code)| matches!(what, "ExitCode" | "Signal") && is_number(code))
}

/// The label in the column.
pub(super) fn column(pod: &Pod<'_>, status: &Status<'_>) -> SmolStr {
    let initialization = initialization(pod, status);
    let mut word = initialization.unwrap_or_else(|| whole(status));
    if initialization.is_none() || condition(status, "Initialized").is_some_and(is_true) {
        word = containers(status, word);
    }
    if pod.metadata.is_deleting() {
        let phase = or_empty(status.phase.as_ref());
        if or_empty(status.reason.as_ref()) == "NodeLost" {
            word = StatusLabel::Plain("Unknown");
        } else if phase != "Failed" && phase != "Succeeded" {
            word = StatusLabel::Plain("Terminating");
        }
    }
    word.label()
}

/// A label of the column, formatted only once it is the final one.
#[derive(Clone, Copy, PartialEq)]
enum StatusLabel<'t> {
    Plain(&'t str),
    ExitCode(i32),
    Signal(i32),
    Init(&'t str),
    InitExitCode(i32),
    InitSignal(i32),
    InitProgress { done: usize, of: usize },
}

impl StatusLabel<'_> {
    fn label(self) -> SmolStr {
        match self {
            Self::Plain(word) => label(word),
            Self::ExitCode(code) => format_smolstr!("ExitCode:{code}"),
            Self::Signal(signal) => format_smolstr!("Signal:{signal}"),
            Self::Init(word) => format_smolstr!("Init:{word}"),
            Self::InitExitCode(code) => format_smolstr!("Init:ExitCode:{code}"),
            Self::InitSignal(signal) => format_smolstr!("Init:Signal:{signal}"),
            Self::InitProgress { done, of } => format_smolstr!("Init:{done}/{of}"),
        }
    }
}

/// The label of the pod as a whole: its phase, unless it has a reason or is held back by a scheduling gate.
fn whole<'t>(status: &'t Status<'_>) -> StatusLabel<'t> {
    let is_gate = |it: &Condition<'_>| &*it.kind == "PodScheduled" && or_empty(it.reason.as_ref()) == "SchedulingGated";
    if status.conditions().iter().any(is_gate) {
        return StatusLabel::Plain("SchedulingGated");
    }
    match or_empty(status.reason.as_ref()) {
        "" => StatusLabel::Plain(or_empty(status.phase.as_ref())),
        reason => StatusLabel::Plain(reason),
    }
}

/// The label of the first init container that is not done; none when all are.
fn initialization<'t>(pod: &Pod<'_>, status: &'t Status<'_>) -> Option<StatusLabel<'t>> {
    for (done, container) in status.init_containers().iter().enumerate() {
        let state = state(container);
        match &state.terminated {
            Some(terminated) if terminated.exit_code.unwrap_or(0) == 0 => {}
            _ if container.started == Some(true) && is_sidecar(pod, &container.name) => {}
            Some(terminated) => {
                return Some(failed(terminated, StatusLabel::Init, StatusLabel::InitSignal, StatusLabel::InitExitCode));
            }
            None => {
                return Some(match container::waiting_reason(state) {
                    "" | "PodInitializing" => StatusLabel::InitProgress { done, of: pod.init_containers().len() },
                    reason => StatusLabel::Init(reason),
                });
            }
        }
    }
    None
}

/// The label of the containers: the first one that waits or has terminated determines it, whatever the later ones do.
fn containers<'t>(status: &'t Status<'_>, before: StatusLabel<'t>) -> StatusLabel<'t> {
    let mut word = before;
    let mut is_running = false;
    let mut error = None;
    for container in status.containers().iter().rev() {
        let state = state(container);
        let reason = container::waiting_reason(state);
        if !reason.is_empty() {
            word = StatusLabel::Plain(reason);
        } else if let Some(terminated) = &state.terminated {
            word = failed(terminated, StatusLabel::Plain, StatusLabel::Signal, StatusLabel::ExitCode);
            if terminated.exit_code.unwrap_or(0) != 0 {
                error = Some(word);
            }
        } else if container.ready == Some(true) && state.running.is_some() {
            is_running = true;
        }
    }
    if word != StatusLabel::Plain("Completed") {
        return word;
    }
    // A container has completed, so the others determine the label.
    let is_ready = status.conditions().iter().any(|it| &*it.kind == "Ready" && is_true(it));
    match error {
        _ if is_running && is_ready => StatusLabel::Plain("Running"),
        Some(error) => error,
        None if is_running => StatusLabel::Plain("NotReady"),
        None => word,
    }
}

fn failed<'t>(
    terminated: &'t Terminated<'_>,
    by_reason: fn(&'t str) -> StatusLabel<'t>,
    by_signal: fn(i32) -> StatusLabel<'t>,
    by_exit_code: fn(i32) -> StatusLabel<'t>,
) -> StatusLabel<'t> {
    match (or_empty(terminated.reason.as_ref()), terminated.signal.unwrap_or(0)) {
        ("", 0) => by_exit_code(terminated.exit_code.unwrap_or(0)),
        ("", signal) => by_signal(signal),
        (reason, _) => by_reason(reason),
    }
}

fn state<'t, 'a>(container: &'t container::Status<'a>) -> &'t Situation<'a> {
    const NOTHING: &Situation<'static> = &Situation { waiting: None, running: None, terminated: None };
    container.state.as_ref().unwrap_or(NOTHING)
}

/// An init container that is restarted for as long as the pod lives (KEP-753).
fn is_sidecar(pod: &Pod<'_>, name: &str) -> bool {
    let mut latest_first = pod.init_containers().iter().rev();
    latest_first
        .find(|container| or_empty(container.name.as_ref()) == name)
        .is_some_and(|container| or_empty(container.restart_policy.as_ref()) == "Always")
}

fn condition<'t, 'a>(status: &'t Status<'a>, kind: &str) -> Option<&'t Condition<'a>> {
    status.conditions().iter().find(|condition| &*condition.kind == kind)
}

fn is_true(condition: &Condition<'_>) -> bool {
    &*condition.status == "True"
}
