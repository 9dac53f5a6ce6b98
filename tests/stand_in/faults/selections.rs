//! Watches with selectors: an object that leaves the selection is not deleted, and a deleted one did not merely leave.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, pods};
use crate::recorder::Recording;
use statetrail::observation::{Change, Payload, Watch};
use statetrail::replay::{RecordedRequest, Server};
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
    assert_eq!(deletions(&outcome), [("leaves".to_owned(), false), ("dies".to_owned(), true)]);
}

/// The names in DELETED lines, and whether the deletion is confirmed.
fn deletions(outcome: &Recording) -> Vec<(String, bool)> {
    let deletion = |what: &Payload| match what {
        Payload::Object(seen) if seen.change == Change::Deleted => Some((seen.object.name.to_string(), seen.confirmed)),
        _ => None,
    };
    outcome.payloads().filter_map(deletion).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_left_and_died_before_the_question_is_not_confirmed() {
    let outcome = record(&mut Truth::new(), async |truth, scene| {
        // When the recorder receives that it left, it is already deleted.
        scene
            .blackout(|| {
                truth.write(0, Change::Modified, &labelled("leaves", "db", "Running"));
                truth.write(0, Change::Modified, &labelled("leaves", "db", "Failed"));
                truth.write(0, Change::Deleted, &labelled("leaves", "db", "Failed"));
                truth.write(0, Change::Deleted, &labelled("dies", "web", "Pending"));
            })
            .await;
    })
    .await;
    assert_eq!(deletions(&outcome), [("leaves".to_owned(), false), ("dies".to_owned(), true)]);
    let lines = phases(&outcome);
    assert!(lines.contains(&"leaves/uid-leaves gap 6.. LeftSelection".to_owned()), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.starts_with("leaves") && line.contains("Deleted")), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletions_are_confirmed_at_the_revision_of_their_event_and_eight_at_a_time() {
    const DEAD: usize = 20;
    let mut truth = Truth::new();
    (0..DEAD).for_each(|number| truth.write(0, Change::Added, &labelled(&format!("pod-{number}"), "web", "Running")));
    let scene = Scene::new(&truth);
    let watch = Watch { label_selector: "app=web".to_owned(), ..Watch::all(pods()) };
    let mut recorder = Recorder::start(scene.plan(vec![watch], Output::New(scene.path("run.jsonl"))).await);
    recorder.attached().await;
    // Long enough for the test to count the questions that wait for an answer.
    scene.inject("delay=200ms,verb=list");
    for number in 0..DEAD {
        truth.write(0, Change::Deleted, &labelled(&format!("pod-{number}"), "web", "Running"));
    }
    let asked = |server: &Server| -> Vec<RecordedRequest> {
        server.requests().into_iter().filter(|asked| asked.path.contains("metadata.name")).collect()
    };
    let mut most = 0;
    let all_answered = |server: &Server| {
        let asked = asked(server);
        let waiting = asked.iter().filter(|asked| asked.status.is_none()).count();
        most = most.max(waiting);
        asked.len() == DEAD && waiting == 0
    };
    bounded("the answers", scene.server.until(all_answered)).await;
    assert_eq!(most, 8);
    let asked = asked(&scene.server);
    for number in 0..DEAD {
        // The list was made at 21, and pod-0 deleted at 22.
        let (name, revision) =
            (format!("pod-{number}&"), format!("resourceVersion={}&resourceVersionMatch=Exact", 22 + number));
        assert!(asked.iter().any(|asked| asked.path.contains(&name) && asked.path.contains(&revision)), "{asked:#?}");
    }
    scene.server.clear_faults();
    let outcome = recorder.finish().await;
    let confirmed: Vec<(String, bool)> = (0..DEAD).map(|number| (format!("pod-{number}"), true)).collect();
    assert_eq!(deletions(&outcome), confirmed);
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
