//! The baseline: the plain program that anyone would write with kube-rs.

use crate::{EVENTS, peak};
use futures::TryStreamExt;
use k8s_openapi::api::core::v1::Pod;
use kube::runtime::watcher::{self, Event, watcher};
use kube::{Api, Client, Config};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::pin::pin;
use std::time::Instant;

/// Watches pods and writes each as a line of JSON.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(crate) fn run(url: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let folder = tempfile::tempdir().expect("a folder");
    let file = File::create(folder.path().join("plain.jsonl")).expect("a file");
    let (mut out, mut count, mut begin) = (BufWriter::new(file), 0, None);
    runtime.block_on(async {
        let client = Client::try_from(Config::new(url.parse().expect("a URL"))).expect("a client");
        let mut events = pin!(watcher(Api::<Pod>::all(client), watcher::Config::default()));
        while let Some(event) = events.try_next().await.expect("the stream goes on") {
            let (Event::Apply(pod) | Event::Delete(pod) | Event::InitApply(pod)) = event else { continue };
            begin.get_or_insert_with(Instant::now);
            serde_json::to_writer(&mut out, &pod).expect("the file takes it");
            out.write_all(b"\n").expect("the file takes it");
            count += 1;
            if count == EVENTS {
                break;
            }
        }
    });
    out.into_inner().expect("the file takes it").sync_data().expect("the disk takes it");
    peak::report(begin.expect("events came").elapsed());
}
