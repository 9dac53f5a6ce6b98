//! Versions that etcd has and a watch no longer delivers are read back; gaps are exactly where etcd compacted.

use std::collections::BTreeMap;

use kube::core::DynamicObject;
use serde_json::{Value, json};
use statetrail::observation::{Change, Object, Payload};
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::cluster::{Writer, version_of};
use crate::recorder::Recording;
use crate::recorder::process::Recorder;

/// The server's responses to writes: versions in order, with the uids written, and the uids deleted.
#[derive(Default)]
struct Log {
    written: BTreeMap<u64, String>,
    deleted: Vec<String>,
}

/// Pods that are written, deleted, and created again under the same name.
struct Pods<'a> {
    writer: &'a Writer,
    living: Vec<DynamicObject>,
    log: Log,
    turn: usize,
}

impl<'a> Pods<'a> {
    fn new(writer: &'a Writer, count: usize) -> Self {
        let mut pods = Self { writer, living: Vec::new(), log: Log::default(), turn: 0 };
        for number in 0..count {
            let pod = pods.create(&format!("pod-{number:02}"));
            pods.living.push(pod);
        }
        pods
    }

    fn create(&mut self, name: &str) -> DynamicObject {
        let pod = self.writer.create("Pod", "default", &pod(name, BUSYBOX, &["sleep", "3600"]));
        self.note(&pod);
        pod
    }

    fn note(&mut self, pod: &DynamicObject) {
        let uid = pod.metadata.uid.clone().expect("an object of the server has a uid");
        self.log.written.insert(version_of(pod), uid);
    }

    fn delete(&mut self, pod: &DynamicObject) {
        self.writer.delete("Pod", "default", pod.metadata.name.as_deref().expect("a name"));
        self.log.deleted.push(pod.metadata.uid.clone().expect("a uid"));
    }

    /// Writes all pods in turn; sometimes one is deleted and recreated, and one is created and deleted.
    fn write(&mut self, statuses: usize) {
        for _ in 0..statuses {
            self.turn += 1;
            let index = self.turn * 7 % self.living.len();
            let message = format!("turn {}", self.turn);
            let pod = self.living[index].clone();
            let pod = self.writer.write_status("Pod", pod, &json!({"phase": "Running", "message": message}));
            self.note(&pod);
            self.living[index] = pod.clone();
            if self.turn.is_multiple_of(20) {
                self.delete(&pod);
                self.living[index] = self.create(pod.metadata.name.as_deref().expect("a name"));
                let passing = self.create(&format!("passing-{}", self.turn));
                self.delete(&passing);
            }
        }
    }

    /// Compares a recording with what was written.
    fn assert_recorded(&self, recording: &Recording) {
        let mut last = 0;
        for (_, object) in recording.events("pods") {
            let version = object.resource_version.number().expect("versions are numbers");
            assert!(version > last, "{} @{version} stands after {last}", object.name);
            last = version;
        }
        assert_same(&written(recording), &self.log.written);
        let deleted = recording.events("pods").filter(|(change, _)| *change == Change::Deleted);
        let deleted: Vec<String> = deleted.map(|(_, object)| object.uid.to_string()).collect();
        assert_eq!(deleted, self.log.deleted);
        // The server writes once before each deletion.
        let ending = recording.events("pods").filter(|(change, object)| is_ending(*change, object)).count();
        assert_eq!(ending, self.log.deleted.len());
        assert!(recording.gaps_of("pods").is_empty(), "{:?}", recording.gaps_of("pods"));
        recording.assert_verified();
    }
}

/// A deletion without grace is two writes: the stamp, and the end.
fn is_ending(change: Change, object: &Object) -> bool {
    change == Change::Modified && object.json.get().contains("\"deletionTimestamp\"")
}

/// The versions that clients wrote, according to the recording.
fn written(recording: &Recording) -> BTreeMap<u64, String> {
    let written = recording
        .events("pods")
        .filter(|(change, object)| *change != Change::Deleted && !is_ending(*change, object))
        .map(|(_, object)| (object.resource_version.number().expect("versions are numbers"), object.uid.to_string()));
    written.collect()
}

/// Reports only the differences: there are thousands of equal versions.
fn assert_same(recorded: &BTreeMap<u64, String>, written: &BTreeMap<u64, String>) {
    let lost: Vec<_> = written.iter().filter(|(version, uid)| recorded.get(*version) != Some(*uid)).collect();
    let made_up: Vec<_> = recorded.iter().filter(|(version, uid)| written.get(*version) != Some(*uid)).collect();
    assert!(lost.is_empty() && made_up.is_empty(), "lost: {lost:?}; made up: {made_up:?}");
}

fn healed(recording: &Recording) -> usize {
    recording.payloads().filter(|payload| matches!(payload, Payload::Healed(_))).count()
}

#[test]
fn an_api_server_that_restarts_twenty_times_costs_nothing() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]);
    let mut pods = Pods::new(&writer, 50);
    for _ in 0..20 {
        plane.kill_apiserver();
        pods.write(50);
        plane.restart_apiserver();
        pods.write(50);
    }
    assert_eq!(pods.turn, 2000);
    let recording = recorder.stop();
    pods.assert_recorded(&recording);
    assert!(healed(&recording) >= 5, "{} spans were healed", healed(&recording));
}

#[test]
fn two_hundred_versions_of_one_object_are_read_back() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]);
    let mut pods = Pods::new(&writer, 1);
    recorder.await_line("event", |line| line["type"] == "ADDED");
    plane.kill_apiserver();
    for turn in 0..200 {
        let pod = writer.write_status("Pod", pods.living[0].clone(), &json!({"message": turn.to_string()}));
        pods.note(&pod);
        pods.living[0] = pod;
    }
    plane.restart_apiserver();
    recorder.await_line("healing", |line| line["type"] == "HEALED");
    pods.assert_recorded(&recorder.stop());
}

/// Compaction before the loss costs nothing, in its middle leaves a gap up to it. After it: see `interruptions`.
#[test]
fn a_gap_is_exactly_what_etcd_forgot() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]);
    let mut pods = Pods::new(&writer, 5);
    recorder.await_lines("events", 5, |line| line["type"] == "ADDED");
    plane.compact_etcd();
    plane.kill_apiserver();
    pods.write(40);
    plane.restart_apiserver();
    recorder.await_line("healing", |line| line["type"] == "HEALED");
    pods.write(1);
    let before = pods.log.written.keys().next_back().copied().expect("a write");
    recorder.await_line("event", |line| line["resourceVersion"].as_str().and_then(|v| v.parse().ok()) == Some(before));

    plane.kill_apiserver();
    pods.write(25);
    let compacted = u64::try_from(plane.compact_etcd()).expect("revisions are positive");
    pods.write(25);
    plane.restart_apiserver();
    recorder.await_lines("healing", 2, |line| line["type"] == "HEALED");
    let recording = recorder.stop();

    let [gap] = recording.gaps_of("pods")[..] else { panic!("{:?}", recording.gaps_of("pods")) };
    assert!(gap.from_resource_version.number() >= Some(before), "{gap:?}");
    assert_eq!(gap.to_resource_version.number(), Some(compacted));
    let forgotten = |version: &u64| (before + 1..=compacted).contains(version);
    let remembered: BTreeMap<u64, String> =
        pods.log.written.iter().filter(|(version, _)| !forgotten(version)).map(|(v, uid)| (*v, uid.clone())).collect();
    assert_same(&written(&recording), &remembered);
    let (code, said) = recording.verify();
    assert_eq!((code, &said["watches"][0]["gaps"], &said["watches"][0]["healed"]), (Some(3), &json!(1), &json!(2)));
}

/// One etcd, two API servers with their own watch caches, and a recorder that is moved from one to the other.
#[test]
fn going_from_one_api_server_to_another_loses_nothing() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let folder = TempDir::new().expect("a temporary folder");
    let path = folder.path().join("kubeconfig");
    let lead_to = |kubeconfig: std::path::PathBuf| _ = std::fs::copy(kubeconfig, &path).expect("copying a kubeconfig");
    lead_to(plane.kubeconfig(ADMIN));
    let mut recorder = Recorder::attached(&path, &["pods"]);
    let mut pods = Pods::new(&writer, 10);
    let returned = |line: &Value| line["type"] == "RECONNECTED" || line["type"] == "HEALED" || line["type"] == "GAP";
    for round in 0..3 {
        lead_to(second.kubeconfig(ADMIN));
        plane.kill_apiserver();
        pods.write(40);
        recorder.await_lines("return to the second", 2 * round + 1, returned);
        plane.restart_apiserver();
        pods.write(20);
        lead_to(plane.kubeconfig(ADMIN));
        second.kill();
        second.restart();
        recorder.await_lines("return to the first", 2 * round + 2, returned);
        pods.write(20);
    }
    pods.assert_recorded(&recorder.stop());
}
