//! Recorders that go on after etcd was put back to a backup, or has compacted what they recorded last.

use std::path::Path;

use rustix::process::Signal;
use serde_json::{Value, json};
use statetrail::observation::GapReason;
use tempfile::TempDir;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::recorder::Recording;
use crate::recorder::process::Recorder;

#[test]
fn an_etcd_that_was_put_back_while_no_recorder_ran_is_a_gap_and_never_whole() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    create(&admin, &["kept"]);
    plane.back_up_etcd();
    let recorder = Recorder::attached(&admin, &["pods,namespaces,configmaps"]);
    create(&admin, &["undone"]);
    let left = ended(recorder, "undone", 0);

    let recorded = plane.etcd_revision();
    plane.restore_etcd();
    let mut number = 0;
    while plane.etcd_revision() <= recorded {
        number += 1;
        create(&admin, &[&format!("later-{number}")]);
    }
    let recorder = Recorder::resumed(&admin, left);
    create(&admin, &["last"]);
    let recording = Recording::of(ended(recorder, "last", 3));
    let (code, said) = recording.verify();
    assert_eq!((code, &said["complete"]), (Some(3), &json!(false)), "{said:#}");
    for plural in ["pods", "configmaps"] {
        let gaps = recording.gaps_of(plural);
        assert!(!gaps.is_empty(), "{plural}: {said:#}");
        assert!(gaps.iter().all(|gap| gap.reason == GapReason::StorageReplaced), "{plural}: {gaps:?}");
    }
    // Nothing happened to them since the backup, neither before nor after.
    assert!(recording.gaps_of("namespaces").is_empty(), "{said:#}");
    assert_eq!(recording.labels("default", "undone", "Pod", "lifecycle"), ["Present", "Deleted"]);
}

#[test]
fn an_etcd_that_has_compacted_what_was_recorded_last_costs_nothing_while_the_api_server_runs() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let recorder = Recorder::attached(&admin, &["pods,namespaces,configmaps"]);
    create(&admin, &["first"]);
    let left = ended(recorder, "first", 0);
    create(&admin, &["meanwhile"]);
    plane.compact_etcd();
    let recorder = Recorder::resumed(&admin, left);
    create(&admin, &["last"]);
    let recording = Recording::of(ended(recorder, "last", 0));
    assert_eq!(recording.labels("default", "meanwhile", "Pod", "phase"), ["Pending"]);
    recording.assert_verified();
}

#[test]
fn what_was_compacted_while_neither_recorder_nor_api_server_ran_is_a_gap_and_what_is_left_is_recorded() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let recorder = Recorder::attached(&admin, &["pods,namespaces,configmaps"]);
    create(&admin, &["first"]);
    let left = ended(recorder, "first", 0);
    create(&admin, &["passing", "meanwhile"]);
    Writer::new(&admin).delete("Pod", "default", "passing");
    plane.compact_etcd();
    plane.restart_apiserver();
    let recorder = Recorder::resumed(&admin, left);
    create(&admin, &["last"]);
    let recording = Recording::of(ended(recorder, "last", 3));
    let (code, said) = recording.verify();
    assert_eq!((code, &said["complete"]), (Some(3), &json!(false)), "{said:#}");
    // What may have come and gone is not known of any kind.
    for plural in ["pods", "configmaps", "namespaces"] {
        let [gap] = recording.gaps_of(plural)[..] else { panic!("{plural}: {said:#}") };
        assert_eq!(gap.reason, GapReason::HistoryExpired, "{plural}");
    }
    assert!(recording.labels("default", "passing", "Pod", "phase").is_empty());
    for seen in ["first", "meanwhile", "last"] {
        assert_eq!(recording.labels("default", seen, "Pod", "phase"), ["Pending"], "{seen}");
    }
}

fn create(admin: &Path, names: &[&str]) {
    let writer = Writer::new(admin);
    for name in names {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}});
        writer.create("ConfigMap", "default", &map);
        writer.create("Pod", "default", &pod(name, BUSYBOX, &["true"]));
    }
}

/// Ends a recorder once it has recorded a pod.
fn ended(mut recorder: Recorder, pod: &str, code: i32) -> TempDir {
    let is_it = |line: &Value| line["object"]["metadata"]["name"] == pod;
    // It, and the map of its name.
    recorder.await_lines("pod", 2, is_it);
    recorder.signal(Signal::INT);
    let (ended, folder) = recorder.wait();
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    folder
}
