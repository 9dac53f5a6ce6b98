//! Which cluster this is, as far as whoever asks may know.

use super::cluster::Cluster;
use super::decode::get;
use super::error::Error;
use super::query::JSON;
use super::request_error::{About, RequestError};
use crate::observation::ClusterIdentity;
use serde::Deserialize;
use smol_str::SmolStr;

/// What distinguishes the cluster from others. Who may not read namespaces knows its certificate authority at most.
///
/// # Errors
/// When the server does not answer at all in time: nothing else need be asked of it.
pub async fn identity(cluster: &Cluster) -> Result<ClusterIdentity, Error> {
    let (system, default) = tokio::join!(uid(cluster, "kube-system"), uid(cluster, "default"));
    let (system, default) = (system?, default?);
    let authority = cluster.authority().map(SmolStr::from);
    Ok(ClusterIdentity { system, default, authority })
}

async fn uid(cluster: &Cluster, namespace: &str) -> Result<Option<SmolStr>, Error> {
    #[derive(Deserialize)]
    struct Namespace {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        uid: SmolStr,
    }
    let path = format!("/api/v1/namespaces/{namespace}");
    match get::<Namespace>(cluster, "get", About::Path(&path), &path, JSON).await {
        Err(RequestError::Passing { error: error @ Error::Timeout { .. }, .. }) => Err(error),
        answer => Ok(answer.ok().map(|namespace| namespace.metadata.uid)),
    }
}
