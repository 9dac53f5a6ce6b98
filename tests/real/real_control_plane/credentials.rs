//! Credentials that are replaced while a recorder runs.

use std::fs;
use std::time::Duration;

use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, deadline, pod};
use crate::cluster::{Proxy, Writer};
use crate::recorder::process::Recorder;

/// A token in a file, as of a projected service account or a login helper, and one in the kubeconfig itself: both are
/// written anew, the old ones end, and the recorders go on without a gap.
#[test]
fn tokens_that_end_are_replaced_by_those_that_were_written_meanwhile() {
    let plane = ControlPlane::start(Options::default());
    plane.kubectl_ok(&["create", "role", "watcher", "--verb=get,list,watch", "--resource=pods"]);
    for account in ["old", "new"] {
        let to = format!("--serviceaccount=default:{account}");
        plane.kubectl_ok(&["create", "rolebinding", account, "--role=watcher", &to]);
    }
    let [old, new] = ["old", "new"].map(|account| plane.service_account_token("default", account));
    let proxy = Proxy::start(&plane.server_url());
    let folder = TempDir::new().expect("a temporary folder");
    let admin = fs::read_to_string(proxy.kubeconfig(&plane.kubeconfig(ADMIN))).expect("reading the kubeconfig");
    let (by_file, inline, token) =
        (folder.path().join("by-file"), folder.path().join("inline"), folder.path().join("token"));
    let write = |path, text: &str| fs::write(path, text).expect("writing a file");
    let token_file = format!("\"tokenFile\": \"{}\"", token.display());
    write(&by_file, &admin.replace("\"token\": \"token-of-admin\"", &token_file));
    write(&token, &old);
    write(&inline, &admin.replace("token-of-admin", &old));
    let mut recorders = [&by_file, &inline].map(|kubeconfig| Recorder::attached(kubeconfig, &["pods"]));

    write(&token, &new);
    write(&inline, &admin.replace("token-of-admin", &new));
    plane.kubectl_ok(&["delete", "serviceaccount", "old"]);
    let ended = deadline::until(Duration::from_mins(1), || {
        let who = plane.kubectl(&[
            "--kubeconfig=/dev/null",
            "--server",
            &plane.server_url(),
            "--token",
            &old,
            "--insecure-skip-tls-verify",
            "get",
            "--raw",
            "/version",
        ]);
        String::from_utf8_lossy(&who.stderr).contains("Unauthorized").then_some(())
    });
    assert!(ended.is_some(), "the old token is still accepted");
    proxy.cut();
    Writer::new(&plane.kubeconfig(ADMIN)).create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    for recorder in &mut recorders {
        recorder.await_line("event", |line| line["type"] == "ADDED");
    }
    for recorder in recorders {
        let recording = recorder.stop();
        assert!(!recording.reconnects_of("pods").is_empty());
        recording.assert_verified();
    }
}
