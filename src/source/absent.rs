//! What a 404 means: that a resource is not served, in no version; or nothing. A resource that is not served in one
//! version may be served in another, with the same objects, and one that is not served in a namespace may be
//! cluster-scoped. Only discovery proves that neither is the case.

use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::request_error::{RequestError, is_core, passing, what};
use crate::kinds;
use crate::observation::{Resource, StatusError, Watch};
use http::StatusCode;
use serde::Deserialize;
use smol_str::SmolStr;

/// The result of a request to discovery.
enum Discovered {
    /// The response.
    Said(Discovery),
    /// Access is forbidden, with the server's message.
    Refused(String),
    /// 404, possibly from a server that is not an API server.
    Missing,
    /// Nothing that can be read.
    Nothing,
}

#[derive(Deserialize)]
#[serde(tag = "kind")]
enum Discovery {
    #[serde(rename = "APIResourceList")]
    Resources {
        // Go writes an empty list as null.
        resources: Option<Vec<Named>>,
    },
    #[serde(rename = "APIGroup")]
    Group { versions: Vec<Version> },
    #[serde(rename = "APIGroupList")]
    Groups { groups: Option<Vec<Group>> },
}

#[derive(Deserialize)]
struct Named {
    name: SmolStr,
    #[serde(default)]
    namespaced: Option<bool>,
}

#[derive(Deserialize)]
struct Group {
    name: SmolStr,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: SmolStr,
}

/// Asks discovery once.
async fn discovered(cluster: &Cluster, path: &str) -> Discovered {
    let Ok(response) = cluster.get("get", path, query::JSON).await else { return Discovered::Nothing };
    let code = response.status();
    let body = cluster.read("get", path, response).await.unwrap_or_default();
    match code {
        StatusCode::FORBIDDEN => {
            Discovered::Refused(serde_json::from_slice::<StatusError>(&body).unwrap_or_default().message)
        }
        StatusCode::NOT_FOUND => Discovered::Missing,
        StatusCode::OK => serde_json::from_slice(&body).map_or(Discovered::Nothing, Discovered::Said),
        _ => Discovered::Nothing,
    }
}

/// What a 404 at the path of a collection means. Proxies answer 404 too, so only the message of an API server is
/// trusted, and only if discovery agrees.
pub(super) async fn is_absent(
    cluster: &Cluster,
    verb: &'static str,
    watch: &Watch,
    refused: RequestError,
    is_credible: bool,
) -> RequestError {
    let disagrees =
        |message: &str| passing(Error::Refused { verb, what: what(watch), code: 404, message: message.to_owned() });
    let Resource { group, version, plural, .. } = &watch.resource;
    let root = discovered(cluster, &watch.resource.root()).await;
    if let Discovered::Said(Discovery::Resources { resources }) = root {
        return match resources.iter().flatten().find(|it| it.name == *plural).map(|it| it.namespaced.unwrap_or(true)) {
            // The resource was taken for a namespaced one before it was served.
            Some(false) if !watch.namespace.is_empty() => cluster_scoped(verb, watch),
            Some(_) => disagrees("though its discovery lists the resource"),
            None if is_credible && is_core(watch) => {
                RequestError::Lasting(Error::UnknownResource { word: plural.to_string() })
            }
            None if is_credible => by_another_version(cluster, verb, watch).await,
            None => disagrees(NO_API),
        };
    }
    if is_credible && is_seen_without_namespace(cluster, watch).await {
        return cluster_scoped(verb, watch);
    }
    if is_core(watch) {
        // Every server has the declared ones, in the scope that is declared.
        let is_declared = kinds::served(group, plural).is_some();
        return match root {
            Discovered::Refused(message) if is_credible && !is_declared => undiscoverable(verb, watch, message),
            Discovered::Said(_) | Discovered::Nothing if is_credible && !is_declared => unknown(verb, watch),
            _ => refused,
        };
    }
    match discovered(cluster, "/apis").await {
        Discovered::Said(Discovery::Groups { groups }) => {
            let of_group = groups.into_iter().flatten().filter(|it| it.name == *group);
            let versions: Vec<Version> = of_group.flat_map(|it| it.versions).collect();
            match versions.iter().any(|it| it.version == *version) {
                true => disagrees("though its discovery lists the group and the version"),
                false if is_credible && group.is_empty() => {
                    by_one_of(cluster, verb, watch, &[Version { version: "v1".into() }]).await
                }
                false if is_credible => by_one_of(cluster, verb, watch, &versions).await,
                false => disagrees(NO_API),
            }
        }
        Discovered::Refused(message) if is_credible => undiscoverable(verb, watch, message),
        Discovered::Refused(_) => refused,
        Discovered::Missing => match refused {
            RequestError::NotServed => {
                let message = "and nothing of discovery".to_owned();
                RequestError::Lasting(Error::NoApi { verb, what: what(watch), url: cluster.url().to_owned(), message })
            }
            refused => refused,
        },
        Discovered::Said(_) | Discovered::Nothing => match refused {
            RequestError::NotServed => unknown(verb, watch),
            refused => refused,
        },
    }
}

/// What a 403 means: rights are checked before it is looked up whether a resource is served, so it may stand for a 404.
/// Nobody grants rights to what does not exist; it is waited for as by those who have them.
pub(super) async fn is_forbidden(
    cluster: &Cluster,
    verb: &'static str,
    watch: &Watch,
    refused: RequestError,
) -> RequestError {
    if is_core(watch) {
        return refused;
    }
    match is_absent(cluster, verb, watch, RequestError::NotServed, true).await {
        absent @ (RequestError::NotServed | RequestError::ServedAs(_)) => absent,
        _ => refused,
    }
}

/// False if discovery proves that a resource is not served.
pub(super) async fn is_served(cluster: &Cluster, watch: &Watch) -> bool {
    let refused = passing(Error::Closed);
    matches!(is_forbidden(cluster, "list", watch, refused).await, RequestError::Passing { .. })
}

/// Whether an object shows that those of a resource are in no namespace. It may be asked for where a list in a namespace
/// is answered 404 and discovery does not say what that means.
async fn is_seen_without_namespace(cluster: &Cluster, watch: &Watch) -> bool {
    #[derive(Deserialize)]
    struct List {
        items: Option<Vec<Item>>,
    }
    #[derive(Deserialize)]
    struct Item {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        uid: SmolStr,
        #[serde(default)]
        namespace: SmolStr,
    }
    let Resource { group, plural, .. } = &watch.resource;
    if watch.namespace.is_empty() || kinds::served(group, plural).is_some() {
        return false;
    }
    let path = query::head(&Watch::all(watch.resource.clone()));
    let Ok(response) = cluster.get("list", &path, query::METADATA).await else { return false };
    if response.status() != StatusCode::OK {
        return false;
    }
    let body = cluster.read("list", &path, response).await.unwrap_or_default();
    let items = serde_json::from_slice(&body).ok().and_then(|List { items }| items).unwrap_or_default();
    items.first().is_some_and(|Item { metadata }| !metadata.uid.is_empty() && metadata.namespace.is_empty())
}

fn cluster_scoped(verb: &'static str, watch: &Watch) -> RequestError {
    let (resource, namespace) = (Box::new(watch.resource.clone()), watch.namespace.to_string());
    RequestError::Lasting(Error::ClusterScoped { verb, resource, namespace })
}

/// Why a 404 is not trusted.
const NO_API: &str = "in words that no API server uses: a proxy answers this path; what is behind it is not known";

/// Whether another version of its group serves the resource of a watch, or none.
async fn by_another_version(cluster: &Cluster, verb: &'static str, watch: &Watch) -> RequestError {
    match discovered(cluster, &format!("/apis/{}", watch.resource.group)).await {
        Discovered::Said(Discovery::Group { versions }) => by_one_of(cluster, verb, watch, &versions).await,
        Discovered::Refused(message) => undiscoverable(verb, watch, message),
        Discovered::Said(_) | Discovered::Missing | Discovered::Nothing => unknown(verb, watch),
    }
}

/// The same among the versions that discovery names. One that cannot be read proves nothing.
async fn by_one_of(cluster: &Cluster, verb: &'static str, watch: &Watch, versions: &[Version]) -> RequestError {
    let mut unproven = None;
    for Version { version } in versions.iter().filter(|it| it.version != watch.resource.version) {
        let other = Resource { version: version.clone(), ..watch.resource.clone() };
        match discovered(cluster, &other.root()).await {
            Discovered::Said(Discovery::Resources { resources }) => {
                if resources.iter().flatten().any(|it| it.name == other.plural) {
                    return RequestError::ServedAs(version.clone());
                }
            }
            Discovered::Refused(message) => unproven = Some(undiscoverable(verb, watch, message)),
            Discovered::Said(_) | Discovered::Missing | Discovered::Nothing => {
                unproven.get_or_insert_with(|| unknown(verb, watch));
            }
        }
    }
    unproven.unwrap_or(RequestError::NotServed)
}

/// Discovery answers, but not with what is asked for.
fn unknown(verb: &'static str, watch: &Watch) -> RequestError {
    let message = "and discovery does not say whether another version or scope serves it".to_owned();
    passing(Error::Refused { verb, what: what(watch), code: 404, message })
}

/// Discovery is forbidden.
fn undiscoverable(verb: &'static str, watch: &Watch, message: String) -> RequestError {
    RequestError::Lasting(Error::Undiscoverable { verb, what: what(watch), message })
}
