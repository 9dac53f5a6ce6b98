//! Takes connections: each has one to the source, and what ends one ends the other.

use super::super::error::Error;
use super::arrivals::Watched;
use super::calls::{Call, Calls};
use super::relay::{Exchange, relay};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often, and how long after another, a connection to a source whose queue is full is tried: a minute in all.
const TRIES: u32 = 6_000;
const BETWEEN_TRIES: Duration = Duration::from_millis(10);

/// How calls pass, and what of them is read.
pub(in super::super) trait Protocol: Send + Sync + 'static {
    /// What is known of a call.
    type Call: Call;
    /// Why a request is not known. It may be any: whatever an expectation selects may be this one.
    const UNREAD: &'static str;

    /// A connection on which nothing has passed.
    fn exchange(calls: Calls<Self::Call>) -> impl Exchange;
}

/// A thread in which calls pass. It has nothing else to do, so that none waits for anything else. Dropping it ends all
/// connections.
pub(super) struct Accepting {
    ended: Option<oneshot::Receiver<()>>,
    _ending: DropGuard,
}

impl Accepting {
    /// Starts it, until it is told to end.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub(super) fn start<P: Protocol>(
        (listener, source): (UnixListener, PathBuf),
        calls: Calls<P::Call>,
        ending: CancellationToken,
    ) -> Result<Self, Error> {
        let listener = listener.into_std().map_err(Error::Descriptor)?;
        let looking = calls.arrivals().clone();
        let look = move || looking.look();
        let runtime = Builder::new_current_thread().enable_all().on_thread_park(look).build();
        let runtime = runtime.map_err(Error::Descriptor)?;
        let (has_ended, ended) = oneshot::channel();
        let finish = ending.clone();
        let pass = move || {
            let accepting = async {
                let listener = UnixListener::from_std(listener)?;
                let listener = calls.arrivals().watch(listener, None)?;
                tokio::select! {
                    () = accept::<P>(listener, source, calls.clone(), finish) => Ok(()),
                    never = calls.pace() => match never {},
                    never = calls.arrivals().pace() => match never {},
                }
            };
            let accepted: io::Result<()> = runtime.block_on(accepting);
            if let Err(error) = accepted {
                tracing::warn!("no connection can be accepted: {error}");
            }
            // What is left of connections ends with it.
            drop(runtime);
            let _ = has_ended.send(());
        };
        std::thread::Builder::new().name("proxy".to_owned()).spawn(pass).map_err(Error::Descriptor)?;
        Ok(Self { ended: Some(ended), _ending: ending.drop_guard() })
    }

    /// Waits until it has ended.
    pub(super) async fn ended(&mut self) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.await;
        }
    }
}

/// Accepts connections until it is told to finish, which ends all of them.
async fn accept<P: Protocol>(
    listener: Watched<UnixListener>,
    source: PathBuf,
    calls: Calls<P::Call>,
    finish: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = finish.cancelled() => {
                calls.read_up().await;
                return connections.shutdown().await;
            }
            accepted = listener.socket.accept() => {
                // What it sends may have been there as long as it itself.
                let since = listener.arrival.since();
                let accepted = accepted.and_then(|(client, _)| calls.arrivals().watch(client, Some(since)));
                match accepted {
                    Ok(client) => {
                        connections.spawn(connect::<P>(client, source.clone(), calls.clone()));
                    }
                    // Out of descriptors, for instance: others may end meanwhile.
                    Err(error) => {
                        tracing::warn!("a connection could not be accepted: {error}");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect<P: Protocol>(client: Watched<UnixStream>, source: impl AsRef<Path>, calls: Calls<P::Call>) {
    // A client that finds the source away is refused as that would: its connection ends.
    let source = to_source(source.as_ref()).await.and_then(|source| calls.arrivals().watch(source, None));
    if let Ok(source) = source {
        relay(P::exchange(calls), client, source).await;
    }
}

/// Connects to the source. Where its queue is full, it waits for a place in it, as clients do.
async fn to_source(source: &Path) -> io::Result<UnixStream> {
    for _ in 0..TRIES {
        match UnixStream::connect(source).await {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::time::sleep(BETWEEN_TRIES).await,
            connected => return connected,
        }
    }
    UnixStream::connect(source).await
}
