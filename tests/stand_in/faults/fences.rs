//! The fence at the end, and what `verify` reports about a recording that was modified.

use super::bounded;
use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object, vmis};
use crate::recorder::Recording;
use statetrail::observation::{Change, Fence, Payload};
use statetrail::recording::{Reader, Verification, Verified};
use statetrail::replay::Server;
use std::io::Cursor;
use std::time::Duration;

/// The result of `statetrail verify`, or its error if the recording cannot be read.
fn verify(lines: &[&[u8]]) -> Result<Verified, String> {
    let bytes = lines.iter().flat_map(|line| [*line, b"\n"].concat()).collect::<Vec<u8>>();
    let mut reader = Reader::new("touched", Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut verification = Verification::new(reader.header());
    for record in reader.by_ref() {
        verification.push(&record.map_err(|error| error.to_string())?);
    }
    Ok(verification.finish(reader.torn().is_some()))
}

fn is_whole(lines: &[&[u8]]) -> bool {
    verify(lines).is_ok_and(|verified| verified.complete)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verify_detects_every_line_that_is_removed_swapped_duplicated_or_altered() {
    let mut truth = Truth::new();
    truth.put("before", "Pending");
    let scene = Scene::faulty(&truth, &["cut-after=4"]);
    let recorder = scene.attach().await;
    truth.story(12);
    scene.server.send_bookmarks();
    recorder.finish().await.assert_whole(&truth, "untouched");
    let bytes = std::fs::read(scene.path("run.jsonl")).expect("a recording");
    let lines: Vec<&[u8]> = bytes.strip_suffix(b"\n").expect("a line end").split(|byte| *byte == b'\n').collect();
    assert!(is_whole(&lines) && lines.len() > 15);
    for index in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(index);
        assert!(!is_whole(&removed), "line {index} removed");
        let mut doubled = lines.clone();
        doubled.insert(index, lines[index]);
        assert!(!is_whole(&doubled), "line {index} doubled");
        if index > 0 {
            let mut swapped = lines.clone();
            swapped.swap(index - 1, index);
            assert!(!is_whole(&swapped), "lines {index} and the one before swapped");
        }
        for at in (0..lines[index].len()).step_by(3) {
            let mut altered = lines[index].to_vec();
            altered[at] ^= 1;
            let mut all = lines.clone();
            all[index] = &altered;
            assert!(!is_whole(&all), "line {index} altered at byte {at}");
        }
    }
    // A truncated recording has no end.
    for kept in 1..lines.len() {
        assert!(!is_whole(&lines[..kept]), "only {kept} lines");
    }
}

/// True when a complete list was requested and answered, with success or not.
fn listed_since(server: &Server, asked: usize) -> bool {
    let requests = server.requests();
    requests.iter().skip(asked).any(|asked| asked.path.contains("s?limit=500") && asked.status.is_some())
}

fn fences(outcome: &Recording) -> Vec<&Fence> {
    outcome.payloads().filter_map(|what| if let Payload::Fence(fence) = what { Some(fence) } else { None }).collect()
}

/// Stops a recorder under these faults, and returns its fence.
async fn unfenced(faults: &[&str]) -> Fence {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.pace.fence = Duration::from_secs(1);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    truth.put("a", "Pending");
    recorder.caught_up(&truth).await;
    faults.iter().for_each(|fault| scene.inject(fault));
    let asked = scene.server.requests().len();
    scene.server.cut();
    // The next request shows that the recorder has met the end of the stream: nothing more comes on it.
    bounded("the next request", scene.server.until(|server| server.requests().len() > asked)).await;
    truth.put("a", "Running");
    truth.put("b", "Running");
    // Far less than the request timeout.
    let ending = tokio::time::timeout(Duration::from_secs(10), recorder.finish());
    let outcome = ending.await.unwrap_or_else(|_| panic!("{faults:?}: it does not end"));
    assert!(!outcome.verified.complete);
    assert!(outcome.verified.watches[0].problems.iter().any(|problem| problem.contains("the fence found")));
    assert!(matches!(outcome.payloads().last(), Some(Payload::End { .. })), "{faults:?}");
    let [fence] = fences(&outcome)[..] else { panic!("{faults:?}: one fence") };
    assert!(!fence.whole);
    fence.clone()
}

/// How many lists at exact revisions were requested.
fn exact_lists(server: &Server) -> usize {
    server.requests().iter().filter(|asked| asked.path.contains("resourceVersionMatch=Exact")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_is_proven_by_a_bookmark_where_much_else_was_written() {
    for (others, is_quiet) in [(10, true), (3_000, true), (3_000, false)] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        truth.store.serve(&vmis());
        let scene = Scene::new(&truth);
        let mut plan = scene.pods().await;
        plan.pace.fence = Duration::from_secs(20);
        let mut recorder = Recorder::start(plan);
        recorder.attached().await;
        recorder.caught_up(&truth).await;
        if !is_quiet {
            // It is delivered late, and the end waits for it.
            scene.inject("lag=4s");
            scene.server.cut();
            truth.put("b", "Running");
            truth.delete("b", "Running");
        }
        for other in 0..others {
            let json = object("other", "uid-other", &format!("Phase{other}"));
            truth.store.write(&vmis(), Change::Modified, json.as_bytes()).expect("an object");
        }
        let before = exact_lists(&scene.server);
        recorder.finish().await.assert_whole(&truth, &format!("{others} others"));
        let asked = exact_lists(&scene.server) - before;
        assert!(asked <= 20, "{asked} lists for {others} others");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_that_cannot_succeed_says_why_in_bounded_time() {
    let down = unfenced(&["http=503,times=1000000"]).await;
    assert!(down.missing.contains("could not be taken up again in time"), "{}", down.missing);
    let hanging = unfenced(&["delay=1h"]).await;
    assert!(hanging.missing.contains("did not answer in time"), "{}", hanging.missing);
    let mute = unfenced(&["half-open-after=0,times=1000"]).await;
    assert!(mute.missing.contains("2 objects not recorded as they are (a, b ...)"), "{}", mute.missing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resource_that_is_not_served_at_the_end_may_return_in_time() {
    for comes_back in [true, false] {
        let mut truth = Truth::of(vec![vmis()]);
        truth.put("a", "Pending");
        let scene = Scene::new(&truth);
        let mut plan = scene.pods().await;
        plan.watches = vec![statetrail::observation::Watch::all(vmis())];
        plan.pace.fence = Duration::from_secs(if comes_back { 10 } else { 1 });
        let mut recorder = Recorder::start(plan);
        recorder.attached().await;
        truth.store.withhold(&vmis());
        recorder.until("its absence", |progress| progress.watches[0].absent).await;
        let asked = scene.server.requests().len();
        recorder.stop.finish("the test asked");
        bounded("the fence's list", scene.server.until(|server| listed_since(server, asked))).await;
        truth.put("a", "Running");
        if comes_back {
            truth.store.serve(&vmis());
            recorder.finish().await.assert_whole(&truth, "away at the end");
        } else {
            let outcome = recorder.finish().await;
            assert!(!fences(&outcome)[0].whole && !outcome.verified.complete, "{:?}", outcome.verified);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_waits_for_objects_created_and_deleted_before_its_list() {
    let mut truth = Truth::new();
    truth.put("stays", "Pending");
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    // The fence's list is answered; earlier events arrive much later, and leave no trace in it.
    scene.inject("cut-after=1");
    scene.server.cut();
    for turn in 0..9 {
        truth.put("shortlived", &format!("Phase{turn}"));
        truth.delete("shortlived", &format!("Phase{turn}"));
    }
    recorder.finish().await.assert_whole(&truth, "born and gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_falls_silent_before_a_deletion_does_not_count_as_read_to_its_end() {
    let mut truth = Truth::new();
    truth.put("stays", "Pending");
    let scene = Scene::new(&truth);
    let mut plan = scene.pods().await;
    plan.pace.idle = Duration::from_secs(1);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    // The fence's list is answered before the stream resumes, and the stream then ends in the middle of a life.
    scene.inject("delay=800ms,verb=watch,times=1");
    scene.inject("half-open-after=1,times=1");
    scene.server.cut();
    truth.put("shortlived", "Pending");
    truth.delete("shortlived", "Pending");
    recorder.finish().await.assert_whole(&truth, "silence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_holds_through_a_gap() {
    let mut truth = Truth::new();
    for name in ["a", "b", "c"] {
        truth.put(name, "Pending");
    }
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    scene.hide("pods").await;
    truth.put("a", "Running");
    truth.delete("b", "Pending");
    let heads = scene.server.requests().len();
    recorder.stop.finish("the test asked");
    bounded("the fence's list", scene.server.until(|server| listed_since(server, heads))).await;
    truth.store.compact(6).expect("a past revision");
    scene.server.clear_faults();
    let outcome = recorder.finish().await;
    assert!(fences(&outcome)[0].whole, "{:?}", fences(&outcome));
    assert_eq!(outcome.gaps()[0], "watch gap 4..6 HistoryExpired");
}
