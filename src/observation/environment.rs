//! The versions of a cluster's parts: the API server, KubeVirt, the nodes.

use serde::{Deserialize, Serialize};

/// Versions of the cluster's parts, as far as they could be read at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Environment {
    /// `gitVersion` of the API server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<String>,
    /// `platform` of the API server, `linux/amd64`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// `status.observedKubeVirtVersion` of the KubeVirt object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubevirt: Option<String>,
    /// `spec.configuration.developerConfiguration.featureGates` of the KubeVirt object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_gates: Option<Vec<String>>,
    /// `spec.configuration.developerConfiguration.disabledFeatureGates` of the KubeVirt object; absent in recordings
    /// that did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_feature_gates: Option<Vec<String>>,
    /// Nodes, by name; absent when they could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Vec<Node>>,
}

/// `status.nodeInfo` of a node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// `metadata.name` of the node.
    pub name: String,
    /// `kubeletVersion`, `v1.36.3`; empty when it was not read.
    #[serde(default)]
    pub kubelet: String,
    /// `containerRuntimeVersion`, `containerd://2.1.9`.
    #[serde(default)]
    pub container_runtime: String,
    /// `architecture`, as Go names it: `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// `kernelVersion`, as `uname -r` prints it: `6.12.8-1-amd64`.
    #[serde(default)]
    pub kernel: String,
}
