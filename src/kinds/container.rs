//! The state of one container: waiting, running or terminated, with its details.

use super::declaration::{TrackDeclaration, Vocabulary};
use super::text::{Text, label, or_empty, some};
use crate::observation::{Detail, State, StateKind, Termination};
use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

/// Declares the tracks of a type of containers.
pub(super) const fn declared(prefix: &'static str, paths: &'static [&'static str]) -> TrackDeclaration {
    TrackDeclaration::family(prefix, &[], paths, Vocabulary::open(WORDS))
        .reading("its reason, else `Waiting`, `Running` or `Terminated`")
}

/// Reasons that the kubelet is known to give; the API does not close the list (`images/types.go`,
/// `container/sync_result.go`, `kuberuntime_container.go`, `eviction`, `preemption`).
pub(super) const WORDS: &[&str] = &[
    "Waiting",
    "Running",
    "Terminated",
    "ContainerCreating",
    "PodInitializing",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "CreateContainerConfigError",
    "CreateContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "RunContainerError",
    "StartError",
    "CrashLoopBackOff",
    "Completed",
    "Error",
    "OOMKilled",
    "ContainerCannotRun",
    "ContainerStatusUnknown",
    "DeadlineExceeded",
    "Evicted",
];

/// `ContainerStatus` of core/v1, as far as tracks and the STATUS column need it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(default, borrow)]
    pub(super) state: Option<Situation<'a>>,
    #[serde(default, borrow)]
    last_state: Option<Situation<'a>>,
    #[serde(default, borrow, rename = "containerID")]
    container_id: Option<Text<'a>>,
    #[serde(default)]
    pub(super) ready: Option<bool>,
    pub(super) started: Option<bool>,
    pub(super) restart_count: Option<u32>,
}

/// `ContainerState` of core/v1: one of three.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Situation<'a> {
    #[serde(borrow)]
    pub(super) waiting: Option<Waiting<'a>>,
    pub(super) running: Option<Running>,
    #[serde(borrow)]
    pub(super) terminated: Option<Terminated<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Waiting<'a> {
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Running {
    started_at: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terminated<'a> {
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    pub(super) exit_code: Option<i32>,
    pub(super) signal: Option<i32>,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    #[serde(borrow, rename = "containerID")]
    container_id: Option<Text<'a>>,
}

impl Status<'_> {
    /// The state of the container's track. Should more than one be given, the order is that of `kubectl describe`; if
    /// none is, the container waits (core/v1 `ContainerState`: "If none of them is specified, the default one is
    /// `ContainerStateWaiting`").
    pub(super) fn track_state(&self) -> State {
        let mut state = match &self.state {
            Some(Situation { running: Some(running), .. }) => running.state(),
            Some(Situation { waiting: Some(waiting), .. }) => waiting.state(),
            Some(Situation { terminated: Some(terminated), .. }) => terminated.state(),
            _ => state(StateKind::Waiting, None, "Waiting", Detail::default()),
        };
        state.detail.restart_count = self.restart_count;
        if state.detail.container_id.is_none() {
            state.detail.container_id = some(self.container_id.as_ref());
        }
        let last = self.last_state.as_ref().and_then(|last| last.terminated.as_ref());
        state.detail.last_termination = last.map(|last| Box::new(last.termination()));
        state
    }
}

impl Running {
    fn state(&self) -> State {
        state(StateKind::Running, None, "Running", Detail { started_at: self.started_at, ..Detail::default() })
    }
}

impl Waiting<'_> {
    fn state(&self) -> State {
        let detail =
            Detail { reason: some(self.reason.as_ref()), message: some(self.message.as_ref()), ..Detail::default() };
        state(StateKind::Waiting, self.reason.as_ref(), "Waiting", detail)
    }
}

impl Terminated<'_> {
    fn termination(&self) -> Termination {
        Termination {
            container_id: some(self.container_id.as_ref()).unwrap_or_default(),
            reason: some(self.reason.as_ref()).unwrap_or_default(),
            exit_code: self.exit_code.unwrap_or_default(),
            finished_at: self.finished_at,
        }
    }

    fn state(&self) -> State {
        let detail = Detail {
            reason: some(self.reason.as_ref()),
            message: some(self.message.as_ref()),
            exit_code: self.exit_code,
            signal: self.signal,
            started_at: self.started_at,
            finished_at: self.finished_at,
            container_id: some(self.container_id.as_ref()),
            ..Detail::default()
        };
        state(StateKind::Terminated, self.reason.as_ref(), "Terminated", detail)
    }
}

fn state(kind: StateKind, reason: Option<&Text<'_>>, otherwise: &'static str, detail: Detail) -> State {
    let label = match reason {
        Some(reason) if !reason.is_empty() => label(reason),
        _ => SmolStr::new_static(otherwise),
    };
    State { label, kind, detail }
}

/// The reason why a container waits; empty when it does not wait or gives no reason.
pub(super) fn waiting_reason<'t>(state: &'t Situation<'_>) -> &'t str {
    state.waiting.as_ref().map_or("", |waiting| or_empty(waiting.reason.as_ref()))
}
