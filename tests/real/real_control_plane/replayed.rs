//! `statetrail replay --listen` before real clients: kubectl in two versions, and what it prints beside a real server.

use std::path::PathBuf;

use regex::Regex;
use serde_json::{Value, json};

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, deadline, pod, program};
use crate::recorder::process::Recorder;
use crate::replay::{Replay, story};

/// kubectl as of the API server of these tests, and as of the next minor version.
fn kubectls() -> [PathBuf; 2] {
    [program("kubectl"), program("kubectl-next")]
}

fn lines_with<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    text.lines().filter(|line| line.contains(word)).collect()
}

#[test]
fn kubectl_reads_a_moment_of_a_recording() {
    let replay = Replay::of(&story(), &["--speed", "step"]);
    let [age, failing] = [r"\s[0-9]+s\s", r"Printable Status:\s+ErrImagePull"].map(|text| Regex::new(text).unwrap());
    for kubectl in kubectls() {
        // The VM has failed to pull its image for half a second.
        let at = replay.act("seek?to=7.5s");
        assert_eq!((&at["state"], &at["elapsed"]), (&json!("paused"), &json!(7.5)), "{at}");
        let vms = replay.prints(&kubectl, &["get", "vm", "-n", "story"]);
        assert_eq!(
            vms.lines().next().unwrap().split_whitespace().collect::<Vec<_>>(),
            ["NAME", "AGE", "STATUS", "READY"]
        );
        let row: Vec<&str> = lines_with(&vms, "vm-imagepull")[0].split_whitespace().collect();
        assert_eq!(row[2], "ErrImagePull", "{vms}");
        let wide = replay.prints(&kubectl, &["get", "pods", "-A", "-o", "wide"]);
        for column in ["NAMESPACE", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE", "READINESS GATES"] {
            assert!(wide.contains(column), "{wide}");
        }
        assert!(!lines_with(&wide, "virt-launcher").is_empty(), "{wide}");
        // Ages are as of the replay: seconds, not the months since.
        assert!(lines_with(&wide, "virt-launcher").iter().all(|line| age.is_match(line)), "{wide}");
        let described = replay.prints(&kubectl, &["describe", "vm", "vm-imagepull", "-n", "story"]);
        assert!(failing.is_match(&described), "{described}");
        let pods = replay.prints(&kubectl, &["get", "pods", "-n", "story", "-o", "name"]);
        let launcher = lines_with(&pods, "virt-launcher")[0];
        let described = replay.prints(&kubectl, &["describe", launcher, "-n", "story"]);
        assert!(described.contains("ErrImagePull") && described.contains("Events:"), "{described}");
        let events = replay.prints(&kubectl, &["events", "-n", "story"]);
        assert!(events.contains("LAST SEEN") && events.contains("Failed"), "{events}");
        let selected = ["get", "pods", "-A", "--field-selector", "status.phase=Pending", "-o", "name"];
        assert!(replay.prints(&kubectl, &selected).contains("virt-launcher"));
        for namespaces in [&["get", "namespaces"][..], &["get", "ns", "story"]] {
            assert!(replay.prints(&kubectl, namespaces).contains("story"));
        }
        let refused = replay.kubectl(&kubectl, &["delete", "vm", "vm-imagepull", "-n", "story"]).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && told.contains("refuses writes"), "{told}");
        let absent = replay.kubectl(&kubectl, &["get", "vm", "never", "-n", "story"]).output().unwrap();
        assert!(String::from_utf8_lossy(&absent.stderr).contains("(NotFound)"), "{absent:?}");
        assert!(replay.prints(&kubectl, &["version"]).contains("Server Version: v1.36"));
    }
}

#[test]
fn kubectl_follows_a_recording_and_waits_for_its_states() {
    for kubectl in kubectls() {
        let replay = Replay::of(&story(), &["--speed", "step"]);
        replay.act("seek?to=3s");
        let watch = replay.watching(&kubectl, &["get", "vm", "-n", "story", "-w", "--no-headers"]);
        let condition = ["wait", "pod/crash-loop", "-n", "story", "--for=condition=PodScheduled", "--timeout=20s"];
        assert!(replay.prints(&kubectl, &condition).contains("condition met"));
        let path = "--for=jsonpath={.status.printableStatus}=ImagePullBackOff";
        let waiting = replay.watching(&kubectl, &["wait", "vm/vm-imagepull", "-n", "story", path, "--timeout=20s"]);
        let events = replay.watching(&kubectl, &["events", "-n", "story", "-w"]);
        replay.act("speed?to=max");
        replay.act("resume");
        replay.await_end();
        assert_eq!(waiting.ended(), Some(0));
        let shown = watch.printed(10);
        let statuses: Vec<&str> = shown.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
        let mut path = statuses.clone();
        path.dedup();
        let expected = ["Starting", "ErrImagePull", "ImagePullBackOff", "ErrImagePull", "ImagePullBackOff"];
        assert_eq!(path[..5], expected, "{shown}");
        assert!(events.prints_at_last("Failed").contains("Failed"));
        let deleted = ["wait", "vm/vm-imagepull", "-n", "story", "--for=delete", "--timeout=20s"];
        replay.prints(&kubectl, &deleted);
    }
}

/// Ages, which are of different moments.
fn without_ages(text: &str) -> String {
    Regex::new(r"\b[0-9]+[smhd]([0-9]+[smh])?\b")
        .unwrap()
        .replace_all(text, "AGE")
        .split_whitespace()
        .fold(String::new(), |text, word| text + word + " ")
}

#[test]
fn tables_are_those_of_a_real_server() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "shop"]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let kinds = "pods,events,jobs,deployments,pvc,nodes";
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &[kinds, "-A", "--capture", "full"]);
    fill(&plane, &writer);
    let folder = recorder.stop();
    assert!(folder.verified.complete, "{:?}", folder.verified);
    let replay = Replay::of(&folder.path, &["--speed", "max"]);
    let kubectl = program("kubectl");
    for kind in ["pods", "events", "jobs", "deployments", "pvc", "nodes"] {
        for format in [&[][..], &["-o", "wide"]] {
            let arguments = [&["get", kind, "-A"][..], format].concat();
            let real = plane.kubectl_ok(&arguments);
            assert!(real.lines().count() > 1, "{kind}: {real}");
            let replayed = replay.prints(&kubectl, &arguments);
            assert_eq!(without_ages(&replayed), without_ages(&real), "kubectl {}", arguments.join(" "));
        }
    }
    // Exact lists into the past, as `recover` makes them.
    let again = tempfile::tempdir().unwrap();
    let file = again.path().join("again.jsonl");
    let args = ["recover", "pods", "-A", "--since", "1h", "-o", file.to_str().unwrap()];
    let ended = crate::recorder::process::run(&replay.kubeconfig(), &args);
    assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.stderr);
    assert!(crate::recorder::Recording::read(&file).timeline.len() > 3, "{}", ended.stderr);
}

/// Objects of several kinds, with statuses that have something in every column.
fn fill(plane: &ControlPlane, writer: &Writer) {
    let status = |state: &Value, restarts: u64, ready: bool| {
        json!({"phase": "Running", "podIP": "10.0.0.7", "podIPs": [{"ip": "10.0.0.7"}], "hostIP": "10.0.0.1",
            "conditions": [{"type": "Ready", "status": if ready { "True" } else { "False" }}],
            "containerStatuses": [{"name": "app", "image": "busybox", "imageID": "", "ready": ready,
                "restartCount": restarts, "state": state}]})
    };
    let running = writer.create("Pod", "default", &pod("web", BUSYBOX, &["true"]));
    writer.write_status("Pod", running, &status(&json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}), 0, true));
    let failing = writer.create("Pod", "default", &pod("pull", BUSYBOX, &["true"]));
    writer.write_status("Pod", failing, &status(&json!({"waiting": {"reason": "ErrImagePull"}}), 3, false));
    writer.create("Pod", "default", &pod("new", BUSYBOX, &["true"]));
    let manifests = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once", "namespace": "shop"},
            "spec": {"completions": 2, "parallelism": 1, "template": {"spec": {"restartPolicy": "Never",
                "containers": [{"name": "app", "image": "busybox"}]}}}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
                "metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "app", "image": "busybox"}]}}}},
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "disk", "namespace": "shop"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}},
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node1",
            "labels": {"node-role.kubernetes.io/control-plane": ""}}, "spec": {"unschedulable": true}},
        {"apiVersion": "v1", "kind": "Event", "metadata": {"name": "web.1", "namespace": "shop"},
            "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "web", "fieldPath": "spec.containers{app}"},
            "type": "Warning", "reason": "BackOff", "message": "Back-off pulling image", "count": 4,
            "source": {"component": "kubelet", "host": "node1"},
            "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": "2026-01-01T00:01:00Z"},
    ]});
    let file = plane.folder().join("fill.json");
    std::fs::write(&file, manifests.to_string()).expect("a file");
    plane.kubectl_ok(&["create", "-f", file.to_str().expect("UTF-8")]);
    let patch = |kind: &str, name: &str, status: &Value| {
        let patch = json!({"status": status}).to_string();
        plane.kubectl_ok(&["patch", kind, name, "-n", "shop", "--subresource=status", "--type=merge", "-p", &patch]);
    };
    patch("job", "once", &json!({"succeeded": 1, "active": 1, "startTime": "2026-01-01T00:00:00Z"}));
    patch(
        "deployment",
        "web",
        &json!({"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1}),
    );
    patch("pvc", "disk", &json!({"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]}));
    patch(
        "node",
        "node1",
        &json!({"conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": null}],
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1.36.3", "osImage": "Debian", "kernelVersion": "6.1",
            "containerRuntimeVersion": "containerd://2", "machineID": "", "systemUUID": "", "bootID": "",
            "kubeProxyVersion": "", "operatingSystem": "linux", "architecture": "amd64"}}),
    );
}

#[test]
fn the_clock_waits_for_the_first_watch_and_starts_again_after_the_end() {
    let replay = Replay::of(&story(), &["--speed", "max", "--start", "on-watch", "--loop"]);
    // Requests that are no watch do not start it.
    let vms = ["get", "vm", "-n", "story", "--no-headers", "--ignore-not-found"];
    assert_eq!(replay.prints(&program("kubectl"), &vms), "");
    let position = replay.position();
    assert_eq!((&position["state"], &position["step"], &position["round"]), (&json!("waiting"), &json!(0), &json!(0)));
    let watch = [&vms[..4], &["-w", "--no-headers"]].concat();
    let shown = replay.watching(&program("kubectl"), &watch).prints_at_last("ImagePullBackOff");
    assert!(shown.contains("ErrImagePull"), "{shown}");
    let again = deadline::until(std::time::Duration::from_secs(20), || {
        (replay.position()["round"].as_u64() >= Some(2)).then_some(())
    });
    assert!(again.is_some(), "{}", replay.position());
    assert_ne!(replay.position()["state"], "ended");
}
