//! Coverage: what a judge may conclude about subjects, and about their absence, when streams were seen differently far.

use super::tape::{Tape, object, of_json, pods, vmis, windowed};
use statetrail::observation::{Change, Payload, Undecodable, Watch};

const NEVER: &str = "pod/a phase: never Failed";
const NO_VMI: &str = "vmi phase: ... -> Running -> ...";

fn lived(watches: Vec<Watch>) -> Tape {
    let mut tape = Tape::of(watches);
    (0..tape.header.watches.len()).for_each(|watch| _ = tape.attached(0.0, watch.try_into().unwrap(), 10));
    tape.object(1.0, 0, Change::Added, object("a", 11, "Pending")).object(
        2.0,
        0,
        Change::Modified,
        object("a", 12, "Running"),
    );
    tape
}

#[test]
fn a_stream_whose_fence_failed_leaves_its_own_subjects_undecided_and_no_other() {
    let mut tape = lived(vec![pods(), vmis()]);
    tape.fence(9.0, 0, true).fence(9.0, 1, false).ended(9.0);
    assert_eq!(tape.verdict(NEVER), "satisfied");
    assert_eq!(tape.verdict(NO_VMI), "inconclusive");
    let mut tape = lived(vec![pods(), vmis()]);
    tape.fence(9.0, 0, false).fence(9.0, 1, true).ended(9.0);
    assert_eq!(tape.verdict(NEVER), "inconclusive");
    assert_eq!(tape.verdict(NO_VMI), "violated");
}

#[test]
fn what_no_stream_watched_is_not_absent() {
    let mut tape = lived(vec![pods()]);
    tape.closed(9.0);
    let outcome = tape.judge(NO_VMI).remove(0);
    assert_eq!(outcome.standing.verdict.as_str(), "inconclusive");
    assert!(outcome.reason.contains("no watch would have shown"), "{}", outcome.reason);
    let elsewhere = Watch { namespace: "other".into(), ..pods() };
    let mut tape = Tape::of(vec![elsewhere]);
    tape.attached(0.0, 0, 10).closed(9.0);
    let document = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {pod: {kind: Pod, namespace: n}}
expect: [{track: pod.phase, never: Failed}]
";
    assert_eq!(tape.verdict(document), "inconclusive");
    let labelled = Watch { label_selector: "app=x".to_owned(), ..pods() };
    let mut tape = Tape::of(vec![labelled]);
    tape.attached(0.0, 0, 10).closed(9.0);
    assert_eq!(tape.verdict("pod/a phase: ... -> Running -> ..."), "inconclusive", "it may have other labels");
}

#[test]
fn a_kind_that_is_not_served_cannot_have_subjects() {
    let mut tape = lived(vec![pods(), vmis()]);
    tape.lines.remove(1);
    tape.line(0.5, Payload::NotServed { watch: 1 }).closed(9.0);
    assert_eq!(tape.verdict(NO_VMI), "violated");
}

#[test]
fn a_condition_may_have_held_before_its_kind_was_seen() {
    let document = |window: &str| {
        let subjects = "p: {kind: Pod}, v: {kind: VirtualMachineInstance}";
        windowed(subjects, window, "{enter: p.phase=Running, onlyAfter: v.phase=Running}")
    };
    let (whole, attached, time) = ("{from: created}", "{from: attached}", "{from: {time: '2026-11-20T18:00:00.5Z'}}");
    // The pod runs from second 2 on.
    for (absent, listed, expected) in [
        (Some(0.1), None, ["inconclusive", "violated", "violated"]),
        (Some(0.1), Some(5.0), ["inconclusive", "violated", "violated"]),
        (Some(5.0), None, ["inconclusive"; 3]),
        (None, Some(0.1), ["inconclusive", "violated", "violated"]),
        (None, Some(5.0), ["inconclusive"; 3]),
    ] {
        let mut tape = lived(vec![pods(), vmis()]);
        tape.lines.remove(1);
        if let Some(at) = absent {
            tape.line(at, Payload::NotServed { watch: 1 });
        }
        if let Some(at) = listed {
            tape.attached(at, 1, 15);
        }
        tape.lines.sort_by_key(|line| line.stamp.elapsed);
        tape.closed(9.0);
        let found = [whole, attached, time].map(|window| tape.verdict(&document(window)));
        assert_eq!(found, expected, "not served from {absent:?}, listed at {listed:?}");
    }
}

#[test]
fn a_recording_that_was_taken_up_again_is_open_until_it_ends_again() {
    let mut tape = lived(vec![pods()]);
    tape.closed(9.0).line(10.0, Payload::Resumed { tool: "x".to_owned() });
    assert_eq!(tape.verdict("pod/a phase: Pending -> Running"), "pending");
    tape.object(11.0, 0, Change::Modified, object("a", 13, "Failed")).closed(12.0);
    assert_eq!(tape.verdict(NEVER), "violated");
}

const WITHIN: &str = "pod/a phase: every Pending then Running within 5s";

/// A pod that is pending at second 1, and a bookmark at second 20.
fn late(line: impl FnOnce(&mut Tape)) -> Tape {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    line(&mut tape);
    tape
}

#[test]
fn time_passes_only_as_far_as_the_stream_was_seen() {
    assert_eq!(late(|_| ()).verdict(WITHIN), "pending");
    // The answer may bear the moment of the bookmark, too.
    assert_eq!(late(|tape| _ = tape.bookmark(6.0, 0, 12)).verdict(WITHIN), "pending");
    assert_eq!(late(|tape| _ = tape.bookmark(6.1, 0, 12)).verdict(WITHIN), "violated");
}

#[test]
fn what_was_decided_before_an_end_that_nothing_proves_stays_decided() {
    assert_eq!(late(|tape| _ = tape.bookmark(6.1, 0, 12).ended(9.0)).verdict(WITHIN), "violated");
    assert_eq!(late(|tape| _ = tape.bookmark(5.9, 0, 12).ended(9.0)).verdict(WITHIN), "inconclusive");
    assert_eq!(late(|tape| _ = tape.bookmark(6.0, 0, 12).ended(9.0)).verdict("pod/a phase: Pending"), "inconclusive");
    let mut tape = effect(12);
    assert_eq!(tape.ended(40.0).verdict(CAUSE), "inconclusive", "the cause may lie behind version 12");
    let mut tape = effect(16);
    assert_eq!(tape.ended(40.0).verdict(CAUSE), "violated");
    let mut tape = effect(16);
    tape.header.watches[0].namespace = "other".into();
    assert_eq!(tape.ended(40.0).verdict("vmi/v phase: Running onlyAfter pod/n/a phase: Running"), "inconclusive");
}

#[test]
fn an_event_that_could_not_be_read_may_have_been_the_answer() {
    let unread = |tape: &mut Tape, uid: Option<&str>| {
        tape.line(
            2.0,
            Payload::Undecodable(Undecodable {
                watch: 0,
                uid: uid.map(Into::into),
                resource_version: Some(statetrail::observation::ResourceVersion::new("12")),
                error: "no JSON".to_owned(),
                ..Undecodable::default()
            }),
        );
        tape.bookmark(20.0, 0, 13);
    };
    assert_eq!(late(|tape| unread(tape, Some("uid-a"))).verdict(WITHIN), "pending, pass lost");
    assert_eq!(late(|tape| unread(tape, None)).verdict(WITHIN), "pending, pass lost");
    // Of an unknown subject, it may have been the only event.
    let mut tape = late(|tape| unread(tape, Some("uid-b")));
    tape.closed(21.0);
    assert_eq!(tape.verdict(WITHIN), "violated");
    assert_eq!(tape.verdict("pod phase: never Failed"), "inconclusive");
}

#[test]
fn a_list_that_is_still_being_read_after_a_loss_says_nothing_of_those_to_come() {
    let tape =
        late(|tape| _ = tape.gap(20.0, 0, (2.0, 11), 15).object(20.1, 0, Change::Listed, object("b", 14, "Running")));
    assert_eq!(tape.verdict(WITHIN), "pending");
}

#[test]
fn behind_an_event_of_a_backlog_there_may_be_more_of_it() {
    let tape = late(|tape| {
        tape.object(20.0, 0, Change::Added, object("b", 12, "Running"));
        let seen = tape.last_object();
        seen.not_before = Some(super::tape::at(1.5));
    });
    assert_eq!(tape.verdict(WITHIN), "pending", "the answer may lie in the backlog as well");
}

/// Excludes pods from before the recording.
const CAUSE: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {vmi: {kind: vmi, name: v}, pod: {kind: Pod, name: a, life: first}}
expect: [{enter: vmi.phase=Running, onlyAfter: pod.phase=Running}]
";

/// A VMI that runs at version 15, with the pod's stream read to this version.
fn effect(read: u64) -> Tape {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(2.0, 1, Change::Added, object("v", 15, "Running")).bookmark(30.0, 0, read);
    tape
}

#[test]
fn a_cause_of_an_earlier_version_may_still_be_on_its_way() {
    assert_eq!(effect(12).verdict(CAUSE), "pending");
    assert_eq!(effect(16).verdict(CAUSE), "violated");
    let mut tape = effect(12);
    tape.object(31.0, 0, Change::Modified, object("a", 14, "Running")).closed(32.0);
    assert_eq!(tape.verdict(CAUSE), "satisfied", "it happened before, whenever it came");
    let mut tape = effect(16);
    tape.object(31.0, 0, Change::Modified, object("a", 17, "Running")).closed(32.0);
    assert_eq!(tape.verdict(CAUSE), "violated");
}

#[test]
fn versions_of_different_storages_say_nothing_of_order() {
    let mut tape = effect(14);
    tape.header.watches[1].separate_storage = true;
    tape.object(31.0, 0, Change::Modified, object("a", 17, "Running")).closed(32.0);
    assert_eq!(tape.verdict(CAUSE), "inconclusive");
}

#[test]
fn owners_and_labels_are_read_from_the_recording() {
    let pod = |name: &str, version: u64, owner: &str, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}","labels":{{"app":"{name}"}},"ownerReferences":[{{"uid":"{owner}","kind":"VirtualMachineInstance"}}]}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("v", 11, "Pending"));
    tape.object(2.0, 1, Change::Added, object("w", 12, "Pending"));
    tape.object(3.0, 0, Change::Added, pod("a", 13, "uid-v", "Running"));
    tape.object(4.0, 0, Change::Added, pod("b", 14, "uid-w", "Failed")).closed(9.0);
    let document = |more: &str| {
        format!(
            "
apiVersion: statetrail/v1
kind: Expectation
metadata: {{name: x}}
subjects: {{vmi: {{kind: vmi, name: v}}, pod: {{kind: Pod, {more}}}}}
expect: [{{track: pod.phase, never: Failed}}]
"
        )
    };
    assert_eq!(tape.verdict(&document("ownedBy: vmi")), "satisfied");
    assert_eq!(tape.verdict(&document("labels: {app: a}")), "satisfied");
    assert_eq!(tape.verdict(&document("labels: {app: b}")), "violated");
    assert_eq!(tape.verdict(&document("quantify: each")), "violated");
}

/// A path of the pod that was seen, whatever other pods had its name.
fn known(path: &str) -> String {
    format!(
        "
apiVersion: statetrail/v1
kind: Expectation
metadata: {{name: x}}
subjects: {{pod: {{kind: Pod, uid: uid-a}}}}
expect: [{{track: pod.phase, path: {path}}}]
"
    )
}

#[test]
fn stamps_of_objects_are_no_times_of_receipt() {
    let mut tape = lived(vec![pods()]);
    tape.header.clock = statetrail::recording::Clock::Server;
    tape.object(90.0, 0, Change::Deleted, object("a", 13, "Running")).ended(99.0);
    assert_eq!(tape.verdict(&known("Pending -> Running")), "satisfied");
    assert_eq!(tape.verdict("pod/a phase: every Pending then Running within 500ms"), "inconclusive");
    assert_eq!(tape.verdict("pod/a phase: Pending for <30s -> Running"), "inconclusive");
}

#[test]
fn a_storage_that_counts_anew_keeps_what_came_after_it_after_it() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 0, Change::Added, object("a", 101, "Pending"));
    tape.object(2.0, 0, Change::Modified, object("a", 102, "Running"));
    tape.replaced(5.0, 0, (2.0, 102), 10);
    tape.object(5.0, 0, Change::Listed, object("a", 9, "Running")).attached(5.0, 0, 10);
    tape.object(6.0, 0, Change::Modified, object("a", 11, "Failed")).closed(9.0);
    assert_eq!(tape.verdict(&known("Pending -> Running -> ... -> Failed")), "satisfied");
    assert_eq!(tape.verdict("pod/a phase: ... -> Failed -> ... -> Pending -> ..."), "inconclusive");
    // What was decided before stays decided.
    let only =
        known("x").replace("track: pod.phase, path: x", "enter: pod.phase=Running, onlyAfter: pod.lifecycle=Present");
    assert_eq!(tape.verdict(&only), "satisfied");
    // Revisions from before and after cannot be compared, so they do not order the two.
    let (end, fences) = (tape.lines.pop().unwrap(), tape.lines.split_off(tape.lines.len() - 2));
    tape.object(7.0, 1, Change::Added, object("v", 150, "Running"));
    tape.lines.extend(fences.into_iter().chain([end]));
    assert_eq!(tape.verdict("vmi/v phase: Running onlyAfter pod/a phase: Failed"), "inconclusive");
    assert_eq!(tape.verdict("pod/a phase: Failed onlyAfter vmi/v phase: Running"), "inconclusive");
}

#[test]
fn a_window_that_counts_from_a_creation_of_an_unknown_moment_has_no_known_end() {
    let document = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {pod: {kind: Pod, name: a}}
window: {from: created, max: 10s}
expect: [{track: pod.phase, never: Failed}]
";
    let made = |not_before: Option<f64>| {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(9.0, 0, Change::Added, object("a", 11, "Pending"));
        let seen = tape.last_object();
        seen.not_before = not_before.map(super::tape::at);
        tape.object(15.0, 0, Change::Modified, object("a", 12, "Failed")).closed(60.0);
        tape
    };
    assert_eq!(made(None).verdict(document), "violated");
    // Created at second 2, its window was over at second 12.
    assert_eq!(made(Some(1.0)).verdict(document), "inconclusive");
}
