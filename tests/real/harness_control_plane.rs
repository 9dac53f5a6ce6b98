//! Tests of the test harness: control planes do what tests ask of them. Runs without root.
//!
//! They do not test Kubernetes itself.

use crate::cluster::{self, BUSYBOX, ControlPlane, Options, pod_once};
use serde_json::{Value, json};

#[test]
fn a_pod_that_was_applied_is_read_back() {
    let plane = ControlPlane::start(Options::default());
    plane.apply(pod_once("first", BUSYBOX, &["true"]));
    let read: Value = serde_json::from_str(&plane.kubectl_ok(&["get", "pod", "first", "--output=json"]))
        .expect("kubectl prints JSON");
    assert_eq!(read["metadata"]["name"], "first");
    assert_eq!(read["status"]["phase"], "Pending");
}

#[test]
fn control_planes_side_by_side_know_nothing_of_each_other() {
    let (one, other) = (ControlPlane::start(Options::default()), ControlPlane::start(Options::default()));
    one.apply(pod_once("only-here", BUSYBOX, &["true"]));
    assert_ne!(one.server_url(), other.server_url());
    assert!(one.kubectl_ok(&["get", "pods", "--output=name"]).contains("only-here"));
    assert!(!other.kubectl_ok(&["get", "pods", "--output=name"]).contains("only-here"));
    let kubeconfig = one.kubeconfig(cluster::ADMIN);
    let astray = other.kubectl(&[
        "--kubeconfig",
        kubeconfig.to_str().expect("paths are UTF-8"),
        "--server",
        &other.server_url(),
        "get",
        "pods",
    ]);
    assert!(!astray.status.success(), "a client of one cluster trusts the other");
}

#[test]
fn a_killed_api_server_comes_back_at_its_port_with_its_data() {
    let plane = ControlPlane::start(Options::default());
    plane.apply(pod_once("survivor", BUSYBOX, &["true"]));
    let url = plane.server_url();
    plane.kill_apiserver();
    assert!(!plane.kubectl(&["get", "pods", "--request-timeout=2s"]).status.success());
    plane.restart_apiserver();
    assert_eq!(plane.server_url(), url);
    assert_eq!(plane.kubectl_ok(&["get", "pods", "--output=name"]).trim_end(), "pod/survivor");
    plane.stop_apiserver();
    plane.restart_apiserver();
    assert_eq!(plane.kubectl_ok(&["get", "pods", "--output=name"]).trim_end(), "pod/survivor");
}

#[test]
fn a_second_api_server_serves_the_same_etcd() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    plane.apply(pod_once("shared", BUSYBOX, &["true"]));
    plane.kill_apiserver();
    assert_eq!(second.kubectl_ok(&["get", "pods", "--output=name"]).trim_end(), "pod/shared");
}

#[test]
fn a_frozen_api_server_answers_again_once_thawed() {
    let plane = ControlPlane::start(Options::default());
    plane.apiserver().freeze();
    assert!(!plane.kubectl(&["get", "namespaces", "--request-timeout=1s"]).status.success());
    plane.apiserver().thaw();
    plane.kubectl_ok(&["get", "namespaces"]);
}

#[test]
fn history_before_a_compaction_is_gone() {
    let plane = ControlPlane::start(Options::default());
    let before = plane.etcd_revision();
    plane.apply(pod_once("newer", BUSYBOX, &["true"]));
    let list = format!("/api/v1/pods?resourceVersion={before}&resourceVersionMatch=Exact");
    // A restart clears the API server's watch cache.
    plane.restart_apiserver();
    plane.kubectl_ok(&["get", "--raw", &list]);
    assert!(plane.compact_etcd() > before);
    plane.restart_apiserver();
    let late = plane.kubectl(&["get", "--raw", &list]);
    let said = String::from_utf8_lossy(&late.stderr).into_owned();
    assert!(!late.status.success() && said.contains("too old"), "{said}");
}

#[test]
fn a_rotated_certificate_is_trusted_by_the_same_clients() {
    let plane = ControlPlane::start(Options::default());
    let port = plane.server_url().rsplit(':').next().expect("a URL with a port").to_owned();
    let certificate = plane.folder().join(format!("serving/{port}.crt"));
    let before = std::fs::read(&certificate).expect("reading the certificate");
    plane.rotate_serving_certificate();
    assert_ne!(std::fs::read(&certificate).expect("reading the certificate"), before);
    plane.kubectl_ok(&["get", "namespaces"]);
}

#[test]
fn users_may_do_what_their_roles_say() {
    let plane =
        ControlPlane::start(Options::default().user("reader", &["watchers"]).apiserver_flag("--min-request-timeout=5"));
    let as_reader = |verb: &str| {
        let kubeconfig = plane.kubeconfig("reader");
        let answer = plane.kubectl(&[
            "--kubeconfig",
            kubeconfig.to_str().expect("paths are UTF-8"),
            "auth",
            "can-i",
            verb,
            "pods",
        ]);
        String::from_utf8(answer.stdout).expect("kubectl prints UTF-8").trim_end().to_owned()
    };
    assert_eq!(as_reader("watch"), "no");
    plane.kubectl_ok(&["create", "clusterrole", "watchers", "--verb=get,list,watch", "--resource=pods"]);
    plane.kubectl_ok(&["create", "clusterrolebinding", "watchers", "--clusterrole=watchers", "--group=watchers"]);
    // The authorizer learns of new bindings through its own watch.
    let binding_is_seen = (0..100).any(|_| as_reader("watch") == "yes");
    assert!(binding_is_seen);
    assert_eq!(as_reader("delete"), "no");
    let token = plane.service_account_token("default", "robot");
    let who = ["--token", &token, "auth", "whoami", "--output=jsonpath={.status.userInfo.username}"];
    assert_eq!(plane.kubectl_ok(&who), "system:serviceaccount:default:robot");
}

#[test]
fn kubevirt_kinds_keep_the_statuses_that_tests_write() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let vm = json!({
        "apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "a"},
        "spec": {"runStrategy": "Always", "template": {"spec": {"domain": {}}}},
    });
    plane.apply(vm);
    plane.write_status("default", "vm/a", &json!({"printableStatus": "ErrImagePull"}));
    assert!(plane.kubectl_ok(&["get", "vm"]).contains("ErrImagePull"));
    for kind in ["vmi", "vmim", "dv"] {
        plane.kubectl_ok(&["get", kind]);
    }
}
