//! What `statetrail watch` shows a person.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, pods, vmis};
use crate::recorder::deadline;
use crate::recorder::process::{Ended, PROGRAM, Recorder};
use rustix::process::Signal;
use statetrail::observation::Change;
use std::process::Command;
use std::time::Duration;

/// A pod with a phase and a condition.
fn pod(name: &str, phase: &str, ready: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"story","uid":"uid-{name}","resourceVersion":"0"}},"status":{{"phase":"{phase}","conditions":[{{"type":"Ready","status":"{ready}"}}]}}}}"#
    )
}

/// `statetrail watch` while two pods go from Pending to Failed, until a line about the second one is printed.
async fn watched(arguments: &[&str], last: &str) -> Ended {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    truth.write(0, Change::Added, &pod("web-1", "Pending", "False"));
    let scene = Scene::new(&truth);
    let mut command = Command::new(PROGRAM);
    command.arg("watch").args(arguments).args(["-A", "--kubeconfig"]).arg(scene.path("kubeconfig"));
    let watching = Recorder::launch(command, tempfile::tempdir().expect("a folder"));
    bounded("the watch", scene.server.until(|server| server.open_watches() >= 1)).await;
    for name in ["web-1", "db-1"] {
        for (phase, ready) in [("Pending", "False"), ("Running", "False"), ("Running", "True"), ("Failed", "False")] {
            truth.write(0, Change::Modified, &pod(name, phase, ready));
        }
    }
    let printed = || lines(&watching.printed()).iter().any(|line| line.starts_with(last)).then_some(());
    let printed = deadline::until(Duration::from_secs(30), printed);
    assert!(printed.is_some(), "no `{last}` in:\n{}{}", watching.printed(), watching.told());
    watching.signal(Signal::INT);
    watching.wait().0
}

/// The lines without their times and the namespace.
fn lines(printed: &str) -> Vec<String> {
    printed.lines().map(|line| line.split_whitespace().skip(3).collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_shows_the_states_that_kubectl_shows_and_sums_up_at_the_end() {
    let ended = watched(&["pods,vmi"], "pod/db-1 status Running -> Failed").await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let states = ["Pending", "Pending -> Running", "Running -> Failed"];
    let shown: Vec<String> = lines(&ended.stdout).into_iter().filter(|line| line.starts_with("pod/web-1")).collect();
    for (line, state) in shown.iter().zip(states) {
        assert!(line.starts_with(&format!("pod/web-1 status {state}")), "{}", ended.stdout);
    }
    assert_eq!(shown.len(), states.len(), "{}", ended.stdout);
    let told: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(told[0], "reading history of pods, virtualmachineinstances.kubevirt.io ...");
    assert_eq!(told[1], "attached: pods, virtualmachineinstances.kubevirt.io");
    let summary = &told[2..];
    assert!(summary[0].starts_with("watched ") && summary[0].ends_with(" of 2 subjects, 0 gaps"), "{}", ended.stderr);
    assert!(summary.contains(&"  failed: pod/web-1  Failed"), "{}", ended.stderr);
    let not_shown = summary.iter().find(|line| line.starts_with("not shown: ")).expect("a line");
    assert!(not_shown.ends_with(" of other tracks and 0 Events; --all shows them"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_all_shows_every_track() {
    let ended = watched(&["pods", "--all"], "pod/db-1 condition/Ready True -> False").await;
    let shown = lines(&ended.stdout);
    for line in ["pod/web-1 condition/Ready False -> True", "pod/web-1 phase Pending -> Running"] {
        assert!(shown.iter().any(|shown| shown.starts_with(line)), "no {line}:\n{}", ended.stdout);
    }
    assert!(!ended.stderr.contains("not shown"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_takes_names_with_a_star_and_judges_everything() {
    // The expectation is about an object, and about a track, that is not shown.
    let expect = "pod/web-1 condition/Ready: ... -> True -> ...";
    for arguments in [&["pods", "db-*"][..], &["pods/db-*"]] {
        let arguments = [arguments, &["--expect", expect]].concat();
        let mut truth = Truth::of(vec![pods()]);
        let scene = Scene::new(&truth);
        let mut command = Command::new(PROGRAM);
        command.arg("watch").args(&arguments).args(["-A", "--kubeconfig"]).arg(scene.path("kubeconfig"));
        let watching = Recorder::launch(command, tempfile::tempdir().expect("a folder"));
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.write(0, Change::Added, &pod("db-1", "Pending", "False"));
        truth.write(0, Change::Added, &pod("web-1", "Pending", "False"));
        truth.write(0, Change::Modified, &pod("web-1", "Running", "True"));
        let (ended, _files) = watching.wait();
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.stdout.contains("pod/db-1") && !ended.stdout.contains("Running"), "{}", ended.stdout);
        assert!(ended.stderr.contains("reading history of pods ...; showing pods/db-*"), "{}", ended.stderr);
    }
}
