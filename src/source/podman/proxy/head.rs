//! The heads of requests and answers of HTTP/1.1, as far as they are read: never a header of a client's authorisation.

use super::body::{Body, MOST_HEAD, Unreadable};
use httparse::{EMPTY_HEADER, Header, Status};

/// Most headers of a head; at first, room is made for fewer.
const MOST_HEADERS: usize = 1 << 14;
const FEW_HEADERS: usize = 64;

/// The head of a request.
#[derive(Debug)]
pub(super) struct Request {
    /// Its method.
    pub method: String,
    /// What it asks for.
    pub target: String,
    /// What follows it, if anything does.
    pub body: Option<Body>,
    /// It asks for the connection.
    pub upgrades: bool,
}

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status.
    pub code: u16,
    /// What follows it, if anything does.
    pub body: Option<Body>,
    /// It is compressed.
    pub is_encoded: bool,
    /// It is a stream of an attached container, without an upgrade.
    pub is_attached: bool,
}

/// The head of a request at the begin of bytes, with its length, if it is whole.
pub(super) fn request(bytes: &[u8]) -> Result<Option<(usize, Request)>, Unreadable> {
    whole(bytes, |headers| {
        let mut request = httparse::Request::new(headers);
        let Status::Complete(length) = request.parse(bytes)? else { return Ok(Status::Partial) };
        let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
        let (method, target) = (method.to_owned(), target.to_owned());
        let upgrades = values(request.headers, "upgrade").next().is_some();
        let request = framing(request.headers).map(|body| Request { method, target, body, upgrades });
        Ok(Status::Complete((length, request)))
    })
}

/// The head of an answer at the begin of bytes, with its length, if it is whole; it may be that of a `HEAD`.
pub(super) fn answer(bytes: &[u8], is_of_head: bool) -> Result<Option<(usize, Answer)>, Unreadable> {
    whole(bytes, |headers| {
        let mut answer = httparse::Response::new(headers);
        let Status::Complete(length) = answer.parse(bytes)? else { return Ok(Status::Partial) };
        let code = answer.code.unwrap_or_default();
        let body = if is_of_head || matches!(code, 100..=199 | 204 | 304) {
            Ok(None)
        } else {
            framing(answer.headers).map(|body| body.or(Some(Body::ToEnd)))
        };
        let is_encoded = values(answer.headers, "content-encoding").any(|coding| coding != b"identity");
        let is_attached = values(answer.headers, "content-type").any(|of| of.starts_with(b"application/vnd.docker."));
        let answer = body.map(|body| Answer { code, body, is_encoded, is_attached });
        Ok(Status::Complete((length, answer)))
    })
}

/// Parses a head, with room for as many headers as it has.
fn whole<'a, T>(
    bytes: &'a [u8],
    parse: impl Fn(&mut [Header<'a>]) -> httparse::Result<(usize, Result<T, Unreadable>)>,
) -> Result<Option<(usize, T)>, Unreadable> {
    let mut room = FEW_HEADERS;
    loop {
        match parse(&mut vec![EMPTY_HEADER; room]) {
            Ok(Status::Complete((length, head))) if length <= MOST_HEAD => return Ok(Some((length, head?))),
            Ok(Status::Partial) if bytes.len() <= MOST_HEAD => return Ok(None),
            Err(httparse::Error::TooManyHeaders) if room < MOST_HEADERS => room = MOST_HEADERS,
            Ok(_) | Err(_) => return Err(Unreadable),
        }
    }
}

fn values<'a>(headers: &'a [Header<'_>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
}

/// What says how long a body is; none where nothing does.
fn framing(headers: &[Header<'_>]) -> Result<Option<Body>, Unreadable> {
    let mut codings = values(headers, "transfer-encoding");
    if let Some(coding) = codings.next() {
        let is_chunked = coding.trim_ascii().eq_ignore_ascii_case(b"chunked") && codings.next().is_none();
        return if is_chunked { Ok(Some(Body::chunked())) } else { Err(Unreadable) };
    }
    let mut lengths = values(headers, "content-length").map(<[u8]>::trim_ascii);
    let Some(length) = lengths.next() else { return Ok(None) };
    if lengths.any(|other| other != length) || !length.iter().all(u8::is_ascii_digit) {
        return Err(Unreadable);
    }
    let length = std::str::from_utf8(length).ok().and_then(|length| length.parse().ok());
    length.map(|length| Some(Body::Length(length))).ok_or(Unreadable)
}
