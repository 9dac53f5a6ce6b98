//! `record --marks-from`: lines of standard input or of a FIFO become marks.

use super::bounded;
use super::program::recording;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use crate::recorder::process::{ended, signal, statetrail};
use rustix::process::Signal;
use statetrail::observation::{Payload, Stamp};
use statetrail::recording::Reader;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

fn marks(path: &Path) -> Vec<(String, Stamp)> {
    let records = Reader::open(path).into_iter().flatten().map_while(Result::ok);
    let marks = records.filter_map(|record| match record.observation.payload {
        Payload::Mark { name } => Some((name, record.observation.stamp)),
        _ => None,
    });
    marks.collect()
}

async fn until_marked(path: &Path, name: &str) {
    bounded(name, async {
        while !marks(path).iter().any(|(mark, _)| mark == name) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_line_of_standard_input_is_a_mark_with_the_time_at_which_it_was_read() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path("run.jsonl");
    let mut command = recording(&scene, &["pods", "-A", "-o", path.to_str().expect("UTF-8"), "--marks-from", "-"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("the program");
    let mut input = child.stdin.take().expect("a pipe");
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    truth.put("before", "Running");
    input.write_all(b"begin test\n\n\xff\n").await.expect("it is read");
    until_marked(&path, "begin test").await;
    truth.put("between", "Running");
    let many: Vec<String> = (0..500).map(|number| format!("mark {number}")).collect();
    input.write_all((many.join("\n") + "\n").as_bytes()).await.expect("it is read");
    until_marked(&path, "mark 499").await;
    // The end of the input is not the end of the recording.
    drop(input);
    truth.put("after", "Running");
    signal(&child, Signal::TERM);
    let output = ended(child).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("warning: a line from standard input is no mark: it is not UTF-8"), "{stderr}");
    Recording::read(&path).assert_whole(&truth, "marked");
    let all = marks(&path);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[0], "begin test");
    assert_eq!(names[1..], many);
    assert!(all.is_sorted_by_key(|(_, stamp)| stamp.elapsed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delivered_after_a_mark_is_after_it_only_if_it_is_newer_than_what_the_server_had_then() {
    const EXPECTATION: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: never}\n\
        subjects: {pod: {kind: Pod, name: a, life: first}}\nwindow: {from: {mark: m}}\n\
        expect: [{track: pod.phase, never: Failed}]\n";
    for (again, code) in [(false, 3), (true, 1)] {
        let mut truth = Truth::new();
        truth.put("a", "Running");
        let scene = Scene::new(&truth);
        scene.inject("lag=400ms");
        let (path, expectation) = (scene.path("run.jsonl"), scene.path("never.yaml"));
        std::fs::write(&expectation, EXPECTATION).expect("a file");
        let file = path.to_str().expect("UTF-8");
        let mut command = recording(&scene, &["pods", "-A", "-o", file, "--marks-from", "-"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the program");
        let mut input = child.stdin.take().expect("a pipe");
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.put("a", "Failed");
        truth.put("a", "Running");
        input.write_all(b"m\n").await.expect("it is read");
        let head = |server: &statetrail::replay::Server| {
            server.requests().iter().any(|asked| asked.path.split(['?', '&']).any(|part| part == "limit=1"))
        };
        bounded("the head", scene.server.until(head)).await;
        until_marked(&path, "m").await;
        if again {
            truth.put("a", "Failed");
        }
        signal(&child, Signal::TERM);
        let output = ended(child).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let checked = statetrail(["check", file, "-e", expectation.to_str().expect("UTF-8")]).output().await;
        let checked = checked.expect("the program");
        assert_eq!(checked.status.code(), Some(code), "{}", String::from_utf8_lossy(&checked.stdout));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_writes_marks_to_a_fifo_from_several_processes() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let (path, fifo) = (scene.path("run.jsonl"), scene.path("marks"));
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let file = path.to_str().expect("UTF-8");
    let fifo = fifo.to_str().expect("UTF-8");
    // Each process opens the FIFO anew, and the last line is written right before the end, without a line break.
    let script = format!("for name in one two three; do echo $name > '{fifo}'; done; printf last > '{fifo}'; exit 7");
    let arguments = ["pods", "-A", "-o", file, "--marks-from", fifo, "--", "sh", "-c", &script];
    let output = ended(recording(&scene, &arguments[..6]).args(&arguments[6..]).spawn().expect("the program")).await;
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    let names: Vec<String> = marks(&path).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["one", "two", "three", "last"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_that_cannot_be_read_are_refused_before_anything_is_recorded() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path("run.jsonl");
    let file = path.to_str().expect("UTF-8");
    for (arguments, code, said) in [
        (&["--marks-from", "/nowhere"][..], 4, "cannot read --marks-from /nowhere: No such file"),
        (&["--marks-from", file], 2, "-o and --marks-from are the same file"),
        (&["--marks-from", "-", "--", "true"], 2, "standard input is that of the command; name a FIFO"),
    ] {
        let mut command = recording(&scene, &["pods", "-A", "-o", file]);
        let output = ended(command.args(arguments).spawn().expect("the program")).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said) && !path.exists(), "{arguments:?}: {stderr}");
    }
}
