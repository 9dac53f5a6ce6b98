//! `serve` beyond what loopback needs: TLS whose certificate is replaced, and tokens of the cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use statetrail::timeline::Body;
use tempfile::TempDir;

use super::served::served;
use crate::cluster::{ADMIN, Authority, ControlPlane, Options, deadline};
use crate::recorder::process::{Ended, Recorder};

/// A server of the pods of a control plane, with TLS.
struct Secured {
    recorder: Recorder,
    folder: TempDir,
    kubeconfig: PathBuf,
    url: String,
}

impl Secured {
    fn start(plane: &ControlPlane, authority: &Authority, access: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        certify(folder.path(), authority);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let (certificate, key) = (path("tls.crt"), path("tls.key"));
        let tls = ["--tls-cert", &certificate, "--tls-key", &key];
        let (recorder, url) = served(plane, &[&tls[..], access].concat());
        assert!(url.starts_with("https://"), "{url}");
        Self { recorder, folder, kubeconfig: plane.kubeconfig(ADMIN), url }
    }

    /// Writes a mark with a token, as a client that trusts an authority.
    fn mark(&self, name: &str, token: &str, authority: &Authority) -> Ended {
        let (trusted, file) = (self.folder.path().join("ca.crt"), self.folder.path().join("token"));
        fs::write(&trusted, authority.pem()).expect("a file");
        fs::write(&file, token).expect("a file");
        let (trusted, file) = (trusted.display().to_string(), file.display().to_string());
        let own = ["mark", name, "--server", &self.url, "--certificate-authority", &trusted, "--token-file", &file];
        Recorder::spawn(&self.kubeconfig, &own, TempDir::new().expect("a folder")).wait().0
    }

    /// Ends it, and returns the marks of its recording.
    fn marks(self) -> Vec<String> {
        let recording = self.recorder.stop();
        let marks = recording.timeline.iter().filter_map(|entry| match &entry.body {
            Body::Mark(name) => Some(name.clone()),
            _ => None,
        });
        marks.collect()
    }
}

fn certify(folder: &Path, authority: &Authority) {
    let server = authority.server("statetrail.ci");
    for (name, text) in [("tls.key", server.key), ("tls.crt", server.certificate)] {
        fs::write(folder.join(name), text).expect("a file");
    }
}

fn assert_refused(ended: &Ended, words: &str) {
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.stderr.contains(words), "{words} is missing: {ended:?}");
}

#[test]
fn the_cluster_says_who_may_ask() {
    let plane = ControlPlane::start(Options::default());
    plane.kubectl_ok(&["create", "role", "watcher", "--verb=watch", "--resource=pods"]);
    plane.kubectl_ok(&["create", "rolebinding", "tests", "--role=watcher", "--serviceaccount=default:tests"]);
    let [tests, other] = ["tests", "other"].map(|account| plane.service_account_token("default", account));
    let authority = Authority::new();
    let served = Secured::start(&plane, &authority, &["--auth", "kubernetes"]);

    let allowed = served.mark("allowed", &tests, &authority);
    assert_eq!(allowed.code, Some(0), "{allowed:?}");
    assert_refused(&served.mark("forbidden", &other, &authority), "403");
    assert_refused(&served.mark("unknown", "no-token-of-the-cluster", &authority), "401");
    plane.kubectl_ok(&["create", "rolebinding", "other", "--role=watcher", "--serviceaccount=default:other"]);
    let granted = deadline::until(Duration::from_mins(1), || {
        (served.mark("granted", &other, &authority).code == Some(0)).then_some(())
    });
    assert!(granted.is_some(), "a refusal is remembered for too long");
    let marks = served.marks();
    assert_eq!(marks.first().map(String::as_str), Some("allowed"), "{marks:?}");
    assert!(!marks.iter().any(|mark| mark == "forbidden" || mark == "unknown"), "{marks:?}");
}

#[test]
fn a_certificate_and_tokens_that_are_replaced_are_used_for_the_next_request() {
    let plane = ControlPlane::start(Options::default());
    let [first, second] = [Authority::new(), Authority::new()];
    let tokens = TempDir::new().expect("a folder");
    let file = tokens.path().join("tokens");
    fs::write(&file, "one\n").expect("a file");
    let served = Secured::start(&plane, &first, &["--token-file", &file.display().to_string()]);
    let before = served.mark("before", "one", &first);
    assert_eq!(before.code, Some(0), "{before:?}");
    assert_refused(&served.mark("untrusted", "one", &second), "cannot ask");
    assert_refused(&served.mark("guessed", "two", &first), "401");

    certify(served.folder.path(), &second);
    fs::write(&file, "two\n").expect("a file");
    let after = served.mark("after", "two", &second);
    assert_eq!(after.code, Some(0), "{after:?}");
    assert_refused(&served.mark("old authority", "two", &first), "cannot ask");
    assert_refused(&served.mark("old token", "one", &second), "401");
    assert_eq!(served.marks(), ["before", "after"]);
}
