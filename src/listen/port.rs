//! An open port, and how many connections the process has room for.

use super::error::Error;
use rustix::process::{Resource, getrlimit};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpSocket};

/// File descriptors that are not for connections: files, and the streams of a recorder.
const RESERVE: u64 = 256;

/// Opens a port; 0 for a free one.
///
/// # Errors
/// It cannot be opened.
pub(crate) fn open(address: SocketAddr, send_buffer_bytes: Option<u32>) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A server that was killed can be started again on its port.
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(address)?;
    socket.listen(1024)
}

/// Refuses an address that others reach, unless it is encrypted and asks who they are; `tokens` are the flags for that.
///
/// # Errors
/// The flags that are missing.
pub(crate) fn require_protection(
    address: SocketAddr,
    is_encrypted: bool,
    asks_who: bool,
    tokens: &'static str,
) -> Result<(), Error> {
    let missing = [(is_encrypted, "--tls-cert and --tls-key"), (asks_who, tokens)];
    let missing: Vec<&str> = missing.iter().filter(|(is_there, _)| !is_there).map(|(_, flags)| *flags).collect();
    if address.ip().is_loopback() || missing.is_empty() {
        return Ok(());
    }
    Err(Error::Open { address, missing: missing.join(", and ") })
}

/// How many connections the process has file descriptors for.
pub(crate) fn descriptors() -> usize {
    let most = getrlimit(Resource::Nofile).current.map(|most| most.saturating_sub(RESERVE));
    most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX).max(16)
}
