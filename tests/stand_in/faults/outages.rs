//! What the program says while the server cannot be reached.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, pods, vmis};
use crate::recorder::deadline::now;
use crate::recorder::process::{Ended, PROGRAM, Recorder};
use rustix::process::Signal;
use statetrail::replay::{Options, Server, Verb};
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// How soon an outage is told.
const SOON: Duration = Duration::from_secs(5);

/// `statetrail record` of pods and VMIs, attached.
async fn attached(scene: &Scene) -> Recorder {
    let files = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(PROGRAM);
    command.args(["record", "pods,vmi", "-A", "--no-history", "-o"]).arg(files.path().join("run.jsonl"));
    command.arg("--ready-file").arg(files.path().join("ready")).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    let mut recorder = Recorder::launch(command, files);
    recorder.await_attached();
    bounded("the watches", scene.server.until(|server| server.open_watches() == 2)).await;
    recorder
}

/// The same after the server was killed and that was told, with its address and the folder of the scene.
async fn lost(truth: &Truth) -> (Recorder, SocketAddr, TempDir) {
    let scene = Scene::new(truth);
    let recorder = attached(&scene).await;
    let Scene { server, folder, .. } = scene;
    let address = server.address();
    server.kill().await;
    let killed = now();
    recorder.await_told("pods, virtualmachineinstances.kubevirt.io: no answer since ");
    assert!(killed.elapsed() < SOON, "{:?}", killed.elapsed());
    (recorder, address, folder)
}

/// What it told since it attached, with times as `TIME` and numbers of seconds as `N`.
fn told(ended: &Ended) -> Vec<String> {
    let lines = ended.stderr.lines().skip_while(|line| !line.starts_with("attached: ")).skip(1);
    let lines = lines.take_while(|line| !line.starts_with("recorded "));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            let word = |at: usize| {
                let is_number = words[at].chars().all(|digit| digit.is_ascii_digit());
                let is_time = words[at].len() == 8 && words[at].split(':').count() == 3;
                let is_length = words.get(at + 1).is_some_and(|unit| ["s", "s;", "times"].contains(unit));
                if is_time {
                    "TIME"
                } else if is_number && is_length {
                    "N"
                } else {
                    words[at]
                }
            };
            (0..words.len()).map(word).collect::<Vec<_>>().join(" ")
        })
        .collect()
}

/// Ends it, and returns its end and its lines about outages.
fn finish(recorder: Recorder) -> (Ended, Vec<String>) {
    recorder.signal(Signal::TERM);
    let (ended, _files) = recorder.wait();
    let told = told(&ended);
    (ended, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_is_one_line_within_five_seconds_and_one_when_it_is_back() {
    let truth = Truth::of(vec![pods(), vmis()]);
    let (recorder, address, folder) = lost(&truth).await;
    let server = Server::start(truth.store.clone(), Options { address, ..Options::default() }).expect("the same port");
    let scene = Scene::of(server, folder);
    recorder.await_told("back after ");
    let (ended, told) = finish(recorder);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let both = "pods, virtualmachineinstances.kubevirt.io";
    let lines = [
        format!("{both}: no answer since TIME (connection refused); next attempt in N s"),
        format!("{both}: back after N s; nothing was missed"),
    ];
    assert_eq!(told, lines);
    drop(scene);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_that_is_refused_or_throttled_says_so_and_when_it_is_tried_again() {
    for (fault, line) in [
        ("http=403,verb=watch,resource=pods,times=1000000", "pods: refused since TIME (403"),
        ("http=503,verb=watch,resource=pods,times=1000000", "pods: failing since TIME (503"),
        ("http=429,verb=watch,resource=pods,times=1000000,retry-after=3", "pods: throttled since TIME (429"),
    ] {
        let truth = Truth::of(vec![pods(), vmis()]);
        let scene = Scene::new(&truth);
        let recorder = attached(&scene).await;
        scene.inject(fault);
        scene.server.cut();
        let cut = now();
        recorder.await_told("; next attempt in ");
        assert!(cut.elapsed() < SOON, "{fault}: {:?}", cut.elapsed());
        scene.server.clear_faults();
        recorder.await_told("back after ");
        let (_, told) = finish(recorder);
        let [out, back] = &told[..] else { panic!("{fault}: {told:#?}") };
        assert!(out.starts_with(line) && out.ends_with("; next attempt in N s"), "{fault}: {told:#?}");
        assert_eq!(back, "pods: back after N s; nothing was missed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_with_a_gap_says_so_when_it_is_over() {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    let scene = Scene::new(&truth);
    let files = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(PROGRAM);
    command.args(["record", "pods,vmi", "-A", "--heal-requests", "0", "-o"]).arg(files.path().join("run.jsonl"));
    command.arg("--ready-file").arg(files.path().join("ready")).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    let mut recorder = Recorder::launch(command, files);
    recorder.await_attached();
    bounded("the watches", scene.server.until(|server| server.open_watches() == 2)).await;
    scene.inject("http=503,verb=watch,resource=pods,times=1000000");
    scene.server.cut();
    recorder.await_told("pods: failing since ");
    truth.put("a", "Running");
    let newest = truth.store.revision().number().expect("a number");
    truth.store.compact(newest).expect("not in the future");
    scene.server.clear_faults();
    recorder.await_told("back after ");
    let (ended, told) = finish(recorder);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert_eq!(told[1..], ["pods: back after N s; a gap: some events were missed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_cut_again_and_again_are_two_lines_and_not_forty() {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    let scene = Scene::faulty(&truth, &["cut-after=1,resource=pods"]);
    let recorder = attached(&scene).await;
    let begun = now();
    for number in 0.. {
        if begun.elapsed() > SOON {
            break;
        }
        let asked = scene.server.count(Verb::Watch, "pods");
        truth.put("a", &format!("State{number}"));
        bounded("the next watch", scene.server.until(|server| server.count(Verb::Watch, "pods") > asked)).await;
    }
    scene.server.clear_faults();
    recorder.await_told("back after ");
    let (ended, told) = finish(recorder);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let [out, back] = &told[..] else { panic!("{told:#?}") };
    assert!(out.starts_with("pods: interrupted N times since TIME ("), "{told:#?}");
    assert!(out.ends_with("); resumed each time"), "{told:#?}");
    assert_eq!(back, "pods: back after N s; nothing was missed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_breaks_once_and_is_resumed_at_once_is_not_told() {
    let truth = Truth::of(vec![pods(), vmis()]);
    let scene = Scene::new(&truth);
    let recorder = attached(&scene).await;
    let asked = scene.server.count(Verb::Watch, "pods");
    scene.server.cut();
    bounded("the next watch", scene.server.until(|server| server.count(Verb::Watch, "pods") > asked)).await;
    bounded("both watches", scene.server.until(|server| server.open_watches() == 2)).await;
    let (ended, told) = finish(recorder);
    assert_eq!((ended.code, told), (Some(0), Vec::new()), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_takes_long_says_what_it_waits_for_and_a_second_signal_ends_it_at_once() {
    let truth = Truth::of(vec![pods(), vmis()]);
    let (recorder, _, _folder) = lost(&truth).await;
    recorder.signal(Signal::INT);
    recorder.await_told(
        "ending: waiting for at most 9 s for the proof that nothing of pods, virtualmachineinstances.kubevirt.io is \
         missing; Ctrl-C ends at once, without it",
    );
    recorder.signal(Signal::INT);
    let (ended, _files) = recorder.wait();
    // Had it waited for the fence, it would have exited with 3.
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("aborted by a second signal: no fence proves the end"), "{}", ended.stderr);
}
