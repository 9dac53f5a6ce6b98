//! Deletions under a selector: is an object gone, or only out of the selection?

use super::cluster::Cluster;
use super::decode::get;
use super::query;
use super::request_error::RequestError;
use crate::observation::{Object, Watch};
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
    let path = watch.resource.object_path(&object.namespace, &object.name);
    match get::<Named>(cluster, "get", watch, &path, query::JSON).await {
        Ok(named) => named.metadata.uid != object.uid,
        Err(RequestError::NotServed) => true,
        Err(_) => false,
    }
}
