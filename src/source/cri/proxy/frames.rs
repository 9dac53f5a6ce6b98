//! The frames that pass one way on a connection of HTTP/2, as h2 reads them from a copy of the bytes.

use bytes::{Buf as _, Bytes, BytesMut};
use futures::{FutureExt as _, StreamExt as _};
use h2::Codec;
use h2::frame::{Frame, Settings};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Largest table of headers that is kept.
const MOST_TABLE: usize = 1 << 20;

/// What passes is no HTTP/2, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Reads frames.
#[derive(Debug)]
pub(super) struct Frames {
    codec: Codec<Passed, Bytes>,
    /// How large the table of headers may become.
    table: usize,
}

impl Frames {
    /// Before anything has passed.
    pub(super) fn new() -> Self {
        Self { codec: Codec::new(Passed(BytesMut::new())), table: 0 }
    }

    /// Something has passed.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.codec.get_mut().0.extend_from_slice(bytes);
    }

    /// The next frame, if it is whole.
    ///
    /// # Errors
    /// What passed can no longer be read.
    pub(super) fn next(&mut self) -> Result<Option<Frame>, Unreadable> {
        match self.codec.next().now_or_never() {
            None => Ok(None),
            Some(Some(Ok(frame))) => Ok(Some(frame)),
            Some(Some(Err(_)) | None) => Err(Unreadable),
        }
    }

    /// What the reader of these frames allows. What was allowed before may still pass.
    pub(super) fn allow(&mut self, settings: &Settings) {
        let size = |size: Option<u32>| size.and_then(|size| usize::try_from(size).ok());
        if let Some(table) = size(settings.header_table_size()).filter(|table| *table > self.table) {
            self.table = table.min(MOST_TABLE);
            self.codec.set_recv_header_table_size(self.table);
        }
        if let Some(frame) = size(settings.max_frame_size()).filter(|frame| *frame > self.codec.max_recv_frame_size()) {
            self.codec.set_max_recv_frame_size(frame);
        }
    }
}

/// What has passed and was not read yet.
#[derive(Debug)]
struct Passed(BytesMut);

impl AsyncRead for Passed {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.0.is_empty() {
            return Poll::Pending;
        }
        let length = self.0.len().min(to.remaining());
        to.put_slice(&self.0[..length]);
        self.0.advance(length);
        Poll::Ready(Ok(()))
    }
}

/// h2 asks for it. Nothing is written.
impl AsyncWrite for Passed {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Err(io::ErrorKind::Unsupported.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
