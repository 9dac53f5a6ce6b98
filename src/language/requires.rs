//! The requirements of an expectation: versions, feature gates, node runtimes, kinds.

mod version;

pub use version::{Version, Versions};

use std::collections::BTreeMap;

/// What the cluster must satisfy for an expectation to be judged; otherwise it is skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// Kubernetes versions.
    pub kubernetes: Option<Versions>,
    /// KubeVirt versions.
    pub kubevirt: Option<Versions>,
    /// KubeVirt feature gates, on or off.
    pub feature_gates: BTreeMap<String, bool>,
    /// The container runtime of every node, and its versions.
    pub container_runtime: Option<(String, Option<Versions>)>,
    /// The architecture of every node.
    pub architecture: Option<String>,
    /// The kernel versions of every node.
    pub kernel: Option<Versions>,
    /// Kinds that the server must serve.
    pub kinds: Vec<String>,
}
