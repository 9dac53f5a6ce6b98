//! The server's behavior when no fault applies.

use super::fault::Gone;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The server's behavior when no fault applies.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 for a free one.
    pub address: SocketAddr,
    /// uid of the kube-system namespace.
    pub cluster_uid: String,
    /// `gitVersion` at `/version`.
    pub server_version: String,
    /// How often watches that allow bookmarks get one.
    pub bookmark_every: Duration,
    /// When watches without `timeoutSeconds` end; `None` for never.
    pub watch_timeout: Option<Duration>,
    /// How watches from compacted revisions are refused.
    pub gone: Gone,
    /// Size in bytes from which lists are compressed for clients that accept it.
    pub gzip_from_bytes: usize,
    /// Size in bytes of the kernel's send buffer per connection; `None` for its default. A small one makes slow readers
    /// visible.
    pub send_buffer_bytes: Option<u32>,
    /// How long a client may read nothing before it is disconnected; `None` for ever.
    pub drop_slow: Option<Duration>,
    /// How long a connection may be idle between two requests.
    pub idle: Duration,
    /// How long a graceful shutdown waits for open responses.
    pub drain: Duration,
}

impl Default for Options {
    /// As a real server: bookmarks every minute, compression from 128 KiB, expired watches refused in their streams.
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            cluster_uid: "7e1a7e1a-0000-4000-8000-000000000001".to_owned(),
            server_version: "v1.36.4".to_owned(),
            bookmark_every: Duration::from_mins(1),
            watch_timeout: None,
            gone: Gone::InStream,
            gzip_from_bytes: 128 * 1024,
            send_buffer_bytes: None,
            drop_slow: Some(Duration::from_secs(30)),
            idle: Duration::from_mins(10),
            drain: Duration::from_secs(2),
        }
    }
}
