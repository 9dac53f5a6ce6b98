//! What a 404 means: that a resource is not served, in no version; or nothing. A resource that is not served in one
//! version may be served in another, with the same objects.

use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::request_error::{RequestError, passing, what};
use crate::observation::{Resource, Watch};
use http::StatusCode;
use serde::Deserialize;
use smol_str::SmolStr;

/// The result of a request to discovery.
enum Discovered {
    /// The response.
    Said(Discovery),
    /// Access is denied.
    Refused,
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
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => Discovered::Refused,
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
    if let Discovered::Said(Discovery::Resources { resources }) = discovered(cluster, &watch.resource.root()).await {
        return match resources.iter().flatten().find(|it| it.name == *plural).map(|it| it.namespaced.unwrap_or(true)) {
            // The resource was taken for a namespaced one before it was served.
            Some(false) if !watch.namespace.is_empty() => {
                let (resource, namespace) = (Box::new(watch.resource.clone()), watch.namespace.to_string());
                RequestError::Lasting(Error::ClusterScoped { verb, resource, namespace })
            }
            Some(_) => disagrees("though its discovery lists the resource"),
            None if is_credible => by_another_version(cluster, verb, watch).await,
            None => disagrees(NO_API),
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
        // Without access to discovery, the message is all there is.
        Discovered::Refused => refused,
        Discovered::Said(_) | Discovered::Missing | Discovered::Nothing => match refused {
            RequestError::NotServed => {
                let message = "and nothing of discovery".to_owned();
                RequestError::Lasting(Error::NoApi { verb, what: what(watch), url: cluster.url().to_owned(), message })
            }
            refused => refused,
        },
    }
}

/// Why a 404 is not trusted.
const NO_API: &str = "in words that no API server uses: a proxy answers this path; what is behind it is not known";

/// Whether another version of its group serves the resource of a watch, or none.
async fn by_another_version(cluster: &Cluster, verb: &'static str, watch: &Watch) -> RequestError {
    match discovered(cluster, &format!("/apis/{}", watch.resource.group)).await {
        Discovered::Said(Discovery::Group { versions }) => by_one_of(cluster, verb, watch, &versions).await,
        // The group is not known, or the answer at the collection's path is all there is.
        Discovered::Missing | Discovered::Refused => RequestError::NotServed,
        Discovered::Said(_) | Discovered::Nothing => unknown(verb, watch),
    }
}

/// The same among the versions that discovery names. One that cannot be read proves nothing.
async fn by_one_of(cluster: &Cluster, verb: &'static str, watch: &Watch, versions: &[Version]) -> RequestError {
    let mut is_known = true;
    for Version { version } in versions.iter().filter(|it| it.version != watch.resource.version) {
        let other = Resource { version: version.clone(), ..watch.resource.clone() };
        match discovered(cluster, &other.root()).await {
            Discovered::Said(Discovery::Resources { resources }) => {
                if resources.iter().flatten().any(|it| it.name == other.plural) {
                    return RequestError::ServedAs(version.clone());
                }
            }
            Discovered::Refused => {}
            Discovered::Said(_) | Discovered::Missing | Discovered::Nothing => is_known = false,
        }
    }
    if is_known { RequestError::NotServed } else { unknown(verb, watch) }
}

fn unknown(verb: &'static str, watch: &Watch) -> RequestError {
    let message = "and discovery does not say whether another version serves it".to_owned();
    passing(Error::Refused { verb, what: what(watch), code: 404, message })
}
