//! `statetrail version` and a server.

use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::process::{ended, statetrail};
use std::time::Duration;

/// Exit code, standard output and standard error of `statetrail version`.
async fn version(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = statetrail(["version"]);
    command.args(arguments).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    let output = ended(command.spawn().expect("the program")).await;
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_version_of_the_server_is_in_the_last_line() {
    let scene = Scene::new(&Truth::new());
    let (code, stdout, stderr) = version(&scene, &[]).await;
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(stdout.ends_with("\nServer Version: v1.36.4\n"), "{stdout}");
    let (_, json, _) = version(&scene, &["-o", "json"]).await;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["serverVersion"], serde_json::json!({"gitVersion": "v1.36.4", "platform": "linux/amd64"}));
    let asked = scene.server.requests();
    assert!(asked.iter().all(|request| request.path == "/version"), "{asked:?}");
    version(&scene, &["--client"]).await;
    assert_eq!(scene.server.requests().len(), asked.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_refuses_or_does_not_answer_is_an_error_with_exit_code_4() {
    for (fault, arguments, words) in [
        ("http=403,times=100", &[][..], "error: get /version: the server answered 403"),
        ("http=401,times=100", &[], "error: get /version: the server does not accept our credentials"),
        ("delay=60s", &["--request-timeout", "1s"], "no answer within 1 s"),
    ] {
        let scene = Scene::faulty(&Truth::new(), &[fault]);
        let asked = tokio::time::timeout(Duration::from_secs(30), version(&scene, arguments)).await;
        let (code, stdout, stderr) = asked.unwrap_or_else(|_| panic!("{fault}: it goes on"));
        assert_eq!(code, Some(4), "{fault}: {stderr}");
        assert!(stderr.contains(words), "{fault}: {stderr}");
        assert!(stdout.starts_with("Client Version: ") && !stdout.contains("Server"), "{fault}: {stdout}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_ready_is_asked_again() {
    let scene = Scene::faulty(&Truth::new(), &["http=503,times=2"]);
    let (code, stdout, stderr) = version(&scene, &[]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.ends_with("Server Version: v1.36.4\n") && stderr.starts_with("warning: "), "{stdout}{stderr}");
}
