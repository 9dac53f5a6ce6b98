//! `-o mermaid`, read by Mermaid's own parser.

use super::readers::{entries, exported, hostile, read, recordings, scenario, show};
use serde_json::Value;
use std::collections::BTreeMap;

fn diagrams(files: &[std::path::PathBuf]) -> Vec<Value> {
    let read = read("read-mermaid", &[], files);
    assert_eq!(read.len(), files.len());
    read
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The edges of a diagram, by the first lines of their states.
fn edges(diagram: &Value) -> BTreeMap<(String, String), u64> {
    let states = diagram["states"].as_array().expect("states");
    let name = |id: &Value| {
        let state = states.iter().find(|state| state["id"] == *id);
        state
            .map(|state| text(&state["lines"][0]).to_owned())
            .filter(|name| !name.is_empty())
            .unwrap_or("[*]".to_owned())
    };
    let edges = diagram["edges"].as_array().expect("edges").iter();
    edges
        .map(|edge| ((name(&edge["from"]), name(&edge["to"])), text(&edge["label"]).parse().expect("a count")))
        .collect()
}

#[test]
fn mermaid_parses_the_diagram_of_every_recording() {
    let recordings = recordings();
    let exported = exported(&recordings, &["-o", "mermaid"]);
    let drawn = diagrams(&exported.files);
    assert!(drawn.iter().filter(|diagram| !diagram["edges"].as_array().expect("edges").is_empty()).count() > 20);
}

#[test]
fn each_transition_is_counted_at_one_edge() {
    let recordings = recordings();
    let whole = |recording: &&std::path::PathBuf| entries(recording, &[]).iter().all(|entry| entry["gap"].is_null());
    // In one of them nothing is recorded but that a feature is missing.
    let has_track =
        |recording: &&std::path::PathBuf| entries(recording, &[]).iter().any(|entry| entry["track"].is_string());
    let whole: Vec<_> = recordings.iter().filter(whole).filter(has_track).cloned().collect();
    assert!(whole.len() > 10, "{whole:?}");
    let exported = exported(&whole, &["-o", "mermaid", "--track", "*"]);
    for (recording, diagram) in whole.iter().zip(diagrams(&exported.files)) {
        let states = diagram["states"].as_array().expect("states");
        let is_end =
            |id: &Value| states.iter().any(|state| state["id"] == *id && state["lines"] == serde_json::json!([]));
        let edges = diagram["edges"].as_array().expect("edges");
        let counts = edges.iter().filter(|edge| !is_end(&edge["to"])).map(|edge| text(&edge["label"]).parse::<usize>());
        let counted: usize = counts.map(|count| count.expect("a count")).sum();
        let transitions = entries(recording, &["--track", "*"]);
        let transitions = transitions.iter().filter(|entry| entry.get("to").is_some()).count();
        assert_eq!(counted, transitions, "{}", recording.display());
    }
}

#[test]
fn the_states_of_a_subject_are_a_diagram() {
    let shown = show(&scenario("crash-loop"), &["pods", "-o", "mermaid"]);
    insta::assert_snapshot!(String::from_utf8(shown).expect("UTF-8"));
}

#[test]
fn a_gap_is_a_state_between_those_before_and_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = hostile(folder.path(), ": ;");
    let exported = exported(&[recording], &["-o", "mermaid", "--track", "phase"]);
    let diagram = &diagrams(&exported.files)[0];
    let edges = edges(diagram);
    let has = |from: &str, to: &str| edges.get(&(from.to_owned(), to.to_owned())).copied();
    assert_eq!(has("Odd: ;", "not seen"), Some(1), "{diagram:#}");
    assert_eq!(has("not seen", "Running"), Some(1), "{diagram:#}");
    assert_eq!(has("Odd: ;", "Running"), None, "{diagram:#}");
    let states = diagram["states"].as_array().expect("states");
    let odd = states.iter().find(|state| state["lines"][0] == "Odd: ;").expect("the state");
    assert_eq!(odd["lines"][1], "1 not measured", "{odd}");
    let unseen = states.iter().find(|state| state["lines"][0] == "not seen").expect("the gap");
    assert!(unseen["classes"].as_array().expect("classes").contains(&"unseen".into()), "{unseen}");
}

#[test]
fn text_of_others_is_shown_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    for text in
        ["\"<b>&amp;#35;", "%%{init: {'theme': 'dark'}}%%", "--> [*] : {}", "`**x**` 1. ~a_b_c", "---", "ﬂ°°35¶ß"]
    {
        let recording = hostile(folder.path(), text);
        let exported = exported(&[recording], &["-o", "mermaid", "--track", "phase"]);
        let diagram = &diagrams(&exported.files)[0];
        let states = diagram["states"].as_array().expect("states");
        let wanted = format!("Odd{text}");
        assert!(states.iter().any(|state| state["lines"][0] == *wanted), "{text}: {diagram:#}");
    }
}
