//! What a container runtime tells through CRI of a sandbox or a container, as it is recorded: an event, or what was read
//! from a status. Nothing else of the messages is stored.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// How it was told.
    pub did: Did,
    /// The state that it tells.
    pub state: State,
    /// The name of the pod.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub pod: SmolStr,
    /// The name of the container.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub container: SmolStr,
    /// Which attempt it is, from 0.
    #[serde(default)]
    pub attempt: u32,
    /// The namespace of the pod.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub namespace: SmolStr,
    /// The uid of the pod.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub pod_uid: SmolStr,
    /// The id of the sandbox, of a container.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub sandbox: SmolStr,
    /// The exit code of a container that has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// Why it is in this state, in a word: `Completed`, `Error`, `StartError`, `OOMKilled`.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub reason: SmolStr,
    /// When the event was made, by the runtime's clock, in nanoseconds since 1970; none for what was read from a status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<i64>,
    /// When the container was started, by that clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When the container ended, by that clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<i64>,
}

/// How a state was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Did {
    /// `CONTAINER_CREATED_EVENT`.
    Created,
    /// `CONTAINER_STARTED_EVENT`.
    Started,
    /// `CONTAINER_STOPPED_EVENT`.
    Stopped,
    /// `CONTAINER_DELETED_EVENT`.
    Deleted,
    /// By no event of its own: it was read from a status.
    Status,
    /// By a list: it is there no more, or there already.
    Found,
}

/// The states of sandboxes and containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// A sandbox is ready.
    Ready,
    /// A sandbox is not ready.
    NotReady,
    /// A container is there, and was not started.
    Created,
    /// A container was started.
    Running,
    /// The runtime does not know the state of a container.
    Unknown,
    /// A container has ended, or could not be started.
    Exited,
    /// It is there no more.
    Removed,
}

impl State {
    /// What a track calls it.
    #[must_use]
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "notready",
            Self::Created => "created",
            Self::Running => "running",
            Self::Unknown => "unknown",
            Self::Exited => "exited",
            Self::Removed => "removed",
        }
    }
}
