//! What the program says while the server cannot be reached.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, pods, vmis};
use crate::recorder::process::Recorder;
use rustix::process::Signal;
use statetrail::replay::{Options, Server};

/// `statetrail record` of pods and VMIs, attached, and the rest of the scene after its server was killed.
async fn lost(truth: &Truth) -> (Recorder, std::net::SocketAddr, tempfile::TempDir) {
    let scene = Scene::new(truth);
    let arguments = ["pods,vmi", "-A", "--no-history"];
    let mut recorder = Recorder::start(&scene.path("kubeconfig"), &arguments);
    recorder.await_attached();
    bounded("the watches", scene.server.until(|server| server.open_watches() == 2)).await;
    let Scene { server, folder, .. } = scene;
    let address = server.address();
    server.kill().await;
    recorder.await_told(&format!("warning: no connection to http://{address}: "));
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
    assert_eq!(ended.stderr.matches("no connection to").count(), 1, "{}", ended.stderr);
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
}
