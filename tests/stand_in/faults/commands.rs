//! `statetrail record` as people start it: what becomes of its arguments and of its file.

use super::bounded;
use super::program::recording;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use crate::recorder::process::{ended, signal, statetrail};
use statetrail::observation::{Change, Payload, Resource};
use statetrail::recording::{Reader, Record};
use std::path::Path;
use std::time::Duration;

/// Starts a recorder, and does something to its file once a line of the stream is in it; returns what it told.
async fn meddled(name: &str, meddle: impl FnOnce(&Path)) -> (Option<i32>, String) {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path(name);
    let arguments = ["pods", "-A", "-o", path.to_str().expect("UTF-8")];
    let child = recording(&scene, &arguments).spawn().expect("the program");
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    truth.put("a", "Running");
    bounded("the event", async {
        while !Reader::open(&path).is_ok_and(|reader| reader.map_while(Result::ok).any(|record| is_of("a", &record))) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    meddle(&path);
    // It looks four times a second; the rest is for a busy machine. No event follows that it would have to write.
    let ended = tokio::time::timeout(Duration::from_secs(5), child.wait_with_output()).await;
    let output = ended.unwrap_or_else(|_| panic!("{name}: it goes on")).expect("it was started");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

fn is_of(name: &str, record: &Record) -> bool {
    matches!(&record.observation.payload, Payload::Object(seen) if seen.object.name == name)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_output_that_is_removed_replaced_or_truncated_soon_ends_the_program_with_exit_code_4() {
    let remove: fn(&Path) = |path| std::fs::remove_file(path).expect("a file");
    let replace: fn(&Path) = |path| {
        let other = path.with_extension("other");
        std::fs::copy(path, &other).expect("a file");
        std::fs::rename(&other, path).expect("a file");
    };
    let cut: fn(&Path) = |path| {
        std::fs::File::options().write(true).open(path).expect("a file").set_len(10).expect("a file");
    };
    for name in ["run.jsonl", "run.jsonl.zst"] {
        for (meddle, words) in [
            (remove, "was removed or renamed"),
            (replace, "was replaced by another file"),
            (cut, "to 10 bytes by another program"),
        ] {
            let (code, stderr) = meddled(name, meddle).await;
            assert_eq!(code, Some(4), "{name} {words}: {stderr}");
            assert!(stderr.contains(words) && !stderr.contains("whole:"), "{name} {words}: {stderr}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_that_does_not_know_the_cluster_of_its_file_warns_and_begins_with_a_gap() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    scene.attach().await.finish().await.assert_whole(&truth, "before");
    let path = scene.path("run.jsonl");
    let resume = ["--resume", path.to_str().expect("UTF-8")];
    for (faults, expected) in [(&[][..], Some(0)), (&["http=403,resource=namespaces,times=1000"], Some(3))] {
        faults.iter().for_each(|fault| scene.inject(fault));
        let child = recording(&scene, &resume).spawn().expect("the program");
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        signal(&child, rustix::process::Signal::TERM);
        let output = ended(child).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), expected, "{stderr}");
        let warning = "it is not known whether this is the cluster that was recorded";
        assert_eq!(stderr.contains(warning), expected == Some(3), "{stderr}");
        assert_eq!(Recording::read(&path).gaps().is_empty(), expected == Some(0), "{stderr}");
        bounded("the watch's end", scene.server.until(|server| server.open_watches() == 0)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_namespace_does_not_restrict_a_kind_that_has_none() {
    let nodes = Resource::new("", "v1", "nodes", "Node");
    let volumes = Resource::new("", "v1", "persistentvolumes", "PersistentVolume");
    let truth = Truth::of(vec![nodes.clone(), volumes.clone()]);
    for (resource, name) in [(&nodes, "node-1"), (&volumes, "volume-1")] {
        let json = format!(r#"{{"metadata":{{"name":"{name}","uid":"{name}","resourceVersion":"0"}},"status":{{}}}}"#);
        truth.store.write(resource, Change::Added, json.as_bytes()).expect("an object");
    }
    let scene = Scene::new(&truth);
    // One is declared, and of the other only discovery knows.
    for (what, name) in [("nodes", "node-1"), ("v1/nodes", "node-1"), ("persistentvolumes", "volume-1")] {
        let path = scene.path(&format!("{}.jsonl", what.replace('/', "-")));
        let arguments = [what, "-n", "story", "-o", path.to_str().expect("UTF-8")];
        let child = recording(&scene, &arguments).spawn().expect("the program");
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        signal(&child, rustix::process::Signal::TERM);
        let output = ended(child).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{what}: {stderr}");
        let recording = Recording::read(&path);
        assert!(recording.records.iter().any(|record| is_of(name, record)), "{what}: {stderr}");
        assert_eq!(recording.header.watches[0].namespace, "", "{what}");
        bounded("the watch's end", scene.server.until(|server| server.open_watches() == 0)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pods_are_judged_as_pods_however_they_were_named_to_the_recorder() {
    for what in ["pods", "v1/pods"] {
        let mut truth = Truth::new();
        truth.put("failed-before", "Failed");
        let scene = Scene::new(&truth);
        let path = scene.path("run.jsonl");
        let file = path.to_str().expect("UTF-8");
        let child = recording(&scene, &[what, "-A", "-o", file]).spawn().expect("the program");
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.put("failed-live", "Running");
        truth.put("failed-live", "Failed");
        signal(&child, rustix::process::Signal::TERM);
        let output = ended(child).await;
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        for name in ["failed-before", "failed-live"] {
            let check = async |expectation: &str| {
                let command = statetrail(["check", file, "--expect", expectation]).spawn().expect("the program");
                let output = ended(command).await;
                (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
            };
            let (code, text) = check("pods phase: never Failed").await;
            assert_eq!(code, Some(1), "{what} {name}: {text}");
            assert!(text.contains(name), "{what}: {text}");
            let (code, text) = check(&format!("pod/{name} phase: ... -> Failed")).await;
            assert_eq!(code, Some(0), "{what} {name}: {text}");
        }
    }
}
