//! Which handler answers a request, and what is the same for all of them.

use super::app::App;
use super::limits::{ARRIVAL, BODY_BYTES};
use super::openapi::{self, Head};
use super::problem::Problem;
use super::{expectations, guard, health, marks, metrics, page, recording, status, subjects, timeline};
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as OpenApiDocument;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The endpoints.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(openapi::openapi))
        .routes(routes!(status::status))
        .routes(routes!(subjects::subjects))
        .routes(routes!(timeline::timeline))
        .routes(routes!(marks::write))
        .routes(routes!(expectations::judge))
        .routes(routes!(recording::recording))
        .routes(routes!(metrics::metrics))
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> OpenApiDocument {
    let mut document = routes().into_openapi();
    let bearer = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
    document.components.get_or_insert_default().security_schemes.insert("bearer".to_owned(), bearer.into());
    // Not on a loopback address.
    document.security = Some(vec![SecurityRequirement::default(), SecurityRequirement::new("bearer", [""; 0])]);
    document
}

/// All requests.
pub(super) fn router(app: App) -> Router {
    let (router, _) = routes().split_for_parts();
    router
        .merge(page::routes())
        .layer(Extension(Arc::new(document())))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(problems))
        .layer(from_fn_with_state(app.clone(), guard::guard))
        .layer(RequestBodyTimeoutLayer::new(ARRIVAL))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(protected))
        .with_state(app)
}

async fn unknown(uri: Uri) -> Problem {
    Problem::not_found(format!("there is no {}; /openapi.json lists what there is", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::wrong_method(format!("{} has no {method}; /openapi.json lists what there is", uri.path()))
}

/// Makes problems of the refusals of the framework.
async fn problems(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let response = next.run(request).await;
    let is_text = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if is_text => {
            Problem::too_large(format!("at most {BODY_BYTES} bytes are read")).into_response()
        }
        StatusCode::REQUEST_TIMEOUT => Problem::bad_request("the body did not arrive in time").into_response(),
        code if code.is_client_error() && is_text => {
            Problem::bad_request("the request cannot be read to its end").into_response()
        }
        _ => response,
    }
}

fn panicked(_: Box<dyn Any + Send>) -> Response {
    Problem::internal("this is a bug; the recorder goes on").into_response()
}

/// Adds what keeps browsers from misusing an answer.
pub(super) async fn protected(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers
        .entry(CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
