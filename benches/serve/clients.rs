//! Clients that wait for verdicts, each one round after the other.

use crate::latencies::Latencies;
use crate::{CLIENTS, EXPECTATIONS};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;

/// How long a client waits at least.
const WAIT: Duration = Duration::from_secs(2);

/// A server, asked over connections of its own.
pub(crate) struct Http {
    client: Client<HttpConnector, Full<Bytes>>,
    url: String,
}

impl Http {
    pub(crate) fn new(url: &str) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), url: url.to_owned() }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, String) {
        self.ask(Method::GET, path, String::new()).await
    }

    async fn ask(&self, method: Method, path: &str, body: String) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request = request.header(CONTENT_TYPE, "application/yaml").body(Full::from(body)).expect("a request");
        let response = self.client.request(request).await.expect("an answer");
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }
}

/// One wait: the pods that it is about have this name and a number.
pub(crate) type Round = String;

/// All clients.
pub(crate) struct Clients {
    waiting: Mutex<UnboundedReceiver<(Instant, Round)>>,
    stopped: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Clients {
    pub(crate) fn start(url: &str, decided: &Arc<Latencies>) -> Self {
        let (asks, waiting) = unbounded_channel();
        let (stopped, stop) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for number in 0..CLIENTS {
            let client = wait(Http::new(url), number, asks.clone(), Arc::clone(decided), stop.clone());
            tasks.spawn(client);
        }
        Self { waiting: Mutex::new(waiting), stopped, tasks }
    }

    /// The client that has waited longest, once it has waited long enough.
    pub(crate) async fn next(&self) -> Round {
        let (since, round) = self.waiting.lock().await.recv().await.expect("clients");
        tokio::time::sleep_until((since + WAIT).into()).await;
        round
    }

    /// No client asks again. Those that wait are left alone.
    pub(crate) async fn stop(mut self) {
        let _ = self.stopped.send(true);
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next().await {
            assert!(ended.is_ok() || ended.is_err_and(|error| error.is_cancelled()), "a client panicked");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
async fn wait(
    http: Http,
    number: usize,
    asks: UnboundedSender<(Instant, Round)>,
    decided: Arc<Latencies>,
    stop: watch::Receiver<bool>,
) {
    let mut turn = 0;
    while !*stop.borrow() {
        let round = format!("c{number}-{turn}");
        turn += 1;
        let _ = asks.send((Instant::now(), round.clone()));
        let (status, body) = http.ask(Method::POST, "/v1/expectations?wait=5m", documents(&round)).await;
        decided.arrived(&round);
        assert!(status == 200 && body.contains(r#""verdict":"satisfied""#), "{status}: {body}");
    }
}

/// The expectations of one wait.
fn documents(round: &str) -> String {
    let mut text = String::new();
    for number in 0..EXPECTATIONS {
        let name = format!("{round}-{number}");
        let _ = writeln!(
            text,
            "---\n{{apiVersion: statetrail/v1, kind: Expectation, metadata: {{name: {name}}},\n\
             subjects: {{pod: {{kind: Pod, namespace: load, name: {name}, life: first}}}},\n\
             expect: [{{track: pod.phase, path: Pending -> Running -> Succeeded -> ...}}]}}"
        );
    }
    text
}
