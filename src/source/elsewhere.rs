//! Whether a resource that a server does not serve in one version is served in another: its objects are the same ones.

use super::cluster::Cluster;
use super::decode::{Discovered, Discovery, Version, discovered};
use super::error::Error;
use super::request_error::{RequestError, passing, what};
use super::resolve::root;
use crate::observation::Watch;

/// Whether another version of its group serves the resource of a watch, or none.
pub(super) async fn by_another_version(cluster: &Cluster, verb: &'static str, watch: &Watch) -> RequestError {
    match discovered(cluster, &format!("/apis/{}", watch.resource.group)).await {
        Discovered::Said(Discovery::Group { versions }) => by_one_of(cluster, verb, watch, &versions).await,
        // The group is not known, or the answer at the collection's path is all there is.
        Discovered::Missing | Discovered::Refused => RequestError::NotServed,
        Discovered::Said(_) | Discovered::Nothing => unknown(verb, watch),
    }
}

/// The same among the versions that discovery names. One that cannot be read proves nothing.
pub(super) async fn by_one_of(
    cluster: &Cluster,
    verb: &'static str,
    watch: &Watch,
    versions: &[Version],
) -> RequestError {
    let (group, plural) = (&watch.resource.group, &watch.resource.plural);
    let mut is_known = true;
    for Version { version } in versions.iter().filter(|it| it.version != watch.resource.version) {
        match discovered(cluster, &root(group, version)).await {
            Discovered::Said(Discovery::Resources { resources }) => {
                if resources.iter().flatten().any(|it| it.name == *plural) {
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
