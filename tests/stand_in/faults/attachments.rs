//! Everything that happens once the ready file exists is recorded.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::{Truth, pods};
use crate::recorder::Recording;
use futures::StreamExt;
use statetrail::observation::{Change, Payload, Watch};
use statetrail::replay::Store;
use statetrail::run::Output;
use std::path::Path;

const TIMES: usize = 1000;
const TOGETHER: usize = 8;

/// Polls for the file, and yields in between, to notice it as soon as it exists.
pub(super) async fn appears(path: &Path) {
    while !path.exists() {
        tokio::task::yield_now().await;
    }
}

async fn acts(scene: &Scene, store: &Store, number: usize) {
    let namespace = format!("namespace-{number}");
    let (file, ready) = (scene.path(&format!("{number}.jsonl")), scene.path(&format!("{number}.ready")));
    let watch = Watch { namespace: namespace.as_str().into(), ..Watch::all(pods()) };
    let mut plan = scene.plan(vec![watch], Output::New(file.clone())).await;
    plan.ready_file = Some(ready.clone());
    let recorder = Recorder::start(plan);
    bounded("the ready file", appears(&ready)).await;
    let json = super::truth::object("acted", &format!("uid-{number}"), "Pending").replace("story", &namespace);
    store.write(&pods(), Change::Added, json.as_bytes()).expect("a pod");
    recorder.finish().await;
    let outcome = Recording::read(&file);
    let seen: Vec<Change> = outcome
        .payloads()
        .filter_map(|what| if let Payload::Object(seen) = what { Some(seen.change) } else { None })
        .collect();
    assert_eq!(seen, [Change::Added], "attempt {number}: {:?}", outcome.lines());
    assert!(outcome.verified.complete, "attempt {number}: {:?}", outcome.verified);
    std::fs::remove_file(file).expect("a file");
    std::fs::remove_file(ready).expect("a file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pod_created_when_the_ready_file_appears_is_seen_from_its_first_state() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let attempts = (0..TIMES).map(|number| acts(&scene, &truth.store, number));
    futures::stream::iter(attempts).for_each_concurrent(TOGETHER, |attempt| attempt).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ready_file_waits_for_the_last_watch() {
    let truth = Truth::of(vec![pods(), super::truth::vmis()]);
    let scene = Scene::faulty(&truth, &["http=503,times=1000000,verb=list,resource=virtualmachineinstances"]);
    let watches = vec![Watch::all(pods()), Watch::all(super::truth::vmis())];
    let mut plan = scene.plan(watches, Output::New(scene.path("run.jsonl"))).await;
    let ready = scene.path("ready");
    plan.ready_file = Some(ready.clone());
    let mut recorder = Recorder::start(plan);
    recorder.until("the pods", |progress| progress.watches.first().is_some_and(|watched| watched.attached)).await;
    assert!(!ready.exists());
    scene.server.clear_faults();
    bounded("the ready file", appears(&ready)).await;
    recorder.finish().await.assert_whole(&truth, "ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ready_file_that_cannot_be_written_ends_the_recorder_and_keeps_its_recording() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.ready_file = Some(scene.path("no-such-folder/ready"));
    let error = Recorder::start(plan).ended().await.err().expect("it cannot be ready").to_string();
    assert!(error.contains("write the ready file"), "{error}");
    assert!(Recording::read(&scene.path("run.jsonl")).payloads().any(|what| matches!(what, Payload::Attached(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_may_be_served_later_and_may_disappear_and_return() {
    let mut truth = Truth::of(vec![pods(), super::truth::vmis()]);
    truth.store.withhold(&super::truth::vmis());
    let scene = Scene::new(&truth);
    let watches = vec![Watch::all(pods()), Watch::all(super::truth::vmis())];
    let mut recorder = Recorder::start(scene.plan(watches, Output::New(scene.path("run.jsonl"))).await);
    recorder.attached().await;
    truth.put("pod", "Pending");
    truth.store.serve(&super::truth::vmis());
    recorder.until("the kind", |progress| !progress.watches[1].absent).await;
    let vmi = |phase| super::truth::object("vmi", "uid-vmi", phase);
    truth.write(1, Change::Added, &vmi("Scheduling"));
    let newest = truth.store.revision();
    recorder.until("the VMI", |progress| progress.watches[1].version.as_ref() == Some(&newest)).await;
    // Its API is unavailable for a while, as when an extension API server restarts; events meanwhile are delivered
    // later.
    truth.store.withhold(&super::truth::vmis());
    recorder.until("its absence", |progress| progress.watches[1].absent).await;
    truth.write(1, Change::Modified, &vmi("Scheduled"));
    truth.store.serve(&super::truth::vmis());
    truth.write(1, Change::Modified, &vmi("Running"));
    let after = recorder.finish().await;
    // Nothing here dates a revision, so nothing proves that the past was read back to when the kind was not served: others
    // may have come and gone.
    assert_eq!(after.gaps(), ["watch gap .. Unrecorded"]);
    let lines: Vec<String> = after.lines().into_iter().filter(|line| !line.starts_with("watch gap")).collect();
    assert_eq!(lines, truth.lines());
    after.assert_once("served later");
    let past = after.payloads().find_map(|what| if let Payload::Past(past) = what { Some(past) } else { None });
    assert!(!past.expect("the past was asked for").missing.is_empty());
    assert!(!after.verified.complete, "{:#?}", after.verified);
}
