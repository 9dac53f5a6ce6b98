//! Error responses, as `metav1.Status` with the messages of a real API server.
//!
//! Clients decide by code and reason; people read the message. Only reasons that the API has are used.

use super::body::{self, Body};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

/// One `metav1.Status` with `status: Failure`.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub code: u16,
    reason: &'static str,
    message: String,
    retry_after: Option<u64>,
    /// For a 410 response to a page: the token with which the client may continue without consistency.
    token: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, reason: reason(code), message: message.into(), retry_after: None, token: None }
    }

    /// Sets how many seconds the client should wait before it retries.
    pub(super) fn retry_after(mut self, seconds: Option<u64>) -> Self {
        self.retry_after = seconds;
        self
    }

    /// A page whose revision was compacted, with the token to continue from the newest state.
    pub(super) fn expired_page(token: String) -> Self {
        let message = "The provided continue parameter is too old to display a consistent list result. You can start a new \
                       list without the continue parameter, or use the continue token in this response to retrieve the \
                       remainder of the results. Continuing with the provided token results in an inconsistent list - \
                       objects that were created, modified, or deleted between the time the first chunk was returned and \
                       now may show up in the list.";
        Self { token: Some(token), ..Self::new(410, message) }
    }

    /// A list at a compacted revision.
    pub(super) fn expired_list() -> Self {
        Self::new(410, "The resourceVersion for the provided list is too old.")
    }

    /// A watch from a compacted revision.
    pub(super) fn expired_watch(asked: u64, oldest: u64) -> Self {
        Self::new(410, format!("too old resource version: {asked} ({oldest})"))
    }

    /// A revision that the storage has not reached.
    pub(super) fn too_large(asked: u64, current: u64) -> Self {
        Self::new(504, format!("Too large resource version: {asked}, current: {current}")).retry_after(Some(1))
    }

    /// No such object.
    pub(super) fn no_object(resource: &str, name: &str) -> Self {
        Self::new(404, format!("{resource} \"{name}\" not found"))
    }

    /// The group is served, but has no such resource.
    pub(super) fn no_resource() -> Self {
        Self::new(404, "the server could not find the requested resource")
    }

    /// The recording has no complete list of a resource at this moment.
    pub(super) fn unknown(resource: &str) -> Self {
        let message = format!("the recording does not show which {resource} there are at this moment of the replay");
        Self::new(503, message).retry_after(Some(1))
    }

    /// The replay was moved back: what the client has is of its future.
    pub(super) fn moved_back(asked: u64, current: u64) -> Self {
        Self::new(410, format!("too old resource version: {asked}: the replay was moved back to {current}"))
    }

    /// The `metav1.Status` on one line.
    pub(super) fn json(&self) -> String {
        let mut status = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason, "code": self.code,
        });
        if let Some(token) = &self.token {
            status["metadata"]["continue"] = json!(token);
        }
        if let Some(seconds) = self.retry_after {
            status["details"] = json!({"retryAfterSeconds": seconds});
            if self.reason == "Timeout" {
                status["details"]["causes"] =
                    json!([{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]);
            }
        }
        status.to_string()
    }

    /// The ERROR event of a watch stream.
    pub(super) fn event(&self) -> String {
        format!("{{\"type\":\"ERROR\",\"object\":{}}}\n", self.json())
    }

    /// The HTTP response.
    pub(super) fn response(&self) -> Response<Body> {
        let mut response = body::json(self.json() + "\n");
        *response.status_mut() = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

fn reason(code: u16) -> &'static str {
    match code {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        410 => "Expired",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    }
}
