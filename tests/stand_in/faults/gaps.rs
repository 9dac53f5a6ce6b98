//! Lost history: there is a gap exactly there, and no wider than can be proven.

use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, pods, vmis};
use crate::recorder::Recording;
use jiff::Timestamp;
use statetrail::observation::{Change, GapReason, Payload, ResourceVersion, Watch};
use statetrail::replay::{Gone, Options, Server};
use statetrail::run::Output;
use statetrail::timeline::{Body, Provenance};

/// Pods with histories of every kind, most of which a recorder missed.
async fn fates(gone: Gone) -> (Timestamp, Recording) {
    let mut truth = Truth::new();
    for name in ["same", "changed", "vanished", "recreated"] {
        truth.put(name, "Pending");
    }
    let scene = Scene::with(&truth, Options { gone, ..Options::default() });
    let mut recorder = scene.attach().await;
    truth.put("changed", "Running");
    recorder.caught_up(&truth).await;
    let (store, mut begun) = (truth.store.clone(), Timestamp::UNIX_EPOCH);
    scene
        .blackout(|| {
            begun = now();
            truth.put("changed", "Unseen");
            truth.put("changed", "Failed");
            truth.delete("vanished", "Pending");
            truth.delete("recreated", "Pending");
            truth.write(0, Change::Added, &object("recreated", "uid-recreated-2", "Pending"));
            truth.put("shortlived", "Pending");
            truth.delete("shortlived", "Pending");
            store.forget_watch_history();
        })
        .await;
    recorder.caught_up(&truth).await;
    for name in ["same", "changed"] {
        truth.put(name, "Succeeded");
    }
    let outcome = recorder.finish().await;
    (begun, outcome)
}

fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the recorder's times are compared with the real time")]
    Timestamp::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_is_exactly_where_history_is_gone() {
    for gone in [Gone::InStream, Gone::Http] {
        let (_, outcome) = fates(gone).await;
        let lines: Vec<String> = outcome.lines().into_iter().filter(|line| !line.contains(" status: ")).collect();
        let expected = [
            "same/uid-same lifecycle: - -> Present @2",
            "same/uid-same phase: - -> Pending @2",
            "changed/uid-changed lifecycle: - -> Present @3",
            "changed/uid-changed phase: - -> Pending @3",
            "vanished/uid-vanished lifecycle: - -> Present @4",
            "vanished/uid-vanished phase: - -> Pending @4",
            "recreated/uid-recreated lifecycle: - -> Present @5",
            "recreated/uid-recreated phase: - -> Pending @5",
            "changed/uid-changed phase: Pending -> Running @6",
            // Unknown subjects may have been created and deleted inside, and one was.
            "watch gap 6..13 HistoryExpired",
            "changed/uid-changed gap 6..8 HistoryExpired",
            "changed/uid-changed phase: Running -> Failed @8",
            // One name, two subjects.
            "recreated/uid-recreated gap 5..11 HistoryExpired",
            "recreated/uid-recreated lifecycle: Present -> Deleted @11",
            "recreated/uid-recreated-2 lifecycle: - -> Present @11",
            "recreated/uid-recreated-2 phase: - -> Pending @11",
            "vanished/uid-vanished gap 4..13 HistoryExpired",
            "vanished/uid-vanished lifecycle: Present -> Deleted @13",
            "same/uid-same phase: Pending -> Succeeded @14",
            "changed/uid-changed phase: Failed -> Succeeded @15",
        ];
        assert_eq!(lines, expected, "{gone:?}");
        outcome.assert_once("gaps");
        assert!(!outcome.verified.complete);
        assert_eq!(outcome.verified.watches[0].gaps, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_names_both_its_ends_and_what_follows_is_marked() {
    for gone in [Gone::InStream, Gone::Http] {
        let (begun, outcome) = fates(gone).await;
        let received = |version: u64| {
            let of = |what: &Payload| match what {
                Payload::Object(seen) => seen.object.resource_version.number() == Some(version),
                _ => false,
            };
            let record = outcome.records.iter().find(|record| of(&record.observation.payload));
            record.expect("it was recorded").observation.stamp.at
        };
        for entry in &outcome.timeline {
            match &entry.body {
                Body::Gap(blind) => {
                    assert_eq!((blind.reason, blind.resource.as_str()), (GapReason::HistoryExpired, "pods"));
                    // From the last moment at which the stream was known to be alive: nothing was missed before.
                    let (from, to) = (blind.from.expect("a beginning"), blind.to.expect("an end"));
                    assert!((received(6)..=begun).contains(&from), "{gone:?}: {blind:?}, away since {begun}");
                    assert!((begun..=received(8)).contains(&to), "{gone:?}: {blind:?}, found at {}", received(8));
                }
                Body::Transition(_) if entry.stamp.at >= received(8) => {
                    let live = entry.resource_version.as_ref().and_then(ResourceVersion::number) >= Some(14);
                    assert_eq!(
                        entry.seen,
                        if live { Provenance::Live } else { Provenance::AfterGap },
                        "{gone:?}: {entry:?}"
                    );
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lost_its_history_when_nothing_happened_causes_no_gap() {
    for gone in [Gone::InStream, Gone::Http] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        let scene = Scene::with(&truth, Options { gone, ..Options::default() });
        let mut recorder = scene.attach().await;
        truth.put("a", "Running");
        recorder.caught_up(&truth).await;
        scene.inject(if gone == Gone::Http { "gone=http" } else { "gone=stream" });
        scene.server.cut();
        // A 410 in the stream comes only after the stream was resumed.
        let again = if gone == Gone::Http { 1 } else { 2 };
        recorder.until("the list", |progress| progress.watches[0].reconnects == again).await;
        truth.put("a", "Failed");
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, "nothing happened");
        assert!(outcome.reconnects() >= 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_one_watch_is_none_in_another() {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    truth.put("pod", "Pending");
    truth.write(1, Change::Added, &object("vmi", "uid-vmi", "Scheduling"));
    let scene = Scene::new(&truth);
    let watches = vec![Watch::all(pods()), Watch::all(vmis())];
    let mut recorder = Recorder::start(scene.plan(watches, Output::New(scene.path("run.jsonl"))).await);
    recorder.attached().await;
    scene.hide("pods").await;
    truth.put("pod", "Running");
    truth.write(1, Change::Modified, &object("vmi", "uid-vmi", "Running"));
    let newest = truth.store.revision();
    recorder.until("the VMI", |progress| progress.watches[1].version.as_ref() == Some(&newest)).await;
    truth.store.compact(newest.number().expect("a number")).expect("not in the future");
    scene.server.clear_faults();
    recorder.until("the gap", |progress| progress.watches[0].gaps == 1).await;
    truth.put("pod", "Failed");
    let outcome = recorder.finish().await;
    assert_eq!(outcome.gaps(), ["watch gap 3..5 HistoryExpired", "pod/uid-pod gap 2..4 HistoryExpired"]);
    let [pods, vmis] = &outcome.verified.watches[..] else { panic!("two watches") };
    assert!(!pods.problems.is_empty() && vmis.problems.is_empty() && vmis.fenced, "{vmis:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replaced_storage_is_a_gap_even_if_the_server_does_not_report_it() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    for turn in 0..9 {
        truth.put("a", &format!("Phase{turn}"));
    }
    recorder.finish().await.assert_whole(&truth, "before");
    // The same cluster from a backup: fewer writes, other versions.
    let mut restored = Truth::new();
    restored.put("a", "Running");
    let Scene { folder, .. } = scene;
    let server = Server::start(restored.store.clone(), Options::default()).expect("a free port");
    let scene = Scene::of(server, folder);
    let mut recorder = scene.resume(&scene.path("run.jsonl")).await;
    recorder.until("the list", |progress| progress.watches.first().is_some_and(|watched| watched.gaps == 1)).await;
    restored.put("a", "Failed");
    let outcome = recorder.finish().await;
    let lines = outcome.lines();
    assert!(lines.iter().any(|line| line.starts_with("watch gap") && line.ends_with("StorageReplaced")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("phase: Running -> Failed")), "{lines:#?}");
    assert!(!outcome.verified.complete);
}
