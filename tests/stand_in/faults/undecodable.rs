//! Events that cannot be decoded: they are counted and recorded, with a gap where they belong, and contain no secret.

use super::recorder::Scene;
use super::truth::{Truth, object};
use crate::recorder::Recording;
use statetrail::observation::{Change, Payload, Undecodable};

fn undecodable(outcome: &Recording) -> Vec<&Undecodable> {
    let whats = outcome.payloads();
    whats
        .filter_map(|what| if let Payload::Undecodable(undecodable) = what { Some(undecodable) } else { None })
        .collect()
}

/// If a line does not show its object, the watch as a whole has a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_line_is_a_gap_of_the_whole_watch() {
    for (how, head) in [("garbage", ""), ("truncated", "MODIFIED")] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        truth.put("b", "Pending");
        let scene = Scene::faulty(&truth, &[&format!("garble={how},event=2")]);
        let mut recorder = scene.attach().await;
        truth.put("a", "Running");
        recorder.caught_up(&truth).await;
        truth.put("a", "Failed");
        recorder.caught_up(&truth).await;
        truth.put("a", "Succeeded");
        let outcome = recorder.finish().await;
        let [kept] = undecodable(&outcome)[..] else { panic!("{how}: one line") };
        assert!(kept.raw.is_none() && kept.head == head && kept.length > 10, "{how}: {kept:?}");
        assert!(kept.uid.is_none() && kept.object.is_none() && !kept.error.is_empty(), "{how}: {kept:?}");
        assert_eq!(
            outcome.gaps(),
            ["watch gap 4.. Undecodable", "watch gap 4..5 Undecodable", "a/uid-a gap 4..5 Undecodable"],
            "{how}"
        );
        let lines = outcome.lines();
        assert!(lines.contains(&"a/uid-a phase: Running -> Failed @5".to_owned()), "{how}: {lines:#?}");
        assert!(lines.contains(&"a/uid-a phase: Failed -> Succeeded @6".to_owned()), "{how}: {lines:#?}");
        outcome.assert_once(how);
        assert_eq!((outcome.verified.complete, outcome.verified.watches[0].undecodable), (false, 1));
        let progress = outcome.recorded.expect("it was recorded").finished.progress;
        assert_eq!((progress.undecodable, progress.watches[0].gaps), (1, 1), "{how}");
    }
}

/// A container list that is a number: not a valid pod, but its identity can be read.
fn wrong_spec(name: &str, phase: &str) -> String {
    object(name, &format!("uid-{name}"), phase).replace(r#""status""#, r#""spec":{"containers":7},"status""#)
}

fn put_unread(truth: &Truth, json: &str) {
    truth.store.write(&super::truth::pods(), Change::Modified, json.as_bytes()).expect("an object");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_of_a_known_subject_is_a_gap_of_that_subject_alone() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    truth.put("b", "Pending");
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    put_unread(&truth, &wrong_spec("a", "Unseen"));
    truth.put("b", "Running");
    recorder.caught_up(&truth).await;
    // It is not requested again: the stream continues after it.
    scene.server.cut();
    truth.put("b", "Failed");
    truth.put("a", "Failed");
    put_unread(&truth, &wrong_spec("b", "Unseen"));
    let outcome = recorder.finish().await;
    assert_eq!(undecodable(&outcome).len(), 2);
    assert_eq!(undecodable(&outcome)[0].uid.as_deref(), Some("uid-a"));
    // What the allow-list admits is kept.
    let kept = undecodable(&outcome)[0].object.as_ref().expect("its identity can be read");
    assert!(kept.json.get().contains("Unseen") && !kept.json.get().contains("containers"), "{kept:?}");
    assert_eq!(undecodable(&outcome)[0].head, "MODIFIED story/a");
    assert_eq!(outcome.gaps(), ["a/uid-a gap 2..7 Undecodable", "b/uid-b gap 6.. Undecodable"]);
    let lines = outcome.lines();
    for line in ["b/uid-b phase: Pending -> Running @5", "b/uid-b phase: Running -> Failed @6"] {
        assert!(lines.contains(&line.to_owned()), "{lines:#?}");
    }
    let [chain] = &outcome.verified.watches[..] else { panic!("one watch") };
    assert!(!outcome.verified.complete && chain.fenced && chain.undecodable == 2, "{chain:?}");
    assert!(chain.problems.iter().all(|problem| problem.contains("could not be decoded")), "{chain:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undecodable_list_item_still_exists() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            put_unread(&truth, &wrong_spec("a", "Unseen"));
            store.forget_watch_history();
        })
        .await;
    recorder.caught_up(&truth).await;
    truth.put("a", "Failed");
    let outcome = recorder.finish().await;
    assert_eq!(undecodable(&outcome).len(), 1);
    let lines = outcome.lines();
    assert!(lines.iter().all(|line| !line.contains("Deleted")), "{lines:#?}");
    assert_eq!(outcome.gaps(), ["watch gap 2..3 HistoryExpired", "a/uid-a gap 2..4 HistoryExpired"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_of_another_shape_is_recorded_counted_and_a_gap_of_its_subject() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::faulty(&truth, &["garble=shape"]);
    let recorder = scene.attach().await;
    truth.put("a", "Unseen");
    truth.put("a", "Running");
    let outcome = recorder.finish().await;
    // What it shows may have come with that version, after the one before.
    assert_eq!(outcome.gaps(), ["a/uid-a gap 2..4 Undecodable"]);
    assert!(outcome.lines().contains(&"a/uid-a phase: Pending -> Running @4".to_owned()));
    // Every line is in the file, but the content of one is unknown: `verify` reports that, as `show` does.
    assert!(!outcome.verified.complete);
    assert!(outcome.verified.watches[0].problems[0].contains("the status of a at 3 cannot be read"));
    let kept = outcome
        .payloads()
        .any(|what| matches!(what, Payload::Object(seen) if seen.object.json.get().contains(r#""status":7"#)));
    assert!(kept);
    assert_eq!(outcome.recorded.expect("it was recorded").finished.progress.undecodable, 1);
}
