//! Passes on what comes, as it was read.

use super::super::super::proxy::{Calls, Protocol};
use super::exchange::Exchange;
use crate::kinds::LibpodCall as Call;
use bytes::{Buf as _, BytesMut};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{ReadHalf, WriteHalf};
use tokio::sync::Notify;

/// As many bytes are read at once.
const AT_ONCE: usize = 64 << 10;

/// Podman's API, and Docker's, in HTTP/1.1.
#[derive(Debug)]
pub(in super::super::super) struct Libpod;

impl Protocol for Libpod {
    type Call = Call;
    const UNREAD: &'static str = "a request could not be read: it is no HTTP/1.1, or too long";

    async fn pass(mut client: UnixStream, mut source: UnixStream, calls: Calls<Call>) {
        let connection = Connection { exchange: Mutex::new(Exchange::new(calls)), answered: Notify::new() };
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
}

struct Connection {
    exchange: Mutex<Exchange>,
    /// Something came from the service.
    answered: Notify,
}

impl Connection {
    fn exchange(&self) -> MutexGuard<'_, Exchange> {
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
            // One that cannot be read sends no more.
            if client.read_buf(&mut read).await.unwrap_or_default() == 0 {
                // The service ends what it does for one that is gone, and its answer as if that were all of it.
                self.exchange().cut();
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
