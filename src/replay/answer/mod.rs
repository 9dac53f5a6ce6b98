//! From a request to its response: authentication, faults, and the content of the store.
//!
//! Every write is refused: the past cannot be changed.

mod list;
mod object;
mod request;
mod stream;

use super::body::{self, Body};
use super::discovery;
use super::refusal::Refusal;
use super::route::{Call, Target, Verb};
use super::shared::Shared;
use super::wire::Valve;
use http::request::Parts;
use http::{HeaderValue, Method, Response, header};
use request::{ObjectRequest, form};
use std::sync::Arc;

/// Answers one request of a connection.
pub(super) async fn answer(shared: Arc<Shared>, valve: Arc<Valve>, request: Parts) -> Response<Body> {
    let call = Call::read(&request.method, &request.uri);
    let path = request.uri.path_and_query().map_or("", |path| path.as_str());
    let number = shared.journal.asked(request.method.as_str(), path, &call);
    let response = respond(&shared, &valve, &request, &call).await.unwrap_or_else(|refusal| refusal.response());
    shared.journal.answered(number, response.status().as_u16());
    response
}

async fn respond(
    shared: &Arc<Shared>,
    valve: &Arc<Valve>,
    request: &Parts,
    call: &Call,
) -> Result<Response<Body>, Refusal> {
    // As on a real server, the state of health is no secret.
    if call.target != Target::Health && !shared.admits(&request.headers) {
        return Err(Refusal::new(401, "Unauthorized"));
    }
    let plan = shared.faults().plan(call.verb, call.address(), &call.query);
    valve.shape(plan.wire.clone());
    if let Some(delay) = plan.delay {
        tokio::time::sleep(delay).await;
    }
    if let Some((status, retry_after)) = plan.http {
        return Err(Refusal::new(status, "answered by a fault").retry_after(retry_after));
    }
    if request.method != Method::GET {
        let message = "this server replays a recording: it supports get, list and watch, and refuses writes";
        return Err(Refusal::new(405, message));
    }
    let Target::Objects { address, namespace, name } = &call.target else {
        return Ok(about(shared, request, &call.target));
    };
    let clock_jump = plan.clock_jump;
    let request = ObjectRequest {
        shared,
        valve,
        parts: request,
        call,
        address,
        namespace,
        name,
        form: form(request, &call.query)?,
    };
    let mut response = match call.verb {
        Verb::Watch => stream::answer(&request, plan),
        Verb::List => list::answer(&request, plan),
        _ => object::answer(&request),
    }?;
    if let Some(date) = clock_jump.and_then(date) {
        response.headers_mut().insert(header::DATE, date);
    }
    Ok(response)
}

/// The header `Date` of a clock that is ahead.
fn date(ahead: jiff::SignedDuration) -> Option<HeaderValue> {
    let now = jiff::Timestamp::now().checked_add(ahead).ok()?;
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now).ok()?;
    HeaderValue::try_from(text).ok()
}

/// Requests that are not about objects.
fn about(shared: &Shared, request: &Parts, target: &Target) -> Response<Body> {
    let state = shared.store.lock();
    let json = match target {
        Target::Version => Some(discovery::version(&shared.options.server_version)),
        Target::Health => return body::text("ok"),
        Target::Core | Target::Groups if accepts_aggregated(request) => {
            let list = discovery::aggregated(&state, *target == Target::Core);
            return body::of_type(AGGREGATED, list.to_string() + "\n");
        }
        Target::Core => Some(discovery::core_versions()),
        Target::Groups => Some(discovery::groups(&state)),
        Target::Group(group) => discovery::group(&state, group),
        Target::GroupVersion(group, version) => discovery::resources(&state, group, version),
        Target::OpenApi(2) => Some(discovery::openapi_v2(&shared.options.server_version)),
        Target::OpenApi(_) => Some(serde_json::json!({"paths": {}})),
        Target::Objects { .. } | Target::Unknown => None,
    };
    json.map_or_else(body::page_not_found, |json| body::json(json.to_string() + "\n"))
}

/// The media type of aggregated discovery.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// Whether the client asks for aggregated discovery, in the version that is served.
fn accepts_aggregated(request: &Parts) -> bool {
    let accept = request.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|media| {
        let parts: Vec<&str> = media.split(';').map(str::trim).collect();
        parts.first() == Some(&"application/json")
            && ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"].iter().all(|part| parts.contains(part))
    })
}
