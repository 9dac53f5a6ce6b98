//! GET requests and their answers: what an error status means, list pages, any other answer.

use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::request_error::{About, RequestError, judge, passing};
use crate::observation::{ResourceVersion, StatusError, Watch};
use http::{Response, StatusCode, header};
use kube::client::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// One page of a list.
#[derive(Deserialize)]
pub struct Page {
    #[serde(default)]
    pub kind: SmolStr,
    pub metadata: ListMetadata,
    #[serde(default)]
    pub items: Option<Vec<Box<RawValue>>>,
}

/// What of a list's metadata matters.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListMetadata {
    #[serde(default)]
    pub resource_version: ResourceVersion,
    #[serde(default, rename = "continue")]
    pub token: Option<String>,
}

/// Sends a GET, reads the answer to its end and decodes it.
///
/// An answer that breaks off or cannot be decoded may be whole the next time: [`RequestError::Passing`].
pub async fn get<'a, T: DeserializeOwned>(
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
pub async fn decode<'a, T: DeserializeOwned>(
    cluster: &Cluster,
    verb: &'static str,
    about: impl Into<About<'a>>,
    response: Response<Body>,
) -> Result<T, RequestError> {
    let what = about.into().words();
    let body = cluster.read(verb, &what, response).await.map_err(passing)?;
    serde_json::from_slice(&body).map_err(|source| passing(Error::Answer { verb, what, source: source.into() }))
}

/// Sends a list or watch request; any answer but 200 is trouble.
pub async fn ask(
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
    let message = if status.message.is_empty() { in_words(code, &body) } else { status.message };
    Err(judge(verb, about, code, after, message))
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
