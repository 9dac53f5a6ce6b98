//! The in-cluster configuration: the service account's files, and the server's address in the environment.

use std::fs;
use std::process::Command;

use serde_json::json;
use statetrail::observation::Change;
use tempfile::TempDir;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, is_root, pod};
use crate::recorder::process::{PROGRAM, Recorder};

/// Mounts the files where a pod has them, for this process and its children only, and executes the program.
const IN_A_POD: &str = r#"
set -e
files=$1; shift
mount -t tmpfs none /run
mkdir -p /run/secrets/kubernetes.io
[ /var/run -ef /run ] || mount --bind /run /var/run
ln -s "$files" /run/secrets/kubernetes.io/serviceaccount
exec setpriv --pdeathsig KILL -- "$@"
"#;

#[test]
fn inside_a_cluster_the_service_account_is_enough() {
    assert!(is_root(), "a mount namespace of its own needs root: run this test as root, or leave real_node out");
    let plane = ControlPlane::start(Options::default());
    plane.kubectl_ok(&["create", "role", "watcher", "--verb=get,list,watch", "--resource=pods"]);
    plane.kubectl_ok(&["create", "rolebinding", "watcher", "--role=watcher", "--serviceaccount=default:robot"]);
    let account = TempDir::new().expect("a temporary folder");
    for (name, text) in [
        ("token", plane.service_account_token("default", "robot")),
        ("ca.crt", plane.ca_pem().to_owned()),
        ("namespace", "default".to_owned()),
    ] {
        fs::write(account.path().join(name), text).expect("writing a service account's file");
    }

    let folder = TempDir::new().expect("a temporary folder");
    let (url, file) = (plane.server_url(), |name: &str| folder.path().join(name).display().to_string());
    let (host, port) = url.trim_start_matches("https://").split_once(':').expect("a host and a port");
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation=private", "--", "bash", "-c", IN_A_POD, "in-a-pod"])
        .arg(account.path())
        .args([PROGRAM, "record", "pods"])
        .args(["-o", &file("run.jsonl"), "--ready-file", &file("ready")])
        .env_remove("KUBECONFIG")
        .env("KUBERNETES_SERVICE_HOST", host)
        .env("KUBERNETES_SERVICE_PORT", port);
    let mut recorder = Recorder::launch(command, folder);
    recorder.await_attached();
    Writer::new(&plane.kubeconfig(ADMIN)).create("Pod", "default", &json!(pod("seen", BUSYBOX, &["true"])));
    let recording = recorder.stop();
    assert_eq!(recording.header.watches[0].namespace, "default");
    let created: Vec<_> = recording.events("pods").map(|(change, pod)| (change, pod.name.as_str())).collect();
    assert_eq!(created, [(Change::Added, "seen")]);
    recording.assert_verified();
}
