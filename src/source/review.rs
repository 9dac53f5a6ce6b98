//! Completes a 403: it names one right, and whoever grants it is asked for all that are missing at once.

use super::absent::is_served;
use super::cluster::Cluster;
use super::error::Error;
use crate::observation::{Watch, field_selector};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the answers are waited for: without them, the error names the right that was refused first.
const LONGEST: Duration = Duration::from_secs(5);
const PATH: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const SUBJECT_REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const TOKEN_REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";

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

/// Whether whoever has a token may watch what is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// They may.
    Yes,
    /// The cluster does not know the token.
    Unknown,
    /// They may not.
    No {
        /// Who they are.
        user: String,
        /// What they may not do: `watch pods in namespace shop`.
        what: String,
    },
}

/// Asks the cluster who has a token (TokenReview), and whether they may watch all of this (SubjectAccessReview).
///
/// # Errors
/// The cluster does not answer, or does not allow the question.
pub(crate) async fn review_token(cluster: &Cluster, watches: &[Watch], token: &str) -> Result<Allowed, Error> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Status {
        authenticated: bool,
        user: User,
    }
    /// The same members are in the specification of a SubjectAccessReview.
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct User {
        username: String,
        uid: String,
        groups: Vec<String>,
        extra: BTreeMap<String, Vec<String>>,
    }
    let asked = json!({
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenReview",
        "spec": { "token": token },
    });
    let answer = cluster.post(TOKEN_REVIEWS, asked.to_string()).await?;
    let read: Option<Review> = serde_json::from_slice(&answer).ok();
    let Some(Status { authenticated: true, user }) = read.map(|review| review.status) else {
        return Ok(Allowed::Unknown);
    };
    for watch in watches {
        let asked = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": user.username,
                "uid": user.uid,
                "groups": user.groups,
                "extra": user.extra,
                "resourceAttributes": attributes(watch, "watch"),
            },
        });
        let answer = cluster.post(SUBJECT_REVIEWS, asked.to_string()).await?;
        if is_allowed_by(&answer) != Some(true) {
            let place = match watch.namespace.as_str() {
                "" => "all namespaces".to_owned(),
                namespace => format!("namespace {namespace}"),
            };
            return Ok(Allowed::No { user: user.username, what: format!("watch {} in {place}", watch.resource) });
        }
    }
    Ok(Allowed::Yes)
}

/// What a review of access says; none if it does not say.
fn is_allowed_by(answer: &[u8]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Review {
        status: Status,
    }
    #[derive(Deserialize)]
    struct Status {
        allowed: bool,
    }
    serde_json::from_slice(answer).ok().map(|Review { status }| status.allowed)
}

/// A watch as the attributes of a review.
fn attributes(watch: &Watch, verb: &str) -> serde_json::Value {
    let resource = &watch.resource;
    json!({
        "verb": verb,
        "group": resource.group,
        "version": resource.version,
        "resource": resource.plural,
        "namespace": watch.namespace,
        "name": name(watch).unwrap_or_default(),
    })
}

/// Whether the server allows it; none if it does not say.
async fn is_allowed(cluster: &Cluster, watch: &Watch, verb: &str) -> Option<bool> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": { "resourceAttributes": attributes(watch, verb) },
    });
    let answer = cluster.post(PATH, review.to_string()).await.ok()?;
    is_allowed_by(&answer)
}

/// The name of the one object that is watched: a role may be for some names only.
fn name(watch: &Watch) -> Option<String> {
    let mut terms = field_selector::terms(&watch.field_selector).filter_map(field_selector::split);
    let (.., value) = terms.find(|(field, is_equal, _)| *is_equal && *field == "metadata.name")?;
    field_selector::unescape(value)
}
