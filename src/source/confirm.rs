//! Deletions under a selector: is an object gone, or only out of the selection?

use super::cluster::Cluster;
use super::query;
use crate::observation::{Object, Watch};
use http::StatusCode;
use serde::Deserialize;
use smol_str::SmolStr;
use std::time::Duration;

/// How long one may take to be confirmed.
const CONFIRM: Duration = Duration::from_secs(2);

/// Reads the names of deleted objects again, and tells of each whether its uid is gone; what cannot be told is not
/// confirmed.
pub async fn are_gone(cluster: &Cluster, watch: &Watch, objects: &[Object]) -> Vec<bool> {
    let mut gone = Vec::with_capacity(objects.len());
    for object in objects {
        gone.push(tokio::time::timeout(CONFIRM, is_gone(cluster, watch, object)).await.unwrap_or(false));
    }
    gone
}

async fn is_gone(cluster: &Cluster, watch: &Watch, object: &Object) -> bool {
    #[derive(Deserialize)]
    struct Named {
        metadata: Uid,
    }
    #[derive(Deserialize)]
    struct Uid {
        uid: SmolStr,
    }
    let path = format!("{}/{}", watch.resource.path(&object.namespace), object.name);
    let Ok(response) = cluster.get("get", &path, query::JSON).await else { return false };
    match response.status() {
        StatusCode::NOT_FOUND => true,
        StatusCode::OK => match cluster.read("get", &path, response).await {
            Ok(body) => serde_json::from_slice(&body).is_ok_and(|Named { metadata }: Named| metadata.uid != object.uid),
            Err(_) => false,
        },
        _ => false,
    }
}
