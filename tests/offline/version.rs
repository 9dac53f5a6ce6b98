//! `statetrail version`, without a server that answers.

use statetrail::recording::FORMAT;
use std::path::Path;
use std::process::{Command, Stdio};

const CLIENT: &str =
    "Client Version: 0.1.0\nRecording Format: statetrail.recording/v1\nExpectation Language: statetrail/v1\n";

/// Exit code, standard output and standard error.
fn version(kubeconfig: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("version").args(arguments).env("KUBECONFIG", kubeconfig).env_remove("KUBERNETES_SERVICE_HOST");
    let output = command.stdin(Stdio::null()).output().expect("the program");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_client_asks_no_server() {
    let none = Path::new("none");
    assert_eq!(version(none, &["--client"]), (Some(0), CLIENT.to_owned(), String::new()));
    let (code, json, stderr) = version(none, &["--client", "-o", "json"]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let expected = serde_json::json!({
        "clientVersion": env!("CARGO_PKG_VERSION"), "recordingFormat": FORMAT, "expectationLanguage": "statetrail/v1",
    });
    assert_eq!(json, expected);
}

#[test]
fn a_server_that_cannot_be_reached_is_an_error_after_what_the_client_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kubeconfig");
    let config = |server: &str| {
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: a\nclusters: [{{name: a, cluster: {{server: '{server}'}}}}]\n\
             users: []\ncontexts: [{{name: a, context: {{cluster: a}}}}]\n"
        )
    };
    // Nothing listens on port 1.
    std::fs::write(&file, config("http://127.0.0.1:1")).expect("a file");
    let (code, stdout, stderr) = version(&file, &[]);
    assert_eq!((code, stdout.as_str()), (Some(4), CLIENT), "{stderr}");
    assert!(stderr.starts_with("error: get http://127.0.0.1:1: "), "{stderr}");
    let (code, stdout, stderr) = version(&file, &["-o", "json"]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stdout.starts_with(r#"{"clientVersion":"#) && !stdout.contains("serverVersion"), "{stdout}");
    let (code, stdout, stderr) = version(&folder.path().join("none"), &[]);
    assert_eq!((code, stdout.as_str()), (Some(4), CLIENT), "{stderr}");
    let (code, _, stderr) = version(&file, &["--certificate-authority", "nowhere.crt"]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(stderr.starts_with("error: cannot read --certificate-authority nowhere.crt"), "{stderr}");
    let through = config("https://192.0.2.1:1', proxy-url: 'http://me:secret@127.0.0.1:1");
    std::fs::write(folder.path().join("proxy"), through).expect("a file");
    let (code, _, stderr) = version(&folder.path().join("proxy"), &[]);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(
        stderr.contains("cannot reach the API server through the proxy http://127.0.0.1:1; is that up"),
        "{stderr}"
    );
    assert!(!stderr.contains("secret"), "{stderr}");
    let (code, stdout, stderr) = version(&file, &["--context", "b"]);
    assert_eq!((code, stdout.as_str()), (Some(2), CLIENT), "{stderr}");
    assert!(stderr.contains("no context `b` in the kubeconfig"), "{stderr}");
}
