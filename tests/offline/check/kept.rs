//! Decided verdicts stay decided: while a list is read, when another stream reports more, when a subject is deleted.

use super::tape::{Tape, object, of_json, pods, vmis};
use statetrail::observation::{Change, Object, Payload, ResourceVersion};

const POD: &str = "p: {kind: Pod, uid: uid-a}";

fn document(subjects: &str, window: &str, statement: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects: {{{subjects}}}\n\
         window: {window}\nexpect: [{statement}]\n"
    )
}

fn ready(version: u64, phase: &str, status: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"{phase}","conditions":[{{"type":"Ready","status":"{status}"}}]}}}}"#
    ))
}

fn vmi(version: u64, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"v","namespace":"n","uid":"uid-v","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

#[test]
fn a_gap_takes_no_pass_away_while_its_list_is_read() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "Running", "True"));
    tape.gap(5.0, 0, (2.0, 11), 20);
    let (mut same, mut other) = (tape.clone(), tape.clone());
    same.line(5.0, Payload::Unchanged { watch: 0, uid: "uid-a".into(), resource_version: ResourceVersion::new("11") });
    same.attached(5.0, 0, 20).closed(9.0);
    other.object(5.0, 0, Change::Listed, ready(15, "Running", "True")).attached(5.0, 0, 20);
    for statement in [
        "{track: p.phase, never: Pending}",
        "{track: p.phase, always: Running}",
        "{track: p.phase, path: Running}",
        "{track: p.phase, graph: {Running: []}}",
        "{track: p.phase, count: {Pending: {max: 0}}}",
        "{track: \"p.condition/*\", never: Absent}",
        "{enter: p.phase=Pending, onlyAfter: p.phase=Failed}",
        "{quiet: [p.phase], after: p.condition/PodScheduled=True}",
    ] {
        let expectation = document(POD, "{from: created}", statement);
        assert_eq!(tape.verdict(&expectation), "pending", "{statement}");
        assert_eq!(same.verdict(&expectation), "satisfied", "{statement}");
        assert!(other.verdict(&expectation).ends_with("pass lost") || other.verdict(&expectation) == "inconclusive");
    }
}

#[test]
fn later_events_of_one_stream_do_not_change_a_decided_order() {
    let subjects = "p: {kind: Pod, uid: uid-a}, v: {kind: VirtualMachineInstance, name: v, life: first}";
    let only = |enter: &str, after: &str| {
        let statement = format!("{{enter: {enter}, onlyAfter: {after}}}");
        document(subjects, "{from: created}", &statement)
    };
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(2.0, 1, Change::Added, vmi(12, "Scheduling")).bookmark(3.0, 0, 13);
    let (fits, fails) = (only("p.phase=Failed", "v.phase=Scheduling"), only("p.phase=Pending", "v.phase=Running"));
    assert_eq!((tape.verdict(&fits), tape.verdict(&fails)), ("satisfied".into(), "violated".into()));
    // The other stream has not been read that far.
    let (mut pod, mut other) = (tape.clone(), tape);
    pod.object(4.0, 0, Change::Modified, object("a", 20, "Failed"));
    assert_eq!(pod.verdict(&fits), "satisfied");
    other.object(4.0, 1, Change::Modified, vmi(20, "Running"));
    assert_eq!(other.verdict(&fails), "violated");
}

#[test]
fn an_order_that_the_other_stream_may_still_change_is_not_known() {
    let subjects = "p: {kind: Pod, uid: uid-a}, v: {kind: VirtualMachineInstance, name: v, life: first}";
    let only = document(subjects, "{from: created}", "{enter: p.phase=Failed, onlyAfter: v.phase=Running}");
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, vmi(11, "Scheduling"));
    tape.object(2.0, 0, Change::Added, object("a", 20, "Failed"));
    assert_eq!(tape.verdict(&only), "pending");
    let mut before = tape.clone();
    before.object(3.0, 1, Change::Modified, vmi(15, "Running"));
    assert_eq!(before.verdict(&only), "satisfied");
    assert_eq!(tape.bookmark(3.0, 1, 25).verdict(&only), "violated");
}

#[test]
fn a_deletion_reaches_back_into_no_gap_that_was_over() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "Pending", "True"));
    tape.gap(8.0, 0, (2.0, 11), 20).object(8.0, 0, Change::Listed, ready(15, "Running", "True"));
    tape.attached(8.0, 0, 20).line(9.0, Payload::Mark { name: "begin".to_owned() });
    tape.object(10.0, 0, Change::Modified, ready(22, "Failed", "True"));
    let never = document(POD, "{from: {mark: begin}}", "{track: p.phase, never: Failed}");
    let always = document(POD, "{from: {mark: begin}}", "{track: p.condition/Ready, always: \"True\"}");
    assert_eq!((tape.verdict(&never), tape.verdict(&always)), ("violated".into(), "pending".into()));
    tape.object(12.0, 0, Change::Deleted, ready(25, "Failed", "True"));
    assert_eq!((tape.verdict(&never), tape.verdict(&always)), ("violated".into(), "satisfied".into()));
}

#[test]
fn a_window_goes_on_behind_the_deletion_of_its_subject() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "Pending", "True"));
    tape.object(2.0, 0, Change::Deleted, ready(12, "Pending", "True"));
    for statement in ["{track: \"p.condition/*\", never: \"False\"}", "{track: p.phase, never: Failed}"] {
        let never = document(POD, "{from: attached, until: {mark: done}}", statement);
        let mut tape = tape.clone();
        assert_eq!(tape.verdict(&never), "pending", "{statement}");
        tape.line(3.0, Payload::Mark { name: "done".to_owned() });
        assert_eq!(tape.closed(9.0).verdict(&never), "satisfied", "{statement}");
    }
}
