//! The schema for editors: it accepts every document that compiles and rejects malformed ones.

use serde_json::Value;
use statetrail::expectation::{Program, Source};
use std::path::Path;
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../docs/schema/expectation-v1.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

fn compiles(text: &str) -> bool {
    Program::compile([Source::Document { name: "x.yaml", text }]).is_ok()
}

/// The schema's errors for the documents of a text.
fn objections(text: &str) -> Vec<String> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents.iter().flat_map(|document| SCHEMA.iter_errors(document).map(|error| error.to_string())).collect()
}

fn with(part: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects:\n  vm: {{kind: VirtualMachine, name: a}}\n  \
         pod: {{kind: Pod, ownedBy: vm}}\n  event: {{kind: Event, about: pod, quantify: any}}\n{part}\n"
    )
}

fn statement(statement: &str) -> String {
    with(&format!("expect: [{statement}]"))
}

const STATEMENTS: &[&str] = &[
    "{track: vm.status, path: \"... -> Running -> ...\"}",
    "{track: vm.status, never: Running}",
    "{track: vm.status, never: \"Running, Paused\"}",
    "{track: pod.condition/Ready, always: True}",
    "{track: pod.condition/Ready, always: [True, Unknown]}",
    "{track: pod.phase, every: Pending, then: [Running, Failed], within: 1m 30s, min: 0}",
    "{track: pod.phase, every: Pending, then: Running}",
    "{track: pod.phase, every: Pending, then: Running, within: 3s..10s}",
    "{track: pod.phase, every: Pending, then: Running, within: 1m 30s .. 2m}",
    "{track: pod.phase, every: Pending, then: Running, within: 1.5s..}",
    "{track: pod.container/app, count: {restart: {max: 2}}}",
    "{track: pod.phase, count: {\"Running, Failed\": {min: 1, max: \"3\"}}}",
    "{track: pod.phase, graph: {Pending: [Running, Failed], Running: Succeeded, Failed: }}",
    "{enter: vm.status=Running, onlyAfter: \"pod.phase=Running, Failed\"}",
    "{track: pod.phase, never: [Failed, Succeeded], while: vm.status=Running}",
    "{track: pod.phase, always: Running, while: \"vm.condition/Ready=True\"}",
    "{quiet: [phase, condition/*], after: pod.lifecycle=Deleted}",
    "{quiet: phase, after: pod.lifecycle=Deleted}",
    "{all: [{track: vm.status, never: Running}]}",
    "{any: [{track: vm.status, never: Running}, {not: {track: pod.phase, always: Failed}}]}",
    "{track: event.reason, never: [FailedScheduling, _/Warning]}",
    "{track: vm.fails, always: [\"<=3\", \">=10.5\", 7]}",
    "{track: vm.fails, graph: {\"<=3\": \">3\"}}",
    "{enter: vm.fails=>3, onlyAfter: pod.phase=Running}",
    "{enter: vm.fails=\">3\", onlyAfter: pod.phase=Running}",
];

const PARTS: &[&str] = &[
    "requires: {kubernetes: \">=1.30 <1.33\", kubevirt: {version: \">=1.4\", featureGates: {A: true, B: false}}}",
    "requires: {kubernetes: 1.30, kubevirt: \">=1.8\", containerRuntime: \"cri-o >=1.31\", architecture: arm64, kinds: [vm, Pod]}",
    "requires: {kinds: vm}",
    "assume: [restart-count-exact]",
    "assume: restart-count-exact",
    "sometimes: true",
    "sometimes: \"false\"",
    "window: {from: created, until: {mark: done}, max: 15m}",
    "window: {from: {time: 2026-01-31T12:00:00Z}, until: end}",
    "window: {from: attached}",
];

#[test]
fn what_compiles_matches_the_schema() {
    let statements = STATEMENTS.iter().map(|text| statement(text));
    let parts = PARTS.iter().map(|part| format!("{part}\n{}", statement(STATEMENTS[0])));
    let subjects = [
        "{kind: pod, namespace: n, labels: {app: web, tier: 1}, quantify: each, min: 2, max: 3}",
        "{kind: StatefulSet, group: apps, name: 7, labels: \"app=web,!canary\", quantify: any, min: 0}",
        "{kind: vm, name: a, quantify: first}",
        "{kind: vm, name: a, life: last, min: 0}",
        "{kind: vm, name: a, life: 2}",
        "{kind: vm, uid: 7a1c, born: window}",
    ];
    let subjects = subjects.iter().map(|subject| {
        format!(
            "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: 1, labels: {{a: b}}}}\nsubjects: {{s: {subject}}}\n\
             expect: {{track: s.lifecycle, never: Deleted}}\n"
        )
    });
    for text in statements.chain(parts).chain(subjects) {
        assert!(compiles(&text), "does not compile:\n{text}");
        assert_eq!(objections(&text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_example_of_the_documents_and_the_scenarios_matches_the_schema() {
    let mut tried = 0;
    let mut check = |text: &str| {
        assert_eq!(objections(text), Vec::<String>::new(), "{text}");
        tried += 1;
    };
    let others = [include_str!("../../docs/COOKBOOK.md"), include_str!("../../docs/PATTERNS.md")];
    for page in [include_str!("../../docs/EXPECTATIONS.md"), include_str!("../../README.md")].into_iter().chain(others)
    {
        let blocks = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
        blocks.filter(|block| block.contains("kind: Expectation")).for_each(&mut check);
    }
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|name| name == "yaml" || name == "yml") {
                let text = std::fs::read_to_string(&path).unwrap();
                if compiles(&text) {
                    check(&text);
                }
            }
        }
    }
    assert!(tried > 0);
}

#[test]
fn malformed_documents_neither_match_the_schema_nor_compile() {
    let statements = [
        "{track: vm.status}",
        "{never: Running}",
        "{track: vm.status, nevr: Running}",
        "{track: vm.status, never: Running, always: Paused}",
        "{track: vm.status, never: []}",
        "{track: vm.status, never: {a: b}}",
        "{track: vm.status, path: [Running]}",
        "{track: pod.phase, every: Pending}",
        "{track: pod.phase, every: Pending, then: Running, within: 30}",
        "{track: pod.phase, every: Pending, then: Running, within: ..10s}",
        "{track: pod.phase, every: Pending, then: Running, within: 3..10s}",
        "{track: pod.phase, every: Pending, then: Running, within: \">=3s\"}",
        "{track: pod.phase, every: Pending, then: Running, min: -1}",
        "{track: pod.phase, every: Pending, then: Running, after: pod.phase=Failed}",
        "{track: pod.phase, count: Running}",
        "{track: pod.phase, count: {Running: {}}}",
        "{track: pod.phase, count: {Running: {min: 1}, Failed: {max: 0}}}",
        "{track: pod.phase, count: {Running: {least: 1}}}",
        "{track: pod.phase, graph: [Pending]}",
        "{track: pod.phase, graph: {}}",
        "{enter: vm.status=Running}",
        "{enter: vm.status, onlyAfter: pod.phase=Running}",
        "{quiet: [phase]}",
        "{quiet: [], after: pod.phase=Failed}",
        "{all: []}",
        "{any: [{track: vm.status, never: Running}], track: vm.status}",
        "{not: 7}",
        "7",
    ];
    let parts = [
        "requires: {kubernets: \">=1.30\"}",
        "requires: {kubevirt: {featureGates: {A: perhaps}}}",
        "assume: [something]",
        "window: {from: birth}",
        "window: {until: {mark: a, time: 2026-01-31T12:00:00Z}}",
        "window: {until: {}}",
        "window: {max: 5}",
        "window: 5m",
        "extra: 1",
        "expect: []",
        "expect:",
    ];
    let good = STATEMENTS[0];
    let whole = |head: &str, subjects: &str| {
        format!("{head}\nsubjects: {subjects}\nexpect: [{{track: s.phase, never: Failed}}]\n")
    };
    let head = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}";
    let documents = [
        whole("kind: Expectation\nmetadata: {name: x}", "{s: {kind: pod}}"),
        whole("apiVersion: statetrail/v2\nkind: Expectation\nmetadata: {name: x}", "{s: {kind: pod}}"),
        whole("apiVersion: statetrail/v1\nkind: Expect\nmetadata: {name: x}", "{s: {kind: pod}}"),
        whole("apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {nam: x}", "{s: {kind: pod}}"),
        whole(head, "{}"),
        whole(head, "[s]"),
        whole(head, "{s: {name: a}}"),
        whole(head, "{s.t: {kind: pod}}"),
        whole(head, "{s: {kind: pod, quantify: all}}"),
        whole(head, "{s: {kind: pod, min: few}}"),
    ];
    let statements = statements.iter().map(|text| statement(text));
    let parts = parts
        .iter()
        .map(|part| if part.starts_with("expect") { with(part) } else { format!("{part}\n{}", statement(good)) });
    for text in statements.chain(parts).chain(documents) {
        assert!(!objections(&text).is_empty(), "the schema takes:\n{text}");
        assert!(!compiles(&text), "compiles:\n{text}");
    }
}
