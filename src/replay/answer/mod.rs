//! From a request to its answer: who may ask, which faults strike, and what the store says.
//!
//! It refuses every write: the past cannot be changed.

mod list;
mod object;
mod stream;

use super::body::{self, Body};
use super::collection::{Collection, Form};
use super::discovery;
use super::document::selectable;
use super::refusal::Refusal;
use super::route::{Call, Target, Verb};
use super::selector::Selection;
use super::server::Shared;
use super::store::{Address, State};
use super::wire::Valve;
use http::request::Parts;
use http::{Method, Response, header};
use std::sync::Arc;

/// A request about objects, with everything that its answer needs.
struct Question<'a> {
    shared: &'a Arc<Shared>,
    valve: &'a Arc<Valve>,
    request: &'a Parts,
    call: &'a Call,
    address: &'a Address,
    namespace: &'a str,
    name: &'a str,
    form: Form,
}

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
        let message = "this server replays a recording: it answers get, list and watch, and takes no writes";
        return Err(Refusal::new(405, message));
    }
    let Target::Objects { address, namespace, name } = &call.target else { return Ok(about(shared, &call.target)) };
    let question = Question { shared, valve, request, call, address, namespace, name, form: form(request)? };
    match call.verb {
        Verb::Watch => stream::answer(&question, plan),
        Verb::List => list::answer(&question, plan),
        _ => object::answer(&question),
    }
}

/// What is no object.
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

impl Question<'_> {
    fn selection(&self, collection: &Collection) -> Result<Selection, Refusal> {
        let (labels, fields) = (self.call.query.text("labelSelector"), self.call.query.text("fieldSelector"));
        Selection::read(self.namespace, labels, fields, selectable(&collection.resource))
            .map_err(|message| Refusal::new(400, message))
    }

    /// Namespaces are answered even if the script has none.
    fn is_about_namespaces(&self) -> bool {
        let (group, version, plural) = self.address;
        group.is_empty() && version == "v1" && plural == "namespaces"
    }

    /// A group that is served knows how to say no; any other path is nobody's.
    fn not_served(&self, state: &State) -> Response<Body> {
        let (group, version, _) = self.address;
        match discovery::resources(state, group, version) {
            Some(_) => Refusal::no_resource().response(),
            None => body::page_not_found(),
        }
    }
}

/// The form that the client asks for: the first of its Accept list that can be served.
fn form(request: &Parts) -> Result<Form, Refusal> {
    let accept = request.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or("*/*");
    let known = accept.split(',').find_map(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let media = parts.next()?;
        if !matches!(media, "application/json" | "application/*" | "*/*") {
            return None;
        }
        match parts.find_map(|part| part.strip_prefix("as=")) {
            None => Some(Form::Full),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList") => Some(Form::Metadata),
            Some(_) => None,
        }
    });
    known.ok_or_else(|| Refusal::new(406, "only application/json, whole or as PartialObjectMetadata, is served"))
}
