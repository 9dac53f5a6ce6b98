//! Whatever text comes: no panic, no hang, no blow-up. The soup is made of the languages' own words, so that much of it
//! is nearly right. `STATETRAIL_FUZZ_CASES` runs longer.

#![expect(clippy::disallowed_methods, reason = "what must answer at once is timed")]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use statetrail::expectation::{Program, Sketch, Source, judge_line};
use std::time::{Duration, Instant};

const PATH: &[&str] = &[
    "A",
    "B",
    "Running",
    "...",
    "_",
    "->",
    "->",
    "->",
    "|",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    ",",
    "!",
    "?",
    "*",
    "+",
    "{2,}",
    "{1000}",
    "{3,9}",
    "{",
    "}",
    "for",
    ">=",
    "<",
    "=",
    "30s",
    "1us",
    "within",
    "never",
    "always",
    "every",
    "then",
    "count",
    "restart",
    "min",
    "max",
    "1",
    "99999999999999999999",
    "quiet",
    "after",
    "onlyAfter",
    "vm/a",
    "status:",
    "'x y'",
    "'",
    "waiting:",
    "waiting:X",
    "é",
    "\u{0}",
    "\n",
    "#",
    "9999999999999h",
    "Absent",
    "''",
];

const SKETCH: &[&str] = &[
    "A",
    "B",
    "A@1",
    "B@[1,2]",
    "A#1",
    "A#4294967296",
    "~",
    "~1,2~",
    "~9,9~",
    "^",
    "^A",
    "^~",
    ";",
    "pod/a",
    "phase:",
    "|open",
    "|closed",
    "|closed@9",
    "|deleted",
    "|unfenced",
    "now=3",
    "alive=2",
    "@",
    "#",
    "'x y'",
    "'",
    "A@99999999999",
    "waiting:X",
    "é",
    "~1",
    "1~",
    "A@-1",
    "|",
    "A@1.0000001",
    "''",
];

const DOCUMENT: &[&str] = &[
    "apiVersion: statetrail/v1\n",
    "kind: Expectation\n",
    "metadata: {name: x}\n",
    "subjects: {a: {kind: Pod}}\n",
    "subjects: {a: {kind: Pod, ownedBy: b}, b: {kind: vm, ownedBy: a}}\n",
    "expect:\n",
    "- {track: a.phase, path: Running}\n",
    "- {track: phase, never: [Failed]}\n",
    "- any:\n",
    "  - ",
    "- not: ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "&x ",
    "*x",
    "!!int 1\n",
    "---\n",
    "- {quiet: [\"*\"], after: a.phase=Failed}\n",
    "- {enter: a.phase=Running, onlyAfter: a.phase=Pending}\n",
    "window: {from: {mark: m}, max: 3s}\n",
    "requires: {kubernetes: \">=1.3\"}\n",
    "assume: [restart-count-exact]\n",
    "\"",
    "'",
    "é",
    "\t",
    "- - - - - - - -",
    "<<: *x\n",
    "? ",
    "|\n",
    "- {track: a.phase, graph: {Pending: [Pending]}}\n",
];

fn soup(words: &'static [&'static str], space: &'static str) -> impl Strategy<Value = String> {
    vec(0..words.len(), 0..24)
        .prop_map(move |picks| picks.iter().map(|pick| words[*pick]).collect::<Vec<_>>().join(space))
}

fn run<S: Strategy<Value = String>>(strategy: S, check: impl Fn(&str)) {
    let cases = std::env::var("STATETRAIL_FUZZ_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(15_000);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&strategy, |text| {
        let start = Instant::now();
        check(&text);
        prop_assert!(start.elapsed() < Duration::from_secs(5), "took {:?}: {text}", start.elapsed());
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

fn compile(text: &str) {
    if let Err(error) = Program::compile([Source::Line { name: "fuzz", text }]) {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn lines_of_any_shape_are_answered() {
    run(soup(PATH, " "), compile);
    run(soup(PATH, ""), compile);
    run(any::<String>(), compile);
}

#[test]
fn sketches_of_any_shape_are_answered() {
    let judge = |text: &str| match judge_line(text, "... -> A for >=1s -> (B | A -> B within 3s)* -> ...") {
        Ok(outcome) => assert!(!outcome.reason.is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    };
    run(soup(SKETCH, " "), judge);
    run(soup(SKETCH, ""), judge);
    run(any::<String>(), judge);
}

#[test]
fn documents_of_any_shape_are_answered() {
    let compile = |text: &str| {
        if let Err(error) = Program::compile([Source::Document { name: "fuzz", text }]) {
            assert!(!error.to_string().is_empty());
        }
    };
    run(soup(DOCUMENT, ""), compile);
    run(any::<String>(), compile);
}

#[test]
fn large_inputs_are_refused_at_once() {
    let start = Instant::now();
    compile(&format!("vm/a status: {}Running{}", "(".repeat(8_000), ")".repeat(8_000)));
    compile(&format!("vm/a status: {}", "Running -> Starting -> ".repeat(40_000)));
    compile(&format!("vm/a status: never {}", (0..5_000).map(|at| format!("'s{at}'")).collect::<Vec<_>>().join(", ")));
    compile("vm/a status: ... -> (_{30} -> ...){30}");
    compile("vm/a status: (... -> Running -> ... -> Stopped -> ...){30}");
    let _ = Sketch::parse("fuzz", &"A B ".repeat(100_000));
    let nested = format!("apiVersion: {}", "[".repeat(100_000));
    assert!(Program::compile([Source::Document { name: "fuzz", text: &nested }]).is_err());
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    assert!(Program::compile([Source::Document { name: "fuzz", text: bomb }]).is_err());
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
}

#[test]
fn a_long_timed_timeline_with_gaps_is_judged_at_once() {
    let start = Instant::now();
    let mut sketch = String::new();
    for at in 0..1_000 {
        sketch.push_str(["A ", "B ", "~ A ", "C ", "~ B ", "D "][at % 6]);
    }
    sketch.push_str("|closed");
    let line = "... -> ((A for >=1s -> _)+ within 9s -> ... -> B within 5s){2,} within 1m -> ... -> C for <3s -> ...";
    let outcome = judge_line(&sketch, line).unwrap();
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}: {}", start.elapsed(), outcome.standing.verdict);
}
