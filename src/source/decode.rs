//! GET requests and their answers: what an error status means, list pages, any other answer.

use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::socket::causes;
use crate::observation::{ResourceVersion, StatusError, Watch};
use http::{Response, StatusCode, header};
use kube::client::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::time::Duration;

/// Why a request did not give what it was for.
#[derive(Debug)]
pub enum Trouble {
    /// 410: the version is older than what the server remembers.
    Expired(String),
    /// 404: the resource is not served.
    NotServed,
    /// Something that may pass: try again, not before `after`.
    Passing {
        /// What the server asked for with Retry-After.
        after: Option<Duration>,
        /// The trouble.
        error: Error,
    },
    /// Something that an operator must mend.
    Lasting(Error),
}

impl Trouble {
    /// In words, for the record.
    pub fn words(&self) -> String {
        match self {
            Self::Expired(message) => message.clone(),
            Self::NotServed => "the resource is not served".to_owned(),
            Self::Passing { error, .. } | Self::Lasting(error) => causes(error),
        }
    }

    /// The error, where all trouble is one: for requests that are neither tried again nor resumed.
    pub fn into_error(self, verb: &'static str, what: &str) -> Error {
        let refused = |code, message| Error::Refused { verb, what: what.to_owned(), code, message };
        match self {
            Self::Expired(message) => refused(410, message),
            Self::NotServed => refused(404, "Not Found".to_owned()),
            Self::Passing { error, .. } | Self::Lasting(error) => error,
        }
    }
}

/// What a request is about, as its errors name it.
#[derive(Clone, Copy)]
pub enum About<'a> {
    /// The collection of a watch, or an object in it.
    Watch(&'a Watch),
    /// Anything else, by its path.
    Path(&'a str),
}

impl About<'_> {
    fn words(self) -> String {
        match self {
            Self::Watch(watch) => what(watch),
            Self::Path(path) => path.to_owned(),
        }
    }
}

impl<'a> From<&'a Watch> for About<'a> {
    fn from(watch: &'a Watch) -> Self {
        Self::Watch(watch)
    }
}

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
/// An answer that breaks off or cannot be decoded may be whole the next time: [`Trouble::Passing`].
pub async fn get<'a, T: DeserializeOwned>(
    cluster: &Cluster,
    verb: &'static str,
    about: impl Into<About<'a>>,
    path: &str,
    accept: &str,
) -> Result<T, Trouble> {
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
) -> Result<T, Trouble> {
    let what = about.into().words();
    let body = cluster.read(verb, &what, response).await.map_err(passing)?;
    serde_json::from_slice(&body).map_err(|source| passing(Error::Answer { verb, what, source }))
}

/// Sends a list or watch request; any answer but 200 is trouble.
pub async fn ask(cluster: &Cluster, verb: &'static str, watch: &Watch, path: &str) -> Result<Response<Body>, Trouble> {
    ask_as(cluster, verb, watch.into(), path, query::JSON).await
}

async fn ask_as(
    cluster: &Cluster,
    verb: &'static str,
    about: About<'_>,
    path: &str,
    accept: &str,
) -> Result<Response<Body>, Trouble> {
    let response = cluster.get(verb, path, accept).await.map_err(|error| match error {
        error @ Error::Request { .. } => Trouble::Lasting(error),
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
        Ok(text) if !text.is_empty() && text.len() <= LONGEST && !text.contains('\n') => format!("({reason}): {text}"),
        _ => format!("({reason})"),
    }
}

/// What an error status means.
pub fn judge<'a>(
    verb: &'static str,
    about: impl Into<About<'a>>,
    code: StatusCode,
    after: Option<Duration>,
    message: String,
) -> Trouble {
    let about = about.into();
    let what = about.words();
    match (code, about) {
        (StatusCode::GONE, _) => Trouble::Expired(message),
        (StatusCode::NOT_FOUND, _) => Trouble::NotServed,
        // The server has no machine-readable word for it: the right that is missing is not the one to list.
        (StatusCode::FORBIDDEN, _) if message.contains("cannot impersonate") => {
            Trouble::Lasting(Error::Impersonation { verb, what, message })
        }
        (StatusCode::FORBIDDEN, About::Watch(watch)) => Trouble::Lasting(Error::Forbidden {
            verb,
            resource: Box::new(watch.resource.clone()),
            namespace: watch.namespace.to_string(),
            message,
        }),
        (StatusCode::UNAUTHORIZED, _) => Trouble::Lasting(Error::Unauthorized { verb, what, message }),
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            Trouble::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        (code, _) if code.is_server_error() => {
            Trouble::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        (code, _) => Trouble::Lasting(Error::Refused { verb, what, code: code.as_u16(), message }),
    }
}

fn passing(error: Error) -> Trouble {
    Trouble::Passing { after: None, error }
}

/// `pods in story`.
pub fn what(watch: &Watch) -> String {
    if watch.namespace.is_empty() {
        watch.resource.to_string()
    } else {
        format!("{} in {}", watch.resource, watch.namespace)
    }
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}
