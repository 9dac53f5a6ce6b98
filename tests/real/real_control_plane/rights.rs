//! RBAC: a denied request is reported with the rule that allows it, and a right that is revoked later is waited for.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, deadline, pod};
use crate::cluster::{Proxy, Writer};
use crate::recorder::process::{Recorder, run};

#[test]
fn the_command_that_a_refusal_prints_grants_everything_that_is_missing() {
    let plane = ControlPlane::start(Options::default().user("reader", &[]));
    plane.kubectl_ok(&["create", "namespace", "apart"]);
    let kubeconfig = plane.kubeconfig("reader");
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("run.jsonl").display().to_string();
    for (scope, role, resources) in [
        (&["-n", "apart"][..], "kind: Role\n", ["events", "deployments"]),
        (&["-A"][..], "kind: ClusterRole\n", ["pods", "jobs"]),
    ] {
        let what = resources.join(",");
        let refused = run(&kubeconfig, &[&["record", &what, "-o", &file], scope].concat());
        assert_eq!(refused.code, Some(4), "{}", refused.stderr);
        for word in ["forbidden", role, "\"reader\" cannot list", resources[0], resources[1]] {
            assert!(refused.stderr.contains(word), "{word} is missing in:\n{}", refused.stderr);
        }
        assert!(!Path::new(&file).exists(), "a file in which nothing was recorded is in the way");

        paste(&plane, &refused.stderr);
        for resource in resources {
            await_right(&plane, "reader", resource, scope, true);
        }
        Recorder::attached(&kubeconfig, &[&[what.as_str()], scope].concat()).stop().assert_verified();
    }
}

/// Runs the command of a message as an administrator.
fn paste(plane: &ControlPlane, message: &str) {
    let (_, objects) = message.split_once("kubectl auth reconcile -f - <<'EOF'\n").expect("a command");
    let (objects, _) = objects.split_once("\nEOF").expect("the end of the command");
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("rights.yaml");
    std::fs::write(&file, objects).expect("a file");
    plane.kubectl_ok(&["auth", "reconcile", "-f", &file.display().to_string()]);
}

#[test]
fn what_is_not_served_needs_no_rights() {
    let plane = ControlPlane::start(Options::default().user("viewer", &[]));
    plane.kubectl_ok(&[
        "create",
        "clusterrolebinding",
        "viewer",
        "--clusterrole=system:aggregate-to-view",
        "--user=viewer",
    ]);
    await_right(&plane, "viewer", "pods", &["-A"], true);
    // The default kinds: those of KubeVirt are not served, and `view` (of which this is the part that needs no
    // controller) may read all others.
    let recording = Recorder::attached(&plane.kubeconfig("viewer"), &["-A"]).stop();
    recording.assert_verified();
}

#[test]
fn rights_that_are_taken_away_and_given_back_lose_nothing() {
    let plane = ControlPlane::start(Options::default().user("reader", &[]));
    plane.kubectl_ok(&["create", "clusterrole", "reader", "--verb=get,list,watch", "--resource=pods"]);
    let give =
        || plane.kubectl_ok(&["create", "clusterrolebinding", "reader", "--clusterrole=reader", "--user=reader"]);
    give();
    await_right(&plane, "reader", "pods", &["-A"], true);
    let proxy = Proxy::start(&plane.server_url());
    let mut recorder = Recorder::attached(&proxy.kubeconfig(&plane.kubeconfig("reader")), &["-A", "pods"]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let mut object = writer.create("Pod", "default", &pod("watched", BUSYBOX, &["true"]));
    recorder.await_line("event", |line| line["type"] == "ADDED");

    plane.kubectl_ok(&["delete", "clusterrolebinding", "reader"]);
    await_right(&plane, "reader", "pods", &["-A"], false);
    let connections = proxy.accepted();
    proxy.cut();
    for phase in ["Running", "Failed"] {
        object = writer.write_status("Pod", object, &json!({"phase": phase}));
    }
    let tried = deadline::until(Duration::from_secs(30), || (proxy.accepted() > connections).then_some(()));
    assert!(tried.is_some(), "the recorder has given up");
    give();
    recorder.await_line("event", |line| line["object"]["status"]["phase"] == "Failed");
    let recording = recorder.stop();
    assert_eq!(recording.labels("default", "watched", "Pod", "phase"), ["Pending", "Running", "Failed"]);
    recording.assert_verified();
}

#[test]
fn recording_as_another_user_needs_the_right_to_impersonate() {
    let plane = ControlPlane::start(Options::default().user("reader", &[]));
    plane.kubectl_ok(&["create", "role", "watcher", "--verb=get,list,watch", "--resource=pods"]);
    plane.kubectl_ok(&["create", "rolebinding", "watcher", "--role=watcher", "--user=auditor"]);
    plane.kubectl_ok(&["create", "rolebinding", "watchers", "--role=watcher", "--group=auditors"]);
    let can = |flags: &[&str]| {
        let question = ["auth", "can-i", "watch", "pods", "--namespace=default"];
        plane.kubectl(&[&question, flags].concat()).stdout == b"yes\n"
    };
    let seen = deadline::until(Duration::from_secs(30), || can(&["--as=auditor"]).then_some(()));
    assert!(seen.is_some(), "the binding is not seen");
    let admin = plane.kubeconfig(ADMIN);
    Recorder::attached(&admin, &["pods", "--as", "auditor"]).stop().assert_verified();
    Recorder::attached(&admin, &["pods", "--as", "guest", "--as-group", "auditors"]).stop().assert_verified();

    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("run.jsonl").display().to_string();
    let guest = run(&admin, &["record", "pods", "--as", "guest", "-o", &file]);
    assert!(guest.code == Some(4) && guest.stderr.contains("\"guest\" cannot list"), "{guest:?}");
    let reader = plane.kubeconfig("reader");
    let refused = run(&reader, &["record", "pods", "--as", "auditor", "-o", &file]);
    assert!(refused.code == Some(4) && refused.stderr.contains("cannot impersonate"), "{refused:?}");
    let (_, rule) = refused.stderr.split_once("\n  - ").expect("a rule in YAML");
    plane.apply(cluster_role(rule));
    plane.kubectl_ok(&["create", "clusterrolebinding", "printed", "--clusterrole=printed", "--user=reader"]);
    let as_reader = reader.display().to_string();
    let seen =
        deadline::until(Duration::from_secs(30), || can(&["--kubeconfig", &as_reader, "--as=auditor"]).then_some(()));
    assert!(seen.is_some(), "the printed rule does not allow it");
    Recorder::attached(&reader, &["pods", "--as", "auditor"]).stop().assert_verified();
}

fn cluster_role(rule: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: printed}}\nrules:\n  - {rule}"
    )
}

/// The authorizer learns of roles through its own watch.
fn await_right(plane: &ControlPlane, user: &str, resource: &str, scope: &[&str], wanted: bool) {
    let impersonated = format!("--as={user}");
    let question = [&["auth", "can-i", "watch", resource, &impersonated], scope].concat();
    let seen = deadline::until(Duration::from_secs(30), || {
        ((plane.kubectl(&question).stdout == b"yes\n") == wanted).then_some(())
    });
    assert!(seen.is_some(), "the authorizer does not learn of a change");
}
