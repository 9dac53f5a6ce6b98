//! Names that compare a state with a number: what they mean, what they are written like, and where they do not compile.

use super::sketches::judged;
use statetrail::expectation::{Program, Source, judge_line};

/// The verdict of a line on a sketch.
fn verdict(sketch: &str, line: &str) -> String {
    let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{sketch} {line}\n{error}"));
    outcome.standing.verdict.to_string()
}

/// The error of a line; the first of its lines and its remedy.
fn refused(line: &str) -> String {
    match Program::compile([Source::Line { name: "--expect", text: line }]) {
        Ok(_) => "compiles".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn document(statement: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
         subjects: {{vm: {{kind: VirtualMachine, name: a}}, vmi: {{kind: VirtualMachineInstance, name: a}}}}\n\
         {statement}\n"
    )
}

/// The verdict of a document on a sketch.
fn of_document(sketch: &str, text: &str) -> String {
    judged(text, sketch).verdict.to_string()
}

#[test]
fn a_comparison_is_every_state_whose_label_is_a_number_for_which_it_holds() {
    for (sketch, line, expected) in [
        ("0 1 2 3 |closed", "always <=3", "satisfied"),
        ("0 1 2 3 4 |closed", "always <=3", "violated"),
        ("0 1 2 3 |closed", "never >3", "satisfied"),
        ("0 4 |open", "never >3", "violated"),
        ("0 none |closed", "always <=3", "violated"),
        ("0 none |closed", "never >3", "satisfied"),
        ("0 4 5 1 |closed", "... -> >=2 -> ...", "satisfied"),
        ("0 4 5 1 |closed", "<2 -> >=2 -> <2", "violated"),
        ("0 4 5 1 |closed", "<2 -> >=2+ -> <2", "satisfied"),
        ("0 4 5 1 |closed", "!>=3+ -> >=3{2} -> !>=3", "satisfied"),
        ("0 6 -1 |closed", "always [<=0, >5]", "satisfied"),
        ("0 4 5 1 |closed", "count >3 max 0", "violated"),
        ("0 4 5 1 |closed", "count >3 min 2 max 2", "satisfied"),
        ("'0.5' '-0.25' |closed", ">=0.50 -> <-0.2", "satisfied"),
        ("1@0 5@2 |closed@9", "every <2 then >4 within 3s", "satisfied"),
        ("1@0 5@9 |closed@9", "every <2 then >4 within 3s", "violated"),
        ("5@0 6@9 |closed@20", ">4 for >=5s -> ...", "satisfied"),
        ("9007199254740993 |closed", "always >9007199254740992", "satisfied"),
        // As a track shows a number of JSON that needs more than 64 bits.
        ("'1e+20' |closed", "never >3", "violated"),
        ("'1e-7' |closed", "never >0", "violated"),
        ("'-9.223372036854776e+18' |closed", "never <0", "violated"),
        ("'1e+20' |closed", "never <3", "satisfied"),
        ("1 ~ 2 |closed", "never >3", "inconclusive"),
        ("1 5 ~ 2 |closed", "never >3", "violated"),
        // A label is one number, so what a gap hides between 5 and 5 may be another one above 3.
        ("5 ~ 5 |closed", "count >3 max 1", "inconclusive"),
        // No number is both less than 2 and more than 3, so whatever the gap hides fits.
        ("1 ~ 1 |closed", "(!<2 | !>3)+", "satisfied"),
        ("1 ~ 1 |closed", "(!<2.5 | !>2)+", "inconclusive"),
    ] {
        assert_eq!(verdict(sketch, line), expected, "{sketch}: {line}");
    }
}

#[test]
fn a_label_that_is_named_and_a_number_that_is_compared_are_no_contradiction() {
    for (sketch, line, expected) in [
        ("5 |open", "5 -> ... | >3 -> ...", "satisfied"),
        ("5 |open", "[5, <=3] -> ...", "satisfied"),
        // 5 is more than 3: no state is 5 and not more than 3.
        ("5 ~ 5 |closed", "5 -> (>3 | !5)* -> ...", "satisfied"),
        ("5 ~ 5 |closed", "never <=3", "inconclusive"),
        ("5 3.0 |closed", "5 -> 3", "violated"),
        ("5 3.0 |closed", "5 -> [>=3, 5]", "satisfied"),
    ] {
        assert_eq!(verdict(sketch, line), expected, "{sketch}: {line}");
    }
}

#[test]
fn comparisons_are_wherever_a_document_has_a_name() {
    for (sketch, statement, expected) in [
        ("vm/a fails: 1 4 |closed", "expect: [{track: vm.fails, always: \"<=3\"}]", "violated"),
        ("vm/a fails: 1 4 |closed", "expect: [{track: vm.fails, never: [\">4\", \"<0\"]}]", "satisfied"),
        ("vm/a fails: 1 4 |closed", "expect:\n- {track: vm.fails, graph: {\"<=3\": [\">3\"]}}", "satisfied"),
        ("vm/a fails: 1 2 |closed", "expect:\n- {track: vm.fails, graph: {\"<=3\": [\">3\"]}}", "violated"),
        ("vm/a fails: 1 2 |closed", "expect:\n- {track: vm.fails, graph: {\"<=3\": [\"<=3\"]}}", "satisfied"),
        ("vm/a fails: 1 4 |closed", "expect: [{track: vm.fails, count: {\">3\": {max: 0}}}]", "violated"),
        (
            "vm/a fails: 1@1 4@5; vmi/a phase: Running@4 |closed@9",
            "expect: [{enter: vm.fails=\">3\", onlyAfter: vmi.phase=Running}]",
            "satisfied",
        ),
        (
            "vm/a fails: 1@1 4@5; vmi/a phase: Running@7 |closed@9",
            "expect: [{enter: vm.fails=>3, onlyAfter: vmi.phase=Running}]",
            "violated",
        ),
        (
            "vm/a fails: 1@1 4@5; vmi/a phase: Running@7 |closed@9",
            "expect: [{enter: \"vm.fails=<=3\", onlyAfter: vmi.phase=Running}]",
            "violated",
        ),
        (
            "vm/a fails: 1@1 4@5; vmi/a phase: Running@7 |closed@9",
            "window: {from: {enter: \"vm.fails=>=4\"}}\nexpect: [{track: vmi.phase, path: \"Running\"}]",
            "satisfied",
        ),
        (
            "vm/a fails: 1@1 4@5; vmi/a phase: Scheduled@1 Running@7 |closed@9",
            "window: {until: {enter: vm.fails=\">=4\"}}\nexpect: [{track: vmi.phase, path: \"... -> Running\"}]",
            "violated",
        ),
    ] {
        assert_eq!(of_document(sketch, &document(statement)), expected, "{sketch}: {statement}");
    }
}

#[test]
fn what_breaks_a_comparison_is_explained_as_it_is_written() {
    let reason = |sketch: &str, line: &str| judge_line(sketch, line).expect("it compiles").reason;
    let said = [
        reason("1@0 4@5 |closed@9", "always <=3"),
        reason("1@0 4@5 |closed@9", "never >3"),
        reason("1@0 1.5@5 |closed@9", "... -> >=2.50"),
        reason("1@0 4@5 |closed@9", "every >3 then <1"),
        reason("1@0 4@5 |closed@9", "count >3 max 0"),
        reason("7@0 4@5 |closed@9", "<2 -> ... | [>=2, <=3] -> <5 -> ..."),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn mistakes_in_comparisons_have_a_remedy() {
    let lines = [
        "vm/a fails: always <=x",
        "vm/a fails: always <=",
        "vm/a fails: always =3",
        "vm/a fails: always >1e3",
        "vm/a fails: ... -> > Running",
        "vm/a fails: ... > Running",
        "vm/a fails: 1 <3",
        "vm/a fails: never >3/Current",
        "vm/a fails: never ~'x'/Current",
        "pod/p container/app: never waiting:>3",
        "pod/p phase: never >3",
        "vm/a status: always <=3",
        "vm/a condition/Ready: ... -> !>=1 -> ...",
        "vm/a observedGeneration: ... -> >=2 -> ...",
        "vm/a fails: count >3 max 0",
    ];
    let said = lines.map(|line| format!("{line}\n{}", refused(line)));
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn what_yaml_reads_as_folded_text_is_quoted() {
    let statements = [
        "expect:\n- track: vm.fails\n  always: >3",
        "expect:\n- track: vm.fails\n  always: >=3",
        "expect: [{track: vm.fails, always: >3}]",
        "expect:\n- track: vm.fails\n  never:\n  - >3\n  - <0",
        "expect:\n- track: vm.fails\n  always: <=3",
        "expect:\n- track: vm.fails\n  path: >\n    ... -> >3\n    -> ...",
    ];
    let said = statements.map(|statement| {
        let text = document(statement);
        let compiled = Program::compile([Source::Document { name: "x.yaml", text: &text }]);
        format!("{statement}\n{}", compiled.map_or_else(|error| error.to_string(), |_| "compiles".to_owned()))
    });
    insta::assert_snapshot!(said.join("\n\n"));
}

#[test]
fn numbers_and_paths_of_any_length_are_answered() {
    let digits = "9".repeat(15_000);
    assert_eq!(verdict(&format!("{digits} |closed"), &format!("always >={digits}")), "satisfied");
    assert_eq!(verdict(&format!("{digits} |closed"), &format!("never >{digits}")), "satisfied");
    let many = |count: usize| (0..count).map(|bound| format!(">{bound}")).collect::<Vec<_>>().join(" -> ");
    assert_eq!(verdict("0 1 |closed", &many(30)), "violated");
    assert!(judge_line("0 1 |closed", &many(100)).is_err_and(|error| error.to_string().contains("different states")));
}

#[test]
fn a_state_of_several_names_has_the_edges_of_all_of_them_in_a_graph() {
    for (graph, sketch, expected) in [
        ("{\"<3\": [\">=2\"]}", "2 '2.5' |closed", "satisfied"),
        // 2 is less than 3, too.
        ("{\"<3\": [\">=2\"]}", "1 2 '2.5' |closed", "satisfied"),
        ("{\"<3\": [\">=2\"]}", "1 2 4 5 |closed", "violated"),
        ("{\"~'2'\": [\"<3\"]}", "2 '2.5' 0 |closed", "satisfied"),
    ] {
        let text = document(&format!("expect: [{{track: vm.fails, graph: {graph}}}]"));
        assert_eq!(of_document(&format!("vm/a fails: {sketch}"), &text), expected, "{graph}: {sketch}");
    }
    let text =
        document("expect: [{track: vmi.condition/Ready, graph: {True: [False], False: [True/A], True/A: [Unknown]}}]");
    for next in ["False", "Unknown"] {
        let sketch = format!("vmi/a condition/Ready: False True/A {next} |closed");
        assert_eq!(of_document(&sketch, &text), "satisfied", "{next}");
    }
}
