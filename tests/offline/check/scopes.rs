//! Windows that start and end at entries: before, after and between states.

use super::tape::{Tape, document, growing, object, of_json, owned, pods, vmis, windowed};
use crate::sketches;
use statetrail::expectation::{Program, Source};
use statetrail::observation::{Change, GapReason, Watch};

const PAIR: &str = "vmi: {kind: VirtualMachineInstance, name: a}, vm: {kind: VirtualMachine, name: a}";

fn judged(sketch: &str, subjects: &str, window: &str, statement: &str) -> String {
    sketches::judged(&windowed(subjects, window, statement), sketch).verdict.to_string()
}

#[test]
fn a_vm_is_not_ready_for_some_time_after_its_instance_succeeded() {
    let window = "{from: {enter: vmi.phase=Succeeded}, max: 60s}";
    let never = "{track: vm.condition/Ready, never: 'True'}";
    let with = |ready: &str| format!("vmi/a phase: Running@0 Succeeded@5 ; vm/a condition/Ready: {ready} |closed@100");
    for (ready, verdict) in [
        ("True@1 False@4", "satisfied"),
        ("True@1 False@4 True@64", "violated"),
        ("True@1 False@4 True@65", "violated"),
        ("True@1 False@4 True@65.000001", "satisfied"),
        // It was ready when the instance succeeded.
        ("True@1 False@6", "violated"),
        ("True@1 False@4 ~30,40~ False", "inconclusive"),
        ("True@1 False@4 ~70,80~ False", "satisfied"),
    ] {
        assert_eq!(judged(&with(ready), PAIR, window, never), verdict, "{ready}");
    }
    let open = "vmi/a phase: Running@0 Succeeded@5 ; vm/a condition/Ready: False@1 |open now=80 alive=60";
    assert_eq!(judged(open, PAIR, window, never), "pending");
    assert_eq!(judged(&open.replace("alive=60", "alive=65"), PAIR, window, never), "satisfied");
    let failed = "vmi/a phase: Running@0 Failed@5 ; vm/a condition/Ready: True@1 |closed@100";
    assert_eq!(judged(failed, PAIR, window, never), "inconclusive", "it never succeeded: nothing to judge");
    assert_eq!(judged(&failed.replace("|closed@100", "|open"), PAIR, window, never), "pending");
}

#[test]
fn before_after_and_between() {
    let subjects = "p: {kind: Pod, name: a}";
    let sketch = "pod/a phase: Pending@0 Running@10 Failed@20 Running@30 Succeeded@40 |closed@50";
    for (window, statement, verdict) in [
        ("{until: {enter: p.phase=Running}}", "{track: p.phase, path: Pending -> Running}", "satisfied"),
        ("{until: {enter: p.phase=Failed}}", "{track: p.phase, never: Succeeded}", "satisfied"),
        ("{until: {enter: p.phase=Failed}}", "{track: p.phase, count: {Running: {max: 1}}}", "satisfied"),
        ("{from: {enter: p.phase=Failed}}", "{track: p.phase, path: Failed -> Running -> Succeeded}", "satisfied"),
        ("{from: {enter: p.phase=Failed}}", "{track: p.phase, never: Pending}", "satisfied"),
        ("{from: {enter: p.phase=Failed}, max: 15s}", "{track: p.phase, never: Succeeded}", "satisfied"),
        ("{from: {enter: p.phase=Failed}, max: 25s}", "{track: p.phase, never: Succeeded}", "violated"),
        // From one entry to the next one of the same state.
        (
            "{from: {enter: p.phase=Running}, until: {enter: p.phase=Running}}",
            "{track: p.phase, path: Running -> Failed -> Running}",
            "satisfied",
        ),
        // The end that never comes is that of the recording.
        (
            "{from: {enter: p.phase=Failed}, until: {enter: p.phase=Pending}}",
            "{track: p.phase, path: Failed -> Running -> Succeeded}",
            "satisfied",
        ),
        ("{from: {enter: 'p.phase=[Failed, Succeeded]'}}", "{track: p.phase, count: {Failed: {min: 1}}}", "satisfied"),
        ("{from: {enter: p.phase=Unknown}}", "{track: p.phase, never: Failed}", "inconclusive"),
    ] {
        assert_eq!(judged(sketch, subjects, window, statement), verdict, "{window} {statement}");
    }
}

#[test]
fn each_subject_has_a_window_of_its_own() {
    let sketch = |b: &str| {
        format!("pod/a phase: Pending@0 Failed@5 Running@9 ; pod/b phase: {b} ; pod/c phase: Running@1 |closed@30")
    };
    let window = "{from: {enter: p.phase=Failed}, max: 10s}";
    let recovers = "{track: p.phase, path: Failed -> Running}";
    for (b, verdict) in [
        ("Pending@0 Failed@20 Running@25", "satisfied"),
        ("Pending@0 Failed@20", "violated"),
        ("Pending@0 Failed@12 Running@23", "violated"),
        ("Pending@0 ~3,4~ Pending", "inconclusive"),
    ] {
        assert_eq!(judged(&sketch(b), "p: {kind: Pod}", window, recovers), verdict, "{b}");
    }
}

#[test]
fn an_entry_that_a_gap_may_hide_bounds_no_window_exactly() {
    let subjects = "p: {kind: Pod, name: a}, q: {kind: VirtualMachineInstance, name: b}";
    let window = "{from: {enter: q.phase=Running}}";
    let never = "{track: p.phase, never: Pending}";
    let with = |q: &str, p: &str| format!("vmi/b phase: {q} ; pod/a phase: {p} |closed@30");
    for (q, p, verdict) in [
        ("Pending@0 ~5,10~ Running", "Pending@0 Running@4", "satisfied"),
        ("Pending@0 ~5,10~ Running", "Pending@0 Running@7", "inconclusive"),
        ("Pending@0 ~5,10~ Running", "Pending@0 Running@11", "violated"),
        // It may have run in the gap, or not.
        ("Pending@0 ~5,10~ Pending Running@20", "Pending@0 Running@4", "satisfied"),
        ("Pending@0 ~5,10~ Pending Running@20", "Pending@0 Running@15", "inconclusive"),
        ("Pending@0 ~5,10~ Pending", "Pending@0 Running@4", "inconclusive"),
    ] {
        assert_eq!(judged(&with(q, p), subjects, window, never), verdict, "{q} {p}");
    }
}

#[test]
fn the_watch_of_the_entry_may_be_read_later() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("v", 11, "Pending"));
    let pod = |version: u64, phase: &str| owned("p", version, phase, &[("VirtualMachineInstance", "uid-v")]);
    tape.object(2.0, 0, Change::Added, pod(12, "Pending")).object(5.0, 0, Change::Modified, pod(15, "Failed"));
    tape.bookmark(6.0, 0, 16);
    // The VMI ran before the pod failed, and that is delivered later.
    tape.reconnected(7.0, 1, 11, 2.5).object(7.0, 1, Change::Modified, object("v", 13, "Running"));
    tape.last_object().not_before = Some(super::tape::at(2.5));
    tape.bookmark(8.0, 1, 17).closed(9.0);
    let subjects = "v: {kind: VirtualMachineInstance, uid: uid-v}, p: {kind: Pod, ownedBy: v}";
    let never = |window: &str| windowed(subjects, window, "{track: p.phase, never: Failed}");
    assert_eq!(growing(&tape, &never("{until: {enter: v.phase=Running}}")), "ppppppppppppi");
    let mut prompt = tape.clone();
    prompt.lines.retain(|line| !matches!(line.payload, statetrail::observation::Payload::Reconnected(_)));
    for line in &mut prompt.lines {
        if let statetrail::observation::Payload::Object(seen) = &mut line.payload {
            seen.not_before = None;
        }
    }
    // It ran after the pod had failed.
    assert!(growing(&prompt, &never("{until: {enter: v.phase=Running}}")).ends_with('V'));
    let gone = "{from: {enter: v.phase=Failed}}";
    assert!(growing(&tape, &never(gone)).ends_with('i'), "it never failed");
}

#[test]
fn what_a_gap_of_the_watch_hides_may_be_the_entry() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(2.0, 0, Change::Added, object("p", 12, "Pending"));
    tape.gap_for(GapReason::HistoryExpired, 4.0, 1, (1.0, 10), 20).attached(4.0, 1, 20);
    tape.object(6.0, 0, Change::Modified, object("p", 22, "Failed")).closed(9.0);
    let subjects = "v: {kind: VirtualMachineInstance}, p: {kind: Pod}";
    let never = |window: &str| windowed(subjects, window, "{track: p.phase, never: Failed}");
    // An instance may have run within the gap.
    assert_eq!(growing(&tape, &never("{until: {enter: v.phase=Running}}")), "pppppppppi");
    assert!(growing(&tape, &never("{until: {enter: p.phase=Failed}}")).contains('V'));
}

#[test]
fn a_misspelt_entry_and_born_in_a_window_of_entries_do_not_compile() {
    let compile = |text: &str| Program::compile([Source::Document { name: "x", text }]).map(|_| ()).unwrap_err();
    let wrong =
        compile(&windowed("p: {kind: Pod}", "{from: {enter: p.phase=Runing}}", "{track: p.phase, never: Failed}"));
    assert!(wrong.to_string().contains("did you mean `Running`?"), "{wrong}");
    let wrong =
        compile(&windowed("p: {kind: Pod}", "{from: {enter: q.phase=Running}}", "{track: p.phase, never: Failed}"));
    assert!(wrong.to_string().contains("unknown subject `q`"), "{wrong}");
    let born = "p: {kind: Pod, born: window}";
    let wrong = compile(&windowed(born, "{from: {enter: p.phase=Running}}", "{track: p.phase, never: Failed}"));
    assert!(wrong.to_string().contains("`born: window`"), "{wrong}");
}

#[test]
fn an_entry_may_name_a_detail() {
    let evicted = |version: u64, phase: &str, reason: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"{phase}","reason":"{reason}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, evicted(11, "Failed", "NodeLost"));
    tape.object(3.0, 0, Change::Modified, evicted(12, "Failed", "Evicted"));
    tape.object(6.0, 0, Change::Modified, evicted(13, "Succeeded", "")).closed(9.0);
    let within = |max: &str| {
        let window = format!("{{from: {{enter: p.phase=_/Evicted}}, max: {max}}}");
        tape.verdict(&windowed("p: {kind: Pod}", &window, "{track: p.phase, never: Succeeded}"))
    };
    assert_eq!((within("2s").as_str(), within("4s").as_str()), ("satisfied", "violated"));
    let whole = document("p: {kind: Pod}", "{track: p.phase, path: Failed -> Succeeded}");
    assert_eq!(tape.verdict(&whole), "satisfied");
}

#[test]
fn what_is_first_shown_after_a_gap_entered_nothing_before_it() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("p", 11, "Pending"));
    tape.object(2.0, 0, Change::Modified, object("p", 12, "Failed")).bookmark(3.0, 0, 12).bookmark(3.0, 1, 12);
    tape.gap(6.0, 1, (4.0, 12), 16).object(6.0, 1, Change::Listed, object("v", 15, "Running")).attached(6.0, 1, 16);
    tape.closed(9.0);
    let subjects = "v: {kind: VirtualMachineInstance}, p: {kind: Pod, uid: uid-p}";
    let never = |window: &str| windowed(subjects, window, "{track: p.phase, never: Failed}");
    let window = "{from: {enter: p.phase=Pending}, until: {enter: v.phase=Running}}";
    assert!(growing(&tape, &never(window)).ends_with("VVVVVVV"));
    // It was running when it was found, since some moment of the gap.
    assert!(growing(&tape, &never("{from: {enter: v.phase=Running}}")).ends_with('V'));
}

#[test]
fn of_entries_at_one_time_those_of_a_later_version_follow_the_bound() {
    let pod = |phases: &str, window: &str, statement: &str| {
        judged(&format!("pod/a phase: {phases} |closed@20"), "p: {kind: Pod, name: a}", window, statement)
    };
    let between = "{from: {enter: p.phase=Running}, until: {enter: p.phase=Failed}}";
    let never = "{track: p.phase, never: Succeeded}";
    assert_eq!(pod("Pending@0 Failed@5 Running@5 Succeeded@6 Failed@7", between, never), "violated");
    assert_eq!(pod("Pending@0 Running@5 Failed@5 Succeeded@6 Failed@7", between, never), "satisfied");
    assert_eq!(pod("Pending@0 Running@5 Succeeded@5 Failed@5", between, never), "violated");
    let after = "{from: {enter: p.phase=Running}}";
    assert_eq!(pod("Pending@0 Succeeded@5 Running@5 Failed@5", after, never), "satisfied");
    assert_eq!(pod("Pending@0 Running@5 Succeeded@5 Failed@5", after, never), "violated");
    let before = "{until: {enter: p.phase=Running}}";
    assert_eq!(pod("Pending@0 Running@5 Succeeded@5", before, never), "satisfied");
    assert_eq!(pod("Pending@0 Succeeded@5 Running@5", before, never), "violated");
}

#[test]
fn of_two_subjects_versions_order_what_came_at_one_time_and_separate_storages_have_no_order() {
    let never = |window: &str| {
        let subjects = "p: {kind: Pod, name: a}, v: {kind: VirtualMachineInstance, name: v}";
        windowed(subjects, window, "{track: p.phase, never: Failed}")
    };
    let seen = |failed: u64, separate: bool| {
        let mut tape = Tape::of(vec![pods(), Watch { separate_storage: separate, ..vmis() }]);
        tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
        tape.object(1.0, 1, Change::Added, object("v", 101, "Pending"));
        tape.object(1.0, 0, Change::Added, object("a", 102, "Running"));
        tape.object(5.0, 1, Change::Modified, object("v", 110, "Running"));
        tape.object(5.0, 0, Change::Modified, object("a", failed, "Failed"));
        tape.object(5.0, 0, Change::Modified, object("a", failed + 1, "Running"));
        tape.bookmark(8.0, 0, 130).bookmark(8.0, 1, 130).closed(9.0);
        tape
    };
    let (before, after) = ("{until: {enter: v.phase=Running}}", "{from: {enter: v.phase=Running}}");
    for (failed, separate, until, since) in [
        (108, false, "violated", "satisfied"),
        (112, false, "satisfied", "violated"),
        (108, true, "inconclusive", "inconclusive"),
    ] {
        let tape = seen(failed, separate);
        let verdicts = (tape.verdict(&never(before)), tape.verdict(&never(after)));
        assert_eq!((verdicts.0.as_str(), verdicts.1.as_str()), (until, since), "{failed} {separate}");
    }
    // From Pending until Running, both in one read: what follows at that time is not within.
    let between = never("{from: {enter: v.phase=Pending}, until: {enter: v.phase=Running}}");
    assert_eq!(seen(108, false).verdict(&between), "violated");
    assert_eq!(seen(112, false).verdict(&between), "satisfied");
}

#[test]
fn what_came_before_a_subject_in_the_read_in_which_it_was_created_does_not_end_its_window() {
    let never = "{track: p.phase, never: Failed}";
    for (window, version) in [("until", 12), ("from: attached, until", 12), ("until", 14)] {
        let mut tape = Tape::of(vec![pods(), vmis()]);
        tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("b", 11, "Pending"));
        tape.object(3.0, 1, Change::Modified, object("b", version, "Running"));
        tape.object(3.0, 0, Change::Added, object("a", 13, "Pending"));
        tape.object(3.0, 0, Change::Modified, object("a", 15, "Failed")).closed(9.0);
        let subjects = "p: {kind: Pod, uid: uid-a}, v: {kind: VirtualMachineInstance, name: b}";
        let verdict = tape.verdict(&windowed(subjects, &format!("{{{window}: {{enter: v.phase=Running}}}}"), never));
        assert_eq!(verdict, if version == 12 { "violated" } else { "satisfied" }, "{window} {version}");
    }
}
