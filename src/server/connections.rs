//! The port and its connections: they are accepted, served, drained and joined.

use super::app::App;
use super::client::Client;
use super::exporter;
use super::followers::Followers;
use super::limits::{ARRIVAL, Limit, READING, Taken};
use super::problem::Problem;
use super::router::router;
use crate::listen::{self, Certificate, Error};
use crate::metrics::Metrics;
use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How long requests may go on once the recorder has ended.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a connection beyond the limit may take.
const REFUSED: Duration = Duration::from_secs(1);
/// Most requests at the same time on one connection of HTTP/2.
const STREAMS: u32 = 256;

/// An open port, before anything is answered.
#[derive(Debug)]
pub(crate) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    certificate: Option<Certificate>,
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    followers: Followers,
    closing: CancellationToken,
    accepting: JoinHandle<()>,
}

impl Listening {
    /// Opens a port; 0 for a free one.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(address: SocketAddr, certificate: Option<Certificate>) -> Result<Self, Error> {
        let failed = |source| Error::Bind { address, source };
        let listener = listen::open(address, None).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, certificate })
    }

    /// `http://127.0.0.1:43121`
    pub(crate) fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Answers requests from now on.
    pub(crate) fn serve(self, app: App) -> Server {
        let (connections, followers) = (app.connections.clone(), app.followers.clone());
        self.answer(router(app), connections, followers)
    }

    /// Answers scrapes from now on, and nothing else.
    pub(crate) fn serve_metrics(self, metrics: Metrics) -> Server {
        self.answer(exporter::router(metrics), exporter::connections(), Followers::default())
    }

    fn answer(self, router: Router, limit: Limit, followers: Followers) -> Server {
        let closing = CancellationToken::new();
        let accepting = tokio::spawn(accept(self, router, limit, closing.clone()));
        Server { followers, closing, accepting }
    }
}

impl Server {
    /// Tells the end to those that ask again, stops accepting, lets requests finish, each within a bound, and joins
    /// every task.
    pub(crate) async fn shutdown(self) {
        self.followers.returned().await;
        self.closing.cancel();
        let _ = self.accepting.await;
    }
}

async fn accept(
    Listening { listener, certificate, .. }: Listening,
    router: Router,
    limit: Limit,
    closing: CancellationToken,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = closing.cancelled() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, from)) => {
                    let client = Client(from.ip());
                    let connection = Connection {
                        client,
                        taken: limit.take(client, 1),
                        router: router.clone(),
                        closing: closing.clone(),
                    };
                    connections.spawn(connection.accepted(socket, certificate.clone()));
                }
                // Out of descriptors, or a client that disconnected before it was accepted: neither ends the server.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        connections.shutdown().await;
    }
}

/// One connection.
struct Connection {
    client: Client,
    /// Its place; or, beyond the limit, what every request is answered.
    taken: Result<Taken, Problem>,
    router: Router,
    closing: CancellationToken,
}

impl Connection {
    async fn accepted(self, socket: TcpStream, certificate: Option<Certificate>) {
        // Small answers must not be delayed by Nagle's algorithm.
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let mut socket = TimeoutStream::new(socket);
        // Nothing is waited for longer by reads than by the timeouts of requests.
        socket.set_write_timeout(Some(READING));
        let socket = Box::pin(socket);
        let Some(certificate) = certificate else { return self.serve(TokioIo::new(socket)).await };
        let handshake = certificate.acceptor().accept(socket);
        if let Ok(Ok(socket)) = tokio::time::timeout(ARRIVAL, handshake).await {
            self.serve(TokioIo::new(socket)).await;
        }
    }

    async fn serve(self, socket: impl Read + Write + Unpin + Send + 'static) {
        let Self { client, taken, router, closing } = self;
        let (refused, _taken) = match taken {
            Ok(taken) => (None, Some(taken)),
            Err(problem) => (Some(problem), None),
        };
        let is_refused = refused.is_some();
        let has_asked = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&has_asked);
        let answers = service_fn(move |request: http::Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let (router, refused) = (router.clone(), refused.clone());
            async move {
                if let Some(problem) = refused {
                    return Ok::<_, Infallible>(problem.into_response());
                }
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(client);
                router.oneshot(request).await
            }
        });
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(ARRIVAL);
        builder.http2().timer(TokioTimer::new()).keep_alive_interval(READING).max_concurrent_streams(STREAMS);
        let mut connection = pin!(builder.serve_connection(socket, answers));
        // A connection that asks nothing is of no use, and one beyond the limit is not held.
        let unused = async {
            tokio::time::sleep(if is_refused { REFUSED } else { ARRIVAL }).await;
            if !is_refused && has_asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            // How a connection ends is the client's business.
            _ = connection.as_mut() => return,
            () = unused => return,
            () = closing.cancelled() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
