//! Names of objects, and whether a namespace exists: a misspelt one looks like one in which nothing happens.

use super::cluster::Cluster;
use super::decode::get;
use super::query;
use crate::observation::{Resource, Watch};
use serde::Deserialize;
use std::time::Duration;

/// The longest time for the answers, so that a slow server does not delay the first list.
const LONGEST: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct List {
    /// Go writes an empty list as null.
    items: Option<Vec<Object>>,
}

#[derive(Deserialize)]
struct Object {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

/// The namespaces that exist, or the first page of them, if `name` is none; nothing if it is one, or if that cannot be
/// known: they may not be listed, or there is no answer in time.
pub(crate) async fn namespaces_instead_of(cluster: &Cluster, name: &str) -> Option<Vec<String>> {
    let asked = async {
        let all = namespaces();
        let named = list(cluster, &all, query::named(&all, "", name)).await?;
        if named.is_empty() { list(cluster, &all, query::list(&all, query::PAGE, None)).await } else { None }
    };
    // Where nothing answers, it must not take long to say so.
    let longest = LONGEST.min(cluster.request_timeout() / 4);
    tokio::time::timeout(longest, asked).await.ok().flatten()
}

/// The names of the objects of a watch, or the first page of them; nothing if they may not be listed, or there is no
/// answer in time.
pub(crate) async fn names(cluster: &Cluster, watch: &Watch) -> Option<Vec<String>> {
    let asked = list(cluster, watch, query::list(watch, query::PAGE, None));
    tokio::time::timeout(LONGEST, asked).await.ok().flatten()
}

/// All namespaces.
pub(crate) fn namespaces() -> Watch {
    Watch::all(Resource::new("", "v1", "namespaces", "Namespace"))
}

async fn list(cluster: &Cluster, watch: &Watch, path: String) -> Option<Vec<String>> {
    let list: List = get(cluster, "list", watch, &path, query::METADATA).await.ok()?;
    Some(list.items.into_iter().flatten().map(|object| object.metadata.name).collect())
}
