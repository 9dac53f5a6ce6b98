//! The pods of captures/story, replayed on a real kubelet at the same time; each has another fault.
//!
//! The recording is compared with what kubectl saw in parallel.

use std::time::Duration;

use serde_json::{Value, json};

use super::compare;
use super::raw::RawWatch;
use crate::cluster::{ADMIN, Answer, BUSYBOX, ControlPlane, Node, NodeOptions, Options, Registry, pod, pod_once};
use crate::recorder::Recording;
use crate::recorder::process::Recorder;

const NAMESPACE: &str = "story";
const LATE: &str = "127.0.0.1:1/late:1";

#[test]
fn the_recording_of_a_real_kubelet_matches_what_kubectl_sees() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    // All images here are the same, and a pull under one name is not verified for another.
    let options = NodeOptions::default().kubelet("imagePullCredentialsVerificationPolicy", json!("NeverVerify"));
    let node = Node::start(&plane, options);
    let registry = Registry::start(Answer::Hold);
    plane.kubectl_ok(&["create", "namespace", NAMESPACE]);
    plane.wait_for_creation(NAMESPACE, "serviceaccount/default");
    let raw = RawWatch::start(&plane, NAMESPACE);
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["-n", NAMESPACE, "pods,events"]);
    live(&plane, &node, &registry);
    let recording = recorder.stop();
    let raw = raw.stop(&recording);

    compare::same_objects(&recording, &raw);
    compare::same_container_states(&recording, &raw);
    compare::same_status_column(&recording, &raw);
    assert_lived(&recording);
    assert!(recording.gaps_of("pods").is_empty() && recording.reconnects_of("pods").is_empty());
    recording.assert_verified();
}

/// Runs every pod's scenario at the kubelet's pace; the kubelet is killed in between.
fn live(plane: &ControlPlane, node: &Node, registry: &Registry) {
    let pods = pods(registry);
    plane.apply(json!({"apiVersion": "v1", "kind": "List", "items": pods}));
    let waits_for = |pod: &str, path: &str, value: &str| plane.wait_for(NAMESPACE, &format!("pod/{pod}"), path, value);
    let waiting = ".status.containerStatuses[0].state.waiting.reason";
    assert!(registry.await_pulls(1, Duration::from_mins(1)), "there is no pull");
    registry.answer(Answer::NotFound);
    waits_for("pull-refused", waiting, "ImagePullBackOff");
    registry.answer(Answer::Serve);
    waits_for("pull-then-fixed", waiting, "ImagePullBackOff");
    node.add_image(LATE);
    waits_for("never-pulls", waiting, "ImagePullBackOff");
    waits_for("config-then-fixed", waiting, "CreateContainerConfigError");
    plane.kubectl_ok(&["--namespace", NAMESPACE, "create", "configmap", "late", "--from-literal=A=b"]);
    waits_for("slow-stop", ".status.phase", "Running");
    plane.kubectl_ok(&["--namespace", NAMESPACE, "delete", "pod", "slow-stop", "--wait=false"]);
    waits_for("crash-loop", waiting, "CrashLoopBackOff");

    node.kill_kubelet();
    plane.kubectl_ok(&["--namespace", NAMESPACE, "delete", "pod", "never-pulls", "--force", "--grace-period=0"]);
    let lift = r#"[{"op": "remove", "path": "/spec/schedulingGates"}]"#;
    plane.kubectl_ok(&["--namespace", NAMESPACE, "patch", "pod", "gated", "--type=json", "--patch", lift]);
    node.restart_kubelet();

    waits_for("gated", ".status.phase", "Running");
    waits_for("config-then-fixed", ".status.phase", "Running");
    waits_for("pull-then-fixed", ".status.phase", "Running");
    waits_for("pull-refused", ".status.phase", "Running");
    waits_for("sidecar-job", ".status.phase", "Succeeded");
    waits_for("deadline", ".status.phase", "Failed");
    waits_for("liveness-kill", ".status.containerStatuses[0].lastState.terminated.exitCode", "137");
    plane.kubectl_ok(&["--namespace", NAMESPACE, "wait", "--for=delete", "pod/slow-stop", "--timeout=60s"]);
    plane.kubectl_ok(&["--namespace", NAMESPACE, "delete", "pods", "--all", "--timeout=60s"]);
}

fn pods(registry: &Registry) -> Vec<Value> {
    let shell = |script: &'static str| ["sh", "-c", script];
    let sleep = ["sleep", "3600"];
    let busybox = |name: &str, command: &[&str]| pod(name, BUSYBOX, command);
    let init = |name: &str, command: &[&str]| json!({"name": name, "image": BUSYBOX, "command": command});

    let mut pods = vec![
        pod("pull-then-fixed", LATE, &sleep),
        pod("pull-refused", &registry.image("app:1"), &sleep),
        pod("never-pulls", "127.0.0.1:1/never:1", &sleep),
        pod("invalid-image-name", "Not A Valid//Image", &sleep),
        busybox("crash-loop", &shell("sleep 1; exit 3")),
        busybox("bad-command", &["no-such-binary"]),
        pod_once("completes", BUSYBOX, &["true"]),
        pod_once("fails", BUSYBOX, &shell("exit 7")),
    ];

    let mut oom = busybox("oom", &shell("sleep 1; tail /dev/zero"));
    oom["spec"]["containers"][0]["resources"] = json!({"limits": {"memory": "20Mi"}});
    let mut flapping =
        busybox("flapping-ready", &shell("while true; do touch /tmp/ok; sleep 4; rm /tmp/ok; sleep 4; done"));
    let probe = json!({"exec": {"command": ["test", "-f", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 1});
    flapping["spec"]["containers"][0]["readinessProbe"] = probe.clone();
    let mut liveness = busybox("liveness-kill", &shell("touch /tmp/ok; sleep 6; rm /tmp/ok; sleep 3600"));
    liveness["spec"]["containers"][0]["livenessProbe"] = probe;
    liveness["spec"]["containers"][0]["livenessProbe"]["initialDelaySeconds"] = json!(2);
    let mut sidecar = pod_once("sidecar-job", BUSYBOX, &["sleep", "3"]);
    sidecar["spec"]["initContainers"] = json!([init("setup", &["sleep", "1"]), init("logger", &sleep)]);
    sidecar["spec"]["initContainers"][1]["restartPolicy"] = json!("Always");
    let mut init_fails = busybox("init-fails", &sleep);
    init_fails["spec"]["initContainers"] = json!([init("bad", &["false"])]);
    let mut config = busybox("config-then-fixed", &sleep);
    config["spec"]["containers"][0]["envFrom"] = json!([{"configMapRef": {"name": "late"}}]);
    let mut gated = busybox("gated", &sleep);
    gated["spec"]["schedulingGates"] = json!([{"name": "example.com/wait"}]);
    let mut deadline = pod_once("deadline", BUSYBOX, &sleep);
    deadline["spec"]["activeDeadlineSeconds"] = json!(8);
    let mut slow = busybox("slow-stop", &shell("trap '' TERM; while true; do sleep 1; done"));
    slow["spec"]["terminationGracePeriodSeconds"] = json!(6);

    pods.extend([oom, flapping, liveness, sidecar, init_fails, config, gated, deadline, slow]);
    for pod in &mut pods {
        pod["metadata"]["namespace"] = json!(NAMESPACE);
    }
    pods
}

/// Each pod's `status` went through these states in this order.
fn assert_lived(recording: &Recording) {
    let stories: [(&str, &[&str]); 15] = [
        ("pull-then-fixed", &["ContainerCreating", "ErrImagePull", "ImagePullBackOff", "Running", "Terminating"]),
        ("pull-refused", &["ContainerCreating", "ErrImagePull", "ImagePullBackOff", "Running"]),
        ("never-pulls", &["ErrImagePull", "ImagePullBackOff"]),
        ("invalid-image-name", &["InvalidImageName"]),
        ("crash-loop", &["Running", "Error", "Running", "Error", "CrashLoopBackOff"]),
        ("bad-command", &["RunContainerError"]),
        ("completes", &["Pending", "ContainerCreating", "Completed"]),
        ("fails", &["Error"]),
        ("oom", &["Running", "OOMKilled"]),
        ("flapping-ready", &["Running", "Terminating"]),
        ("sidecar-job", &["Init:0/2", "PodInitializing", "Running", "Completed"]),
        ("init-fails", &["Init:0/1", "Init:Error"]),
        ("config-then-fixed", &["CreateContainerConfigError", "Running"]),
        ("gated", &["SchedulingGated", "ContainerCreating", "Running"]),
        ("slow-stop", &["Running", "Terminating"]),
    ];
    for (name, story) in stories {
        let lived = recording.labels(NAMESPACE, name, "Pod", "status");
        let mut rest = lived.iter();
        assert!(story.iter().all(|label| rest.any(|one| one == label)), "{name}: {lived:?} is not {story:?}");
        assert_eq!(recording.labels(NAMESPACE, name, "Pod", "lifecycle").last().map(String::as_str), Some("Deleted"));
    }
    let ready = recording.labels(NAMESPACE, "flapping-ready", "Pod", "condition/Ready");
    assert!(ready.windows(3).any(|three| three == ["True", "False", "True"]), "{ready:?}");
    let failed = recording.labels(NAMESPACE, "deadline", "Pod", "phase");
    assert!(failed.contains(&"Failed".to_owned()), "{failed:?}");
    let restarts = recording.steps(NAMESPACE, "liveness-kill", "Pod", "container/app");
    assert!(restarts.iter().any(|step| step.restarts == Some(1)), "{restarts:?}");
}
