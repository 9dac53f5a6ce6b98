//! The identity of a cluster, as far as permissions allow.

use super::cluster::{Cluster, fingerprint};
use super::decode::get_patiently;
use super::error::Error;
use super::request_error::RequestError;
use crate::observation::ClusterIdentity;
use serde::Deserialize;
use smol_str::SmolStr;

/// What distinguishes the cluster from others. Without permission to read namespaces, that is the authority and address
/// of its server, which identify it only if both are equal: one proxy may serve many clusters.
///
/// # Errors
/// The server does not answer in time, so that no other request makes sense.
pub(crate) async fn identity(cluster: &Cluster) -> Result<ClusterIdentity, Error> {
    let (system, default) = tokio::join!(uid(cluster, "kube-system"), uid(cluster, "default"));
    let (system, default) = (system?, default?);
    let authority = cluster.authority().map(SmolStr::from);
    // A digest, since the address may reveal more than belongs in a file that is passed on.
    let server = Some(fingerprint(&[cluster.url().into()]).into());
    Ok(ClusterIdentity { system, default, authority, server })
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
    match get_patiently::<Namespace>(cluster, &path).await {
        Err(RequestError::Passing { error: error @ Error::Timeout { .. }, .. }) => Err(error),
        answer => Ok(answer.ok().map(|namespace| namespace.metadata.uid)),
    }
}
