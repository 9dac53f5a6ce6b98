//! What an expectation requires of where it is judged: versions, feature gates, node runtimes, kinds.

mod version;

pub use version::{Version, Versions};

use std::collections::BTreeMap;

/// Requirements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// Versions of Kubernetes.
    pub kubernetes: Option<Versions>,
    /// Versions of KubeVirt.
    pub kubevirt: Option<Versions>,
    /// Feature gates of KubeVirt, on or off.
    pub feature_gates: BTreeMap<String, bool>,
    /// Container runtime of every node, and its versions.
    pub container_runtime: Option<(String, Option<Versions>)>,
    /// Architecture of every node.
    pub architecture: Option<String>,
    /// Versions of every node's kernel.
    pub kernel: Option<Versions>,
    /// Kinds that must be served.
    pub kinds: Vec<String>,
}
