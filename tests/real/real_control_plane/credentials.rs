//! Credentials: those that are replaced while a recorder runs, and those that flags give.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, deadline, pod};
use crate::cluster::{Proxy, Writer};
use crate::recorder::process::{Recorder, run};

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

#[test]
fn flags_that_replace_parts_of_a_kubeconfig_mean_what_they_mean_to_kubectl() {
    let plane = ControlPlane::start(Options::default());
    let admin = plane.kubeconfig(ADMIN);
    let config: Value = serde_json::from_slice(&fs::read(&admin).expect("a file")).expect("JSON");
    let of = |pointer: &str| config.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
    let [server, authority, token] =
        ["/clusters/0/cluster/server", "/clusters/0/cluster/certificate-authority", "/users/0/user/token"].map(of);
    let folder = TempDir::new().expect("a temporary folder");
    let empty = folder.path().join("empty");
    fs::write(&empty, json!({"apiVersion": "v1", "kind": "Config"}).to_string()).expect("a file");
    let own = ["-s", &server, "--token", &token];
    let trusted = [&own[..], &["--certificate-authority", &authority]].concat();
    let rows: [(&Path, &[&str], bool); 14] = [
        (&empty, &trusted, true),
        (&empty, &own, false),
        (&empty, &[&own[..], &["--insecure-skip-tls-verify"]].concat(), true),
        (&empty, &["--token", &token], false),
        (&admin, &[], true),
        (&admin, &["--insecure-skip-tls-verify"], true),
        (&admin, &["--server", "https://127.0.0.1:1"], false),
        (&admin, &["--token", "another"], false),
        (&admin, &["--tls-server-name", "other.example"], false),
        (&admin, &["--cluster", "test", "--user", ADMIN], true),
        (&admin, &["--cluster", "nope"], false),
        (&admin, &["--user", "nope"], false),
        (&admin, &["--as", "alice", "--as-uid", "7", "--as-group", "system:masters", "--request-timeout", "20"], true),
        (&admin, &["--as", "alice", "--as-uid", "7", "--request-timeout", "0"], false),
    ];
    for (kubeconfig, flags, works) in rows {
        let kubeconfig = kubeconfig.to_str().expect("UTF-8");
        let get = [&["get", "pods", "-n", "default", "--kubeconfig", kubeconfig], flags].concat();
        let record = ["record", "pods", "-n", "default", "--for", "1ms", "-o", "-", "--kubeconfig", kubeconfig];
        assert_eq!(plane.kubectl(&get).status.success(), works, "kubectl {flags:?}");
        let ended = run(&empty, &[&record, flags].concat());
        assert_eq!(ended.code == Some(0), works, "{flags:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains(&token) && !ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
}
