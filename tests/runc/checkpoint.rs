//! A checkpoint with the real criu: whether it can be judged depends on what criu can do here.
//!
//! runc's own test of checkpoints failed on machines whose criu lacks a feature, and where criu's check could not run at
//! all. Both exit with 1. The first is skipped, the second is inconclusive, with the reason.

use super::{Place, runc, statetrail, until, verified};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// What the scenarios of checkpoints and the emulated machines are judged by, too.
const EXPECTATION: &str = include_str!("../scenarios/checkpoint-healthy/expectations.yaml");

/// What criu itself says, by its words.
fn criu() -> (&'static str, String) {
    let checked = Command::new("criu").args(["check", "--feature", "mem_dirty_track"]).output();
    let checked = checked.expect("no criu; install it: apt-get install criu");
    let said = format!("{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    let last = said.lines().last().unwrap_or_default();
    match last {
        _ if checked.status.success() => ("satisfied", last.to_owned()),
        last if last.contains("Dirty tracking is OFF") => ("skipped", last.to_owned()),
        last => ("inconclusive", last.rsplit("): ").next().unwrap_or(last).to_owned()),
    }
}

#[test]
fn a_checkpoint_is_judged_where_criu_can_do_it_and_otherwise_the_reason_is_said() {
    let (expected, said_by_criu) = criu();
    let place = Place::new(&["sleep", "1000"]);
    fs::create_dir(place.path("state")).unwrap();
    let recorder = place.record();
    place.done(&["run", "-d", "--bundle", "BUNDLE", "c1"]);
    let (state, images) = (place.path("state"), place.path("images"));
    let images = images.to_str().unwrap();
    let options = ["--image-path", images, "--work-path", images, "c1"];
    let checkpoint = ["--root", state.to_str().unwrap(), "checkpoint"];
    let mut dumped = runc(&[&checkpoint[..], &["--pre-dump"], &options].concat());
    if dumped.status.success() {
        dumped = runc(&[&checkpoint[..], &options].concat());
    }
    // A checkpoint ends it.
    if state.join("c1").exists() {
        place.done(&["delete", "-f", "c1"]);
    }
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(verified(&file).status.success());

    // The same failing checkpoint is a failure where criu can do it, and only there.
    let expected = if expected == "satisfied" && !dumped.status.success() { "violated" } else { expected };
    fs::write(place.path("checkpoint.yaml"), EXPECTATION).unwrap();
    let checked = statetrail().arg("check").arg("-e").arg(place.path("checkpoint.yaml")).arg(&file).output().unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(text.contains(expected), "expected {expected}: {text}");
    if expected == "inconclusive" {
        assert!(text.contains(&said_by_criu), "{said_by_criu}: {text}");
    }
    let header: Value = serde_json::from_str(fs::read_to_string(&file).unwrap().lines().next().unwrap()).unwrap();
    let facts = &header["environment"]["facts"];
    for name in ["kernel", "architecture", "cgroup", "runc", "criu"] {
        assert!(facts[name]["value"].is_string(), "{name}: {facts}");
    }
}

#[test]
fn watch_shows_the_states_of_containers() {
    let place = Place::new(&["true"]);
    fs::create_dir(place.path("state")).unwrap();
    let ready = place.path("ready");
    let mut watching = statetrail();
    watching.arg("watch").arg(format!("runc:{}", place.path("state").display())).args(["--for", "3s", "--ready-file"]);
    let watching = watching.arg(&ready).stdout(std::process::Stdio::piped()).spawn().unwrap();
    until("it is attached", || ready.exists().then_some(()));
    place.done(&["run", "-d", "--bundle", "BUNDLE", "shown"]);
    place.done(&["delete", "-f", "shown"]);
    let shown = String::from_utf8(watching.wait_with_output().unwrap().stdout).unwrap();
    assert!(["created", "running", "stopped"].iter().all(|state| shown.contains(state)), "{shown}");
}

/// A fact that was given goes before one that was found, and is judged like it.
#[test]
fn a_fact_that_was_given_decides() {
    let place = Place::new(&["true"]);
    fs::create_dir(place.path("state")).unwrap();
    let file = place.path("given.jsonl");
    let recorded = statetrail()
        .arg("record")
        .arg(format!("runc:{}", place.path("state").display()))
        .args(["--fact", "criu.mem_dirty_track=false", "--fact", "crictl=1.30.0", "--for", "1ms", "-o"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(recorded.status.success(), "{recorded:?}");
    fs::write(place.path("checkpoint.yaml"), EXPECTATION).unwrap();
    let checked = statetrail().arg("check").arg("-e").arg(place.path("checkpoint.yaml")).arg(&file).output().unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(text.contains("criu.mem_dirty_track is false, not true (--fact)"), "{text}");
}
