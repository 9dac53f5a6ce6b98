//! `GET /healthz` and `GET /readyz`.

use super::app::App;
use super::client::Client;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::run::Progress;
use axum::Extension;
use axum::extract::{RawQuery, State};

/// Whether the server answers.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, description = "The server answers", body = str, content_type = "text/plain", example = "ok")))]
pub(super) async fn healthz() -> &'static str {
    "ok"
}

/// Whether the recorder has attached: everything that happens from now on is recorded.
///
/// While a watch is interrupted it stays ready: what is missed becomes a gap.
#[utoipa::path(get, path = "/readyz", tag = "health",
    params(("wait" = Option<String>, Query, description = "How long to wait for it: 500ms, 60s; at most 10m",
        pattern = "^([0-9]+(ms|s|m))?$", example = "30s")),
    responses(
        (status = 200, description = "Every watch has attached", body = str, content_type = "text/plain", example = "ok"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "It has not attached, or has ended", body = Problem,
            content_type = "application/problem+json")))]
pub(super) async fn readyz(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<&'static str, Problem> {
    let wait = Parameters::of(query.as_deref(), &["wait"])?.wait()?;
    let mut progress = app.progress.clone();
    if !wait.is_zero() && !progress.borrow().is_attached() {
        let _taken = app.wait(client)?;
        // What it has come to is looked at below.
        let _ = tokio::time::timeout(wait, progress.wait_for(Progress::is_attached)).await;
    }
    if app.has_ended() {
        return Err(Problem::ended());
    }
    let progress = progress.borrow();
    if progress.is_attached() {
        return Ok("ok");
    }
    let waiting = app.watches.iter().enumerate();
    let waiting = waiting.filter(|(at, _)| progress.watches.get(*at).is_none_or(|watched| !watched.attached));
    let names: Vec<String> = waiting.map(|(_, watch)| watch.resource.to_string()).collect();
    Err(Problem::not_attached(format!("waiting for the initial state of {}", names.join(", "))))
}
