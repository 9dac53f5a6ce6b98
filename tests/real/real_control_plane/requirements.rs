//! What a real cluster reports about itself decides whether an expectation is judged: versions are read from its Nodes
//! and its KubeVirt.

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, pod};
use crate::recorder::Recording;
use crate::recorder::process::{Recorder, run};
use serde_json::json;

const KUBEVIRTS: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: kubevirts.kubevirt.io}
spec:
  group: kubevirt.io
  scope: Namespaced
  names: {kind: KubeVirt, listKind: KubeVirtList, plural: kubevirts, singular: kubevirt}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
";

/// A cluster with one node that reports this runtime and kernel.
fn cluster(runtime: &str, kernel: &str, kubevirt: &str) -> ControlPlane {
    let plane = ControlPlane::start(Options::default());
    plane.apply(KUBEVIRTS);
    plane.kubectl_with_input(&["wait", "--for=condition=Established", "--timeout=60s", "--filename=-"], KUBEVIRTS);
    plane.apply(json!({
        "apiVersion": "kubevirt.io/v1", "kind": "KubeVirt", "metadata": {"name": "kubevirt", "namespace": "default"},
        "spec": {"configuration": {"developerConfiguration": {"featureGates": ["ImageVolume"]}}},
        "status": {"observedKubeVirtVersion": kubevirt},
    }));
    plane.apply(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}));
    runs(&plane, runtime, kernel);
    plane
}

fn runs(plane: &ControlPlane, runtime: &str, kernel: &str) {
    let info = json!({"nodeInfo": {
        "containerRuntimeVersion": runtime, "kernelVersion": kernel, "kubeletVersion": "v1.36.3",
        "kubeProxyVersion": "", "machineID": "", "systemUUID": "", "bootID": "", "operatingSystem": "linux",
        "osImage": "", "architecture": "amd64",
    }});
    plane.write_status("default", "node/node", &info);
}

/// A pod whose container the runtime cannot create, until the recorder is stopped.
fn recorded(plane: &ControlPlane, name: &str, message: &str, meanwhile: impl FnOnce()) -> Recording {
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods,events"]);
    plane.apply(pod(name, BUSYBOX, &["true"]));
    let waiting = |reason: &str, message: &str| {
        json!({"phase": "Pending", "containerStatuses": [{
            "name": "app", "ready": false, "restartCount": 0, "image": BUSYBOX, "imageID": "",
            "state": {"waiting": {"reason": reason, "message": message}},
        }]})
    };
    plane.write_status("default", &format!("pod/{name}"), &waiting("ContainerCreating", ""));
    plane.write_status("default", &format!("pod/{name}"), &waiting("CreateContainerError", message));
    meanwhile();
    recorder.stop()
}

/// The exit code and output for the expectation that the pod ran, under a requirement.
fn verdict(plane: &ControlPlane, recording: &Recording, name: &str, requires: &str) -> (Option<i32>, String) {
    let expectation = format!(
        "
apiVersion: statetrail/v1
kind: Expectation
metadata: {{name: the-container-runs}}
requires: {requires}
subjects: {{pod: {{kind: Pod, namespace: default, name: {name}}}}}
expect: [{{track: pod.container/app, path: \"... -> Running -> ...\"}}]
"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("expectation.yaml");
    std::fs::write(&file, expectation).expect("a file");
    let recording = recording.path.clone();
    let arguments = ["check", recording.to_str().expect("UTF-8"), "-e", file.to_str().expect("UTF-8")];
    let ended = run(&plane.kubeconfig(ADMIN), &arguments);
    (ended.code, ended.stdout)
}

fn held(plane: &ControlPlane, recording: &Recording, name: &str, cases: &[(&str, i32, &str)]) {
    for (requires, code, expected) in cases {
        let (found, said) = verdict(plane, recording, name, requires);
        assert_eq!(found, Some(*code), "{requires}: {said}");
        assert!(said.contains(*expected), "{requires}: {said}");
    }
}

#[test]
fn an_old_tool_on_a_new_runtime_skips_what_needs_a_newer_one() {
    let plane = cluster("cri-o://1.33.4", "6.12.8", "v1.3.1");
    let message = "mount image volume: the image volume was not prepared";
    let recording = recorded(&plane, "image-volume", message, || ());
    held(
        &plane,
        &recording,
        "image-volume",
        &[
            ("{containerRuntime: 'cri-o >=1.31', kubevirt: '>=1.5'}", 0, "KubeVirt is v1.3.1, not >=1.5"),
            ("{containerRuntime: 'cri-o >=1.34'}", 0, "cri-o is 1.33.4, not >=1.34"),
            ("{kubevirt: {featureGates: {ImageVolume: false}}}", 0, "feature gate ImageVolume is on"),
            ("{containerRuntime: 'cri-o >=1.30', kubernetes: '>=1.36'}", 1, "violated"),
        ],
    );
}

#[test]
fn a_kernel_that_lacks_a_feature_skips_what_needs_it() {
    let plane = cluster("containerd://2.2.1", "5.10.0-35-amd64", "v1.5.0");
    let message = "runc create failed: idmapped mounts are not supported by the kernel";
    let recording = recorded(&plane, "user-namespace", message, || ());
    held(
        &plane,
        &recording,
        "user-namespace",
        &[
            ("{kernel: '>=5.12', containerRuntime: 'containerd >=2.0'}", 0, "kernel is 5.10.0-35-amd64, not >=5.12"),
            ("{kernel: '>=5.10'}", 1, "violated"),
        ],
    );
}

#[test]
fn a_node_that_is_upgraded_meanwhile_leaves_it_open_what_was_running() {
    let plane = cluster("cri-o://1.30.6", "6.12.8", "v1.5.0");
    let upgrade = || runs(&plane, "cri-o://1.31.0", "6.12.8");
    let recording = recorded(&plane, "image-volume", "image volumes are not supported", upgrade);
    let (code, said) = verdict(&plane, &recording, "image-volume", "{containerRuntime: 'cri-o >=1.31'}");
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("container runtime changed during the recording"), "{said}");
}
