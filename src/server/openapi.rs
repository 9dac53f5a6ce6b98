//! The OpenAPI document, which is made from the handlers.

use axum::{Extension, Json};
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

/// Its head.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "statetrail serve",
        description = "The timeline, marks, expectations and recording of a running recorder.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "health", description = "Whether the server answers, and records"),
        (name = "timeline", description = "Entries, and the states of subjects"),
        (name = "expectations", description = "Verdicts while recording"),
        (name = "recording", description = "The recording and its marks"),
    ),
)]
pub(super) struct Head;

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "health",
    responses((status = 200, description = "The OpenAPI document", body = serde_json::Value)))]
pub(super) async fn openapi(Extension(document): Extension<Arc<Document>>) -> Json<Document> {
    Json(Document::clone(&document))
}
