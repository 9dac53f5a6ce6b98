//! `GET /metrics`: for Prometheus.

use super::app::App;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::metrics::CONTENT_TYPE;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header;

/// The metrics of the recorder, for Prometheus (docs/METRICS.md).
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses(
        (status = 200, description = "The text format of Prometheus, version 0.0.4", body = str,
            content_type = "text/plain; version=0.0.4; charset=utf-8"),
        (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn metrics(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, Problem> {
    Parameters::of(query.as_deref(), &[])?;
    Ok(exposed(app.metrics.scraped(app.judged.standings()).await))
}

/// The text as an answer.
pub(super) fn exposed(text: String) -> Response {
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response()
}
