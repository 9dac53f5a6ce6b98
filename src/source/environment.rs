//! A cluster's versions and nodes. Everything that cannot be read is left out.

use super::cluster::Cluster;
use super::decode::{ListMetadata, get, get_patiently};
use super::error::Error;
use super::query::JSON;
use super::request_error::About;
use crate::observation::{Environment, Node};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The version of the server alone.
///
/// # Errors
/// The server cannot be reached, or does not say it.
pub(crate) async fn server_version(cluster: &Cluster) -> Result<ServerVersion, Error> {
    let path = "/version";
    get_patiently(cluster, path).await.map_err(|error| error.into_error("get", path))
}

/// Versions of the server, of KubeVirt and of the nodes.
pub async fn environment(cluster: &Cluster) -> Environment {
    let (version, kubevirt, nodes) = tokio::join!(
        read::<ServerVersion>(cluster, "/version"),
        read::<List<KubeVirt>>(cluster, "/apis/kubevirt.io/v1/kubevirts?limit=1"),
        async { tokio::time::timeout(cluster.request_timeout(), nodes(cluster)).await.ok().flatten() },
    );
    let (kubernetes, platform) = version.map(|version| (version.git_version, version.platform)).unzip();
    let kubevirt = kubevirt.and_then(|list| list.items.into_iter().next());
    let (feature_gates, disabled_feature_gates) = kubevirt
        .as_ref()
        .map(|kubevirt| kubevirt.spec.configuration.developer_configuration.clone())
        .map(|gates| (gates.feature_gates.unwrap_or_default(), gates.disabled_feature_gates.unwrap_or_default()))
        .unzip();
    Environment {
        kubernetes,
        platform,
        kubevirt: kubevirt.and_then(|kubevirt| kubevirt.status.observed_kube_virt_version),
        feature_gates,
        disabled_feature_gates,
        nodes,
        ..Environment::default()
    }
}

/// Most pages of nodes that are read, of 500 nodes each.
const NODE_PAGES: u32 = 100;

/// All nodes, or none: a part would be taken for all.
async fn nodes(cluster: &Cluster) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut path = "/api/v1/nodes?limit=500".to_owned();
    for _ in 0..NODE_PAGES {
        let page: NodePage = read(cluster, &path).await?;
        if page.kind != "NodeList" || page.metadata.resource_version.as_str().is_empty() {
            return None;
        }
        nodes.extend(page.items.unwrap_or_default().into_iter().map(NodeObject::node));
        let Some(token) = page.metadata.token.filter(|token| !token.is_empty()) else { return Some(nodes) };
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("limit", "500").append_pair("continue", &token);
        path = format!("/api/v1/nodes?{}", query.finish());
    }
    None
}

async fn read<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Option<T> {
    get(cluster, "get", About::Path(path), path, JSON).await.ok()
}

/// The version of an API server.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServerVersion {
    /// `v1.36.4`.
    pub(crate) git_version: String,
    /// `linux/amd64`.
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

#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeveloperConfiguration {
    feature_gates: Option<Vec<String>>,
    disabled_feature_gates: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KubeVirtStatus {
    observed_kube_virt_version: Option<String>,
}

#[derive(Deserialize)]
struct NodePage {
    #[serde(default)]
    kind: SmolStr,
    metadata: ListMetadata,
    #[serde(default)]
    items: Option<Vec<NodeObject>>,
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
