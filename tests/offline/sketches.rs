//! Sketches: labels with quotes, names with slashes, marks, and several lives of one name.

use statetrail::expectation::{Judgement, Program, Sketch, Verdict, judge_line, judge_sketch};

/// The first judgement of a document on a sketch.
pub(super) fn judged(document: &str, sketch: &str) -> Judgement {
    let sketch = Sketch::parse("--timeline", sketch).unwrap_or_else(|error| panic!("{sketch}\n{error}"));
    let program = Program::document_for_sketch("x.yaml", document, &sketch);
    let program = program.unwrap_or_else(|error| panic!("{document}\n{error}"));
    judge_sketch(program, &sketch).remove(0).standing
}

fn verdict(sketch: &str, line: &str) -> Verdict {
    judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}")).standing.verdict
}

fn document(sketch: &str, subject: &str, rest: &str) -> Verdict {
    let text = format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects: {{p: {subject}}}\n{rest}\n"
    );
    judged(&text, sketch).verdict
}

fn refused(sketch: &str) -> String {
    Sketch::parse("--timeline", sketch).expect_err("it is refused").to_string()
}

#[test]
fn a_label_comes_back_from_a_sketch_as_it_was_written() {
    for label in ["", "'", "it's", "''", "a b", "a;b", "a/b", "x:y", "|closed", "~", "^", "#1", "@2", "Absent", "ä]]>"]
    {
        let quoted = format!("'{}'", label.replace('\'', "''"));
        for text in
            [format!("{quoted} |closed"), format!("pod/a x: {quoted}@3 |closed"), format!("^{quoted}#2@1 |open")]
        {
            let sketch = Sketch::parse("--timeline", &text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(sketch.tracks[0].events[0].shown().expect("a state").symbol.label, label, "{text}");
        }
        let path = format!("{quoted} -> R");
        assert_eq!(verdict(&format!("{quoted} R |closed"), &path), Verdict::Satisfied, "{path}");
        assert_eq!(verdict(&format!("Other{} R |closed", label.len()), &path), Verdict::Violated, "{path}");
    }
    assert_eq!(
        verdict("pod/a container/app: waiting:'' running:'it''s' |closed", "waiting:'' -> running:'it''s'"),
        Verdict::Satisfied
    );
    assert!(refused("'it''s |closed").contains("never closed"));
}

#[test]
fn names_and_tracks_may_have_slashes() {
    assert_eq!(
        verdict(
            "pod/a condition/example.com/Ready: False True |closed",
            "pod/a condition/example.com/Ready: False -> True"
        ),
        Verdict::Satisfied
    );
    assert_eq!(verdict("pod/n/'a/b' phase: Pending Running |closed", "Pending -> Running"), Verdict::Satisfied);
}

#[test]
fn marks_bound_windows() {
    let expect = "window: {from: {mark: begin}, until: {mark: done}}\nexpect: [{track: p.phase, never: [Running]}]";
    let judged = |sketch: &str| document(sketch, "{kind: Pod, name: a}", expect);
    assert_eq!(judged("pod/a phase: Pending@0 Running@5 ; marks: begin@1 done@4 |closed@9"), Verdict::Satisfied);
    assert_eq!(judged("pod/a phase: Pending@0 Running@5 ; marks: begin@1 done@6 |closed@9"), Verdict::Violated);
    assert_eq!(
        judged("marks: begin@1 ; pod/a phase: Pending@0 Running@5 ; marks: done@4 |closed@9"),
        Verdict::Satisfied
    );
    assert!(refused("P ; marks: begin |closed").contains("`begin` is not a mark"));
    assert!(refused("marks: begin@1 |closed").contains("marks without a track"));
    assert!(refused("P@0 ; marks: done@5 |closed@4").contains("before its last entry"));
}

#[test]
fn a_name_may_have_several_lives() {
    let lives = "pod/a phase: Pending@0 Failed@3 |deleted@5 ; pod/a#2 phase: Pending@6 Running@9 |closed@20";
    let sketch = Sketch::parse("--timeline", lives).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(sketch.tracks.iter().map(|track| track.life).collect::<Vec<_>>(), [1, 2]);
    let each = |path: &str| {
        let expect = format!("expect: [{{track: p.phase, path: \"{path}\"}}]");
        document(lives, "{kind: Pod, quantify: each}", &expect)
    };
    assert_eq!(each("Pending -> (Failed | Running)"), Verdict::Satisfied);
    assert_eq!(each("Pending -> Running"), Verdict::Violated, "the first life failed");
    assert!(refused("pod/a phase: Pending@0 ; pod/a#2 phase: Pending@6 |closed").contains("does not end"));
    assert!(refused("pod/a phase: P@0 |deleted@7 ; pod/a#2 phase: P@6 |closed").contains("begins before"));
    assert!(refused("pod/a#2 phase: P |closed").contains("without one before it"));
    assert!(refused("pod/a#0 phase: P |closed").contains("`#0` is not a life"));
    assert!(refused("pod/a phase: P@3 |deleted@2 ; pod/b phase: P |closed").contains("before its last entry"));
}

#[test]
fn what_was_not_seen_of_a_subject_was_not_seen_of_tracks_that_the_sketch_does_not_show() {
    for shown in ["^Running |closed@9", "Pending ~2,3~ Running |closed@9", "Pending@0 ~2,3~ Running |deleted@9"] {
        let sketch = format!("pod/a phase: {shown}");
        for line in ["count True max 0", "count True min 1"] {
            let line = format!("pod/a condition/Ready: {line}");
            assert_eq!(verdict(&sketch, &line), Verdict::Inconclusive, "{sketch}: {line}");
        }
    }
    let vmi = |pod: &str| {
        let sketch = format!("pod/a phase: {pod} ; vmi/a phase: Running@5 |closed@9");
        verdict(&sketch, "vmi/a phase: Running onlyAfter pod/a condition/Ready: True")
    };
    assert_eq!(vmi("Pending@0 ~2,3~ Running"), Verdict::Inconclusive);
    assert_eq!(vmi("Pending@0 ~6,7~ Running"), Verdict::Violated, "what the gap hides comes later");
    // A shown track has the gaps that are written in it, and what was never published hides no other track.
    let other = "pod/a phase: ^Running ; pod/a condition/Ready: False@0 |closed@9";
    assert_eq!(verdict(other, "pod/a condition/Ready: count True max 0"), Verdict::Satisfied);
    let restarted = "pod/a container/app: Running#0@0 Running#1@3 |closed@9";
    assert_eq!(verdict(restarted, "pod/a condition/Ready: count True max 0"), Verdict::Satisfied);
}

#[test]
fn until_a_mark_that_ends_the_window_has_come_no_number_of_subjects_is_too_many() {
    let pods = "pod/a phase: Pending@0 Running@15 ; pod/b phase: Pending@4 Failed@16";
    for born in ["", ", born: window"] {
        let judged = |marks: &str, window: &str| {
            let expect = format!("window: {window}\nexpect: [{{track: p.phase, never: Unknown}}]");
            document(&format!("{pods} {marks} |closed@30"), &format!("{{kind: Pod, max: 1{born}}}"), &expect)
        };
        assert_eq!(judged("", "{until: {mark: m}}"), Verdict::Inconclusive, "{born}");
        assert_eq!(judged("; marks: m@3", "{until: {mark: m}}"), Verdict::Satisfied, "{born}");
        assert_eq!(judged("; marks: m@4", "{until: {mark: m}}"), Verdict::Violated, "{born}");
        assert_eq!(judged("", "{until: {mark: m}, max: 10s}"), Verdict::Violated, "each window is over{born}");
    }
}
