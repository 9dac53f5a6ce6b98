//! A source that is not an API server, beside a real one. Its containers are simulated: what a recorder sees of them does
//! not depend on runc.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, deadline, pod, program};
use crate::recorder::process::{self, Recorder};
use crate::simulated::Container;

fn is_event(line: &Value, name: &str, what: &str) -> bool {
    line["type"] == "RAW" && line["name"] == name && line["event"]["what"] == what
}

#[test]
fn pods_and_containers_of_runc_are_in_one_recording_each_in_its_own_order() {
    let plane = ControlPlane::start(Options::default());
    let kubeconfig = plane.kubeconfig(ADMIN);
    let writer = Writer::new(&kubeconfig);
    let state = TempDir::new().unwrap();
    let argument = format!("runc:{}", state.path().display());
    let sources = ["runccontainers", "directories"].map(|kind| format!("{kind}:{}", state.path().display()));
    let mut recorder = Recorder::attached(&kubeconfig, &["pods", &argument, "-n", "default"]);
    let mut container = Container::create(state.path(), None, "c1", || {}).unwrap();
    recorder.await_line("container", |line| is_event(line, "c1", "state.json"));
    let created = writer.create("Pod", "default", &pod("web", BUSYBOX, &["true"]));
    recorder.await_line("pod", |line| line["type"] == "ADDED");
    container.start().unwrap();
    recorder.await_line("release", |line| is_event(line, "c1", "exec.fifo"));
    writer.write_status("Pod", created, &json!({"phase": "Running"}));
    recorder.await_line("status", |line| line["type"] == "MODIFIED");
    container.end().unwrap();
    recorder.await_line("end", |line| is_event(line, "c1", "init"));
    container.remove().unwrap();
    recorder.await_line("removal", |line| line["event"]["did"] == "DELETE");
    recorder.signal(rustix::process::Signal::TERM);
    let (ended, folder) = recorder.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("whole: every change that was delivered is in the file"), "{}", ended.stderr);
    let file = folder.path().join("run.jsonl").display().to_string();

    let verified = process::run(&kubeconfig, &["verify", &file]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let has = |source: &String| verified.stdout.contains(&format!("{source}: from"));
    let places = verified.stdout.contains("pods in default: ") && sources.iter().all(has);
    assert!(places && !verified.stdout.contains("all namespaces"), "{}", verified.stdout);

    let judged = |expectation: &str| process::run(&kubeconfig, &["check", &file, "--expect", expectation]);
    let path = "creating -> created -> running -> stopped -> deleted";
    for (expectation, code) in [
        (format!("runc/c1 state: {path}"), 0),
        ("pod/web phase: Pending -> Running".to_owned(), 0),
        ("runc/c1 state: never paused".to_owned(), 0),
        ("runc/c1 state: never running".to_owned(), 1),
        // Nothing but times tells which came first, and nothing is concluded from those.
        ("pod/web phase: Running onlyAfter runc/c1 state: created".to_owned(), 3),
        ("runc/c1 state: stopped onlyAfter pod/web phase: Running".to_owned(), 3),
        ("pod/web phase: never Running while runc/c1 state: running".to_owned(), 3),
    ] {
        let verdict = judged(&expectation);
        assert_eq!(verdict.code, Some(code), "{expectation}: {}{}", verdict.stdout, verdict.stderr);
    }
    the_pods_are_replayed(&kubeconfig, Path::new(&file), &sources.join(", "));
}

/// An API server has the pods of such a recording, and says what it leaves out.
fn the_pods_are_replayed(kubeconfig: &Path, file: &Path, sources: &str) {
    let folder = TempDir::new().unwrap();
    let replayed = folder.path().join("replayed");
    let arguments = ["replay", file.to_str().unwrap(), "--listen", "127.0.0.1:0", "--speed", "max", "--kubeconfig-out"];
    let arguments = [&arguments[..], &[replayed.to_str().unwrap()]].concat();
    let replay = Recorder::spawn(kubeconfig, &arguments, folder);
    replay.await_told(&format!("{sources}: left out, because no API server has such objects"));
    let answers = || (!replay.printed().is_empty() && fs::exists(&replayed).unwrap()).then_some(());
    assert!(deadline::until(Duration::from_secs(20), answers).is_some(), "{}", replay.told());
    let kubectl = |arguments: &[&str]| {
        let mut command = Command::new(program("kubectl"));
        command.args(arguments).env("KUBECONFIG", &replayed).output().unwrap()
    };
    let running = ["wait", "pod/web", "-n", "default", "--for=jsonpath={.status.phase}=Running", "--timeout=20s"];
    let waited = kubectl(&running);
    assert!(waited.status.success(), "{waited:?}");
    let resources = kubectl(&["api-resources", "-o", "name"]);
    let names = String::from_utf8_lossy(&resources.stdout);
    assert!(names.contains("pods") && !names.contains("runc"), "{names}");
}
