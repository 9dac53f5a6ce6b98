//! What is seen of a VM's path while its API server is killed and comes back: by a poll, by `kubectl get -w`, by an
//! informer, and by statetrail. The README has the table that this test prints (`--no-capture`).

use std::fmt::Write as _;
use std::fs::{self, File};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use kube::api::DynamicObject;
use kube::runtime::{WatchStreamExt as _, watcher};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::cluster::{ADMIN, ControlPlane, Options, Writer, deadline};
use crate::recorder::process::Recorder;

/// The VM's path: its states, and how long each lasts in milliseconds, as in a real failure to pull an image.
const PATH: [(&str, u64); 12] = [
    ("Stopped", 500),
    ("Starting", 1500),
    ("ErrImagePull", 1100),
    ("ImagePullBackOff", 1500),
    // The API server is killed here.
    ("ErrImagePull", 230),
    ("ImagePullBackOff", 1400),
    ("ErrImagePull", 350),
    ("ImagePullBackOff", 1200),
    // It is back here.
    ("ErrImagePull", 300),
    ("ImagePullBackOff", 1500),
    ("Starting", 1200),
    ("Running", 1500),
];
const KILLED: usize = 4;
const BACK: usize = 8;

/// The states that an observer saw, each visit once.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn state(&self, object: &DynamicObject) {
        let Some(state) = object.data["status"]["printableStatus"].as_str() else { return };
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.last().map(String::as_str) != Some(state) {
            seen.push(state.to_owned());
        }
    }

    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Asks once a second, as `Eventually` does in a test.
async fn poll(client: &Writer, seen: Seen) {
    let api = client.api("VirtualMachine", "default");
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        second.tick().await;
        // As a test that retries: no answer is no state.
        if let Ok(Ok(vm)) = tokio::time::timeout(Duration::from_secs(1), api.get("web")).await {
            seen.state(&vm);
        }
    }
}

/// Lists and watches, and lists again where the server has lost its history.
async fn inform(client: &Writer, seen: Seen) {
    let api = client.api("VirtualMachine", "default");
    let mut events = Box::pin(watcher(api, watcher::Config::default()).default_backoff());
    while let Some(event) = events.next().await {
        if let Ok(watcher::Event::Apply(vm) | watcher::Event::InitApply(vm)) = event {
            seen.state(&vm);
        }
    }
}

/// An observer that runs until the token is cancelled.
fn observe<F, O>(plane: &ControlPlane, stop: &CancellationToken, observer: F) -> (Seen, std::thread::JoinHandle<()>)
where
    F: FnOnce(Arc<Writer>, Seen) -> O + Send + 'static,
    O: Future<Output = ()>,
{
    let (seen, stop, client) = (Seen::default(), stop.clone(), Arc::new(Writer::new(&plane.kubeconfig(ADMIN))));
    let sees = seen.clone();
    let thread = std::thread::spawn(move || {
        let observer = observer(Arc::clone(&client), sees);
        client.block_on(async {
            tokio::select! { () = observer => {}, () = stop.cancelled() => {} }
        });
    });
    (seen, thread)
}

#[test]
fn only_a_recording_has_the_whole_path_when_the_api_server_is_killed() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {}});
    let mut vm = writer.create("VirtualMachine", "default", &vm);

    let stop = CancellationToken::new();
    let (polled, poller) = observe(&plane, &stop, |client, seen| async move { poll(&client, seen).await });
    let (informed, informer) = observe(&plane, &stop, |client, seen| async move { inform(&client, seen).await });
    let folder = TempDir::new().expect("a temporary folder");
    let printed = folder.path().join("kubectl");
    let columns = "--output=custom-columns=STATUS:.status.printableStatus";
    let mut kubectl = plane.kubectl_command(&["get", "vm", "web", "--watch", "--no-headers", columns]);
    let mut kubectl = kubectl.stdout(File::create(&printed).expect("a file")).spawn().expect("starting kubectl");
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["vm"]);
    let watches = || fs::read_to_string(&printed).is_ok_and(|text| text.contains("<none>")).then_some(());
    deadline::until(Duration::from_secs(30), watches).expect("kubectl watches");

    let api = writer.api("VirtualMachine", "default");
    for (at, (state, lasts)) in PATH.into_iter().enumerate() {
        match at {
            KILLED => plane.kill_apiserver(),
            BACK => plane.restart_apiserver(),
            _ => {}
        }
        vm = writer.block_on(async {
            let written = crate::cluster::write_status(&api, vm, &json!({"printableStatus": state})).await;
            tokio::time::sleep(Duration::from_millis(lasts)).await;
            written
        });
    }
    let is_last = |line: &Value| line["object"]["status"]["printableStatus"] == "Running";
    recorder.await_line("last state", is_last);
    let recording = recorder.stop();
    // It waits longer and longer between its attempts.
    let is_back = || (informed.all().last()? == "Running").then_some(());
    deadline::until(Duration::from_mins(1), is_back).expect("the informer comes back");
    stop.cancel();
    for observer in [poller, informer] {
        observer.join().expect("an observer that does not panic");
    }
    let kubectl_ended = kubectl.try_wait().expect("asking for a child").is_some();
    let _ = kubectl.kill();
    let _ = kubectl.wait();

    let path: Vec<&str> = PATH.iter().map(|(state, _)| *state).collect();
    let recorded = recording.labels("default", "web", "VirtualMachine", "status");
    let mut watched: Vec<String> = fs::read_to_string(&printed).expect("a file").lines().map(str::to_owned).collect();
    watched.retain(|state| state.trim() != "<none>");
    watched.dedup();
    let rows = [
        ("a poll every second", polled.all()),
        ("kubectl get vm -w", watched.clone()),
        ("an informer", informed.all()),
        ("statetrail record", recorded.iter().map(ToString::to_string).collect()),
    ];
    println!("{}", table(&rows));

    assert_eq!(recorded, path);
    assert!(recording.gaps_of("virtualmachines").is_empty(), "{:?}", recording.gaps_of("virtualmachines"));
    recording.assert_verified();
    assert!(kubectl_ended, "kubectl ends with its connection");
    assert_eq!(watched, path[..KILLED], "what came after the kill is lost");
    for (observer, seen) in &rows[..3] {
        assert!(seen.len() < path.len(), "{observer} saw everything: {seen:?}");
    }
}

/// How many visits to a state each observer saw, as the README has it.
fn table(rows: &[(&str, Vec<String>)]) -> String {
    let mut table = format!("| observer | states seen, of {} | ErrImagePull, of 4 |\n|---|---|---|\n", PATH.len());
    for (observer, seen) in rows {
        let failures = seen.iter().filter(|state| *state == "ErrImagePull").count();
        let _ = writeln!(table, "| {observer} | {} | {failures} |", seen.len());
    }
    table
}
