//! A server that refuses requests, closes watches or expires them: the recorder retries, and backs off.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::Truth;
use crate::recorder::deadline::now;
use statetrail::replay::Verb;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_lists_and_watches_are_retried_and_nothing_is_lost() {
    for status in [408, 429, 500, 502, 503, 504] {
        let mut truth = Truth::new();
        truth.put("before", "Pending");
        let scene = Scene::faulty(
            &truth,
            &[&format!("http={status}:3,verb=list,resource=pods"), &format!("http={status}:3,verb=watch")],
        );
        let mut recorder = scene.attach().await;
        truth.story(6);
        recorder.caught_up(&truth).await;
        scene.inject(&format!("http={status}:2,verb=watch"));
        scene.server.cut();
        truth.story(6);
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, &format!("{status}"));
        // Three refusals, a stream, the cut, two more refusals, a stream; the fence may shorten a pause.
        let watches = scene.server.count(Verb::Watch, "pods");
        assert!((7..=9).contains(&watches), "{status}: {watches} watches");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_is_a_lower_bound() {
    for verb in ["list", "watch"] {
        let mut truth = Truth::new();
        let scene = Scene::faulty(&truth, &[&format!("http=429:1,retry-after=1,verb={verb},resource=pods")]);
        let begun = now();
        let recorder = Recorder::start(scene.pods().await);
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        assert!(begun.elapsed() >= Duration::from_secs(1), "{verb}: asked again after {:?}", begun.elapsed());
        truth.story(3);
        recorder.finish().await.assert_whole(&truth, verb);
        // Its short pauses alone would lead to dozens of requests in that second.
        assert!(scene.server.requests().len() < 20, "{verb}: {} requests", scene.server.requests().len());
    }
}

/// How long a recorder takes to request this many watches.
async fn time_for(scene: &Scene, watches: usize) -> Duration {
    let begun = now();
    let asked = scene.server.count(Verb::Watch, "pods");
    bounded("the watches", scene.server.until(|server| server.count(Verb::Watch, "pods") >= asked + watches)).await;
    begun.elapsed()
}

/// The short pauses after nine failures: 8 ms doubling to 300 ms, less the possible jitter.
const NINE_FAILURES: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watches_that_are_closed_at_once_are_backed_off() {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["close-after=0"]);
    let recorder = scene.attach().await;
    let took = time_for(&scene, 9).await;
    assert!(took >= NINE_FAILURES, "nine watches in {took:?}");
    scene.server.clear_faults();
    truth.story(6);
    recorder.finish().await.assert_whole(&truth, "closed at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_always_answers_410_is_not_asked_in_a_hot_loop() {
    for fault in ["gone=stream,times=1000000", "gone=http,times=1000000"] {
        let mut truth = Truth::new();
        let scene = Scene::faulty(&truth, &[fault]);
        let recorder = scene.attach().await;
        let took = time_for(&scene, 9).await;
        assert!(took >= NINE_FAILURES, "{fault}: nine watches in {took:?}");
        scene.server.clear_faults();
        bounded("a watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.story(6);
        recorder.finish().await.assert_whole(&truth, fault);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watches_closed_after_some_events_are_reopened_at_once() {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["close-after=2"]);
    let recorder = scene.attach().await;
    truth.story(30);
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "closed after two");
    let watches = scene.server.count(Verb::Watch, "pods");
    assert!((15..=18).contains(&watches), "{watches} watches for 30 events");
}
