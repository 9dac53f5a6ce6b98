//! Crash points: a recording truncated at any byte can be read and resumed, and lacks nothing afterwards.

use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use futures::StreamExt;
use statetrail::observation::Payload;
use statetrail::recording::Reader;
use statetrail::run::Output;
use std::path::Path;

/// Crash points per file format; more than a thousand for both.
const POINTS: usize = 520;
const TOGETHER: usize = 8;

/// A recording with reconnects and bookmarks, and the store that it was recorded from.
async fn recorded(name: &str) -> (Truth, Scene, Recording) {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["cut-after=9"]);
    let mut plan = scene.pods().await;
    plan.output = Output::New(scene.path(name));
    plan.sync = statetrail::recording::SyncPolicy::Always;
    let mut recorder = super::recorder::Recorder::start(plan);
    recorder.attached().await;
    for _ in 0..6 {
        truth.story(7);
        // Every flush is a frame of its own in a compressed file.
        recorder.caught_up(&truth).await;
        scene.server.send_bookmarks();
    }
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, name);
    scene.server.clear_faults();
    (truth, scene, outcome)
}

/// Number of lines until the initial state is complete; before that, a recorder has seen nothing that it could lose.
fn lines_to_attachment(outcome: &Recording) -> usize {
    outcome.payloads().take_while(|what| !matches!(what, Payload::Attached(_))).count() + 1
}

async fn resumes(truth: &Truth, scene: &Scene, whole: &Recording, path: &Path, what: String) {
    let Ok(reader) = Reader::open(path) else {
        // Not even its header is complete, so nothing was promised.
        assert!(std::fs::metadata(path).expect("a file").len() < 700, "{what}: unreadable");
        return;
    };
    drop(reader);
    let before = Recording::read(path);
    assert_eq!(before.records[..], whole.records[..before.records.len()], "{what}");
    let after = scene.resume(path).await.finish().await;
    assert_eq!(after.records[..before.records.len()], before.records[..], "{what}: earlier lines are unchanged");
    assert!(after.torn.is_none(), "{what}");
    if before.records.len() >= lines_to_attachment(whole) {
        after.assert_whole(truth, &what);
    } else {
        // The torn-off part may have contained anything.
        assert_eq!(after.verified.complete, before.torn.is_none(), "{what}: {:#?}", after.verified);
    }
}

async fn at_every_point(name: &'static str) {
    let (truth, scene, whole) = recorded(name).await;
    let bytes = std::fs::read(scene.path(name)).expect("a recording");
    // Spread over the whole file: the step has no common factor with any structure in it.
    let points = (0..POINTS).map(|point| (point * 7919 + point * point) % (bytes.len() + 1));
    futures::stream::iter(points.enumerate())
        .for_each_concurrent(TOGETHER, |(number, point)| {
            let path = scene.path(&format!("{number}-{name}"));
            std::fs::write(&path, &bytes[..point]).expect("a file");
            let (truth, scene, whole) = (&truth, &scene, &whole);
            async move {
                resumes(truth, scene, whole, &path, format!("{name} cut at byte {point} of {}", whole.records.len()))
                    .await;
                std::fs::remove_file(&path).expect("a file");
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_truncated_at_any_byte_is_resumed_without_a_loss() {
    at_every_point("run.jsonl").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compressed_recording_truncated_at_any_byte_is_resumed_without_a_loss() {
    at_every_point("run.jsonl.zst").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_first_list_is_no_gap_if_nothing_changed_and_nothing_was_torn_off() {
    let mut truth = Truth::new();
    for name in ["a", "b", "c"] {
        truth.put(name, "Pending");
    }
    let scene = Scene::new(&truth);
    let whole = scene.attach().await.finish().await;
    let text = std::fs::read_to_string(scene.path("run.jsonl")).expect("a recording");
    for (torn, changed, lines) in
        [("", false, 1), ("", false, 2), ("", false, 3), ("", false, 4), (r#"{"seq":"#, false, 3), ("", true, 3)]
    {
        let path = scene.path("cut.jsonl");
        let kept: String = text.lines().take(lines).flat_map(|line| [line, "\n"]).collect();
        std::fs::write(&path, kept + torn).expect("a file");
        if changed {
            truth.put("b", "Running");
        }
        let after = scene.resume(&path).await.finish().await;
        if changed {
            let gaps = after.gaps();
            assert!(gaps.iter().any(|gap| gap.starts_with("b/uid-b gap 3..5")), "{gaps:?}");
            assert!(!after.verified.complete);
        } else if !torn.is_empty() {
            assert!(!after.verified.complete, "the torn-off part may have contained anything");
        } else {
            assert!(after.verified.complete, "{:#?}", after.verified);
            assert_eq!(after.lines(), whole.lines(), "after {lines} lines");
        }
    }
}

/// The past is recorded before the first list: a recorder that is killed meanwhile has recorded part of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_killed_while_recording_the_past_never_loses_part_of_it_silently() {
    let mut truth = Truth::new();
    for (name, phase) in [("a", "Pending"), ("b", "Pending"), ("a", "Running")] {
        truth.put(name, phase);
    }
    truth.put("gone", "Pending");
    truth.delete("gone", "Pending");
    let scene = Scene::new(&truth);
    let ask = |plan: &mut statetrail::run::Config| {
        plan.past = statetrail::run::HistoryPolicy::Since(std::time::Duration::from_mins(10));
        plan.healing = statetrail::source::Healing::default();
    };
    let whole = scene.attach_with(ask).await.finish().await;
    whole.assert_whole(&truth, "the past");
    let text = std::fs::read_to_string(scene.path("run.jsonl")).expect("a recording");
    for kept in 1..=text.lines().count() {
        let path = scene.path("torn.jsonl");
        let lines: String = text.lines().take(kept).flat_map(|line| [line, "\n"]).collect();
        std::fs::write(&path, &lines).expect("a file");
        let after = scene.resume(&path).await.finish().await;
        // This recorder was not asked for the past, and the file does not show whether an earlier one was.
        let is_asked = lines.contains(r#""type":"PAST""#);
        let recorded = after.lines();
        let missing: Vec<_> = truth.lines().into_iter().filter(|line| !recorded.contains(line)).collect();
        assert!(!is_asked || missing.is_empty() || !after.verified.complete, "{kept}: {missing:#?} of {recorded:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unfinished_list_after_a_gap_is_read_again() {
    let mut truth = Truth::new();
    for name in ["a", "b", "c"] {
        truth.put(name, "Pending");
    }
    let scene = Scene::faulty(&truth, &["garble,event=1"]);
    let mut recorder = scene.attach().await;
    truth.put("b", "Running");
    recorder.caught_up(&truth).await;
    recorder.abort().await;
    let text = std::fs::read_to_string(scene.path("run.jsonl")).expect("a recording");
    let gap = text.lines().position(|line| line.contains(r#""type":"GAP""#)).expect("the list after the garbage");
    for kept in 1..=3 {
        let path = scene.path("torn.jsonl");
        let lines: String = text.lines().take(gap + kept).flat_map(|line| [line, "\n"]).collect();
        std::fs::write(&path, lines).expect("a file");
        let after = scene.resume(&path).await.finish().await;
        let lines = after.lines();
        assert!(lines.contains(&"b/uid-b phase: Pending -> Running @5".to_owned()), "{lines:#?}");
        assert!(
            lines
                .iter()
                .filter(|line| !line.starts_with("watch"))
                .all(|line| !line.contains("gap") || line.starts_with("b/")),
            "{lines:#?}"
        );
        assert!(
            after
                .records
                .iter()
                .any(|record| matches!(record.observation.payload, Payload::Attached(_)) && record.seq > gap as u64)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_killed_after_an_older_bookmark_writes_nothing_twice() {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["bookmarks=behind"]);
    let mut recorder = scene.attach().await;
    // Events before the attachment would not be recorded one by one.
    truth.story(8);
    recorder.caught_up(&truth).await;
    scene.server.send_bookmarks();
    let path = scene.path("run.jsonl");
    let has_bookmark = || std::fs::read_to_string(&path).expect("a recording").contains(r#""type":"BOOKMARK""#);
    recorder.until("the bookmark", |_| has_bookmark()).await;
    recorder.abort().await;
    truth.story(2);
    let outcome = scene.resume(&path).await.finish().await;
    outcome.assert_whole(&truth, "an older bookmark");
    let recorded = outcome.recorded.as_ref().expect("it was recorded");
    assert_eq!(recorded.finished.verified, outcome.verified, "the summary says what verify says");
}
