//! A stand-in for a runtime, for what a real one does not do on request: it keeps a hundred events for a subscriber and
//! then waits for it, as containerd does, and says whether it ever had to.

use crate::messages::{
    Container, Containers, Event, Id, Metadata, OneStatus, PodMetadata, Sandbox, Sandboxes, Status, Version,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use prost::Message as _;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::UnixListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

/// As many events as containerd keeps for a subscriber.
const SLOTS: usize = 100;

type Body = BoxBody<Bytes, Infallible>;

#[derive(Default)]
struct State {
    sandboxes: Vec<Sandbox>,
    containers: Vec<Status>,
    subscribers: Vec<Sender<Bytes>>,
    /// The subscribers so far.
    subscribed: usize,
    listed: usize,
    has_events: bool,
}

/// A runtime at a socket, until it is dropped.
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    runtime: tokio::runtime::Runtime,
    pub(crate) folder: tempfile::TempDir,
}

impl Fake {
    /// One with a pod, `web` in `shop`.
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut fake = Self { state: Arc::default(), runtime, folder: tempfile::tempdir().unwrap() };
        let metadata =
            PodMetadata { name: "web".to_owned(), uid: "u".to_owned(), namespace: "shop".to_owned(), attempt: 0 };
        let sandbox = Sandbox { id: "s".to_owned(), metadata: Some(metadata), state: 0, created_at: now() };
        fake.with(|state| (state.sandboxes, state.has_events) = (vec![sandbox], true));
        fake.listen();
        fake
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("sock")
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// Listens, again after [`cut`](Self::cut).
    pub(crate) fn listen(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        let (socket, state) = (self.socket(), Arc::clone(&self.state));
        let listener = self.runtime.block_on(async { UnixListener::bind(socket).unwrap() });
        self.runtime.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&state);
                let service = service_fn(move |request: Request<Incoming>| answer(Arc::clone(&state), request));
                let server = http2::Builder::new(TokioExecutor::new());
                connections.spawn(server.serve_connection(TokioIo::new(stream), service));
            }
        });
    }

    /// Ends all streams of events, as a runtime does that is stopped.
    pub(crate) fn cut(&self) {
        self.with(|state| state.subscribers.clear());
    }

    /// From now on it has no events, as before containerd 1.7.
    pub(crate) fn forgets_events(&self) {
        self.with(|state| state.has_events = false);
    }

    pub(crate) fn subscribed(&self) -> usize {
        self.with(|state| state.subscribed)
    }

    pub(crate) fn listed(&self) -> usize {
        self.with(|state| state.listed)
    }

    /// Changes the state of a container, and makes it if it is not there, without telling.
    pub(crate) fn set(&self, id: &str, state: i32, exit_code: i32) {
        self.with(|fake| {
            if !fake.containers.iter().any(|container| container.id == id) {
                let metadata = Some(Metadata { name: id.to_owned(), attempt: 0 });
                fake.containers.push(Status { id: id.to_owned(), metadata, created_at: now(), ..Status::default() });
            }
            let container = fake.containers.iter_mut().find(|container| container.id == id).unwrap();
            (container.state, container.exit_code) = (state, exit_code);
            match state {
                1 => container.started_at = now(),
                2 => (container.finished_at, container.reason) = (now(), "Error".to_owned()),
                _ => {}
            }
        });
    }

    pub(crate) fn remove(&self, id: &str) {
        self.with(|fake| fake.containers.retain(|container| container.id != id));
    }

    /// Tells an event, and returns whether anybody made it wait for longer than a moment.
    pub(crate) fn tell(&self, id: &str, kind: i32) -> bool {
        let (event, subscribers) = self.with(|state| {
            let of = |status: &&Status| status.id == id;
            let event = Event {
                id: id.to_owned(),
                kind,
                created_at: now(),
                sandbox: state.sandboxes.first().cloned(),
                containers: state.containers.iter().filter(of).cloned().collect(),
            };
            (framed(&event), state.subscribers.clone())
        });
        self.runtime.block_on(async {
            for subscriber in subscribers {
                let sent = tokio::time::timeout(Duration::from_secs(5), subscriber.send(event.clone()));
                if sent.await.is_err() {
                    return true;
                }
            }
            false
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "a runtime reads this clock")]
fn now() -> i64 {
    i64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap()
}

/// A message of gRPC: not compressed, its length, its bytes.
fn framed(message: &impl prost::Message) -> Bytes {
    let encoded = message.encode_to_vec();
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(encoded.len()).unwrap().to_be_bytes());
    bytes.extend(encoded);
    bytes.into()
}

fn ended(code: &'static str) -> Frame<Bytes> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    Frame::trailers(trailers)
}

fn body(frames: Vec<Frame<Bytes>>) -> Body {
    BodyExt::boxed(StreamBody::new(futures::stream::iter(frames.into_iter().map(Ok))))
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let asked = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let unary = |message: Bytes| body(vec![Frame::data(message), ended("0")]);
    let body = match method.as_str() {
        "Version" => unary(framed(&Version { runtime_name: "stand-in".to_owned() })),
        "ListPodSandbox" => unary(framed(&Sandboxes { items: state.lock().unwrap().sandboxes.clone() })),
        "ListContainers" => {
            let mut state = state.lock().unwrap();
            state.listed += 1;
            let items = state.containers.iter().map(listed).collect();
            unary(framed(&Containers { items }))
        }
        "ContainerStatus" => {
            let id = Id::decode(asked.slice(5..)).unwrap().id;
            let status = state.lock().unwrap().containers.iter().find(|container| container.id == id).cloned();
            if status.is_some() { unary(framed(&OneStatus { status })) } else { body(vec![ended("5")]) }
        }
        "GetContainerEvents" if state.lock().unwrap().has_events => {
            let (sender, receiver) = channel(SLOTS);
            let mut state = state.lock().unwrap();
            state.subscribers.push(sender);
            state.subscribed += 1;
            events(receiver)
        }
        _ => body(vec![ended("12")]),
    };
    let response = Response::builder().header("content-type", "application/grpc").body(body);
    Ok(response.expect("a response"))
}

fn events(receiver: Receiver<Bytes>) -> Body {
    let stream = futures::stream::unfold(receiver, async |mut receiver| {
        receiver.recv().await.map(|event| (Ok(Frame::data(event)), receiver))
    });
    BodyExt::boxed(StreamBody::new(stream))
}

fn listed(status: &Status) -> Container {
    let Status { id, metadata, state, created_at, .. } = status.clone();
    Container { id, sandbox: "s".to_owned(), metadata, state, created_at }
}
