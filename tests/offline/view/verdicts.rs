//! Verdicts in their output formats: text, JSON and JUnit.

use super::sample::{at, image_pull};
use serde_json::Value;
use statetrail::expectation::{End, Judge, Outcome, Program, Sketch, Source, judge_sketch};
use statetrail::timeline::Entry;
use statetrail::view::Style;
use statetrail::view::verdict::{self, Format, Judged};
use std::sync::{Arc, LazyLock};

/// The outcomes of lines on a sketch.
pub(super) fn sketched(sketch: &str, lines: &[&str]) -> Vec<Outcome> {
    let sketch = Sketch::parse("--timeline", sketch).unwrap_or_else(|error| panic!("{error}"));
    let program = |line| Program::for_sketch("--expect", line, &sketch).unwrap_or_else(|error| panic!("{error}"));
    lines.iter().flat_map(|line| judge_sketch(program(line), &sketch)).collect()
}

/// The outcomes of documents and lines on a timeline.
pub(super) fn judged(entries: &[Entry], end: End, documents: &[&str], lines: &[&str]) -> Vec<Outcome> {
    let documents = documents.iter().map(|text| Source::Document { name: "test.yaml", text });
    let lines = lines.iter().map(|text| Source::Line { name: "--expect", text });
    let program = Program::compile(documents.chain(lines)).unwrap_or_else(|error| panic!("{error}"));
    let mut judge = Judge::new(Arc::new(program));
    entries.iter().for_each(|entry| judge.push(entry));
    judge.verdicts(&end)
}

pub(super) fn closed(millis: i64) -> End {
    End::Closed { at: at(millis).as_microsecond() }
}

pub(super) fn written(format: Format, judged: &[Judged<'_>]) -> String {
    let mut out = Vec::new();
    verdict::write(format, judged, &Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../docs/schema/verdicts-v1.schema.json")).unwrap()
}

static SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::options().build(&schema()).expect("every reference resolves"));

#[test]
fn the_schema_of_verdicts_holds_that_of_timelines() {
    let timeline: Value = serde_json::from_str(include_str!("../../../docs/schema/timeline-v1.schema.json")).unwrap();
    assert_eq!(schema()["$defs"]["timeline-v1"], timeline, "copy the schema of timelines to `$defs`");
}

/// Parses the document and validates it against the schema.
pub(crate) fn fits(text: &str) -> Value {
    let value: Value = serde_json::from_str(text).unwrap();
    let errors: Vec<String> =
        SCHEMA.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{text}\n{errors:#?}");
    value
}

/// Every class of verdict that a sketch can have.
const SKETCHES: [(&str, &[&str]); 13] = [
    ("P R F |open", &["P -> R", "P -> R -> F", "P -> R -> ... -> S", "never F", "count F max 0"]),
    ("P R S F |closed", &["P -> R -> (S | T)", "... -> T", "always P, R", "P onlyAfter R", "quiet after R"]),
    ("P |closed", &["P -> R -> S", "every P then R", "count R min 1"]),
    ("P ~ R |closed", &["P -> R", "P -> Q -> R", "count Q max 1", "P for <10s -> R", "never Q"]),
    ("P ~ R |open", &["P -> R -> S", "count Q max 1", "every P then S within 1m"]),
    ("^R |closed", &["never F"]),
    ("P R |unfenced", &["never F", "P -> R"]),
    ("Running#0 Running#1 |closed", &["never CrashLoopBackOff", "count Running min 3"]),
    (
        "P@0 Q@40 R@90 |open",
        &["every P then R within 30s", "P for <10s -> ...", "... -> (P -> Q -> R) within 1m -> ..."],
    ),
    ("P@[0,1] R@[30,31] |closed", &["every P then R within 30s", "P for <30s -> R"]),
    ("P@0 |open now=31 alive=25", &["every P then R within 30s", "every P then R within 20s"]),
    ("P@0 |closed@5", &["every P then R within 30s", "P for >=1m"]),
    ("P/A P/B 'R'/C |closed", &["never _/B", "P/A -> P -> R/D"]),
];

#[test]
fn every_json_document_fits_the_published_schema() {
    for (sketch, lines) in SKETCHES {
        let outcomes = sketched(sketch, lines);
        fits(&written(Format::Json, &[Judged::sketch(&outcomes)]));
    }
    let entries = image_pull();
    let outcomes =
        judged(&entries, closed(100_000), &[], &["vm/vm-imagepull status: never ErrImagePull", "pod phase: Running"]);
    let text = written(Format::Json, &[Judged::recording(Some("a.jsonl"), &outcomes, &entries)]);
    let value = fits(&text);
    assert_eq!(value["expectations"][0]["at"], "2026-11-20T18:09:26.222000Z");
    assert_eq!(value["expectations"][0]["path"][2]["state"], "ErrImagePull");
    for wrong in [r#"{"verdict":"maybe","expectations":[]}"#, r#"{"verdict":"satisfied","expectations":[],"more":1}"#] {
        assert!(!SCHEMA.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}

#[test]
fn json_has_the_moment_at_which_a_violation_was_decided() {
    let lines = ["every A then B within 30s", "never C", "... -> A"];
    let outcomes = sketched("A@0 C@10 B@42 |closed@50", &lines);
    let value = fits(&written(Format::Json, &[Judged::sketch(&outcomes)]));
    let decided = |at: usize| value["expectations"][at]["decidedElapsed"].as_f64();
    assert_eq!([0, 1, 2].map(decided), [Some(30.0), Some(10.0), Some(50.0)], "by time, by a state, by the end");
    assert!(value["expectations"][0].get("departure").is_none(), "no step broke it");
    let entries = image_pull();
    let outcomes = judged(&entries, closed(100_000), &[], &["vm/vm-imagepull status: never ErrImagePull"]);
    let value = fits(&written(Format::Json, &[Judged::recording(None, &outcomes, &entries)]));
    assert_eq!(value["expectations"][0]["decided"], "2026-11-20T18:09:26.222000Z");
    let satisfied = sketched("A@0 |closed@50", &["never C"]);
    let value = fits(&written(Format::Json, &[Judged::sketch(&satisfied)]));
    assert!(value["expectations"][0].get("decidedElapsed").is_none(), "nothing was broken");
}

#[test]
fn verdicts_on_sketches_are_explained() {
    let text = SKETCHES.iter().map(|(sketch, lines)| {
        format!("=== {sketch}\n{}", written(Format::Text, &[Judged::sketch(&sketched(sketch, lines))]))
    });
    insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_violation_shows_the_path_that_led_there() {
    let entries = image_pull();
    let document = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: the-pull-never-fails}
subjects: {vm: {kind: VirtualMachine, namespace: story, name: vm-imagepull}}
expect:
- {track: vm.status, path: \"Stopped -> Starting -> ErrImagePull -> ImagePullBackOff -> Running -> ...\"}
- {track: vm.status, count: {ErrImagePull: {max: 1}}}
";
    let outcomes = judged(&entries, closed(100_000), &[document], &["vm/vm-imagepull status: ... -> Terminating"]);
    insta::assert_snapshot!(written(Format::Text, &[Judged::recording(None, &outcomes, &entries)]));
}

#[test]
fn several_recordings_are_printed_one_after_the_other() {
    let entries = image_pull();
    let lines = ["vm/vm-imagepull status: never ErrImagePull", "vm/vm-imagepull status: never CrashLoopBackOff"];
    let (one, other) =
        (judged(&entries, closed(100_000), &[], &lines), judged(&entries[..4], closed(2_000), &[], &lines));
    let both = [
        Judged::recording(Some("one.jsonl"), &one, &entries),
        Judged::recording(Some("other.jsonl"), &other, &entries[..4]),
    ];
    insta::assert_snapshot!(format!("{}\n{}", written(Format::Text, &both), written(Format::Junit, &both)));
    assert_eq!(verdict::total(&both), statetrail::expectation::Verdict::Violated);
}

#[test]
fn junit_has_a_case_for_each_expectation_whatever_its_name() {
    let mut outcomes = sketched("P ~ R |closed", &["P -> Q -> R", "never P", "never [X]", "P -> R"]);
    outcomes[0].name = "<a> & \"b\"\u{1b}[31m\u{0}\u{b} ]]>\nnext".to_owned();
    let text = written(Format::Junit, &[Judged::sketch(&outcomes)]);
    insta::assert_snapshot!(text);
    assert!(text.chars().all(|c| !c.is_control() || c == '\n'), "XML 1.0 has no other control characters");
}

#[test]
fn junit_is_valid_xml_whatever_a_label_holds() {
    let label =
        "a]]>&amp;<b>\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{85}\u{d7ff}\u{e000}\u{fffd}\u{fffe}\u{ffff}\u{1ffff}\u{10ffff}";
    let sketch = format!("'{label}' ~ R |closed");
    let mut outcomes = sketched(&sketch, &["never R", "P -> R", "_ -> _ -> R"]);
    outcomes[2].name = label.to_owned();
    outcomes[2].reason = label.to_owned();
    let text = written(Format::Junit, &[Judged::sketch(&outcomes)]);
    let is_xml = |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(text.chars().all(is_xml), "{text:?}");
    assert!(!text.contains("]]>") && !text.contains("<b>"), "{text}");
    assert!(text.contains(r"\u{ffff}"), "characters that XML does not have are escaped: {text}");
}

#[test]
fn verdicts_have_colours_on_a_terminal() {
    let outcomes = sketched("P ~ R F |open", &["P -> R", "never F", "P -> ... -> F -> ...", "P -> Q -> ..."]);
    let mut out = Vec::new();
    let style = Style { colour: true, ..Style::default() };
    verdict::write(Format::Text, &[Judged::sketch(&outcomes)], &style, &mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap().replace('\u{1b}', "␛"));
}
