//! Expectations that must hold in at least one of several recordings.

use statetrail::expectation::{Outcome, Program, Sketch, Verdict, judge_sketch};
use statetrail::view::Style;
use statetrail::view::verdict::{self, Format, Judged};

use crate::view::verdicts::fits;

const DOCUMENT: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: pull-backoff-is-exercised}
subjects: {pod: {kind: Pod, name: p}}
sometimes: true
expect:
- {track: pod.phase, path: \"... -> ErrImagePull -> ImagePullBackOff -> ...\"}
---
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: never-failed}
subjects: {pod: {kind: Pod, name: p}}
expect:
- {track: pod.phase, never: \"'Failed'\"}
";

/// Words that are no phases are quoted.
fn document() -> String {
    DOCUMENT.replace("ErrImagePull", "'ErrImagePull'").replace("ImagePullBackOff", "'ImagePullBackOff'")
}

fn outcomes(sketch: &str) -> Vec<Outcome> {
    let sketch = Sketch::parse("--timeline", sketch).unwrap_or_else(|error| panic!("{error}"));
    let program = Program::document_for_sketch("x.yaml", &document(), &sketch);
    judge_sketch(program.unwrap_or_else(|error| panic!("{error}")), &sketch)
}

/// The overall verdict on recordings of these sketches, and what is written of them.
fn written(recordings: &[(&str, &str)], format: Format) -> (Verdict, String) {
    let judged: Vec<(&str, Vec<Outcome>)> =
        recordings.iter().map(|(name, sketch)| (*name, outcomes(&format!("pod/p phase: {sketch}")))).collect();
    let judged: Vec<Judged<'_>> = judged
        .iter()
        .map(|(name, outcomes)| match *name {
            "" => Judged::sketch(outcomes),
            "unreadable" => Judged::unreadable("unreadable", "it is not a recording"),
            name => Judged { recording: Some(name), ..Judged::sketch(outcomes) },
        })
        .collect();
    let mut out = Vec::new();
    verdict::write(format, &judged, &Style::default(), &mut out).unwrap();
    (verdict::total(&judged), String::from_utf8(out).unwrap())
}

const BACKS_OFF: &str = "Pending 'ErrImagePull' 'ImagePullBackOff' Running |closed";
const RUNS: &str = "Pending Running |closed";
/// Only the back-off is missing.
const ALMOST: &str = "Pending 'ErrImagePull' Running |closed";
const IS_OPEN: &str = "Pending |open";
const HAS_GAP: &str = "Pending ~ Running |closed";

#[test]
fn it_is_satisfied_if_one_recording_satisfies_it() {
    let recordings = [("a.jsonl", RUNS), ("b.jsonl", BACKS_OFF), ("c.jsonl", HAS_GAP)];
    let (total, text) = written(&recordings[..2], Format::Text);
    assert_eq!(total, Verdict::Satisfied);
    insta::assert_snapshot!(text);
    let (_, text) = written(&recordings, Format::Text);
    assert!(text.contains("satisfied in 1 of 3 recordings (b.jsonl)\n"), "{text}");
}

#[test]
fn it_is_violated_if_every_recording_violates_it_and_the_nearest_one_is_explained() {
    let recordings = [("a.jsonl", RUNS), ("b.jsonl", ALMOST)];
    let (total, text) = written(&recordings, Format::Text);
    assert_eq!(total, Verdict::Violated);
    insta::assert_snapshot!(format!("{text}\n{}", written(&recordings, Format::Junit).1));
}

#[test]
fn a_violation_in_one_recording_is_no_failure_in_junit() {
    let (total, junit) = written(&[("a.jsonl", RUNS), ("b.jsonl", BACKS_OFF)], Format::Junit);
    assert_eq!(total, Verdict::Satisfied);
    assert!(junit.contains("failures=\"0\" errors=\"0\"") && !junit.contains("<failure"), "{junit}");
    insta::assert_snapshot!(junit);
}

#[test]
fn the_verdict_over_all_recordings_is_that_of_any() {
    let over = |sketches: &[&str]| {
        let names = ["a.jsonl", "b.jsonl", "c.jsonl"];
        let recordings: Vec<_> = names.into_iter().zip(sketches.iter().copied()).collect();
        let value = fits(&written(&recordings, Format::Json).1);
        let over = &value["sometimes"][0];
        (over["verdict"].as_str().unwrap().to_owned(), over["reason"].as_str().unwrap().to_owned())
    };
    for (sketches, verdict, reason) in [
        (&[RUNS, BACKS_OFF][..], "satisfied", "satisfied in 1 of 2 recordings (b.jsonl)"),
        (&[BACKS_OFF, HAS_GAP, BACKS_OFF], "satisfied", "satisfied in 2 of 3 recordings (a.jsonl, c.jsonl)"),
        (&[RUNS, ALMOST], "violated", "violated in 2 of 2 recordings (a.jsonl, b.jsonl)"),
        (&[RUNS, IS_OPEN], "pending", "pending in 1 of 2 recordings (b.jsonl), violated in 1 (a.jsonl)"),
        (
            &[HAS_GAP, IS_OPEN, RUNS],
            "pending",
            "pending in 1 of 3 recordings (b.jsonl), inconclusive in 1 (a.jsonl), violated in 1 (c.jsonl)",
        ),
        (&[HAS_GAP, RUNS], "inconclusive", "inconclusive in 1 of 2 recordings (a.jsonl), violated in 1 (b.jsonl)"),
    ] {
        assert_eq!(over(sketches), (verdict.to_owned(), reason.to_owned()), "{sketches:?}");
    }
}

#[test]
fn a_recording_that_cannot_be_read_may_have_satisfied_it() {
    let recordings = [("a.jsonl", RUNS), ("unreadable", RUNS)];
    let (total, text) = written(&recordings, Format::Text);
    assert_eq!(total, Verdict::Inconclusive);
    assert!(text.contains("violated in 1 of 2 recordings (a.jsonl), unreadable in 1 (unreadable)"), "{text}");
    let value = fits(&written(&recordings, Format::Json).1);
    assert_eq!(value["sometimes"][0]["recordings"][1]["verdict"], "unreadable");
}

#[test]
fn programs_see_what_each_recording_said() {
    let value = fits(&written(&[("a.jsonl", RUNS), ("b.jsonl", ALMOST)], Format::Json).1);
    assert_eq!(value["verdict"], "violated");
    assert_eq!(value["sometimes"][0]["nearest"], "b.jsonl");
    let own: Vec<_> = value["expectations"].as_array().unwrap().iter().collect();
    assert_eq!(own.len(), 4, "each recording has the outcome of each expectation");
    let marked = own.iter().filter(|one| one["sometimes"] == true);
    let marked: Vec<_> =
        marked.map(|one| (one["recording"].as_str().unwrap(), one["verdict"].as_str().unwrap())).collect();
    assert_eq!(marked, [("a.jsonl", "violated"), ("b.jsonl", "violated")]);
}

#[test]
fn with_a_single_recording_it_is_an_ordinary_expectation() {
    let (total, text) = written(&[("", RUNS)], Format::Text);
    assert_eq!(total, Verdict::Violated);
    assert!(text.starts_with("violated      pull-backoff-is-exercised\n") && !text.contains("recordings"), "{text}");
    let (_, junit) = written(&[("", RUNS)], Format::Junit);
    assert!(junit.contains("<failure"), "{junit}");
    let value = fits(&written(&[("", RUNS)], Format::Json).1);
    assert_eq!(value.get("sometimes"), None);
}

#[test]
fn other_expectations_are_judged_on_each_recording() {
    let (total, text) = written(&[("a.jsonl", BACKS_OFF), ("b.jsonl", "Pending Failed |closed")], Format::Text);
    assert_eq!(total, Verdict::Violated);
    assert!(text.contains("3 expectations: 2 satisfied, 1 violated"), "{text}");
}

#[test]
fn it_is_true_or_false() {
    let compiled = |value: &str| {
        let text = document().replace("sometimes: true", &format!("sometimes: {value}"));
        let sketch = Sketch::parse("--timeline", "pod/p phase: Pending |closed").unwrap();
        Program::document_for_sketch("x.yaml", &text, &sketch).map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!((compiled("true"), compiled("false")), (String::new(), String::new()));
    let error = compiled("yes");
    assert!(
        error.contains("`sometimes` is true or false") && error.contains("in one of several recordings"),
        "{error}"
    );
}
