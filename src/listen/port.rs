//! An open port, and how many connections the process has room for.

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

/// How many connections the process has file descriptors for.
pub(crate) fn descriptors() -> usize {
    let most = getrlimit(Resource::Nofile).current.map(|most| most.saturating_sub(RESERVE));
    most.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX).max(16)
}
