//! Entries on one track, each with one on another: `every A after B`, `every A then B`; and `same as`.

use super::tape::{Tape, document, growing, object, owned, pods, vmis, windowed, with_condition};
use crate::sketches;
use statetrail::expectation::judge_line;
use statetrail::observation::{Change, GapReason, Resource, Watch};

const SUBJECTS: &str = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance, uid: uid-v}";

#[track_caller]
fn all(line: &str, rows: &[(&str, &str)]) {
    for (sketch, expected) in rows {
        let outcome = judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(outcome.standing.verdict.to_string(), *expected, "{sketch}: {line}");
    }
}

fn judged(sketch: &str, subjects: &str, statement: &str) -> String {
    sketches::judged(&document(subjects, statement), sketch).verdict.to_string()
}

/// Two watches, with the pod of the first and the instance of the second.
fn tape() -> Tape {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape
}

#[test]
fn every_entry_has_its_own_cause() {
    let line = "vm/a condition/Ready: every True after pod/p condition/Ready: True";
    let vm = |entries: &str, pod: &str, end: &str| {
        format!("vm/a condition/Ready: {entries} ; pod/p condition/Ready: {pod} {end}")
    };
    let twice = "False@0 True@5 False@7 True@9";
    for (entries, pod, end, expected) in [
        (twice, "True@2 False@6 True@8", "|closed@20", "satisfied"),
        (twice, "True@2", "|closed@20", "violated"),
        // The second one came too late.
        (twice, "True@2 False@6 True@10", "|closed@20", "violated"),
        // More causes than effects.
        ("True@9", "True@2 False@6 True@8 False@10 True@11", "|closed@20", "satisfied"),
        // At one time, either may be the first.
        (twice, "True@2 False@6 True@9", "|closed@20", "inconclusive"),
        // The gap may hide a cause, and it may hide an entry.
        (twice, "True@2 ~6,8~ True", "|closed@20", "inconclusive"),
        (twice, "True@2 ~10,12~ True", "|closed@20", "violated"),
        ("False@0 True@5 ~6,8~ True", "True@2", "|closed@20", "inconclusive"),
        (twice, "True@2 False@6 True@8", "|open now=20 alive=20", "pending"),
        (twice, "True@2", "|unfenced", "inconclusive"),
        ("False@0", "True@2", "|closed@20", "violated"),
    ] {
        all(line, &[(vm(entries, pod, end).as_str(), expected)]);
    }
    all(&format!("{line} min 0"), &[(vm("False@0", "True@2", "|closed@20").as_str(), "satisfied")]);
}

#[test]
fn the_causes_of_several_objects_are_counted_together() {
    let subjects = "vm: {kind: VirtualMachine, name: a}, pod: {kind: Pod}";
    let every = "{track: vm.status, every: Running, after: pod.phase=Running}";
    let pods = |second: &str| {
        format!(
            "vm/a status: Running@5 Stopped@8 Running@15 ; pod/p phase: Running@4 ; pod/q phase: {second} |closed@20"
        )
    };
    assert_eq!(judged(&pods("Running@14"), subjects, every), "satisfied");
    assert_eq!(judged(&pods("Running@16"), subjects, every), "violated");
    // A change of a detail that the statement does not name is no entry.
    let detailed = "vm/a status: Running@5 Stopped@8 Running@15 ; pod/p phase: Running/A@3 Running/B@4 |closed@20";
    assert_eq!(judged(detailed, subjects, every), "violated");
}

#[test]
fn every_entry_is_answered_on_another_track() {
    let line = "vmi/a phase: every Failed then vm/a status: Stopped within 10s";
    all(
        line,
        &[
            ("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 Stopped@15 |closed@20", "satisfied"),
            ("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 Stopped@16 |closed@20", "violated"),
            ("vmi/a phase: Running@0 Failed@5 ; vm/a status: Stopped@1 Running@3 |closed@20", "violated"),
            // Time is not over at the end.
            ("vmi/a phase: Running@0 Failed@15 ; vm/a status: Running@1 |closed@20", "inconclusive"),
            ("vmi/a phase: Running@0 Failed@15 ; vm/a status: Running@1 |open now=30 alive=24", "pending"),
            ("vmi/a phase: Running@0 Failed@15 ; vm/a status: Running@1 |open now=30 alive=25", "violated"),
            // One answer is enough for two.
            ("vmi/a phase: Failed@3 Running@4 Failed@5 ; vm/a status: Running@1 Stopped@13 |closed@20", "satisfied"),
            ("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 ~14,18~ Stopped |closed@20", "inconclusive"),
            ("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 ~16,18~ Stopped |closed@20", "violated"),
            ("vmi/a phase: Running@0 ; vm/a status: Stopped@1 |closed@20", "violated"),
        ],
    );
    let least = "vmi/a phase: every Failed then vm/a status: Stopped within 3s..10s";
    all(least, &[("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 Stopped@7 |closed@20", "violated")]);
    let ever = "vmi/a phase: every Failed then vm/a status: Stopped";
    all(ever, &[("vmi/a phase: Running@0 Failed@5 ; vm/a status: Running@1 |closed@20", "violated")]);
    let one = "vmi/a phase: every Running then vmi/a phase: Failed";
    all(one, &[("vmi/a phase: Running@0 Failed@5 |closed@20", "satisfied")]);
}

#[test]
fn what_changes_in_one_version_has_one_place() {
    let subjects = "v: {kind: VirtualMachineInstance}";
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.1, 0, 100);
    tape.object(1.0, 0, Change::Added, with_condition(110, "Running", "Ready", "True"));
    tape.object(2.0, 0, Change::Modified, with_condition(120, "Failed", "Ready", "False"));
    for statement in [
        "{track: v.phase, every: Failed, then: v.condition/Ready=False}",
        "{track: v.phase, every: Failed, after: v.condition/Ready=False}",
    ] {
        let verdicts = growing(tape.clone().closed(3.0), &document(subjects, statement));
        assert!(verdicts.ends_with("pS"), "{statement}: {verdicts}");
    }
}

#[test]
fn a_cause_that_is_not_read_yet_may_still_come() {
    let every = document(SUBJECTS, "{track: p.phase, every: Running, after: v.phase=Running}");
    let mut tape = tape();
    tape.object(1.0, 0, Change::Added, object("p", 110, "Running"));
    tape.object(1.5, 1, Change::Added, object("v", 105, "Pending"));
    assert!(growing(&tape, &every).ends_with('p'));
    let mut came = tape.clone();
    came.object(2.0, 1, Change::Modified, object("v", 108, "Running")).closed(3.0);
    assert!(growing(&came, &every).ends_with("pS"), "{}", growing(&came, &every));
    tape.bookmark(2.0, 1, 110);
    assert!(growing(&tape, &every).ends_with('V'), "{}", growing(&tape, &every));
}

#[test]
fn versions_of_two_storages_have_no_order() {
    let separate = Watch { separate_storage: true, ..vmis() };
    for statement in [
        "{track: p.phase, every: Running, after: v.phase=Running}",
        "{track: p.phase, every: Running, then: v.phase=Running}",
        "{track: p.phase, sameAs: v.phase}",
    ] {
        let mut tape = Tape::of(vec![pods(), separate.clone()]);
        tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
        tape.object(1.0, 0, Change::Added, object("p", 110, "Running"));
        tape.object(2.0, 1, Change::Added, object("v", 120, "Running")).closed(4.0);
        let verdicts = growing(&tape, &document(SUBJECTS, statement));
        assert!(verdicts.ends_with('i'), "{statement}: {verdicts}");
    }
}

#[test]
fn a_gap_hides_an_answer_only_while_it_lasted() {
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance}";
    let every = document(subjects, "{track: p.phase, every: Failed, then: v.phase=Running, within: 5s}");
    let with_gap = |from: f64, to: f64| {
        let mut tape = tape();
        tape.object(1.0, 0, Change::Added, object("p", 110, "Failed")).bookmark(from, 1, 120);
        // An instance may have come and gone.
        tape.gap(to, 1, (from, 120), 130).attached(to, 1, 130).bookmark(20.0, 0, 140).bookmark(20.0, 1, 140);
        growing(tape.closed(21.0), &every)
    };
    assert!(with_gap(4.0, 5.0).ends_with('i'), "{}", with_gap(4.0, 5.0));
    assert!(with_gap(7.0, 8.0).ends_with('V'), "{}", with_gap(7.0, 8.0));
}

#[test]
fn what_may_not_be_meant_answers_nothing_for_certain() {
    // Whether the pod is owned by the Deployment is unknown: its ReplicaSet was not watched.
    let subjects = "d: {kind: Deployment, name: web}, p: {kind: Pod, ownedBy: d}";
    for (owner, expected) in [(("ReplicaSet", "uid-r"), "inconclusive"), (("Deployment", "uid-web"), "satisfied")] {
        for statement in ["every: Present, then: p.phase=Running", "every: Present, after: p.phase=Pending"] {
            let deployments = Watch::all(Resource::new("apps", "v1", "deployments", "Deployment"));
            let mut tape = Tape::of(vec![pods(), deployments]);
            tape.attached(0.0, 0, 10).attached(0.0, 1, 10);
            let first = if statement.contains("then") { "Running" } else { "Pending" };
            let places = if statement.contains("then") { (11, 12) } else { (12, 11) };
            tape.object(1.0, 1, Change::Added, object("web", places.0, ""));
            tape.object(2.0, 0, Change::Added, owned("p", places.1, first, &[owner])).closed(30.0);
            let text = document(subjects, &format!("{{track: d.lifecycle, {statement}}}"));
            assert_eq!(tape.verdict(&text), expected, "{owner:?}: {statement}");
        }
    }
}

#[test]
fn what_came_in_a_gap_answers_nothing_from_before() {
    // The first instance is found after a gap; by then, the time for an answer was over.
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance, life: first, name: v}";
    let every = document(subjects, "{track: p.phase, every: Failed, then: v.phase=Running, within: 2s}");
    let mut tape = tape();
    tape.object(1.0, 0, Change::Added, object("p", 110, "Failed")).bookmark(5.0, 0, 120).bookmark(5.0, 1, 120);
    assert!(growing(&tape, &every).ends_with('V'), "{}", growing(&tape, &every));
    tape.gap(8.0, 1, (5.0, 120), 140).object(8.0, 1, Change::Listed, object("v", 135, "Scheduled"));
    tape.attached(8.0, 1, 140).closed(12.0);
    let verdicts = growing(&tape, &every);
    assert!(verdicts.ends_with("VVVV"), "{verdicts}");
}

#[test]
fn another_storage_of_another_watch_answers_nothing_from_before() {
    let subjects =
        "s: {kind: VirtualMachineInstance, quantify: each}, t: {kind: VirtualMachineInstance, quantify: each}";
    let every = document(subjects, "{track: t.phase, every: Pending, then: s.phase=Running, within: 2s}");
    for reason in [GapReason::StorageUnproven, GapReason::StorageReplaced] {
        let mut tape = tape();
        tape.object(1.0, 1, Change::Added, object("v", 110, "Pending")).bookmark(5.0, 0, 120).bookmark(5.0, 1, 120);
        assert!(growing(&tape, &every).ends_with('V'), "{}", growing(&tape, &every));
        tape.gap_for(reason, 8.0, 0, (5.0, 120), 130).attached(8.0, 0, 130).closed(12.0);
        let verdicts = growing(&tape, &every);
        assert!(verdicts.ends_with("VVVV"), "{verdicts}");
    }
}

#[test]
fn two_tracks_have_the_same_state() {
    let line = "vmim/m target: same as vmi/a node";
    all(
        line,
        &[
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 |closed@9", "satisfied"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n1'@0 'n2'@4 |closed@9", "satisfied"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n1'@0 'n2'@6 |closed@9", "violated"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n3'@4 |closed@9", "violated"),
            // There is nothing to compare.
            ("vmim/m target: 'n2'@5 Absent@6 ; vmi/a node: 'n3'@7 |closed@9", "inconclusive"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 ~6,7~ 'n2' |closed@9", "inconclusive"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 ~6,7~ 'n3' |closed@9", "violated"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 |open now=9 alive=9", "pending"),
            ("vmim/m target: 'n2'@5 ; vmi/a node: 'n2'@4 |unfenced", "inconclusive"),
        ],
    );
    let subjects = "m: {kind: VirtualMachineInstanceMigration, name: m}, vmi: {kind: VirtualMachineInstance, name: a}";
    let afterwards = "{track: m.target, sameAs: vmi.node}";
    let window = "{from: {enter: m.phase=Succeeded}}";
    let of = |node: &str| {
        let sketch =
            format!("vmim/m phase: Running@1 Succeeded@8 ; vmim/m target: 'n2'@2 ; vmi/a node: {node} |closed@20");
        sketches::judged(&windowed(subjects, window, afterwards), &sketch).verdict.to_string()
    };
    assert_eq!(of("'n1'@0 'n2'@7"), "satisfied");
    assert_eq!(of("'n1'@0 'n2'@9"), "violated");
}
