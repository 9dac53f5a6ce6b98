//! Errors in expectations: each shows its place and a remedy. The snapshots are the text that users see.

use statetrail::expectation::{Program, Source, judge_line};
use std::fmt::Write as _;

/// What is said of a line.
pub(crate) fn line(text: &str) -> String {
    match Program::compile([Source::Line { name: "--expect", text }]) {
        Ok(_) => "compiles".into(),
        Err(error) => error.to_string(),
    }
}

fn document(expect: &str) -> String {
    document_with("pod: {kind: Pod, ownedBy: vm}", expect)
}

/// What is said of a document with the subject `vm` and another one.
pub(crate) fn document_with(subject: &str, expect: &str) -> String {
    let text = format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects:\n  \
         vm: {{kind: VirtualMachine, name: a}}\n  {subject}\nexpect:\n{expect}\n"
    );
    match Program::compile([Source::Document { name: "x.yaml", text: &text }]) {
        Ok(_) => "compiles".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn errors_in_lines_have_a_caret_and_a_remedy() {
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
        "vm/a status:",
        "vm/a/b/c status: Running",
        "vm/ status: Running",
        "pods/a container: Running",
        "pod/a container/: Running",
        "Podd/a phase: Running",
        "vm/a status: ... Running",
        "vm/a status: Running ->",
        "vm/a status: -> Running",
        "vm/a status: Running | ",
        "vm/a status: ()",
        "vm/a status: Running]",
        "vm/a status: [Running",
        "vm/a status: [Running, _]",
        "vm/a status: !!Running",
        "vm/a status: never !Running, Paused",
        "vm/a status: Running{0}",
        "vm/a status: Running?+",
        "vm/a status: ...*",
        "vm/a status: (Starting -> Running){3,2}",
        "vm/a status: (Starting -> Running){1001}",
        "vm/a status: (Starting -> Running){x}",
        "vm/a status: (Starting -> Running){2",
        "vm/a status: Starting for <0s",
        "vm/a status: Starting for >=1s for <3s",
        "vm/a status: Starting within 5s for >=1s",
        "vm/a status: Starting within",
        "vm/a status: Starting for 10s..3s",
        "vm/a status: Starting for 0s..",
        "vm/a status: Starting for <3s..",
        "vm/a status: Starting for >=3s..10s",
        "vm/a status: Starting for 3s..x",
        "vm/a status: Starting for 3s .. 10s",
        "vm/a status: (Starting -> Running) within >=3s",
        "vm/a status: (Starting -> Running) within <10s",
        "vm/a status: (Starting -> Running) within 3s..1s",
        "vm/a status: Starting -> Running within 3s..",
        "vm/a status: every Starting then Running within >3s",
        "vm/a status: every Starting then Running within 0s..",
        "vm/a status: Starting for >=1h30",
        "vm/a status: Starting for >=1ns",
        "vm/a status: Starting for >=99999999999h",
        "vm/a status: 'Running",
        "vm/a status: Starting → Running",
        "vm/a status: Starting … Running",
        "vm/a status: Starting -> Running & never Paused",
        "vm/a status: every Starting then Running within 5",
        "vm/a status: every Starting then Running min x",
        "vm/a status: count Running min 3 max 2",
        "vm/a status: count Running min 0",
        "vm/a status: quiet Running",
        "vm/a status: onlyAfter Running",
        "vm/a status: Starting -> Running onlyAfter Paused",
        "vm/a status: Running onlyAfter",
        "vm/a status: Running while pod/a phase: Running",
        "vm/a status: never Running while",
        "vm/a status: never Running while pod/a phase: Runing",
        "vm/a status: never Running while vm/a status: Paused",
        "vm/a status: never Running while Paused",
        "vm/a status: every Running after pod/a phase: Runing",
        "vm/a status: every Running after Starting",
        "vm/a status: every Running then pod/a phase: Running within",
        "vm/a status: same as pod/a",
        "vm/a status: same as vm/a status",
        "vm/a status: every Running after pod/a phase Running",
        "vm/a status: always Running while pod/a phase Running",
        "vm/a status: waiting:",
        "pod/a lifecycle: Delete",
        "vmi/a migration: Succeded",
        "vmim/a phase: Runing",
    ];
    let shown: Vec<String> = lines.iter().map(|text| format!("{text}\n{}\n", line(text))).collect();
    insta::assert_snapshot!("lines", shown.join("\n"));
}

#[test]
fn what_no_source_tells_cannot_be_expected() {
    let said = line("podmanimage/a lifecycle: never Deleted");
    assert!(said.contains("nothing can be expected of track `lifecycle` of PodmanImage"), "{said}");
}

#[test]
fn errors_about_placeholders_have_a_caret_and_a_remedy() {
    let lines = [
        "vmi/a node: ... -> $home -> !$home+ -> $home",
        "vmi/a phase: ($phase -> Running){2}",
        "vmi/a node: ... -> $home -> ...",
        "vmi/a node: $home -> $other -> $home",
        "vmi/a node: $home -> $home",
        "vmi/a node: $home/x -> ... -> $home",
        "vmi/a node: $home.2 -> ... -> $home",
        "vmi/a node: $home -> $ -> $home",
        "vmi/a node: $home $home",
        "pod/a container/app: waiting:$state -> ... -> $state",
        "vmi/a node: $home -> ~'^node' -> $home",
        "vmi/a node: $home -> >3 -> $home",
        "vmi/a node: never $home",
        "vmi/a node: every $home then 'node01'",
        "vmi/a node: $home onlyAfter vmi/a phase: Running",
        "vmi/a node: never 'node01' while vmi/a phase: $phase",
        "vmi/a node: '$home' -> 'node01'",
    ];
    let shown: Vec<String> = lines.iter().map(|text| format!("{text}\n{}\n", line(text))).collect();
    insta::assert_snapshot!("placeholders", shown.join("\n"));
}

#[test]
fn errors_in_statements_have_a_caret_and_a_remedy() {
    let statements = [
        "- {track: vm.status, path: \"... -> Runing -> ...\"}",
        "- {track: vm.status, never: [Running, CrashLopBackOff]}",
        "- {track: vms.status, never: Running}",
        "- {track: pod.phse, never: Failed}",
        "- {track: pod.condition/Ready, always: True}",
        "- {track: pod.condition/Ready, always: [True, Flase]}",
        "- {track: pod.phase, every: Pending, whithin: 30s}",
        "- {track: pod.phase, every: Pending, within: 30s}",
        "- {track: pod.phase, every: Pending, then: Running, within: 30}",
        "- {track: pod.phase, every: Pending, then: Running, within: 10s..3s}",
        "- {track: pod.phase, every: Pending, then: Running, within: ..10s}",
        "- {track: pod.phase, every: Pending, then: Running, within: \">=3s\"}",
        "- {track: pod.phase, every: Pending, then: Running, within: 0s..}",
        "- {track: pod.phase, count: {restart: {max: 2}}}",
        "- {enter: vm.status=Running, onlyAfter: pod.phase=Runing}",
        "- {quiet: [phase, condition/*], after: pod.lifecycle=Deletd}",
        "- {track: pod.phase, graph: {Pending: [Running, Failed], Running: [Suceeded]}}",
        "- {track: pod.phase, graph: {Pending: [Pending, Running]}}",
        "- {track: pod.container/app, graph: {\"waiting:Error\": [\"waiting:Error\"]}}",
        "- {track: pod.container/app, graph: {Error: [Error]}}",
        "- {track: pod.phase, graph: [Pending]}",
        "- {track: pod.phase, graph: {\"!Pending\": [Running]}}",
        "- {track: pod.phase, path: Running, never: Failed}",
        "- {track: pod.phase}",
        "- {never: Failed}",
        "- {track: phase, never: Failed}",
        "- {track: pod.phase, every: Pending, then: Running, after: Failed}",
        "- {track: pod.phase, count: {Running: {min: 2, max: 1}}}",
        "- {track: pod.phase, count: {Running: {}}}",
        "- {track: pod.phase, count: Running}",
        "- {track: pod.phase, count: {Running: {min: many}}}",
        "- {enter: vm.status=Running}",
        "- {enter: vm.status, onlyAfter: pod.phase=Running}",
        "- {track: vm.status, never: Running, while: pod.phase}",
        "- {track: vm.status, always: Running, while: vm.status=Paused}",
        "- {track: vm.status, every: Running, after: Starting}",
        "- {track: vm.status, every: Running, after: pod.phase=Running, within: 3s}",
        "- {track: vm.status, every: Running, after: pod.phase=Running, then: pod.phase=Failed}",
        "- {track: vm.status, every: Running, then: pods.phase=Running}",
        "- {track: vm.status, sameAs: vm.status}",
        "- {track: vm.status, sameAs: pod.phase=Running}",
        "- {track: vm.status, sameAs: pod}",
        "- {track: vm.status, sameAs: pod/phase}",
        "- {track: vm.status, every: Running, after: pod.condition/Ready}",
        "- {track: vm.status, never: ! Running}",
        "- {track: vm.status, path: !Running+ -> Running}",
        "- {track: vm.status, path: Running, while: pod.phase=Running}",
        "- {quiet: [phase]}",
        "- {quiet: [vm.status], after: pod.lifecycle=Deleted}",
        "- {not: {}}",
        "- all: []",
        "- any:\n  - {track: pod.phase, never: Faild}\n  - {track: vm.status, nevr: Running}",
        "- track: vm.status\n  path: >-\n    ... -> Starting\n    -> Runing -> ...",
        "- {track: vm.status, path: \"$a -> $b -> $a\"}",
        "- {track: vm.status, graph: {$a: [Running]}}",
        "- {track: vm.status, count: {$a: {max: 2}}}",
        "- {enter: vm.status=$a, onlyAfter: pod.phase=Running}",
        "- {track: vm.status, path: [}",
        "- {track: vm.status, path: [Running]}",
        "- 7",
    ];
    let shown: Vec<String> = statements.iter().map(|text| format!("{text}\n{}\n", document(text))).collect();
    insta::assert_snapshot!("documents", shown.join("\n"));
}

#[test]
fn errors_in_documents_have_a_caret_and_a_remedy() {
    const HEAD: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\n";
    const BODY: &str = "subjects: {vm: {kind: vm, name: a}}\nexpect: [{track: status, never: Paused}]\n";
    let documents = [
        String::new(),
        "7\n".to_owned(),
        BODY.to_owned(),
        format!("apiVersion: statetrail/v2\nkind: Expect\nmetadata: {{nam: x}}\n{BODY}"),
        format!("{HEAD}expect: []\n"),
        format!("{HEAD}subjects: {{vm: {{kind: vm}}}}\n"),
        format!("{HEAD}subjects: [vm]\nexpect: []\n"),
        format!("{HEAD}subjects: {{a.b: {{kind: vm}}}}\nexpect: []\n"),
        format!("{HEAD}subjects: {{vm: {{name: a}}}}\nexpect: []\n"),
        format!("{HEAD}subjects: {{vm: {{kind: vm, ownedBy: vmm}}, pod: {{kind: pod, ownedBy: pod}}}}\nexpect: []\n"),
        format!("{HEAD}subjects: {{vm: {{kind: vm, quantify: every, min: 3, max: 2, labels: \"=x\"}}}}\nexpect: []\n"),
        format!("{HEAD}window: {{from: creation, until: ende, max: 5}}\n{BODY}"),
        format!("{HEAD}window: {{from: {{enter: vm.status=$a}}}}\n{BODY}"),
        format!("{HEAD}window: {{from: {{time: noon}}, until: {{mrk: x}}}}\n{BODY}"),
        format!("{HEAD}requires: {{kubernetes: \">=x\", kubvirt: 1, containerRuntime: \"cri-o new\"}}\n{BODY}"),
        format!("{HEAD}requires: {{facts: {{crictl: \">>1\", \"a b\": x, runc: []}}}}\n{BODY}"),
        format!("{HEAD}requires: {{kubevirt: {{featureGates: {{A: perhaps}}}}}}\n{BODY}"),
        format!("{HEAD}assume: [restart-counts-exact]\n{BODY}"),
    ];
    let shown = documents.iter().map(|text| match Program::compile([Source::Document { name: "x.yaml", text }]) {
        Ok(_) => format!("{text}\ncompiles\n"),
        Err(error) => format!("{text}\n{error}\n"),
    });
    insta::assert_snapshot!("whole_documents", shown.collect::<Vec<_>>().join("\n"));
}

#[test]
fn diagnostics_of_one_long_line_are_bounded() {
    let text = format!("{{{}}}", "k: v, ".repeat(150_000));
    let Err(error) = Program::compile([Source::Document { name: "x.yaml", text: &text }]) else { panic!("compiles") };
    assert!(error.0.len() <= 100, "{} faults", error.0.len());
    assert!(error.0.iter().all(|shown| shown.text.len() <= 4_096));
    let documents = "k: v\n---\n".repeat(60_000);
    let Err(error) = Program::compile([Source::Document { name: "x.yaml", text: &documents }]) else {
        panic!("compiles")
    };
    assert!(error.0.len() <= 200, "{} faults", error.0.len());
}

#[test]
fn errors_in_sketches_have_a_caret_and_a_remedy() {
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
    let shown = |sketch: &&str| match judge_line(sketch, "P -> R") {
        Ok(outcome) => format!("{sketch}\nis {}\n", outcome.standing.verdict),
        Err(error) => format!("{sketch}\n{error}\n"),
    };
    insta::assert_snapshot!("sketches", sketches.iter().map(shown).collect::<Vec<_>>().join("\n"));
}

/// The errors of a whole document.
fn raw(text: &str) -> String {
    match Program::compile([Source::Document { name: "x.yaml", text }]) {
        Ok(_) => "compiles".into(),
        Err(error) => error.to_string(),
    }
}

const HEAD: &str =
    "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\nsubjects: {p: {kind: Pod, name: a}}\n";

#[test]
fn errors_of_the_yaml_parser_are_reworded() {
    let twice = raw(&format!("{HEAD}expect: [{{track: p.phase, track: p.phase, never: Failed}}]\n"));
    assert!(twice.contains("`track` twice in one map") && twice.contains("leave one of them out"), "{twice}");
    let within = raw(&format!("{HEAD}expect:\n- any: &a\n  - all: *a\n"));
    assert!(within.contains("the alias contains itself"), "{within}");
    let mut bomb = format!("{HEAD}x0: &x0 [a,a,a,a,a,a,a,a,a,a]\n");
    for at in 1..10 {
        let one = format!("*x{}", at - 1);
        let _ = writeln!(bomb, "x{at}: &x{at} [{}]", vec![one; 10].join(","));
    }
    let bomb = raw(&format!("{bomb}expect: *x9\n"));
    assert!(bomb.contains("too large with its aliases expanded") && bomb.contains("use several files"), "{bomb}");
}

#[test]
fn statements_nest_up_to_the_documented_depth() {
    // In unoptimized builds the parser's frames are large, so it gets the stack size of a main thread.
    let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(nesting).expect("a thread starts");
    thread.join().expect("nesting is bounded");
}

fn nesting() {
    let nested = |depth: usize| {
        let (open, close) = ("{all: [".repeat(depth), "]}".repeat(depth));
        raw(&format!("{HEAD}expect: [{open}{{track: p.phase, never: [Failed]}}{close}]\n"))
    };
    assert_eq!(nested(16), "compiles");
    let deeper = nested(17);
    assert!(deeper.contains("statements are nested more than 16 deep"), "{deeper}");
    for depth in [30, 100, 5_000] {
        let deepest = nested(depth);
        assert!(deepest.contains("deep") && deepest.contains("split"), "{deepest}");
        assert!(
            deepest.contains("nested more than 16 deep") || deepest.contains("nested more than 48 deep"),
            "{deepest}"
        );
    }
    let lists = raw(&format!("{HEAD}expect: {}\n", "[".repeat(100_000)));
    assert!(lists.contains("nested more than 48 deep"), "{lists}");
}
