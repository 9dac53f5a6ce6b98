//! Connections that break, hang or fragment: the recorder resumes where it was, and nothing is lost.

use super::recorder::{Recorder, Scene};
use super::truth::Truth;
use statetrail::replay::{Options, Verb};
use statetrail::source::Timeouts;
use std::time::Duration;

/// Records a script under these faults, and returns the number of reconnects.
async fn survives(faults: &[&str], events: usize) -> usize {
    let mut truth = Truth::new();
    truth.put("before", "Pending");
    let scene = Scene::faulty(&truth, faults);
    let recorder = scene.attach().await;
    truth.story(events);
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, &faults.join(" "));
    outcome.reconnects()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_after_every_k_events_lose_nothing() {
    for every in (1..=20).chain([23, 24, 25, 40]) {
        let reconnects = survives(&[&format!("cut-after={every}")], 24).await;
        assert!(reconnects >= 23 / every, "cut after every {every}: {reconnects} reconnects");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_at_any_byte_of_an_event_loses_nothing() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    // A recorder is attached once it has read the list; the first cut must hit the watch that follows.
    super::bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    // The event is some 230 bytes long; a cut after its end is before its newline.
    for bytes in 0..240 {
        scene.inject(&format!("cut-within={bytes},event=2"));
        scene.server.cut();
        let asked = scene.server.count(Verb::Watch, "pods");
        super::bounded("the next watch", scene.server.until(|server| server.count(Verb::Watch, "pods") > asked)).await;
        truth.put("a", &format!("Even{bytes}"));
        truth.put("a", &format!("Odd{bytes}"));
    }
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "cut within events");
    assert!(outcome.reconnects() >= 240, "{} reconnects", outcome.reconnects());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_may_be_fragmented_in_any_way() {
    for faults in [
        &["segments=1"][..],
        &["chunks=1"],
        &["segments=3:1:7:64:2", "chunks=5:1:200:13"],
        &["segments=1", "chunks=1", "cut-after=5"],
        &["chunks=1460", "cut-within=100,event=3,times=4"],
    ] {
        survives(faults, 18).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_breaks_off_is_read_again() {
    survives(&["cut-list=100,times=3", "cut-list=0,times=1"], 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_half_open_connection_is_noticed_by_its_silence() {
    let mut truth = Truth::new();
    let scene = Scene::faulty(&truth, &["half-open-after=3,times=2"]);
    let mut plan = scene.pods().await;
    plan.pace.idle = Duration::from_millis(150);
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    truth.story(12);
    recorder.until("all events", |progress| progress.objects() == 12).await;
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "half open");
    assert!(outcome.reconnects() >= 2);
}

#[test]
fn a_silent_stream_is_given_up_within_eighty_seconds_but_not_before_the_next_bookmark() {
    let Timeouts { idle, .. } = Timeouts::default();
    assert!(idle < Duration::from_secs(80) && idle > Options::default().bookmark_every, "{idle:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tcp_keep_alive_is_on() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    super::bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    let remote = format!("0100007F:{:04X}", scene.server.address().port());
    let table = std::fs::read_to_string("/proc/net/tcp").expect("Linux");
    // sl, local, remote, state (01 is established), queues, timer (02 is keep-alive):when
    let ours: Vec<Vec<&str>> =
        table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>()).filter(|row| row[2] == remote).collect();
    assert!(ours.iter().any(|row| row[3] == "01" && row[5].starts_with("02:")), "{ours:?}");
    recorder.finish().await.assert_whole(&truth, "keep-alive");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_resumed_after_its_server_was_killed_and_restarted() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    truth.story(5);
    let address = scene.server.address();
    let Scene { server, folder, .. } = scene;
    server.kill().await;
    truth.put("meanwhile", "Pending");
    let server = statetrail::replay::Server::start(truth.store.clone(), Options { address, ..Options::default() })
        .expect("its port is free again");
    super::bounded("the next watch", server.until(|server| server.open_watches() == 1)).await;
    truth.put("afterwards", "Pending");
    let scene = Scene::of(server, folder);
    recorder.finish().await.assert_whole(&truth, "killed");
    drop(scene);
}
