//! Passes on what comes, as it was read.

use bytes::{Buf as _, BytesMut};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{ReadHalf, WriteHalf};
use tokio::sync::Notify;

/// A look, without waiting.
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// As many bytes are read at once.
const AT_ONCE: usize = 64 << 10;

/// What passes on a connection, read along without I/O.
pub(in super::super) trait Exchange: Send + 'static {
    /// Reads what comes from the client, and returns how much of it may be passed on. The rest has to come again, with
    /// more, or once an answer came.
    fn requested(&mut self, bytes: &[u8]) -> usize;
    /// True while it depends on an answer what follows from the client.
    fn is_waiting(&self) -> bool;
    /// Reads what comes from the source, all of which may be passed on.
    fn answered(&mut self, bytes: &[u8]);
    /// The source sends no more.
    fn ended(&mut self);
    /// The client sends no more, and waits for answers.
    fn asked_all(&mut self);
    /// The client is gone.
    fn cut(&mut self);
}

/// Passes on what comes, both ways, until one of them ends.
pub(in super::super) async fn relay(exchange: impl Exchange, mut client: UnixStream, mut source: UnixStream) {
    let connection = Connection { exchange: Mutex::new(exchange), answered: Notify::new() };
    let ((from_client, to_client), (from_source, to_source)) = (client.split(), source.split());
    let requests = connection.requests(from_client, to_source);
    // One that takes no more may still have sent something, and one that sends no more may still read.
    let _ = tokio::join!(requests, async {
        let answers = connection.answers(from_source, to_client).await;
        connection.exchange().cut();
        connection.answered.notify_one();
        answers
    });
}

struct Connection<E> {
    exchange: Mutex<E>,
    /// Something came from the source.
    answered: Notify,
}

impl<E: Exchange> Connection<E> {
    fn exchange(&self) -> MutexGuard<'_, E> {
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn requests(&self, mut client: ReadHalf<'_>, mut source: WriteHalf<'_>) -> io::Result<()> {
        let mut read = BytesMut::new();
        loop {
            let (passing, is_waiting) = {
                let mut exchange = self.exchange();
                (exchange.requested(&read), exchange.is_waiting())
            };
            source.write_all(&read[..passing]).await?;
            read.advance(passing);
            if is_waiting && !read.is_empty() {
                self.answered.notified().await;
                continue;
            }
            read.reserve(AT_ONCE);
            let was_read = client.read_buf(&mut read).await;
            // One that cannot be read sends no more.
            if was_read.as_ref().copied().unwrap_or_default() == 0 {
                // The source ends what it does for one that is gone, and its answer as if that were all of it.
                if was_read.is_err() || is_closed(client.as_ref()) {
                    self.exchange().cut();
                } else {
                    self.exchange().asked_all();
                }
                // The begin of a request that will not be one.
                source.write_all(&read).await?;
                return source.shutdown().await;
            }
        }
    }

    async fn answers(&self, mut source: ReadHalf<'_>, mut client: WriteHalf<'_>) -> io::Result<()> {
        let mut read = BytesMut::new();
        loop {
            read.clear();
            read.reserve(AT_ONCE);
            match source.read_buf(&mut read).await {
                Ok(0) => {
                    self.exchange().ended();
                    return client.shutdown().await;
                }
                Ok(_) => self.exchange().answered(&read),
                // It was broken off.
                Err(_) => return client.shutdown().await,
            }
            self.answered.notify_one();
            client.write_all(&read).await?;
        }
    }
}

/// True where the other side has closed both directions.
fn is_closed(stream: &UnixStream) -> bool {
    let mut asked = [PollFd::new(stream, PollFlags::empty())];
    poll(&mut asked, Some(&NOW)).is_err() || asked[0].revents().contains(PollFlags::HUP)
}
