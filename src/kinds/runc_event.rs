//! What happens in the state directory of a container of runc, as it is recorded: names of files, what was done to them,
//! and a few values. Nothing else of the files is stored.

use serde::{Deserialize, Serialize};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// What was done.
    pub did: Did,
    /// To what.
    pub what: What,
    /// The process of the container, where `state.json` was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// When that process started, in clock ticks since the boot: a process number may be assigned again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<u64>,
    /// What the file says of the freezer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Freezer>,
    /// How often a file of a freezer was written before it was read, where that was more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<usize>,
    /// What was found in the directory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<What>,
    /// Whether the process was there when it was looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alive: Option<bool>,
}

/// What was done: by the name of the flag of inotify, except two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Did {
    /// It was made.
    Create,
    /// It got its name: it is complete.
    MovedTo,
    /// It was written, and closed.
    CloseWrite,
    /// It was written.
    Modify,
    /// It was removed.
    Delete,
    /// The process ended (pidfd).
    Exit,
    /// It was there when it was looked for.
    Found,
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The state directory of the container.
    #[serde(rename = "directory")]
    Directory,
    /// The pipe that the process waits at, until it is started.
    #[serde(rename = "exec.fifo")]
    ExecFifo,
    /// The state, written when the process is there.
    #[serde(rename = "state.json")]
    StateJson,
    /// Written when a checkpoint is complete.
    #[serde(rename = "checkpoint")]
    Checkpoint,
    /// Made while a container is restored.
    #[serde(rename = "criu-root")]
    CriuRoot,
    /// The freezer of cgroup v1.
    #[serde(rename = "freezer.state")]
    FreezerState,
    /// What happened to a group of cgroup v2.
    #[serde(rename = "cgroup.events")]
    CgroupEvents,
    /// The freezer of cgroup v2, as it is asked.
    #[serde(rename = "cgroup.freeze")]
    CgroupFreeze,
    /// The process of the container.
    #[serde(rename = "init")]
    Init,
}

/// The state of a freezer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Freezer {
    /// On the way to `FROZEN`.
    #[serde(rename = "FREEZING")]
    Freezing,
    /// No process of the group runs.
    #[serde(rename = "FROZEN")]
    Frozen,
    /// They run.
    #[serde(rename = "THAWED")]
    Thawed,
}

impl What {
    /// The file of a container's directory that events are recorded of.
    #[must_use]
    pub(crate) fn in_directory(name: &str) -> Option<Self> {
        match name {
            "exec.fifo" => Some(Self::ExecFifo),
            "state.json" => Some(Self::StateJson),
            "checkpoint" => Some(Self::Checkpoint),
            "criu-root" => Some(Self::CriuRoot),
            _ => None,
        }
    }
}

impl Event {
    /// An event without anything that was read.
    #[must_use]
    pub(crate) fn of(did: Did, what: What) -> Self {
        Self { did, what, pid: None, start_time: None, value: None, times: None, has: Vec::new(), alive: None }
    }

    /// The same, with what a freezer says.
    #[must_use]
    pub(crate) fn with(self, value: Freezer) -> Self {
        Self { value: Some(value), ..self }
    }
}
