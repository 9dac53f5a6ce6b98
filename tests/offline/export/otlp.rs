//! `-o otlp`, read by the unmarshaler of the OpenTelemetry Collector.

use super::readers::{entries, exported, filtered, hostile, lines, recordings, show};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The lines of an export, as the collector has them: nothing is lost on the way.
fn collected(file: &Path) -> Vec<Value> {
    let ours = lines(&std::fs::read(file).expect("an export"));
    let theirs = lines(&filtered("read-otlp", file));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs, "the collector reads something else");
    }
    theirs
}

fn spans(lines: &[Value]) -> Vec<&Value> {
    lines
        .iter()
        .flat_map(|line| line["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().expect("spans"))
        .collect()
}

fn attributes(of: &Value) -> HashMap<&str, &Value> {
    let all = of["attributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entries = all.iter().map(|of| {
        let value = of["value"].as_object().expect("a value").values().next().expect("one");
        (of["key"].as_str().expect("a key"), value)
    });
    entries.collect()
}

#[test]
fn the_collector_reads_every_recording_with_all_states_gaps_events_and_marks() {
    let recordings = recordings();
    let exported = exported(&recordings, &["-o", "otlp"]);
    for (recording, file) in recordings.iter().zip(&exported.files) {
        let name = recording.display();
        let lines = collected(file);
        let spans = spans(&lines);
        let ids: HashSet<(&str, &str)> = spans.iter().map(|span| id(span, "spanId")).collect();
        assert_eq!(ids.len(), spans.len(), "{name}: ids are of one span each");
        for span in &spans {
            assert!(span.get("parentSpanId").is_none() || ids.contains(&id(span, "parentSpanId")), "{name}: {span}");
            let nanos =
                |member: &str| span[member].as_str().and_then(|nanos| nanos.parse::<u64>().ok()).expect("a time");
            assert!(nanos("startTimeUnixNano") <= nanos("endTimeUnixNano"), "{name}: {span}");
        }
        let entries = entries(recording, &[]);
        let states = spans.iter().map(|span| attributes(span));
        let states =
            states.filter(|of| of.contains_key("statetrail.seq") && of.contains_key("statetrail.seen")).count();
        assert_eq!(states, entries.iter().filter(|entry| entry.get("to").is_some()).count(), "{name}");
        let count =
            |member: &str| entries.iter().filter(|entry| entry.get(member).is_some_and(|of| !of.is_null())).count();
        let events = spans.iter().map(|span| span["events"].as_array().map_or(0, Vec::len)).sum::<usize>();
        assert_eq!(events, count("evidence") + count("mark") + count("detail"), "{name}");
        for gap in entries.iter().filter(|entry| !entry["gap"].is_null()) {
            let is_it = |span: &&&Value| {
                let of = attributes(span);
                of.get("statetrail.seq").and_then(|seq| seq.as_str()?.parse().ok()) == gap["seq"].as_u64()
                    && of.get("statetrail.reason") == Some(&&gap["gap"]["reason"])
            };
            let span = spans.iter().find(is_it).unwrap_or_else(|| panic!("{name}: {gap}"));
            assert_eq!(span["status"]["code"], 2, "{span}");
        }
    }
}

fn id<'a>(span: &'a Value, member: &str) -> (&'a str, &'a str) {
    (span["traceId"].as_str().expect("an id"), span[member].as_str().expect("an id"))
}

#[test]
fn attributes_are_those_of_the_semantic_conventions() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = hostile(folder.path(), "why");
    let exported = exported(std::slice::from_ref(&recording), &["-o", "otlp"]);
    let lines = collected(&exported.files[0]);
    let pod = lines.iter().find(|line| attributes(&line["resourceSpans"][0]["resource"]).contains_key("k8s.pod.name"));
    let pod = pod.expect("the line of the pod");
    let resource = attributes(&pod["resourceSpans"][0]["resource"]);
    for (key, value) in [("k8s.pod.name", "web"), ("k8s.pod.uid", "u1"), ("k8s.namespace.name", "shop")] {
        assert_eq!(resource.get(key), Some(&&json!(value)), "{key}: {pod:#}");
    }
    let spans = spans(std::slice::from_ref(pod));
    let named =
        |name: &str| spans.iter().find(|span| span["name"] == *name).unwrap_or_else(|| panic!("{name}: {pod:#}"));
    let after = attributes(named("phase: Running"));
    assert_eq!(after["statetrail.beginning"], "not seen");
    assert_eq!(after["statetrail.end"], "open");
    assert!(!after.contains_key("statetrail.dwell_us"));
    let before = attributes(named("phase: Pending"));
    assert_eq!(before["statetrail.dwell_us"], "2000000");
    let gap = named("phase: gap: history expired");
    assert!(gap["status"]["message"].as_str().is_some_and(|text| text.contains("not seen for 2.00s")), "{gap}");
    assert_eq!(show(&recording, &["-o", "otlp"]), show(&recording, &["-o", "otlp"]));
}
