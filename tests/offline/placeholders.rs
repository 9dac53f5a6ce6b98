//! Placeholders in paths: what they stand for, and what happens where a track shows more labels than are told apart.

use super::sketches::judged;
use super::view::verdicts::fits;
use statetrail::expectation::{Program, Verdict};
use statetrail::expectation::{Sketch, judge_line, judge_sketch};
use statetrail::view::Style;
use statetrail::view::verdict::{self, Format, Judged};

fn verdict(sketch: &str, line: &str) -> String {
    let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{sketch} {line}\n{error}"));
    outcome.standing.verdict.to_string()
}

#[test]
fn a_placeholder_is_one_label_that_the_path_does_not_name_otherwise() {
    let back = "... -> $home -> !$home+ -> $home -> ...";
    for (sketch, line, expected) in [
        ("N M N |closed", back, "satisfied"),
        ("N M O |closed", back, "violated"),
        ("N M O |open", back, "pending"),
        ("N M O N |open", back, "satisfied"),
        // Absent is no label, but a state without that of the placeholder.
        ("N Absent N |closed", back, "satisfied"),
        ("Absent N Absent |closed", back, "violated"),
        ("'Absent' N 'Absent' |closed", back, "satisfied"),
        ("'' N '' |closed", back, "satisfied"),
        ("A N A |closed", "$x -> N -> $x", "satisfied"),
        ("N A N |closed", "$x -> N -> $x | A", "violated"),
        ("N A |closed", "'N' -> $x -> ... -> 'N' | $x -> A", "violated"),
        ("N A N A |closed", "($x -> A){2}", "satisfied"),
        ("N A M A |closed", "($x -> A){2}", "violated"),
        // It has no kind, as other names, and no detail.
        ("waiting:E terminated:E |closed", "$x -> A* -> $x", "satisfied"),
        ("waiting:E terminated:D |closed", "$x -> A* -> $x", "violated"),
        ("True/A False True/B |closed", "$x -> False -> $x", "satisfied"),
        ("True/A False True/B |closed", "$x -> _/A* -> False -> $x", "satisfied"),
        // What the path names otherwise, under any kind and with any detail, it is not.
        ("terminated:E B terminated:E |closed", "$x -> B -> $x | waiting:E", "violated"),
        ("True/A False True/A |closed", "$x -> False -> $x | True/B", "violated"),
        ("$x A $x |closed", "'$x' -> A -> '$x'", "satisfied"),
        ("$x A $x |closed", "$x -> A -> $x", "satisfied"),
    ] {
        let sketch = sketch.replace('$', "'$").replace("'$x", "'$x'");
        assert_eq!(verdict(&sketch, line), expected, "{sketch}   {line}");
    }
}

#[test]
fn a_gap_may_hide_any_label() {
    for (sketch, line, expected) in [
        ("N ~ N |closed", "$x -> !$x+ -> $x", "inconclusive"),
        ("N ~ M |closed", "$x -> !$x+ -> $x", "violated"),
        ("N ~ M N |closed", "$x -> !$x+ -> $x -> ...", "satisfied"),
        // A label that was never shown may have been entered twice.
        ("A ~ B |closed", "A -> $x -> A -> $x -> B", "inconclusive"),
        ("A ~ B |closed", "A -> ... -> $x -> C -> $x -> ... -> B", "inconclusive"),
        ("A ~ N B |closed", "A -> $x -> B -> $x", "violated"),
        ("A ~ N B N |open", "A -> ... -> $x -> B -> $x -> ...", "satisfied"),
        ("N A ~ N |closed", "$x -> A -> $x", "inconclusive"),
        ("^N |closed", "... -> $x -> A -> $x", "inconclusive"),
        ("Running#0 Running#1 |closed", "$x -> A -> $x", "inconclusive"),
        // One label fits one completion, another one the other.
        ("A ~ B |closed", "A -> $x -> B | A -> B | A -> $x -> ... -> B", "inconclusive"),
    ] {
        assert_eq!(verdict(sketch, line), expected, "{sketch}   {line}");
    }
}

#[test]
fn beyond_the_labels_that_are_told_apart_nothing_is_violated() {
    let back = "... -> $home -> !$home+ -> $home -> ...";
    let sketch = |labels: usize, more: &str| {
        let labels: Vec<String> = (0..labels).map(|at| format!("L{at}")).collect();
        format!("{} {more}", labels.join(" "))
    };
    for (labels, more, line, expected) in [
        (64, "|closed", back, "violated"),
        (64, "L0 |closed", back, "satisfied"),
        (65, "|closed", back, "inconclusive"),
        (65, "|open", back, "pending"),
        (100, "L63 |open", back, "satisfied"),
        (100, "L64 |open", back, "pending"),
        (100, "|open", "$home -> L1 -> $home", "violated"),
        (100, "|open", "$home -> L1 for >=9s -> ... -> $home", "violated"),
        (100, "L0 |open", "$home -> L1 -> ... -> $home -> ...", "satisfied"),
        (100, "L0 |open", "... -> $home -> (... -> $home) within 200s -> ...", "satisfied"),
    ] {
        assert_eq!(verdict(&sketch(labels, more), line), expected, "{labels} labels, {more}, {line}");
    }
}

#[test]
fn a_label_that_looks_like_a_placeholder_is_one_label_more() {
    let document = |path: &str| {
        let subjects = "subjects: {vmi: {kind: VirtualMachineInstance, name: a}}";
        let expect = format!("expect: [{{track: node, path: \"{path}\"}}]");
        format!("apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n{subjects}\n{expect}\n")
    };
    let verdict = |sketch: &str, path: &str| judged(&document(path), sketch).verdict;
    let path = "'A' -> $x -> 'A' -> $x";
    assert_eq!(verdict("vmi/a node: A '\0$x' A '\0$x' |closed", path), Verdict::Satisfied);
    assert_eq!(verdict("vmi/a node: A '\0$x' A 'B' |closed", path), Verdict::Violated);
    assert_eq!(verdict("vmi/a node: A 'B' A '\0$x' |closed", path), Verdict::Violated);
    assert_eq!(verdict("vmi/a node: A '\0$x' A '\0$x\0' |closed", path), Verdict::Violated);
    let error = judge_line("A |closed", "$x -> '\0$x' -> $x").expect_err("it may mean the same label");
    assert!(error.to_string().contains("it may mean the same label"), "{error}");
}

#[test]
fn the_label_with_which_a_path_came_furthest_is_in_the_json() {
    let sketch = Sketch::parse("--timeline", "A N B M |closed").unwrap_or_else(|error| panic!("{error}"));
    let program = Program::for_sketch("--expect", "A -> $home -> B -> $home", &sketch);
    let outcomes = judge_sketch(program.unwrap_or_else(|error| panic!("{error}")), &sketch);
    let mut out = Vec::new();
    verdict::write(Format::Json, &[Judged::sketch(&outcomes)], &Style::default(), &mut out).expect("a Vec takes all");
    let value = fits(&String::from_utf8(out).expect("it is text"));
    let expectation = &value["expectations"][0];
    assert_eq!(expectation["placeholder"], serde_json::json!({"name": "$home", "label": "N"}));
    assert_eq!(expectation["nearest"][3], serde_json::json!({"edit": "replace", "state": "M", "with": "N"}));
}
