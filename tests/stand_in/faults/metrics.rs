//! The metrics of a recorder, whatever happens to it: they are those of the recording, and say what is not known.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, pods};
use crate::recorder::deadline;
use crate::recorder::handle::counted;
use crate::recorder::metrics::{Scrape, assert_counted};
use statetrail::metrics::Metrics;
use statetrail::observation::{Change, Watch};
use statetrail::recording::SyncPolicy;
use statetrail::replay::{Options, Server};
use statetrail::run::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const BOUND: Duration = Duration::from_secs(40);

/// Scrapes until something is so.
fn until(metrics: &Metrics, what: &str, holds: impl Fn(&Scrape) -> bool) -> Scrape {
    let mut last = Scrape::default();
    let found = tokio::task::block_in_place(|| {
        deadline::until(BOUND, || {
            last = Scrape::read(&metrics.text(&[]));
            holds(&last).then_some(())
        })
    });
    assert!(found.is_some(), "waited in vain for {what}: {last:#?}");
    last
}

/// How many pods of the story are in a phase.
fn in_phase(scrape: &Scrape, phase: &str) -> u64 {
    scrape.number("statetrail_objects", &format!("kind=Pod,namespace=story,track=phase,state={phase}"))
}

/// A recorder of all pods, attached.
async fn attached(scene: &Scene) -> (Recorder, Metrics) {
    let (mut recorder, metrics) = Recorder::start_measured(scene.pods().await);
    recorder.attached().await;
    (recorder, metrics)
}

async fn assert_as_recorded(recorder: Recorder, metrics: &Metrics) -> Scrape {
    let recording = recorder.finish().await;
    let scrape = counted(metrics).await;
    assert_counted(&scrape, &recording, "what was recorded");
    assert_eq!(scrape.number("statetrail_recorder_ended", ""), 1);
    assert_eq!(scrape.number("statetrail_metrics_missed_entries_total", ""), 0);
    scrape
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_are_counted_across_deletions_a_gap_and_a_return() {
    let mut truth = Truth::new();
    ["a", "b", "c"].iter().for_each(|name| truth.put(name, "Pending"));
    let scene = Scene::new(&truth);
    let (mut recorder, metrics) = attached(&scene).await;
    until(&metrics, "three pods", |scrape| in_phase(scrape, "Pending") == 3);
    truth.put("a", "Running");
    truth.delete("b", "Pending");
    recorder.caught_up(&truth).await;
    let scrape = until(&metrics, "the deletion", |scrape| in_phase(scrape, "Pending") == 1);
    assert_eq!((in_phase(&scrape, "Pending"), in_phase(&scrape, "Running")), (1, 1));
    scene
        .blackout(|| {
            truth.put("a", "Failed");
            truth.put("b", "Succeeded");
            let newest = truth.store.revision().number().expect("a number");
            truth.store.compact(newest).expect("not in the future");
        })
        .await;
    recorder.until("the gap", |progress| progress.watches[0].gaps == 1 && progress.watches[0].attached).await;
    truth.put("c", "Running");
    recorder.caught_up(&truth).await;
    let is_after = |scrape: &Scrape| in_phase(scrape, "Failed") == 1 && in_phase(scrape, "Running") == 1;
    let scrape = until(&metrics, "the states after the gap", is_after);
    let states = ["Pending", "Running", "Failed", "Succeeded", "unknown"].map(|phase| in_phase(&scrape, phase));
    assert_eq!(states, [0, 1, 1, 1, 0]);
    let scrape = assert_as_recorded(recorder, &metrics).await;
    let gaps = scrape.of("statetrail_gaps_total");
    assert!(gaps.keys().all(|labels| labels.ends_with("reason=history-expired")) && gaps.len() == 2, "{gaps:?}");
    let unknown = "kind=Pod,namespace=story,track=phase,from=unknown,to=Failed";
    assert_eq!(scrape.number("statetrail_transitions_total", unknown), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_can_be_scraped_and_makes_every_state_unknown_while_it_lasts() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let (mut recorder, metrics) = attached(&scene).await;
    let of_watch = "resource=pods,namespace=";
    let connected = |scrape: &Scrape| scrape.number("statetrail_watch_connected", of_watch) == 1;
    until(&metrics, "the pod", |scrape| connected(scrape) && in_phase(scrape, "Running") == 1);
    scene.hide("pods").await;
    let scrape = until(&metrics, "the outage", |scrape| !connected(scrape));
    assert_eq!((in_phase(&scrape, "Running"), in_phase(&scrape, "unknown")), (0, 1));
    assert_eq!(scrape.number("statetrail_watch_attached", of_watch), 1);
    scene.server.clear_faults();
    truth.put("a", "Failed");
    recorder.caught_up(&truth).await;
    let scrape = until(&metrics, "its end", |scrape| connected(scrape) && in_phase(scrape, "Failed") == 1);
    assert_eq!(in_phase(&scrape, "unknown"), 0);
    assert!(scrape.number("statetrail_watch_reconnects_total", of_watch) > 0);
    assert_as_recorded(recorder, &metrics).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_decoded_is_unknown_until_the_object_is_shown_again() {
    let mut truth = Truth::new();
    ["a", "b"].iter().for_each(|name| truth.put(name, "Pending"));
    let scene = Scene::new(&truth);
    let (mut recorder, metrics) = attached(&scene).await;
    let wrong = object("a", "uid-a", "Unseen").replace(r#""status""#, r#""spec":{"containers":7},"status""#);
    truth.store.write(&pods(), Change::Modified, wrong.as_bytes()).expect("an object");
    recorder.caught_up(&truth).await;
    let scrape = until(&metrics, "what is unknown", |scrape| in_phase(scrape, "unknown") == 1);
    assert_eq!(in_phase(&scrape, "Pending"), 1, "the other pod is known");
    truth.put("a", "Running");
    recorder.caught_up(&truth).await;
    let scrape = until(&metrics, "the next version", |scrape| in_phase(scrape, "Running") == 1);
    assert_eq!(in_phase(&scrape, "unknown"), 0);
    assert_as_recorded(recorder, &metrics).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_leaves_its_selection_is_not_counted_until_it_returns() {
    let labelled =
        |app: &str, phase: &str| object("a", "uid-a", phase).replace(r#""app":"web""#, &format!(r#""app":"{app}""#));
    let mut truth = Truth::new();
    truth.write(0, Change::Added, &labelled("web", "Pending"));
    let scene = Scene::new(&truth);
    let watch = Watch { label_selector: "app=web".to_owned(), ..Watch::all(pods()) };
    let plan = scene.plan(vec![watch], Output::New(scene.path("run.jsonl"))).await;
    let (mut recorder, metrics) = Recorder::start_measured(plan);
    recorder.attached().await;
    until(&metrics, "the pod", |scrape| in_phase(scrape, "Pending") == 1);
    truth.write(0, Change::Modified, &labelled("db", "Running"));
    until(&metrics, "that it left", |scrape| scrape.of("statetrail_objects").is_empty());
    truth.write(0, Change::Modified, &labelled("web", "Pending"));
    until(&metrics, "its return", |scrape| in_phase(scrape, "Pending") == 1);
    assert_as_recorded(recorder, &metrics).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_a_storage_that_was_replaced_are_those_of_the_new_one() {
    let mut truth = Truth::new();
    ["a", "b"].iter().for_each(|name| truth.put(name, "Pending"));
    let scene = Scene::new(&truth);
    let (mut recorder, metrics) = attached(&scene).await;
    truth.put("a", "Running");
    truth.put("short", "Running");
    recorder.caught_up(&truth).await;
    until(&metrics, "the pods", |scrape| in_phase(scrape, "Running") == 2);
    let file = scene.path("run.jsonl");
    assert_as_recorded(recorder, &metrics).await;
    // Resumed on a storage that has only one of them, in an earlier state.
    let Scene { folder, .. } = scene;
    let mut other = Truth::new();
    other.put("b", "Failed");
    let scene = Scene::of(Server::start(other.store.clone(), Options::default()).expect("a free port"), folder);
    let plan = scene.resume_plan(&file).await;
    let (mut recorder, metrics) = Recorder::start_measured(plan);
    recorder.until("the gap", |progress| progress.watches.first().is_some_and(|watched| watched.gaps == 1)).await;
    recorder.attached().await;
    let scrape = until(&metrics, "the new states", |scrape| in_phase(scrape, "Failed") == 1);
    let states = ["Pending", "Running", "Failed", "unknown"].map(|phase| in_phase(&scrape, phase));
    assert_eq!(states, [0, 0, 1, 0], "{scrape:#?}");
    recorder.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_recorder_knows_the_objects_and_counts_from_zero() {
    let mut truth = Truth::new();
    ["a", "b"].iter().for_each(|name| truth.put(name, "Pending"));
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    truth.put("a", "Running");
    recorder.caught_up(&truth).await;
    recorder.finish().await;
    let (mut recorder, metrics) = Recorder::start_measured(scene.resume_plan(&scene.path("run.jsonl")).await);
    recorder.attached().await;
    let scrape = until(&metrics, "the objects", |scrape| in_phase(scrape, "Running") == 1);
    assert_eq!(in_phase(&scrape, "Pending"), 1);
    assert!(scrape.of("statetrail_transitions_total").is_empty(), "{scrape:#?}");
    truth.put("b", "Running");
    until(&metrics, "the transition", |scrape| in_phase(scrape, "Running") == 2);
    recorder.finish().await;
    let scrape = counted(&metrics).await;
    let transitions = scrape.of("statetrail_transitions_total");
    // The phase, and kubectl's status.
    assert!(transitions.len() == 2 && transitions.values().all(|count| *count < 1.5), "{transitions:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_anything_is_recorded_a_scrape_says_that_no_watch_has_attached() {
    let scene = Scene::faulty(&Truth::new(), &["delay=10s,verb=list"]);
    let (recorder, metrics) = Recorder::start_measured(scene.pods().await);
    let scrape = Scrape::read(&metrics.text(&[]));
    let of_watch = "resource=pods,namespace=";
    let number = |family: &str| scrape.number(family, of_watch);
    assert_eq!((number("statetrail_watches"), number("statetrail_watch_attached")), (1, 0));
    assert!(scrape.of("statetrail_objects").is_empty() && scrape.of("statetrail_transitions_total").is_empty());
    assert_eq!(scrape.number("statetrail_recorder_ended", ""), 0);
    // It may not have begun a file.
    bounded("the end", recorder.handle.abort()).await.expect("it is aborted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_recorder_measures_of_itself_is_there() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.sync = SyncPolicy::Always;
    let (mut recorder, metrics) = Recorder::start_measured(plan);
    recorder.attached().await;
    truth.story(200);
    recorder.caught_up(&truth).await;
    let recording = recorder.finish().await;
    let scrape = counted(&metrics).await;
    let bytes = std::fs::metadata(&recording.path).expect("a file").len();
    assert_eq!(scrape.number("statetrail_recording_bytes_total", ""), bytes);
    assert!(scrape.number("statetrail_recording_fsync_duration_seconds_count", "") > 1);
    assert!(scrape.value("statetrail_recording_fsync_duration_seconds_sum", "") > 0.0);
    assert_eq!(scrape.number("statetrail_delivery_lag_seconds_count", "resource=pods"), 200);
    assert!(scrape.value("statetrail_delivery_lag_seconds_sum", "resource=pods") > 0.0);
    for queue in ["received", "decoded", "recorded", "metrics"] {
        let labels = format!("queue={queue}");
        assert!(scrape.number("statetrail_queue_capacity", &labels) > 0, "{queue}");
        assert_eq!(scrape.number("statetrail_queue_depth", &labels), 0, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scrape_waits_for_nothing_that_the_recorder_waits_for() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let (mut recorder, metrics) = attached(&scene).await;
    let (stop, stopped) = (Arc::new(AtomicBool::new(false)), metrics.clone());
    let going = Arc::clone(&stop);
    let scraping = std::thread::spawn(move || {
        let mut scrapes = 0;
        while !going.load(Ordering::SeqCst) {
            Scrape::read(&stopped.text(&[]));
            scrapes += 1;
        }
        scrapes
    });
    for number in 0..5000 {
        truth.put("a", ["Pending", "Running"][number % 2]);
    }
    recorder.caught_up(&truth).await;
    let scrape = assert_as_recorded(recorder, &metrics).await;
    stop.store(true, Ordering::SeqCst);
    assert!(scraping.join().expect("no panic") > 10);
    let all = scrape.number("statetrail_delivery_lag_seconds_count", "resource=pods");
    let soon = scrape.number("statetrail_delivery_lag_seconds_bucket", "resource=pods,le=10");
    assert_eq!((all, soon), (5000, 5000), "nothing was held up");
}
