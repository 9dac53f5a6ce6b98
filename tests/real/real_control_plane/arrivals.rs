//! Kinds that the server does not serve yet.

use serde_json::json;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, ControlPlane, Options};
use crate::recorder::process::Recorder;

#[test]
fn a_crd_that_is_installed_later_is_waited_for_and_its_objects_are_recorded() {
    let plane = ControlPlane::start(Options::default());
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["vm,vmi,pods"]);
    recorder.await_told("waiting for virtualmachines.kubevirt.io");
    plane.install_kubevirt_crds();
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let vm =
        json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "early"}, "spec": {}});
    let early = writer.create("VirtualMachine", "default", &vm);
    recorder.await_lines("attachment", 3, |line| line["type"] == "ATTACHED");
    writer.write_status("VirtualMachine", early, &json!({"printableStatus": "Starting"}));
    let late =
        json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "late"}, "spec": {}});
    writer.create("VirtualMachine", "default", &late);
    let recording = recorder.stop();
    let labels = recording.labels("default", "early", "VirtualMachine", "status");
    assert_eq!(labels.last().map(String::as_str), Some("Starting"));
    assert_eq!(recording.labels("default", "late", "VirtualMachine", "lifecycle"), ["Present"]);
    assert!(recording.gaps_of("virtualmachines").is_empty());
    recording.assert_verified();
}
