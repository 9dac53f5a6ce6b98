//! Storages that were restored to an earlier state and have counted on, and those of which nothing shows what they are.

use super::bounded;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use statetrail::observation::Payload;
use statetrail::replay::{Options, Server, Store, Verb};

/// Writes to other resources.
const OTHERS: u64 = 20;

/// The storage as it was backed up: two pods.
fn backed_up() -> Truth {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    truth.put("b", "Pending");
    truth
}

/// Other resources are written.
fn advance(store: &Store) {
    let revision = store.revision().number().expect("a number");
    store.advance(revision + OTHERS);
}

/// The backup after it was restored between the last event and the last bookmark of the recorder: the pods are as they
/// were, one came and went, and the storage counts beyond the bookmark.
fn restored() -> Truth {
    let mut truth = backed_up();
    truth.put("a", "Running");
    truth.put("short", "Running");
    truth.delete("short", "Running");
    advance(&truth.store);
    truth
}

/// A recorder of what was backed up, an event, and a bookmark that is far ahead.
async fn recorded(truth: &mut Truth, scene: &Scene) -> super::recorder::Recorder {
    let mut recorder = scene.attach().await;
    truth.put("a", "Running");
    recorder.caught_up(truth).await;
    truth.store.advance(truth.store.revision().number().expect("a number") + OTHERS / 2);
    scene.server.send_bookmarks();
    recorder.caught_up(truth).await;
    recorder
}

fn exact(scene: &Scene) -> usize {
    scene.server.requests().iter().filter(|asked| asked.path.contains("resourceVersionMatch=Exact")).count()
}

fn assert_replaced(outcome: &Recording) {
    let gaps = outcome.gaps();
    assert!(gaps.iter().any(|gap| gap.starts_with("watch gap") && gap.ends_with("StorageReplaced")), "{gaps:#?}");
    assert!(!outcome.verified.complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_was_restored_before_a_bookmark_is_noticed_on_a_resume() {
    let mut truth = backed_up();
    let scene = Scene::new(&truth);
    recorded(&mut truth, &scene).await.finish().await.assert_whole(&truth, "before");
    let Scene { folder, .. } = scene;
    let other = restored();
    let scene = Scene::of(Server::start(other.store.clone(), Options::default()).expect("a free port"), folder);
    let mut recorder = scene.resume(&scene.path("run.jsonl")).await;
    recorder.until("the gap", |progress| progress.watches.first().is_some_and(|watched| watched.gaps == 1)).await;
    assert_replaced(&recorder.finish().await);
}

/// A recorder whose watches are refused, which asks for a pause of a second.
async fn paused(scene: &Scene) {
    scene.inject("http=503,verb=watch,retry-after=1");
    scene.server.cut();
    let is_refused = |server: &Server| server.requests().iter().any(|asked| asked.status == Some(503));
    bounded("a refusal", scene.server.until(is_refused)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_was_restored_before_a_bookmark_is_noticed_under_a_running_recorder() {
    let mut truth = backed_up();
    let scene = Scene::new(&truth);
    let mut recorder = recorded(&mut truth, &scene).await;
    paused(&scene).await;
    let address = scene.server.address();
    let Scene { server, folder, .. } = scene;
    server.kill().await;
    let other = restored();
    let server =
        Server::start(other.store.clone(), Options { address, ..Options::default() }).expect("it is free again");
    let scene = Scene::of(server, folder);
    recorder.until("the gap", |progress| progress.watches[0].gaps == 1).await;
    assert_replaced(&recorder.finish().await);
    assert_eq!(exact(&scene), 0, "history is not asked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recorded_storage_is_recognized_by_its_stream_and_nothing_is_recorded_twice() {
    let mut truth = backed_up();
    let scene = Scene::new(&truth);
    let mut recorder = recorded(&mut truth, &scene).await;
    let opened = scene.server.count(Verb::Watch, "pods");
    paused(&scene).await;
    truth.put("short", "Running");
    truth.delete("short", "Running");
    recorder.caught_up(&truth).await;
    assert_eq!(scene.server.count(Verb::Watch, "pods"), opened + 2, "one was refused");
    assert_eq!(exact(&scene), 0, "history is not asked");
    recorder.finish().await.assert_whole(&truth, "live");
    let recorder = scene.resume(&scene.path("run.jsonl")).await;
    truth.put("a", "Failed");
    recorder.finish().await.assert_whole(&truth, "resumed");
}

/// A recorder of two pods that are older than its list, which is stopped. The server then only has what came after the
/// list.
async fn left() -> (Truth, Scene) {
    let truth = backed_up();
    advance(&truth.store);
    let scene = Scene::new(&truth);
    scene.attach().await.finish().await.assert_whole(&truth, "before");
    truth.store.forget_watch_history();
    (truth, scene)
}

fn reasons(outcome: &Recording) -> Vec<String> {
    let reason = |what: &Payload| match what {
        Payload::Gap(gap) => Some(gap.unhealed.clone()),
        _ => None,
    };
    outcome.payloads().filter_map(reason).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_neither_the_stream_nor_history_shows_to_be_the_recorded_one_is_a_gap() {
    for (fault, words) in [
        (Some("refuse-exact"), "the server does not list at exact revisions"),
        (Some("refuse-exact=403"), "the server does not list at exact revisions"),
        (None, "the server's history is compacted"),
    ] {
        for is_changed in [true, false] {
            let (mut truth, scene) = left().await;
            match fault {
                Some(fault) => scene.inject(fault),
                None => truth.store.compact(truth.store.revision().number().expect("a number")).expect("not ahead"),
            }
            if is_changed {
                truth.put("b", "Running");
            }
            let recorder = scene.resume(&scene.path("run.jsonl")).await;
            truth.put("a", "Failed");
            let outcome = recorder.finish().await;
            if !is_changed {
                // The newest object still is as it was recorded.
                outcome.assert_whole(&truth, words);
                continue;
            }
            let gaps = outcome.gaps();
            assert!(gaps[0].starts_with("watch gap 23..") && gaps[0].ends_with("StorageUnproven"), "{gaps:#?}");
            let reasons = reasons(&outcome);
            assert!(reasons.len() == 1 && reasons[0].contains("whether b was there at 3 is not known"), "{reasons:?}");
            assert!(reasons[0].contains(words), "{reasons:?}");
            assert!(!outcome.verified.complete);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_watch_cache_is_empty_is_recognized_by_its_history() {
    let (mut truth, scene) = left().await;
    truth.put("b", "Running");
    let recorder = scene.resume(&scene.path("run.jsonl")).await;
    truth.put("a", "Failed");
    recorder.finish().await.assert_whole(&truth, "by history");
    assert_eq!(exact(&scene), 1, "for one version");
}
