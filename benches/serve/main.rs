//! Verdicts under load: 500 clients wait for 2,000 expectations, while 5,000 events a second arrive.
//!
//! `cargo bench --bench serve`. The recorder is the program itself, in a process of its own. This process has the API
//! server and the clients, so that one clock measures from the write that decides a client's expectations to its
//! answer. Beside them, a plain watch shows when the same events reach a client that only reads them. Nothing is
//! asserted about the times: machines differ, and the ratio is what matters.

mod clients;
mod latencies;
mod load;
mod recorder;

use clients::Clients;
use latencies::Latencies;
use recorder::Recorder;
use statetrail::observation::Resource;
use statetrail::replay::{Options, Server, Store};
use std::sync::Arc;

/// Clients that wait.
const CLIENTS: usize = 500;
/// Expectations of each of them.
const EXPECTATIONS: usize = 4;
/// What arrives.
const EVENTS_A_SECOND: usize = 5_000;
/// How long.
const SECONDS: usize = 20;

fn main() {
    println!(
        "{CLIENTS} clients wait for {} expectations, {EVENTS_A_SECOND} events a second for {SECONDS} s",
        CLIENTS * EXPECTATIONS
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    for settle in ["0ms", "200ms"] {
        runtime.block_on(run(settle));
    }
}

async fn run(settle: &str) {
    let store = Store::new();
    let pods = Resource::new("", "v1", "pods", "Pod");
    store.serve(&pods);
    let server = Server::start(store, Options::default()).expect("a free port");
    let recorder = Recorder::start(&server.url(), settle).await;
    let decided = Arc::new(Latencies::default());
    let plain = Arc::new(Latencies::default());
    let watching = tokio::spawn(load::watch(server.url(), Arc::clone(&plain)));
    let clients = Clients::start(recorder.url(), &decided);
    let before = recorder.resident_mib();
    let written = load::write(&server, &pods, &clients, &[&decided, &plain]).await;
    clients.stop().await;
    watching.abort();
    let (peak, entries) = (recorder.peak_mib(), recorder.stop().await);

    println!("--settle {settle}: {written:.0} events a second written, {entries} entries in the timeline");
    let (ours, theirs) = (decided.percentiles(), plain.percentiles());
    println!("  verdicts:    {ours}");
    println!("  plain watch: {theirs}");
    println!("  ratio of the 99th percentiles: {:.1}", ours.p99 / theirs.p99);
    println!("  memory of the recorder: {before:.0} MiB when all wait, {peak:.0} MiB at most");
    server.kill().await;
}
