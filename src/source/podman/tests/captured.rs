//! What Podman 4.3.1 of Debian 12 sent, as it was captured.

use super::super::machine::Sort;
use super::super::message::Event;
use super::{attach, machine, take, told};
use serde_json::Value;
use std::collections::HashMap;

const LIFE: &str = include_str!("../../../../tests/data/podman/4.3.1-life.jsonl");
const ROTATION: &str = include_str!("../../../../tests/data/podman/4.3.1-rotation.jsonl");
const JOURNALD: &str = include_str!("../../../../tests/data/podman/4.3.1-journald.jsonl");
const SHARED: &str = include_str!("../../../../tests/data/podman/4.3.1-cache-shared.jsonl");
const OWN: &str = include_str!("../../../../tests/data/podman/4.3.1-cache-own.jsonl");

fn events(capture: &str) -> Vec<Event> {
    capture.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What Podman 5 would have sent: an exit code where there is one, and members of Docker's API beside the others.
fn events_of_podman_5(capture: &str) -> Vec<Event> {
    let of_5 = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        if event["Action"] != "died" {
            event["Actor"]["Attributes"].as_object_mut().unwrap().remove("containerExitCode");
        }
        let (id, action) = (event["Actor"]["ID"].clone(), event["Action"].clone());
        let image = event["Actor"]["Attributes"]["image"].clone();
        for (member, value) in [("id", id), ("status", action), ("from", image), ("scope", "local".into())] {
            event[member] = value;
        }
        serde_json::from_value(event).unwrap()
    };
    capture.lines().map(of_5).collect()
}

fn replayed(capture: &str, sort: Sort) -> HashMap<String, String> {
    told_of(&events(capture), sort)
}

fn told_of(events: &[Event], sort: Sort) -> HashMap<String, String> {
    let mut machine = machine(sort);
    attach(&mut machine, &[], &[]);
    for event in events.iter().filter(|event| event.kind != "system") {
        take(&mut machine, event, &[]);
    }
    told(&mut machine, sort)
}

#[test]
fn lives_of_containers_are_told_as_they_were_captured() {
    let told = replayed(LIFE, Sort::Container);
    let of = |name: &str| told.get(name).map(String::as_str);
    let begun = "created initialized running";
    assert_eq!(
        of("a").unwrap(),
        format!("{begun} paused running exited(137) initialized running exited(137) removed"),
        "stopped, started again and killed"
    );
    assert_eq!(of("ok").unwrap(), format!("{begun} exited(0) removed"));
    assert_eq!(of("bad").unwrap(), format!("{begun} exited(7) removed"));
    assert_eq!(of("nocmd"), Some("created removed"), "its start failed, which no event says");
    assert_eq!(of("dead").unwrap(), format!("{begun} exited(0) removed"));
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(replayed(LIFE, Sort::Image).get("localhost/bb:1").map(String::as_str), Some("pull"));
}

#[test]
fn podman_5_tells_the_same() {
    for capture in [LIFE, ROTATION, JOURNALD, SHARED, OWN] {
        for sort in [Sort::Container, Sort::Pod, Sort::Image, Sort::Volume] {
            assert_eq!(told_of(&events_of_podman_5(capture), sort), replayed(capture, sort));
        }
    }
}

#[test]
fn volumes_of_one_name_are_objects_of_their_own() {
    for (capture, lives) in [(ROTATION, 18), (JOURNALD, 10)] {
        let told = replayed(capture, Sort::Volume);
        let expected = if capture == ROTATION { "create remove" } else { "create" };
        assert_eq!(told.values().filter(|words| *words == expected).count(), lives, "{told:?}");
    }
}

#[test]
fn a_build_that_failed_is_one_without_an_image() {
    for (capture, failed) in [(SHARED, 1), (OWN, 0)] {
        let told = replayed(capture, Sort::Image);
        let without = told.values().filter(|words| *words == "build-without-image").count();
        let built = told.iter().filter(|(name, words)| *words == "build" && name.len() == 64).count();
        assert_eq!((without, built), (failed, 4 - failed), "{told:?}");
    }
}
