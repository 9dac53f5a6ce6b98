//! The server's side of a TCP connection, with a valve for faults: cut it, fall silent, write in small segments, give
//! up on a slow reader.
//!
//! Faults act here and not in the HTTP layer, so that clients see what a broken network does: bytes stop.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

// 0 is open.
/// Cut once everything handed over is sent.
const CUT: u8 = 1;
/// Fall silent once everything handed over is sent.
const MUTE: u8 = 2;
/// Silent: nothing is read, nothing is written, nothing is closed.
const MUTED: u8 = 3;

/// Controls what happens on one connection.
#[derive(Debug, Default)]
pub(super) struct Valve {
    mode: AtomicU8,
    shape: Mutex<WireShape>,
    drop_slow: Option<Duration>,
}

/// How bytes are written.
#[derive(Clone, Debug, Default)]
pub(super) struct WireShape {
    /// Sizes of single writes, used in turn; empty for the caller's sizes.
    pub segments: Vec<usize>,
    /// Disconnect a client that reads nothing for this long.
    pub drop_slow: Option<Duration>,
}

impl Valve {
    /// An open one; a client that reads nothing for `drop_slow` is disconnected.
    pub(super) fn new(drop_slow: Option<Duration>) -> Self {
        Self { drop_slow, ..Self::default() }
    }

    /// Closes the connection without an end of the response, once everything handed over is sent.
    pub(super) fn cut(&self) {
        self.mode.store(CUT, Ordering::Release);
    }

    /// Stops sending and keeps the connection open, once everything handed over is sent.
    pub(super) fn mute(&self) {
        self.mode.store(MUTE, Ordering::Release);
    }

    /// Closes the connection as [`Valve::cut`] does; a stream that awaits it gives nothing more.
    pub(super) async fn cut_for_good<T>(&self) -> T {
        self.cut();
        Self::nothing_more().await
    }

    /// The same for [`Valve::mute`].
    pub(super) async fn mute_for_good<T>(&self) -> T {
        self.mute();
        Self::nothing_more().await
    }

    /// The valve acts at the next flush of the connection; yielding once makes sure that there is one.
    async fn nothing_more<T>() -> T {
        tokio::task::yield_now().await;
        std::future::pending().await
    }

    /// True when it has fallen silent.
    pub(super) fn is_mute(&self) -> bool {
        self.mode.load(Ordering::Acquire) == MUTED
    }

    /// Sets how the next response is written.
    pub(super) fn shape(&self, shape: WireShape) {
        *self.shape.lock().unwrap_or_else(PoisonError::into_inner) = shape;
    }
}

/// The connection.
pub(super) struct Wire {
    socket: TcpStream,
    valve: Arc<Valve>,
    turn: usize,
    /// Yields to the runtime after a small segment, so that the other side can read it separately.
    rest: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, valve: Arc<Valve>) -> Self {
        Self { socket, valve, turn: 0, rest: None, stalled: None }
    }

    fn write(
        &mut self,
        cx: &mut Context<'_>,
        length: usize,
        whole: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
        part: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>, usize) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if self.valve.is_mute() {
            return Poll::Pending;
        }
        let (segment, patience) = {
            let shape = self.valve.shape.lock().unwrap_or_else(PoisonError::into_inner);
            let sizes = &shape.segments;
            (
                (!sizes.is_empty()).then(|| sizes[self.turn % sizes.len()].max(1)),
                shape.drop_slow.or(self.valve.drop_slow),
            )
        };
        if let Some(rest) = &mut self.rest {
            ready!(rest.as_mut().poll(cx));
            self.rest = None;
        }
        let socket = Pin::new(&mut self.socket);
        let written = match segment {
            Some(segment) => part(socket, cx, segment.min(length)),
            None => whole(socket, cx),
        };
        if written.is_ready() {
            self.turn = self.turn.wrapping_add(1);
            self.rest =
                segment.map(|_| -> Pin<Box<dyn Future<Output = ()> + Send>> { Box::pin(tokio::task::yield_now()) });
            self.stalled = None;
        } else if let Some(patience) = patience {
            let stalled = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
            ready!(stalled.as_mut().poll(cx));
            return Poll::Ready(Err(io::Error::new(ErrorKind::TimedOut, "the client does not read")));
        }
        written
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.valve.is_mute() {
            return Poll::Pending;
        }
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(
            cx,
            bytes.len(),
            |socket, cx| socket.poll_write(cx, bytes),
            |socket, cx, size| socket.poll_write(cx, &bytes[..size]),
        )
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |slice| &slice[..]);
        self.write(
            cx,
            first.len(),
            |socket, cx| socket.poll_write_vectored(cx, slices),
            |socket, cx, size| socket.poll_write(cx, &first[..size]),
        )
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Called once everything that HTTP handed over is written: the moment at which a valve acts.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.valve.mode.load(Ordering::Acquire) {
            CUT => Poll::Ready(Err(io::Error::new(ErrorKind::ConnectionAborted, "cut by a fault"))),
            MUTE => {
                self.valve.mode.store(MUTED, Ordering::Release);
                Poll::Pending
            }
            MUTED => Poll::Pending,
            _ => Pin::new(&mut self.socket).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.valve.is_mute() {
            return Poll::Pending;
        }
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
