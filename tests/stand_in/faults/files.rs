//! Files that must not be written: those of another cluster or of another recorder.

use super::recorder::{Recorder, Scene};
use super::truth::Truth;
use statetrail::recording::{self, SyncPolicy};
use statetrail::replay::Options;
use statetrail::run::{self, PriorRecording};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recording_of_another_cluster_is_refused() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    truth.put("a", "Pending");
    scene.attach().await.finish().await;
    let other = Scene::with(&truth, Options { cluster_uid: "another".to_owned(), ..Options::default() });
    let bytes = std::fs::read(scene.path("run.jsonl")).expect("a recording");
    let Err(error) = other.resume(&scene.path("run.jsonl")).await.ended().await else { panic!("it goes on") };
    assert!(matches!(error, run::Error::Recording(recording::Error::OtherCluster { .. })), "{error}");
    assert_eq!(std::fs::read(scene.path("run.jsonl")).expect("a recording"), bytes, "it was not touched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_recorder_on_one_file_is_refused() {
    for name in ["run.jsonl", "run.jsonl.zst"] {
        let mut truth = Truth::new();
        let scene = Scene::new(&truth);
        let mut plan = scene.pods().await;
        plan.output = run::Output::New(scene.path(name));
        let mut first = Recorder::start(plan);
        first.attached().await;
        let refused = PriorRecording::open(&scene.path(name), SyncPolicy::Never).err();
        assert!(matches!(refused, Some(run::Error::Recording(recording::Error::Busy { .. }))), "{refused:?}");
        let mut plan = scene.pods().await;
        plan.output = run::Output::New(scene.path(name));
        let refused = Recorder::start(plan).ended().await.err();
        assert!(matches!(refused, Some(run::Error::Recording(recording::Error::Exists { .. }))), "{refused:?}");
        truth.story(5);
        first.finish().await.assert_whole(&truth, name);
        assert!(PriorRecording::open(&scene.path(name), SyncPolicy::Never).is_ok(), "it is free again");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_is_too_old_is_resumed_after_a_gap() {
    let mut truth = Truth::new();
    truth.put("same", "Pending");
    truth.put("changed", "Pending");
    let scene = Scene::new(&truth);
    scene.attach().await.finish().await.assert_whole(&truth, "before");
    truth.put("changed", "Running");
    truth.put("changed", "Failed");
    truth.store.compact(5).expect("a past revision");
    let outcome = scene.resume(&scene.path("run.jsonl")).await.finish().await;
    assert_eq!(outcome.gaps(), ["watch gap 3..5 HistoryExpired", "changed/uid-changed gap 3..5 HistoryExpired"]);
    assert!(!outcome.verified.complete && outcome.verified.watches[0].fenced);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_torn_line_is_cut_off_and_reported() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    truth.story(5);
    recorder.finish().await;
    let path = scene.path("run.jsonl");
    let bytes = std::fs::read(&path).expect("a recording");
    std::fs::write(&path, &bytes[..bytes.len() - 30]).expect("a file");
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').expect("lines") + 1;
    let earlier = PriorRecording::open(&path, SyncPolicy::Never).expect("a recording");
    let torn = earlier.torn.expect("it is reported");
    assert_eq!(torn.bytes, (bytes.len() - 30 - last) as u64);
    assert_eq!(torn.line, memchr::memchr_iter(b'\n', &bytes).count() as u64);
    drop(earlier);
    truth.story(5);
    scene.resume(&path).await.finish().await.assert_whole(&truth, "torn");
}
