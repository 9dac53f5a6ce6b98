//! The table of conformance.md, row by row, through the sketch front end.

use statetrail::expectation::{Outcome, Program, Sketch, Source, Verdict, judge_line, judge_sketch};

/// Row, sketch, expectation, verdict.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("1 open", "P R |open", "P -> R", "pending"),
    ("1 closed", "P R |closed", "P -> R", "satisfied"),
    ("2", "P R F |open", "P -> R", "violated"),
    ("3", "P R |open", "... -> R -> ...", "satisfied"),
    ("4", "P ~ R |open", "P -> R -> ...", "inconclusive"),
    ("5", "P ~ R |open", "P -> ... -> R -> ...", "satisfied"),
    ("6", "P F ~ R |open", "never F", "violated"),
    ("7 open", "P ~ P |open", "never R", "pending, pass lost"),
    ("7 closed", "P ~ P |closed", "never R", "inconclusive"),
    ("8", "^R |closed", "never F", "inconclusive"),
    ("9", "P R |unfenced", "never F", "inconclusive"),
    ("10", "P R ~ R |closed", "count R max 1", "inconclusive"),
    ("11", "E I ~ E I |open", "(E -> ... -> I -> ...){2}", "satisfied"),
    ("12", "running:A#0 ~ running:A#3 |open", "count restart max 2", "violated"),
    ("13", "running:A#0 ~ running:A#1 |closed", "count restart max 2", "inconclusive"),
    ("14", "Running#0 Running#1 |closed", "never CrashLoopBackOff", "inconclusive"),
    ("15", "T U T |open", "always T", "violated"),
    ("16 alive until 25", "P@0 |open now=31 alive=25", "every P then R within 30s", "pending"),
    ("16 alive until 29.999999", "P@0 |open now=31 alive=29.999999", "every P then R within 30s", "pending"),
    ("16 alive until 30", "P@0 |open now=31 alive=30", "every P then R within 30s", "violated"),
    ("16 alive until 31", "P@0 |open now=31 alive=31", "every P then R within 30s", "violated"),
    ("17", "P@0 ~10,40~ R |closed", "every P then R within 30s", "inconclusive"),
    ("18", "P@0 ~10,25~ R |closed", "every P then R within 30s", "satisfied"),
    ("19", "P@0 ~35,50~ R |open", "every P then R within 30s", "violated"),
    ("20", "P@[0,1] R@[30,31] |closed", "every P then R within 30s", "inconclusive"),
    ("21 closed", "P@0 |closed@5", "every P then R within 30s", "inconclusive"),
    ("21 deleted", "P@0 |deleted@5", "every P then R within 30s", "violated"),
    ("22", "R |closed", "every P then R within 30s", "violated"),
    ("22 min 0", "R |closed", "every P then R within 30s min 0", "satisfied"),
    ("23 alive until 75", "T@10 ~30,40~ T |open now=100 alive=75", "... -> T for >=1m -> ...", "pending"),
    ("23 alive until 100", "T@10 ~30,40~ T |open now=100 alive=100", "... -> T for >=1m -> ...", "satisfied"),
    ("24", "E@0 I@600 E@700 I@710 E@800 I@810 |open", "... -> (E -> I){2,} within 11m -> ...", "satisfied"),
    (
        "25 at 5",
        "pod/launcher phase: P@0 ~2,10~ 'R' ; vmi/a phase: 'S'@0 Running@5 |closed@12",
        "vmi/a phase: Running onlyAfter pod/launcher phase: 'R'",
        "inconclusive",
    ),
    (
        "25 at 12",
        "pod/launcher phase: P@0 ~2,10~ 'R' ; vmi/a phase: 'S'@0 Running@12 |closed@12",
        "vmi/a phase: Running onlyAfter pod/launcher phase: 'R'",
        "satisfied",
    ),
];

fn told(outcome: &Outcome) -> String {
    let lost = outcome.standing.pass_lost && outcome.standing.verdict == Verdict::Pending;
    format!("{}{}", outcome.standing.verdict, if lost { ", pass lost" } else { "" })
}

#[test]
fn every_row_of_the_table_is_reproduced() {
    let mut wrong = Vec::new();
    for (row, sketch, line, verdict) in ROWS {
        let is = match judge_line(sketch, line) {
            Ok(outcome) => told(&outcome),
            Err(error) => format!("error\n{error}"),
        };
        if is != *verdict {
            wrong.push(format!("row {row}: {sketch}   {line}\n  is {is}\n  must be {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn row_13_is_satisfied_when_restart_counts_are_assumed_exact() {
    let document = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: restarts}
assume: [restart-count-exact]
subjects: {pod: {kind: Pod, name: a}}
expect: [{track: pod.container/app, count: {restart: {max: 2}}}]
";
    let sketch = Sketch::parse("sketch", "pod/a container/app: running:Running#0 ~ running:Running#1 |closed").unwrap();
    let program =
        Program::compile([Source::Document { name: "x.yaml", text: document }]).unwrap_or_else(|e| panic!("{e}"));
    let outcome = judge_sketch(program, &sketch).remove(0);
    assert_eq!(outcome.standing.verdict, Verdict::Satisfied);
    assert_eq!(outcome.assumptions, ["restart-count-exact"]);
}

#[test]
fn zero_subjects_under_min_1_at_a_fenced_end_is_violated() {
    let judge = |end: &str| {
        let outcome = judge_line(&format!("vm/b status: Starting {end}"), "pod phase: ... -> Running -> ...").unwrap();
        outcome.standing.verdict
    };
    assert_eq!(judge("|closed"), Verdict::Violated);
    assert_eq!(judge("|open"), Verdict::Pending);
    assert_eq!(judge("|unfenced"), Verdict::Inconclusive);
}
