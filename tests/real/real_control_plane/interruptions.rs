//! API servers that are killed, restart, and have compacted their history.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use statetrail::observation::{Change, GapReason, Payload};

use crate::cluster::Writer;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::recorder::Recording;
use crate::recorder::deadline;
use crate::recorder::process::Recorder;

#[test]
fn a_killed_api_server_costs_nothing() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let pods: Vec<_> =
        (0..20).map(|number| writer.create("Pod", "default", &named(&format!("pod-{number:02}")))).collect();
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods,configmaps"]);
    let changed = writer.write_status("Pod", pods[0].clone(), &json!({"phase": "Running"}));
    recorder.await_line("event", |line| line["object"]["status"]["phase"] == "Running");

    // Nothing changes while it is down.
    plane.kill_apiserver();
    plane.restart_apiserver();
    recorder.await_line("return", is_return(0));
    let changed = writer.write_status("Pod", changed, &json!({"phase": "Succeeded"}));
    recorder.await_line("event after the return", |line| line["object"]["status"]["phase"] == "Succeeded");

    // Now something changes.
    plane.kill_apiserver();
    writer.write_status("Pod", changed, &json!({"phase": "Failed"}));
    writer.delete("Pod", "default", "pod-01");
    writer.create("Pod", "default", &named("newcomer"));
    let passing = writer.create("Pod", "default", &named("came-and-went"));
    writer.delete("Pod", "default", passing.metadata.name.as_deref().expect("a name"));
    plane.restart_apiserver();
    recorder.await_lines("second return", 2, is_return(0));
    writer.write_status("Pod", pods[2].clone(), &json!({"phase": "Running"}));
    let recording = recorder.stop();

    assert_eq!(recording.labels("default", "pod-00", "Pod", "phase"), ["Pending", "Running", "Succeeded", "Failed"]);
    assert!(recording.gaps_of("pods").is_empty(), "{:?}", recording.gaps_of("pods"));
    assert_eq!(recording.labels("default", "pod-01", "Pod", "lifecycle"), ["Present", "Terminating", "Deleted"]);
    assert_eq!(recording.labels("default", "pod-02", "Pod", "phase"), ["Pending", "Running"]);
    assert_eq!(recording.labels("default", "newcomer", "Pod", "phase"), ["Pending"]);
    let passing = recording.labels("default", "came-and-went", "Pod", "lifecycle");
    assert_eq!(passing, ["Present", "Terminating", "Deleted"], "born and gone unseen");
    recording.assert_verified();
    assert!(recording.gapped("ConfigMap").is_empty());
    assert_chain(&recording);
}

#[test]
fn an_api_server_that_is_killed_or_hangs_is_told_within_five_seconds_and_so_is_its_return() {
    let plane = ControlPlane::start(Options::default());
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["-A", "pods,configmaps,nodes"]);
    let told_soon = |words: &str, since: Instant| {
        recorder.await_told(words);
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}\n{}", since.elapsed(), recorder.told());
    };
    let killed = deadline::now();
    plane.kill_apiserver();
    told_soon("all watches: no answer since ", killed);
    plane.restart_apiserver();
    recorder.await_told("back after ");

    // Its connections stay open, and nothing comes.
    plane.apiserver().freeze();
    told_soon("(its open streams are silent); waiting for an answer", deadline::now());
    plane.apiserver().thaw();
    let told = deadline::until(Duration::from_mins(1), || {
        (recorder.told().matches("back after ").count() > recorder.told().matches(" since ").count() - 1).then_some(())
    });
    assert!(told.is_some(), "{}", recorder.told());
    let told = recorder.told();
    assert!(!told.contains("a gap") && !told.contains("reconnected"), "{told}");
    recorder.stop().assert_verified();
}

#[test]
fn compacted_history_is_one_gap_a_watch_from_what_was_recorded_to_what_was_found() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}, "spec": {}});
    let vm = writer.create("VirtualMachine", "default", &vm);
    writer.create("Pod", "default", &named("still"));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["vm,pods"]);
    let mut vm = writer.write_status("VirtualMachine", vm, &json!({"printableStatus": "Starting"}));
    recorder.await_line("event", |line| line["object"]["status"]["printableStatus"] == "Starting");

    plane.kill_apiserver();
    for status in ["ErrImagePull", "ImagePullBackOff", "Running"] {
        vm = writer.write_status("VirtualMachine", vm, &json!({"printableStatus": status}));
    }
    let compacted = plane.compact_etcd();
    plane.restart_apiserver();
    recorder.await_lines("attachment after the gap", 4, |line| line["type"] == "ATTACHED");
    writer.write_status("VirtualMachine", vm, &json!({"printableStatus": "Stopped"}));
    let recording = recorder.stop();

    for plural in ["virtualmachines", "pods"] {
        let [gap] = recording.gaps_of(plural)[..] else { panic!("{plural}: {:?}", recording.gaps_of(plural)) };
        assert_eq!(gap.reason, GapReason::HistoryExpired);
        let before = last_version_before_gap(&recording, plural);
        assert_eq!(gap.from_resource_version.as_str(), before, "{plural}");
        assert!(gap.to_resource_version.number() >= u64::try_from(compacted).ok(), "{plural}: {gap:?}");
        assert!(gap.from <= gap.to);
    }
    let steps = recording.labels("default", "web", "VirtualMachine", "status");
    assert_eq!(steps, ["Starting", "Running", "Stopped"]);
    assert_eq!(recording.gapped("VirtualMachine"), ["web"]);
    assert!(recording.gapped("Pod").is_empty(), "a pod that did not change has no gap of its own");
    assert_chain(&recording);
}

#[test]
fn a_rotated_certificate_is_taken_as_it_comes() {
    let plane = ControlPlane::start(Options::default());
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods"]);
    plane.rotate_serving_certificate();
    writer.create("Pod", "default", &named("on-the-old-connection"));
    recorder.await_line("event", |line| line["object"]["metadata"]["name"] == "on-the-old-connection");
    // On SIGTERM it ends its watches cleanly, and the next connection uses the new certificate.
    plane.stop_apiserver();
    plane.restart_apiserver();
    recorder.await_line("return", is_return(0));
    Writer::new(&plane.kubeconfig(ADMIN)).create("Pod", "default", &named("on-the-new-connection"));
    let recording = recorder.stop();
    let created: Vec<_> = recording.events("pods").map(|(change, pod)| (change, pod.name.as_str())).collect();
    assert_eq!(created, [(Change::Added, "on-the-old-connection"), (Change::Added, "on-the-new-connection")]);
    assert!(recording.gapped("Pod").is_empty());
}

fn named(name: &str) -> Value {
    pod(name, BUSYBOX, &["sleep", "3600"])
}

/// The stream of a watch is taken up again, or what it lost was read back.
fn is_return(watch: u64) -> impl Fn(&Value) -> bool {
    move |line| line["watch"] == watch && (line["type"] == "RECONNECTED" || line["type"] == "HEALED")
}

/// The version that a watch had recorded when its first gap came.
fn last_version_before_gap(recording: &Recording, plural: &str) -> String {
    let id = recording.watch(plural);
    let mut last = String::new();
    for payload in recording.payloads().filter(|payload| payload.watch() == Some(id)) {
        match payload {
            Payload::Gap(_) => break,
            Payload::Object(seen) if seen.change != Change::Listed => last = seen.object.resource_version.to_string(),
            Payload::Bookmark { resource_version, .. } => last = resource_version.to_string(),
            Payload::Attached(attached) => last = attached.resource_version.to_string(),
            _ => {}
        }
    }
    last
}

/// `verify` counts the gaps, and finds no other problem.
fn assert_chain(recording: &Recording) {
    let (code, said) = recording.verify();
    let chains = said["watches"].as_array().expect("an entry per watch");
    let mut gaps = 0;
    for (chain, watch) in chains.iter().zip(&recording.header.watches) {
        let here = recording.gaps_of(&watch.resource.plural).len();
        assert_eq!((&chain["gaps"], &chain["fenced"]), (&json!(here), &json!(true)), "{said:#}");
        assert_eq!(chain["problems"].as_array().map(Vec::len), Some(here), "{said:#}");
        gaps += here;
    }
    assert_eq!((code, &said["complete"]), (Some(if gaps == 0 { 0 } else { 3 }), &json!(gaps == 0)), "{said:#}");
}
