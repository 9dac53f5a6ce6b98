//! Watches with selectors: an object that leaves the selection is not deleted, and a deleted one did not merely leave.

use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, pods};
use crate::recorder::Recording;
use statetrail::observation::{Change, Payload, Watch};
use statetrail::run::Output;

fn labelled(name: &str, app: &str, phase: &str) -> String {
    object(name, &format!("uid-{name}"), phase).replace(r#""app":"web""#, &format!(r#""app":"{app}""#))
}

async fn record(truth: &mut Truth, happens: impl AsyncFnOnce(&mut Truth, &Scene)) -> Recording {
    for name in ["stays", "leaves", "dies"] {
        truth.write(0, Change::Added, &labelled(name, "web", "Pending"));
    }
    truth.write(0, Change::Added, &labelled("other", "db", "Pending"));
    let scene = Scene::new(truth);
    let watch = Watch { label_selector: "app=web".to_owned(), ..Watch::all(pods()) };
    let mut recorder = Recorder::start(scene.plan(vec![watch], Output::New(scene.path("run.jsonl"))).await);
    recorder.attached().await;
    happens(truth, &scene).await;
    recorder.finish().await
}

fn phases(outcome: &Recording) -> Vec<String> {
    let of = |line: &String| line.contains(" phase:") || line.contains(" gap ") || line.contains("Deleted");
    outcome.lines().into_iter().filter(of).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_that_leave_are_unseen_from_then_on_and_deleted_ones_are_deleted() {
    let outcome = record(&mut Truth::new(), async |truth, _| {
        truth.write(0, Change::Modified, &labelled("leaves", "db", "Running"));
        truth.write(0, Change::Deleted, &labelled("dies", "web", "Pending"));
        truth.write(0, Change::Modified, &labelled("other", "db", "Running"));
        truth.write(0, Change::Modified, &labelled("leaves", "web", "Failed"));
    })
    .await;
    let expected = [
        "stays/uid-stays phase: - -> Pending @2",
        "leaves/uid-leaves phase: - -> Pending @3",
        "dies/uid-dies phase: - -> Pending @4",
        // The state in which it left is the one that it had before: the server sends the previous version.
        "leaves/uid-leaves gap 6.. LeftSelection",
        "dies/uid-dies lifecycle: Present -> Deleted @7",
        "leaves/uid-leaves gap 6..9 LeftSelection",
        "leaves/uid-leaves phase: Pending -> Failed @9",
    ];
    assert_eq!(phases(&outcome), expected);
    assert!(outcome.verified.complete, "{:?}", outcome.verified);
    let confirmed: Vec<(String, bool)> = outcome
        .payloads()
        .filter_map(|what| match what {
            Payload::Object(seen) if seen.change == Change::Deleted => {
                Some((seen.object.name.to_string(), seen.confirmed))
            }
            _ => None,
        })
        .collect();
    assert_eq!(confirmed, [("leaves".to_owned(), false), ("dies".to_owned(), true)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_missing_after_a_gap_may_still_exist() {
    let outcome = record(&mut Truth::new(), async |truth, scene| {
        let store = truth.store.clone();
        scene
            .blackout(|| {
                truth.write(0, Change::Modified, &labelled("leaves", "db", "Running"));
                truth.write(0, Change::Deleted, &labelled("dies", "web", "Pending"));
                store.forget_watch_history();
            })
            .await;
    })
    .await;
    let lines = phases(&outcome);
    for name in ["leaves", "dies"] {
        let of: Vec<&String> = lines.iter().filter(|line| line.starts_with(name)).collect();
        assert!(of.last().is_some_and(|line| line.contains("gap") && line.contains(".. ")), "{lines:#?}");
        assert!(of.iter().all(|line| !line.contains("Deleted")), "{lines:#?}");
    }
}
