//! Explanations of verdicts: where a trace stopped being legal, what was legal, the nearest trace, the gap to blame.

use statetrail::expectation::{Edit, Explanation, Outcome, Step, judge_line};

fn explained(sketch: &str, line: &str) -> String {
    let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}"));
    format!("{sketch}   {line}\n  {}: {}\n{}", outcome.standing.verdict, outcome.reason, parts(&outcome))
}

fn parts(outcome: &Outcome) -> String {
    let Some(explanation) = outcome.clauses[0].traces[0].explanation.as_ref() else { return String::new() };
    let Explanation { departure, decided: _, placeholder, legal, breach, nearest, lacking: _, doubt, passing, failing } =
        explanation;
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
