//! Requests of CRI that the tests send: the same `api.proto`.

use crate::messages::{Metadata, PodMetadata};
use prost::Message;

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct NamespaceOptions {
    /// 2: that of the machine.
    #[prost(int32, tag = "1")]
    pub network: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct SecurityContext {
    #[prost(message, optional, tag = "1")]
    pub namespace_options: Option<NamespaceOptions>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct LinuxPod {
    #[prost(string, tag = "1")]
    pub cgroup_parent: String,
    #[prost(message, optional, tag = "2")]
    pub security_context: Option<SecurityContext>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Pod {
    #[prost(message, optional, tag = "1")]
    pub metadata: Option<PodMetadata>,
    #[prost(string, tag = "3")]
    pub log_directory: String,
    #[prost(message, optional, tag = "8")]
    pub linux: Option<LinuxPod>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct RunPod {
    #[prost(message, optional, tag = "1")]
    pub config: Option<Pod>,
}

/// A request or an answer that is an id.
#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct Image {
    #[prost(string, tag = "1")]
    pub image: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct LinuxContainer {}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct ContainerConfig {
    #[prost(message, optional, tag = "1")]
    pub metadata: Option<Metadata>,
    #[prost(message, optional, tag = "2")]
    pub image: Option<Image>,
    #[prost(string, repeated, tag = "3")]
    pub command: Vec<String>,
    #[prost(message, optional, tag = "15")]
    pub linux: Option<LinuxContainer>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct CreateContainer {
    #[prost(string, tag = "1")]
    pub sandbox: String,
    #[prost(message, optional, tag = "2")]
    pub config: Option<ContainerConfig>,
    #[prost(message, optional, tag = "3")]
    pub pod: Option<Pod>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub(crate) struct StopContainer {
    #[prost(string, tag = "1")]
    pub id: String,
    #[prost(int64, tag = "2")]
    pub timeout: i64,
}
