//! States that the writer itself skipped: "never published" is different from "not seen".

use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object};
use crate::recorder::process::{ended, statetrail};
use statetrail::observation::Change;
use statetrail::timeline::Body;
use std::time::Duration;

/// A pod whose container has restarted this often, with the end of the previous instance if there was one.
fn container(restarts: u32, running: bool, last: Option<&str>) -> String {
    let started = r#""startedAt":"2026-01-01T00:00:00Z""#;
    let state = if running {
        format!(r#"{{"running":{{{started}}}}}"#)
    } else {
        format!(r#"{{"terminated":{{"reason":"Error","exitCode":1,"containerID":"c{restarts}",{started}}}}}"#)
    };
    let last = last.map_or(String::new(), |id| {
        format!(r#","lastState":{{"terminated":{{"reason":"OOMKilled","exitCode":137,"containerID":"{id}"}}}}"#)
    });
    let status = format!(
        r#""containerStatuses":[{{"name":"app","image":"a","imageID":"","ready":{running},"restartCount":{restarts},"containerID":"c{restarts}","state":{state}{last}}}]"#
    );
    object("a", "uid-a", "Running").replace(r#""phase""#, &format!(r#"{status},"phase""#))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unpublished_states_are_small_gaps_with_evidence_and_the_recording_is_whole() {
    let mut truth = Truth::new();
    truth.write(0, Change::Added, &container(0, true, None));
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    for json in [
        // Shown: it ends and starts again.
        container(0, false, None),
        container(1, true, Some("c0")),
        // Skipped: it ended and started again between two writes.
        container(2, true, Some("c1")),
        // Several restarts, with no evidence of how.
        container(5, true, None),
    ] {
        truth.write(0, Change::Modified, &json);
    }
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "coalesced");
    assert_eq!(
        outcome.gaps(),
        ["a/uid-a gap on container/app 4..5 NeverPublished", "a/uid-a gap on container/app 5..6 NeverPublished",]
    );
    let evidence: Vec<String> = outcome
        .timeline
        .iter()
        .filter_map(|entry| if let Body::Gap(blind) = &entry.body { blind.evidence.clone() } else { None })
        .collect();
    assert_eq!(evidence, ["lastState reports OOMKilled (exit code 137), restartCount 1 -> 2", "restartCount 2 -> 5"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_uid_without_a_deletion_is_a_gap_and_two_subjects() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.pace.fence = Duration::from_millis(300);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    truth.write(0, Change::Added, &object("a", "uid-a-2", "Pending"));
    let outcome = recorder.finish().await;
    // A stream that withholds a deletion contradicts itself, and history does not show that deletion.
    assert_eq!(outcome.gaps(), ["watch gap 2..3 Contradicted", "a/uid-a gap 2..3 Contradicted"]);
    assert!(!outcome.verified.complete, "{:?}", outcome.verified);
    let lines = outcome.lines();
    assert!(lines.iter().any(|line| line.starts_with("a/uid-a-2 ")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn show_distinguishes_unpublished_states_from_unseen_ones() {
    let mut truth = Truth::new();
    truth.write(0, Change::Added, &container(0, true, None));
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    truth.write(0, Change::Modified, &container(3, true, None));
    recorder.caught_up(&truth).await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            truth.write(0, Change::Modified, &container(4, true, None));
            truth.write(0, Change::Modified, &container(5, true, None));
            store.forget_watch_history();
        })
        .await;
    recorder.finish().await;
    let mut command = statetrail(["show", "-o", "log"]);
    let output = ended(command.arg(scene.path("run.jsonl")).spawn().expect("the program")).await;
    let text = String::from_utf8_lossy(&output.stdout);
    for words in ["never published", "restartCount 0 -> 3", "not seen"] {
        assert!(text.contains(words), "no `{words}` in\n{text}");
    }
}
