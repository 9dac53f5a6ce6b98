//! Passes calls on, as they come: each connection of a client has one to the runtime, and what ends one ends the other.

use super::body::{Side, Tapped};
use super::calls::Calls;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2 as client;
use hyper::server::conn::http2 as server;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Most bytes of headers, as the servers of gRPC in Go take them: what is refused here is refused there, too.
const MOST_HEADERS: u32 = 16 << 20;

/// Accepts connections until it is told to finish, which ends all of them.
pub(super) async fn relay(listener: UnixListener, runtime: PathBuf, calls: Calls, finish: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = finish.cancelled() => return connections.shutdown().await,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (runtime, calls) = (runtime.clone(), calls.clone());
                    connections.spawn(async move { connection(stream, &runtime, calls).await });
                }
                // Out of descriptors, for instance: others may end meanwhile.
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: UnixStream, runtime: &Path, calls: Calls) {
    // A client that finds the runtime away is refused as the runtime would: its connection ends.
    let Ok(upstream) = UnixStream::connect(runtime).await else { return };
    let exec = TokioExecutor::new;
    let mut builder = client::Builder::new(exec());
    builder.max_header_list_size(MOST_HEADERS);
    let Ok((sender, upstream)) = builder.handshake::<_, Tapped>(TokioIo::new(upstream)).await else { return };
    let service = service_fn(|request: Request<Incoming>| pass(sender.clone(), request, calls.clone()));
    let mut builder = server::Builder::new(exec());
    let downstream = builder.max_header_list_size(MOST_HEADERS).serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = upstream => {}
        _ = downstream => {}
    }
}

async fn pass(
    mut sender: client::SendRequest<Tapped>,
    request: Request<Incoming>,
    calls: Calls,
) -> Result<Response<Tapped>, hyper::Error> {
    let call = Arc::new(Mutex::new(calls.begin(request.uri().path())));
    let request = request.map(|body| Tapped::new(body, Side::Request, Arc::clone(&call)));
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let code = response.headers().get("grpc-status").and_then(|code| code.to_str().ok()).map(str::to_owned);
    if let Some(code) = code {
        call.lock().unwrap_or_else(std::sync::PoisonError::into_inner).answered(Some(&code));
    }
    Ok(response.map(|body| Tapped::new(body, Side::Answer, call)))
}
