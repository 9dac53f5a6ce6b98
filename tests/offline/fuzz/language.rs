//! Texts that users write: one-line expectations, documents, sketches.

use super::change::Changer;
use super::runner::{Target, run, shape};
use super::words::{DOCUMENT, PATH, SKETCH};
use statetrail::expectation::{Program, Source, Words, judge_line};
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../docs/schema/expectation-v1.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

/// The shape of an answer, which must not be empty.
fn answer(compiled: Result<Program, statetrail::expectation::Diagnostics>) -> String {
    match compiled {
        Ok(program) => {
            let unknown = program.unknown_words(&Words::default());
            assert!(unknown.iter().all(|answer| !answer.to_string().is_empty()));
            format!("{} compiled, {} words", program.expectations().len().min(4), unknown.len().min(4))
        }
        Err(wrong) => {
            assert!(!wrong.0.is_empty(), "refused without a reason");
            let shown = wrong.to_string();
            assert!(shown.len() < 1_000_000, "{} bytes of errors", shown.len());
            shape(&shown)
        }
    }
}

#[test]
fn lines_of_any_shape_are_answered() {
    run(Target {
        name: "lines",
        seeds: Vec::new(),
        changer: Changer::of(PATH),
        answer: |input| {
            let text = String::from_utf8_lossy(input);
            answer(Program::compile([Source::Line { name: "fuzz", text: &text }]))
        },
    });
}

#[test]
fn sketches_of_any_shape_are_judged_or_refused() {
    const LINES: [&str; 6] = [
        "... -> A for >=1s -> (B | (A -> B) within 3s)* -> ...",
        "every A then B within 2s min 0",
        "every A then B within 1s..2s",
        "... -> (A for 1s..2s -> B) within 2s.. -> ...",
        "count restart max 2",
        "((A -> B) within 2s){2,} | never C".split_at(23).0,
    ];
    run(Target {
        name: "sketches",
        seeds: Vec::new(),
        changer: Changer::of(SKETCH),
        answer: |input| {
            let text = String::from_utf8_lossy(input);
            let mut answer = String::new();
            for line in LINES {
                match judge_line(&text, line) {
                    Ok(outcome) => {
                        assert!(!outcome.reason.is_empty());
                        let standing = outcome.standing;
                        let (pass_lost, fail_lost) = (standing.pass_lost, standing.fail_lost);
                        answer.extend([format!("{}{pass_lost}{fail_lost} ", standing.verdict)]);
                    }
                    Err(error) => answer.push_str(&shape(&error.to_string())),
                }
            }
            answer
        },
    });
}

#[test]
fn documents_of_any_shape_are_answered_and_what_compiles_is_of_the_schema() {
    run(Target {
        name: "documents",
        seeds: include_str!("../../../docs/EXPECTATIONS.md")
            .split("```yaml\n")
            .skip(1)
            .filter_map(|rest| rest.split("```").next())
            .map(|block| block.as_bytes().to_vec())
            .collect(),
        changer: Changer::of(DOCUMENT).lines(|input, _| input),
        answer: |input| {
            let text = String::from_utf8_lossy(input);
            let compiled = Program::compile([Source::Document { name: "fuzz", text: &text }]);
            if compiled.is_ok()
                && let Ok(documents) = serde_saphyr::from_multiple::<serde_json::Value>(&text)
            {
                for document in documents.iter().filter(|document| !document.is_null()) {
                    let wrong: Vec<String> = SCHEMA.iter_errors(document).map(|error| error.to_string()).collect();
                    assert!(wrong.is_empty(), "it compiles, and the schema refuses it: {wrong:?}");
                }
            }
            answer(compiled)
        },
    });
}
