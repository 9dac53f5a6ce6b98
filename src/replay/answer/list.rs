//! LIST: one page, read and sent piece by piece, compressed if the client accepts that, and cut off if a fault says so.

use super::super::body::{self, Body};
use super::super::discovery;
use super::super::fault::Plan;
use super::super::page::{self, Page};
use super::super::refusal::Refusal;
use super::super::selector::Selection;
use super::super::store::{Address, Store};
use super::super::wire::Valve;
use super::request::{ObjectRequest, known};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::{Stream, StreamExt};
use http::request::Parts;
use http::{HeaderValue, Response, header};
use std::io::Write;
use std::sync::Arc;

/// Size in bytes of the pieces of a list, after the first.
const PIECE: usize = 64 * 1024;

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
    known(collection, &selection.scope)?;
    let position = page::position(&state, collection, &selection, query)?;
    let limit = query.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
    let mut page = Page::new(request.form, position, limit);
    // A list that is small enough to be sent as it is, in one piece.
    let first = page.next(collection, &selection, state.now(), shared.options.gzip_from_bytes).unwrap_or_default();
    let listing = Listing {
        store: shared.store.clone(),
        address: request.address.clone(),
        round: state.round,
        selection,
        is_over: page.is_over(),
        page,
        valve: request.valve.clone(),
    };
    drop(state);
    let wanted = plan.gzip.unwrap_or(first.len() >= shared.options.gzip_from_bytes || !listing.is_over);
    let compress = wanted && accepts_gzip(request.parts);
    let is_whole = listing.is_over && plan.chunks.is_empty() && plan.cut_list.is_none();
    let mut response = if is_whole {
        body::json(if compress { gzip(&first) } else { first })
    } else {
        let pieces = futures::stream::iter([Bytes::from(first)]).chain(listing.pieces());
        let valve = request.valve.clone();
        match (compress, plan.cut_list) {
            (true, at) => body::stream(cut(compressed(pieces), at, valve), plan.chunks),
            (false, Some(at)) => body::stream(cut(pieces, Some(at), valve), plan.chunks),
            (false, None) => body::stream(pieces, plan.chunks),
        }
    };
    if compress {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}

/// The rest of a list.
struct Listing {
    store: Store,
    address: Address,
    round: u64,
    selection: Selection,
    page: Page,
    is_over: bool,
    valve: Arc<Valve>,
}

impl Listing {
    fn pieces(self) -> impl Stream<Item = Bytes> + Send + use<> {
        futures::stream::unfold(self, |mut listing| async move {
            match listing.piece() {
                Ok(piece) => Some((piece?, listing)),
                Err(Moved) => listing.valve.cut_for_good().await,
            }
        })
    }

    /// The next piece.
    ///
    /// # Errors
    /// What was listed is not there any more: the recording was moved back, or the resource is not served.
    fn piece(&mut self) -> Result<Option<Bytes>, Moved> {
        let state = self.store.lock();
        let collection = state.served(&self.address).filter(|_| state.round == self.round).ok_or(Moved)?;
        Ok(self.page.next(collection, &self.selection, state.now(), PIECE).map(Bytes::from))
    }
}

struct Moved;

fn accepts_gzip(request: &Parts) -> bool {
    let header = request.headers.get(header::ACCEPT_ENCODING).and_then(|encoding| encoding.to_str().ok());
    header.is_some_and(|header| header.split(',').any(|encoding| encoding.trim().starts_with("gzip")))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("a Vec takes every byte")
}

/// A body, compressed piece by piece.
fn compressed(pieces: impl Stream<Item = Bytes> + Send + 'static) -> impl Stream<Item = Bytes> + Send {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    futures::stream::unfold((Box::pin(pieces), Some(encoder)), |(mut pieces, encoder)| async move {
        let mut encoder = encoder?;
        loop {
            let Some(piece) = pieces.next().await else {
                let rest = encoder.finish().expect("a Vec takes every byte");
                return Some((Bytes::from(rest), (pieces, None)));
            };
            encoder.write_all(&piece).expect("a Vec takes every byte");
            let out = std::mem::take(encoder.get_mut());
            if !out.is_empty() {
                return Some((Bytes::from(out), (pieces, Some(encoder))));
            }
        }
    })
}

/// A body, or its first bytes followed by the end of the connection.
fn cut(
    pieces: impl Stream<Item = Bytes> + Send + 'static,
    at: Option<usize>,
    valve: Arc<Valve>,
) -> impl Stream<Item = Bytes> + Send {
    futures::stream::unfold((Box::pin(pieces), at, valve), |(mut pieces, left, valve)| async move {
        if left == Some(0) {
            return valve.cut_for_good().await;
        }
        match pieces.next().await {
            Some(piece) => {
                let size = left.unwrap_or(piece.len()).min(piece.len());
                Some((piece.slice(..size), (pieces, left.map(|left| left - size), valve)))
            }
            None if left.is_some() => valve.cut_for_good().await,
            None => None,
        }
    })
}
