//! What is taken from the messages of a runtime: the states of sandboxes or of containers, as they were shown.

use super::messages::{Container, ContainerEvent, ContainerMetadata, ContainerStatus, Sandbox, SandboxMetadata};
use crate::kinds::{CriDid as Did, CriState as State};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};

/// Most characters of a reason that are kept: reasons are words.
const REASON: usize = 128;

/// What a watch is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Sandboxes.
    Sandboxes,
    /// Containers.
    Containers,
}

/// One sandbox or container, as a status or a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its id.
    pub id: SmolStr,
    /// Its name: that of the pod, of the container and the attempt.
    pub name: SmolStr,
    /// The name of the pod.
    pub pod: SmolStr,
    /// The name of the container.
    pub container: SmolStr,
    /// Which attempt it is.
    pub attempt: u32,
    /// The namespace of the pod.
    pub namespace: SmolStr,
    /// The uid of the pod.
    pub pod_uid: SmolStr,
    /// The id of the sandbox, of a container.
    pub sandbox: SmolStr,
    /// Its state.
    pub state: State,
    /// How it ended; none where it did not, or where a list does not say.
    pub end: Option<End>,
    /// When it was made, by the runtime's clock.
    pub created_at: i64,
    /// When it was started, by that clock; 0 where it was not, and in a list.
    pub started_at: i64,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The exit code.
    pub exit_code: i32,
    /// The reason.
    pub reason: SmolStr,
    /// When, by the runtime's clock.
    pub finished_at: i64,
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Its type.
    pub did: Did,
    /// What it is about.
    pub id: SmolStr,
    /// When it was made, by the runtime's clock.
    pub created_at: i64,
    /// When what it tells happened, or earlier, by the recorder's clock.
    pub begun: Timestamp,
    /// The object that it is about, if it is shown and of the kind that is watched.
    pub own: Option<Shown>,
    /// The other objects of that kind that it shows.
    pub others: Vec<Shown>,
}

/// By how much what an event tells may be older than the event itself, where it shows no time: a container is removed
/// before the event is made.
const MARGIN_NANOS: i64 = 100_000_000;

impl Told {
    /// Takes from an event what is of this kind. `here` is the recorder's time of a moment by the runtime's clock.
    /// None where the event is of a type that is not known.
    pub(super) fn taken(event: ContainerEvent, of: Of, here: impl Fn(i64) -> Timestamp) -> Option<Self> {
        let did = match event.kind {
            0 => Did::Created,
            1 => Did::Started,
            2 => Did::Stopped,
            3 => Did::Deleted,
            _ => return None,
        };
        let (id, created_at) = (SmolStr::from(event.container_id), event.created_at);
        let mut shown: Vec<Shown> = match (of, event.sandbox) {
            (Of::Sandboxes, sandbox) => sandbox.into_iter().map(Shown::sandbox).collect(),
            (Of::Containers, sandbox) => {
                let containers = event.containers.into_iter();
                containers.map(|container| Shown::status(container, sandbox.as_ref())).collect()
            }
        };
        let at = shown.iter().position(|shown| shown.id == id);
        let own = at.map(|at| shown.swap_remove(at));
        let own_time = own.as_ref().and_then(|own| own.time_of(did)).filter(|time| (1..created_at).contains(time));
        let begun = here(own_time.unwrap_or_else(|| created_at.saturating_sub(MARGIN_NANOS)));
        Some(Self { did, id, created_at, begun, own, others: shown })
    }

    /// How much memory it takes, in objects.
    pub(super) fn weight(&self) -> usize {
        1 + self.others.len()
    }
}

impl Shown {
    /// Takes a sandbox.
    pub(super) fn sandbox(sandbox: Sandbox) -> Self {
        let pod = sandbox.metadata.unwrap_or_default();
        Self {
            id: sandbox.id.into(),
            name: format_smolstr!("{}.{}", pod.name, pod.attempt),
            pod: pod.name.into(),
            container: SmolStr::default(),
            attempt: pod.attempt,
            namespace: pod.namespace.into(),
            pod_uid: pod.uid.into(),
            sandbox: SmolStr::default(),
            state: if sandbox.state == 0 { State::Ready } else { State::NotReady },
            end: None,
            created_at: sandbox.created_at,
            started_at: 0,
        }
    }

    /// Takes a container of a list, of these sandboxes.
    pub(super) fn listed(container: Container, sandboxes: &[Sandbox]) -> Self {
        let sandbox = sandboxes.iter().find(|sandbox| sandbox.id == container.sandbox);
        let status = ContainerStatus {
            id: container.id,
            metadata: container.metadata,
            state: container.state,
            created_at: container.created_at,
            ..ContainerStatus::default()
        };
        let shown = Self::status(status, sandbox);
        Self { sandbox: container.sandbox.into(), end: None, ..shown }
    }

    fn status(status: ContainerStatus, sandbox: Option<&Sandbox>) -> Self {
        let ContainerMetadata { name, attempt } = status.metadata.clone().unwrap_or_default();
        let none = SandboxMetadata::default();
        let pod = sandbox.and_then(|sandbox| sandbox.metadata.as_ref()).unwrap_or(&none);
        let end = End::of(&status);
        Self {
            id: status.id.into(),
            name: format_smolstr!("{}.{name}.{attempt}", pod.name),
            pod: pod.name.as_str().into(),
            container: name.into(),
            attempt,
            namespace: pod.namespace.as_str().into(),
            pod_uid: pod.uid.as_str().into(),
            sandbox: sandbox.map(|sandbox| sandbox.id.as_str()).unwrap_or_default().into(),
            state: match status.state {
                0 => State::Created,
                1 => State::Running,
                2 => State::Exited,
                _ => State::Unknown,
            },
            end,
            created_at: status.created_at,
            started_at: status.started_at,
        }
    }

    /// The same, with what its status says beyond the list.
    pub(super) fn with(mut self, status: &ContainerStatus) -> Self {
        if self.state == State::Exited {
            (self.end, self.started_at) = (End::of(status), status.started_at);
        }
        self
    }

    /// True for a container that has ended, if it is not shown how.
    pub(super) fn lacks_end(&self) -> bool {
        self.state == State::Exited && self.end.is_none()
    }

    /// Takes over what a later status, or one that says more of the same state, shows.
    pub(super) fn learn(&mut self, shown: Self) {
        if shown.state > self.state || shown.state == self.state && self.end.is_none() && shown.end.is_some() {
            (self.state, self.end, self.started_at) = (shown.state, shown.end, shown.started_at);
        }
    }

    /// When it got into the state that an event tells.
    fn time_of(&self, did: Did) -> Option<i64> {
        match did {
            Did::Created => Some(self.created_at),
            Did::Started => Some(self.started_at),
            Did::Stopped => self.end.as_ref().map(|end| end.finished_at),
            Did::Deleted | Did::Status | Did::Found => None,
        }
    }
}

impl End {
    fn of(status: &ContainerStatus) -> Option<Self> {
        let reason = status.reason.chars().take(REASON).collect();
        (status.state == 2).then_some(Self { exit_code: status.exit_code, reason, finished_at: status.finished_at })
    }
}
