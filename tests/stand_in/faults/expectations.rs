//! Expectations on a growing recording: the program ends once they are decided, and prints the verdicts.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, object, pods, vmis};
use crate::recorder::Recording;
use crate::recorder::process::{PROGRAM, ended, statetrail};
use statetrail::observation::Change;
use statetrail::replay::Server;
use std::process::Output;
use tokio::process::Child;

const IMAGE_PULL: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: runs-once}
subjects: {pod: {kind: Pod, namespace: story, name: a}}
expect: [{track: pod.phase, path: 'Pending -> Running -> Succeeded -> ...'}]
---
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: runs-soon}
subjects: {pod: {kind: Pod, namespace: story, name: a}}
expect: [{track: pod.phase, path: '... -> Running -> ...'}]
";

fn started(scene: &Scene, arguments: &[&str]) -> Child {
    started_with(scene, arguments, IMAGE_PULL)
}

fn started_with(scene: &Scene, arguments: &[&str], expectations: &str) -> Child {
    std::fs::write(scene.path("expectations.yaml"), expectations).expect("a file");
    let mut command = statetrail(arguments);
    command.arg("--kubeconfig").arg(scene.path("kubeconfig")).current_dir(scene.folder.path());
    command.spawn().expect("the program")
}

async fn watched(scene: &Scene, watches: usize) {
    bounded("the watches", scene.server.until(|server: &Server| server.open_watches() == watches)).await;
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

const RECORD: [&str; 7] = ["record", "pods", "-A", "-o", "run.jsonl", "--until-expect", "expectations.yaml"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_stops_when_every_expectation_is_satisfied() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let child = started(&scene, &RECORD);
    watched(&scene, 1).await;
    truth.put("a", "Pending");
    truth.put("a", "Running");
    truth.put("a", "Succeeded");
    let output = ended(child).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = stdout(&output);
    assert!(said.contains("satisfied") && said.contains("2 expectations: 2 satisfied"), "{said}");
    let outcome = Recording::read(&scene.path("run.jsonl"));
    outcome.assert_whole(&truth, "decided");
    let last = outcome.payloads().last().cloned();
    // Another pod with this name could still be created.
    assert!(format!("{last:?}").contains("every goal is reached: the rest is judged at the fence"), "{last:?}");
    // The file gives the same result.
    let check = std::process::Command::new(PROGRAM)
        .args(["check", "run.jsonl", "-e", "expectations.yaml"])
        .current_dir(scene.folder.path())
        .output()
        .expect("the program");
    assert_eq!(check.status.code(), Some(0));
    assert_eq!(String::from_utf8(check.stdout).expect("UTF-8"), said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guards_are_judged_at_the_fence_once_the_goals_are_reached() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let guarded = IMAGE_PULL.replacen(
        "expect: [",
        "expect: [{track: pod.phase, never: Failed}, {track: pod.phase, count: {Running: {max: 1}}}, ",
        1,
    );
    let child = started_with(&scene, &RECORD, &guarded);
    watched(&scene, 1).await;
    truth.put("a", "Pending");
    truth.put("a", "Running");
    truth.put("a", "Succeeded");
    let output = ended(child).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(stdout(&output).contains("2 expectations: 2 satisfied"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guards_alone_run_until_the_time_limit_and_the_output_says_so() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let guard = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: never-fails}
subjects: {pod: {kind: Pod, namespace: story, name: a, life: first}}
expect: [{track: pod.phase, never: Failed}]
";
    let mut arguments = RECORD.to_vec();
    arguments.extend(["--for", "300ms"]);
    let output = ended(started_with(&scene, &arguments, guard)).await;
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(said.contains("these are guards only"), "{said}");
    let last = Recording::read(&scene.path("run.jsonl")).payloads().last().cloned();
    assert!(!format!("{last:?}").contains("every"), "{last:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_stops_at_a_violation_and_shows_where_the_path_was_left() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let child = started(&scene, &RECORD);
    watched(&scene, 1).await;
    truth.put("a", "Pending");
    truth.put("a", "Failed");
    truth.put("a", "Running");
    let output = ended(child).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = stdout(&output);
    assert!(
        said.contains("violated") && said.contains("entered Failed") && said.contains("legal there: Running"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undecided_expectations_are_judged_after_the_fence_when_the_time_is_over() {
    let mut truth = Truth::new();
    truth.put("b", "Pending");
    let scene = Scene::new(&truth);
    let mut arguments = RECORD.to_vec();
    arguments.extend(["--for", "300ms"]);
    let output = ended(started(&scene, &arguments)).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(stdout(&output).contains("nothing to judge"), "{}", stdout(&output));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_ends_with_its_expectations_after_the_lines_of_the_timeline() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let child = started(&scene, &["watch", "pods", "-A", "--expect", "pod/a phase: ... -> Running -> ..."]);
    watched(&scene, 1).await;
    truth.put("a", "Pending");
    truth.put("a", "Running");
    let output = ended(child).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let said = stdout(&output);
    let (line, verdict) = (said.find("Running").expect("the line"), said.find("satisfied").expect("the verdict"));
    assert!(line < verdict, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cause_that_another_stream_delivers_late_is_no_violation() {
    // Both objects existed before. If neither's beginning was seen, the expectation cannot be satisfied, and must not
    // be violated; if they were read back, it is satisfied.
    for (more, code) in [(&["--no-history"][..], 3), (&[], 0)] {
        // The VMI's update overtakes the pod's update that it follows, by far more than the settle window.
        let mut truth = Truth::of(vec![pods(), vmis()]);
        truth.put("virt-launcher", "Pending");
        truth.write(1, Change::Added, &object("vmi", "uid-vmi", "Scheduling"));
        let scene = Scene::faulty(&truth, &["lag=400ms,resource=pods"]);
        let expect = "vmi/vmi phase: Running onlyAfter pod/virt-launcher phase: Running";
        let mut arguments = vec!["watch", "pods,vmi", "-A", "--settle", "0s", "--expect", expect, "--for", "2s"];
        arguments.extend(more);
        let child = started(&scene, &arguments);
        watched(&scene, 2).await;
        truth.put("virt-launcher", "Running");
        truth.write(1, Change::Modified, &object("vmi", "uid-vmi", "Running"));
        let output = ended(child).await;
        assert_eq!(output.status.code(), Some(code), "{more:?}: {output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_that_do_not_compile_are_refused_before_anything_is_recorded() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let output =
        ended(started(&scene, &["watch", "pods", "-A", "--expect", "pod/a phase: ... -> Runing -> ..."])).await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("did you mean `Running`"), "{said}");
    assert!(scene.server.requests().is_empty(), "no request was sent");
}
