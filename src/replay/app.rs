//! Which handler answers a request: the clock of the replay, or the Kubernetes API.
//!
//! Paths of the Kubernetes API are read by `route.rs`, not by the router: the same shapes hold for every group, and
//! faults and the journal need the verb and the resource before anything is answered.

use super::answer::answer;
use super::control;
use super::refusal::Refusal;
use super::shared::Shared;
use super::wire::Valve;
use crate::listen::{Forged, refuse_forged};
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;

/// All requests.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/replay", get(control::position))
        .route("/replay/{action}", post(control::act))
        .method_not_allowed_fallback(control::wrong_method)
        .layer(from_fn_with_state(shared.clone(), control::admit))
        .fallback(kubernetes)
        .layer(from_fn_with_state(shared.clone(), own_names_only))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(shared)
}

async fn kubernetes(
    State(shared): State<Arc<Shared>>,
    Extension(valve): Extension<Arc<Valve>>,
    request: Request,
) -> Response {
    answer(shared, valve, request.into_parts().0).await.map(axum::body::Body::new)
}

/// Refuses requests that a page of another origin made a browser send.
async fn own_names_only(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    match refuse_forged(shared.is_loopback, request.headers(), request.uri()) {
        Ok(()) => next.run(request).await,
        Err(forged) => {
            let code = if matches!(forged, Forged::Unnamed) { 400 } else { 403 };
            Refusal::new(code, forged.to_string()).into_response()
        }
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Refusal::new(500, "this is a bug of the replay; it goes on").into_response()
}
