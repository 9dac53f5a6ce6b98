//! Response bodies: complete ones, streams, and streams that a fault ends.
//!
//! Nothing is buffered: a stream produces its next bytes when the socket asks for them.

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{HeaderValue, Response, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;

/// The body of every response.
pub(super) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A complete JSON body.
pub(super) fn json(text: impl Into<Bytes>) -> Response<Body> {
    typed("application/json", Full::new(text.into()).boxed_unsync())
}

/// A complete body of another media type.
pub(super) fn of_type(media: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    typed(media, Full::new(text.into()).boxed_unsync())
}

/// The response of Go's mux to paths without a handler.
pub(super) fn page_not_found() -> Response<Body> {
    let mut response = typed("text/plain; charset=utf-8", Full::new("404 page not found\n".into()).boxed_unsync());
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}

/// Plain text.
pub(super) fn text(text: &'static str) -> Response<Body> {
    typed("text/plain; charset=utf-8", Full::new(text.into()).boxed_unsync())
}

/// A streamed JSON body. Each piece is one chunk of the chunked encoding, unless `chunks` gives smaller sizes, which
/// are used in turn.
pub(super) fn stream(pieces: impl Stream<Item = Bytes> + Send + 'static, chunks: Vec<usize>) -> Response<Body> {
    let frames = |piece| Ok(Frame::data(piece));
    let body = if chunks.is_empty() {
        StreamBody::new(pieces.map(frames)).boxed_unsync()
    } else {
        let mut sizes = chunks.into_iter().cycle();
        let cut = pieces.flat_map(move |piece| futures::stream::iter(split(piece, &mut sizes)));
        StreamBody::new(cut.map(frames)).boxed_unsync()
    };
    typed("application/json", body)
}

fn split(mut piece: Bytes, sizes: &mut impl Iterator<Item = usize>) -> Vec<Bytes> {
    let mut parts = Vec::new();
    while !piece.is_empty() {
        let size = sizes.next().unwrap_or(piece.len()).clamp(1, piece.len());
        parts.push(piece.split_to(size));
    }
    parts
}

fn typed(content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
