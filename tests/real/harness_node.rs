//! Tests of the test harness: nodes run pods, pull on command, and leave nothing behind. They fail without root.
//!
//! They do not test the kubelet itself.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::cluster::{Answer, BUSYBOX, ControlPlane, Node, NodeOptions, Options, Registry, pod, pod_once};
use serde_json::json;

#[test]
fn a_node_runs_pods_and_reports_those_that_it_cannot_run() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let node = Node::start(&plane, NodeOptions::default());
    plane.apply(pod("runs", BUSYBOX, &["sleep", "3600"]));
    plane.apply(pod_once("completes", BUSYBOX, &["true"]));
    plane.apply(pod("never-pulls", "127.0.0.1:1/none:1", &["true"]));
    plane.wait_for("default", "pod/never-pulls", ".status.containerStatuses[0].state.waiting.reason", "ErrImagePull");
    plane.wait_for("default", "pod/runs", ".status.phase", "Running");
    plane.wait_for("default", "pod/completes", ".status.containerStatuses[0].state.terminated.reason", "Completed");
    assert_eq!(plane.kubectl_ok(&["exec", "runs", "--", "echo", "inside"]), "inside\n");

    node.kill_kubelet();
    plane.apply(pod_once("after-restart", BUSYBOX, &["true"]));
    node.restart_kubelet();
    plane.wait_for("default", "pod/after-restart", ".status.phase", "Succeeded");
    plane.kubectl_ok(&["delete", "pod", "runs", "--timeout=30s"]);
}

#[test]
fn two_nodes_of_one_control_plane_run_pods_side_by_side() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let nodes = ["left", "right"].map(|name| Node::start(&plane, NodeOptions::default().name(name)));
    for node in &nodes {
        let mut on_it = pod(node.name(), BUSYBOX, &["sleep", "3600"]);
        on_it["spec"]["nodeName"] = json!(node.name());
        plane.apply(on_it);
    }
    for node in &nodes {
        plane.wait_for("default", &format!("pod/{}", node.name()), ".status.phase", "Running");
    }
    let addresses =
        plane.kubectl_ok(&["get", "pods", "--output=jsonpath={range .items[*]}{.status.podIP}{\"\\n\"}{end}"]);
    let subnets: HashSet<&str> = addresses.lines().filter_map(|address| Some(address.rsplit_once('.')?.0)).collect();
    assert_eq!(subnets.len(), 2, "{addresses}");
}

#[test]
fn an_image_that_appears_later_is_used() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let node = Node::start(&plane, NodeOptions::default().name("late"));
    assert_eq!(node.name(), "late");
    plane.apply(pod("waits", "127.0.0.1:1/late:1", &["sleep", "3600"]));
    plane.wait_for("default", "pod/waits", ".status.containerStatuses[0].state.waiting.reason", "ErrImagePull");
    node.add_image("127.0.0.1:1/late:1");
    plane.wait_for("default", "pod/waits", ".status.phase", "Running");
}

#[test]
fn pulls_from_a_registry_end_when_the_test_says() {
    let registry = Registry::start(Answer::Hold);
    let plane = ControlPlane::start(Options::default().with_controllers());
    let _node = Node::start(&plane, NodeOptions::default());
    plane.apply(pod("pulls", &registry.image("app:1"), &["sleep", "3600"]));
    assert!(registry.await_pulls(1, Duration::from_mins(1)), "there is no pull");
    plane.wait_for("default", "pod/pulls", ".status.containerStatuses[0].state.waiting.reason", "ContainerCreating");
    registry.answer(Answer::NotFound);
    plane.wait_for("default", "pod/pulls", ".status.containerStatuses[0].state.waiting.reason", "ErrImagePull");
    registry.answer(Answer::Serve);
    plane.wait_for("default", "pod/pulls", ".status.phase", "Running");
}

#[test]
fn nothing_of_a_cluster_is_left_after_its_end() {
    let (folders, subnet) = {
        let (plane, node) = plane_and_node_with_a_running_pod();
        let folders = [plane.folder().to_path_buf(), node.folder().to_path_buf()];
        (folders, subnet_of(node.folder()))
    };
    for folder in folders {
        assert!(!folder.exists(), "{} is still there", folder.display());
        assert_eq!(traces(&folder, &subnet), "");
    }
}

/// Runs itself as another process, kills that, and checks what it left behind.
#[test]
fn nothing_of_a_killed_test_runs_on_and_the_next_test_removes_the_rest() {
    const VICTIM: &str = "STATETRAIL_TEST_IS_THE_VICTIM";
    if std::env::var_os(VICTIM).is_some() {
        let (plane, node) = plane_and_node_with_a_running_pod();
        println!("\nfolders: {} {}", plane.folder().display(), node.folder().display());
        loop {
            std::thread::park();
        }
    }
    let name = "harness_node::nothing_of_a_killed_test_runs_on_and_the_next_test_removes_the_rest";
    let mut victim = Command::new(std::env::current_exe().expect("a test knows its own path"))
        .args(["--exact", name, "--nocapture"])
        .env(VICTIM, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .expect("starting this test once more");
    let output = BufReader::new(victim.stdout.take().expect("stdout was asked for"));
    let folders =
        output.lines().map_while(Result::ok).find_map(|line| line.strip_prefix("folders: ").map(str::to_owned));
    victim.kill().expect("killing the victim");
    victim.wait().expect("waiting for the victim");
    let folders = folders.expect("the victim prints its folders once its pod runs");
    let folders: Vec<&Path> = folders.split(' ').map(Path::new).collect();
    let subnet = subnet_of(folders[1]);

    let running = || folders.iter().map(|folder| processes(folder)).collect::<String>();
    let gone = (0..200).any(|_| running().is_empty());
    assert!(gone, "{}", running());
    let _next = ControlPlane::start(Options::default());
    for folder in folders {
        assert!(!folder.exists(), "{} is still there", folder.display());
        assert_eq!(traces(folder, &subnet), "");
    }
}

fn plane_and_node_with_a_running_pod() -> (ControlPlane, Node) {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let node = Node::start(&plane, NodeOptions::default());
    plane.apply(pod("cut-off", BUSYBOX, &["sleep", "3600"]));
    plane.wait_for("default", "pod/cut-off", ".status.phase", "Running");
    let subnet = subnet_of(node.folder());
    for (found, what) in
        [(processes(node.folder()), "processes"), (cgroups(node.folder()), "cgroups"), (routes(&subnet), "routes")]
    {
        assert_ne!(found, "", "the {what} of a node are not seen even while it lives");
    }
    (plane, node)
}

/// The first three numbers of the addresses of a node's pods.
fn subnet_of(node: &Path) -> String {
    let subnet = std::fs::read_to_string(node.join("subnet")).expect("a node notes its subnet");
    subnet.rsplit_once('.').expect("a subnet is written with dots").0.to_owned()
}

/// Everything that may be left of a cluster, as lines.
fn traces(folder: &Path, subnet: &str) -> String {
    let mounts = listed("cat", &["/proc/self/mountinfo"], name_of(folder));
    [processes(folder), mounts, cgroups(folder), routes(subnet)].concat()
}

/// Processes with the folder in their arguments, and those in its control group.
fn processes(folder: &Path) -> String {
    let name = name_of(folder);
    listed("ps", &["ax", "-o", "args"], name) + &listed("ps", &["ax", "-o", "cgroup"], name)
}

fn cgroups(folder: &Path) -> String {
    listed("find", &["/sys/fs/cgroup", "-name", name_of(folder)], name_of(folder))
}

fn routes(subnet: &str) -> String {
    listed("ip", &["route"], &format!("{subnet}."))
}

fn name_of(folder: &Path) -> &str {
    folder.file_name().and_then(|name| name.to_str()).expect("folders have ASCII names")
}

/// The lines of a program's output that contain a word.
fn listed(program: &str, args: &[&str], word: &str) -> String {
    let output = Command::new(program).args(args).output().unwrap_or_else(|error| panic!("running {program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().filter(|line| line.contains(word)).collect::<Vec<_>>().join("\n")
}
