//! Completes a 403: it names one right, and whoever grants it is asked for all that are missing at once.

use super::absent::is_served;
use super::cluster::Cluster;
use super::error::Error;
use crate::observation::{Watch, field_selector};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long the answers are waited for: without them, the error names the right that was refused first.
const LONGEST: Duration = Duration::from_secs(5);
const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// The error, with every right that `watches` lack if it is about rights.
pub(crate) async fn with_all_rights(cluster: &Cluster, watches: &[Watch], error: Error) -> Error {
    let Error::Forbidden { verb, resource, namespace, message, mut rights } = error else { return error };
    let asked = join_all(watches.iter().map(|watch| lacks(cluster, watch)));
    let lacking = tokio::time::timeout(LONGEST, asked).await.unwrap_or_default();
    for (watch, _) in watches.iter().zip(lacking).filter(|(_, lacks)| *lacks) {
        rights.add(watch);
    }
    Error::Forbidden { verb, resource, namespace, message, rights }
}

/// Whether a watch lacks rights to something that is served.
async fn lacks(cluster: &Cluster, watch: &Watch) -> bool {
    let allowed = tokio::join!(is_allowed(cluster, watch, "list"), is_allowed(cluster, watch, "watch"));
    let is_denied = allowed.0 == Some(false) || allowed.1 == Some(false);
    is_denied && is_served(cluster, watch).await
}

/// Whether the server allows it; none if it does not say.
async fn is_allowed(cluster: &Cluster, watch: &Watch, verb: &str) -> Option<bool> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Deserialize)]
    struct Status {
        allowed: bool,
    }
    let resource = &watch.resource;
    let attributes = json!({
        "verb": verb,
        "group": resource.group,
        "version": resource.version,
        "resource": resource.plural,
        "namespace": watch.namespace,
        "name": name(watch).unwrap_or_default(),
    });
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": attributes },
    });
    let answer = cluster.post(PATH, review.to_string()).await.ok()?;
    serde_json::from_slice(&answer).ok().map(|Review { status }| status.allowed)
}

/// The name of the one object that is watched: a role may be for some names only.
fn name(watch: &Watch) -> Option<String> {
    let mut terms = field_selector::terms(&watch.field_selector).filter_map(field_selector::split);
    let (.., value) = terms.find(|(field, is_equal, _)| *is_equal && *field == "metadata.name")?;
    field_selector::unescape(value)
}
