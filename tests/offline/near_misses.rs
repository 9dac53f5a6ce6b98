//! What is nearly right: misspelt words, the syntax of documents in lines and of lines in documents, values that YAML
//! does not read as text, bounds that bound nothing. Each error says which, and what to write.

use super::expectation_errors::{document_with, line};
use statetrail::expectation::judge_line;

fn document(expect: &str) -> String {
    document_with("vmi: {kind: VirtualMachineInstance, ownedBy: vm}", expect)
}

fn shown(texts: &[&str], error: impl Fn(&str) -> String) -> String {
    texts.iter().map(|text| format!("{text}\n{}\n", error(text))).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_misspelt_subject_or_track_is_named() {
    let lines = [
        "vm/a status ... -> Running",
        "vm/a status : ... -> Running",
        "vm/a: ... -> Running",
        "status: ... -> Running",
        "vm.status: ... -> Running",
        "vn/a status: ... -> Running",
        "vm-a status: ... -> Running",
        "web status: ... -> Running",
        "vm/a statu: ... -> Running",
        "pod/a restarts: never 3",
        "vmi/a condition/*: never False",
        "vm/a status: never Running while vmi/a condition/*: False",
    ];
    insta::assert_snapshot!("subjects", shown(&lines, line));
}

#[test]
fn a_misspelt_word_of_the_language_is_named() {
    let lines = [
        "vm/a status: nevr Paused",
        "vm/a status: Never Paused",
        "vm/a status: alwas Running",
        "vm/a status: evry Starting then Running",
        "vm/a status: every Starting than Running",
        "vm/a status: every Starting then Running wihtin 30s",
        "vm/a status: (Starting -> Running) wihtin 30s",
        "vm/a status: never Running whlie vmi/a phase: Failed",
        "vm/a status: Running onlyafter vmi/a phase: Running",
        "vm/a status: Running only after vmi/a phase: Running",
        "vm/a status: everyafter vmi/a phase: Running",
        "vmim/a target: sameas vmi/a node",
        "vmim/a target: same vmi/a node",
        "vm/a status: quite after Running",
        "vm/a status: count Running at least 2",
        "vm/a status: ... -> Running -> ... and never Paused",
        "vm/a status: not never Paused",
        "vm/a status: Starting - Running",
        "pod/a container/app: ... -> Error(137)",
    ];
    insta::assert_snapshot!("words", shown(&lines, line));
}

#[test]
fn a_subject_that_nothing_is_about_does_not_compile() {
    let text = document_with("pod: {kind: Pod, min: 3}", "- {track: vm.status, never: Paused}");
    assert!(text.contains("no statement is about subject `pod`"), "{text}");
    // Those that own another one restrict it.
    let text = document_with("pod: {kind: Pod, ownedBy: vm}", "- {track: pod.phase, never: Failed}");
    assert_eq!(text, "compiles");
}

#[test]
fn within_of_one_state_bounds_nothing() {
    let lines = [
        "vm/a status: Starting -> Running within 1ms",
        "vm/a status: Starting -> ... -> Running within 1ms",
        "vm/a status: ... -> Running within 1ms",
        "vm/a status: Starting -> (Running | Paused) within 1ms",
        "vm/a status: Starting -> Running? within 1ms..2ms",
        "vm/a status: (Starting -> Running) within 5s for >=1s",
    ];
    insta::assert_snapshot!("within", shown(&lines, line));
    for text in ["vm/a status: Starting -> (Running -> Paused) within 1s", "vm/a status: Starting -> ... within 1s"] {
        assert_eq!(line(text), "compiles", "{text}");
    }
}

#[test]
fn the_syntax_of_a_document_in_a_line_is_named() {
    let lines = [
        "vm/a status: never Running while vmi.phase=Failed",
        "vm/a status: never Running while vmi/a.phase!=Failed",
        "vm/a status: Running onlyAfter vmi.condition/Ready=True",
        "vm.status=Running onlyAfter vmi/a phase: Running",
    ];
    insta::assert_snapshot!("document_in_line", shown(&lines, line));
}

#[test]
fn near_misses_in_documents_are_named() {
    let statements = [
        "- {track: vm.status, every: Starting, onlyAfter: vmi.phase=Running}",
        "- {enter: vm.status=Running, every: Running, onlyAfter: vmi.phase=Running}",
        "- {track: vm.status, never: Running, while: vmi.phase!=Running}",
        "- {track: vm.status, never: Running, while: \"vmi.restarts>=3\"}",
        "- {track: vm.status, every: Starting, then: vm.status Running}",
        "- {track: vm.status, every: Starting, then: \"vmi.phase: Running\"}",
        "- {track: vm.status, never: Running while vmi.phase=Running}",
        "- {track: vm.status, path: never Running}",
        "- {track: vm status, never: Running}",
        "- {track: vm.status, sameAs: vmi/a phase}",
        "- vm/a status: never Running",
        "- \"vm/a status: never Running\"",
        "- {track: vm.status, path: }",
        "- {track: vm.status, path: [Running]}",
        "- {track: vm.status, path: {Running: Paused}}",
    ];
    insta::assert_snapshot!("statements", shown(&statements, document));
}

#[test]
fn values_that_yaml_does_not_read_as_text_are_named_with_their_key() {
    let statements = [
        "- {track: vm.status, path: > Running}",
        "- track: vm.status\n  path: >Running",
        "- track: vm.status\n  path: | Running",
        "- track: vm.status\n  path: *Running",
        "- track: vm.status\n  path: & Running",
        "- track: vm.status\n  path: @Running",
        "- track: vm.status\n  path: - Running",
        "- track: vm.status\n  path: ... -> Running: x",
        "- track: vm.status\n  path: [Running, Paused] -> Stopped",
        "- track: vm.status\n  path: \"Running\" -> Stopped",
        "- track: vm.status\n  path: \"... -> Running\n  never: Paused",
        "- track: vm.status\n   path: Running",
        "- track: vm.status\n\tpath: Running",
        "- {track: vm.status, path: Starting -> [Running, Paused]}",
        "- {track: vm.status path: Running}",
    ];
    insta::assert_snapshot!("yaml", shown(&statements, document));
}

#[test]
fn a_sketch_that_names_no_track_says_so() {
    let sketches = [
        "^vmi/a phase: Running |closed",
        "^ vmi/a phase: Running |closed",
        "vmi a phase: Running |closed",
        "Running |closed",
    ];
    let error = |sketch: &str| match judge_line(sketch, "vmi/a phase: never Failed") {
        Ok(outcome) => outcome.standing.verdict.to_string(),
        Err(error) => error.to_string(),
    };
    insta::assert_snapshot!("sketches", shown(&sketches, error));
}
