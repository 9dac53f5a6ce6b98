//! examples/kubevirt: the recorder as a pod, with the rights that its manifest gives it and no others.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{ADMIN, ControlPlane, Options, Writer};
use crate::recorder::process::Recorder;

const MANIFEST: &str = include_str!("../../../examples/kubevirt/manifests/testing/statetrail.yaml.in");

#[test]
fn the_recorder_of_the_manifest_has_the_rights_that_it_needs() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "kubevirt"]);
    let manifest = MANIFEST.replace("{{.Namespace}}", "kubevirt").replace("{{.DockerPrefix}}", "registry.example/dev");
    plane.apply(manifest.replace("{{.DockerTag}}", "devel"));
    let pod = plane.kubectl_ok(&["get", "pod", "statetrail", "-n", "kubevirt", "-o", "json"]);
    let pod: Value = serde_json::from_str(&pod).expect("JSON");
    let arguments: Vec<&str> = pod["spec"]["containers"][0]["args"]
        .as_array()
        .expect("arguments")
        .iter()
        .map(|argument| argument.as_str().expect("a text"))
        .filter(|argument| !argument.starts_with("--output=") && !argument.starts_with("--listen="))
        .collect();
    let ["serve", what @ ..] = arguments.as_slice() else { panic!("{arguments:?}") };

    let folder = TempDir::new().expect("a temporary folder");
    let kubeconfig = folder.path().join("kubeconfig");
    let admin = fs::read_to_string(plane.kubeconfig(ADMIN)).expect("reading the kubeconfig");
    let token = plane.service_account_token("kubevirt", "statetrail");
    fs::write(&kubeconfig, admin.replace("token-of-admin", &token)).expect("writing a kubeconfig");
    let mut recorder = Recorder::attached(&kubeconfig, what);
    let vm = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine",
        "metadata": {"name": "web", "namespace": "default"}, "spec": {},
    });
    Writer::new(&plane.kubeconfig(ADMIN)).create("VirtualMachine", "default", &vm);
    recorder.await_line("the VM", |line| line["type"] == "ADDED" && line["object"]["metadata"]["name"] == "web");
    recorder.stop().assert_verified();
}
