//! The cost of judging, in steps rather than time.

use super::outcome::TraceOutcome;
use super::sketched::judge_line;
use crate::language::{Program, Sketch};
use crate::monitor::{End, Monitor, Verdict};
use std::fmt::Write as _;

/// `A@0 ~0,1~ B@1 ...`: a sketch with this many gaps of one second each.
fn gaps(number: usize) -> String {
    let mut text = "A@0".to_owned();
    for at in 1..=number {
        write!(text, " ~{},{at}~ {}@{at}", at - 1, ["A", "B", "C"][at * at % 7 % 3]).expect("a String takes all");
    }
    text + " |open"
}

fn names(from: usize, to: usize) -> String {
    format!("[{}]", (from..to).map(|name| format!("N{name}")).collect::<Vec<_>>().join(", "))
}

fn read(sketch: &str, line: &str) -> Monitor {
    let sketch = Sketch::parse("sketch", sketch).expect("a sketch");
    let program = Program::for_sketch("line", line, &sketch).expect("a line");
    let mut monitor = program.expectations[0].clauses[0].plan.start();
    sketch.tracks[0].events.iter().for_each(|event| monitor.observe(event));
    monitor
}

/// A path of 41 names with `for` inside `within`.
fn forty_one_names() -> String {
    format!(
        "(... -> {} for >=1s -> ... -> {} for >=2s -> ... -> A for >=3s) within 100s -> ...",
        names(0, 20),
        names(20, 40)
    )
}

#[test]
fn many_names_under_many_gaps_cost_no_more_than_the_path_tells_apart() {
    let work = read(&gaps(400), &forty_one_names()).work(401);
    assert!(work < 400 * 2_000, "{work} threads moved");
    let few = "(... -> X for >=1s -> ... -> Y for >=2s -> ... -> A for >=3s) within 100s -> ...";
    let less = read(&gaps(400), few).work(401);
    assert!(work < 4 * less, "{work} threads moved, {less} with two names");
}

#[test]
fn no_path_costs_more_than_its_events_allow() {
    for line in [
        "... -> (_ for >=1s){900} within 400s -> ...",
        "((... -> A for >=1s -> _{60} -> B) within 3s | (... -> B for >=2s -> _{60} -> C) within 4s | (... -> C for >=3s -> _{60} -> A) within 5s) -> ...",
        "(... -> A for >=1s)+ within 50s -> (... -> B for <3s){300} within 900s -> ...",
    ] {
        let work = read(&gaps(400), line).work(401);
        assert!(work <= 1_000_000 + 401 * 2_000 + 70_000, "{line}: {work} threads moved");
    }
}

#[test]
fn what_was_decided_before_a_belief_grew_too_large_stays_decided() {
    let line = "(... -> A for >=1s -> ...) | (... -> (_ for >=1s){900} within 400s -> ...)";
    let monitor = read("B@0 A@1 C@9 ~9,10~ B@10 ~10,11~ C@11 |open", line);
    let end = End::Open { now: 11_000_000, alive: 11_000_000 };
    assert_eq!(monitor.judge(&crate::monitor::First::default(), &end).verdict, Verdict::Satisfied);
}

/// A word as pods have it that are seen again after each of ten gaps.
fn ten_gaps() -> String {
    let (mut text, mut at, mut last) = ("Pending@0".to_owned(), 0, "Pending");
    for turn in 0..10 {
        for _ in 0..3 {
            last = if last == "Pending" { "Running" } else { "Pending" };
            at += 2;
            write!(text, " {last}@{at}").expect("a String takes all");
        }
        last = if turn * turn % 3 == 0 { last } else { "Pending" };
        write!(text, " ~{at},{}~ {last}@{}", at + 3, at + 3).expect("a String takes all");
        at += 3;
    }
    text + " |open"
}

#[test]
fn ten_gaps_under_a_timed_path_cost_no_more_than_so_much_work_for_each_pod() {
    let line = "... -> (Pending for <30s -> ... -> Running for >=2s){2,} within 60s -> ... -> Failed -> _{5} -> ...";
    let work = read(&ten_gaps(), line).work(41);
    assert!(work < 6_500, "{work} threads moved of one pod");
}

#[test]
fn completions_are_searched_for_the_one_trace_that_is_shown() {
    let pods: Vec<String> = (0..20).map(|pod| format!("pod/p{pod} phase: Pending@0 ~1,5~ Running@5")).collect();
    for line in
        ["pod phase: ... -> Failed for >=1s -> ...", "pod phase: ... -> Failed -> ...", "pod phase: count Failed max 0"]
    {
        let outcome = judge_line(&format!("{} |closed@9", pods.join(" ; ")), line).expect("a line");
        let traces = &outcome.clauses[0].traces;
        assert!(traces.len() == 20 && traces.iter().all(|trace| trace.standing.verdict == Verdict::Inconclusive));
        let is_completed = |trace: &TraceOutcome| {
            trace.explanation.as_ref().is_some_and(|found| found.passing.is_some() && found.failing.is_some())
        };
        let completed: Vec<bool> = traces.iter().map(is_completed).collect();
        assert!(completed[0] && !completed[1..].contains(&true), "{line}: {completed:?}");
    }
}
