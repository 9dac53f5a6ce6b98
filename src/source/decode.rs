//! GET requests and their responses: error statuses, pages of lists, other responses.

use super::absent::{is_absent, is_forbidden};
use super::causes::causes;
use super::clock;
use super::cluster::Cluster;
use super::error::Error;
use super::query;
use super::request_error::{About, Refusal, RequestError, judge_answer, passing, what};
use crate::observation::{Malformed, ResourceVersion, StatusError, Watch};
use http::{HeaderMap, Response, StatusCode, header};
use jiff::Timestamp;
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

/// The relevant metadata of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListMetadata {
    #[serde(default)]
    pub resource_version: ResourceVersion,
    #[serde(default, rename = "continue")]
    pub token: Option<String>,
}

/// Sends a GET, reads the response to its end and decodes it.
///
/// A response that breaks off or cannot be decoded may be complete the next time: [`RequestError::Passing`].
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

/// How often a request is tried after temporary errors.
const ATTEMPTS: u32 = 4;
/// The first pause between attempts; it doubles.
const PAUSE: Duration = Duration::from_millis(300);
/// The longest pause that a server may request.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The same for requests before the first list. Temporary errors are retried a few times, while the server is waited for.
pub(super) async fn get_patiently<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Result<T, RequestError> {
    let (mut attempts, mut pause) = (1, PAUSE);
    loop {
        let (after, error) = match get(cluster, "get", About::Path(path), path, query::JSON).await {
            Err(RequestError::Passing { after, error })
                if !error.is_not_there()
                    && !matches!(error, Error::Timeout { .. } | Error::Answer { .. } | Error::TooLarge { .. }) =>
            {
                (after, error)
            }
            answer => return answer,
        };
        let is_news = cluster.failed();
        let left = cluster.patience();
        if attempts == ATTEMPTS || left.is_zero() {
            return Err(RequestError::Passing { after, error });
        }
        let wait = after.unwrap_or_default().clamp(pause, LONGEST_PAUSE).min(left);
        let words = message(&error, after, wait);
        if is_news {
            tracing::warn!("{words}");
        } else {
            tracing::info!("{words}");
        }
        tokio::time::sleep(wait).await;
        (attempts, pause) = (attempts + 1, pause * 2);
    }
}

fn message(error: &Error, after: Option<Duration>, wait: Duration) -> String {
    let (words, wait) = (causes(error), wait.as_secs_f64());
    match after {
        Some(after) if after.as_secs_f64() > wait => {
            let asked = after.as_secs();
            format!("{words}; it asks for a pause of {asked} s, and is asked again in {wait:.1} s")
        }
        _ => format!("{words}; it is asked again in {wait:.1} s"),
    }
}

/// Reads a response to its end and decodes it.
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

/// Requests one page of a list, reads and decodes it.
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

/// Rejects a response that is not a list, however it can be parsed: it would be taken for an empty collection.
fn believe(watch: &Watch, page: Page) -> Result<Page, RequestError> {
    let refused = |why: &str| {
        let source = Malformed::because(why);
        Err(passing(Error::Answer { verb: "list", what: what(watch), source }))
    };
    // Go writes an empty list as `null`, and the kind of a custom list may be any name.
    if !page.kind.ends_with("List") && (page.kind.is_empty() || page.kind == "Status" || page.items.is_none()) {
        return refused("it is not a list");
    }
    if page.metadata.resource_version.as_str().is_empty() {
        return refused("it is a list without a resourceVersion");
    }
    Ok(page)
}

/// Sends a list or watch request; any status but 200 is an error.
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
    let (code, after) = (response.status(), retry_after(response.headers(), clock::wall()));
    let body = cluster.read(verb, &about.words(), response).await.unwrap_or_default();
    let status: StatusError = serde_json::from_slice(&body).unwrap_or_default();
    let is_status = status.is_from_an_api() && (code != StatusCode::NOT_FOUND || status.reason == "NotFound");
    let is_credible = is_status || body.trim_ascii() == UNKNOWN_PATH;
    let after = after.or(status.retry_after());
    let message = if status.message.is_empty() { in_words(code, &body) } else { status.message };
    let refused = judge_answer(verb, about, Refusal { url: cluster.url(), code, after, message, is_status });
    if let RequestError::Lasting(Error::Unauthorized { verb, what, message, .. }) = refused {
        let certificate = cluster.problem_of_certificate();
        return Err(RequestError::Lasting(Error::Unauthorized { verb, what, message, certificate }));
    }
    match about {
        About::Watch(watch) if code == StatusCode::NOT_FOUND && verb != "get" => {
            Err(is_absent(cluster, verb, watch, refused, is_credible).await)
        }
        About::Watch(watch) if is_right_missing(&refused) && verb != "get" => {
            Err(is_forbidden(cluster, verb, watch, refused).await)
        }
        _ => Err(refused),
    }
}

fn is_right_missing(refused: &RequestError) -> bool {
    matches!(refused, RequestError::Lasting(Error::Forbidden { .. }))
}

/// How Go servers, including an API server at the path of a group that it does not know, answer where they have no
/// handler.
const UNKNOWN_PATH: &[u8] = b"404 page not found";

/// The message of a response that is not from a Kubernetes API: a proxy, or a server addressed with the wrong protocol.
fn in_words(code: StatusCode, body: &[u8]) -> String {
    const LONGEST: usize = 200;
    let reason = code.canonical_reason().unwrap_or("no reason");
    match std::str::from_utf8(body).map(str::trim) {
        // A JSON text that is not a Status may be an object.
        Ok(text) if !text.is_empty() && text.len() <= LONGEST && !text.contains(['\n', '{', '[']) => {
            format!("({reason}): {text}")
        }
        _ => format!("({reason})"),
    }
}

/// Parses seconds or a date, which is relative to the server's clock if the response has one. Anything else is ignored.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let after = text(header::RETRY_AFTER)?;
    if !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(after.parse().unwrap_or(u64::MAX)));
    }
    let now = text(header::DATE).and_then(clock::http_date).unwrap_or(now);
    Some(clock::http_date(after)?.duration_since(now).try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(retry_after: &str, date: Option<&str>) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().expect("a header"));
        headers.extend(date.map(|date| (header::DATE, date.parse().expect("a header"))));
        super::retry_after(&headers, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_pause_is_asked_for_in_seconds_or_until_a_date_and_in_no_other_words() {
        let (seconds, now) = (Duration::from_secs, "Thu, 26 Nov 2026 15:00:00 GMT");
        assert_eq!([after("7", None), after(" 7 ", None), after("0", None)], [7, 7, 0].map(seconds).map(Some));
        assert_eq!(after("99999999999999999999999", None), Some(Duration::from_secs(u64::MAX)));
        for words in ["", "-1", "1.5", "+7", "soon", "7s", "0x10"] {
            assert_eq!(after(words, Some(now)), None, "{words}");
        }
        assert_eq!(after("Thu, 26 Nov 2026 15:00:30 GMT", Some(now)), Some(seconds(30)));
        assert_eq!(after("Thu, 26 Nov 2026 14:00:00 GMT", Some(now)), Some(seconds(0)), "it is over");
        // By our own clock if the server sends no date.
        assert_eq!(after("Thu, 01 Jan 1970 00:00:09 GMT", None), Some(seconds(9)));
    }
}
