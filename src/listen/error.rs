//! What keeps a server from being started.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error of a server's start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: io::Error,
    },
    /// A file of the server cannot be used.
    #[error("cannot use {}: {why}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The address is reachable from elsewhere, and the server is not protected.
    #[error("{address} is no loopback address: it needs {missing}")]
    Open {
        /// The address.
        address: SocketAddr,
        /// The flags that are missing.
        missing: String,
    },
}
