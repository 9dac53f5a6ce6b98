//! Responses of every shape that a server may send: pages, compression, bookmarks, sizes.

use super::recorder::Scene;
use super::truth::Truth;
use statetrail::observation::{Change, Payload};
use statetrail::replay::Verb;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookmarks_of_every_shape_keep_the_stream_alive_across_a_compaction() {
    for shape in ["real", "null", "bare"] {
        let mut truth = Truth::new();
        let scene = Scene::faulty(&truth, &[&format!("bookmarks={shape}")]);
        let mut recorder = scene.attach().await;
        truth.story(6);
        recorder.caught_up(&truth).await;
        // Other resources are written, but no pods.
        truth.store.advance(500);
        scene.server.send_bookmarks();
        recorder.caught_up(&truth).await;
        truth.store.compact(400).expect("a past revision");
        scene.server.cut();
        truth.story(6);
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, shape);
        assert_eq!(outcome.payloads().filter(|what| matches!(what, Payload::Bookmark { .. })).count(), 1, "{shape}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_bookmarks_a_compaction_is_a_gap_of_the_watch_and_of_no_object() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::faulty(&truth, &["bookmarks=off"]);
    let mut recorder = scene.attach().await;
    truth.store.advance(500);
    truth.store.compact(400).expect("a past revision");
    scene.server.cut();
    recorder.caught_up(&truth).await;
    truth.put("a", "Running");
    let outcome = recorder.finish().await;
    assert_eq!(outcome.gaps(), ["watch gap 2..500 HistoryExpired"]);
    assert!(!outcome.verified.complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streaming_lists_are_never_requested() {
    for old in ["ignore", "refuse"] {
        let mut truth = Truth::new();
        truth.put("before", "Pending");
        let scene = Scene::faulty(&truth, &[&format!("no-initial-events={old}"), "cut-after=4"]);
        let recorder = scene.attach().await;
        truth.story(6);
        recorder.finish().await.assert_whole(&truth, old);
        assert!(scene.server.requests().iter().all(|asked| !asked.path.contains("sendInitialEvents")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_read_in_pages_and_restarted_when_a_token_expires() {
    for (expired, gzip) in [(0, "on"), (2, "off"), (7, "on")] {
        let mut truth = Truth::new();
        for index in 0..1100 {
            truth.put(&format!("pod-{index:04}"), "Pending");
        }
        let scene = Scene::faulty(&truth, &[&format!("gzip={gzip}")]);
        if expired > 0 {
            scene.inject(&format!("expire-continue,times={expired}"));
        }
        let recorder = scene.attach().await;
        truth.story(6);
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, &format!("{expired} expired tokens, gzip {gzip}"));
        let listed =
            outcome.payloads().filter(|what| matches!(what, Payload::Object(seen) if seen.change == Change::Listed));
        assert_eq!(listed.count(), 1100);
        let lists = scene.server.count(Verb::List, "pods");
        assert!((6..=30).contains(&lists), "{expired}: {lists} lists");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_larger_than_a_mebibyte_are_recorded() {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["oversize=1500000,event=2", "cut-after=4"]);
    let recorder = scene.attach().await;
    truth.story(3);
    let message = "x".repeat(1 << 20);
    truth.write(
        0,
        Change::Modified,
        &format!(
            r#"{{"metadata":{{"name":"large","namespace":"story","uid":"uid-large","resourceVersion":"0"}},"status":{{"phase":"Failed","message":"{message}"}}}}"#
        ),
    );
    truth.story(6);
    recorder.finish().await.assert_whole(&truth, "large events");
}
