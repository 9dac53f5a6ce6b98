//! A bound that was decided stays decided, at every line.

use super::tape::{Tape, at, document, object, of_json, pods, windowed};
use statetrail::observation::{Change, GapReason, Object, Payload, Watch};
use std::fmt::Display;

/// The verdicts on the first `from` lines, and on each longer part.
fn growing(tape: &Tape, from: usize, text: &str) -> Vec<String> {
    let part = |count| Tape { header: tape.header.clone(), lines: tape.lines[..count].to_vec() }.verdict(text);
    (from..=tape.lines.len()).map(part).collect()
}

#[test]
fn a_gap_that_begins_at_a_deadline_begins_no_later_for_what_was_read_back() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(2.0, 0, Change::Added, object("a", 103, "Pending")).bookmark(3.0, 0, 104);
    tape.object(8.0, 0, Change::Modified, object("a", 106, "Pending"));
    let event = tape.last_object();
    (event.not_before, event.healed) = (Some(at(3.0)), true);
    tape.gap(8.0, 0, (3.0, 104), 110);
    let Some(Payload::Gap(gap)) = tape.lines.last_mut().map(|line| &mut line.payload) else { panic!("a gap") };
    gap.reason = GapReason::Contradicted;
    let text = document(
        "p: {kind: Pod, namespace: n, name: a, life: first}",
        "{track: p.phase, every: Pending, then: Running, within: 1s}",
    );
    let mut same = tape.clone();
    same.unchanged(8.0, 0, "a", 106).attached(8.0, 0, 110);
    assert_eq!(growing(&same, 2, &text), ["pending", "pending", "pending", "pending", "pending", "violated"]);
    // The next version may have followed the one that was read back at once.
    tape.object(8.0, 0, Change::Listed, object("a", 108, "Running")).attached(8.0, 0, 110).closed(9.0);
    assert_eq!(tape.verdict(&text), "inconclusive");
}

#[test]
fn too_few_are_none_too_few_where_none_may_have_lived_in_the_window() {
    let window = "{until: {time: \"2026-11-20T18:00:02Z\"}}";
    let text = |quantify: &str, statement: &str| {
        windowed(&format!("p: {{kind: Pod, namespace: n, {quantify}}}"), window, statement)
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).bookmark(1.0, 0, 101).reconnected(5.0, 0, 101, 1.0);
    // It was created at some moment from 1 to 5.
    tape.object(5.0, 0, Change::Added, object("a", 105, "Pending"));
    tape.last_object().not_before = Some(at(1.0));
    tape.bookmark(6.0, 0, 106).closed(7.0);
    for quantify in ["quantify: any, min: 2", "quantify: each, min: 2", "quantify: any", "quantify: each"] {
        let verdicts = growing(&tape, 1, &text(quantify, "{track: p.phase, never: Pending}"));
        let (last, before) = verdicts.split_last().unwrap();
        assert!(before[..5].iter().all(|verdict| verdict == "pending"), "{quantify} {verdicts:?}");
        assert_eq!(last, "inconclusive", "{quantify}");
    }
    // One of two certainly lived in it.
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("a", 105, "Pending")).bookmark(6.0, 0, 106);
    assert_eq!(tape.verdict(&text("quantify: any, min: 2", "{track: p.phase, never: Failed}")), "violated");
}

fn in_namespace(namespace: &str, name: &str, version: impl Display, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"uid-{namespace}-{version}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

#[test]
fn the_first_life_of_a_name_stays_the_first_when_another_namespace_shows_the_name() {
    let never =
        |life: &str| document(&format!("p: {{kind: Pod, name: a, life: {life}}}"), "{track: p.phase, never: Pending}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, in_namespace("n", "a", 101, "Pending"));
    tape.object(2.0, 0, Change::Added, in_namespace("m", "a", 102, "Running")).closed(9.0);
    for life in ["first", "1"] {
        assert_eq!(growing(&tape, 2, &never(life)), ["violated"; 4], "{life}");
    }
    for life in ["2", "last"] {
        assert_eq!(growing(&tape, 2, &never(life)), ["pending", "pending", "pending", "satisfied"], "{life}");
    }
    // Which of those that were there before began first is not known.
    let mut there = Tape::of(vec![pods()]);
    there.object(0.0, 0, Change::Listed, in_namespace("n", "a", 91, "Pending"));
    there.object(0.0, 0, Change::Listed, in_namespace("m", "a", 92, "Running")).attached(0.0, 0, 100).closed(9.0);
    for life in ["first", "2", "last"] {
        let verdicts = growing(&there, 1, &never(life));
        assert!(
            verdicts.iter().all(|verdict| verdict == "pending" || verdict == "inconclusive"),
            "{life} {verdicts:?}"
        );
    }
}

#[test]
fn of_two_watches_the_first_life_of_a_name_is_known_once_both_were_read() {
    let of = |namespace: &str| Watch { namespace: namespace.into(), ..pods() };
    let never = document("p: {kind: Pod, name: a, life: first}", "{track: p.phase, never: Pending}");
    let mut tape = Tape::of(vec![of("n"), of("m")]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(2.0, 0, Change::Added, in_namespace("n", "a", 103, "Pending"));
    let mut other = tape.clone();
    tape.bookmark(3.0, 1, 104);
    assert_eq!(growing(&tape, 3, &never), ["pending", "violated"]);
    other.object(3.0, 1, Change::Added, in_namespace("m", "a", 102, "Running")).bookmark(4.0, 0, 105);
    other.bookmark(4.0, 1, 105).closed(5.0);
    assert_eq!(other.verdict(&never), "satisfied");
}

#[test]
fn lives_of_a_name_in_any_namespace_are_ordered_by_lines_where_versions_are_not_numbers() {
    let never = document("p: {kind: Pod, name: a, life: first}", "{track: p.phase, never: Pending}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100);
    tape.object(1.0, 0, Change::Added, in_namespace("n", "a", "x", "Pending"));
    tape.object(2.0, 0, Change::Added, in_namespace("m", "a", "y", "Running")).closed(9.0);
    let verdicts = growing(&tape, 1, &never);
    assert_eq!(verdicts, ["pending", "violated", "violated", "violated", "violated"]);
}

#[test]
fn a_watch_that_may_miss_a_name_leaves_its_namespace_undecided() {
    let selected = Watch { namespace: "m".into(), label_selector: "app=x".to_owned(), ..pods() };
    let mut tape = Tape::of(vec![selected, Watch { namespace: "n".into(), ..pods() }]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100).closed(5.0);
    let text = document("p: {kind: Pod, name: a, quantify: each}", "{track: p.phase, never: Failed}");
    assert_eq!(tape.verdict(&text), "inconclusive");
}
