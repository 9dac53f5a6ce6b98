//! The server of `--metrics`: it has `/metrics`, and nothing else.

use super::limits::Limit;
use super::metrics::exposed;
use super::problem::Problem;
use super::router::protected;
use crate::listen::{self, refuse_forged};
use crate::metrics::Metrics;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::Uri;

/// Most open connections, of one client and of all: on a loopback address there is one client.
const CONNECTIONS: usize = 64;

/// Answers scrapes.
pub(super) fn router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .fallback(unknown)
        .layer(from_fn(guard))
        .layer(map_response(protected))
        .with_state(metrics)
}

/// The limit of its connections.
pub(super) fn connections() -> Limit {
    let most = CONNECTIONS.min(listen::descriptors());
    Limit::new("connections", most, most)
}

async fn scrape(State(metrics): State<Metrics>) -> Response {
    exposed(metrics.scraped(Vec::new()).await)
}

async fn unknown(uri: Uri) -> Problem {
    Problem::not_found(format!("there is no {}; the metrics are at /metrics", uri.path()))
}

/// It listens on a loopback address only.
async fn guard(request: Request, next: Next) -> Response {
    match refuse_forged(true, request.headers(), request.uri()) {
        Ok(()) => next.run(request).await,
        Err(forged) => Problem::from(forged).into_response(),
    }
}
