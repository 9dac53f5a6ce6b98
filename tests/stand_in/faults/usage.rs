//! What the program refuses before it sends a request, and requests that no name can alter.

use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::process::{ended, statetrail};

/// Runs `statetrail record`; returns its exit code and its standard error.
async fn record(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let path = scene.path("run.jsonl");
    let mut command = statetrail(["record"]);
    command.args(arguments).arg("-o").arg(&path).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    let output = ended(command.spawn().expect("the program")).await;
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn impossible_names_are_refused_with_a_message_before_any_request() {
    let scene = Scene::new(&Truth::new());
    for (arguments, words) in [
        (&["-n", "a b"][..], "`a b` cannot name a namespace"),
        (&["-n", ""], "the namespace is empty: omit -n to use the context's, or use -A for all"),
        (&["-n", "../kube-system"], "`../kube-system` cannot name a namespace"),
        (&["-n", "50%"], "`50%` cannot name a namespace"),
        (&["x y/v1/things"], "`x y` cannot name an API group"),
        (&["example.com/v1/th<ings"], "`th<ings` cannot name a resource"),
        (&["pod/a?b#c", "-n", "story"], "pods/a?b#c: no object can have this name"),
        (&["example.com/v1/things/50%", "-n", "story"], "things/50%: no object can have this name"),
        (&["example.com/v1/things/..", "-n", "story"], "things/..: no object can have this name"),
        (&["pods", "-l", "app=we b"], "at character 8: found `b`, expected `,` or the end"),
        (&["pods", "-l", "app within (web)"], "at character 5: found `within`"),
        (&["pods", "--field-selector", "status.phase"], "`status.phase` is not a valid field selector"),
    ] {
        let (code, text) = record(&scene, arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(text.contains(words) && !text.contains("panicked"), "{arguments:?}: {text}");
    }
    assert_eq!(scene.server.requests().len(), 0);
    assert!(!scene.path("run.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_selector_too_long_for_a_uri_is_an_error_with_a_message() {
    let scene = Scene::new(&Truth::new());
    let selector = format!("app in ({})", vec!["web"; 20_000].join(","));
    let (code, text) = record(&scene, &["pods", "-n", "story", "-l", &selector]).await;
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("no URI can be made of this path"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_misspelt_track_is_refused_instead_of_showing_nothing() {
    let scene = Scene::new(&Truth::new());
    let watch = async |track: &str| {
        let mut command = statetrail(["watch", "pods", "-A", "--track", "zone=.status.zone", "--show-track", track]);
        command.args(["--for", "1ms", "--kubeconfig"]).arg(scene.path("kubeconfig"));
        let output = ended(command.spawn().expect("the program")).await;
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    for (track, words) in [
        ("stats", "unknown track `stats`; did you mean `status`?"),
        ("condition", "`condition` is not a track but several; did you mean `condition/*`?"),
    ] {
        let (code, text) = watch(track).await;
        assert_eq!(code, Some(2), "{track}: {text}");
        assert!(text.contains(words), "{track}: {text}");
    }
    for track in ["status", "zone", "condition/*", "condition/Ready"] {
        let (code, text) = watch(track).await;
        assert_eq!(code, Some(0), "{track}: {text}");
    }
}
