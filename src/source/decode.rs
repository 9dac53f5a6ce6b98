//! Answers of the API server, read: error statuses, list pages, metadata lists.

use super::cluster::Cluster;
use super::query;
use super::trouble::{Trouble, judge};
use crate::observation::{ResourceVersion, StatusError, Watch};
use http::{Response, StatusCode, header};
use kube::client::Body;
use serde::Deserialize;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// One page of a list.
#[derive(Deserialize)]
pub struct Page<'a> {
    #[serde(default)]
    pub kind: SmolStr,
    pub metadata: ListMetadata,
    #[serde(default, borrow)]
    pub items: Option<Vec<&'a RawValue>>,
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

/// Sends a list or watch request; any answer but 200 is trouble.
pub async fn ask(cluster: &Cluster, verb: &'static str, watch: &Watch, path: &str) -> Result<Response<Body>, Trouble> {
    ask_as(cluster, verb, watch, path, query::JSON).await
}

/// The same, for a representation.
pub async fn ask_as(
    cluster: &Cluster,
    verb: &'static str,
    watch: &Watch,
    path: &str,
    accept: &str,
) -> Result<Response<Body>, Trouble> {
    let response = cluster.get(verb, path, accept).await.map_err(|error| Trouble::Passing { after: None, error })?;
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    let (code, after) = (response.status(), retry_after(&response));
    let body = cluster.read(verb, path, response).await.unwrap_or_default();
    let status: StatusError = serde_json::from_slice(&body).unwrap_or_default();
    let message = if status.message.is_empty() { in_words(code, &body) } else { status.message };
    Err(judge(verb, watch, code, after, message))
}

/// What somebody other than a Kubernetes API answered: a proxy, or a server that was spoken to in the wrong protocol.
fn in_words(code: StatusCode, body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let reason = code.canonical_reason().unwrap_or("no reason");
    match std::str::from_utf8(body).map(str::trim) {
        Ok(text) if !text.is_empty() && text.len() <= LONGEST && !text.contains('\n') => format!("({reason}): {text}"),
        _ => format!("({reason})"),
    }
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
