//! What was decided of one storage stays decided when another takes its place.

use super::tape::{Tape, at, document, growing, object, of_json, pods, vmis, windowed};
use statetrail::observation::{Change, GapReason, Object, Watch};

/// A pod `a` with this uid.
fn life(namespace: &str, uid: &str, version: u64, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"{namespace}","uid":"uid-{uid}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

/// A version that was read back.
fn healed(tape: &mut Tape, (from, to): (f64, f64), change: Change, object: Object) {
    tape.object(to, 0, change, object);
    let event = tape.last_object();
    (event.not_before, event.healed) = (Some(at(from)), true);
}

#[test]
fn the_first_stays_the_first_when_the_storage_is_replaced_under_two_watches_one_after_the_other() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.object(0.0, 0, Change::Listed, object("a", 90, "Pending")).attached(0.0, 0, 100).attached(0.0, 1, 100);
    let never = document("s: {kind: Pod, quantify: first}", "{track: s.phase, never: Pending}");
    assert_eq!(tape.verdict(&never), "violated");
    tape.replaced(5.0, 1, (4.0, 100), 80);
    tape.attached(5.0, 1, 80);
    assert_eq!(tape.verdict(&never), "violated", "of VMIs");
    tape.replaced(6.0, 0, (4.0, 100), 81);
    assert_eq!(tape.verdict(&never), "violated", "of pods");
    tape.object(6.0, 0, Change::Listed, object("a", 70, "Pending")).attached(6.0, 0, 81).closed(9.0);
    assert_eq!(tape.verdict(&never), "violated", "at the end");
}

#[test]
fn a_watch_that_was_interrupted_when_another_saw_the_storage_replaced_may_have_missed_something() {
    let never = document("p: {kind: Pod, namespace: n, name: a}", "{track: p.phase, never: Failed}");
    let resumed = |alive: f64, at: f64, is_first: bool, separate: bool| {
        let mut tape = Tape::of(vec![pods(), Watch { separate_storage: separate, ..vmis() }]);
        tape.attached(0.0, 0, 100).attached(0.0, 1, 100).object(1.0, 0, Change::Added, object("a", 105, "Running"));
        tape.object(2.0, 1, Change::Added, object("v", 106, "Running"));
        let resume = |tape: &mut Tape| _ = tape.reconnected(at, 0, 105, alive);
        if is_first {
            resume(&mut tape);
        }
        tape.replaced(6.0, 1, (3.0, 106), 105).attached(6.0, 1, 105);
        if !is_first {
            resume(&mut tape);
        }
        tape.bookmark(20.0, 0, 120).closed(21.0).verdict(&never)
    };
    for is_first in [true, false] {
        assert_eq!(resumed(3.0, 6.0, is_first, false), "inconclusive", "{is_first}");
        assert_eq!(resumed(3.0, 6.0, is_first, true), "satisfied", "{is_first}: another storage");
    }
    assert_eq!(resumed(10.0, 11.0, false, false), "satisfied", "it was connected then");
}

#[test]
fn what_a_watch_delivers_later_begins_later_though_the_storage_of_another_was_replaced() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 0, Change::Added, object("a", 105, "Pending"));
    tape.object(2.0, 0, Change::Deleted, object("a", 107, "Pending"));
    tape.replaced(5.0, 1, (4.0, 100), 80);
    tape.attached(5.0, 1, 80).object(6.0, 0, Change::Added, object("b", 123, "Running"));
    let never = document("s: {kind: Pod, quantify: first}", "{track: s.phase, never: Pending}");
    assert_eq!(tape.verdict(&never), "violated");
}

#[test]
fn a_name_that_was_taken_through_a_gap_stays_taken_when_the_storage_is_replaced_later() {
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, object("a", 90, "Running")).attached(0.0, 0, 100);
    tape.gap(4.0, 0, (2.0, 100), 110);
    tape.unchanged(4.0, 0, "a", 90).attached(4.0, 0, 110).bookmark(6.0, 0, 120);
    let window = "{from: {time: \"2026-11-20T18:00:01Z\"}, max: 4s}";
    let always = windowed("s: {kind: Pod, namespace: n, name: a}", window, "{track: s.phase, always: Running}");
    assert_eq!(tape.verdict(&always), "satisfied");
    tape.replaced(9.0, 0, (7.0, 120), 95);
    assert_eq!(tape.verdict(&always), "satisfied", "replaced");
    // In the time of the replacement, another life may have had the name.
    let window = "{from: {time: \"2026-11-20T18:00:01Z\"}, max: 9s}";
    let always = windowed("s: {kind: Pod, namespace: n, name: a}", window, "{track: s.phase, always: Running}");
    tape.object(9.0, 0, Change::Listed, object("a", 90, "Running")).attached(9.0, 0, 95).closed(12.0);
    assert_eq!(tape.verdict(&always), "inconclusive");
}

#[test]
fn an_object_in_a_list_of_the_past_existed_before_that_list() {
    let mut tape = Tape::of(vec![pods()]);
    healed(&mut tape, (1.0, 5.0), Change::Listed, object("a", 90, "Running"));
    // The list of the past has the time of its state, and stands where it was recorded.
    tape.attached(5.0, 0, 100);
    tape.lines.last_mut().unwrap().stamp.at = at(1.0);
    tape.gap(5.0, 0, (1.0, 100), 110);
    tape.unchanged(5.0, 0, "a", 90).attached(5.0, 0, 110).closed(9.0);
    // Before that list it may have been Failed.
    let only = document(
        "s: {kind: Pod, namespace: n, name: a, life: any}",
        "{enter: s.phase=Running, onlyAfter: s.phase=Failed}",
    );
    assert_eq!(tape.verdict(&only), "inconclusive");
}

#[test]
fn of_two_that_a_list_of_the_past_shows_either_may_be_the_first_where_versions_are_not_numbers() {
    let mut tape = Tape::of(vec![pods()]);
    healed(&mut tape, (1.0, 5.0), Change::Listed, life("n", "late", 90, "Pending"));
    healed(&mut tape, (1.0, 5.0), Change::Listed, life("m", "early", 86, "Running"));
    tape.attached(5.0, 0, 95);
    tape.lines.last_mut().unwrap().stamp.at = at(1.0);
    healed(&mut tape, (1.0, 5.0), Change::Modified, life("n", "late", 99, "Failed"));
    tape.gap_for(GapReason::StorageUnproven, 5.0, 0, (1.0, 95), 100);
    tape.unchanged(5.0, 0, "late", 99).unchanged(5.0, 0, "early", 86).attached(5.0, 0, 100).closed(9.0);
    let never = document("p: {kind: Pod, name: a, life: first}", "{track: p.phase, never: Failed}");
    assert!(growing(&tape.opaque(), &never).ends_with('i'));
}

/// After a gap for this reason, the deletion of a life that ended before one that was read back before it.
fn two_lives(reason: GapReason) -> Tape {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100);
    healed(&mut tape, (1.0, 2.0), Change::Added, life("n", "later", 153, "Pending"));
    tape.gap_for(reason, 2.0, 0, (1.0, 100), 179);
    healed(&mut tape, (1.0, 2.0), Change::Deleted, life("n", "earlier", 148, "Running"));
    tape
}

#[test]
fn an_object_is_there_though_the_end_of_an_earlier_one_of_its_name_is_recorded_after_it() {
    let each = document("p: {kind: Pod}", "{track: p.phase, never: Running}");
    let path = document("p: {kind: Pod}", "{track: p.phase, path: Pending -> Running}");
    for reason in [GapReason::StorageUnproven, GapReason::StorageReplaced, GapReason::HistoryExpired] {
        let mut tape = two_lives(reason);
        let mut killed = tape.clone();
        killed.ended(4.0);
        tape.unchanged(2.0, 0, "later", 153).attached(2.0, 0, 179);
        tape.object(3.0, 0, Change::Deleted, life("n", "later", 197, "Pending")).closed(4.0);
        for tape in [tape.clone(), tape.opaque()] {
            assert!(growing(&tape, &each).ends_with('V'), "{reason:?}");
        }
        // No list shows whether the later one is gone.
        for killed in [killed.clone(), killed.opaque()] {
            assert!(growing(&killed, &path).ends_with('i'), "{reason:?}");
        }
    }
}

#[test]
fn a_name_is_that_of_the_object_in_the_list_whichever_was_read_back_last() {
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, life("n", "earlier", 90, "Pending")).attached(0.0, 0, 100);
    tape.gap_for(GapReason::StorageUnproven, 2.0, 0, (1.0, 100), 179);
    healed(&mut tape, (1.0, 2.0), Change::Added, life("n", "later", 153, "Running"));
    tape.unchanged(2.0, 0, "later", 153).attached(2.0, 0, 179);
    let never = document("p: {kind: Pod}", "{track: p.phase, never: Running}");
    assert_eq!(tape.verdict(&never), "violated");
    // Another one of the name without a deletion of this one: a line is missing.
    tape.object(3.0, 0, Change::Added, life("n", "last", 190, "Pending")).closed(4.0);
    assert_eq!(tape.verdict(&never), "inconclusive");
}

#[test]
fn an_object_that_another_one_had_replaced_may_be_back_in_another_storage() {
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, life("n", "earlier", 90, "Pending")).attached(0.0, 0, 100);
    healed(&mut tape, (1.0, 2.0), Change::Added, life("n", "later", 153, "Running"));
    tape.replaced(2.0, 0, (1.0, 100), 95);
    tape.object(2.0, 0, Change::Listed, life("n", "earlier", 90, "Pending")).attached(2.0, 0, 95);
    tape.object(3.0, 0, Change::Modified, life("n", "earlier", 97, "Succeeded")).closed(4.0);
    let never = document("p: {kind: Pod}", "{track: p.phase, never: Running}");
    assert!(growing(&tape, &never).ends_with('V'));
}

#[test]
fn a_gap_hides_nothing_before_what_was_read_back_of_its_object() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100);
    healed(&mut tape, (1.0, 2.0), Change::Added, object("a", 150, "Pending"));
    tape.gap_for(GapReason::StorageUnproven, 2.0, 0, (1.0, 100), 160);
    tape.unchanged(2.0, 0, "a", 150).attached(2.0, 0, 160).bookmark(3.0, 0, 165);
    tape.replaced(5.0, 0, (4.0, 165), 210);
    tape.object(5.0, 0, Change::Listed, object("a", 150, "Pending")).attached(5.0, 0, 210).closed(9.0);
    let only = document("p: {kind: Pod, quantify: any}", "{enter: p.condition/Ready=True, onlyAfter: p.phase=Pending}");
    assert!(growing(&tape, &only).ends_with('S'));
}

#[test]
fn an_object_that_a_storage_brings_back_may_have_had_an_earlier_life_before_the_recording() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).replaced(5.0, 0, (4.0, 100), 80);
    tape.object(5.0, 0, Change::Listed, object("a", 70, "Running")).attached(5.0, 0, 80);
    tape.object(6.0, 0, Change::Added, object("b", 81, "Running")).closed(9.0);
    let never = |uid: &str| {
        tape.verdict(&document(&format!("p: {{kind: Pod, uid: {uid}}}"), "{track: p.phase, never: Failed}"))
    };
    assert_eq!(never("uid-a"), "inconclusive", "its uid names the first of its lives");
    assert_eq!(never("uid-b"), "satisfied", "it was created later");
    let after = "a: {kind: Pod, uid: uid-a}, b: {kind: Pod, uid: uid-b}";
    let after = document(after, "{enter: b.phase=Running, onlyAfter: a.phase=Failed}");
    assert_eq!(tape.verdict(&after), "inconclusive", "an earlier life may have failed");
}

#[test]
fn an_object_that_left_the_selection_may_have_been_deleted_before_its_storage_brought_it_back() {
    let labelled = |version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}","labels":{{"app":"y"}}}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![Watch { label_selector: "app=y".into(), ..pods() }]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, labelled(11, "Running"));
    tape.object(2.0, 0, Change::Deleted, labelled(12, "Running")).replaced(5.0, 0, (4.0, 12), 11);
    tape.object(5.0, 0, Change::Listed, labelled(11, "Running")).attached(5.0, 0, 11).closed(9.0);
    let since = "{from: {time: \"2026-11-20T18:00:06Z\"}}";
    let never = windowed("p: {kind: Pod, uid: uid-a}", since, "{track: p.phase, never: Running}");
    assert_eq!(growing(&tape, &never).pop(), Some('i'));
}
