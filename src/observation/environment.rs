//! The versions of a cluster's parts: the API server, KubeVirt, the nodes.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// Facts by name, `criu.mem_dirty_track`: those that were given, and those that the sources found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Fact>,
}

/// A fact about where a recording was made: a value, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// Where it is from, `criu check --feature mem_dirty_track`.
    #[serde(default)]
    pub source: String,
    /// What it is, `1.30.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl Fact {
    /// True for what may name a fact: words of letters, digits, `_` and `-`, between dots or slashes.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        let is_word = |word: &str| {
            let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
            word.starts_with(|first: char| first.is_ascii_alphanumeric()) && word.bytes().all(rest)
        };
        text.split(['.', '/']).all(is_word)
    }

    /// A fact that is known.
    #[must_use]
    pub fn known(source: impl Into<String>, value: impl Into<String>) -> Self {
        Self { source: source.into(), value: Some(value.into()), unknown: None }
    }

    /// A fact that is not known, and why.
    #[must_use]
    pub fn unknown(source: impl Into<String>, why: impl Into<String>) -> Self {
        Self { source: source.into(), value: None, unknown: Some(why.into()) }
    }
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
