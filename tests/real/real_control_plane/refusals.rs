//! What cannot be recorded is reported with a remedy and the documented exit code, without leaving a file behind.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cluster::{ADMIN, Client, ControlPlane, Options};
use crate::recorder::process::{Ended, run};

const USAGE: Option<i32> = Some(2);
const TROUBLE: Option<i32> = Some(4);

#[test]
fn what_cannot_be_reached_or_is_not_trusted_is_refused_with_its_remedy() {
    let plane = ControlPlane::start(Options::default());
    let folder = TempDir::new().expect("a temporary folder");
    let good = fs::read_to_string(plane.kubeconfig(ADMIN)).expect("reading the kubeconfig");
    let kubeconfig = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writing a kubeconfig");
        path
    };

    let stranger = kubeconfig("stranger.crt", &stranger_certificate());
    let authority = plane.folder().join("ca.crt").display().to_string();
    let distrusting = kubeconfig("distrusting", &good.replace(&authority, &stranger.display().to_string()));
    let refused = try_to_record(&distrusting, &[], TROUBLE);
    assert_mentions(&refused, &["certificate", "certificate-authority", &plane.server_url()]);

    let unknown = kubeconfig("unknown", &good.replace("token-of-admin", "nobody's"));
    assert_mentions(&try_to_record(&unknown, &[], TROUBLE), &["does not accept our credentials", "log in again"]);

    let gone = kubeconfig("gone", &good.replace(&port_of(&plane), "1"));
    assert_mentions(
        &try_to_record(&gone, &[], TROUBLE),
        &["no answer from the API server", "https://127.0.0.1:1", "refused"],
    );

    let plain = kubeconfig("plain", &good.replace("https://", "http://"));
    assert_mentions(&try_to_record(&plain, &["pods"], TROUBLE), &["sent an HTTP request to an HTTPS server"]);
}

#[test]
fn what_is_named_wrongly_is_refused_with_what_there_is() {
    let plane = ControlPlane::start(Options::default());
    let folder = TempDir::new().expect("a temporary folder");
    let good = plane.kubeconfig(ADMIN);
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("writing a file");
        path
    };

    assert_mentions(
        &try_to_record(&good, &["--context", "prod"], USAGE),
        &["no context `prod`", "contexts: test", "--context"],
    );
    let missing = folder.path().join("missing");
    let flag = ["--kubeconfig", missing.to_str().expect("UTF-8")];
    assert_mentions(
        &try_to_record(&good, &flag, TROUBLE),
        &["kubeconfig", &missing.display().to_string(), "No such file"],
    );
    let unreadable = ["--kubeconfig", folder.path().to_str().expect("UTF-8")];
    assert_mentions(&try_to_record(&good, &unreadable, TROUBLE), &["kubeconfig", unreadable[1], "Is a directory"]);
    let garbage = file("garbage", "{");
    assert_mentions(&try_to_record(&garbage, &[], TROUBLE), &["kubeconfig", &garbage.display().to_string()]);
    let text = fs::read_to_string(&good).expect("reading the kubeconfig");
    let dangling = file("dangling", &text.replace("\"user\": \"admin\"", "\"user\": \"who\""));
    assert_mentions(&try_to_record(&dangling, &[], TROUBLE), &["user", "who"]);

    assert_mentions(
        &try_to_record(&good, &["widgets"], USAGE),
        &["`widgets` is not a resource", "kubectl api-resources"],
    );
    assert_mentions(&try_to_record(&good, &["pods", "-l", "a in"], USAGE), &["at character 5", "--selector"]);
    assert_mentions(
        &try_to_record(&good, &["pods", "--field-selector", "spec.color=red"], TROUBLE),
        &["400", "--field-selector"],
    );
    assert_mentions(&try_to_record(&good, &["pods,pod"], USAGE), &["twice"]);
    assert_mentions(&try_to_record(&good, &["pods", "-n", "a", "-A"], USAGE), &["--all-namespaces"]);
    assert_mentions(&try_to_record(&good, &["pods", "--for", "10"], USAGE), &["`10` has no unit", "use 10s"]);

    let there = file("there.jsonl", "precious");
    let output = there.display().to_string();
    let existing = run(&good, &["record", "-o", &output]);
    assert_eq!(existing.code, TROUBLE);
    assert_mentions(&existing, &[&output, "already exists", "--resume"]);
    assert_eq!(fs::read_to_string(&there).expect("reading a file"), "precious");
    let astray = folder.path().join("no/such/folder.jsonl").display().to_string();
    let nowhere = run(&good, &["record", "-o", &astray]);
    assert_eq!(nowhere.code, TROUBLE);
    assert_mentions(&nowhere, &[&astray, "No such file or directory"]);
    let not_ours = run(&good, &["record", "--resume", &output]);
    assert_eq!(not_ours.code, TROUBLE);
    assert_mentions(&not_ours, &[&output, "not a statetrail recording"]);
}

#[test]
fn without_a_cluster_the_error_says_how_to_name_one() {
    let folder = TempDir::new().expect("a temporary folder");
    let none = try_to_record(Path::new(""), &[], TROUBLE);
    assert_mentions(&none, &["no cluster", "KUBECONFIG", "--kubeconfig"]);
    let empty: PathBuf = folder.path().join("empty");
    fs::write(&empty, "apiVersion: v1\nkind: Config\n").expect("writing a kubeconfig");
    assert_mentions(&try_to_record(&empty, &[], USAGE), &["no current context", "it has no contexts"]);
}

fn try_to_record(kubeconfig: &Path, args: &[&str], code: Option<i32>) -> Ended {
    let folder = TempDir::new().expect("a temporary folder");
    let file = folder.path().join("run.jsonl");
    let ended = run(kubeconfig, &[&["record", "-o", file.to_str().expect("UTF-8")], args].concat());
    assert_eq!(ended.code, code, "{args:?}: {}", ended.stderr);
    assert!(!file.exists(), "{args:?}: a file without a recording is left behind");
    assert!(ended.stdout.is_empty(), "errors are for stderr: {}", ended.stdout);
    ended
}

fn assert_mentions(ended: &Ended, words: &[&str]) {
    println!("{}", ended.stderr);
    for word in words {
        assert!(ended.stderr.contains(word), "`{word}` is missing in:\n{}", ended.stderr);
    }
}

fn port_of(client: &Client) -> String {
    client.server_url().rsplit(':').next().expect("a URL with a port").to_owned()
}

fn stranger_certificate() -> String {
    rcgen::generate_simple_self_signed(vec!["stranger".to_owned()]).expect("a certificate").cert.pem()
}
