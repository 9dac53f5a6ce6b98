//! A body that is passed on as it comes, while a copy of what is recorded is taken.

use super::call::Passing;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

/// Most bytes of a request that are read: more than containerd takes.
const MOST: usize = 17 << 20;
/// What precedes a message of gRPC: whether it is compressed, and its length.
const PREFIX: usize = 5;

/// Which way it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// To the runtime.
    Request,
    /// To the client.
    Answer,
}

/// The body of a request or of an answer.
#[derive(Debug)]
pub(super) struct Tapped {
    inner: Incoming,
    side: Side,
    call: Arc<Mutex<Passing>>,
    /// What of the request was read so far; none once that is done.
    copy: Option<BytesMut>,
}

impl Tapped {
    pub(super) fn new(inner: Incoming, side: Side, call: Arc<Mutex<Passing>>) -> Self {
        let copy = (side == Side::Request).then(BytesMut::new);
        Self { inner, side, call, copy }
    }

    fn requested(&mut self, data: Option<&Bytes>) {
        let Some(copy) = &mut self.copy else { return };
        let mut call = self.call.lock().unwrap_or_else(PoisonError::into_inner);
        if !call.is_read() || data.is_none() {
            self.copy = None;
            call.requested(&[]);
            return;
        }
        copy.extend_from_slice(data.map(Bytes::as_ref).unwrap_or_default());
        let Some((prefix, message)) = copy.split_at_checked(PREFIX) else { return };
        let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if prefix[0] != 0 || length > MOST {
            call.unread();
            call.requested(&[]);
        } else if let Some(message) = message.get(..length) {
            call.requested(message);
        } else {
            return;
        }
        self.copy = None;
    }

    fn answered(&self, code: Option<&str>) {
        self.call.lock().unwrap_or_else(PoisonError::into_inner).answered(code);
    }
}

fn code(trailers: &HeaderMap) -> Option<&str> {
    trailers.get("grpc-status")?.to_str().ok()
}

impl Body for Tapped {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match (&frame, self.side) {
            (Some(Ok(frame)), Side::Request) => {
                if let Some(data) = frame.data_ref() {
                    self.requested(Some(data));
                }
            }
            (None, Side::Request) => self.requested(None),
            (Some(Ok(frame)), Side::Answer) => {
                if let Some(trailers) = frame.trailers_ref() {
                    self.answered(code(trailers));
                }
            }
            (None | Some(Err(_)), Side::Answer) => self.answered(None),
            (Some(Err(_)), Side::Request) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        match self.side {
            // It may end without a last poll.
            Side::Request => self.requested(None),
            Side::Answer => self.answered(None),
        }
    }
}
