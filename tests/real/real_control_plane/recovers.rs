//! Recovering what happened before the recording.

use std::fs;

use serde_json::json;
use statetrail::observation::{Change, Object, Payload};
use statetrail::timeline::Provenance;
use tempfile::TempDir;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::recorder::Recording;
use crate::recorder::process::{Recorder, run};

/// Records the past of a cluster.
fn recover(kubeconfig: &std::path::Path, args: &[&str]) -> (Recording, String) {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("run.jsonl").display().to_string();
    let ended = run(kubeconfig, &[&["recover", "-o", &file], args].concat());
    let recording = Recording::of(folder);
    recording.assert_said(&ended);
    (recording, ended.stderr)
}

/// The recorded events of a watch, without times.
fn events(recording: &Recording, plural: &str) -> Vec<(Change, String)> {
    let of = |(change, object): (Change, &Object)| (change, object.json.get().to_owned());
    recording.events(plural).map(of).collect()
}

/// The timeline without times and provenance.
fn steps(recording: &Recording) -> Vec<String> {
    let step = |entry: &statetrail::timeline::Entry| {
        format!("{:?} {:?} {:?}", entry.subject, entry.resource_version, entry.body)
    };
    let mut steps: Vec<String> = recording.timeline.iter().map(step).collect();
    steps.sort_unstable();
    steps
}

#[test]
fn a_namespace_whose_objects_are_all_gone_is_recovered_as_it_was_recorded() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let live = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods,vm"]);
    for number in 0..10 {
        let (pod_name, vm_name) = (format!("pod-{number}"), format!("vm-{number}"));
        let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": vm_name}, "spec": {}});
        let mut pod = writer.create("Pod", "default", &pod(&pod_name, BUSYBOX, &["sleep", "3600"]));
        let mut vm = writer.create("VirtualMachine", "default", &vm);
        for status in ["Starting", "ErrImagePull", "ImagePullBackOff", "Running"] {
            vm = writer.write_status("VirtualMachine", vm, &json!({"printableStatus": status}));
            pod = writer.write_status("Pod", pod, &json!({"phase": "Running", "message": status}));
        }
        writer.delete("VirtualMachine", "default", &vm_name);
        writer.delete("Pod", "default", &pod_name);
    }
    let live = live.stop();
    let (recovered, said) = recover(&plane.kubeconfig(ADMIN), &["pods,vm"]);
    for plural in ["pods", "virtualmachines"] {
        let (recovered, live) = (events(&recovered, plural), events(&live, plural));
        let differs = recovered.iter().zip(&live).position(|(recovered, live)| recovered != live);
        let shown = differs.map(|at| (&recovered[at], &live[at]));
        assert!(shown.is_none() && recovered.len() == live.len(), "{} and {}: {shown:#?}", recovered.len(), live.len());
        assert!(live.len() >= 60);
    }
    assert_eq!(steps(&recovered), steps(&live));
    assert!(recovered.timeline.iter().all(|entry| entry.seen == Provenance::Healed));
    recovered.assert_verified();
    // The cluster is younger than the ten minutes requested: its first revision is older than any Lease.
    assert!(said.contains("history reaches back to revision 1, which is far enough"), "{said}");
    let past = |recording: &Recording| {
        let past = |payload: &Payload| if let Payload::Past(past) = payload { Some(past.clone()) } else { None };
        recording.payloads().find_map(past).expect("it is recorded how far back it goes")
    };
    assert!(past(&recovered).dated.is_none());
    for entry in &recovered.timeline {
        let interval = entry.stamp.at.duration_since(entry.not_before.expect("an interval"));
        assert!(interval.as_secs() < 120, "created less than two minutes ago: {entry:?}");
    }
    // The Leases' writers may be half a minute behind: only a cluster that is older needs to be dated by them.
    let (recent, said) = recover(&plane.kubeconfig(ADMIN), &["--since", "1s", "pods,vm"]);
    let past = past(&recent);
    assert_eq!(
        past.dated.is_none(),
        said.contains("history reaches back to revision 1, which is far enough"),
        "{said}"
    );
    assert!(past.dated.is_none_or(|dated| dated <= past.since) && past.missing.is_empty(), "{past:?}");
    recent.assert_verified();
}

#[test]
fn what_is_there_when_the_recorder_comes_gets_its_beginning_unless_it_is_not_wanted() {
    let plane = ControlPlane::start(Options::default());
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let mut object = writer.create("Pod", "default", &pod("web", BUSYBOX, &["sleep", "3600"]));
    for phase in ["Running", "Failed"] {
        object = writer.write_status("Pod", object, &json!({"phase": phase}));
    }
    let recording = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]).stop();
    assert_eq!(recording.labels("default", "web", "Pod", "phase"), ["Pending", "Running", "Failed"]);
    assert!(recording.timeline.iter().all(|entry| entry.seen == Provenance::Healed));
    recording.assert_verified();
    let without = Recorder::attached(&plane.kubeconfig(ADMIN), &["--no-history", "pods"]).stop();
    assert_eq!(without.labels("default", "web", "Pod", "phase"), ["Failed"]);
    assert!(without.timeline.iter().all(|entry| entry.seen == Provenance::Initial));

    // Beginnings that etcd compacted stay unseen.
    plane.compact_etcd();
    plane.restart_apiserver();
    writer.write_status("Pod", object, &json!({"phase": "Succeeded"}));
    let forgotten = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]).stop();
    assert_eq!(forgotten.labels("default", "web", "Pod", "phase"), ["Failed", "Succeeded"]);
    assert_eq!(forgotten.timeline.first().map(|entry| entry.seen), Some(Provenance::Initial));
    forgotten.assert_verified();
}

/// The recorder continues after the past.
#[test]
fn a_recorder_that_begins_in_the_past_goes_on_in_the_present() {
    let plane = ControlPlane::start(Options::default());
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    writer.create("Pod", "default", &pod("gone", BUSYBOX, &["sleep", "3600"]));
    writer.delete("Pod", "default", "gone");
    let object = writer.create("Pod", "default", &pod("web", BUSYBOX, &["sleep", "3600"]));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["--since", "5m", "pods"]);
    writer.write_status("Pod", object, &json!({"phase": "Running"}));
    recorder.await_line("event", |line| line["object"]["status"]["phase"] == "Running");
    let text = fs::read_to_string(recorder.file()).expect("the file");
    assert!(text.contains("\"type\":\"PAST\""));
    let recording = recorder.stop();
    assert_eq!(recording.labels("default", "gone", "Pod", "lifecycle").last().map(String::as_str), Some("Deleted"));
    assert_eq!(recording.labels("default", "web", "Pod", "phase"), ["Pending", "Running"]);
    recording.assert_verified();
}
