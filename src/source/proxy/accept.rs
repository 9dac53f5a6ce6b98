//! Takes connections: each has one to the source, and what ends one ends the other.

use super::calls::{Call, Calls};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How calls pass, and what of them is read.
pub(in super::super) trait Protocol: Send + Sync + 'static {
    /// What is known of a call.
    type Call: Call;
    /// Why a request is not known. It may be any: whatever an expectation selects may be this one.
    const UNREAD: &'static str;

    /// Passes on what comes from a client, and from the source, until one of them ends.
    fn pass(client: UnixStream, source: UnixStream, calls: Calls<Self::Call>) -> impl Future<Output = ()> + Send;
}

/// Accepts connections until it is told to finish, which ends all of them.
pub(super) async fn accept<P: Protocol>(
    listener: UnixListener,
    source: PathBuf,
    calls: Calls<P::Call>,
    finish: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = finish.cancelled() => return connections.shutdown().await,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connect::<P>(stream, source.clone(), calls.clone()));
                }
                // Out of descriptors, for instance: others may end meanwhile.
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connect<P: Protocol>(client: UnixStream, source: impl AsRef<Path>, calls: Calls<P::Call>) {
    // A client that finds the source away is refused as that would: its connection ends.
    if let Ok(source) = UnixStream::connect(source).await {
        P::pass(client, source, calls).await;
    }
}
