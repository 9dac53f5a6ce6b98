//! GET requests and their answers: what an error status means, list pages, any other answer.

use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::request_error::{About, Refusal, RequestError, is_core, judge_answer, passing, what};
use crate::observation::{Malformed, ResourceVersion, StatusError, Watch};
use http::{Response, StatusCode, header};
use kube::client::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// One page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    #[serde(default)]
    pub kind: SmolStr,
    pub metadata: ListMetadata,
    #[serde(default)]
    pub items: Option<Vec<Box<RawValue>>>,
}

/// What of a list's metadata matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListMetadata {
    #[serde(default)]
    pub resource_version: ResourceVersion,
    #[serde(default, rename = "continue")]
    pub token: Option<String>,
}

/// Sends a GET, reads the answer to its end and decodes it.
///
/// An answer that breaks off or cannot be decoded may be whole the next time: [`RequestError::Passing`].
pub(super) async fn get<'a, T: DeserializeOwned>(
    cluster: &Cluster,
    verb: &'static str,
    about: impl Into<About<'a>>,
    path: &str,
    accept: &str,
) -> Result<T, RequestError> {
    let about = about.into();
    let response = ask_as(cluster, verb, about, path, accept).await?;
    decode(cluster, verb, about, response).await
}

/// Reads an answer to its end and decodes it.
pub(super) async fn decode<'a, T: DeserializeOwned>(
    cluster: &Cluster,
    verb: &'static str,
    about: impl Into<About<'a>>,
    response: Response<Body>,
) -> Result<T, RequestError> {
    let what = about.into().words();
    let body = cluster.read(verb, &what, response).await.map_err(passing)?;
    serde_json::from_slice(&body).map_err(|source| passing(Error::Answer { verb, what, source: source.into() }))
}

/// Asks for one page of a list, reads and decodes it.
pub(super) async fn page(cluster: &Cluster, watch: &Watch, path: &str, accept: &str) -> Result<Page, RequestError> {
    believe(watch, get(cluster, "list", watch, path, accept).await?)
}

/// Reads one page of a list to its end and decodes it.
pub(super) async fn decode_page(
    cluster: &Cluster,
    watch: &Watch,
    response: Response<Body>,
) -> Result<Page, RequestError> {
    believe(watch, decode(cluster, "list", watch, response).await?)
}

/// An answer without the marks of a list is none, however it can be read: it would be taken for an empty collection.
fn believe(watch: &Watch, page: Page) -> Result<Page, RequestError> {
    let refused = |why: &str| {
        let source = Malformed::because(why);
        Err(passing(Error::Answer { verb: "list", what: what(watch), source }))
    };
    // Go writes an empty list as `null`, and the kind of a custom list may be any word.
    if !page.kind.ends_with("List") && (page.kind.is_empty() || page.kind == "Status" || page.items.is_none()) {
        return refused("it is not a list");
    }
    if page.metadata.resource_version.as_str().is_empty() {
        return refused("it is a list without a resourceVersion");
    }
    Ok(page)
}

/// Sends a list or watch request; any answer but 200 is trouble.
pub(super) async fn ask(
    cluster: &Cluster,
    verb: &'static str,
    watch: &Watch,
    path: &str,
) -> Result<Response<Body>, RequestError> {
    ask_as(cluster, verb, watch.into(), path, query::JSON).await
}

async fn ask_as(
    cluster: &Cluster,
    verb: &'static str,
    about: About<'_>,
    path: &str,
    accept: &str,
) -> Result<Response<Body>, RequestError> {
    let response = cluster.get(verb, path, accept).await.map_err(|error| match error {
        error @ Error::Request { .. } => RequestError::Lasting(error),
        error => passing(error),
    })?;
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    let (code, after) = (response.status(), retry_after(&response));
    let body = cluster.read(verb, &about.words(), response).await.unwrap_or_default();
    let status: StatusError = serde_json::from_slice(&body).unwrap_or_default();
    let is_status = status.is_from_an_api();
    let message = if status.message.is_empty() { in_words(code, &body) } else { status.message };
    let refused = judge_answer(verb, about, Refusal { url: cluster.url(), code, after, message, is_status });
    match about {
        About::Watch(watch) if code == StatusCode::NOT_FOUND && verb != "get" && !is_core(watch) => {
            Err(is_absent(cluster, verb, watch, refused).await)
        }
        _ => Err(refused),
    }
}

/// What a 404 at the path of a collection means. An API server answers it in plain words where it does not know the
/// group, as any web server does, so its discovery is asked too; where that cannot be had, only a v1 Status is
/// believed.
async fn is_absent(cluster: &Cluster, verb: &'static str, watch: &Watch, refused: RequestError) -> RequestError {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Discovery {
        kind: SmolStr,
        resources: Vec<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        name: SmolStr,
    }
    let ask = async |path: &str| {
        let response = cluster.get("get", path, query::JSON).await.ok()?;
        let is_ok = response.status() == StatusCode::OK;
        let body = cluster.read("get", path, response).await.ok()?;
        serde_json::from_slice::<Discovery>(&body).ok().filter(|_| is_ok)
    };
    let collection = watch.resource.path("");
    let version = collection.rsplit_once('/').map_or("/apis", |(version, _)| version);
    let resources = ask(version).await.filter(|discovery| discovery.kind == "APIResourceList");
    let is_there = |discovery: &Discovery| discovery.resources.iter().any(|it| it.name == watch.resource.plural);
    match resources {
        Some(discovery) if is_there(&discovery) => {
            let message = "though its discovery lists the resource".to_owned();
            passing(Error::Refused { verb, what: what(watch), code: 404, message })
        }
        Some(_) => RequestError::NotServed,
        None if ask("/apis").await.is_some_and(|discovery| discovery.kind == "APIGroupList") => RequestError::NotServed,
        None => refused,
    }
}

/// What somebody other than a Kubernetes API answered: a proxy, or a server that was spoken to in the wrong protocol.
fn in_words(code: StatusCode, body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let reason = code.canonical_reason().unwrap_or("no reason");
    match std::str::from_utf8(body).map(str::trim) {
        // JSON that is no Status may be an object.
        Ok(text) if !text.is_empty() && text.len() <= LONGEST && !text.contains(['\n', '{', '[']) => {
            format!("({reason}): {text}")
        }
        _ => format!("({reason})"),
    }
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
