//! Which cluster this is, as far as whoever asks may know.

use super::cluster::{Cluster, fingerprint};
use super::decode::get_patiently;
use super::error::Error;
use super::request_error::RequestError;
use crate::observation::ClusterIdentity;
use serde::Deserialize;
use smol_str::SmolStr;

/// What distinguishes the cluster from others. Who may not read namespaces knows by which authority and at which address
/// its server is reached, and that says something only where both are the same: one proxy may stand before many clusters.
///
/// # Errors
/// When the server does not answer at all in time: nothing else need be asked of it.
pub(crate) async fn identity(cluster: &Cluster) -> Result<ClusterIdentity, Error> {
    let (system, default) = tokio::join!(uid(cluster, "kube-system"), uid(cluster, "default"));
    let (system, default) = (system?, default?);
    let authority = cluster.authority().map(SmolStr::from);
    // The address itself may say more than belongs into a file that is handed on.
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
