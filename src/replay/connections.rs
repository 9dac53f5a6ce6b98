//! The port and its connections: they are accepted, served, drained and joined.
//!
//! No task is left behind: [`accept`] ends when the last of its connections has ended.

use super::answer::answer;
use super::options::Options;
use super::shared::Shared;
use super::wire::{Valve, Wire};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Opens the port.
pub(super) fn listen(options: &Options) -> std::io::Result<TcpListener> {
    let socket = if options.address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that was killed can be restarted on its port.
    socket.set_reuseaddr(true)?;
    if let Some(bytes) = options.send_buffer_bytes {
        socket.set_send_buffer_size(bytes)?;
    }
    socket.bind(options.address)?;
    socket.listen(1024)
}

/// Accepts connections until the server closes, then drains them; returns how many had to be aborted.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) -> usize {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shared.closing.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => { connections.spawn(serve(socket, shared.clone())); }
                // Out of descriptors, or a client that disconnected before it was accepted: neither ends the server.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(shared.options.drain, drained).await.is_ok() {
        return 0;
    }
    let left = connections.len();
    connections.shutdown().await;
    left
}

async fn serve(socket: TcpStream, shared: Arc<Shared>) {
    // Small events must not be delayed by Nagle's algorithm.
    if socket.set_nodelay(true).is_err() {
        return;
    }
    let valve = Arc::new(Valve::default());
    let cut = shared.cut();
    let wire = TokioIo::new(Wire::new(socket, valve.clone()));
    let answers = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let (shared, valve) = (shared.clone(), valve.clone());
        async move { Ok::<_, Infallible>(answer(shared, valve, request.into_parts().0).await) }
    });
    let mut connection = pin!(http1::Builder::new().serve_connection(wire, answers));
    tokio::select! {
        biased;
        () = cut.cancelled() => return,
        // A client that disconnected, or a fault that cut the connection: both are expected here.
        _ = connection.as_mut() => return,
        () = shared.closing.cancelled() => {}
    }
    if valve.is_mute() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        () = cut.cancelled() => {}
        _ = connection => {}
    }
}
