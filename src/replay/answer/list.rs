//! LIST: one page, compressed if the client accepts that, and cut off if a fault says so.

use super::super::body::{self, Body};
use super::super::fault::Plan;
use super::super::refusal::Refusal;
use super::super::wire::Valve;
use super::super::{discovery, page};
use super::request::ObjectRequest;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderValue, Response, header};
use std::io::Write;
use std::sync::Arc;

pub(super) fn answer(request: &ObjectRequest<'_>, plan: Plan) -> Result<Response<Body>, Refusal> {
    let (shared, query) = (request.shared, &request.call.query);
    if let (Some(status), true) = (plan.refuse_exact, page::is_exact(query)) {
        return Err(Refusal::new(status, "this server does not list at an exact resourceVersion"));
    }
    if let (true, Some(refusal)) = (plan.expire_continue, page::expired_token(query)) {
        return Err(refusal);
    }
    let state = shared.store.lock();
    let Some(collection) = state.served(request.address) else {
        if request.is_about_namespaces() {
            let list = discovery::namespaces(&state, &shared.options.cluster_uid, query);
            return Ok(body::json(list.to_string() + "\n"));
        }
        return Ok(request.not_served(&state));
    };
    let selection = request.selection(collection)?;
    let position = page::position(&state, query)?;
    let limit = query.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
    let list = page::json(collection, &selection, request.form, &position, limit);
    drop(state);
    let wanted = plan.gzip.unwrap_or(list.len() >= shared.options.gzip_from_bytes);
    let compress = wanted && accepts_gzip(request.parts);
    let list = Bytes::from(if compress { gzip(&list) } else { list });
    let mut response = if plan.chunks.is_empty() && plan.cut_list.is_none() {
        body::json(list)
    } else {
        body::stream(cut(&list, plan.cut_list, request.valve.clone()), plan.chunks)
    };
    if compress {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

fn accepts_gzip(request: &Parts) -> bool {
    let header = request.headers.get(header::ACCEPT_ENCODING).and_then(|encoding| encoding.to_str().ok());
    header.is_some_and(|header| header.split(',').any(|encoding| encoding.trim().starts_with("gzip")))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("a Vec takes every byte")
}

/// A whole body, or its first bytes followed by the end of the connection.
fn cut(whole: &Bytes, at: Option<usize>, valve: Arc<Valve>) -> impl futures::Stream<Item = Bytes> + Send + use<> {
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
