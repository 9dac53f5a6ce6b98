//! Lets requests pass that have access.

use super::access::authorize;
use super::app::App;
use crate::listen::refuse_forged;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What needs no token: what probes ask, and the page, which has no data in it.
const OPEN: [&str; 3] = ["/", "/healthz", "/readyz"];

/// Lets requests pass that have access.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (headers, uri) = (request.headers().clone(), request.uri().clone());
    let allowed = async {
        refuse_forged(app.access.is_loopback, &headers, &uri)?;
        if OPEN.contains(&uri.path()) {
            return Ok(());
        }
        authorize(&app.access.who, &headers).await
    };
    match allowed.await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
