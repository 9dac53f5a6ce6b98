//! The time before the recorder: read from the server's history, as far back as it reaches.

use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object};
use crate::recorder::Recording;
use statetrail::observation::{Change, Past, Payload, Resource, ResourceVersion};
use statetrail::replay::{Server, Verb};
use statetrail::run::HistoryPolicy;
use statetrail::source::Healing;
use statetrail::timeline::{Entry, Provenance};
use std::time::Duration;

async fn attach(scene: &Scene, past: HistoryPolicy, healing: Healing) -> Recorder {
    scene.attach_with(|plan| (plan.past, plan.healing) = (past, healing)).await
}

/// Pods that existed, appeared, changed, disappeared and returned.
fn lives(truth: &mut Truth) {
    truth.put("old", "Pending");
    truth.put("young", "Pending");
    truth.put("old", "Running");
    truth.put("gone", "Pending");
    truth.put("young", "Running");
    truth.delete("gone", "Pending");
    truth.write(0, Change::Added, &object("back", "uid-back-1", "Pending"));
    truth.delete_as("back", "uid-back-1", "Pending");
    truth.write(0, Change::Added, &object("back", "uid-back-2", "Running"));
    truth.put("young", "Failed");
}

fn past(outcome: &Recording) -> &Past {
    let mut pasts =
        outcome.payloads().filter_map(|what| if let Payload::Past(past) = what { Some(past) } else { None });
    assert!(pasts.next().expect("the recording says what was asked for").is_unread());
    pasts.next().expect("the recording says how far back it goes")
}

fn seen(outcome: &Recording, name: &str) -> Vec<Provenance> {
    let of_name = |entry: &&Entry| entry.subject.as_ref().is_some_and(|subject| subject.name == name);
    outcome.timeline.iter().filter(of_name).map(|entry| entry.seen).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_beginnings_of_existing_objects_are_read_back() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::new(&truth);
    let recorder = attach(&scene, HistoryPolicy::Beginnings, Healing::default()).await;
    truth.put("young", "Succeeded");
    let outcome = recorder.finish().await;
    let there = |line: &String| !line.contains("uid-gone") && !line.contains("uid-back-1");
    let expected: Vec<String> = truth.lines().into_iter().filter(there).collect();
    assert_eq!(outcome.lines(), expected);
    assert!(outcome.verified.complete, "{:#?}", outcome.verified);
    outcome.assert_once("beginnings");
    assert!(seen(&outcome, "old").iter().all(|how| *how == Provenance::Healed));
    assert_eq!(seen(&outcome, "young").last(), Some(&Provenance::Live));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_compacted_beginning_stays_unseen() {
    let mut truth = Truth::new();
    lives(&mut truth);
    truth.store.compact(5).expect("not in the future");
    let scene = Scene::new(&truth);
    let outcome = attach(&scene, HistoryPolicy::Beginnings, Healing::default()).await.finish().await;
    assert!(outcome.verified.complete, "{:#?}", outcome.verified);
    // Its version of revision 3 is the one that the server had at 5, the oldest revision that it still has.
    assert_eq!(seen(&outcome, "young")[..2], [Provenance::Initial; 2]);
    let lines = outcome.lines();
    assert!(lines.contains(&"young/uid-young phase: - -> Pending @3".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"young/uid-young phase: Pending -> Running @6".to_owned()), "{lines:#?}");
    assert!(seen(&outcome, "old").iter().all(|how| *how == Provenance::Initial));
    assert!(seen(&outcome, "back").iter().all(|how| *how == Provenance::Healed));
}

/// Whatever the budget is, everything recorded happened, and the rest is an unseen beginning.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beginnings_cost_no_more_than_the_budget() {
    let mut truth = Truth::new();
    lives(&mut truth);
    for requests in [0, 1, 2, 3, 4, 5, 6, 7] {
        let scene = Scene::new(&truth);
        let healing = Healing { requests, ..Healing::default() };
        let outcome = attach(&scene, HistoryPolicy::Beginnings, healing).await.finish().await;
        let asked = scene.server.requests().iter().filter(|asked| asked.path.contains("Exact")).count();
        assert!(asked <= requests as usize, "{asked} of {requests}");
        assert!(outcome.verified.complete, "{requests}: {:#?}", outcome.verified);
        let written = truth.lines();
        for name in ["old", "young", "back"] {
            let how = seen(&outcome, name);
            let begun = how.iter().all(|how| *how == Provenance::Healed);
            assert!(begun || how[0] == Provenance::Initial, "{requests}: {name}: {how:?}");
            let last = |lines: &[String]| {
                lines
                    .iter()
                    .rfind(|line| line.starts_with(name) && line.contains(" phase: "))
                    .map(|line| line.rsplit_once(" -> ").map(|(_, end)| end.to_owned()))
            };
            assert_eq!(last(&outcome.lines()), last(&written), "{requests}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_the_history_of_the_server_is_recovered_including_deleted_objects() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::new(&truth);
    let mut recorder = attach(&scene, HistoryPolicy::Since(Duration::from_mins(10)), Healing::default()).await;
    truth.put("young", "Succeeded");
    recorder.caught_up(&truth).await;
    let outcome = recorder.finish().await;
    assert_eq!(outcome.lines(), truth.lines());
    // The history reaches back to the first revision, and nothing was before that.
    assert!(outcome.verified.complete, "{:#?}", outcome.verified);
    let past = past(&outcome);
    assert_eq!(past.resource_version.as_ref().and_then(ResourceVersion::number), Some(1));
    // Nothing here has a timestamp, so the time of the past is unknown.
    assert!(past.dated.is_none() && past.missing.is_empty(), "{past:?}");
}

/// Of a server that does not answer about its past.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_is_followed_and_taken_up_again_while_the_past_is_read() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::faulty(&truth, &["delay=60s,resource=leases", "cut-after=1,times=1,verb=watch"]);
    let mut plan = scene.pods().await;
    (plan.past, plan.healing) = (HistoryPolicy::Since(Duration::from_mins(10)), Healing::default());
    let mut recorder = Recorder::start(plan);
    let followed = |streams| {
        let is_open = move |server: &Server| server.count(Verb::Watch, "pods") == streams && server.open_watches() == 1;
        super::bounded("the stream", scene.server.until(is_open))
    };
    followed(1).await;
    truth.put("young", "Succeeded");
    // The server cuts the connection.
    followed(2).await;
    assert!(recorder.progress.borrow_and_update().watches.iter().all(|watched| watched.objects == 0));
    truth.put("late", "Pending");
    let outcome = recorder.finish().await;
    let past = past(&outcome);
    assert!(past.missing.contains("the recorder was stopped"), "{past:?}");
    assert_eq!(outcome.reconnects(), 1);
    assert_eq!(seen(&outcome, "young").last(), Some(&Provenance::Live));
    assert!(!seen(&outcome, "late").is_empty());
    assert!(outcome.verified.watches[0].fenced, "{:#?}", outcome.verified);
}

/// A recorder that is killed while history is read forgets neither what it was asked for nor what it was given.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_that_is_killed_while_the_past_is_read_leaves_it_to_the_next_one() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::faulty(&truth, &["delay=60s,resource=leases"]);
    let mut plan = scene.pods().await;
    (plan.past, plan.healing) = (HistoryPolicy::Since(Duration::from_mins(10)), Healing::default());
    let mut recorder = Recorder::start(plan);
    super::bounded("the stream", scene.server.until(|server| server.open_watches() == 1)).await;
    truth.put("live", "Pending");
    truth.put("live", "Failed");
    truth.delete("live", "Failed");
    let path = scene.path("run.jsonl");
    let is_said = || std::fs::read_to_string(&path).is_ok_and(|text| text.contains(r#""type":"PAST""#));
    recorder.until("what is asked for", |_| is_said()).await;
    recorder.abort().await;
    let killed = Recording::read(&path);
    assert!(!killed.payloads().any(|what| matches!(what, Payload::Object(_))));
    let problems = &killed.verified.watches[0].problems;
    assert!(problems.iter().any(|problem| problem.contains("the past since")), "{problems:?}");
    scene.server.clear_faults();
    let mut recorder = scene.resume_with(&path, |plan| plan.healing = Healing::default()).await;
    recorder.attached().await;
    let outcome = recorder.finish().await;
    assert_eq!(outcome.lines(), truth.lines());
    assert!(outcome.verified.complete, "{:#?}", outcome.verified);
}

fn lease(renewed: &str) -> String {
    format!(r#"{{"metadata":{{"name":"node","namespace":"kube-node-lease"}},"spec":{{"renewTime":"{renewed}"}}}}"#)
}

/// Leases tell when a revision was: reading begins at the newest renewal that is old enough, however wrong the clock of
/// whoever renews is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_tell_where_to_begin() {
    for ahead in [0, -4, -20, -3600, 300] {
        begins(ahead).await;
    }
}

/// With Leases by a clock that is so many seconds ahead.
async fn begins(ahead: i64) {
    let leases = Resource::new("coordination.k8s.io", "v1", "leases", "Lease");
    let mut truth = Truth::new();
    let store = truth.store.clone();
    #[expect(clippy::disallowed_methods, reason = "leases are renewed in real time")]
    let now = jiff::Timestamp::now();
    let renew = |seconds_ago: i64| {
        let renewed = now + jiff::SignedDuration::from_secs(ahead - seconds_ago);
        _ = store.write(&leases, Change::Modified, lease(&renewed.to_string()).as_bytes()).expect("a lease");
    };
    renew(400); // 2
    truth.put("a", "Pending"); // 3
    truth.put("early", "Pending"); // 4
    renew(200); // 5
    truth.delete("early", "Pending"); // 6
    truth.put("a", "Running"); // 7
    renew(100); // 8
    truth.put("b", "Pending"); // 9
    truth.delete("b", "Pending"); // 10
    renew(1); // 11
    let scene = Scene::new(&truth);
    for (since, begins, is_dated) in [(150, 5, true), (300, 2, true), (500, 1, false)] {
        let mut plan = scene.pods().await;
        plan.past = HistoryPolicy::Since(Duration::from_secs(since));
        plan.healing = Healing::default();
        plan.output = statetrail::run::Output::New(scene.path(&format!("{since}.jsonl")));
        let mut recorder = Recorder::start(plan);
        recorder.attached().await;
        let outcome = recorder.finish().await;
        let past = past(&outcome);
        assert!(outcome.verified.complete, "{ahead}, {since}: {:#?}", outcome.verified);
        let number = past.resource_version.as_ref().and_then(ResourceVersion::number);
        assert_eq!((number, past.missing.as_str()), (Some(begins), ""), "{ahead}, {since}: {past:?}");
        let lines = outcome.lines();
        let of = |text: &str| lines.iter().any(|line| line.contains(text));
        assert!(of("b/uid-b lifecycle: Present -> Deleted @10"), "{since}: {lines:#?}");
        assert!(of("early/uid-early lifecycle: Present -> Deleted @6"), "{since}: {lines:#?}");
        // No Lease is older than 400 s; before the first revision there was nothing.
        if is_dated {
            assert_eq!(past.clock, "leases");
        }
        // What was read back is dated by the Leases before and after it, by their own clock.
        for entry in outcome.timeline.iter().filter(|entry| entry.seen == Provenance::Healed) {
            let revision = entry.resource_version.as_ref().and_then(ResourceVersion::number).expect("a revision");
            let [before, after] = match revision {
                ..5 => [400, 200],
                5..8 => [200, 100],
                8.. => [100, 1],
            };
            let leases = entry.leases.as_deref().expect("Leases around it");
            let ago = leases.map(|stamp| now.duration_since(stamp).as_secs() + ahead);
            assert_eq!(ago, [before, after], "{ahead}, {since}: {entry:?}");
        }
        // No state is older than it was told, by any clock.
        for entry in outcome.timeline.iter().filter(|entry| entry.seen == Provenance::Healed) {
            assert!(entry.not_before.is_some_and(|not_before| not_before <= now), "{ahead}: {entry:?}");
        }
        if is_dated && ahead == 0 {
            let dated = past.dated.expect("leases tell");
            assert!(dated <= past.since);
            // Times are bounded by it, with a margin for clocks that disagree.
            for entry in outcome.timeline.iter().filter(|entry| entry.seen == Provenance::Healed) {
                let not_before = entry.not_before.expect("an interval");
                assert!(not_before < dated && entry.stamp.at > dated, "{entry:?}");
            }
        }
    }
}

/// Leases that are no longer renewed date nothing: as much as possible is read, but it is not called proven.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_that_are_not_renewed_prove_nothing() {
    let leases = Resource::new("coordination.k8s.io", "v1", "leases", "Lease");
    let mut truth = Truth::new();
    #[expect(clippy::disallowed_methods, reason = "leases were renewed in real time")]
    let long_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(2);
    truth.put("before", "Pending");
    _ = truth.store.write(&leases, Change::Modified, lease(&long_ago.to_string()).as_bytes()).expect("a lease");
    truth.put("gone", "Pending");
    truth.delete("gone", "Pending");
    truth.store.compact(2).expect("not in the future");
    let scene = Scene::new(&truth);
    let outcome = attach(&scene, HistoryPolicy::Since(Duration::from_mins(10)), Healing::default()).await;
    let outcome = outcome.finish().await;
    let past = past(&outcome);
    assert!(past.clock != "leases" && past.missing.contains("nothing proves"), "{past:?}");
    // Both clocks are the machine's, and the server reports the time to the second.
    let (least, most) = past.ahead_micros.expect("it was measured");
    assert!(least <= 0 && most >= 0 && most - least < 60_000_000, "{past:?}");
    assert!(!outcome.verified.complete);
}

/// A server that does not serve its past: the recording starts without it, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_cannot_be_read_is_reported() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::faulty(&truth, &["refuse-exact"]);
    let recorder = attach(&scene, HistoryPolicy::Since(Duration::from_mins(10)), Healing::default()).await;
    truth.put("young", "Succeeded");
    let outcome = recorder.finish().await;
    let past = past(&outcome);
    assert!(past.resource_version.is_none() && past.missing.contains("exact"), "{past:?}");
    assert_eq!(seen(&outcome, "old"), [Provenance::Initial; 3]);
    let problems = &outcome.verified.watches[0].problems;
    assert!(problems.iter().any(|problem| problem.contains("the past since")), "{problems:?}");
}

/// Too long to be examined revision by revision: known objects are recorded, and the watch has a gap for the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_is_not_whole_has_a_gap() {
    let mut truth = Truth::new();
    lives(&mut truth);
    let scene = Scene::new(&truth);
    let healing = Healing { revisions: 2, ..Healing::default() };
    let outcome = attach(&scene, HistoryPolicy::Since(Duration::from_mins(10)), healing).await.finish().await;
    assert_eq!(outcome.gaps(), ["watch gap 1..11 Unrecorded"]);
    let lines: Vec<String> = outcome.lines().into_iter().filter(|line| !line.contains(" gap ")).collect();
    let there = |line: &String| !line.contains("uid-gone") && !line.contains("uid-back-1");
    assert_eq!(lines, truth.lines().into_iter().filter(there).collect::<Vec<_>>());
    assert!(!outcome.verified.complete);
}
