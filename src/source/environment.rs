//! What a cluster is made of: versions, nodes. All of it is read where readable and absent where not.

use super::cluster::Cluster;
use super::decode::get;
use super::query::JSON;
use super::request_error::About;
use crate::observation::{Environment, Node};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Versions of the server, of KubeVirt and of the nodes.
pub async fn environment(cluster: &Cluster) -> Environment {
    let (version, kubevirt, nodes) = tokio::join!(
        read::<Version>(cluster, "/version"),
        read::<List<KubeVirt>>(cluster, "/apis/kubevirt.io/v1/kubevirts?limit=1"),
        read::<List<NodeObject>>(cluster, "/api/v1/nodes?limit=500"),
    );
    let (kubernetes, platform) = version.map(|version| (version.git_version, version.platform)).unzip();
    let kubevirt = kubevirt.and_then(|list| list.items.into_iter().next());
    let feature_gates = kubevirt
        .as_ref()
        .map(|kubevirt| kubevirt.spec.configuration.developer_configuration.feature_gates.clone().unwrap_or_default());
    Environment {
        kubernetes,
        platform,
        kubevirt: kubevirt.and_then(|kubevirt| kubevirt.status.observed_kube_virt_version),
        feature_gates,
        nodes: nodes.map(|list| list.items.into_iter().map(NodeObject::node).collect()),
    }
}

async fn read<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Option<T> {
    get(cluster, "get", About::Path(path), path, JSON).await.ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    git_version: String,
    platform: String,
}

#[derive(Deserialize)]
struct List<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
}

#[derive(Deserialize)]
struct KubeVirt {
    #[serde(default)]
    spec: KubeVirtSpec,
    #[serde(default)]
    status: KubeVirtStatus,
}

#[derive(Default, Deserialize)]
struct KubeVirtSpec {
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    #[serde(default)]
    developer_configuration: DeveloperConfiguration,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeveloperConfiguration {
    feature_gates: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KubeVirtStatus {
    observed_kube_virt_version: Option<String>,
}

#[derive(Deserialize)]
struct NodeObject {
    metadata: NodeMetadata,
    #[serde(default)]
    status: NodeStatus,
}

#[derive(Deserialize)]
struct NodeMetadata {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodeStatus {
    #[serde(default)]
    node_info: NodeInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NodeInfo {
    kubelet_version: String,
    container_runtime_version: String,
    architecture: String,
    kernel_version: String,
}

impl NodeObject {
    fn node(self) -> Node {
        let info = self.status.node_info;
        Node {
            name: self.metadata.name,
            kubelet: info.kubelet_version,
            container_runtime: info.container_runtime_version,
            architecture: info.architecture,
            kernel: info.kernel_version,
        }
    }
}
