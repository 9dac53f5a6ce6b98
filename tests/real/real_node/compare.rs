//! Compares the recording of some pods with what kubectl saw of them.
//!
//! The labels of containers' states are computed independently of the library, from the raw lines.

use std::collections::BTreeMap;

use serde_json::Value;

use super::raw::Raw;
use crate::recorder::{Recording, Step};

const NAMESPACE: &str = "story";

/// Every event was recorded once, in the server's order, with its status.
pub(super) fn same_objects(recording: &Recording, raw: &Raw) {
    let recorded: Vec<_> = recording
        .events("pods")
        .map(|(change, object)| {
            let mut kept: Value = serde_json::from_str(object.json.get()).expect("what is kept is JSON");
            let change = format!("{change:?}").to_uppercase();
            (object.resource_version.number(), change, object.uid.to_string(), kept["status"].take())
        })
        .collect();
    let seen: Vec<_> = raw
        .events
        .iter()
        .map(|event| (Some(event.version), event.change.clone(), event.uid.clone(), event.object["status"].clone()))
        .collect();
    for (one, other) in recorded.iter().zip(&seen) {
        assert_eq!(one, other);
    }
    assert_eq!(recorded.len(), seen.len());
    assert!(seen.len() > 150, "only {} events", seen.len());
}

/// Each container's track entered exactly the states that the raw lines show, at the same versions.
pub(super) fn same_container_states(recording: &Recording, raw: &Raw) {
    let mut tracks: BTreeMap<(String, String), Vec<Step>> = BTreeMap::new();
    for event in &raw.events {
        for (family, list) in [("init", "initContainerStatuses"), ("container", "containerStatuses")] {
            for container in event.object["status"][list].as_array().into_iter().flatten() {
                let track = format!("{family}/{}", container["name"].as_str().expect("a container's name"));
                let steps = tracks.entry((event.name.clone(), track)).or_default();
                let next = step(container, event.version);
                let again = steps.last().is_some_and(|last| last.label == next.label && last.restarts >= next.restarts);
                if !again {
                    steps.push(next);
                }
            }
        }
        let steps = tracks.entry((event.name.clone(), "phase".to_owned())).or_default();
        let phase = event.object["status"]["phase"].as_str().expect("a phase").to_owned();
        if steps.last().is_none_or(|last| last.label != phase) {
            steps.push(Step { label: phase, restarts: None, version: event.version });
        }
    }
    assert!(tracks.len() > 30, "only {} tracks", tracks.len());
    for ((name, track), expected) in tracks {
        assert_eq!(recording.steps(NAMESPACE, &name, "Pod", &track), expected, "{name} {track}");
    }
}

fn step(container: &Value, version: u64) -> Step {
    let state = &container["state"];
    let of = |kind: &str, word: &str| {
        let one = state.get(kind)?;
        Some(one["reason"].as_str().filter(|_| kind != "running").unwrap_or(word).to_owned())
    };
    let label =
        of("running", "Running").or_else(|| of("terminated", "Terminated")).or_else(|| of("waiting", "Waiting"));
    let restarts = container["restartCount"].as_u64().and_then(|count| u32::try_from(count).ok());
    Step { label: label.expect("a container has a state"), restarts, version }
}

/// At every event the `status` track is what kubectl prints in its STATUS column.
pub(super) fn same_status_column(recording: &Recording, raw: &Raw) {
    let mut rows: BTreeMap<&str, std::slice::Iter<'_, String>> =
        raw.statuses.iter().map(|(name, statuses)| (name.as_str(), statuses.iter())).collect();
    for event in &raw.events {
        let printed = rows.get_mut(event.name.as_str()).and_then(Iterator::next);
        let steps = recording.steps(NAMESPACE, &event.name, "Pod", "status");
        let ours = steps.iter().rev().find(|step| step.version <= event.version).map(|step| &step.label);
        assert_eq!(ours, printed, "{} at version {}", event.name, event.version);
    }
}
