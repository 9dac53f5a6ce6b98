//! A connection to a runtime.

use hyper_util::rt::TokioIo;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::UnixStream;
use tonic::transport::{Channel, Endpoint, Uri};

pub(crate) async fn connect(socket: PathBuf) -> Result<Channel, tonic::Status> {
    let endpoint = Endpoint::from_static("http://localhost").timeout(Duration::from_mins(1));
    let connect = tower::service_fn(move |_: Uri| {
        let socket = socket.clone();
        async move { UnixStream::connect(socket).await.map(TokioIo::new) }
    });
    let channel = endpoint.connect_with_connector(connect).await;
    channel.map_err(|error| tonic::Status::unavailable(error.to_string()))
}
