//! Asks a runtime, over its socket. Every question has an end.

use super::super::unix_socket::{self, Unconnected};
use super::messages::{
    ContainerEvent, ContainerStatus, Containers, Everything, OneContainer, OneStatus, Sandboxes, Version,
};
use super::shown::{Of, Shown};
use http::uri::PathAndQuery;
use hyper_util::rt::TokioIo;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest message that is read: the list of a large node, or an event of a pod with large annotations.
const MOST_BYTES: usize = 64 << 20;

const VERSION: &str = "/runtime.v1.RuntimeService/Version";
const EVENTS: &str = "/runtime.v1.RuntimeService/GetContainerEvents";
const SANDBOXES: &str = "/runtime.v1.RuntimeService/ListPodSandbox";
const CONTAINERS: &str = "/runtime.v1.RuntimeService/ListContainers";
const STATUS: &str = "/runtime.v1.RuntimeService/ContainerStatus";

/// A connection to a runtime.
#[derive(Clone, Debug)]
pub(super) struct Client(Channel);

impl Client {
    /// Connects.
    ///
    /// # Errors
    /// There is no runtime at the socket, or it must not be asked.
    pub(super) async fn connect(socket: PathBuf) -> Result<Self, Unanswered> {
        unix_socket::connect(&socket, "run as root, or leave `cri:` out").await.map_err(|error| match error {
            Unconnected::Yet(why) => Unanswered::Now(why),
            Unconnected::Never(why) => Unanswered::Never(why),
        })?;
        // The name is not used: there is one server at a socket.
        let endpoint = Endpoint::from_static("http://localhost").connect_timeout(PATIENCE);
        let to_socket = tower::service_fn(move |_: Uri| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        });
        let connected = tokio::time::timeout(PATIENCE, endpoint.connect_with_connector(to_socket)).await;
        let channel = connected.map_err(|_| Unanswered::Now("no answer".to_owned()))?;
        channel.map(Self).map_err(|error| Unanswered::Now(error.to_string()))
    }

    /// What the runtime at a socket is.
    ///
    /// # Errors
    /// It does not answer, or it is none.
    pub(super) async fn runtime(&self, socket: &Path) -> Result<Version, Unanswered> {
        match self.version().await {
            Err(Unanswered::Now(_)) if unix_socket::is_of_http1(socket).await => {
                let name = socket.display();
                Err(Unanswered::Never(format!("{name} is not a CRI runtime; Podman's service is `libpod:{name}`")))
            }
            answered => answered,
        }
    }

    /// What the runtime is.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) async fn version(&self) -> Result<Version, Unanswered> {
        self.ask(VERSION, Everything {}).await
    }

    /// The stream of events. It begins when this is polled for the first time; the answer comes with the first event.
    ///
    /// # Errors
    /// It has none.
    pub(super) async fn events(&self) -> Result<Streaming<ContainerEvent>, Unanswered> {
        let mut grpc = Grpc::new(self.0.clone()).max_decoding_message_size(MOST_BYTES);
        grpc.ready().await.map_err(|error| Unanswered::Now(error.to_string()))?;
        let codec = ProstCodec::<Everything, ContainerEvent>::default();
        let request = Request::new(Everything {});
        let answer = grpc.server_streaming(request, PathAndQuery::from_static(EVENTS), codec).await;
        answer.map(tonic::Response::into_inner).map_err(|status| Unanswered::of(&status))
    }

    /// All sandboxes or containers; if they are to be `named`, with the pods of the containers.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) async fn list(&self, of: Of, named: bool) -> Result<Vec<Shown>, Unanswered> {
        if of == Of::Sandboxes {
            let sandboxes: Sandboxes = self.ask(SANDBOXES, Everything {}).await?;
            return Ok(sandboxes.items.into_iter().map(Shown::sandbox).collect());
        }
        let containers: Containers = self.ask(CONTAINERS, Everything {}).await?;
        // A sandbox is there before its containers, and after them.
        let sandboxes: Sandboxes = if named { self.ask(SANDBOXES, Everything {}).await? } else { Sandboxes::default() };
        Ok(containers.items.into_iter().map(|container| Shown::listed(container, &sandboxes.items)).collect())
    }

    /// The status of a container; none where it is there no more.
    ///
    /// # Errors
    /// It does not answer.
    pub(super) async fn status(&self, id: &str) -> Result<Option<ContainerStatus>, Unanswered> {
        let answer: Result<OneStatus, _> = self.ask(STATUS, OneContainer { id: id.to_owned() }).await;
        match answer {
            Ok(answer) => Ok(answer.status),
            Err(Unanswered::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn ask<Q, A>(&self, method: &'static str, question: Q) -> Result<A, Unanswered>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let asked = async {
            let mut grpc = Grpc::new(self.0.clone()).max_decoding_message_size(MOST_BYTES);
            grpc.ready().await.map_err(|error| Unanswered::Now(error.to_string()))?;
            let codec = ProstCodec::<Q, A>::default();
            let answer = grpc.unary(Request::new(question), PathAndQuery::from_static(method), codec).await;
            answer.map(tonic::Response::into_inner).map_err(|status| Unanswered::of(&status))
        };
        let answered = tokio::time::timeout(PATIENCE, asked).await;
        answered.unwrap_or_else(|_| Err(Unanswered::Now(format!("no answer for {} s", PATIENCE.as_secs()))))
    }
}

/// Why a runtime does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It may answer later.
    Now(String),
    /// It will not answer; the words say what to do.
    Never(String),
    /// What was asked for is not there.
    Gone,
}

impl Unanswered {
    pub(super) fn of(status: &Status) -> Self {
        match status.code() {
            Code::NotFound => Self::Gone,
            Code::Unimplemented => Self::Never(format!(
                "the runtime does not tell events ({}): containerd does since 1.7, CRI-O with enable_pod_events = true",
                status.message()
            )),
            _ => Self::Now(status.message().to_owned()),
        }
    }

    /// The words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Now(words) | Self::Never(words) => words,
            Self::Gone => "not found".to_owned(),
        }
    }
}
