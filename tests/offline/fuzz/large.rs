//! Inputs that are large on purpose: each is answered before the test runner ends it.

use statetrail::expectation::{Program, Sketch, Source, judge_line};
use statetrail::recording::Reader;
use std::error::Error;
use std::io::{Cursor, Read};

fn compile(text: &str) {
    if let Err(error) = Program::compile([Source::Line { name: "fuzz", text }]) {
        assert!(!error.to_string().is_empty());
    }
}

#[test]
fn nests_of_repetitions_are_refused_by_a_cap() {
    for (path, cap) in [
        ("((((a*)*)*)*)", "nested 4 deep"),
        ("((((_{1000}){1000}){1000}){1000})", "more than 1024 states"),
        ("... -> A -> _{20} -> A", "more than 4096 states"),
        ("(((((((((((((((((a)))))))))))))))))", "nested more than 16 deep"),
        ("a{1001}", "more than 1000 repetitions"),
    ] {
        let line = format!("StatefulSet/a phase: {path}");
        let Err(error) = Program::compile([Source::Line { name: "fuzz", text: &line }]) else {
            panic!("{path} compiles")
        };
        assert!(error.to_string().contains(cap), "{error}");
    }
}

#[test]
fn large_inputs_are_refused_at_once() {
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
}

#[test]
fn a_long_timed_timeline_with_gaps_is_judged_at_once() {
    let mut sketch = String::new();
    for at in 0..1_000 {
        sketch.push_str(["A ", "B ", "~ A ", "C ", "~ B ", "D "][at % 6]);
    }
    sketch.push_str("|closed");
    let line =
        "... -> ((A for >=1s -> _)+ within 9s -> ... -> (B -> _) within 5s){2,} within 1m -> ... -> C for <3s -> ...";
    let outcome = judge_line(&sketch, line).unwrap();
    assert!(!outcome.reason.is_empty());
}

#[test]
fn a_line_without_an_end_is_refused_before_it_fills_the_memory() {
    let endless = std::io::repeat(b'a').take(u64::MAX);
    let Err(error) = Reader::new("fuzz", endless) else { panic!("read") };
    assert!(error.source().unwrap().to_string().contains("line 1 is longer than 64 MiB"), "{error}");
    let frame = zstd::encode_all(Cursor::new(vec![b'a'; 8 << 20]), 1).unwrap();
    assert!(Reader::new("fuzz", Cursor::new(frame.repeat(200))).is_err());
}
