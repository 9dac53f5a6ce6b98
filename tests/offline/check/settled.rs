//! What a growing recording has decided, it does not take back; what it may still decide, it does not give up.

use super::tape::{Tape, at, document, growing, object, of_json, owned, pods, vmis, windowed, with_condition};
use crate::sketches;
use statetrail::expectation::{Verdict, judge_line};
use statetrail::observation::{Change, GapReason, Payload, Undecodable, Watch};

/// The first verdict, with `pass lost` where that applies.
fn sketched(sketch: &str, subjects: &str, statement: &str) -> String {
    let standing = sketches::judged(&document(subjects, statement), sketch);
    let lost = standing.verdict == Verdict::Pending && standing.pass_lost;
    format!("{}{}", standing.verdict, if lost { ", pass lost" } else { "" })
}

fn second(number: u64) -> String {
    format!("{{time: \"2026-11-20T18:00:0{number}Z\"}}")
}

#[test]
fn a_window_is_open_until_the_condition_was_read_as_far() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 1, 100).attached(0.0, 0, 100);
    tape.object(1.0, 1, Change::Added, object("v", 101, "Scheduling"));
    tape.object(2.0, 0, Change::Added, owned("a", 103, "Running", &[("VirtualMachineInstance", "uid-v")]));
    tape.object(6.0, 0, Change::Modified, owned("a", 105, "Failed", &[("VirtualMachineInstance", "uid-v")]));
    let mut read = tape.clone();
    read.bookmark(6.5, 1, 106);
    let subjects = "v: {kind: VirtualMachineInstance, namespace: n, name: v}, \
                    p: {kind: Pod, namespace: n, ownedBy: v, name: a, life: first}";
    for (from, until) in [(3, 4), (2, 2)] {
        let window = format!("{{from: {}, until: {}}}", second(from), second(until));
        let only = windowed(subjects, &window, "{enter: p.phase=Running, onlyAfter: v.phase=Running}");
        let verdicts = (tape.verdict(&only), read.verdict(&only));
        assert_eq!((verdicts.0.as_str(), verdicts.1.as_str()), ("pending", "violated"), "{window}");
    }
}

#[test]
fn a_life_that_was_the_first_stays_the_first_when_the_storage_is_replaced() {
    let first = ["namespace: n, quantify: first", "name: a, life: first", "name: a, life: 1"];
    let never = |subject: &str| document(&format!("p: {{kind: Pod, {subject}}}"), "{track: p.phase, never: Pending}");
    let check = |tape: &Tape, when: &str| {
        for subject in first {
            assert_eq!(tape.verdict(&never(subject)), "violated", "{subject}, {when}");
        }
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("a", 105, "Pending"));
    tape.object(2.0, 0, Change::Modified, object("a", 108, "Running")).bookmark(4.0, 0, 108);
    check(&tape, "before");
    tape.replaced(5.0, 0, (4.0, 108), 101);
    check(&tape, "in the gap");
    tape.object(5.0, 0, Change::Listed, object("a", 95, "Pending"));
    tape.object(5.0, 0, Change::Listed, object("b", 96, "Pending"));
    check(&tape, "listed again");
    tape.attached(5.0, 0, 101).closed(9.0);
    check(&tape, "at the end");
    // Another life of that name may have come and gone in the gap.
    for subject in ["name: b, life: first", "name: b, life: 1"] {
        assert_eq!(tape.verdict(&never(subject)), "inconclusive", "{subject}");
    }
}

#[test]
fn a_window_that_was_seen_stays_decided_at_an_end_without_a_fence() {
    let selected = Watch { label_selector: "app=x".to_owned(), ..pods() };
    let mut tape = Tape::of(vec![vmis(), selected]);
    tape.attached(0.0, 1, 100).attached(0.0, 0, 100);
    tape.object(1.0, 0, Change::Added, object("v", 105, "Scheduling"));
    tape.object(6.0, 0, Change::Modified, object("v", 108, "Scheduled"));
    tape.bookmark(7.0, 0, 108).bookmark(7.0, 1, 108);
    let mut ended = tape.clone();
    ended.ended(9.0);
    let subjects = "v: {kind: VirtualMachineInstance, namespace: n, name: v, life: first}, \
                    p: {kind: Pod, namespace: n, name: a}";
    let only = "{enter: v.lifecycle=Deleted, onlyAfter: p.phase=Running}";
    for window in [format!("{{until: {}}}", second(5)), format!("{{from: {}, until: {}}}", second(2), second(5))] {
        for (statement, expected) in [(only, "satisfied"), (&*format!("{{not: {only}}}"), "violated")] {
            let document = windowed(subjects, &window, statement);
            let verdicts = (tape.verdict(&document), ended.verdict(&document));
            assert_eq!((verdicts.0.as_str(), verdicts.1.as_str()), (expected, expected), "{window} {statement}");
        }
    }
    // The condition came first, and nothing earlier can still come.
    let mut come = tape.clone();
    come.lines.truncate(3);
    come.object(2.0, 1, Change::Added, object("a", 106, "Running")).bookmark(7.0, 0, 108).bookmark(7.0, 1, 108);
    let whole = document(subjects, only);
    let live = come.verdict(&whole);
    assert_eq!((live.as_str(), come.ended(9.0).verdict(&whole).as_str()), ("satisfied", "satisfied"));
    // The window reaches beyond what was seen.
    let late = windowed(subjects, &format!("{{until: {}}}", second(8)), only);
    assert_eq!((tape.verdict(&late).as_str(), ended.verdict(&late).as_str()), ("pending", "inconclusive"));
}

#[test]
fn an_answer_after_the_end_does_not_make_up_for_too_few_entries() {
    let verdict = |sketch: &str, min: u64| {
        judge_line(sketch, &format!("every Failed then Pending within 3s min {min}")).unwrap().standing.verdict
    };
    assert_eq!(verdict("Failed@1 |closed@3", 2), Verdict::Violated);
    assert_eq!(verdict("Failed@1 |closed@3", 1), Verdict::Inconclusive);
    assert_eq!(verdict("Failed@1 Running@1.5 Failed@2 |closed@3", 2), Verdict::Inconclusive);
    assert_eq!(verdict("Failed@1 |open", 2), Verdict::Pending);
    let not = |sketch: &str, min: u64| {
        let not = format!("{{not: {{track: p.phase, every: Failed, then: Pending, within: 3s, min: {min}}}}}");
        sketched(sketch, "p: {kind: Pod, name: a}", &not)
    };
    assert_eq!(not("pod/a phase: Failed@1 |closed@3", 2), "inconclusive", "too few are nothing to judge");
    assert_eq!(not("pod/a phase: Failed@1 |deleted@3", 2), "satisfied", "it was not answered");
}

#[test]
fn the_negation_of_nothing_to_judge_is_open_while_another_part_may_decide() {
    let two = "a: {kind: Pod, name: a, life: first}, b: {kind: Pod, name: b, life: first}";
    let all = "{not: {all: [{track: a.phase, every: Failed, then: Running}, {track: b.phase, never: Running}]}}";
    let any = "{not: {any: [{track: a.phase, every: Failed, then: Running, min: 0}, \
               {track: b.phase, path: \"... -> Running -> ...\"}]}}";
    let each = "{not: {track: p.phase, every: Failed, then: Running}}";
    for (b, on_all, on_any, on_each) in [
        ("Pending@6 |open", "pending", "pending, pass lost", "pending"),
        ("Pending@6 Running@7 |open", "satisfied", "violated", "pending"),
        ("Pending@6 Failed@7 |closed", "inconclusive", "inconclusive", "satisfied"),
        ("Pending@6 |closed@9", "inconclusive", "inconclusive", "inconclusive"),
        ("Pending@6 |deleted@9", "inconclusive", "inconclusive", "inconclusive"),
    ] {
        let sketch = format!("pod/a phase: Pending |deleted@5 ; pod/b phase: {b}");
        let verdicts = [(two, all), (two, any), ("p: {kind: Pod}", each)].map(|(of, not)| sketched(&sketch, of, not));
        assert_eq!(verdicts.each_ref().map(String::as_str), [on_all, on_any, on_each], "{b}");
    }
}

#[test]
fn restarts_of_a_container_that_is_not_there_yet_may_still_be_too_few() {
    let container = |version: u64, restarts: u32| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"Running","containerStatuses":[{{"name":"app","restartCount":{restarts},"state":{{"running":{{}}}}}}]}}}}"#
        ))
    };
    let subject = "p: {kind: Pod, namespace: n, name: a, life: first}";
    let few = document(subject, "{not: {track: p.container/app, count: {restart: {min: 2}}}}");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("a", 105, "Pending"));
    assert_eq!(tape.verdict(&few), "pending");
    tape.object(2.0, 0, Change::Modified, container(106, 1)).closed(3.0);
    assert_eq!(tape.verdict(&few), "satisfied");
}

#[test]
fn a_condition_named_by_its_uid_is_awaited_until_it_is_seen() {
    let subjects = "v: {kind: VirtualMachineInstance, quantify: first}, p: {kind: Pod, uid: uid-a}";
    let only = document(subjects, "{enter: v.phase=Running, onlyAfter: p.phase=Running}");
    let mut tape = Tape::of(vec![vmis(), pods()]);
    tape.object(0.0, 0, Change::Listed, object("v", 90, "Running")).attached(0.0, 0, 100).attached(0.0, 1, 100);
    assert_eq!(tape.verdict(&only), "pending");
    tape.object(1.0, 1, Change::Added, object("a", 105, "Running")).closed(3.0);
    assert_eq!(tape.verdict(&only), "violated");
}

#[test]
fn a_stay_in_the_state_that_was_found_first_stays_long_enough_once_it_is_left() {
    let subject = "p: {kind: Pod, name: a}";
    for path in ["... -> Running for >=10s -> ...", "... -> Running for >0s -> ..."] {
        let statement = format!("{{track: p.phase, path: \"{path}\"}}");
        for sketch in [
            "^Running@0 |open now=19 alive=19",
            "^Running@0 Failed@20 |open now=20 alive=20",
            "^Running@0 Failed@20 |closed@30",
        ] {
            assert_eq!(
                sketched(&format!("pod/a phase: {sketch}"), subject, &statement),
                "satisfied",
                "{path}, {sketch}"
            );
        }
    }
    // How long it stayed at most is not known.
    let short = "{track: p.phase, path: \"... -> Running for <=30s -> ...\"}";
    assert_eq!(sketched("pod/a phase: ^Running@0 Failed@20 |closed@30", subject, short), "inconclusive");
}

#[test]
fn a_gap_in_another_namespace_hides_no_subject_of_a_condition() {
    let of = |namespace: &str| Watch { namespace: namespace.into(), ..pods() };
    let mut tape = Tape::of(vec![of("n"), of("m")]);
    tape.object(0.0, 0, Change::Listed, object("b", 95, "Failed")).attached(0.0, 0, 100);
    let subjects = "s: {kind: Pod}, t: {kind: Pod, namespace: n, name: a, life: last}";
    let only = document(subjects, "{enter: s.phase=Failed, onlyAfter: t.phase=Running}");
    assert_eq!(tape.verdict(&only), "violated", "before");
    tape.attached(0.0, 1, 80).gap(0.0, 1, (0.0, 80), 100).attached(0.0, 1, 100);
    assert_eq!(tape.verdict(&only), "violated", "after the gap");
}

#[test]
fn what_was_shown_between_two_gaps_stays_within_a_window_when_the_object_is_deleted() {
    let pod = |version: u64, phase: &str| with_condition(version, phase, "Ready", "False");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, pod(105, "Running")).bookmark(2.0, 0, 106);
    tape.replaced(5.0, 0, (2.0, 106), 120);
    tape.object(5.0, 0, Change::Listed, pod(115, "Succeeded")).attached(5.0, 0, 120);
    let subjects = "p: {kind: Pod, namespace: n, quantify: each}";
    let always = windowed(subjects, &format!("{{from: {}}}", second(4)), "{track: p.phase, always: Running}");
    assert_eq!(tape.verdict(&always), "violated", "listed");
    tape.unreadable(7.0, 0, "a", 125);
    assert_eq!(tape.verdict(&always), "violated", "lost again");
    tape.object(8.0, 0, Change::Deleted, pod(130, "Running"));
    assert_eq!(tape.verdict(&always), "violated", "deleted");
    assert_eq!(tape.closed(9.0).verdict(&always), "violated", "at the end");
}

#[test]
fn an_object_was_there_when_a_gap_of_one_of_its_tracks_ended_in_another_state() {
    let pod = |version: u64, phase: &str| with_condition(version, phase, "Ready", "True");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(2.0, 0, Change::Added, pod(11, "Failed"));
    tape.gap_for(GapReason::StorageUnproven, 2.0, 0, (2.0, 11), 35);
    tape.object(5.0, 0, Change::Modified, pod(36, "Running"));
    // The gap of Ready has no end yet.
    tape.replaced(5.0, 0, (5.0, 36), 48).unchanged(5.0, 0, "a", 36).attached(5.0, 0, 48);
    tape.object(20.0, 0, Change::Deleted, pod(57, "Running")).closed(60.0);
    let never =
        windowed("p: {kind: Pod, uid: uid-a}", &format!("{{from: {}}}", second(3)), "{track: p.phase, never: Running}");
    assert_eq!(growing(&tape, &never), "pppppppVVVV");
}

const HELD: &str = "{enter: p.phase=Pending, onlyAfter: v.phase=Running}";

#[test]
fn what_may_be_held_at_the_start_of_a_window_is_awaited() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.object(0.0, 0, Change::Listed, object("a", 90, "Pending")).attached(0.0, 0, 100).attached(0.0, 1, 100);
    let subjects = "p: {kind: Pod, namespace: n, quantify: each}, v: {kind: VirtualMachineInstance, quantify: each}";
    let only = windowed(subjects, &format!("{{from: {}}}", second(4)), HELD);
    tape.bookmark(6.0, 0, 200);
    assert_eq!(tape.verdict(&only), "pending", "the instances were not read to the start");
    let mut late = tape.clone();
    late.reconnected(7.0, 1, 100, 0.0).object(7.0, 1, Change::Added, object("v", 110, "Running"));
    late.last_object().not_before = Some(at(0.0));
    assert_eq!(late.closed(9.0).verdict(&only), "inconclusive", "it may have been Running at the start");
    tape.bookmark(7.0, 1, 210);
    assert_eq!(tape.verdict(&only), "violated", "none was");
}

#[test]
fn an_object_that_a_list_after_a_gap_did_not_show_began_later() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.object(0.0, 0, Change::Listed, object("a", 90, "Pending")).attached(0.0, 0, 100).attached(0.0, 1, 80);
    tape.gap(1.0, 1, (0.5, 80), 100).attached(1.0, 1, 100).bookmark(5.0, 0, 200).bookmark(5.0, 1, 201);
    let subjects = "p: {kind: Pod, namespace: n, quantify: each}, v: {kind: VirtualMachineInstance, quantify: each}";
    let only = windowed(subjects, &format!("{{from: {}}}", second(4)), HELD);
    assert_eq!(tape.verdict(&only), "violated", "before");
    tape.gap(8.0, 1, (6.0, 201), 230);
    assert_eq!(tape.verdict(&only), "violated", "in the gap");
    tape.object(8.0, 1, Change::Listed, object("v", 220, "Running")).attached(8.0, 1, 230);
    assert_eq!(tape.verdict(&only), "violated", "found");
    assert_eq!(tape.closed(9.0).verdict(&only), "violated", "at the end");
}

#[test]
fn a_gap_after_the_end_of_a_window_hides_no_subject_of_a_condition() {
    let separate = Watch { separate_storage: true, ..vmis() };
    let mut tape = Tape::of(vec![pods(), separate]);
    tape.attached(0.0, 0, 100);
    tape.object(0.0, 1, Change::Listed, object("v", 70, "Running")).attached(0.0, 1, 80);
    tape.bookmark(4.0, 0, 120).bookmark(4.0, 1, 90);
    let subjects =
        "v: {kind: VirtualMachineInstance, quantify: each}, p: {kind: Pod, namespace: n, name: a, life: first}";
    let only = windowed(
        subjects,
        &format!("{{until: {}}}", second(2)),
        "{enter: v.phase=Running, onlyAfter: p.phase=Pending}",
    );
    assert_eq!(tape.verdict(&only), "violated", "before");
    tape.gap(8.0, 0, (6.0, 120), 130).attached(8.0, 0, 130);
    assert_eq!(tape.verdict(&only), "violated", "after the gap");
}

#[track_caller]
fn ends(verdicts: &str, last: &str) {
    assert!(verdicts.ends_with(last), "{verdicts}, not {last}");
}

#[test]
fn what_a_list_has_shown_is_certain_when_deliveries_contradict_each_other_later() {
    let order = |after: &str| {
        let subjects = "b: {kind: Pod, uid: uid-b}, a: {kind: Pod, uid: uid-a}";
        let (enter, after) =
            if after == "a" { ("b.phase=Pending", "a.phase=Failed") } else { ("a.phase=Failed", "b.phase=Pending") };
        document(subjects, &format!("{{enter: {enter}, onlyAfter: {after}}}"))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("b", 15, "Running"));
    tape.object(2.0, 0, Change::Added, object("a", 20, "Failed")).gap(3.0, 0, (2.5, 20), 30);
    tape.unchanged(3.0, 0, "b", 15).unchanged(3.0, 0, "a", 20).attached(3.0, 0, 30);
    tape.gap_for(GapReason::Contradicted, 6.5, 0, (5.0, 30), 65);
    tape.object(6.5, 0, Change::Listed, object("b", 60, "Pending")).attached(6.5, 0, 65).closed(9.0);
    assert_eq!(growing(&tape, &order("a")), "pppSSSSSSSSSS");
    assert_eq!(growing(&tape, &order("b")), "pppVVVVVVVVVV");
}

#[test]
fn which_life_a_condition_means_is_open_until_the_end() {
    let subjects = "s: {kind: Pod}, t: {kind: Pod, namespace: n, name: b, life: last}";
    let order = "{enter: s.phase=Pending, onlyAfter: t.lifecycle=Present}";
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(0.1, 0, Change::Added, object("b", 15, "Pending"));
    tape.object(2.0, 0, Change::Added, object("a", 25, "Failed")).closed(9.0);
    let window = "{until: {time: '2026-11-20T18:00:00.750Z'}}";
    assert_eq!(growing(&tape, &windowed(subjects, window, order)), "pppppS");
}

#[test]
fn what_is_found_after_a_gap_was_not_there_while_another_had_its_name() {
    let named = |uid: &str, version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"p","namespace":"n","uid":"{uid}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(2.0, 0, 29).object(4.0, 0, Change::Added, named("uid-4", 32, "Running"));
    tape.line(6.0, Payload::Undecodable(Undecodable { watch: 0, ..Undecodable::default() }));
    tape.object(9.0, 0, Change::Deleted, named("uid-4", 48, "Failed")).line(16.0, Payload::Mark { name: "m".into() });
    tape.gap(19.0, 0, (18.0, 61), 62).object(19.0, 0, Change::Listed, named("uid-7", 62, "Pending"));
    tape.attached(19.0, 0, 62);
    let order = "{enter: b.phase=Failed, onlyAfter: a.phase=Running}";
    let subjects = "a: {kind: Pod, namespace: n, name: p, life: 1}, b: {kind: Pod, namespace: n, name: p}";
    ends(&growing(&tape, &windowed(subjects, "{until: {mark: m}}", order)), "SSS");
}

#[test]
fn without_numbers_what_ended_a_gap_is_known_when_a_later_version_cannot_be_read() {
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, object("b", 19, "Pending")).attached(0.0, 0, 20);
    tape.gap(5.75, 0, (0.0, 20), 25).object(5.75, 0, Change::Listed, object("b", 23, "Pending")).attached(5.75, 0, 25);
    tape.unreadable(6.25, 0, "b", 27).fence(11.0, 0, true);
    let window = "{from: {time: '2026-11-20T18:00:02.999Z'}}";
    let always = windowed("q: {kind: Pod, uid: uid-b}", window, "{track: q.phase, always: [Running, Failed]}");
    for tape in [tape.clone(), tape.opaque()] {
        ends(&growing(&tape, &always), "VVV");
    }
}

#[test]
fn the_order_of_two_watches_may_be_known_later() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.replaced(2.0, 0, (0.0, 10), 15).object(2.0, 0, Change::Listed, object("a", 6, "Failed")).attached(2.0, 0, 15);
    tape.replaced(4.0, 1, (0.0, 10), 20).attached(4.0, 1, 20);
    tape.object(5.0, 1, Change::Added, object("b", 22, "Running"));
    tape.object(7.0, 0, Change::Modified, object("a", 23, "Failed"));
    let subjects = "p: {kind: Pod, name: a}, q: {kind: VirtualMachineInstance, uid: uid-b}";
    let order = "{enter: p.phase=Failed, onlyAfter: q.phase=Running}";
    let window = "{until: {time: '2026-11-20T18:00:06.5Z'}}";
    ends(&growing(&tape, &windowed(subjects, window, order)), "pV");
}

#[test]
fn what_came_between_a_list_and_a_contradiction_is_not_all_that_happened() {
    let statements = [
        "{track: u.phase, never: Failed}",
        "{track: u.phase, always: [Pending, Running]}",
        "{track: u.phase, path: Pending -> Running}",
        "{track: u.phase, path: ... -> Failed -> ...}",
        "{track: u.phase, graph: {Pending: [Failed], Failed: [Running]}}",
        "{track: u.phase, path: Pending -> Running -> ...}",
        "{track: u.condition/Ready, never: 'True'}",
        "{enter: u.phase=Running, onlyAfter: u.phase=Failed}",
    ];
    for (statement, is_unchanged) in statements.iter().flat_map(|one| [(one, true), (one, false)]) {
        // In between, it may have failed at 12.
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
        tape.object(3.0, 0, Change::Modified, object("a", 14, "Running"));
        tape.gap_for(GapReason::Contradicted, 4.0, 0, (0.0, 10), 20);
        if is_unchanged {
            tape.unchanged(4.0, 0, "a", 14);
        } else {
            tape.object(4.0, 0, Change::Listed, object("a", 18, "Running"));
        }
        tape.attached(4.0, 0, 20).closed(8.0);
        assert_eq!(tape.verdict(&document("u: {kind: Pod, uid: uid-a}", statement)), "inconclusive", "{statement}");
        let path = document("u: {kind: Pod, uid: uid-a}", "{track: u.phase, path: Pending -> ... -> Running -> ...}");
        assert_eq!(tape.verdict(&path), "satisfied");
    }
    // One that was deleted since may have failed, too.
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(3.0, 0, Change::Deleted, object("a", 14, "Running"));
    tape.gap_for(GapReason::Contradicted, 4.0, 0, (0.0, 10), 20).attached(4.0, 0, 20).closed(8.0);
    assert_eq!(tape.verdict(&document("u: {kind: Pod, uid: uid-a}", statements[0])), "inconclusive");
}

#[test]
fn a_line_after_a_list_is_not_over_by_that_list() {
    let mut tape = Tape::of(vec![pods()]);
    tape.object(1.0, 0, Change::Listed, object("a", 41, "Failed")).attached(1.0, 0, 44);
    tape.gap_for(GapReason::StorageUnproven, 7.0, 0, (6.0, 46), 48).attached(7.0, 0, 48);
    tape.gap(13.0, 0, (10.0, 55), 59).attached(13.0, 0, 59);
    tape.line(13.0, Payload::Undecodable(Undecodable { watch: 0, ..Undecodable::default() }));
    tape.object(17.0, 0, Change::Modified, object("b", 68, "Running"));
    let first = document("p: {kind: Pod, namespace: n, quantify: first}", "{track: p.phase, never: Failed}");
    ends(&growing(&tape, &first), "VVVVVV");
}

#[test]
fn a_state_that_was_lost_before_a_window_is_not_lost_again_in_a_second_gap() {
    let subjects = "a: {kind: Pod, name: a}";
    let graph = "{track: a.condition/Ready, graph: {'False': []}}";
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, with_condition(11, "Running", "Ready", "True"));
    tape.gap(4.0, 0, (2.0, 11), 16).object(4.0, 0, Change::Listed, object("a", 15, "Running")).attached(4.0, 0, 16);
    tape.unreadable(6.0, 0, "a", 18).object(7.0, 0, Change::Modified, object("a", 20, "Running")).closed(9.0);
    let from = |number: u64| windowed(subjects, &format!("{{from: {}}}", second(number)), graph);
    // It may have been lost before the window, in the first gap, and nothing shows that it was there later.
    assert_eq!((tape.verdict(&from(3)).as_str(), tape.verdict(&from(1)).as_str()), ("inconclusive", "violated"));
}

#[test]
fn nothing_is_out_of_reach_while_a_window_may_have_ended_before_what_was_seen() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(4.0, 0, Change::Added, object("a", 45, "Pending"));
    tape.object(8.0, 0, Change::Modified, with_condition(87, "Pending", "Ready", "True"));
    tape.object(9.0, 0, Change::Deleted, with_condition(91, "Pending", "Ready", "True"));
    let subjects = "s: {kind: Pod, name: a, life: any}, t: {kind: VirtualMachineInstance}";
    let window = "{from: attached, until: {enter: t.phase=Running}}";
    let statement =
        windowed(subjects, window, "{not: {track: s.condition/Ready, every: 'True', min: 1, then: 'True'}}");
    assert_eq!(tape.verdict(&statement), "pending");
    tape.closed(33.0);
    assert_eq!(tape.verdict(&statement), "satisfied");
}

#[test]
fn what_is_found_present_was_not_deleted_before() {
    let mut tape = Tape::of(vec![Watch { label_selector: "app=x".into(), ..pods() }, vmis()]);
    tape.attached(0.0, 0, 9).attached(0.0, 1, 9).object(5.0, 1, Change::Added, object("v", 57, "Running"));
    tape.line(9.0, Payload::Mark { name: "m".into() }).bookmark(11.0, 0, 112);
    tape.object(13.0, 1, Change::Modified, object("v", 130, "Failed"));
    let labelled = r#"{"metadata":{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"225","labels":{"app":"x"}},"status":{"phase":"Failed"}}"#;
    tape.object(22.0, 0, Change::Added, of_json(labelled)).fence(29.0, 0, true).ended(32.0);
    let subjects = "v: {kind: VirtualMachineInstance}, p: {kind: Pod, labels: {app: x}}";
    let order = "{enter: v.phase=Running, onlyAfter: p.lifecycle=Deleted}";
    ends(&growing(&tape, &windowed(subjects, "{from: attached, until: {mark: m}}", order)), "VVVV");
}

#[test]
fn the_first_of_two_namespaces_is_known_as_far_as_both_were_read() {
    let of = |namespace: &str| Watch { namespace: namespace.into(), ..pods() };
    let mut tape = Tape::of(vec![of("n"), of("m")]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(4.0, 0, Change::Added, object("a", 45, "Pending"));
    let never = document("p: {kind: Pod, quantify: first}", "{track: p.phase, never: Pending}");
    let mut unfenced = tape.clone();
    unfenced.fence(9.0, 0, true).ended(9.0);
    assert_eq!(growing(&unfenced, &never), "pppppi");
    tape.bookmark(8.0, 1, 50).fence(9.0, 0, true).ended(9.0);
    assert_eq!(growing(&tape, &never), "ppppVVV");
}

#[test]
fn what_a_later_version_shows_was_not_there_when_its_object_was_first_seen() {
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.0, 0, 10);
    for (change, seen) in [
        (Change::Added, object("a", 15, "Pending")),
        (Change::Modified, with_condition(17, "Pending", "Paused", "True")),
    ] {
        // Both were read back, at once.
        tape.object(5.0, 0, change, seen);
        let last = tape.last_object();
        (last.healed, last.not_before) = (true, Some(at(1.0)));
    }
    tape.closed(9.0);
    let window = "{from: attached, until: {enter: s.phase=Pending}}";
    let never = windowed(
        "s: {kind: VirtualMachineInstance, uid: uid-a}",
        window,
        "{not: {track: s.condition/Paused, never: ['True', Absent]}}",
    );
    assert_eq!(growing(&tape.opaque(), &never), "pppppi");
}

#[test]
fn a_name_was_taken_when_what_could_not_be_read_was_created() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.unreadable(2.0, 0, "c", 12).bookmark(5.0, 0, 13);
    let mut deleted = tape.clone();
    deleted.object(6.0, 0, Change::Deleted, object("a", 15, "Running")).closed(9.0);
    tape.replaced(6.0, 0, (5.0, 13), 8);
    tape.object(6.0, 0, Change::Listed, object("a", 7, "Running")).attached(6.0, 0, 8).closed(9.0);
    let window = format!("{{until: {}}}", second(3));
    let never = windowed("p: {kind: Pod, namespace: n, name: a}", &window, "{track: p.phase, never: Failed}");
    for tape in [deleted, tape] {
        assert!(growing(&tape, &never).ends_with('S'));
    }
}

#[test]
fn a_state_was_held_until_a_gap_began_however_far_the_stream_was_read() {
    let short = |alive: u32| {
        let sketch = format!("vmi/a lifecycle: ^ Present@0 ~4,12~ Present |open now=12 alive={alive}");
        judge_line(&sketch, "vmi/a lifecycle: Present for <2s").unwrap().standing.verdict
    };
    assert_eq!((short(0), short(3), short(12)), (Verdict::Violated, Verdict::Violated, Verdict::Violated));
}
