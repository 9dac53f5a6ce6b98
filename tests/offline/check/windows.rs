//! Windows of recordings: marks, subjects outside, the streams of two subjects.

use super::tape::{Tape, growing, object, of_json, pods, several, vmis, windowed};
use statetrail::expectation::Verdict;
use statetrail::observation::{Change, Object, Payload, Watch};

const BETWEEN: &str = "{from: {mark: begin}, until: {mark: done}}";

fn mark(tape: &mut Tape, second: f64, name: &str) {
    tape.line(second, Payload::Mark { name: name.to_owned() });
}

fn vmi(version: u64, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"v","namespace":"n","uid":"uid-v","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

fn lived() -> Tape {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(2.0, 0, Change::Modified, object("a", 12, "Failed"));
    tape
}

#[test]
fn a_mark_that_never_came_leaves_a_window_undecided() {
    let never = |window: &str| windowed("p: {kind: Pod, name: a}", window, "{track: p.phase, never: Failed}");
    let mut tape = lived();
    for window in ["{from: {mark: x}}", "{until: {mark: x}}", "{until: {mark: x}, max: 1h}"] {
        assert_eq!(tape.verdict(&never(window)), "pending", "{window}");
    }
    tape.closed(9.0);
    for window in ["{from: {mark: x}}", "{until: {mark: x}}", "{until: {mark: x}, max: 1h}"] {
        assert_eq!(tape.verdict(&never(window)), "inconclusive", "{window}");
    }
    // It would have come too late to matter.
    assert_eq!(tape.verdict(&never("{until: {mark: x}, max: 3s}")), "violated");
}

#[test]
fn marks_in_the_wrong_order_make_no_window() {
    let mut tape = lived();
    mark(&mut tape, 3.0, "done");
    mark(&mut tape, 4.0, "begin");
    // The first mark of a name counts.
    mark(&mut tape, 5.0, "done");
    let never = windowed("p: {kind: Pod, name: a}", BETWEEN, "{track: p.phase, never: Failed}");
    assert_eq!(tape.closed(9.0).verdict(&never), "inconclusive");
}

#[test]
fn a_quantifier_means_only_those_that_lived_within_the_window() {
    let mut tape = lived();
    tape.object(3.0, 0, Change::Deleted, object("a", 13, "Failed"));
    mark(&mut tape, 4.0, "begin");
    mark(&mut tape, 5.0, "done");
    tape.object(6.0, 0, Change::Added, object("b", 14, "Failed"));
    let open = tape.clone();
    tape.closed(9.0);
    let never = "{track: p.phase, never: Failed}";
    for subject in ["kind: Pod", "kind: Pod, name: a", "kind: Pod, min: 0"] {
        let text = windowed(&format!("p: {{{subject}}}"), BETWEEN, never);
        let judged = (tape.verdict(&text), open.verdict(&text));
        assert_eq!((judged.0.as_str(), judged.1.as_str()), ("inconclusive", "pending"), "{subject}");
        let negated = windowed(&format!("p: {{{subject}}}"), BETWEEN, &format!("{{not: {never}}}"));
        assert_eq!(tape.verdict(&negated), "inconclusive", "too few are nothing to judge: {subject}");
    }
    for name in ["name: a, life: first", "name: b, life: last", "uid: uid-a"] {
        let subject = format!("p: {{kind: Pod, {name}}}");
        for statement in ["never: Running", "always: Failed", "path: Failed"] {
            let statement = format!("{{track: p.phase, {statement}}}");
            assert_eq!(tape.verdict(&windowed(&subject, BETWEEN, &statement)), "inconclusive", "{name} {statement}");
        }
        let negated = "{not: {track: p.phase, never: Failed}}";
        assert_eq!(tape.verdict(&windowed(&subject, BETWEEN, negated)), "inconclusive", "{name}");
    }
}

#[test]
fn a_first_life_that_ended_before_the_mark_leaves_the_others_decided() {
    let life = |uid: &str, version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"{uid}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let tape_with = |gone: f64, begun: f64| {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, life("u1", 11, "Failed"));
        tape.object(gone, 0, Change::Deleted, life("u1", 12, "Failed"));
        mark(&mut tape, begun, "begin");
        tape.lines.sort_by_key(|line| line.stamp.at);
        tape.object(6.0, 0, Change::Added, life("u2", 14, "Running")).closed(9.0);
        tape
    };
    let on = |tape: &Tape, subject: &str| {
        let subject = format!("p: {{kind: Pod, name: a{subject}}}");
        tape.verdict(&windowed(&subject, "{from: {mark: begin}}", "{track: p.phase, never: Failed}"))
    };
    for (subject, before, within) in [
        ("", "satisfied", "violated"),
        (", max: 1", "satisfied", "violated"),
        (", min: 2", "violated", "violated"),
        (", life: any", "satisfied", "satisfied"),
        (", life: first", "inconclusive", "violated"),
    ] {
        assert_eq!(on(&tape_with(2.0, 3.0), subject), before, "gone before the window{subject}");
        assert_eq!(on(&tape_with(3.0, 2.0), subject), within, "gone within the window{subject}");
    }
    let mut delayed = tape_with(5.0, 3.0);
    for line in &mut delayed.lines {
        if let Payload::Object(seen) = &mut line.payload
            && seen.change == Change::Deleted
        {
            seen.not_before = Some(super::tape::at(2.0));
        }
    }
    assert_eq!(on(&delayed, ""), "inconclusive", "it may have gone before the mark, or after it");
    assert_eq!(on(&delayed, ", max: 1"), "inconclusive");
}

#[test]
fn the_end_of_one_stream_says_nothing_of_another_within_a_window() {
    const BOTH: &str = "p: {kind: Pod, name: a, life: first}, v: {kind: VirtualMachineInstance, name: v}";
    let only = "{enter: v.phase=Running, onlyAfter: p.phase=Running}";
    let tape_with = |pods_until: f64| {
        let mut tape = Tape::of(vec![pods(), vmis()]);
        tape.attached(0.0, 0, 10).attached(0.0, 1, 10);
        tape.object(1.0, 0, Change::Added, object("a", 11, "Pending"));
        tape.object(2.0, 1, Change::Added, vmi(12, "Scheduling")).bookmark(pods_until.min(9.0), 0, 13);
        tape.object(10.0, 1, Change::Modified, vmi(20, "Running"));
        if pods_until > 10.0 {
            tape.bookmark(pods_until, 0, 30);
        }
        mark(&mut tape, 20.0, "done");
        tape.bookmark(30.0, 1, 31).ended(30.0);
        tape
    };
    for (pods_until, expected) in [(5.0, "inconclusive"), (25.0, "violated")] {
        let tape = tape_with(pods_until);
        assert_eq!(tape.verdict(&windowed(BOTH, "{until: {mark: done}}", only)), expected, "pods until {pods_until}");
    }
    let negated = format!("{{not: {only}}}");
    assert_eq!(tape_with(5.0).verdict(&windowed(BOTH, "{until: {mark: done}}", &negated)), "inconclusive");
}

/// The last line, delayed since then.
fn since(tape: &mut Tape, second: f64) {
    let seen = tape.last_object();
    seen.not_before = Some(super::tape::at(second));
}

fn ready(version: u64, condition: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Pending","conditions":[{condition}]}}}}"#
    ))
}

const POD: &str = "p: {kind: Pod, uid: uid-a}";
const TRUE: &str = r#"{"type":"Ready","status":"True"}"#;

#[test]
fn a_window_that_may_end_before_it_starts_is_inconclusive() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10);
    mark(&mut tape, 8.0, "done");
    tape.object(9.0, 0, Change::Added, object("a", 11, "Pending"));
    since(&mut tape, 7.0);
    tape.closed(20.0);
    for statement in [
        "{track: p.phase, count: {Pending: {min: 2}}}",
        "{track: p.phase, always: Pending}",
        "{enter: p.phase=Failed, onlyAfter: p.phase=Running}",
    ] {
        let expectation = windowed(POD, "{from: attached, until: {mark: done}}", statement);
        assert_eq!(tape.verdict(&expectation), "inconclusive", "{statement}");
    }
    // `max` counts from the start, whenever that was.
    let longest = windowed(POD, "{from: attached, max: 1s}", "{track: p.phase, always: Pending}");
    assert_eq!(tape.verdict(&longest), "satisfied");
}

#[test]
fn a_track_that_may_have_been_lost_before_the_start_may_have_no_state() {
    let lost = |until: f64| {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10);
        mark(&mut tape, 18.0, "begin");
        tape.object(19.0, 0, Change::Added, ready(11, TRUE));
        since(&mut tape, 13.0);
        tape.object(21.0, 0, Change::Modified, ready(12, ""));
        since(&mut tape, until);
        tape.closed(30.0);
        tape
    };
    let never = windowed(POD, "{from: {mark: begin}}", "{track: p.condition/Ready, never: Absent}");
    assert_eq!(lost(13.0).verdict(&never), "inconclusive");
    assert_eq!(lost(18.5).verdict(&never), "violated");
}

#[test]
fn of_two_versions_that_may_be_as_early_the_window_starts_with_the_first() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(11.0, 0, Change::Added, ready(11, ""));
    since(&mut tape, 6.0);
    tape.object(11.0, 0, Change::Modified, ready(12, TRUE));
    since(&mut tape, 6.0);
    tape.closed(20.0);
    for (statement, expected) in [
        ("{enter: p.lifecycle=Present, onlyAfter: \"p.condition/Ready=True\"}", "violated"),
        ("{enter: \"p.condition/Ready=True\", onlyAfter: p.lifecycle=Present}", "satisfied"),
    ] {
        assert_eq!(tape.verdict(&windowed(POD, "{from: attached}", statement)), expected, "{statement}");
    }
}

#[test]
fn while_a_mark_has_not_come_too_few_subjects_violate_nothing() {
    let two = |window: &str| windowed("p: {kind: Pod, min: 2}", window, "{track: p.phase, never: Failed}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running")).bookmark(9.0, 0, 15);
    // The end is over, and the start has not come.
    let from = two(&format!("{{from: {{mark: begin}}, until: {{time: {:?}}}}}", super::tape::at(5.0).to_string()));
    assert_eq!(tape.verdict(&from), "pending");
    mark(&mut tape, 10.0, "begin");
    assert_eq!(tape.verdict(&from), "inconclusive", "it ends before it starts");
    assert_eq!(tape.closed(12.0).verdict(&from), "inconclusive");
    let until = two("{until: {mark: done}}");
    assert_eq!(tape.verdict(&until), "inconclusive", "the mark never came");
}

#[test]
fn one_that_began_after_the_end_is_none_where_the_window_starts_with_each() {
    let text = |number: &str| {
        let until = super::tape::at(5.0).to_string();
        let window = format!("{{from: attached, until: {{time: {until:?}}}}}");
        windowed(&format!("p: {{kind: Pod, {number}}}"), &window, "{track: p.phase, never: Failed}")
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.object(6.0, 0, Change::Added, object("b", 12, "Failed"));
    let open = tape.clone();
    tape.closed(9.0);
    for (number, expected) in [("max: 1", "satisfied"), ("min: 2", "violated"), ("quantify: any", "satisfied")] {
        assert_eq!(open.verdict(&text(number)), expected, "{number}");
        assert_eq!(tape.verdict(&text(number)), expected, "{number}");
    }
}

#[test]
fn one_that_went_at_the_start_of_a_window_did_not_live_in_it() {
    let mut tape = lived();
    tape.object(3.0, 0, Change::Deleted, object("a", 13, "Failed"));
    tape.object(4.0, 0, Change::Added, object("b", 14, "Running")).closed(9.0);
    let two = |start: f64| {
        let window = format!("{{from: {{time: {:?}}}}}", super::tape::at(start).to_string());
        windowed("p: {kind: Pod, min: 2, quantify: any}", &window, "{track: p.phase, never: Failed}")
    };
    assert_eq!(tape.verdict(&two(2.9)), "satisfied");
    assert_eq!(tape.verdict(&two(3.0)), "violated");
}

#[test]
fn one_that_left_the_selection_at_the_start_of_a_window_may_have_been_deleted_then() {
    let labelled = |name: &str, version: u64| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}","labels":{{"app":"x"}}}},"status":{{"phase":"Running"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![Watch { label_selector: "app=x".to_owned(), ..pods() }]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, labelled("a", 11));
    tape.object(1.0, 0, Change::Added, labelled("b", 12))
        .object(3.0, 0, Change::Deleted, labelled("a", 13))
        .closed(9.0);
    let one = |start: f64| {
        let window = format!("{{from: {{time: {:?}}}}}", super::tape::at(start).to_string());
        windowed("p: {kind: Pod, labels: {app: x}, max: 1}", &window, "{track: p.phase, never: Failed}")
    };
    assert_eq!(tape.verdict(&one(2.9)), "violated", "both were there");
    assert_eq!(tape.verdict(&one(3.0)), "inconclusive");
}

#[test]
fn what_comes_at_the_moment_of_the_last_line_may_still_be_within() {
    let never = |subjects: &str| {
        let window = format!("{{until: {{time: {:?}}}}}", super::tape::at(3.0).to_string());
        windowed(subjects, &window, "{track: p.phase, never: Failed}")
    };
    let each = never("p: {kind: Pod}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.object(3.0, 0, Change::Modified, object("a", 12, "Succeeded"));
    let mut other = tape.clone();
    assert_eq!(tape.verdict(&each), "pending");
    assert_eq!(tape.bookmark(4.0, 0, 15).verdict(&each), "satisfied");
    assert_eq!(other.object(3.0, 0, Change::Added, object("b", 13, "Failed")).verdict(&each), "violated");
}

#[test]
fn a_track_of_a_family_that_came_behind_the_window_says_nothing_of_it() {
    let pod = |version: u64, conditions: &[&str]| {
        let conditions: Vec<String> =
            conditions.iter().map(|name| format!(r#"{{"type":"{name}","status":"True"}}"#)).collect();
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","conditions":[{}]}}}}"#,
            conditions.join(",")
        ))
    };
    let window = format!("{{from: created, until: {{time: {:?}}}}}", super::tape::at(3.0).to_string());
    let path = windowed("p: {kind: Pod, uid: uid-a}", &window, "{track: \"p.condition/*\", path: 'True'}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, pod(11, &["Ready"])).bookmark(4.0, 0, 12);
    assert_eq!(tape.verdict(&path), "satisfied");
    tape.object(5.0, 0, Change::Modified, pod(13, &["Ready", "PodScheduled"]));
    assert_eq!(tape.verdict(&path), "satisfied");
    assert_eq!(tape.closed(9.0).verdict(&path), "satisfied");
}

#[test]
fn what_a_window_decides_stays_decided_however_many_events_follow() {
    let statements = [
        "path: Pending -> Running -> ...",
        "never: Failed",
        "count: {Running: {max: 20}}",
        "count: {Running: {min: 10}}",
    ];
    let ready = "{enter: p.phase=Running, onlyAfter: p.phase=Pending}";
    let windows = [
        "{until: {time: '2026-11-20T18:00:01.5Z'}}",
        "{max: 1s}",
        "{from: {mark: begin}, max: 500ms}",
        "{from: {mark: begin}, until: {mark: done}}",
        "{until: {mark: done}}",
        "{max: 1h}",
    ];
    let statements = statements.map(|statement| format!("{{track: p.phase, {statement}}}"));
    let statements = || statements.iter().map(String::as_str).chain([ready]);
    let all: Vec<String> = windows
        .iter()
        .flat_map(|window| statements().map(|statement| windowed("p: {kind: Pod, uid: uid-a}", window, statement)))
        .collect();
    let text = several(&all);
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(0.5, 0, Change::Added, object("a", 11, "Pending"));
    let mut before: Vec<Verdict> = Vec::new();
    let mut decided = 0;
    for number in 0..14_000_u32 {
        let second = 1.0 + f64::from(number) / 1000.0;
        match number {
            200 => mark(&mut tape, second, "begin"),
            900 => mark(&mut tape, second, "done"),
            _ => {}
        }
        let phase = if number == 6_500 { "Failed" } else { ["Running", "Pending"][usize::from(number % 2 == 1)] };
        tape.object(second, 0, Change::Modified, object("a", 12 + u64::from(number), phase));
        if [1_499, 4_200, 6_600, 9_000, 13_999].contains(&number) {
            let now: Vec<Verdict> = tape.judge(&text).iter().map(|outcome| outcome.standing.verdict).collect();
            for (at, (was, is)) in before.iter().zip(&now).enumerate() {
                assert!(!was.is_decided() || was == is, "after {number}: {was}, then {is}: {}", all[at]);
            }
            decided = now.iter().filter(|verdict| verdict.is_decided()).count();
            before = now;
        }
    }
    assert_eq!(decided, all.len(), "{before:?}");
    let ended: Vec<Verdict> = tape.closed(20.0).judge(&text).iter().map(|outcome| outcome.standing.verdict).collect();
    assert_eq!(ended, before);
}

#[test]
fn how_many_live_in_a_window_after_the_recording_is_undecided() {
    let mut tape = lived();
    tape.closed(9.0);
    let window = "{from: {time: \"2026-11-20T18:00:20Z\"}}";
    for number in ["min: 1", "min: 2", "min: 0, max: 0"] {
        let subjects = format!("p: {{kind: Pod, quantify: each, {number}}}");
        let verdict = tape.verdict(&windowed(&subjects, window, "{track: p.phase, never: Running}"));
        assert_eq!(verdict, "inconclusive", "{number}");
    }
}

#[test]
fn a_condition_that_was_lost_before_a_window_may_have_stayed_so_in_its_gap() {
    let ready = |version: u64, conditions: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","conditions":[{conditions}]}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100);
    tape.object(1.0, 0, Change::Added, ready(101, r#"{"type":"Ready","status":"False"}"#));
    tape.object(2.0, 0, Change::Modified, ready(102, "")).bookmark(2.5, 0, 102);
    mark(&mut tape, 2.5, "begin");
    tape.bookmark(4.0, 0, 102).gap(6.0, 0, (4.0, 102), 110).object(6.0, 0, Change::Listed, ready(105, ""));
    tape.attached(6.0, 0, 110).closed(30.0);
    for statement in [
        "{track: p.condition/Ready, every: Absent, min: 0, then: \"True\", within: 1s}",
        "{not: {not: {track: p.condition/Ready, every: Absent, min: 0, then: \"True\", within: 1s}}}",
        "{track: p.condition/Ready, count: {Absent: {max: 0}}}",
    ] {
        let text = windowed("p: {kind: Pod, namespace: n, name: a}", "{from: {mark: begin}}", statement);
        assert_eq!(tape.verdict(&text), "inconclusive", "{statement}");
    }
}

#[test]
fn a_mark_that_is_written_after_later_lines_is_no_earlier_than_these() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(2.0, 0, Change::Added, object("p", 11, "Pending"));
    tape.object(6.0, 0, Change::Modified, object("p", 12, "Running"));
    mark(&mut tape, 5.5, "done");
    tape.object(7.0, 0, Change::Modified, object("p", 13, "Failed")).closed(9.0);
    let of = |window: &str, statement: &str| windowed("p: {kind: Pod, name: p, life: first}", window, statement);
    let over = of(
        "{from: {time: '2026-11-20T18:00:01Z'}, until: {mark: done}, max: 5s}",
        "{track: p.phase, path: Pending -> Running}",
    );
    assert!(growing(&tape, &over).ends_with("SS"));
    let held = of("{from: {mark: done}}", "{track: p.phase, path: Running -> Failed -> ...}");
    assert!(growing(&tape, &held).ends_with('S'));
}
