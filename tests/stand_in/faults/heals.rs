//! History that a watch no longer delivers, but lists do: it is read back completely, or a gap says what is missing.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, pods};
use crate::recorder::Recording;
use statetrail::observation::{Change, GapReason, Payload, Watch};
use statetrail::replay::{Gone, Options, RecordedRequest, Verb};
use statetrail::source::Healing;
use statetrail::timeline::{Fold, Provenance};

/// Starts a recorder of all pods with healing, and waits until it is attached.
async fn attach(scene: &Scene, healing: Healing) -> Recorder {
    scene.attach_with(|plan| plan.healing = healing).await
}

/// Histories of every kind, while the recorder sees nothing.
fn fates(truth: &mut Truth) {
    truth.put("changed", "Unseen");
    truth.put("changed", "Failed");
    truth.delete("vanished", "Pending");
    truth.put("ended", "Failed");
    truth.put("ended", "Succeeded");
    truth.delete("ended", "Succeeded");
    truth.delete("recreated", "Pending");
    truth.write(0, Change::Added, &object("recreated", "uid-recreated-2", "Pending"));
    truth.write(0, Change::Modified, &object("recreated", "uid-recreated-2", "Running"));
    truth.delete_as("recreated", "uid-recreated-2", "Running");
    truth.write(0, Change::Added, &object("recreated", "uid-recreated-3", "Pending"));
    truth.put("shortlived", "Pending");
    truth.put("shortlived", "Running");
    truth.delete("shortlived", "Running");
    truth.put("newcomer", "Pending");
    truth.put("newcomer", "Running");
}

fn begin() -> Truth {
    let mut truth = Truth::new();
    for name in ["same", "changed", "vanished", "ended", "recreated"] {
        truth.put(name, "Pending");
    }
    truth
}

/// The result of a recorder that missed what `meanwhile` did.
async fn unseen(healing: Healing, faults: &[&str], meanwhile: impl FnOnce(&mut Truth)) -> (Truth, Scene, Recording) {
    let mut truth = begin();
    let scene = Scene::new(&truth);
    let recorder = missed(&mut truth, &scene, healing, faults, meanwhile).await;
    let outcome = recorder.finish().await;
    (truth, scene, outcome)
}

/// A recorder that has caught up after it missed what `meanwhile` did.
async fn missed(
    truth: &mut Truth,
    scene: &Scene,
    healing: Healing,
    faults: &[&str],
    meanwhile: impl FnOnce(&mut Truth),
) -> Recorder {
    let mut recorder = attach(scene, healing).await;
    truth.put("changed", "Running");
    recorder.caught_up(truth).await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            meanwhile(truth);
            store.forget_watch_history();
        })
        .await;
    faults.iter().for_each(|fault| scene.inject(fault));
    recorder.caught_up(truth).await;
    truth.put("same", "Succeeded");
    recorder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_within_the_history_of_the_server_is_healed_completely() {
    for gone in [Gone::InStream, Gone::Http] {
        let mut truth = begin();
        let scene = Scene::with(&truth, Options { gone, ..Options::default() });
        let recorder = missed(&mut truth, &scene, Healing::default(), &[], fates).await;
        truth.put("changed", "Succeeded");
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, "healed");
        let [chain] = &outcome.verified.watches[..] else { panic!("one watch") };
        assert_eq!((chain.healed, chain.gaps), (1, 0), "{gone:?}: {chain:?}");
        for entry in &outcome.timeline {
            let version = entry
                .resource_version
                .as_ref()
                .and_then(statetrail::observation::ResourceVersion::number)
                .expect("a number");
            let expected = match version {
                ..=6 => Provenance::Initial,
                7 => Provenance::Live,
                8..=23 => Provenance::Healed,
                _ => Provenance::Live,
            };
            assert_eq!(entry.seen, expected, "{gone:?}: {entry:?}");
            let interval = entry.not_before.is_some_and(|not_before| not_before <= entry.stamp.at);
            assert_eq!(interval, entry.seen == Provenance::Healed, "{gone:?}: {entry:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_list_at_exact_revisions_leaves_gaps() {
    for status in [400, 422, 501] {
        let refused = format!("refuse-exact={status}");
        let (_, scene, outcome) = unseen(Healing::default(), &[&refused], fates).await;
        let gaps = outcome.gaps();
        assert!(gaps.contains(&"watch gap 7..23 HistoryExpired".to_owned()), "{gaps:#?}");
        assert!(gaps.contains(&"changed/uid-changed gap 7..9 HistoryExpired".to_owned()), "{gaps:#?}");
        assert!(!outcome.verified.complete);
        assert!(exact(&scene).len() <= 5, "it is not asked again and again: {:#?}", exact(&scene));
    }
}

fn exact(scene: &Scene) -> Vec<RecordedRequest> {
    scene.server.requests().into_iter().filter(|asked| asked.path.contains("Exact")).collect()
}

/// etcd compacted the first half: the gap is exactly there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_is_exactly_where_history_is_compacted() {
    let (_, _, outcome) = unseen(Healing::default(), &[], |truth| {
        fates(truth);
        truth.store.compact(15).expect("not in the future");
    })
    .await;
    let lines: Vec<String> = outcome.lines().into_iter().filter(|line| !line.contains(" status: ")).collect();
    let expected = [
        "watch gap 7..15 HistoryExpired",
        "changed/uid-changed gap 7..9 HistoryExpired",
        "changed/uid-changed phase: Running -> Failed @9",
        // Objects deleted before 15 have a gap each; the second `recreated` was created at 15.
    ];
    let from = lines.iter().position(|line| line.contains("watch gap")).expect("a gap");
    assert_eq!(&lines[from..from + 3], expected, "{lines:#?}");
    let after: Vec<&String> = lines[from..]
        .iter()
        .filter(|line| line.contains("uid-recreated-") || line.contains("shortlived") || line.contains("newcomer"))
        .collect();
    assert_eq!(
        after,
        [
            "recreated/uid-recreated-2 lifecycle: - -> Present @15",
            "recreated/uid-recreated-2 phase: - -> Pending @15",
            "recreated/uid-recreated-2 phase: Pending -> Running @16",
            "recreated/uid-recreated-2 lifecycle: Present -> Deleted @17",
            "recreated/uid-recreated-3 lifecycle: - -> Present @18",
            "recreated/uid-recreated-3 phase: - -> Pending @18",
            "shortlived/uid-shortlived lifecycle: - -> Present @19",
            "shortlived/uid-shortlived phase: - -> Pending @19",
            "shortlived/uid-shortlived phase: Pending -> Running @20",
            "shortlived/uid-shortlived lifecycle: Present -> Deleted @21",
            "newcomer/uid-newcomer lifecycle: - -> Present @22",
            "newcomer/uid-newcomer phase: - -> Pending @22",
            "newcomer/uid-newcomer phase: Pending -> Running @23",
        ]
    );
    assert_eq!(outcome.gaps().iter().filter(|gap| gap.starts_with("watch")).count(), 1);
    let [chain] = &outcome.verified.watches[..] else { panic!("one watch") };
    assert_eq!((chain.healed, chain.gaps, chain.problems.len()), (1, 1, 1), "{chain:?}");
    assert_not_ahead(&outcome);
}

/// While a span is being recorded, it must not count as seen yet.
fn assert_not_ahead(outcome: &Recording) {
    let mut fold = Fold::new(None, &[Watch::all(pods())]).expect("no user-defined tracks");
    let mut lost = None;
    for record in &outcome.records {
        match &record.observation.payload {
            Payload::Gap(gap) => lost = Some(gap.from),
            Payload::Healed(_) => lost = None,
            _ => {}
        }
        fold.push(record.seq, record.observation.clone(), &mut Vec::new());
        if let (Some(lost), Some(alive)) = (lost, fold.coverage()[0].alive) {
            assert!(alive <= lost, "line {}: seen until {alive}, lost from {lost}", record.seq);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_everything_is_compacted_there_is_one_gap() {
    let (_, _, outcome) = unseen(Healing::default(), &[], |truth| {
        fates(truth);
        truth.store.compact(23).expect("not in the future");
    })
    .await;
    let gaps = outcome.gaps();
    assert_eq!(gaps.iter().filter(|gap| gap.starts_with("watch")).count(), 1, "{gaps:#?}");
    assert!(gaps.contains(&"watch gap 7..23 HistoryExpired".to_owned()), "{gaps:#?}");
}

/// A span too long to be examined revision by revision: every known object is healed, and the watch keeps a gap for
/// unknown ones.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_span_is_healed_per_object_and_the_watch_keeps_its_gap() {
    let healing = Healing { revisions: 3, ..Healing::default() };
    let (truth, _, outcome) = unseen(healing, &[], fates).await;
    assert_eq!(outcome.gaps(), ["watch gap 7..23 HistoryExpired"]);
    let unknown = |line: &String| line.contains("shortlived") || line.contains("uid-recreated-2");
    let seen: Vec<String> = outcome.lines().into_iter().filter(|line| !line.contains(" gap ")).collect();
    let expected: Vec<String> = truth.lines().into_iter().filter(|line| !unknown(line)).collect();
    assert_eq!(seen, expected);
    outcome.assert_once("per object");
    assert!(!outcome.verified.complete);
}

/// A budget that ends midway: what was found stays, and the rest is a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_budget_is_no_transition_is_wrong_and_no_more_requests_are_sent() {
    for requests in [1, 2, 3, 5, 8, 11, 14, 17, 20, 25, 30, 40, 50] {
        let (truth, scene, outcome) = unseen(Healing { requests, ..Healing::default() }, &[], fates).await;
        let asked = exact(&scene).len();
        assert!(asked <= requests as usize, "{asked} of {requests}");
        outcome.assert_once("a budget");
        let written = truth.lines();
        let gaps = outcome.gaps();
        if outcome.verified.complete {
            assert_eq!(outcome.lines(), written, "{requests}");
            assert!(requests >= 20, "{requests} are not enough to prove it");
            continue;
        }
        assert!(gaps.contains(&"watch gap 7..23 HistoryExpired".to_owned()), "{requests}: {gaps:#?}");
        // Every transition happened, and its states followed each other, except at a gap.
        for name in ["same", "changed", "vanished", "ended", "newcomer"] {
            if gaps.iter().any(|gap| gap.starts_with(&format!("{name}/"))) {
                continue;
            }
            let of = |lines: &[String]| -> Vec<String> {
                let of_name = |line: &&String| line.starts_with(&format!("{name}/")) && !line.contains(" gap ");
                lines.iter().filter(of_name).cloned().collect()
            };
            let (seen, wrote) = (of(&outcome.lines()), of(&written));
            if name == "newcomer" {
                assert!(seen.len() <= wrote.len() && seen.last() <= wrote.last(), "{requests}: {seen:#?}");
            } else {
                assert_eq!(seen, wrote, "{requests}: {name} has no gap");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_object_with_many_versions_costs_a_request_each() {
    let (truth, scene, outcome) = unseen(Healing::default(), &[], |truth| {
        for turn in 0..500 {
            truth.put("changed", &format!("Phase{turn}"));
        }
    })
    .await;
    outcome.assert_whole(&truth, "500 versions");
    let asked = exact(&scene).len();
    assert!(asked <= 502, "{asked} requests for 500 versions");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_asked_again_after_the_time_that_it_gives() {
    let (truth, scene, outcome) = unseen(Healing::default(), &["http=429:6,retry-after=0,verb=list"], fates).await;
    outcome.assert_whole(&truth, "429");
    let busy = scene.server.requests().iter().filter(|asked| asked.status == Some(429)).count();
    assert_eq!(busy, 6);
}

/// Events that arrive while history is read are recorded after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_that_arrive_while_history_is_read_are_recorded_after_it() {
    let mut truth = begin();
    let scene = Scene::new(&truth);
    let mut recorder = attach(&scene, Healing::default()).await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            fates(&mut truth);
            store.forget_watch_history();
        })
        .await;
    bounded(
        "a question",
        scene.server.until(|server| server.requests().iter().any(|asked| asked.path.contains("Exact"))),
    )
    .await;
    for turn in 0..200 {
        truth.put("same", &format!("Phase{turn}"));
    }
    recorder.caught_up(&truth).await;
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "in order");
    let watches =
        scene.server.requests().into_iter().filter(|asked| asked.verb == Verb::Watch && asked.status == Some(200));
    assert!(watches.count() >= 2);
}

/// A server that hangs during healing does not delay the end of the recorder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_ends_the_reading_of_history_and_leaves_a_gap() {
    let mut truth = begin();
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.healing = Healing::default();
    plan.pace.fence = std::time::Duration::from_secs(2);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            fates(&mut truth);
            store.forget_watch_history();
            // Lists are delayed, including the first one, which starts the healing.
            scene.inject("delay=1s,verb=list");
        })
        .await;
    scene.inject("delay=1s,verb=list");
    bounded(
        "a question",
        scene.server.until(|server| server.requests().iter().any(|asked| asked.path.contains("Exact"))),
    )
    .await;
    let outcome = recorder.finish().await;
    assert!(outcome.gaps().iter().any(|gap| gap.starts_with("watch gap 6..")), "{:#?}", outcome.gaps());
}

/// With a label selector, objects enter and leave without being created or deleted: only reading every revision shows
/// it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selection_is_healed_as_the_watch_would_have_delivered_it() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    truth.put("gone", "Pending");
    truth.put("left", "Pending");
    let other = |name: &str, phase: &str| object(name, &format!("uid-{name}"), phase).replace("web", "other");
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.healing = Healing::default();
    plan.watches[0].label_selector = "app=web".to_owned();
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    let store = truth.store.clone();
    scene
        .blackout(|| {
            let write = |change, json: &str| _ = store.write(&pods(), change, json.as_bytes()).expect("an object");
            write(Change::Modified, &object("a", "uid-a", "Running"));
            write(Change::Modified, &other("a", "Unseen"));
            write(Change::Modified, &object("a", "uid-a", "Failed"));
            write(Change::Deleted, &object("gone", "uid-gone", "Pending"));
            write(Change::Modified, &other("left", "Unseen"));
            write(Change::Deleted, &other("left", "Unseen"));
            store.forget_watch_history();
        })
        .await;
    recorder.caught_up(&truth).await;
    let outcome = recorder.finish().await;
    let healed: Vec<String> = outcome
        .payloads()
        .filter_map(|what| match what {
            Payload::Object(seen) if seen.healed => {
                let confirmed = if seen.confirmed { " confirmed" } else { "" };
                Some(format!("{:?} {} @{}{confirmed}", seen.change, seen.object.name, seen.object.resource_version))
            }
            _ => None,
        })
        .collect();
    let expected = [
        "Modified a @5",
        "Deleted a @6",
        "Added a @7",
        "Deleted gone @8 confirmed",
        // It was deleted later, which says nothing about what happened to it until then.
        "Deleted left @9",
    ];
    assert_eq!(healed, expected);
    assert!(outcome.verified.complete, "{:#?}", outcome.verified);
}

/// History shows what an unreadable line contained.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_line_is_read_back() {
    for how in ["garbage", "truncated"] {
        let mut truth = begin();
        let scene = Scene::faulty(&truth, &[&format!("garble={how},event=2")]);
        let mut recorder = attach(&scene, Healing::default()).await;
        fates(&mut truth);
        recorder.caught_up(&truth).await;
        let outcome = recorder.finish().await;
        outcome.assert_whole(&truth, how);
        assert!(
            outcome
                .payloads()
                .any(|what| matches!(what, Payload::Healed(healed) if healed.reason == GapReason::Undecodable))
        );
    }
    // A server that does not serve its history: the line is recorded, and there is a gap.
    let mut truth = begin();
    let scene = Scene::faulty(&truth, &["garble=garbage,event=2", "refuse-exact"]);
    let mut recorder = attach(&scene, Healing::default()).await;
    fates(&mut truth);
    recorder.caught_up(&truth).await;
    let outcome = recorder.finish().await;
    assert_eq!(outcome.verified.watches[0].undecodable, 1);
    assert!(
        outcome.gaps().iter().any(|gap| gap.starts_with("watch gap 7..") && gap.ends_with("Undecodable")),
        "{:#?}",
        outcome.gaps()
    );
}
