//! Passes calls on, as they come.

use super::super::super::proxy::{Calls, Protocol};
use super::body::{Side, Tapped};
use super::call::Passing;
use crate::kinds::CriCall as Call;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2 as client;
use hyper::server::conn::http2 as server;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::sync::{Arc, Mutex};
use tokio::net::UnixStream;

/// Most bytes of headers, as the servers of gRPC in Go take them: what is refused here is refused there, too.
const MOST_HEADERS: u32 = 16 << 20;

/// gRPC.
#[derive(Debug)]
pub(in super::super::super) struct Cri;

impl Protocol for Cri {
    type Call = Call;
    const UNREAD: &'static str = "a request could not be read: it is compressed, too long, or no message of CRI";

    async fn pass(stream: UnixStream, upstream: UnixStream, calls: Calls<Call>) {
        let exec = TokioExecutor::new;
        let mut builder = client::Builder::new(exec());
        builder.max_header_list_size(MOST_HEADERS);
        let Ok((sender, upstream)) = builder.handshake::<_, Tapped>(TokioIo::new(upstream)).await else { return };
        let service = service_fn(|request: Request<Incoming>| forward(sender.clone(), request, calls.clone()));
        let mut builder = server::Builder::new(exec());
        let downstream = builder.max_header_list_size(MOST_HEADERS).serve_connection(TokioIo::new(stream), service);
        tokio::select! {
            _ = upstream => {}
            _ = downstream => {}
        }
    }
}

async fn forward(
    mut sender: client::SendRequest<Tapped>,
    request: Request<Incoming>,
    calls: Calls<Call>,
) -> Result<Response<Tapped>, hyper::Error> {
    let call = Arc::new(Mutex::new(Passing::begin(&calls, request.uri().path())));
    let request = request.map(|body| Tapped::new(body, Side::Request, Arc::clone(&call)));
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let code = response.headers().get("grpc-status").and_then(|code| code.to_str().ok()).map(str::to_owned);
    if let Some(code) = code {
        call.lock().unwrap_or_else(std::sync::PoisonError::into_inner).answered(Some(&code));
    }
    Ok(response.map(|body| Tapped::new(body, Side::Answer, call)))
}
