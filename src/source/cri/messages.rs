//! The messages of CRI that are read, reduced to the fields that are: what is not here is skipped when a message is decoded.
//!
//! From `pkg/apis/runtime/v1/api.proto` of k8s.io/cri-api v0.36.3 (Apache-2.0). The tags are those of that file; enumerations
//! are numbers there and here.

use prost::Message;

/// `GetEventsRequest`, `ListContainersRequest`, `ListPodSandboxRequest`, `VersionRequest`: nothing is asked in particular.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Everything {}

/// `VersionResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Version {
    #[prost(string, tag = "2")]
    pub runtime_name: String,
    #[prost(string, tag = "3")]
    pub runtime_version: String,
}

/// `ContainerEventResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ContainerEvent {
    #[prost(string, tag = "1")]
    pub container_id: String,
    /// `ContainerEventType`: created, started, stopped, deleted.
    #[prost(int32, tag = "2")]
    pub kind: i32,
    #[prost(int64, tag = "3")]
    pub created_at: i64,
    #[prost(message, optional, tag = "4")]
    pub sandbox: Option<Sandbox>,
    #[prost(message, repeated, tag = "5")]
    pub containers: Vec<ContainerStatus>,
}

/// `PodSandboxStatus` and `PodSandbox`, which have the same tags up to here.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Sandbox {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<SandboxMetadata>,
    /// `PodSandboxState`: ready, not ready.
    #[prost(int32, tag = "3")]
    pub state: i32,
    #[prost(int64, tag = "4")]
    pub created_at: i64,
}

/// `PodSandboxMetadata`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct SandboxMetadata {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub uid: String,
    #[prost(string, tag = "3")]
    pub namespace: String,
    #[prost(uint32, tag = "4")]
    pub attempt: u32,
}

/// `ContainerMetadata`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ContainerMetadata {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(uint32, tag = "2")]
    pub attempt: u32,
}

/// `ContainerStatus`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ContainerStatus {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(message, optional, tag = "2")]
    pub metadata: Option<ContainerMetadata>,
    /// `ContainerState`: created, running, exited, unknown.
    #[prost(int32, tag = "3")]
    pub state: i32,
    #[prost(int64, tag = "4")]
    pub created_at: i64,
    #[prost(int64, tag = "5")]
    pub started_at: i64,
    #[prost(int64, tag = "6")]
    pub finished_at: i64,
    #[prost(int32, tag = "7")]
    pub exit_code: i32,
    #[prost(string, tag = "10")]
    pub reason: String,
}

/// `Container`, of a list.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Container {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(string, tag = "2")]
    pub sandbox: String,
    #[prost(message, optional, tag = "3")]
    pub metadata: Option<ContainerMetadata>,
    #[prost(int32, tag = "6")]
    pub state: i32,
    #[prost(int64, tag = "7")]
    pub created_at: i64,
}

/// `ListContainersResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Containers {
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Container>,
}

/// `ListPodSandboxResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Sandboxes {
    #[prost(message, repeated, tag = "1")]
    pub items: Vec<Sandbox>,
}

/// `ContainerStatusRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct OneContainer {
    #[prost(string, tag = "1")]
    pub id: String,
}

/// `ContainerStatusResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct OneStatus {
    #[prost(message, optional, tag = "1")]
    pub status: Option<ContainerStatus>,
}
