//! The machine: on logs made by hand, on captures, and on logs that are interrupted and rotated anywhere.

mod captured;
mod ends;
mod interrupted;
mod log;
mod looks;

use super::super::numbered::Lines;
use super::machine::{Machine, Reading, Sort};
use super::message::Look;
use super::message::{Event, Listed};
use crate::kinds;
use crate::observation::{Object, Payload, Resource};
use jiff::Timestamp;
use serde_json::json;
use smol_str::SmolStr;
use std::collections::HashMap;

const SECOND: i64 = 1_000_000_000;

fn machine(sort: Sort) -> Machine {
    Machine::new(Lines::new(0, 0, Timestamp::UNIX_EPOCH), sort, "/run/podman.sock")
}

fn resource(sort: Sort) -> Resource {
    let (plural, kind) = match sort {
        Sort::Container => ("podmancontainers", "PodmanContainer"),
        Sort::Pod => ("podmanpods", "PodmanPod"),
        Sort::Image => ("podmanimages", "PodmanImage"),
        Sort::Volume => ("podmanvolumes", "PodmanVolume"),
    };
    Resource::new("libpod", "v1", plural, kind)
}

fn event(kind: &str, action: &str, id: &str, name: &str, time_nano: i64) -> Event {
    let attributes = json!({"name": name, "image": "", "containerExitCode": "0", "podId": "", "secret": "label"});
    let actor = json!({"ID": id, "Attributes": attributes});
    serde_json::from_value(json!({"Type": kind, "Action": action, "Actor": actor, "timeNano": time_nano})).unwrap()
}

fn container(action: &str, id: &str, time_nano: i64) -> Event {
    event("container", action, id, &format!("name-{id}"), time_nano)
}

fn listed(json: serde_json::Value) -> Vec<Listed> {
    serde_json::from_value(json).unwrap()
}

fn reading() -> Reading {
    Reading { ahead: Some(0), at: Timestamp::MAX, ended: None }
}

/// Takes events whose effect a look confirms.
fn take(machine: &mut Machine, event: &Event, rest: &[Event]) {
    let looks = [("pause", "paused"), ("unpause", "running"), ("restore", "running"), ("checkpoint", "exited")];
    let saw = looks.iter().find(|(action, _)| event.action == *action).map(|(_, state)| (*state).into());
    let look = if machine.needs_look(event, rest) { Look::Saw(saw) } else { Look::Spared };
    machine.take(event, look, reading()).unwrap();
}

fn attach(machine: &mut Machine, log: &[Event], listed: &[Listed]) {
    let now = Timestamp::UNIX_EPOCH;
    machine.attach((log, log), listed, None, &"kind".into(), (now, now));
}

/// What the lines say of each object, by name: states or actions, `GAP` where something was not seen, `[..]` around
/// what was found.
fn told(machine: &mut Machine, sort: Sort) -> HashMap<String, String> {
    let (mut objects, mut told) =
        (HashMap::<SmolStr, Object>::new(), HashMap::<SmolStr, (SmolStr, Vec<String>)>::new());
    for line in machine.lines.take() {
        match line {
            Payload::Raw(raw) => {
                let followed = kinds::follow(&resource(sort), objects.get(&raw.uid), &raw).unwrap();
                assert!(!followed.object.json.get().contains("secret") && !raw.event.get().contains("label"));
                let json: serde_json::Value = serde_json::from_str(followed.object.json.get()).unwrap();
                let status = &json["status"];
                let word = status["state"].as_str().or(status["action"].as_str()).unwrap_or_default();
                let code = status["exitCode"].as_i64().filter(|_| word == "exited");
                let word = code.map_or_else(|| word.to_owned(), |code| format!("{word}({code})"));
                let word = if raw.listed { format!("[{word}]") } else { word };
                let (_, words) = told.entry(raw.uid.clone()).or_insert_with(|| (raw.name.clone(), Vec::new()));
                if words.last() != Some(&word) {
                    words.push(word);
                }
                objects.insert(raw.uid.clone(), followed.object);
            }
            Payload::Undecodable(unseen) => {
                let uid = unseen.uid.unwrap();
                told.entry(uid.clone()).or_insert_with(|| (uid, Vec::new())).1.push("GAP".to_owned());
            }
            _ => {}
        }
    }
    told.into_values().map(|(name, words)| (name.to_string(), words.join(" "))).collect()
}
