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
use http::{Method, Response, header};
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
    if !shared.admits(request.headers.get(header::AUTHORIZATION)) {
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
    let Target::Objects { address, namespace, name } = &call.target else { return Ok(about(shared, &call.target)) };
    let request = ObjectRequest { shared, valve, parts: request, call, address, namespace, name, form: form(request)? };
    match call.verb {
        Verb::Watch => stream::answer(&request, plan),
        Verb::List => list::answer(&request, plan),
        _ => object::answer(&request),
    }
}

/// Requests that are not about objects.
fn about(shared: &Shared, target: &Target) -> Response<Body> {
    let state = shared.store.lock();
    let json = match target {
        Target::Version => Some(discovery::version(&shared.options.server_version)),
        Target::Health => return body::text("ok"),
        Target::Core => Some(discovery::core_versions()),
        Target::Groups => Some(discovery::groups(&state)),
        Target::Group(group) => discovery::group(&state, group),
        Target::GroupVersion(group, version) => discovery::resources(&state, group, version),
        Target::Objects { .. } | Target::Unknown => None,
    };
    json.map_or_else(body::page_not_found, |json| body::json(json.to_string() + "\n"))
}
