//! Passes on what comes, as it was read.

use super::arrivals::{AT_LEAST, Arrival, Arrivals, Watched, is_closed};
use bytes::{Buf as _, BytesMut};
use jiff::Timestamp;
use rustix::io::ioctl_fionread;
use std::io;
use std::sync::{Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;
use tokio::net::unix::{ReadHalf, WriteHalf};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

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
    /// The client is gone, and this had come from the source by then: which was first is not known.
    fn left(&mut self, bytes: &[u8]);
    /// The client is gone.
    fn cut(&mut self);
}

/// Passes on what comes, both ways, until one of them ends.
pub(in super::super) async fn relay<E: Exchange>(
    exchange: E,
    mut client: Watched<UnixStream>,
    mut source: Watched<UnixStream>,
) {
    let arrivals = client.arrival.arrivals.clone();
    let (answered, over) = (Notify::new(), CancellationToken::new());
    let connection = Connection { exchange: Mutex::new(exchange), arrivals, answered, over };
    let (client_id, source_id) = (client.arrival.id, source.arrival.id);
    let ((from_client, to_client), (from_source, to_source)) = (client.socket.split(), source.socket.split());
    let (to_client, to_source) = ((to_client, client_id), (to_source, source_id));
    let (mut from_client, mut from_source) = ((from_client, &mut client.arrival), (from_source, &mut source.arrival));
    // One that takes no more may still have sent something, and one that sends no more may still read.
    tokio::join!(
        async {
            let _ = connection.requests(&mut from_client, to_source).await;
            from_client.1.end(from_client.0.as_ref());
            from_client.1.hold(None);
        },
        async {
            let _ = connection.answers(&mut from_source, to_client).await;
            connection.cut(connection.arrivals.read_until(), from_source.0.as_ref());
            from_source.1.end(from_source.0.as_ref());
            connection.answered.notify_one();
            connection.over.cancel();
        }
    );
}

/// What comes from one side.
type From<'a> = (ReadHalf<'a>, &'a mut Arrival);
/// What passes to one side, and which one that is.
type To<'a> = (WriteHalf<'a>, u64);

struct Connection<E> {
    exchange: Mutex<E>,
    arrivals: Arrivals,
    /// Something came from the source.
    answered: Notify,
    /// Nothing more comes from the source, or the client reads no more.
    over: CancellationToken,
}

impl<E: Exchange> Connection<E> {
    /// Deals with something that may have come since a moment.
    fn deal<T>(&self, since: Timestamp, deal: impl FnOnce(&mut E) -> T) -> T {
        let mut exchange = self.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        self.arrivals.deal(since, || deal(&mut exchange))
    }

    /// The client is gone, since a moment at the earliest.
    fn cut(&self, since: Timestamp, source: &UnixStream) {
        let mut left =
            vec![0; ioctl_fionread(source).ok().and_then(|left| usize::try_from(left).ok()).unwrap_or_default()];
        let mut length = 0;
        while let Ok(more @ 1..) = rustix::io::read(source, &mut left[length..]) {
            length += more;
        }
        self.deal(since, |exchange| {
            if length > 0 {
                exchange.left(&left[..length]);
            }
            exchange.cut();
        });
    }

    async fn requests(&self, (client, arrival): &mut From<'_>, (mut source, id): To<'_>) -> io::Result<()> {
        let mut read = BytesMut::new();
        let (mut since, mut length) = (arrival.since(), 0);
        loop {
            let (passing, is_waiting) = self.deal(since, |exchange| (exchange.requested(&read), exchange.is_waiting()));
            let held = (passing < read.len()).then_some(since);
            arrival.hold(held);
            self.arrivals.before_passing(id, source.as_ref());
            source.write_all(&read[..passing]).await?;
            arrival.was_read(client.as_ref(), std::mem::take(&mut length));
            read.advance(passing);
            if is_waiting && held.is_some() {
                self.answered.notified().await;
                continue;
            }
            read.reserve(AT_ONCE);
            let was_read = client.read_buf(&mut read).await;
            (since, length) = (held.unwrap_or_else(|| arrival.since()), was_read.as_ref().copied().unwrap_or_default());
            // One that cannot be read sends no more.
            if length == 0 {
                let is_gone = was_read.is_err() || is_closed(client.as_ref());
                // The source ends what it does for one that is gone, and its answer as if that were all of it.
                if is_gone {
                    self.cut(arrival.closed_since(), source.as_ref());
                } else {
                    self.deal(arrival.closed_since(), E::asked_all);
                }
                // The begin of a request that will not be one.
                source.write_all(&read).await?;
                source.shutdown().await?;
                arrival.end(client.as_ref());
                if !is_gone {
                    self.gone(client.as_ref(), arrival, source.as_ref()).await;
                }
                return Ok(());
            }
        }
    }

    /// Waits until a client is gone that sends no more, or until it has its answers. No event tells.
    async fn gone(&self, client: &UnixStream, arrival: &Arrival, source: &UnixStream) {
        let mut since = self.arrivals.looked();
        loop {
            let now = self.arrivals.now();
            if is_closed(client) {
                return self.cut(since, source);
            }
            since = now;
            arrival.hold(Some(since));
            tokio::select! {
                () = self.over.cancelled() => return,
                () = tokio::time::sleep(AT_LEAST) => {}
            }
        }
    }

    async fn answers(&self, (source, arrival): &mut From<'_>, (mut client, id): To<'_>) -> io::Result<()> {
        let mut read = BytesMut::new();
        loop {
            read.clear();
            read.reserve(AT_ONCE);
            let length = match source.read_buf(&mut read).await {
                Ok(length @ 1..) => length,
                ended => {
                    // Otherwise it was broken off.
                    if ended.is_ok() {
                        self.deal(arrival.closed_since(), E::ended);
                    }
                    return client.shutdown().await;
                }
            };
            let is_gone = is_closed(client.as_ref());
            self.deal(
                arrival.since(),
                |exchange| {
                    if is_gone { exchange.left(&read) } else { exchange.answered(&read) }
                },
            );
            self.answered.notify_one();
            self.arrivals.before_passing(id, client.as_ref());
            client.write_all(&read).await?;
            arrival.was_read(source.as_ref(), length);
        }
    }
}
