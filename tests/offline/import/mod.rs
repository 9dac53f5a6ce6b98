//! Raw watch lines become one recording: every accepted form, every way in which lines break off.

mod answers;
mod breaks;
mod forms;
mod properties;
mod refusals;
mod times;
mod written;

use serde_json::{Value, json};
use statetrail::observation::{Change, Observation, Payload};
use statetrail::source::import::{Error, Imported, Options, import};
use std::io::{Cursor, Read};

/// A pod as an API server returns it.
fn pod(name: &str, version: u64, phase: &str) -> Value {
    json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "ns", "uid": format!("uid-{name}"),
        "resourceVersion": version.to_string(), "creationTimestamp": "2026-01-01T00:00:01Z"}, "status": {"phase": phase}})
}

fn event(change: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": change, "object": object}))
}

fn captured(seconds: u64, change: &str, object: &Value) -> String {
    let at = format!("2026-01-01T00:00:{seconds:02}.5Z");
    format!("{}\n", json!({"receivedAt": at, "event": {"type": change, "object": object}}))
}

fn bookmark(kind: &str, version: u64, is_end: bool) -> Value {
    let annotations = if is_end { json!({"k8s.io/initial-events-end": "true"}) } else { json!({}) };
    let api_version = if kind == "Pod" { "v1" } else { "kubevirt.io/v1" };
    json!({"kind": kind, "apiVersion": api_version, "metadata": {"resourceVersion": version.to_string(),
        "annotations": annotations}, "spec": {"containers": null}})
}

fn try_import_of(inputs: &[&[u8]], options: &Options) -> Result<Imported, Error> {
    let inputs = (1..).zip(inputs).map(|(number, bytes)| {
        let source: Box<dyn Read> = Box::new(Cursor::new(bytes.to_vec()));
        (format!("in{number}"), source)
    });
    import(inputs.collect(), options)
}

/// What was watched in all namespaces.
fn of_all() -> Options {
    Options { namespace: Some("".into()), ..Options::default() }
}

fn import_of(inputs: &[&str]) -> Imported {
    let inputs: Vec<&[u8]> = inputs.iter().map(|text| text.as_bytes()).collect();
    try_import_of(&inputs, &Options::default()).expect("it can be imported")
}

/// `LISTED a 5`, `GAP 7 9`, ... of all observations.
fn summary(imported: &Imported) -> Vec<String> {
    let word = |observation: &Observation| match &observation.payload {
        Payload::Object(seen) => {
            let change = match seen.change {
                Change::Added => "ADDED",
                Change::Modified => "MODIFIED",
                Change::Deleted => "DELETED",
                Change::Listed => "LISTED",
            };
            format!("{change} {} {}", seen.object.name, seen.object.resource_version)
        }
        Payload::Bookmark { resource_version, .. } => format!("BOOKMARK {resource_version}"),
        Payload::Attached(attached) => format!("ATTACHED {}", attached.resource_version),
        Payload::Gap(gap) => {
            let reason = serde_json::to_value(gap.reason).unwrap();
            format!("GAP {} {} {}", gap.from_resource_version, gap.to_resource_version, reason.as_str().unwrap())
        }
        Payload::Undecodable(undecodable) => format!("UNDECODABLE {} {}", undecodable.length, undecodable.digest),
        Payload::End { reason } => format!("END {reason}"),
        other => format!("{other:?}"),
    };
    imported.observations.iter().map(word).collect()
}

fn times(imported: &Imported) -> Vec<String> {
    imported.observations.iter().map(|observation| observation.stamp.at.to_string()).collect()
}

fn notes(imported: &Imported) -> String {
    imported.notes.iter().flat_map(|note| [note.to_string(), "\n".to_owned()]).collect()
}
