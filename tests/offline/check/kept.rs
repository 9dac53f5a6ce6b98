//! Decided verdicts stay decided: while a list is read, when another stream reports more, when a subject is deleted.

use super::tape::{Tape, document, growing, object, of_json, pods, vmis, windowed, with_condition};
use statetrail::observation::{Change, Object, Payload};

const POD: &str = "p: {kind: Pod, uid: uid-a}";

fn ready(version: u64, phase: &str, status: &str) -> Object {
    with_condition(version, phase, "Ready", status)
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
    same.unchanged(5.0, 0, "a", 11);
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
        let expectation = windowed(POD, "{from: created}", statement);
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
        windowed(subjects, "{from: created}", &statement)
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
    let only = windowed(subjects, "{from: created}", "{enter: p.phase=Failed, onlyAfter: v.phase=Running}");
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
    let never = windowed(POD, "{from: {mark: begin}}", "{track: p.phase, never: Failed}");
    let always = windowed(POD, "{from: {mark: begin}}", "{track: p.condition/Ready, always: \"True\"}");
    assert_eq!((tape.verdict(&never), tape.verdict(&always)), ("violated".into(), "pending".into()));
    tape.object(12.0, 0, Change::Deleted, ready(25, "Failed", "True"));
    assert_eq!((tape.verdict(&never), tape.verdict(&always)), ("violated".into(), "satisfied".into()));
}

#[test]
fn a_gap_hides_nothing_of_before_a_bookmark_that_is_later_than_the_last_object() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, vmi(11, "Scheduling"));
    tape.object(2.0, 0, Change::Added, object("a", 12, "Running")).bookmark(3.0, 1, 13);
    let subjects = "p: {kind: Pod, uid: uid-a}, v: {kind: VirtualMachineInstance, name: v, life: first}";
    let only = document(subjects, "{enter: p.phase=Running, onlyAfter: v.phase=Running}");
    tape.gap(6.0, 1, (4.0, 11), 20).object(6.0, 1, Change::Listed, vmi(19, "Running")).attached(6.0, 1, 20).closed(9.0);
    assert_eq!(growing(&tape, &only), "pppppVVVVVVV");
}

#[test]
fn a_window_goes_on_behind_the_deletion_of_its_subject() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "Pending", "True"));
    tape.object(2.0, 0, Change::Deleted, ready(12, "Pending", "True"));
    for statement in ["{track: \"p.condition/*\", never: \"False\"}", "{track: p.phase, never: Failed}"] {
        let never = windowed(POD, "{from: attached, until: {mark: done}}", statement);
        let mut tape = tape.clone();
        assert_eq!(tape.verdict(&never), "pending", "{statement}");
        tape.line(3.0, Payload::Mark { name: "done".to_owned() });
        assert_eq!(tape.closed(9.0).verdict(&never), "satisfied", "{statement}");
    }
}

#[test]
fn a_name_that_was_taken_throughout_a_gap_had_no_other_life_in_it_whatever_comes_later() {
    let window = format!("{{until: {{time: {:?}}}}}", super::tape::at(7.0).to_string());
    let any = |life: &str| {
        windowed(&format!("p: {{kind: Pod, namespace: n, name: a{life}}}"), &window, "{track: p.phase, never: Failed}")
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.gap(6.0, 0, (2.0, 11), 20);
    tape.unchanged(6.0, 0, "a", 11);
    tape.attached(6.0, 0, 20).bookmark(8.0, 0, 22);
    for life in ["", ", life: any", ", max: 1"] {
        let mut gone = tape.clone();
        assert_eq!(tape.verdict(&any(life)), "satisfied", "{life}");
        gone.object(9.0, 0, Change::Deleted, object("a", 25, "Running"));
        assert_eq!(gone.verdict(&any(life)), "satisfied", "{life}");
    }
    // It went in the gap, so another may have had the name.
    let mut hidden = Tape::of(vec![pods()]);
    hidden.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    hidden.gap(6.0, 0, (2.0, 11), 20).attached(6.0, 0, 20).bookmark(8.0, 0, 22);
    assert!(!hidden.verdict(&any("")).starts_with("satisfied"));
}

#[test]
fn an_object_that_may_have_gone_in_a_gap_had_its_name_no_longer_for_certain() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.unreadable(2.0, 0, "a", 12).unreadable(3.0, 0, "b", 13).closed(9.0);
    // What could not be read may be the deletion of `a`, and another of its name with this label.
    let other = document("p: {kind: Pod, namespace: n, name: a, labels: {app: y}}", "{track: p.phase, never: Failed}");
    assert_eq!(growing(&tape, &other), "ppppppi");
}

#[test]
fn what_is_found_behind_a_gap_began_in_it_where_the_watch_shows_all() {
    let tell = |watch: statetrail::observation::Watch| {
        let mut tape = Tape::of(vec![watch]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
        tape.line(2.0, Payload::Mark { name: "done".to_owned() }).bookmark(4.0, 0, 12);
        tape.gap(9.0, 0, (5.0, 12), 20).object(9.0, 0, Change::Listed, object("b", 15, "Failed"));
        tape.object(9.0, 0, Change::Listed, object("a", 11, "Running")).attached(9.0, 0, 20).closed(12.0);
        tape.verdict(&windowed("p: {kind: Pod}", "{until: {mark: done}}", "{track: p.phase, never: Failed}"))
    };
    assert_eq!(tell(pods()), "satisfied");
    let mut selected = pods();
    selected.label_selector = "app=x".into();
    assert_eq!(tell(selected), "inconclusive", "it may have been there before");
}

#[test]
fn a_gap_that_begins_with_the_version_that_ended_another_hides_nothing_of_before() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "Pending", "True"));
    tape.gap(8.0, 0, (2.0, 11), 20).object(8.0, 0, Change::Listed, ready(15, "Failed", "True"));
    tape.attached(8.0, 0, 20);
    let window = format!("{{from: {{time: {:?}}}}}", super::tape::at(4.0).to_string());
    let never = windowed("p: {kind: Pod}", &window, "{track: p.phase, never: Failed}");
    assert_eq!(tape.verdict(&never), "violated");
    tape.gap(9.0, 0, (8.0, 20), 30);
    assert_eq!(tape.verdict(&never), "violated");
}

#[test]
fn a_condition_of_which_it_is_not_known_whose_counts_takes_no_pass_away() {
    let subjects = "p: {kind: Pod, namespace: n, name: a, life: last}, q: {kind: Pod}";
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    let only = windowed(subjects, "{from: created}", "{enter: q.phase=Running, onlyAfter: p.phase=Running}");
    assert_eq!(tape.verdict(&only), "pending");
    assert_eq!(tape.closed(9.0).verdict(&only), "satisfied");
}
