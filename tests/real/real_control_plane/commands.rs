//! The commands as users type them: selections, ends, signals, and resuming after a kill.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use statetrail::observation::{Change, Payload};
use tempfile::TempDir;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, deadline, pod};
use crate::recorder::Recording;
use crate::recorder::process::{Recorder, run};

#[test]
fn a_recorder_sees_what_it_was_asked_for_and_nothing_else() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "apart"]);
    let admin = plane.kubeconfig(ADMIN);
    let started = |args: &[&str]| Recorder::attached(&admin, args);
    let recorders = [
        started(&["pods"]),
        started(&["pods", "-n", "apart"]),
        started(&["-A", "pods"]),
        started(&["-A", "pods", "-l", "team=red"]),
        started(&["-A", "pods", "--field-selector", "metadata.namespace=apart"]),
        started(&["pod/blue", "vm/web"]),
        started(&["pods", "blue", "green"]),
    ];
    let writer = Writer::new(&admin);
    for (namespace, name) in [("default", "blue"), ("default", "red"), ("apart", "blue")] {
        let mut pod = pod(name, BUSYBOX, &["true"]);
        pod["metadata"]["namespace"] = json!(namespace);
        pod["metadata"]["labels"] = json!({"team": name});
        writer.create("Pod", namespace, &pod);
    }
    for name in ["web", "db"] {
        let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": name}});
        writer.create("VirtualMachine", "default", &vm);
    }
    let recordings = recorders.map(Recorder::stop);
    let expected: [&[&str]; 7] = [
        &["default/blue", "default/red"],
        &["apart/blue"],
        &["default/blue", "default/red", "apart/blue"],
        &["default/red"],
        &["apart/blue"],
        &["default/blue"],
        &["default/blue"],
    ];
    for (recording, expected) in recordings.iter().zip(expected) {
        assert_eq!(created(recording, "pods"), expected);
        recording.assert_verified();
    }
    assert_eq!(created(&recordings[5], "virtualmachines"), ["default/web"]);
}

#[test]
fn a_recorder_ends_after_its_duration_or_on_a_signal() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let recording = Recorder::attached(&admin, &["pods", "--for", "300ms"]).finished();
    assert_eq!(ending(&recording).as_deref(), Some("the time was over"));
    recording.assert_verified();

    let recorder = Recorder::attached(&admin, &["pods"]);
    recorder.signal(Signal::INT);
    let recording = recorder.finished();
    assert_eq!(ending(&recording).as_deref(), Some("SIGINT"));
    recording.assert_verified();

    // A server that does not answer cannot give a fence; the second signal ends without one.
    let mut recorder = Recorder::attached(&admin, &["pods"]);
    Writer::new(&admin).create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    recorder.await_line("event", |line| line["type"] == "ADDED");
    plane.apiserver().freeze();
    recorder.signal(Signal::INT);
    recorder.signal(Signal::TERM);
    let (ended, folder) = recorder.wait();
    plane.apiserver().thaw();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let recording = Recording::of(folder);
    assert_eq!(created(&recording, "pods"), ["default/seen"]);
    let (code, said) = recording.verify();
    assert_eq!(code, Some(3), "{said:#}");
}

#[test]
fn a_namespace_that_does_not_exist_is_named_and_a_recording_goes_to_standard_output() {
    let plane = ControlPlane::start(Options::default());
    plane.kubectl_ok(&["create", "namespace", "story"]);
    let admin = plane.kubeconfig(ADMIN);
    for (namespace, warning) in [
        ("stori", "warning: namespace `stori` does not exist; did you mean `story`?\n"),
        ("elsewhere", "warning: namespace `elsewhere` does not exist\n"),
        ("story", ""),
    ] {
        let ended = run(&admin, &["record", "pods,nodes", "-n", namespace, "--for", "1ms", "-o", "-"]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains(warning), "{}", ended.stderr);
        assert_eq!(ended.stderr.contains("warning"), !warning.is_empty(), "{}", ended.stderr);
        assert!(ended.stderr.ends_with("\nstandard output\n"), "{}", ended.stderr);
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("run.jsonl");
        std::fs::write(&file, &ended.stdout).expect("a file");
        Recording::read(&file).assert_verified();
    }
}

#[test]
fn watch_prints_what_happens_while_it_happens() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let folder = TempDir::new().expect("a temporary folder");
    let (ready, shown) = (folder.path().join("ready").display().to_string(), ["--show-track", "phase"]);
    let mut watching =
        Recorder::spawn(&admin, &[&["watch", "pods", "--ready-file", &ready], &shown[..]].concat(), folder);
    watching.await_attached();
    let writer = Writer::new(&admin);
    let object = writer.create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    writer.write_status("Pod", object, &json!({"phase": "Running"}));
    let printed = deadline::until(Duration::from_secs(20), || {
        let lines: Vec<String> = watching.printed().lines().map(str::to_owned).collect();
        (lines.len() >= 2).then_some(lines)
    });
    let printed = printed.unwrap_or_else(|| panic!("{}{}", watching.printed(), watching.told()));
    assert!(printed[0].contains("seen") && printed[0].contains("Pending"), "{printed:?}");
    assert!(
        printed[1].contains("seen") && printed[1].contains("Pending") && printed[1].contains("Running"),
        "{printed:?}"
    );
    watching.signal(Signal::TERM);
    assert_eq!(watching.wait().0.code, Some(0));
}

#[test]
fn a_killed_recorder_goes_on_where_it_was_without_a_gap() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let writer = Writer::new(&admin);
    let mut recorder = Recorder::attached(&admin, &["pods"]);
    let mut object = writer.create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    let mut phases = vec!["Pending"];
    for (before, meanwhile) in [("Running", "Unknown"), ("Succeeded", "Failed")] {
        object = writer.write_status("Pod", object, &json!({"phase": before}));
        recorder.await_line("event", |line| line["object"]["status"]["phase"] == before);
        let left = recorder.kill();
        object = writer.write_status("Pod", object, &json!({"phase": meanwhile}));
        recorder = Recorder::resumed(&admin, left);
        phases.extend([before, meanwhile]);
    }
    let busy = run(&admin, &["record", "--resume", &recorder.file().display().to_string()]);
    assert!(busy.code == Some(4) && busy.stderr.contains("being written by another recorder"), "{busy:?}");
    let recording = recorder.stop();
    assert_eq!(recording.labels("default", "seen", "Pod", "phase"), phases);
    let versions: Vec<_> = recording.events("pods").map(|(_, pod)| pod.resource_version.number()).collect();
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");
    recording.assert_verified();

    let other = ControlPlane::start(Options::default());
    let file = recording.path.display().to_string();
    let elsewhere = run(&other.kubeconfig(ADMIN), &["record", "--resume", &file]);
    assert!(elsewhere.code == Some(4) && elsewhere.stderr.contains("another cluster"), "{elsewhere:?}");
    recording.assert_verified();
}

/// The objects that were seen to be created, as `namespace/name`.
fn created(recording: &Recording, plural: &str) -> Vec<String> {
    let added = recording.events(plural).filter(|(change, _)| *change == Change::Added);
    added.map(|(_, object)| format!("{}/{}", object.namespace, object.name)).collect()
}

/// The reason for the end, from the last line.
fn ending(recording: &Recording) -> Option<String> {
    match recording.payloads().last()? {
        Payload::End { reason } => Some(reason.clone()),
        _ => None,
    }
}
