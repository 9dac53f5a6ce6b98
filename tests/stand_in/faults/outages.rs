//! What the program says while the server cannot be reached.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, pods, vmis};
use crate::recorder::process::{PROGRAM, Recorder};
use rustix::process::Signal;
use statetrail::replay::{Options, Server};
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// `statetrail record` of pods and VMIs, attached, and the rest of the scene after its server was killed and both
/// watches have noticed.
async fn lost(truth: &Truth) -> (Recorder, SocketAddr, TempDir) {
    let scene = Scene::new(truth);
    let files = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(PROGRAM);
    command.args(["record", "pods,vmi", "-A", "--no-history", "-o"]).arg(files.path().join("run.jsonl"));
    command.arg("--ready-file").arg(files.path().join("ready")).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    // A watch that does not warn says so with higher verbosity.
    command.env("STATETRAIL_LOG", "statetrail=info");
    let mut recorder = Recorder::launch(command, files);
    recorder.await_attached();
    bounded("the watches", scene.server.until(|server| server.open_watches() == 2)).await;
    let Scene { server, folder, .. } = scene;
    let address = server.address();
    server.kill().await;
    recorder.await_told(&format!("warning: no connection to http://{address}: "));
    bounded("both watches", async {
        while recorder.told().matches("no connection to").count() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    (recorder, address, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_reported_once_for_all_watches_and_each_says_when_it_is_back() {
    let truth = Truth::of(vec![pods(), vmis()]);
    let (recorder, address, folder) = lost(&truth).await;
    let server = Server::start(truth.store.clone(), Options { address, ..Options::default() }).expect("the same port");
    let scene = Scene::of(server, folder);
    recorder.await_told("pods: reconnected");
    recorder.await_told("virtualmachineinstances.kubevirt.io: reconnected");
    recorder.signal(Signal::TERM);
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches("warning: no connection to").count(), 1, "{}", ended.stderr);
    drop(scene);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_that_takes_long_says_what_it_waits_for_and_a_second_signal_ends_it_at_once() {
    let truth = Truth::of(vec![pods(), vmis()]);
    let (recorder, _, _folder) = lost(&truth).await;
    recorder.signal(Signal::INT);
    recorder.await_told(
        "ending: waiting for at most 9 s for the proof that nothing of pods, virtualmachineinstances.kubevirt.io is \
         missing; a second Ctrl-C ends at once, without it",
    );
    recorder.signal(Signal::INT);
    let (ended, _files) = recorder.wait();
    // Had it waited for the fence, it would have exited with 3.
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("aborted by a second signal: no fence proves the end"), "{}", ended.stderr);
}
