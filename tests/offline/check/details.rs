//! Details of states: a statement sees those that it names, and no change of others.

use super::tape::{Tape, at, document, growing, of_json, pods, program, several, vmis, windowed};
use crate::sketches;
use statetrail::expectation::{Program, Sketch, Source, judge_line, judge_sketch};
use statetrail::observation::{Change, Object, Payload};

const POD: &str = "p: {kind: Pod, uid: uid-a}";

/// A pod with a condition Ready.
fn ready(version: u64, status: &str, reason: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"{status}","reason":"{reason}"}}]}}}}"#
    ))
}

/// A pod with a container that was terminated.
fn terminated(version: u64, restarts: u32, code: i32) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","containerStatuses":[{{"name":"app","restartCount":{restarts},"state":{{"terminated":{{"reason":"Error","exitCode":{code}}}}}}}]}}}}"#
    ))
}

fn last(tape: &Tape, text: &str) -> char {
    growing(tape, text).chars().next_back().unwrap()
}

#[test]
fn a_condition_changes_its_reason_while_its_status_stays() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "False", "Starting"));
    tape.object(2.0, 0, Change::Modified, ready(12, "False", "Probing")).line(3.0, Payload::Mark { name: "m".into() });
    tape.object(4.0, 0, Change::Modified, ready(13, "False", "Starting"));
    tape.object(5.0, 0, Change::Modified, ready(14, "True", "Probing")).closed(9.0);
    let judge = |statement: &str| last(&tape, &document(POD, &format!("{{track: p.condition/Ready, {statement}}}")));
    for (statement, verdict) in [
        ("path: \"False -> True\"", 'S'),
        ("path: \"False/Starting -> False/Probing -> False/Starting -> True\"", 'S'),
        // Another reason is not distinguished.
        ("path: \"False/Starting -> False -> False/Starting -> True\"", 'S'),
        ("path: \"False -> False/Probing -> False -> True\"", 'S'),
        ("path: \"False/Starting -> True\"", 'V'),
        ("path: \"... -> False/Probing for <1s -> ...\"", 'V'),
        ("path: \"... -> False/Probing for >=2s -> ...\"", 'S'),
        ("count: {\"False/Starting\": {min: 2, max: 2}}", 'S'),
        ("count: {\"False\": {max: 1}}", 'S'),
        ("never: \"_/Deferred\"", 'S'),
        ("never: \"_/Probing\"", 'V'),
        ("never: \"True/Starting\"", 'S'),
        ("every: False/Starting, then: _/Probing, within: 1s", 'S'),
        ("every: False/Probing, then: True, within: 1s", 'V'),
        ("graph: {False/Starting: [False, True], \"False\": [False/Starting]}", 'S'),
    ] {
        assert_eq!(judge(statement), verdict, "{statement}");
    }
    // The reason that is held when a window starts, and the first reasons in order.
    let held = windowed(POD, "{from: {mark: m}}", "{track: p.condition/Ready, path: False/Probing -> False -> True}");
    assert_eq!(last(&tape, &held), 'S');
    let kept = windowed(POD, "{from: {mark: m}}", "{track: p.condition/Ready, path: \"False -> True\"}");
    assert_eq!(last(&tape, &kept), 'S');
    let after = "{enter: p.condition/Ready=_/Probing, onlyAfter: p.condition/Ready=False/Starting}";
    assert_eq!(last(&tape, &document(POD, after)), 'S');
    let before = "{enter: p.condition/Ready=True, onlyAfter: p.condition/Ready=_/Deferred}";
    assert_eq!(last(&tape, &document(POD, before)), 'V');
}

#[test]
fn a_gap_may_hide_a_reason_though_the_status_is_found_as_it_was() {
    let never = document(POD, "{track: p.condition/Ready, never: False/Probing}");
    let always = document(POD, "{track: p.condition/Ready, always: _/Starting}");
    let found = document(POD, "{track: p.condition/Ready, path: \"... -> False/Starting -> ... -> False/Other\"}");
    for reason in ["Starting", "Other"] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "False", "Starting"));
        tape.gap(5.0, 0, (2.0, 11), 20).object(5.0, 0, Change::Listed, ready(19, "False", reason)).attached(5.0, 0, 20);
        tape.closed(9.0);
        assert_eq!(last(&tape, &never), 'i', "{reason}");
        let is_other = reason == "Other";
        assert_eq!(last(&tape, &always), if is_other { 'V' } else { 'i' }, "{reason}");
        assert_eq!(last(&tape, &found), if is_other { 'S' } else { 'V' }, "{reason}");
    }
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "False", "Starting"));
    tape.gap(5.0, 0, (2.0, 11), 20).unchanged(5.0, 0, "a", 11).attached(5.0, 0, 20).closed(9.0);
    assert_eq!(last(&tape, &never), 'S', "nothing happened in the gap");
}

#[test]
fn exit_codes_and_restarts_are_told_apart() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, terminated(11, 0, 137));
    tape.object(2.0, 0, Change::Modified, terminated(12, 1, 1)).closed(9.0);
    let judge = |statement: &str| last(&tape, &document(POD, &format!("{{track: p.container/app, {statement}}}")));
    for (statement, verdict) in [
        ("never: Error/137", 'V'),
        ("never: terminated:_/137", 'V'),
        ("path: \"terminated:Error/137 -> ... -> Error/1\"", 'S'),
        // What ran between them was not published.
        ("never: Error/139", 'i'),
        ("never: Running", 'i'),
        ("count: {restart: {min: 1}}", 'S'),
    ] {
        assert_eq!(judge(statement), verdict, "{statement}");
    }
}

#[test]
fn a_pod_has_its_own_reason_and_a_volume_the_pod_that_attaches_it() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10);
    let pod = |version: u64, status: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{{status}}}}}"#
        ))
    };
    tape.object(1.0, 0, Change::Added, pod(11, r#""phase":"Failed""#));
    tape.object(2.0, 0, Change::Modified, pod(12, r#""phase":"Failed","reason":"Evicted""#));
    let vmi = |version: u64, pod: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"v","namespace":"n","uid":"uid-v","resourceVersion":"{version}"}},"status":{{"phase":"Running","volumeStatus":[{{"name":"disk","phase":"Ready","hotplugVolume":{{"attachPodName":"{pod}"}}}}]}}}}"#
        ))
    };
    tape.object(3.0, 1, Change::Added, vmi(13, "hp-one")).object(4.0, 1, Change::Modified, vmi(14, "hp-two"));
    tape.closed(9.0);
    let evicted = document(POD, "{track: p.phase, path: Failed -> Failed/Evicted}");
    assert_eq!(last(&tape, &evicted), 'S');
    assert_eq!(last(&tape, &document(POD, "{track: p.phase, path: Failed}")), 'S');
    let moved = "{track: v.volume/disk, path: Ready/hp-one -> Ready/hp-two}";
    assert_eq!(last(&tape, &document("v: {kind: VirtualMachineInstance, name: v, life: first}", moved)), 'S');
    // Across two kinds, a detail has the place of its version.
    let both = "p: {kind: Pod, uid: uid-a}, v: {kind: VirtualMachineInstance, uid: uid-v}";
    let after = document(both, "{enter: v.volume/disk=Ready/hp-two, onlyAfter: p.phase=Failed/Evicted}");
    assert_eq!(last(&tape, &after), 'S');
    let before = document(both, "{enter: p.phase=Failed/Evicted, onlyAfter: v.volume/disk=_/hp-one}");
    assert_eq!(last(&tape, &before), 'V');
}

#[test]
fn many_changes_of_a_detail_push_nothing_out_of_a_window_that_names_it_not() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "False", "R0"));
    for number in 1..200_u32 {
        let version = 11 + u64::from(number);
        tape.object(
            1.0 + f64::from(number) / 100.0,
            0,
            Change::Modified,
            ready(version, "False", &format!("R{number}")),
        );
    }
    tape.closed(9.0);
    let statement = "{track: p.condition/Ready, count: {\"False\": {max: 1}}}";
    let some = "{track: p.condition/Ready, count: {False/R7: {min: 1, max: 1}}}";
    let window = format!("{{from: {{time: {:?}}}}}", at(1.005).to_string());
    for text in [document(POD, statement), windowed(POD, &window, statement), document(POD, some)] {
        assert_eq!(tape.verdict(&text), "satisfied", "{text}");
    }
}

#[test]
fn a_restart_with_another_detail_hides_as_much_in_a_sketch_as_in_a_recording() {
    let judge = |sketch: &str, line: &str| judge_line(sketch, line).unwrap().standing.verdict.to_string();
    for (from, to) in [("", ""), ("/137", "/1")] {
        let sketch = format!("pod container/app: terminated:Error{from}#0 terminated:Error{to}#1 |closed");
        for line in ["never running:_", "Error"] {
            assert_eq!(judge(&sketch, line), "inconclusive", "{sketch}: {line}");
        }
    }
    let sketch = "pod container/app: running:T/a#1@5 running:T/b#2@10 |deleted@30";
    assert_eq!(judge(sketch, "count terminated:F min 1 max 2"), "inconclusive");
    assert_eq!(judge(sketch, "T for >10s"), "inconclusive");
}

#[test]
fn quiet_on_a_family_sees_the_details_that_it_awaits_on_the_track_that_it_awaits() {
    let sketch = "pod/a condition/Ready: True/A@0 True/B@2 True/A@4; pod/a condition/Init: True/A@1 True/B@3 |closed";
    let judge =
        |statement: &str| sketches::judged(&document("p: {kind: Pod, name: a}", statement), sketch).verdict.to_string();
    for (quiet, after, verdict) in [
        ("condition/Ready", "condition/Ready", "violated"),
        ("'condition/*'", "condition/Ready", "violated"),
        ("condition/Init", "condition/Ready", "satisfied"),
        ("condition/Ready", "condition/*", "violated"),
    ] {
        let statement = format!("{{quiet: [{quiet}], after: \"p.{after}=True/B\"}}");
        assert_eq!(judge(&statement), verdict, "{statement}");
    }
}

#[test]
fn a_statement_without_details_is_judged_as_if_no_other_named_any() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "True", "A"));
    tape.reconnected(6.0, 0, 11, 1.0).object(6.0, 0, Change::Modified, ready(12, "True", "B"));
    tape.last_object().not_before = Some(at(1.0));
    tape.object(7.0, 0, Change::Modified, ready(13, "False", "B")).closed(9.0);
    let window = format!("{{from: {{time: {:?}}}, max: 1s}}", at(3.0).to_string());
    let plain = windowed(POD, &window, "{track: p.condition/Ready, always: \"True\"}");
    let both = several([&plain, &document(POD, "{track: p.condition/Ready, never: True/A}")]);
    let verdicts = |text: &str| -> Vec<String> {
        tape.judge(text).iter().map(|outcome| outcome.standing.verdict.to_string()).collect()
    };
    assert_eq!(verdicts(&plain), ["satisfied"]);
    assert_eq!(verdicts(&both), ["satisfied", "violated"]);
    let sketch = "marks: m@3 ; pod/a condition/Ready: False/a@0 False@[1,5] |closed@10";
    let marked =
        windowed("p: {kind: Pod, name: a}", "{from: {mark: m}}", "{track: p.condition/Ready, always: \"False\"}");
    assert_eq!(sketches::judged(&marked, sketch).verdict.to_string(), "satisfied");
}

#[test]
fn slashes_that_are_no_details_are_quoted_or_follow_a_number() {
    let error = |line: &str| {
        let source = Source::Line { name: "--expect", text: line };
        Program::compile([source]).map(|_| ()).unwrap_err().to_string()
    };
    for line in [
        "deploy/d ready: 0/3 -> ... -> 3/3",
        "pod/a status: Init:0/2 -> ...",
        "pod/a zone: 'a/b' -> ...",
        "pod/a condition/Ready: True/'Not Ready' -> 'Un known'/X -> True/Y/Z",
        "pod/a container/app: terminated:'a b'/137 -> _/1 -> terminated:_/'x y'/signal:9",
        "pod/a condition/Ready: True/A -> True -> True/A",
        "pod/a condition/Ready: never [True/A, _/B]",
    ] {
        program(line);
    }
    assert!(error("pod/a zone: a/b -> ...").contains("quote the state: `'a/b'`"));
    for text in [
        "vm/a condition/Ready: never True/404",
        "pod/a phase: never Failed/signal:9",
        "pod/a container/app: never running:_/137",
        "vmi/a volume/disk: never _/1",
    ] {
        assert!(error(text).contains("only containers that ended have an exit code or a signal"), "{text}");
    }
    assert!(error("pod/a lifecycle: Present/x").contains("no details"));
    for line in ["True/", "True//A", "True/A/", "_/"] {
        assert!(error(&format!("pod/a condition/Ready: {line}")).contains("expected a detail after"), "{line}");
    }
    assert!(error("pod/a condition/Ready: True/A -> True/A").contains("follows itself"));
    let reasons: Vec<String> = (0..12).map(|number| format!("True/R{number}")).collect();
    assert!(error(&format!("pod/a condition/Ready: never [{}]", reasons.join(", "))).contains("different states"));
}

#[test]
fn a_quoted_label_of_a_sketch_has_details_too() {
    let sketch = "vm/a observedGeneration: '1'/Current@1 '1'/'Not Current'@2 'it''s'/A#1@3 |closed@9";
    let sketch = Sketch::parse("--timeline", sketch).unwrap();
    for (line, verdict) in [
        ("vm/a observedGeneration: '1'/Current -> '1'/'Not Current' -> 'it''s'/A", "satisfied"),
        ("vm/a observedGeneration: never _/'Not Current'", "violated"),
    ] {
        let program = Program::for_sketch("--expect", line, &sketch).unwrap();
        assert_eq!(judge_sketch(program, &sketch).remove(0).standing.verdict.to_string(), verdict, "{line}");
    }
    for (sketch, error) in [
        ("'1'/ |closed", "expected a detail after `/`"),
        ("'1'/'A |closed", "never closed"),
        // A gap is not part of a detail, nor is an end.
        ("'1'/Outdated~ '2' |closed", "`~` in a state"),
        ("'1'/A|closed", "a space before the end"),
        ("'1'/A,b |closed", "`,` in a state"),
        ("'1'/A'b' |closed", "`'` in a state"),
    ] {
        assert!(Sketch::parse("--timeline", sketch).unwrap_err().to_string().contains(error), "{sketch}");
    }
}
