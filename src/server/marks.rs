//! `POST /v1/marks`.

use super::app::App;
use super::problem::Problem;
use super::proving::resolved;
use crate::observation::rfc3339_micros;
use crate::run::LONGEST_MARK as LONGEST;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// How long what happened before a mark is waited for. What is delivered later is of unknown order.
const DELIVERY: Duration = Duration::from_millis(50);
/// How long it may take to ask the API server how new its newest version is.
const HEADS: Duration = Duration::from_secs(3);

/// A mark to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMark {
    /// Its name: one line of 1 to 1024 bytes.
    #[schema(min_length = 1, max_length = 1024, pattern = r"^[^\x00-\x1f\x7f-\x9f]+$")]
    name: String,
}

/// A mark in the recording.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WrittenMark {
    /// Its name.
    name: String,
    /// When it was written, by the recorder's clock.
    #[schema(format = DateTime)]
    at: String,
}

/// Write a mark: a named instant in the recording, which windows of expectations refer to.
#[utoipa::path(post, path = "/v1/marks", tag = "recording",
    request_body(description = "The mark, or only its name", content(
        (NewMark = "application/json", example = json!({"name": "the node is drained"})),
        (str = "text/plain", example = "the node is drained"))),
    responses(
        (status = 201, description = "It is in the file", body = WrittenMark),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The recorder has ended", body = Problem,
            content_type = "application/problem+json")))]
pub(super) async fn write(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<WrittenMark>), Problem> {
    let name = match media_type(&headers).as_deref() {
        Some("application/json") => {
            let mark: NewMark = serde_json::from_slice(&body)
                .map_err(|error| Problem::bad_request(format!("the body is not {{\"name\": ...}}: {error}")))?;
            mark.name
        }
        None | Some("text/plain" | "application/x-www-form-urlencoded") => text(&body)?.trim().to_owned(),
        Some(other) => {
            return Err(Problem::wrong_type(format!("`{other}`: use text/plain, or application/json")));
        }
    };
    if name.is_empty() || name.len() > LONGEST {
        return Err(Problem::bad_request(format!("the name has {} bytes; it needs 1 to {LONGEST}", name.len())));
    }
    if name.chars().any(char::is_control) {
        return Err(Problem::bad_request("the name has control characters; write one line of text"));
    }
    // What was written just before the request is usually delivered by then.
    tokio::time::sleep(DELIVERY).await;
    let doubt = app.prover.doubt();
    let stamp = app.marker.mark(name.clone()).await.map_err(|_| Problem::ended())?;
    // What is written after the answer is newer than what may have happened before the mark.
    let _ = timeout(HEADS, resolved(&app, doubt)).await;
    Ok((StatusCode::CREATED, Json(WrittenMark { name, at: rfc3339_micros(stamp.at) })))
}

/// The media type of a body, in lower case and without parameters; none where none is given.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let media_type = value.split(';').next().unwrap_or_default().trim();
    (!media_type.is_empty()).then(|| media_type.to_ascii_lowercase())
}

/// A body as text.
///
/// # Errors
/// It is not UTF-8.
pub(super) fn text(body: &Bytes) -> Result<&str, Problem> {
    std::str::from_utf8(body).map_err(|_| Problem::bad_request("the body is not UTF-8"))
}
