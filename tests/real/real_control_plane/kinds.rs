//! Kinds other than pods and KubeVirt's, as real controllers write them, compared with kubectl's columns.

use serde_json::{Value, json};
use std::time::Duration;

use crate::cluster::{ADMIN, ControlPlane, Options, deadline};
use crate::recorder::process::Recorder;

const BOUND: Duration = Duration::from_mins(1);

/// A Deployment, a Job, a claim with a volume that fits it, and a node that no kubelet reports for.
fn objects() -> Value {
    let template = |policy: &str| {
        json!({"metadata": {"labels": {"app": "web"}},
            "spec": {"restartPolicy": policy, "containers": [{"name": "app", "image": "local.test/none:1"}]}})
    };
    let storage = json!({"storage": "1Gi"});
    json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template("Always")}},
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once"},
            "spec": {"suspend": true, "template": template("Never")}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"},
            "spec": {"storageClassName": "", "accessModes": ["ReadWriteOnce"], "resources": {"requests": storage}}},
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "disk"},
            "spec": {"accessModes": ["ReadWriteOnce"], "capacity": storage, "hostPath": {"path": "/nowhere"}}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "worker"}},
    ]})
}

/// Writes the status of each selected pod, once there are `count`.
fn write_pods(plane: &ControlPlane, selector: &str, count: usize, status: &Value) {
    let pods = deadline::until(BOUND, || {
        let names = plane.kubectl_ok(&["get", "pods", "-l", selector, "-o", "name"]);
        let names: Vec<String> = names.lines().map(str::to_owned).collect();
        (names.len() == count).then_some(names)
    });
    let pods = pods.unwrap_or_else(|| panic!("no {count} pods of {selector}"));
    pods.iter().for_each(|pod| plane.write_status("default", pod, status));
}

fn is(line: &Value, kind: &str, pointer: &str, value: &Value) -> bool {
    let names = [("Deployment", "web"), ("Job", "once"), ("PersistentVolumeClaim", "data"), ("Node", "worker")];
    let name = names.iter().find(|(known, _)| *known == kind).map(|(_, name)| *name);
    line["object"]["metadata"]["name"].as_str() == name && line["object"].pointer(pointer) == Some(value)
}

#[test]
fn workloads_claims_and_nodes_are_in_the_states_that_kubectl_shows() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["deploy,job,pvc,node"]);
    plane.apply(objects());
    let suspended = json!("Suspended");
    recorder.await_line("suspended job", |line| is(line, "Job", "/status/conditions/0/type", &suspended));
    plane.kubectl_ok(&["patch", "job", "once", "--type=merge", "--patch", r#"{"spec":{"suspend":false}}"#]);
    let ready = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    write_pods(&plane, "app=web,!job-name", 2, &ready);
    write_pods(&plane, "job-name=once", 1, &json!({"phase": "Succeeded"}));
    plane.kubectl_ok(&["cordon", "worker"]);
    recorder.await_line("available pods", |line| is(line, "Deployment", "/status/availableReplicas", &json!(2)));
    recorder.await_line("end of the job", |line| {
        let conditions = line["object"]["status"]["conditions"].as_array();
        let complete = |condition: &Value| condition["type"] == "Complete" && condition["status"] == "True";
        is(line, "Job", "/status/succeeded", &json!(1)) && conditions.is_some_and(|all| all.iter().any(complete))
    });
    recorder.await_line("bound claim", |line| is(line, "PersistentVolumeClaim", "/status/phase", &json!("Bound")));
    recorder.await_line("cordoned node", |line| is(line, "Node", "/spec/unschedulable", &json!(true)));
    let shown = |kind: &str, name: &str| {
        let row = plane.kubectl_ok(&["get", kind, name, "--no-headers"]);
        row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let [web, once, data, worker] = [("deployment", "web"), ("job", "once"), ("pvc", "data"), ("node", "worker")]
        .map(|(kind, name)| shown(kind, name));
    let recording = recorder.stop();

    let last =
        |name: &str, kind: &str, track: &str| recording.labels("default", name, kind, track).pop().unwrap_or_default();
    let of_web = ["ready", "up-to-date", "available"].map(|track| last("web", "Deployment", track));
    assert_eq!(of_web, web[1..4]);
    assert_eq!(of_web, ["2/2", "2", "2"]);
    let of_once = ["status", "completions"].map(|track| last("once", "Job", track));
    assert_eq!(of_once, once[1..3]);
    assert_eq!(of_once, ["Complete", "1/1"]);
    assert_eq!(
        [last("data", "PersistentVolumeClaim", "status"), last("data", "PersistentVolumeClaim", "capacity")],
        [data[1].clone(), data[3].clone()]
    );
    assert_eq!(last("data", "PersistentVolumeClaim", "phase"), "Bound");
    assert_eq!(recording.labels("", "worker", "Node", "status").last(), Some(&worker[1]));
    assert_eq!(worker[1], "Unknown,SchedulingDisabled");
    let job = recording.labels("default", "once", "Job", "status");
    assert_eq!(job[..3], ["Running", "Suspended", "Running"], "{job:?}");
    recording.assert_verified();
}
