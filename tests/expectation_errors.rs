//! Errors in expectations: each points at the place and says what is meant instead. The texts are what people see.

use statetrail::expectation::{Program, Source, judge_line};

fn line(text: &str) -> String {
    match Program::compile([Source::Line { name: "--expect", text }]) {
        Ok(_) => "compiles".into(),
        Err(error) => error.to_string(),
    }
}

fn document(expect: &str) -> String {
    let text = format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects:\n  vm: {{kind: VirtualMachine, name: a}}\n  \
         pod: {{kind: Pod, ownedBy: vm}}\nexpect:\n{expect}\n"
    );
    match Program::compile([Source::Document { name: "x.yaml", text: &text }]) {
        Ok(_) => "compiles".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn lines_are_told_with_a_caret_and_a_remedy() {
    let lines = [
        "vm/a status: ... -> Runing -> ...",
        "vm/a statu: Running",
        "vn/a status: Running",
        "vm/a status: Running -> Running",
        "vm/a status: (Running){2,}",
        "vm/a status: Starting Running",
        "vm/a status: Starting -> for >=3s",
        "vm/a status: Starting for 3s",
        "vm/a status: Starting for >=3",
        "vm/a status: (Starting -> Running) for >=3s",
        "vm/a status: (Starting -> Running",
        "vm/a status: ((((Running*)*)*)*)",
        "vm/a status: ((((_{1000}){1000}){1000}){1000})",
        "vm/a status: ... -> (_ -> _){1000}",
        "vm/a status: ... -> Running -> _{20} -> Running",
        "vm/a status: never",
        "vm/a status: never Running, Crash",
        "vm/a status: every Starting",
        "vm/a status: count Running",
        "vm/a status: count restart max 2",
        "vm/a status: waiting:ErrImagePull",
        "pod/a phase: Running onlyAfter vmi/a phase: Runing",
        "pod/a condition/Ready: True -> false",
        "pod/a phase: \"Running\"",
        "Running",
        "vm/a status: 'Runing'",
    ];
    let told: Vec<String> = lines.iter().map(|text| format!("{text}\n{}\n", line(text))).collect();
    insta::assert_snapshot!("lines", told.join("\n"));
}

#[test]
fn documents_are_told_with_a_caret_and_a_remedy() {
    let statements = [
        "- {track: vm.status, path: \"... -> Runing -> ...\"}",
        "- {track: vm.status, never: [Running, CrashLopBackOff]}",
        "- {track: vms.status, never: Running}",
        "- {track: pod.phse, never: Failed}",
        "- {track: pod.condition/Ready, always: True}",
        "- {track: pod.condition/Ready, always: [True, Flase]}",
        "- {track: pod.phase, every: Pending, whithin: 30s}",
        "- {track: pod.phase, every: Pending, then: Running, within: 30}",
        "- {track: pod.phase, count: {restart: {max: 2}}}",
        "- {enter: vm.status=Running, onlyAfter: pod.phase=Runing}",
        "- {quiet: [phase, condition/*], after: pod.lifecycle=Deletd}",
        "- {track: pod.phase, graph: {Pending: [Running, Failed], Running: [Suceeded]}}",
        "- {track: pod.phase, path: Running, never: Failed}",
        "- track: vm.status\n  path: >-\n    ... -> Starting\n    -> Runing -> ...",
        "- {track: vm.status, path: [}",
    ];
    let told: Vec<String> = statements.iter().map(|text| format!("{text}\n{}\n", document(text))).collect();
    insta::assert_snapshot!("documents", told.join("\n"));
}

#[test]
fn sketches_are_told_with_a_caret_and_a_remedy() {
    let sketches = [
        "P R",
        "P P |closed",
        "P -> R |closed",
        "P@5 R@3 |closed",
        "P ~5,2~ R |closed",
        "P ~ |closed",
        "P R |clsed",
        "P R |open alive=99",
        "P@x |closed",
        "^ |closed",
        "P R ; S |closed",
    ];
    let told = |sketch: &&str| match judge_line(sketch, "P -> R") {
        Ok(outcome) => format!("{sketch}\nis {}\n", outcome.standing.verdict),
        Err(error) => format!("{sketch}\n{error}\n"),
    };
    insta::assert_snapshot!("sketches", sketches.iter().map(told).collect::<Vec<_>>().join("\n"));
}
