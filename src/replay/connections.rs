//! The port and its connections: they are accepted, served, drained and joined.
//!
//! No task is left behind: [`accept`] ends when the last of its connections has ended.

use super::app;
use super::shared::Shared;
use super::wire::{Valve, Wire};
use crate::listen::{Certificate, descriptors};
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::ServiceExt;

/// How long a handshake, and the headers of a request, may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// Accepts connections until the server closes, then drains them; returns how many had to be aborted.
pub(super) async fn accept(listener: TcpListener, certificate: Option<Certificate>, shared: Arc<Shared>) -> usize {
    let router = app::router(shared.clone());
    let most = descriptors();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = shared.closing.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) if connections.len() < most => {
                    let connection = Connection { shared: shared.clone(), router: router.clone() };
                    connections.spawn(connection.accepted(socket, certificate.clone()));
                }
                // There are as many as the process can have.
                Ok(_) => {}
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

/// One connection.
struct Connection {
    shared: Arc<Shared>,
    router: Router,
}

impl Connection {
    async fn accepted(self, socket: TcpStream, certificate: Option<Certificate>) {
        // Small events must not be delayed by Nagle's algorithm.
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let valve = Arc::new(Valve::new(self.shared.options.drop_slow));
        let wire = Wire::new(socket, valve.clone());
        let Some(certificate) = certificate else { return self.serve(TokioIo::new(wire), valve).await };
        let handshake = certificate.acceptor().accept(wire);
        if let Ok(Ok(wire)) = tokio::time::timeout(ARRIVAL, handshake).await {
            self.serve(TokioIo::new(wire), valve).await;
        }
    }

    async fn serve(self, wire: impl Read + Write + Unpin + Send + 'static, valve: Arc<Valve>) {
        let Self { shared, router } = self;
        let cut = shared.cut();
        let of_connection = valve.clone();
        let answers = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(of_connection.clone());
            router.clone().oneshot(request)
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(ARRIVAL.max(shared.options.idle));
        builder.http2().timer(TokioTimer::new());
        let mut connection = pin!(builder.serve_connection(wire, answers));
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
}
