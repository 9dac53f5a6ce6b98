//! What happens at the API server, and a plain watch of it.

use crate::clients::Clients;
use crate::latencies::Latencies;
use crate::{EVENTS_A_SECOND, EXPECTATIONS, SECONDS};
use bytes::Bytes;
use futures::FutureExt;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use statetrail::observation::{Change, Resource};
use statetrail::replay::Server;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Pods that other events are about.
const OTHERS: usize = 1_000;
/// Clients whose expectations are decided in a second.
const DECIDED_A_SECOND: f64 = 50.0;
const TICK: Duration = Duration::from_millis(2);

/// Writes events, and returns how many it wrote in a second.
#[expect(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark takes real time")]
pub(crate) async fn write(server: &Server, pods: &Resource, clients: &Clients, causes: &[&Arc<Latencies>]) -> f64 {
    let write = |change, name: &str, phase: &str| {
        let object = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"load","uid":"{name}"}},"status":{{"phase":"{phase}"}}}}"#
        );
        server.store().write(pods, change, object.as_bytes()).expect("a pod");
    };
    let began = Instant::now();
    let (mut written, mut rounds, mut due) = (0_usize, VecDeque::new(), 0.0_f64);
    let mut next = Box::pin(clients.next());
    let mut ticks = tokio::time::interval(TICK);
    while began.elapsed() < Duration::from_secs(SECONDS as u64) {
        ticks.tick().await;
        let elapsed = began.elapsed().as_secs_f64();
        while let Some(round) = next.as_mut().now_or_never() {
            rounds.push_back(round);
            next = Box::pin(clients.next());
        }
        if elapsed >= due
            && let Some(round) = rounds.pop_front()
        {
            due = (due + 1.0 / DECIDED_A_SECOND).max(elapsed - TICK.as_secs_f64());
            for (change, phase) in
                [(Change::Added, "Pending"), (Change::Modified, "Running"), (Change::Modified, "Succeeded")]
            {
                for number in 0..EXPECTATIONS {
                    if phase == "Succeeded" && number + 1 == EXPECTATIONS {
                        causes.iter().for_each(|latencies| latencies.cause(&round));
                    }
                    write(change, &format!("{round}-{number}"), phase);
                    written += 1;
                }
            }
        }
        while (written as f64) < elapsed * EVENTS_A_SECOND as f64 {
            let change = if written < OTHERS { Change::Added } else { Change::Modified };
            let phase = if (written / OTHERS).is_multiple_of(2) { "Pending" } else { "Running" };
            write(change, &format!("other-{}", written % OTHERS), phase);
            written += 1;
        }
    }
    written as f64 / began.elapsed().as_secs_f64()
}

/// Reads the events as a plain watch delivers them.
pub(crate) async fn watch(url: String, seen: Arc<Latencies>) {
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = Request::get(format!("{url}/api/v1/pods?watch=true")).body(Empty::new()).expect("a request");
    let mut body = client.request(request).await.expect("a watch").into_body();
    let mut held = Vec::new();
    let last = format!("-{}\"", EXPECTATIONS - 1);
    while let Some(frame) = body.frame().await {
        held.extend_from_slice(&frame.expect("a frame").into_data().unwrap_or_default());
        while let Some(end) = memchr::memchr(b'\n', &held) {
            let line = String::from_utf8_lossy(&held[..end]);
            if line.contains("Succeeded")
                && let Some((_, rest)) = line.split_once(r#""name":""#)
                && let Some((round, _)) = rest.split_once(&last)
            {
                seen.arrived(round);
            }
            held.drain(..=end);
        }
    }
}
