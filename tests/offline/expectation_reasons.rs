//! Explanations of verdicts: where a trace stopped being legal, what was legal, the nearest trace, the gap to blame.

use statetrail::expectation::{Edit, Explanation, Outcome, Step, judge_line};

fn explained(sketch: &str, line: &str) -> String {
    let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}"));
    format!("{sketch}   {line}\n  {}: {}\n{}", outcome.standing.verdict, outcome.reason, parts(&outcome))
}

fn parts(outcome: &Outcome) -> String {
    let Some(explanation) = outcome.clauses[0].traces[0].explanation.as_ref() else { return String::new() };
    let Explanation {
        departure,
        decided: _,
        placeholder,
        legal,
        breach,
        nearest,
        required: _,
        fits_until: _,
        doubt,
        unseen: _,
        held: _,
        passing,
        failing,
    } = explanation;
    let mut text = String::new();
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.extend(["  ", name, ": ", &value, "\n"]);
        }
    };
    line("left at", departure.map(|at| at.to_string()));
    line("placeholder", placeholder.as_ref().map(|(name, label)| format!("{name} = {label}")));
    line("legal", Some(legal.join(", ")));
    line("nearest", nearest.as_ref().map(|edits| edits.iter().map(edit).collect::<Vec<_>>().join(" ")));
    line("breach", breach.as_ref().map(|breach| format!("{breach:?}")));
    line("doubt", doubt.as_ref().map(|doubt| format!("{doubt:?}")));
    line("passing", passing.as_ref().map(|steps| word(steps)));
    line("failing", failing.as_ref().map(|steps| word(steps)));
    text
}

fn edit(edit: &Edit) -> String {
    match edit {
        Edit::Keep(label) => label.clone(),
        Edit::Insert(label) => format!("+{label}"),
        Edit::Drop(label) => format!("-{label}"),
        Edit::Replace(label, other) => format!("{label}=>{other}"),
    }
}

fn word(steps: &[Step]) -> String {
    let step = |step: &Step| if step.hidden { format!("({})", step.label) } else { step.label.clone() };
    steps.iter().map(step).collect::<Vec<_>>().join(" ")
}

#[test]
fn verdicts_are_explained() {
    let cases = [
        ("P R F |open", "P -> R"),
        ("P R S F |closed", "P -> R -> (S | T)"),
        ("P |closed", "P -> R -> S"),
        ("E I E R |open", "(E -> I){2,} -> R"),
        ("P R |open", "P -> R -> S"),
        ("P ~ R |closed", "P -> R"),
        ("P ~ R |closed", "P -> Q -> R"),
        ("P Q ~ Q R ~ S |closed", "never F"),
        ("^R |closed", "never F"),
        ("P R |unfenced", "never F"),
        ("Running#0 Running#1 |closed", "never CrashLoopBackOff"),
        ("P@0 Q@40 |open", "every P then R within 30s"),
        ("P@5 R@7 |open now=20 alive=20", "every P then R within 3s..10s"),
        ("P@5 R@25 |open", "every P then R within 3s..10s"),
        ("P@5 R@7 |deleted@9", "every P then R within 3s.."),
        ("P@5 Q@7 |deleted@9", "every P then R within 3s.."),
        ("P@5 R@7 |open now=9 alive=9", "every P then R within 3s.."),
        ("P@5 R@7 |closed@7", "every P then R within 3s.."),
        ("P@0 R@2 |open", "P for 3s..10s -> R"),
        ("P@0 R@20 |open", "P for 3s..10s -> R"),
        ("P@0 Q@1 R@2 |closed", "(P -> ... -> R) within 3s..10s"),
        ("P@0 Q@1 R@20 |closed", "(P -> ... -> R) within 3s..10s"),
        ("P@0 R@100 |open", "P for <1m -> R"),
        ("P ~ P R |closed", "count R min 2"),
        ("R |closed", "every P then R"),
        ("N M O |closed", "... -> $home -> !$home+ -> $home -> ..."),
        ("A N B M |closed", "A -> $home -> B -> $home"),
        ("B |closed", "A -> $home -> B -> $home"),
        ("N A |open", "$home -> A -> $home"),
        ("N ~ M |closed", "$home -> !$home+ -> $home -> !$home"),
        ("N@0 M@9 N@10 |closed", "($home -> !$home -> $home) within 5s"),
        (
            "pod/p phase: Pending@0 Running@1 Failed@7 ; vmi/a phase: Running@0 Failed@6 |closed@9",
            "pod/p phase: never Running while vmi/a phase: Failed",
        ),
        (
            "pod/p phase: Pending@0 Running@4 ; vmi/a condition/Ready: False@0 True@2 |closed@9",
            "pod/p phase: always Running while vmi/a condition/Ready: True",
        ),
        (
            "pod/p phase: Running@1 ; vmi/a phase: Running@0 ~5,8~ Failed@8 Succeeded@8 |closed@9",
            "pod/p phase: never Running while vmi/a phase: Failed",
        ),
        (
            "vm/a status: Running@5 Stopped@7 Running@9 ; pod/p phase: Running@4 |closed@20",
            "vm/a status: every Running after pod/p phase: Running",
        ),
        (
            "vm/a status: Running@5 Stopped@7 Running@9 ; pod/p phase: Running@4 ~6,7~ Running |closed@20",
            "vm/a status: every Running after pod/p phase: Running",
        ),
        (
            "vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 Stopped@16 |closed@20",
            "vmi/a phase: every Failed then vm/a status: Stopped within 10s",
        ),
        (
            "vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 |closed@20",
            "vmi/a phase: every Failed then vm/a status: Stopped within 10s",
        ),
        (
            "vmi/a phase: Running@0 Failed@15 ; vm/a status: Running@1 |closed@20",
            "vmi/a phase: every Failed then vm/a status: Stopped within 10s",
        ),
        (
            "vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 ~7,8~ Running |closed@20",
            "vmi/a phase: every Failed then vm/a status: Stopped",
        ),
        ("vmim/m target: 'n2'@5 ; vmi/a node: 'n1'@0 'n2'@6 |closed@9", "vmim/m target: same as vmi/a node"),
        ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 ~6,7~ 'n2' |closed@9", "vmim/m target: same as vmi/a node"),
        ("vmim/m target: 'n2'@5 Absent@6 ; vmi/a node: 'n3'@7 |closed@9", "vmim/m target: same as vmi/a node"),
    ];
    let all: Vec<String> = cases.iter().map(|(sketch, line)| explained(sketch, line)).collect();
    insta::assert_snapshot!("verdicts", all.join("\n"));
}

/// The reason for a verdict, without times.
fn reason(sketch: &str, line: &str) -> String {
    judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}")).reason
}

#[test]
fn the_reason_of_a_path_begins_with_the_state_that_never_came() {
    for (sketch, line, said) in [
        ("P F |closed", "P -> R", "R was never entered: F came instead"),
        ("P F |open", "P -> R -> S", "R was never entered: F came instead"),
        ("P S T |closed", "P -> S -> R -> ...", "R was never entered: T came instead"),
        ("P S |deleted", "P -> S -> R -> U", "R was never entered: it ended in S"),
        ("P S |deleted", "... -> R -> ... -> U -> ...", "R was never entered: it ended in S"),
        ("P F |closed", "P -> (R | Q)", "neither R nor Q was entered: F came instead"),
        ("P |closed", "P -> (R | Q)", "neither R nor Q was entered: it ended in P"),
        // It came, but in another order.
        ("P R S |closed", "... -> S -> ... -> R -> ...", "ended in S; expected R after it"),
        ("P R S |closed", "P -> S -> R", "entered R; legal there: S"),
    ] {
        assert_eq!(reason(sketch, line), said, "{line}   {sketch}");
    }
}

#[test]
fn bounds_and_states_in_reasons_are_as_the_statement_writes_them() {
    for (sketch, line, said) in [
        ("A@0 B@5 |closed", "A for >=120s -> B", "A lasted 5s, expected >=120s (1m55s too short)"),
        ("A@0 B@5 |closed", "A for >=2m -> B", "A lasted 5s, expected >=2m (1m55s too short)"),
        ("A@0 B@5 |closed", "A for >9.5s -> B", "A lasted 5s, expected >9.5s (4.5s too short)"),
        ("A@0 B@5 |closed", "A for 1.5s..2500ms -> B", "A lasted 5s, expected 1.5s..2500ms (2.5s too long)"),
        (
            "A@0 B@5 |closed",
            "every A then B within 1.5s",
            "A was followed by B after 5s, expected within 1.5s (3.5s too late)",
        ),
        ("A 'no''de 1' |closed", "never 'no''de 1'", "entered 'no''de 1': never allowed"),
        ("A 'a/b' |closed", "A -> B", "B was never entered: 'a/b' came instead"),
        ("'Init:0/2' B |closed", "never Init:0/2", "entered Init:0/2: never allowed"),
    ] {
        assert_eq!(reason(sketch, line), said, "{line}   {sketch}");
    }
    let (sketch, line) = ("vmim/m target: 'n2'@5 ; vmi/a node: 'n1'@4 |closed@9", "vmim/m target: same as vmi/a node");
    assert_eq!(reason(sketch, line), "was n2 while vmi/a node was n1");
    let sketch = "vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 |closed@20";
    let line = "vm/a status: never Running while vmi/a phase: Failed";
    assert_eq!(reason(sketch, line), "was Running while vmi/a phase was Failed");
}

#[test]
fn more_labels_than_a_placeholder_is_compared_with_are_a_reason() {
    let labels: Vec<String> = (0..80).map(|number| format!("n{number}")).collect();
    let sketch = format!("{} |closed", labels.join(" "));
    let said = "more than 64 different labels: $x was compared with the first 64 only";
    assert_eq!(reason(&sketch, "... -> $x -> _ -> $x -> ..."), said);
}

#[test]
fn the_gap_of_another_track_is_named() {
    let sketch = "vm/a status: Running@0 |closed@20 ; vmi/a phase: Scheduled@0 ~5,9~ Scheduled |closed@20";
    let sketch = sketch.replacen(" |closed@20", "", 1);
    let outcome = judge_line(&sketch, "vm/a status: never Running while vmi/a phase: Failed").expect("it compiles");
    assert_eq!(outcome.reason, "when vmi/a phase Failed was held is not known precisely enough: it has a gap");
}

#[test]
fn of_several_states_of_which_one_is_needed_all_are_named() {
    let reason = |line: &str| judge_line("vm/a status: Stopped Starting |closed", line).expect("it compiles").reason;
    for (path, said) in [
        ("... -> (Running | Paused) -> ...", "neither Running nor Paused was entered: it ended in Starting"),
        ("... -> (Running | Paused | Stopping) -> ...", "none of Running, Paused, Stopping was entered"),
        ("... -> Starting -> (Running | Paused)", "neither Running nor Paused was entered"),
        ("(Stopped | Starting){2} -> (Stopped | Running) -> ...", "expected Stopped or Running after it"),
        ("... -> (Running | Paused -> Running) -> ...", "Running was never entered"),
    ] {
        let text = reason(&format!("vm/a status: {path}"));
        assert!(text.contains(said), "{path}: {text}");
    }
}
