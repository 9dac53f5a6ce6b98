//! `-o perfetto`, read by Perfetto's own schema.

use super::readers::{entries, exported, hostile, read_with_python, recordings, rows, scenario, show};
use serde_json::Value;

const SCRIPT: &str = "read_perfetto.py";

fn array<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> + Clone {
    value[member].as_array().unwrap_or_else(|| panic!("{member} of {value}")).iter()
}

/// Slices and instants of a category, each with its track.
fn of_category<'a>(trace: &'a Value, category: &str) -> Vec<(&'a Value, &'a Value)> {
    let is_of = |event: &&Value| event["category"][0] == category;
    let events = |track: &'a Value| array(track, "slices").chain(array(track, "instants")).filter(is_of);
    array(trace, "tracks").flat_map(|track| events(track).map(move |event| (track, event))).collect()
}

#[test]
fn every_recording_is_a_trace_of_perfettos_schema_with_all_transitions_gaps_events_and_marks() {
    let recordings = recordings();
    let exported = exported(&recordings, &["-o", "perfetto"]);
    for (recording, trace) in recordings.iter().zip(read_with_python(SCRIPT, &exported.files)) {
        let name = recording.display();
        let entries = entries(recording, &[]);
        let count =
            |member: &str| entries.iter().filter(|entry| entry.get(member).is_some_and(|of| !of.is_null())).count();
        let states = of_category(&trace, "state");
        let entered = states.iter().filter(|(_, state)| state["arguments"].get("seq").is_some()).count();
        assert_eq!(entered, entries.iter().filter(|entry| entry.get("to").is_some()).count(), "{name}");
        assert_eq!(of_category(&trace, "event").len(), count("evidence"), "{name}");
        assert_eq!(of_category(&trace, "mark").len(), count("mark"), "{name}");
        assert_eq!(of_category(&trace, "detail").len(), count("detail"), "{name}");
        let gaps = of_category(&trace, "gap");
        for gap in entries.iter().filter(|entry| !entry["gap"].is_null()) {
            let is_it = |(_, slice): &(&Value, &Value)| {
                slice["arguments"]["seq"] == gap["seq"] && slice["arguments"]["reason"] == gap["gap"]["reason"]
            };
            assert!(gaps.iter().any(is_it), "{name}: {gap}");
        }
    }
}

#[test]
fn slices_are_as_long_as_the_stays_that_were_measured() {
    let recordings = recordings();
    let exported = exported(&recordings, &["-o", "perfetto"]);
    let mut measured = 0;
    for (recording, trace) in recordings.iter().zip(read_with_python(SCRIPT, &exported.files)) {
        let states = of_category(&trace, "state");
        for row in rows(recording).iter().filter(|row| !row["dwellSeconds"].is_empty()) {
            let is_it = |(track, state): &&(&Value, &Value)| {
                let path = track["path"].as_array().expect("a path");
                state["arguments"]["seq"].as_u64() == row["seq"].parse().ok()
                    && path.last().is_some_and(|track| *track == row["track"])
                    && path[path.len() - 2].as_str().is_some_and(|name| name.split(' ').next() == Some(&row["name"]))
                    && path[path.len() - 3] == row["kind"]
            };
            let (_, state) = states.iter().find(is_it).unwrap_or_else(|| panic!("{}: {row:?}", recording.display()));
            let micros: u64 = row["dwellSeconds"].replace('.', "").parse().expect("seconds");
            assert_eq!(state["arguments"]["dwell_us"], micros, "{state}");
            let length = state["to"].as_u64().map_or(0, |to| to - state["at"].as_u64().expect("a time"));
            assert_eq!(length, micros * 1000, "{state}");
            measured += 1;
        }
    }
    assert!(measured > 500, "{measured}");
}

#[test]
fn what_was_not_seen_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = hostile(folder.path(), "why");
    let exported = exported(&[recording], &["-o", "perfetto"]);
    let trace = &read_with_python(SCRIPT, &exported.files)[0];
    let of_phase = |category: &str| -> Vec<&Value> {
        let found = of_category(trace, category).into_iter();
        found
            .filter(|(track, _)| track["path"] == serde_json::json!(["shop", "Pod", "web", "phase"]))
            .map(|(_, it)| it)
            .collect()
    };
    let states = of_phase("state");
    let names: Vec<_> = states.iter().map(|state| state["name"].as_str().unwrap_or_default()).collect();
    assert_eq!(names, ["Pending", "Oddwhy", "Running"], "{trace:#}");
    assert_eq!(states[0]["arguments"]["dwell_us"], 2_000_000, "{trace:#}");
    assert_eq!(states[1]["arguments"]["end"], "gap", "{trace:#}");
    assert_eq!(states[1]["arguments"].get("dwell_us"), None, "{trace:#}");
    assert_eq!(states[2]["arguments"]["beginning"], "not seen", "{trace:#}");
    assert_eq!(states[2]["to"], Value::Null, "it is not over: {trace:#}");
    let gaps = of_phase("gap");
    assert_eq!(gaps.len(), 1, "{trace:#}");
    assert_eq!(gaps[0]["name"], "gap: history expired", "{trace:#}");
    let marks = of_category(trace, "mark");
    assert_eq!(marks[0].0["path"], serde_json::json!(["recording"]));
}

#[test]
fn the_same_recording_gives_the_same_bytes_and_selectors_work() {
    let recording = scenario("vm-imagepull");
    let whole = show(&recording, &["-o", "perfetto"]);
    assert_eq!(whole, show(&recording, &["-o", "perfetto"]));
    let exported = exported(&[recording], &["pods", "--track", "status", "-o", "perfetto"]);
    let trace = &read_with_python(SCRIPT, &exported.files)[0];
    let states = of_category(trace, "state");
    assert!(!states.is_empty());
    for (track, _) in states {
        assert_eq!((&track["path"][1], &track["path"][3]), (&"Pod".into(), &"status".into()));
    }
}
