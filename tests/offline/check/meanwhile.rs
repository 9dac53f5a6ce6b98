//! Two tracks at once: `never A while B` and `always A while B`.

use super::tape::{Tape, document, growing, object, pods, vmis, with_condition};
use crate::sketches;
use statetrail::expectation::judge_line;
use statetrail::observation::{Change, Watch};

#[track_caller]
fn verdict(sketch: &str, line: &str) -> String {
    judge_line(sketch, line).unwrap_or_else(|error| panic!("{error}")).standing.verdict.to_string()
}

/// The verdict of a document on a sketch.
fn judged(sketch: &str, subjects: &str, statement: &str) -> String {
    sketches::judged(&document(subjects, statement), sketch).verdict.to_string()
}

#[test]
fn a_state_is_not_held_while_another_one_is() {
    let never = "pod/p phase: never Running while vmi/a phase: Failed";
    let always = "pod/p phase: always Running while vmi/a condition/Ready: True";
    for (line, sketch, expected) in [
        (never, "pod/p phase: Running@1 Failed@5 ; vmi/a phase: Running@0 Failed@6 |closed@9", "satisfied"),
        (never, "pod/p phase: Running@1 Failed@7 ; vmi/a phase: Running@0 Failed@6 |closed@9", "violated"),
        // Both are held at the end.
        (never, "pod/p phase: Running@1 ; vmi/a phase: Running@0 Failed@6 |closed@9", "violated"),
        (never, "pod/p phase: Running@1 ; vmi/a phase: Running@0 |closed@9", "satisfied"),
        // Of two entries at one time, either may be the first.
        (never, "pod/p phase: Running@1 Failed@6 ; vmi/a phase: Running@0 Failed@6 |closed@9", "inconclusive"),
        (never, "pod/p phase: Running@1 Failed@6 ; vmi/a phase: Running@0 ~5,8~ Failed |closed@9", "inconclusive"),
        (never, "pod/p phase: Running@1 Failed@6 ; vmi/a phase: Running@0 ~7,8~ Failed |closed@9", "satisfied"),
        (never, "pod/p phase: Running@1 Failed@8 ; vmi/a phase: Running@0 ~3,5~ Failed |closed@9", "violated"),
        // It may have left the state before the pod ran.
        (
            never,
            "pod/p phase: Pending@1 Running@5 Failed@6 ; vmi/a phase: Failed@0 ~3,8~ Running |closed@9",
            "inconclusive",
        ),
        (never, "pod/p phase: Running@1 ; vmi/a phase: Running@0 Failed@6 |unfenced", "inconclusive"),
        (always, "pod/p phase: Pending@0 Running@2 ; vmi/a condition/Ready: False@1 True@3 |closed@9", "satisfied"),
        (always, "pod/p phase: Pending@0 Running@4 ; vmi/a condition/Ready: False@1 True@3 |closed@9", "violated"),
        (always, "pod/p phase: Pending@0 Running@2 ; vmi/a condition/Ready: False@1 |closed@9", "satisfied"),
    ] {
        assert_eq!(verdict(sketch, line), expected, "{sketch}: {line}");
    }
    let nothing = "pod/p condition/Ready: True@1 ; vmi/a phase: Failed@0 |closed@9";
    assert_eq!(verdict(nothing, never), "inconclusive", "the pod never had a phase");
}

#[test]
fn two_tracks_of_one_subject() {
    // The condition and the phase change in one version: they are never held at once.
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.1, 0, 100);
    tape.object(1.0, 0, Change::Added, with_condition(110, "Running", "Ready", "True"));
    tape.object(2.0, 0, Change::Modified, with_condition(120, "Failed", "Ready", "False"));
    let subjects = "v: {kind: VirtualMachineInstance}";
    let apart = document(subjects, "{track: v.phase, never: Failed, while: v.condition/Ready=True}");
    let running = document(subjects, "{track: v.phase, always: Running, while: v.condition/Ready=True}");
    assert!(growing(tape.clone().closed(3.0), &apart).ends_with("pS"));
    assert!(growing(tape.clone().closed(3.0), &running).ends_with("pS"));
    // One version earlier, they are, and no later line can change that.
    tape.object(2.5, 0, Change::Modified, with_condition(130, "Failed", "Ready", "True"));
    assert!(growing(tape.closed(3.0), &apart).ends_with("pVVV"));
}

#[test]
fn of_two_subjects_it_is_known_as_far_as_both_were_read() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.object(1.0, 0, Change::Added, object("p", 110, "Running"));
    tape.object(2.0, 1, Change::Added, object("v", 120, "Failed"));
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance, name: v}";
    let never = document(subjects, "{track: p.phase, never: Running, while: v.phase=Failed}");
    // The pod may have left Running before the instance failed.
    assert!(growing(&tape, &never).ends_with('p'));
    let left = |tape: &Tape| {
        let mut tape = tape.clone();
        tape.object(3.0, 0, Change::Modified, object("p", 115, "Succeeded")).closed(4.0);
        growing(&tape, &never)
    };
    assert!(left(&tape).ends_with("pS"), "{}", left(&tape));
    let mut stays = tape.clone();
    stays.bookmark(3.0, 0, 130);
    assert!(growing(&stays, &never).ends_with('V'));
    // A whole fence shows that nothing happened up to its version.
    let mut fenced = tape.clone();
    fenced.closed(4.0);
    assert!(growing(&fenced, &never).ends_with('V'), "{}", growing(&fenced, &never));
    // The pod is gone, and the watch of instances is read beyond that.
    let mut gone = Tape::of(vec![pods(), vmis()]);
    gone.attached(0.1, 0, 100).attached(0.1, 1, 100);
    gone.object(1.0, 0, Change::Added, object("p", 110, "Running"));
    gone.object(2.0, 0, Change::Deleted, object("p", 115, "Running"));
    gone.object(3.0, 1, Change::Added, object("v", 120, "Failed")).closed(4.0);
    assert!(growing(&gone, &never).ends_with('S'), "{}", growing(&gone, &never));
    // Versions of two storages have no order.
    let separate = Watch { separate_storage: true, ..vmis() };
    let mut apart = Tape::of(vec![pods(), separate]);
    apart.attached(0.1, 0, 100).attached(0.1, 1, 100);
    apart.object(1.0, 0, Change::Added, object("p", 110, "Running"));
    apart.object(2.0, 1, Change::Added, object("v", 120, "Failed")).closed(4.0);
    assert!(growing(&apart, &never).ends_with('i'));
}

#[test]
fn what_a_gap_hides_may_have_been_held() {
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance}";
    let never = document(subjects, "{track: p.phase, never: Running, while: v.phase=Failed}");
    let with_gap = |runs: u64| {
        let mut tape = Tape::of(vec![pods(), vmis()]);
        tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
        tape.object(1.0, 0, Change::Added, object("p", runs, "Running"));
        tape.object(2.0, 0, Change::Modified, object("p", runs + 5, "Failed"));
        // An instance may have come and gone.
        tape.gap(3.0, 1, (0.1, 100), 130).attached(3.0, 1, 130).closed(5.0);
        growing(&tape, &never)
    };
    assert!(with_gap(110).ends_with('i'), "{}", with_gap(110));
    let mut later = Tape::of(vec![pods(), vmis()]);
    later.attached(0.1, 0, 100).attached(0.1, 1, 100).gap(1.0, 1, (0.1, 100), 130).attached(1.0, 1, 130);
    later.object(2.0, 0, Change::Added, object("p", 140, "Running")).closed(5.0);
    assert!(growing(&later, &never).ends_with('S'), "{}", growing(&later, &never));
}

#[test]
fn what_was_deleted_unseen_stays_so() {
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance}";
    for statement in
        ["{track: p.phase, never: Running, while: v.lifecycle=Deleted}", "{track: p.phase, sameAs: v.lifecycle}"]
    {
        // An instance may have been deleted before the recording, or within the gap.
        for with_gap in [false, true] {
            let mut tape = Tape::of(vec![pods(), vmis()]);
            tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
            if with_gap {
                tape.gap(1.0, 1, (0.1, 100), 130).attached(1.0, 1, 130);
            }
            tape.object(2.0, 0, Change::Added, object("p", 140, "Running")).closed(5.0);
            let verdicts = growing(&tape, &document(subjects, statement));
            assert!(verdicts.ends_with('i'), "{statement}: {verdicts}");
        }
    }
}

#[test]
fn what_was_read_back_counts_when_it_is_known_that_nothing_is_missing() {
    let subjects = "p: {kind: Pod, name: p}, v: {kind: VirtualMachineInstance, name: v}";
    let never = document(subjects, "{track: p.phase, never: Failed, while: v.phase=Running}");
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.object(1.0, 1, Change::Added, object("v", 110, "Running")).bookmark(2.0, 1, 120);
    tape.object(3.0, 0, Change::Added, object("p", 130, "Failed"));
    tape.object(4.0, 1, Change::Modified, object("v", 140, "Running"));
    let read_back = tape.last_object();
    (read_back.healed, read_back.not_before) = (true, Some(super::tape::at(2.0)));
    tape.gap(4.0, 1, (2.0, 120), 150).unchanged(4.0, 1, "v", 140).attached(4.0, 1, 150).closed(5.0);
    let verdicts = growing(&tape, &never);
    assert!(verdicts.ends_with("pppVVVV"), "{verdicts}");
}

#[test]
fn a_deletion_in_a_gap_ended_what_was_held() {
    let subjects = "p: {kind: Pod, uid: uid-p}, v: {kind: VirtualMachineInstance}";
    let never = document(subjects, "{track: p.phase, never: Failed, while: v.phase=Running}");
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.1, 0, 100).attached(0.1, 1, 100);
    tape.object(1.0, 0, Change::Added, object("p", 110, "Failed"));
    tape.gap(2.0, 0, (1.0, 110), 120).attached(2.0, 0, 120).bookmark(2.5, 1, 120);
    tape.object(3.0, 1, Change::Added, object("v", 130, "Running")).closed(5.0);
    assert!(growing(&tape, &never).ends_with('S'), "{}", growing(&tape, &never));
}

#[test]
fn at_most_one_at_a_time() {
    let two = "m: {kind: VirtualMachineInstanceMigration}, o: {kind: VirtualMachineInstanceMigration}";
    let never = "{track: m.phase, never: Running, while: o.phase=Running}";
    let with = |second: &str| format!("vmim/m1 phase: Running@1 Succeeded@5 ; vmim/m2 phase: {second} |closed@9");
    assert_eq!(judged(&with("Pending@2 Running@6"), two, never), "satisfied");
    assert_eq!(judged(&with("Pending@2 Running@4"), two, never), "violated");
    assert_eq!(judged("vmim/m1 phase: Running@1 Succeeded@5 |closed@9", two, never), "satisfied", "there is one");
    // A name is that of the subject itself, too.
    let named = "m: {kind: VirtualMachineInstanceMigration}, o: {kind: VirtualMachineInstanceMigration, name: m1}";
    assert_eq!(judged("vmim/m1 phase: Running@1 Succeeded@5 |closed@9", named, never), "violated");
}
