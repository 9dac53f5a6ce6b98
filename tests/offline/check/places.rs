//! Order across tracks, objects and watches, where the storage may have been replaced, and where versions are not
//! numbers: nothing that is decided is taken back.

use super::tape::{Tape, at, document, growing, object, of_json, owned, pods, program, vmis, windowed};
use statetrail::expectation::{Ends, Judge, Verdict};
use statetrail::observation::{Change, GapReason, Object, Payload, ResourceVersion, Undecodable, Watch};
use statetrail::recording::Reader;
use statetrail::run::folded;
use std::sync::Arc;

const ANEW: [GapReason; 2] = [GapReason::StorageReplaced, GapReason::StorageUnproven];
const LOST: [GapReason; 3] = [GapReason::HistoryExpired, GapReason::StorageReplaced, GapReason::StorageUnproven];

fn ready(version: u64) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"b","namespace":"n","uid":"uid-b","resourceVersion":"{version}"}},"status":{{"phase":"Running","conditions":[{{"type":"Ready","status":"True"}}]}}}}"#
    ))
}

fn vmi(version: u64, phase: &str) -> Object {
    object("v", version, phase)
}

fn pod(version: u64, phase: &str) -> Object {
    owned("p", version, phase, &[("VirtualMachineInstance", "uid-v")])
}

/// The verdicts on `enter` only after `after`, with subjects that are named by their uids.
fn order(tape: &Tape, enter: &str, after: &str) -> String {
    let subjects = "v: {kind: VirtualMachineInstance, uid: uid-v}, p: {kind: Pod, uid: uid-p}, \
                    a: {kind: Pod, uid: uid-a}, b: {kind: Pod, uid: uid-b}, o: {kind: Pod, ownedBy: v}";
    let used = |alias: &&str| [enter, after].iter().any(|state| state.starts_with(&format!("{alias}.")));
    let is_used = |alias: &str| used(&alias) || alias == "v" && used(&"o");
    let subjects: Vec<&str> = subjects
        .split_inclusive("}, ")
        .map(|subject| subject.trim_end_matches(", "))
        .filter(|subject| subject.split_once(':').is_some_and(|(alias, _)| is_used(alias)))
        .collect();
    growing(tape, &document(&subjects.join(", "), &format!("{{enter: {enter}, onlyAfter: {after}}}")))
}

#[track_caller]
fn ends(verdicts: &str, decided: &str) {
    assert!(verdicts.ends_with(decided), "{verdicts}, not {decided}");
}

/// A pod that was created and seen whole after a gap.
fn whole_after(reason: GapReason, moved: i64) -> Tape {
    let version = |version: i64| u64::try_from(version + moved).unwrap();
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).gap_for(reason, 1.0, 0, (0.1, 100), version(105)).attached(1.0, 0, version(105));
    tape.object(2.0, 0, Change::Added, object("b", version(110), "Pending"));
    tape.object(3.0, 0, Change::Modified, object("b", version(111), "Running")).bookmark(3.5, 0, version(112));
    tape
}

#[test]
fn what_is_seen_whole_after_a_gap_is_ordered_whichever_storage_it_is_of() {
    for reason in ANEW {
        for moved in [0, -60, 50] {
            let mut tape = whole_after(reason, moved);
            tape.object(5.0, 0, Change::Modified, ready(u64::try_from(130 + moved).unwrap())).closed(6.0);
            ends(&order(&tape, "b.phase=Running", "b.condition/Ready=True"), "VVVV");
            ends(&order(&tape, "b.condition/Ready=True", "b.phase=Running"), "SSSS");
            let quiet = "{quiet: [b.condition/Ready], after: b.phase=Running}";
            ends(&growing(&tape, &document("b: {kind: Pod}", quiet)), "VVV");
            let only = "{enter: b.phase=Running, onlyAfter: b.condition/Ready=True}";
            ends(&growing(&tape, &document("b: {kind: Pod}", only)), "VVVV");
        }
    }
}

#[test]
fn an_order_that_is_known_after_one_gap_stays_known_after_another() {
    for reason in ANEW {
        for later in 0..6 {
            let mut tape = whole_after(reason, 0);
            match LOST.get(later) {
                Some(later) => {
                    tape.gap_for(*later, 4.0, 0, (3.5, 112), 120).unchanged(4.0, 0, "b", 111).attached(4.0, 0, 120);
                }
                None => {
                    let uid = (later > 3).then(|| "uid-c".into());
                    let resource_version = (later > 4).then(|| ResourceVersion::new("115"));
                    let undecodable = Undecodable { uid, resource_version, ..Undecodable::default() };
                    tape.line(4.0, Payload::Undecodable(undecodable));
                }
            }
            tape.object(5.0, 0, Change::Modified, ready(130)).closed(6.0);
            ends(&order(&tape, "b.phase=Running", "b.condition/Ready=True"), "VVVV");
            ends(&order(&tape, "b.phase=Running", "b.phase=Pending"), "SSSS");
            let quiet = document("b: {kind: Pod}", "{quiet: [b.phase], after: b.phase=Pending}");
            ends(&growing(&tape, &quiet), "VVVV");
        }
    }
}

#[test]
fn a_gap_whose_list_was_not_completed_hides_what_came_before_another_storage() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 95).attached(0.1, 1, 95).object(0.2, 0, Change::Added, object("b", 98, "Running"));
    tape.bookmark(0.5, 0, 100).object(0.6, 1, Change::Added, vmi(103, "Running"));
    tape.gap_for(GapReason::HistoryExpired, 1.0, 0, (0.5, 100), 105);
    tape.replaced(2.0, 0, (0.5, 100), 50).object(2.0, 0, Change::Listed, ready(45));
    tape.attached(2.0, 0, 50).closed(6.0);
    ends(&order(&tape, "b.phase=Running", "b.condition/Ready=True"), "VVVVV");
    ends(&order(&tape, "v.phase=Running", "b.phase=Running"), "SSSS");
    // It may have become ready before the VMI ran, and after.
    for (enter, after) in [("b.condition/Ready=True", "v.phase=Running"), ("v.phase=Running", "b.condition/Ready=True")]
    {
        ends(&order(&tape, enter, after), "i");
    }
}

#[test]
fn a_gap_in_which_no_version_was_written_hides_none_that_was_earlier() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).object(1.0, 0, Change::Added, object("b", 103, "Pending")).bookmark(1.2, 0, 103);
    tape.gap(2.0, 0, (1.5, 103), 103).unchanged(2.0, 0, "b", 103).attached(2.0, 0, 103);
    tape.object(3.0, 0, Change::Added, object("a", 104, "Running")).closed(4.0);
    for subject in ["quantify: first", "name: b, life: first"] {
        let never = document(&format!("p: {{kind: Pod, namespace: n, {subject}}}"), "{track: p.phase, never: Pending}");
        ends(&growing(&tape, &never), "VVVVVVVV");
    }
}

/// A VMI and its pod after gaps of both watches, or of one.
fn both_after(reasons: [Option<GapReason>; 2]) -> Tape {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    for (watch, reason) in (0..).zip(reasons) {
        if let Some(reason) = reason {
            tape.gap_for(reason, 1.0, watch, (0.1, 100), 105).attached(1.0, watch, 105);
        }
    }
    tape.object(2.0, 1, Change::Added, vmi(110, "Scheduling")).object(3.0, 0, Change::Added, pod(111, "Pending"));
    tape.bookmark(3.2, 1, 112).object(4.0, 1, Change::Modified, vmi(113, "Running")).bookmark(4.1, 0, 114);
    tape.object(5.0, 0, Change::Modified, pod(115, "Running")).bookmark(5.1, 1, 116);
    tape.object(6.0, 0, Change::Modified, pod(117, "Failed")).closed(7.0);
    tape
}

#[test]
fn two_watches_that_read_one_storage_after_their_gaps_have_one_order() {
    for reason in ANEW {
        let tape = both_after([Some(reason); 2]);
        ends(&order(&tape, "p.phase=Running", "v.phase=Running"), "SSSSSS");
        ends(&order(&tape, "v.phase=Running", "p.phase=Running"), "VVVVVV");
        ends(&order(&tape, "p.phase=Failed", "v.phase=Running"), "SSSSSS");
    }
}

#[test]
fn no_order_is_decided_between_two_storages_that_may_be_different() {
    for reason in ANEW {
        for reasons in [[Some(reason), None], [None, Some(reason)]] {
            let tape = both_after(reasons);
            for (enter, after) in [("p.phase=Running", "v.phase=Running"), ("v.phase=Running", "p.phase=Running")] {
                let verdicts = order(&tape, enter, after);
                assert!(!verdicts.contains(['S', 'V']) && verdicts.ends_with('i'), "{verdicts}");
            }
        }
    }
    // One of the watches may have read a storage that was gone before the other had its first list of the next.
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.replaced(1.0, 0, (0.1, 100), 105).attached(1.0, 0, 105);
    tape.object(2.0, 0, Change::Added, pod(110, "Pending")).object(2.5, 0, Change::Modified, pod(120, "Running"));
    tape.replaced(4.0, 1, (0.1, 100), 90).attached(4.0, 1, 90).replaced(4.5, 0, (2.5, 120), 91).attached(4.5, 0, 91);
    tape.object(5.0, 1, Change::Added, vmi(130, "Running")).closed(6.0);
    for (enter, after) in [("p.phase=Running", "v.phase=Running"), ("v.phase=Running", "p.phase=Running")] {
        let verdicts = order(&tape, enter, after);
        assert!(!verdicts.contains('S') && !verdicts.ends_with('V'), "{verdicts}");
    }
}

#[test]
fn what_one_watch_read_between_its_gap_and_that_of_another_is_not_put_behind_the_gap_of_the_other() {
    let unproven = GapReason::StorageUnproven;
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.gap_for(unproven, 1.0, 1, (0.1, 100), 101).attached(1.0, 1, 101);
    tape.object(2.0, 1, Change::Added, vmi(105, "Running")).object(3.0, 0, Change::Added, pod(108, "Running"));
    tape.bookmark(3.5, 1, 109).bookmark(3.5, 0, 109);
    tape.gap_for(unproven, 5.0, 0, (3.5, 109), 112).unchanged(5.0, 0, "p", 108).attached(5.0, 0, 112);
    tape.bookmark(6.0, 1, 120).bookmark(6.0, 0, 120).closed(7.0);
    // If it is one storage, the VMI was first.
    let verdicts = order(&tape, "p.phase=Running", "v.phase=Running");
    assert!(!verdicts.contains('V'), "{verdicts}");
    let verdicts = order(&tape, "v.phase=Running", "p.phase=Running");
    assert!(!verdicts.contains('S'), "{verdicts}");
}

#[test]
fn an_order_across_watches_stays_known_when_either_storage_is_replaced() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.object(1.0, 1, Change::Added, vmi(110, "Running")).object(2.0, 0, Change::Added, object("a", 115, "Pending"));
    tape.bookmark(3.0, 0, 120).bookmark(3.0, 1, 120);
    for replaced in [0, 1] {
        let mut tape = tape.clone();
        tape.replaced(5.0, replaced, (3.0, 120), 50);
        if replaced == 0 {
            tape.object(5.0, 0, Change::Listed, object("a", 45, "Pending"));
        } else {
            tape.object(5.0, 1, Change::Listed, vmi(45, "Running"));
        }
        tape.attached(5.0, replaced, 50);
        tape.object(6.0, 0, Change::Modified, object("a", if replaced == 0 { 60 } else { 125 }, "Running"));
        tape.closed(7.0);
        ends(&order(&tape, "a.phase=Running", "v.phase=Running"), "SSSSSSS");
        ends(&order(&tape, "v.phase=Running", "a.phase=Pending"), "VVVVVVV");
    }
}

/// Two pods of one watch.
fn two_pods() -> Tape {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).object(1.0, 0, Change::Added, object("a", 101, "Pending"));
    tape.object(2.0, 0, Change::Added, object("b", 102, "Pending"));
    tape.object(3.0, 0, Change::Modified, object("a", 103, "Failed"));
    tape.object(4.0, 0, Change::Modified, object("b", 104, "Failed"));
    tape.object(5.0, 0, Change::Deleted, object("a", 105, "Failed")).closed(6.0);
    tape
}

#[test]
fn the_order_of_lines_of_a_watch_is_that_of_its_tracks_where_versions_are_not_numbers() {
    let (tape, opaque) = (two_pods(), two_pods().opaque());
    for (enter, after, decided) in [
        ("a.phase=Failed", "a.lifecycle=Present", "SSSSSS"),
        ("a.lifecycle=Deleted", "a.phase=Failed", "SSSS"),
        ("a.phase=Failed", "a.lifecycle=Deleted", "VVVV"),
    ] {
        let verdicts = order(&opaque, enter, after);
        ends(&verdicts, decided);
        assert_eq!(verdicts, order(&tape, enter, after), "as with numbers");
    }
    let quiet = document("a: {kind: Pod, uid: uid-a}", "{quiet: [a.phase], after: a.lifecycle=Present}");
    ends(&growing(&opaque, &quiet), "VVVVV");
}

#[test]
fn the_order_of_lines_of_a_watch_is_that_of_its_objects_where_versions_are_not_numbers() {
    let tape = two_pods().opaque();
    ends(&order(&tape, "b.phase=Failed", "a.phase=Failed"), "S");
    ends(&order(&tape, "a.phase=Failed", "b.phase=Failed"), "V");
    ends(&order(&tape, "b.phase=Failed", "a.lifecycle=Deleted"), "V");
}

#[test]
fn the_first_is_the_one_of_the_first_line_where_versions_are_not_numbers() {
    let never = document("p: {kind: Pod, namespace: n, quantify: first}", "{track: p.phase, never: Failed}");
    ends(&growing(&two_pods().opaque(), &never), "VVVVV");
    // Objects of a list, and those that are read back, are in no order.
    let never = document("p: {kind: Pod, namespace: n, quantify: first}", "{track: p.phase, never: Pending}");
    let mut listed = Tape::of(vec![pods()]);
    listed.object(0.1, 0, Change::Listed, object("a", 90, "Pending"));
    listed.object(0.1, 0, Change::Listed, object("b", 91, "Running")).attached(0.1, 0, 100).closed(2.0);
    ends(&growing(&listed.opaque(), &never), "i");
    let mut healed = Tape::of(vec![pods()]);
    healed.attached(0.1, 0, 100);
    for (name, version, phase) in [("a", 105, "Pending"), ("b", 103, "Running")] {
        healed.object(2.0, 0, Change::Added, object(name, version, phase));
        let event = healed.last_object();
        (event.not_before, event.healed) = (Some(at(0.5)), true);
    }
    healed.gap(2.0, 0, (0.5, 100), 110);
    healed.unchanged(2.0, 0, "a", 105).unchanged(2.0, 0, "b", 103).attached(2.0, 0, 110).closed(4.0);
    ends(&growing(&healed.opaque(), &never), "i");
}

#[test]
fn a_gap_hides_what_came_after_the_last_line_of_its_object_where_versions_are_not_numbers() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).object(1.0, 0, Change::Added, object("b", 101, "Running"));
    tape.gap(3.0, 0, (1.0, 101), 105).object(3.0, 0, Change::Listed, ready(104)).attached(3.0, 0, 105).closed(5.0);
    let tape = tape.opaque();
    ends(&order(&tape, "b.phase=Running", "b.condition/Ready=True"), "V");
    ends(&order(&tape, "b.condition/Ready=True", "b.phase=Running"), "SSS");
    ends(&order(&tape, "b.condition/Ready=True", "b.phase=Failed"), "i");
}

#[test]
fn a_track_that_comes_after_a_gap_takes_back_no_birth_before_it() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).object(2.0, 0, Change::Added, object("b", 103, "Failed"));
    let event = tape.last_object();
    (event.not_before, event.healed) = (Some(at(0.5)), true);
    tape.gap(2.0, 0, (0.5, 100), 106).object(2.0, 0, Change::Listed, object("b", 103, "Failed"));
    tape.attached(2.0, 0, 106).object(3.0, 0, Change::Modified, ready(107)).closed(4.0);
    let never = document("p: {kind: Pod, quantify: each, born: window}", "{track: p.phase, never: Failed}");
    ends(&growing(&tape, &never), "VVVVVVV");
    ends(&growing(&tape.opaque(), &never), "VVVVVVV");
}

#[test]
fn a_storage_that_another_watch_saw_replaced_takes_nothing_back() {
    for reason in LOST {
        let mut tape = Tape::of(vec![pods(), vmis()]);
        tape.attached(0.0, 0, 100).attached(0.0, 1, 100).object(1.0, 0, Change::Added, object("a", 101, "Running"));
        tape.gap(10.0, 0, (4.0, 101), 110).unchanged(10.0, 0, "a", 101).attached(10.0, 0, 110);
        tape.gap_for(reason, 12.0, 1, (0.0, 100), 112).attached(12.0, 1, 112).closed(20.0);
        for (life, statement, decided) in
            [("each", "never: Failed", "SSSS"), ("any", "count: {Succeeded: {min: 1}}", "VVVV")]
        {
            let subjects = format!("a: {{kind: Pod, namespace: n, name: a, life: {life}}}");
            let window = "{from: {time: '2026-11-20T18:00:02Z'}, until: {time: '2026-11-20T18:00:07.5Z'}}";
            ends(&growing(&tape, &windowed(&subjects, window, &format!("{{track: a.phase, {statement}}}"))), decided);
        }
    }
}

#[test]
fn an_object_that_a_restored_storage_has_again_lives_another_life() {
    for reason in ANEW {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.1, 0, 100).object(1.0, 0, Change::Added, object("b", 101, "Pending"));
        tape.object(2.0, 0, Change::Modified, object("b", 102, "Running"));
        tape.object(4.0, 0, Change::Deleted, object("b", 120, "Running")).gap_for(reason, 10.0, 0, (4.0, 120), 115);
        tape.object(10.0, 0, Change::Listed, object("b", 112, "Running")).attached(10.0, 0, 115);
        tape.object(14.0, 0, Change::Modified, object("b", 116, "Failed")).closed(40.0);
        let lives = ["uid: uid-b", "name: b, life: first", "name: b, life: 2", "name: b, life: any", "name: b"];
        // The gap may hold a whole life, which would be the second.
        for (path, expected) in [
            ("... -> Running for <=5s", ["S", "S", "i", "S", "V"]),
            ("... -> Failed for >=10s", ["V", "V", "i", "S", "V"]),
            ("... -> Failed for <=3s -> ...", ["V", "V", "i", "i", "V"]),
        ] {
            for (life, expected) in lives.iter().zip(expected) {
                let document =
                    document(&format!("p: {{kind: Pod, {life}}}"), &format!("{{track: p.phase, path: {path}}}"));
                let verdicts = growing(&tape, &document);
                assert!(verdicts.ends_with(expected), "{life}: {path} {verdicts}");
            }
        }
    }
}

#[test]
fn a_life_after_a_restore_counts_also_when_the_first_was_dropped_from_memory() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("b", 101, "Running"));
    tape.object(4.0, 0, Change::Deleted, object("b", 120, "Running")).replaced(10.0, 0, (4.0, 120), 115);
    tape.object(10.0, 0, Change::Listed, object("b", 112, "Running")).attached(10.0, 0, 115).closed(40.0);
    let folder = tempfile::tempdir().expect("a temporary folder");
    tape.write(&folder.path().join("run.jsonl"));
    let whole = Reader::open(&folder.path().join("run.jsonl")).map(|reader| folded(reader, |_| true));
    let whole = whole.expect("it was written").expect("it has no tracks of its own");
    let two = program(&document("p: {kind: Pod, quantify: any, min: 2}", "{track: p.phase, path: ...}"));
    for keeps in [usize::MAX, 0] {
        let mut judge = Judge::new(Arc::clone(&two));
        judge.keep(keeps);
        whole.entries.iter().for_each(|entry| judge.push(entry));
        let standings = judge.standings(Ends::new(whole.fold.coverage(), at(40.0)));
        assert_eq!(standings[0].verdict, Verdict::Satisfied, "{} were dropped", judge.dropped());
        assert_eq!(judge.dropped(), usize::from(keeps == 0));
    }
}

#[test]
fn a_watch_of_a_separate_storage_has_no_order_also_where_it_may_miss_the_named_object() {
    let separate = Watch { label_selector: "app=x".into(), separate_storage: true, ..vmis() };
    let mut tape = Tape::of(vec![pods(), separate]);
    tape.object(0.0, 0, Change::Listed, object("p", 9, "Running")).attached(0.0, 0, 100);
    tape.attached(0.0, 1, 10).object(1.0, 1, Change::Added, vmi(20, "Scheduling")).bookmark(2.0, 0, 110);
    tape.object(3.0, 1, Change::Modified, vmi(30, "Running"));
    let only = "{enter: v.phase=Running, onlyAfter: p.lifecycle=Terminating}";
    for name in ["name: v", "namespace: n"] {
        let subjects = format!("v: {{kind: VirtualMachineInstance, {name}}}, p: {{kind: Pod}}");
        assert_eq!(tape.verdict(&windowed(&subjects, "{from: attached}", only)), "pending", "{name}");
    }
}

#[test]
fn two_watches_whose_versions_are_not_numbers_have_no_order() {
    let tape = both_after([None; 2]).opaque();
    for (enter, after) in [
        ("p.phase=Running", "v.phase=Running"),
        ("v.phase=Running", "p.phase=Running"),
        ("p.phase=Failed", "v.phase=Scheduling"),
    ] {
        let verdicts = order(&tape, enter, after);
        assert!(!verdicts.contains(['S', 'V']) && verdicts.ends_with('i'), "{verdicts}");
    }
}

#[test]
fn what_a_gap_hides_is_no_object_that_began_after_it() {
    let tape = both_after([Some(GapReason::HistoryExpired), None]);
    for enter in ["p.phase=Running", "p.phase=Failed", "o.phase=Running", "o.phase=Failed"] {
        ends(&order(&tape, "v.phase=Running", enter), "VVVVV");
    }
    ends(&order(&tape, "p.phase=Running", "v.phase=Running"), "SSSSS");
}

#[test]
fn what_a_gap_may_hide_of_a_condition_leaves_it_undecided() {
    // The VMI was there before the end of the gap, and may have had another pod.
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100).object(1.0, 1, Change::Added, vmi(102, "Scheduling"));
    tape.gap(3.0, 0, (0.5, 100), 105).attached(3.0, 0, 105).object(4.0, 1, Change::Modified, vmi(113, "Running"));
    tape.object(5.0, 0, Change::Added, pod(115, "Running")).bookmark(5.5, 1, 116).closed(6.0);
    ends(&order(&tape, "v.phase=Running", "o.phase=Running"), "i");
    ends(&order(&tape, "v.phase=Running", "p.phase=Running"), "V");
    // A pod that was deleted may have returned, and gone again, with an earlier storage.
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.1, 0, 100).object(1.0, 0, Change::Added, pod(105, "Pending"));
    tape.object(2.0, 0, Change::Deleted, pod(106, "Pending")).replaced(3.0, 0, (2.5, 106), 90).attached(3.0, 0, 90);
    tape.object(4.0, 0, Change::Added, object("a", 95, "Running")).closed(6.0);
    ends(&order(&tape, "a.phase=Running", "p.phase=Running"), "i");
}

#[test]
fn an_object_that_enters_a_selection_may_have_been_awaited_before() {
    let selected = Watch { label_selector: "app=x".to_owned(), ..pods() };
    let mut tape = Tape::of(vec![selected, vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100).object(1.0, 1, Change::Added, vmi(110, "Running"));
    let pod = r#"{"metadata":{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"156","labels":{"app":"x"}},"status":{"phase":"Failed"}}"#;
    tape.bookmark(2.0, 0, 154).object(3.0, 0, Change::Added, of_json(pod)).closed(4.0);
    let text = document(
        "p: {kind: Pod, namespace: n, name: a, labels: {app: x}, life: first}, v: {kind: VirtualMachineInstance}",
        "{enter: v.phase=Running, onlyAfter: p.phase=Pending}",
    );
    let verdicts = growing(&tape, &text);
    assert!(!verdicts.contains('V'), "{verdicts}");
}

#[test]
fn a_watch_that_may_miss_the_awaited_object_decides_no_order_before_both_were_read() {
    let selected = Watch { label_selector: "app=x".to_owned(), ..vmis() };
    for life in ["name: v", "name: v, namespace: n", "name: v, quantify: any"] {
        let mut tape = Tape::of(vec![pods(), selected.clone()]);
        tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
        tape.object(1.0, 1, Change::Added, vmi(135, "Running")).object(2.0, 0, Change::Added, pod(111, "Pending"));
        tape.object(2.0, 1, Change::Deleted, vmi(151, "Running"));
        // This was on its way, and is from before the VMI ran.
        tape.object(3.0, 0, Change::Modified, pod(120, "Running")).bookmark(3.0, 0, 200).closed(4.0);
        let text = document(
            &format!("v: {{kind: VirtualMachineInstance, {life}}}, p: {{kind: Pod, uid: uid-p}}"),
            "{enter: p.phase=Running, onlyAfter: v.phase=Running}",
        );
        let verdicts = growing(&tape, &text);
        assert!(!verdicts.contains('S'), "{life}: {verdicts}");
    }
}
