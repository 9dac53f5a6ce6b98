//! A server that sends the same bytes to every client, and does nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Serves this many bytes to each connection, and then what ends them.
pub(crate) async fn start(bytes: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let piece: Arc<[u8]> = vec![b'x'; 256 * 1024].into();
    let serving = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let piece = Arc::clone(&piece);
            tokio::spawn(async move {
                let mut request = [0; 1024];
                let _ = socket.read(&mut request).await;
                let mut left = bytes;
                while left > 0 {
                    let size = left.min(piece.len());
                    if socket.write_all(&piece[..size]).await.is_err() {
                        return;
                    }
                    left -= size;
                }
                let _ = socket.write_all(super::END).await;
                // The client closes.
                let _ = socket.read(&mut request).await;
            });
        }
    });
    (address, serving)
}
