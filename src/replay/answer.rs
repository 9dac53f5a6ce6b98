//! From a request to its answer: who may ask, which faults strike, and what the store says.
//!
//! It refuses every write: the past cannot be changed.

use super::body::{self, Body};
use super::collection::{Bookmark, Collection, Form};
use super::document::selectable;
use super::fault::{Gone, OldServer, Plan};
use super::refusal::Refusal;
use super::route::{Call, Target, Verb};
use super::selector::Selection;
use super::server::Shared;
use super::store::{Address, State};
use super::watch::{Clocks, Watching, beginning};
use super::wire::Valve;
use super::{discovery, page};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Method, Response, header};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

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
        return Err(Refusal::new(
            405,
            "this server replays a recording: it answers get, list and watch, and takes no writes",
        ));
    }
    match &call.target {
        Target::Objects { address, namespace, name } => {
            let form = form(request)?;
            match call.verb {
                Verb::Watch => watch(shared, valve, plan, call, address, (namespace, name), form),
                _ if name.is_empty() => list(shared, valve, plan, request, call, address, namespace, form),
                _ => get(shared, address, namespace, name, form),
            }
        }
        other => Ok(about(shared, other)),
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

fn get(shared: &Shared, address: &Address, namespace: &str, name: &str, form: Form) -> Result<Response<Body>, Refusal> {
    let state = shared.store.lock();
    let key = if namespace.is_empty() { name.to_owned() } else { format!("{namespace}/{name}") };
    let Some(collection) = state.served(address) else {
        return own_namespaces(&state, address, |state| {
            let known = discovery::namespaces(state, "", &super::route::Query::default())["items"]
                .as_array()
                .is_some_and(|items| items.iter().any(|item| item["metadata"]["name"] == name));
            let mut namespace = discovery::namespace(name, &shared.options.cluster_uid);
            namespace["kind"] = "Namespace".into();
            namespace["apiVersion"] = "v1".into();
            if known { Ok(namespace.to_string()) } else { Err(Refusal::no_object("namespaces", name)) }
        });
    };
    let resource = collection.resource.to_string();
    let version = collection.live(&key).ok_or_else(|| Refusal::no_object(&resource, name))?;
    let mut object = Vec::new();
    collection.write(&mut object, version, form, true);
    object.push(b'\n');
    Ok(body::json(object))
}

#[expect(clippy::too_many_arguments, reason = "the parts of one request, used once")]
fn list(
    shared: &Shared,
    valve: &Arc<Valve>,
    plan: Plan,
    request: &Parts,
    call: &Call,
    address: &Address,
    namespace: &str,
    form: Form,
) -> Result<Response<Body>, Refusal> {
    if let (Some(status), true) = (plan.refuse_exact, page::is_exact(&call.query)) {
        return Err(Refusal::new(status, "this server does not list at an exact resourceVersion"));
    }
    if let (true, Some(refusal)) = (plan.expire_continue, page::expired_token(&call.query)) {
        return Err(refusal);
    }
    let state = shared.store.lock();
    let Some(collection) = state.served(address) else {
        return own_namespaces(&state, address, |state| {
            Ok(discovery::namespaces(state, &shared.options.cluster_uid, &call.query).to_string())
        });
    };
    let selection = selection(collection, call, namespace)?;
    let position = page::position(&state, &call.query)?;
    let limit = call.query.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
    let list = page::json(collection, &selection, form, &position, limit);
    drop(state);
    let compress = plan.gzip.unwrap_or(list.len() >= shared.options.gzip_from_bytes) && accepts_gzip(request);
    let list = Bytes::from(if compress { gzip(&list) } else { list });
    let mut response = if plan.chunks.is_empty() && plan.cut_list.is_none() {
        body::json(list)
    } else {
        body::stream(cut(list, plan.cut_list, valve.clone()), &plan.chunks)
    };
    if compress {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn watch(
    shared: &Arc<Shared>,
    valve: &Arc<Valve>,
    plan: Plan,
    call: &Call,
    address: &Address,
    (namespace, name): (&str, &str),
    form: Form,
) -> Result<Response<Body>, Refusal> {
    let query = &call.query;
    if plan.old_server == Some(OldServer::Refuse) {
        return Err(Refusal::new(
            422,
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is \
             enabled",
        ));
    }
    if !name.is_empty() {
        return Err(Refusal::new(400, "watch one object with fieldSelector=metadata.name=NAME"));
    }
    // Subscribed before the state is read, so that nothing falls between.
    let changes = shared.store.changes();
    let state = shared.store.lock();
    let Some(collection) = state.served(address) else { return Ok(not_served(&state, address)) };
    let selection = selection(collection, call, namespace)?;
    let begun = match plan.gone {
        Some(_) => Err(Refusal::expired_watch(query.number("resourceVersion").unwrap_or(0), state.revision)),
        None => beginning(&state, collection, &selection, query, plan.old_server.is_none()),
    };
    let beginning = match begun {
        Ok(beginning) => beginning,
        Err(refusal) if refusal.code == 410 && plan.gone.unwrap_or(shared.options.gone) == Gone::InStream => {
            let event = Bytes::from(refusal.event());
            return Ok(body::stream(futures::stream::iter([event]), &plan.chunks));
        }
        Err(refusal) => return Err(refusal),
    };
    let timeout = query.number("timeoutSeconds").filter(|seconds| *seconds > 0).map(Duration::from_secs);
    let watching = Watching {
        store: shared.store.clone(),
        address: address.clone(),
        selection,
        form,
        bookmark: if query.flag("allowWatchBookmarks") { plan.bookmarks } else { Bookmark::Off },
        shown: collection.len(),
        beginning,
        shape: plan.shape,
        valve: valve.clone(),
        clocks: Clocks::new(
            shared.options.bookmark_every,
            shared.bookmark_now(),
            timeout.or(shared.options.watch_timeout),
            shared.closing.clone(),
        ),
        changes,
    };
    drop(state);
    let open = Open::new(shared.clone(), address.clone());
    let pieces = futures::stream::unfold((watching, open), |(mut watching, open)| async move {
        let piece = watching.next().await?;
        Some((piece, (watching, open)))
    });
    Ok(body::stream(pieces, &plan.chunks))
}

/// A watch in the journal for as long as it lives.
struct Open(Arc<Shared>, Address);

impl Open {
    fn new(shared: Arc<Shared>, address: Address) -> Self {
        shared.journal.watching(&address, true);
        Self(shared, address)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.journal.watching(&self.1, false);
    }
}

fn selection(collection: &Collection, call: &Call, namespace: &str) -> Result<Selection, Refusal> {
    let (labels, fields) = (call.query.text("labelSelector"), call.query.text("fieldSelector"));
    Selection::read(namespace, labels, fields, selectable(&collection.resource))
        .map_err(|message| Refusal::new(400, message))
}

/// Namespaces are answered even if the script has none.
fn own_namespaces(
    state: &State,
    (group, version, plural): &Address,
    json: impl FnOnce(&State) -> Result<String, Refusal>,
) -> Result<Response<Body>, Refusal> {
    if group.is_empty() && version == "v1" && plural == "namespaces" {
        return json(state).map(|json| body::json(json + "\n"));
    }
    Ok(not_served(state, &(group.clone(), version.clone(), plural.clone())))
}

/// A group that is served knows how to say no; any other path is nobody's.
fn not_served(state: &State, (group, version, _): &Address) -> Response<Body> {
    match discovery::resources(state, group, version) {
        Some(_) => Refusal::no_resource().response(),
        None => body::page_not_found(),
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

fn accepts_gzip(request: &Parts) -> bool {
    let header = request.headers.get(header::ACCEPT_ENCODING).and_then(|encoding| encoding.to_str().ok());
    header.is_some_and(|header| header.split(',').any(|encoding| encoding.trim().starts_with("gzip")))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("a Vec takes every byte")
}

/// A whole body, or its first bytes and then the end of the connection.
fn cut(whole: Bytes, at: Option<usize>, valve: Arc<Valve>) -> impl futures::Stream<Item = Bytes> + Send {
    let first = whole.slice(..at.unwrap_or(whole.len()).min(whole.len()));
    futures::stream::unfold((Some(first), valve), move |(first, valve)| async move {
        if let Some(first) = first {
            return Some((first, (None, valve)));
        }
        at?;
        valve.cut();
        tokio::task::yield_now().await;
        std::future::pending().await
    })
}
