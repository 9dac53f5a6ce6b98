//! A sandbox or a container after an event, and its state.

use super::cri_event::{Did, Event, State as Told};
use super::declaration::Followed;
use super::followed::labelled;
use super::parts::{Parts, track};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Change, Detail, Object, Raw, State, StateKind};
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What is known of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    state: Told,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pod_uid: SmolStr,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    sandbox: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    reason: SmolStr,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_at: Option<i64>,
}

/// By which expectations select it.
#[derive(Serialize)]
struct Labels<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pod: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    container: &'a str,
    attempt: String,
}

/// The sandbox after an event.
///
/// # Errors
/// The event is none that this version knows.
pub(super) fn sandbox(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    follow(before, raw, "event of a sandbox")
}

/// The container after an event.
///
/// # Errors
/// The event is none that this version knows.
pub(super) fn container(before: Option<&Object>, raw: &Raw) -> Result<Followed, Error> {
    follow(before, raw, "event of a container")
}

fn follow(before: Option<&Object>, raw: &Raw, what: &'static str) -> Result<Followed, Error> {
    let event: Event = serde_json::from_str(raw.event.get()).map_err(Error::shape(what))?;
    let Event { state, pod_uid, sandbox, exit_code, reason, started_at, finished_at, .. } = event;
    let status = Status { state, pod_uid, sandbox, exit_code, reason, started_at, finished_at };
    let labels = Labels { pod: &event.pod, container: &event.container, attempt: event.attempt.to_string() };
    let change = match event.did {
        _ if raw.listed => Change::Listed,
        _ if state == Told::Removed => Change::Deleted,
        Did::Created if before.is_none() => Change::Added,
        _ => Change::Modified,
    };
    labelled(raw, change, (&event.namespace, labels), status, what)
}

pub(super) fn interpret_sandbox(object: &Object) -> Result<Interpretation, Error> {
    interpret(object, "CriSandbox")
}

pub(super) fn interpret_container(object: &Object) -> Result<Interpretation, Error> {
    interpret(object, "CriContainer")
}

fn interpret(object: &Object, kind: &'static str) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Status> = Parts::of(object, kind)?;
    let mut tracks = Tracks::with_capacity(1);
    tracks.optional(track("state"), parts.status.map(state));
    Ok(tracks.done(None))
}

fn state(status: Status) -> State {
    let Status { state, exit_code, reason, started_at, finished_at, .. } = status;
    let has_ended = state == Told::Exited;
    let detail = Detail {
        reason: Some(reason).filter(|reason| !reason.is_empty()),
        exit_code: exit_code.filter(|_| has_ended),
        started_at: seconds(started_at),
        finished_at: seconds(finished_at).filter(|_| has_ended),
        ..Detail::default()
    };
    State { label: SmolStr::new_static(state.word()), kind: StateKind::Plain, detail }
}

/// Whole seconds, as the kubelet rounds them.
fn seconds(nanoseconds: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_second(nanoseconds.filter(|time| *time > 0)? / 1_000_000_000).ok()
}
