//! What Podman sent, as it was captured: 4.3.1 of Debian 12, and 5.8.6.

use super::super::machine::Sort;
use super::super::message::Event;
use super::{attach, machine, take, told};
use std::collections::HashMap;

const LIFE: &str = include_str!("../../../../tests/data/podman/4.3.1-life.jsonl");
const LIFE_5: &str = include_str!("../../../../tests/data/podman/5.8.6-life.jsonl");
const ROTATION_5: &str = include_str!("../../../../tests/data/podman/5.8.6-rotation.jsonl");
const ROTATION: &str = include_str!("../../../../tests/data/podman/4.3.1-rotation.jsonl");
const JOURNALD: &str = include_str!("../../../../tests/data/podman/4.3.1-journald.jsonl");
const SHARED: &str = include_str!("../../../../tests/data/podman/4.3.1-cache-shared.jsonl");
const OWN: &str = include_str!("../../../../tests/data/podman/4.3.1-cache-own.jsonl");

fn events(capture: &str) -> Vec<Event> {
    capture.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn replayed(capture: &str, sort: Sort) -> HashMap<String, String> {
    let mut machine = machine(sort);
    attach(&mut machine, &[], &[]);
    let events: Vec<Event> = events(capture).into_iter().filter(|event| event.kind != "system").collect();
    for (at, event) in events.iter().enumerate() {
        take(&mut machine, event, &events[at + 1..]);
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
    let told = replayed(LIFE_5, Sort::Container);
    let begun = "created initialized running";
    for (name, states) in [
        ("c1", "paused running exited(137) initialized running exited(137) initialized running exited(137) removed"),
        ("c3", "exited(7) removed"),
        ("c4", "paused exited(137) removed"),
        ("c8", "exited(0) initialized running exited(0) removed"),
        ("c9", "exited(3) initialized running exited(3) initialized running exited(3) removed"),
    ] {
        assert_eq!(told[name], format!("{begun} {states}"), "{name}");
    }
    assert_eq!(told["c6"], "created removed", "its start failed, which no event says");
    assert_eq!(replayed(LIFE_5, Sort::Pod)["p1"], "create start pause unpause stop start kill start stop remove");
    let volumes = replayed(LIFE_5, Sort::Volume);
    assert_eq!(volumes.values().map(String::as_str).collect::<Vec<_>>(), ["create remove"; 2], "{volumes:?}");
    let images = replayed(LIFE_5, Sort::Image);
    let pulled = "docker.io/library/nope";
    assert_eq!((images["localhost/app:2"].as_str(), images[pulled].as_str()), ("tag untag", "pull-error"));
    let failed = images.values().filter(|words| *words == "build-without-image").count();
    assert_eq!(failed, 3, "{images:?}");
}

#[test]
fn where_podman_5_cut_its_log_the_stream_says_so_once() {
    let mut machine = machine(Sort::Image);
    let events = events(ROTATION_5);
    let cut: Vec<bool> = events.iter().map(|event| machine.is_cut(event)).collect();
    assert_eq!(cut.iter().position(|cut| *cut), Some(3), "{cut:?}");
    assert!(!machine.is_cut(&events[3]) && cut.iter().filter(|cut| **cut).count() == 1);
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
