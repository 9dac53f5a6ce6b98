//! Errors as documents: RFC 9457.

use crate::listen::Forged;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request has no answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// `urn:statetrail:problem:NAME`, which names the problem.
    #[serde(rename = "type")]
    #[schema(example = "urn:statetrail:problem:invalid-expectation")]
    kind: String,
    /// The problem in a few words.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
    /// What is wrong with this request, and how to mend it; it may have several lines.
    detail: String,
    #[serde(skip)]
    code: StatusCode,
    /// After how many seconds to try again.
    #[serde(skip)]
    retry_after: Option<u16>,
}

impl From<Forged> for Problem {
    fn from(forged: Forged) -> Self {
        match forged {
            Forged::Unnamed => Self::bad_request(forged.to_string()),
            Forged::Elsewhere { .. } | Forged::Origin => Self::forbidden(forged.to_string()),
        }
    }
}

impl Problem {
    fn new(code: StatusCode, name: &str, title: &'static str, detail: impl Into<String>) -> Self {
        let kind = format!("urn:statetrail:problem:{name}");
        Self { kind, title, status: code.as_u16(), detail: detail.into(), code, retry_after: None }
    }

    /// The request is malformed.
    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", "The request is malformed", detail)
    }

    /// There is no valid token.
    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "A bearer token is required", detail)
    }

    /// It is refused to this client.
    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", "The request is refused", detail)
    }

    /// There is no such resource.
    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is no such resource", detail)
    }

    /// The resource has other methods.
    pub(super) fn wrong_method(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The resource has no such method", detail)
    }

    /// Entries are no longer held.
    pub(super) fn gone(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, "entries-gone", "These entries are no longer held", detail)
    }

    /// The body is too large.
    pub(super) fn too_large(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
    }

    /// The body is of another type.
    pub(super) fn wrong_type(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body is of another type", detail)
    }

    /// Expectations do not compile.
    pub(super) fn expectation(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-expectation", "These are no valid expectations", detail)
    }

    /// A limit is reached.
    pub(super) fn too_many(detail: impl Into<String>) -> Self {
        let limited = Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many", "A limit is reached", detail);
        Self { retry_after: Some(1), ..limited }
    }

    /// The recorder has not attached.
    pub(super) fn not_attached(detail: impl Into<String>) -> Self {
        let early = Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-attached", "The recorder has not attached", detail);
        Self { retry_after: Some(1), ..early }
    }

    /// The recorder has ended.
    pub(super) fn ended() -> Self {
        let detail = "the recorder has ended; use `statetrail show` and `statetrail check` on its recording";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ended", "The recorder has ended", detail)
    }

    /// Whom to ask for a review does not answer.
    pub(super) fn unreviewed(detail: impl Into<String>) -> Self {
        let failed = Self::new(StatusCode::SERVICE_UNAVAILABLE, "not-reviewed", "The token cannot be reviewed", detail);
        Self { retry_after: Some(1), ..failed }
    }

    /// It takes too long.
    pub(super) fn busy(detail: impl Into<String>) -> Self {
        let busy = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy", detail);
        Self { retry_after: Some(1), ..busy }
    }

    /// A fault of the server's own.
    pub(super) fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server has failed", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (code, retry_after) = (self.code, self.retry_after);
        let mut response = (code, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if code == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"statetrail\""));
        }
        response
    }
}
