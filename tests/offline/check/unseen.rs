//! What was not seen is not known to be absent, and what was decided stays decided.

use super::tape::{Tape, at, document, growing, object, of_json, pods, program, vmis, windowed, with_condition};
use jiff::Timestamp;
use statetrail::expectation::{Ends, Judge, Verdict};
use statetrail::observation::{
    Change, GapReason, Object, Past, Payload, Resource, ResourceVersion, Stamp, Undecodable, Watch,
};
use statetrail::timeline::{Body, Entry, Fold, SETTLE, sorted};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_track_that_no_version_shows_may_have_been_there_in_a_gap() {
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running")).bookmark(5.0, 0, 12);
    let mut whole = tape.clone();
    tape.gap(20.0, 0, (5.0, 12), 30).object(20.0, 0, Change::Listed, object("a", 25, "Running"));
    tape.attached(20.0, 0, 30).bookmark(25.0, 0, 31).closed(30.0);
    whole.bookmark(25.0, 0, 31).closed(30.0);
    for (line, seen, unseen) in [
        ("vmi/a condition/Paused: count True max 0", "satisfied", "inconclusive"),
        // For a track without a state there is nothing to judge.
        ("vmi/a condition/Paused: !True*", "inconclusive", "inconclusive"),
        ("vmi/a condition/Paused: ... -> True -> ...", "violated", "inconclusive"),
        ("vmi/a condition/Paused: never True", "inconclusive", "inconclusive"),
        // An earlier life of the name may have been paused before the recording.
        ("vmi/a phase: Running onlyAfter vmi/a condition/Paused: True", "inconclusive", "inconclusive"),
    ] {
        assert_eq!((whole.verdict(line).as_str(), tape.verdict(line).as_str()), (seen, unseen), "{line}");
    }
}

const FAMILY: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {v: {kind: VirtualMachineInstance, name: a}}
expect: [{track: v.condition/*, never: [\"'True'\"]}]
";

#[test]
fn a_family_may_have_another_track_in_a_gap_and_while_a_recording_goes_on() {
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, with_condition(11, "Running", "Ready", "False"));
    assert_eq!(tape.verdict(FAMILY), "pending");
    let mut gap = tape.clone();
    assert_eq!(tape.closed(30.0).verdict(FAMILY), "satisfied");
    gap.gap(20.0, 0, (1.0, 11), 30).object(20.0, 0, Change::Listed, with_condition(25, "Failed", "Ready", "False"));
    assert_eq!(gap.attached(20.0, 0, 30).closed(30.0).verdict(FAMILY), "inconclusive");
}

#[test]
fn a_track_that_is_shown_later_may_have_been_there_before_the_recording() {
    let made = |change| {
        let mut tape = Tape::of(vec![vmis()]);
        if change == Change::Added {
            tape.attached(0.0, 0, 8);
        }
        tape.object(1.0, 0, change, object("a", 9, "Running"));
        if change == Change::Listed {
            tape.attached(1.0, 0, 10);
        }
        tape.object(2.0, 0, Change::Modified, with_condition(11, "Running", "Paused", "True")).closed(30.0);
        tape
    };
    for (line, seen, unseen) in [
        ("vmi/a condition/Paused: count True max 1", "satisfied", "inconclusive"),
        ("vmi/a condition/Paused: True", "satisfied", "inconclusive"),
        ("vmi/a condition/Paused: ... -> True", "satisfied", "satisfied"),
    ] {
        let verdicts = (made(Change::Added).verdict(line), made(Change::Listed).verdict(line));
        assert_eq!((verdicts.0.as_str(), verdicts.1.as_str()), (seen, unseen), "{line}");
    }
}

#[test]
fn what_a_gap_hides_comes_after_what_its_watch_had_read() {
    let mut tape = Tape::of(vec![vmis()]);
    let status = |version, ready| with_condition(version, "Running", "Ready", ready);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, status(11, "False"));
    tape.object(2.0, 0, Change::Modified, status(12, "True")).bookmark(5.0, 0, 20);
    let only = document(
        "v: {kind: VirtualMachineInstance, uid: uid-a}",
        "{enter: \"v.condition/Ready=True\", onlyAfter: v.phase=Failed}",
    );
    assert_eq!(tape.verdict(&only), "violated");
    tape.gap(9.0, 0, (5.0, 20), 40).object(9.0, 0, Change::Listed, with_condition(30, "Failed", "Ready", "True"));
    tape.attached(9.0, 0, 40).closed(30.0);
    assert_eq!(tape.verdict(&only), "violated");
}

#[test]
fn while_a_recording_goes_on_no_order_of_two_storages_is_decided() {
    for separate in [false, true] {
        let mut tape = Tape::of(vec![pods(), Watch { separate_storage: separate, ..vmis() }]);
        tape.attached(0.0, 0, 100_000).attached(0.0, 1, 10).object(
            1.0,
            0,
            Change::Added,
            object("p", 100_001, "Pending"),
        );
        tape.object(2.0, 1, Change::Added, object("v", 12, "Running"));
        // Excludes pods from before the recording.
        let subjects = "p: {kind: Pod, name: p, life: first}, v: {kind: VirtualMachineInstance, uid: uid-v}";
        let only = document(subjects, "{enter: v.phase=Running, onlyAfter: p.phase=Running}");
        assert_eq!(tape.verdict(&only), if separate { "pending" } else { "violated" });
    }
}

#[test]
fn the_last_event_of_a_backlog_decides_nothing_that_more_of_it_may_change() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(5.0, 0, Change::Added, object("a", 11, "Pending")).bookmark(10.0, 0, 12);
    tape.reconnected(40.0, 0, 12, 10.0);
    for (version, phase) in [(13, "Unknown"), (14, "Running")] {
        let line = "pod/a phase: every Pending then Running within 20s";
        let verdict = tape.verdict(line);
        assert!(verdict.starts_with("pending"), "{verdict}");
        tape.object(40.0, 0, Change::Modified, object("a", version, phase));
        let seen = tape.last_object();
        seen.not_before = Some(at(10.0));
    }
}

/// The verdicts on each prefix, judged as a live judge does.
fn prefixes(tape: &Tape, line: &str) -> Vec<(usize, Verdict)> {
    let program = program(line);
    let mut fold = Fold::new(None, &tape.header.watches).unwrap();
    let (mut entries, mut found) = (Vec::new(), Vec::new());
    let step = tape.lines.len() / 80 + 1;
    for (number, observation) in tape.lines.iter().enumerate() {
        fold.push(number as u64 + 1, observation.clone(), &mut entries);
        if number % step != 0 && number + 1 != tape.lines.len() {
            continue;
        }
        let mut judge = Judge::new(Arc::clone(&program));
        sorted(entries.clone(), SETTLE).iter().for_each(|entry| judge.push(entry));
        let now = Stamp { at: observation.stamp.at, elapsed: Duration::ZERO };
        if !fold.is_over() {
            fold.open_gaps(now).iter().for_each(|gap| judge.push(gap));
        }
        let standing = judge.standings(Ends::new(fold.coverage(), now.at))[0];
        found.push((number + 1, standing.verdict));
    }
    found
}

/// The same recording, in which one watch loses what it delivered between two lines and reads a list after it.
fn with_gap(tape: &Tape, from: usize, to: usize) -> Option<Tape> {
    let seen = tape.lines[..from].iter().rev().find_map(|line| match &line.payload {
        Payload::Object(seen) if seen.change != Change::Listed && !seen.healed && seen.not_before.is_none() => {
            Some((seen.watch, seen.object.resource_version.number()?, line.stamp))
        }
        _ => None,
    });
    let (watch, version, last) = seen?;
    let mut cut = Tape { header: tape.header.clone(), lines: tape.lines[..from].to_vec() };
    let mut objects = BTreeMap::new();
    let mut through = version;
    for (number, line) in tape.lines[..to].iter().enumerate() {
        match &line.payload {
            Payload::Object(seen) if seen.watch == watch => {
                through = through.max(seen.object.resource_version.number()?);
                objects.insert(seen.object.uid.clone(), (seen.change, seen.object.clone()));
            }
            Payload::Gap(_) | Payload::Attached(_) if number >= from => return None,
            payload if number >= from && payload.watch() != Some(watch) => cut.lines.push(line.clone()),
            _ => {}
        }
    }
    let second = |stamp: Stamp| stamp.at.duration_since(at(0.0)).as_secs_f64();
    let now = second(tape.lines[to - 1].stamp);
    cut.gap(now, watch, (second(last), version), through);
    for (change, object) in objects.into_values() {
        if change != Change::Deleted {
            cut.object(now, watch, Change::Listed, object);
        }
    }
    cut.attached(now, watch, through);
    cut.lines.extend(tape.lines[to..].iter().cloned());
    Some(cut)
}

#[test]
fn no_decided_verdict_on_a_recording_is_contradicted_by_more_of_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut decided = 0;
    for scenario in std::fs::read_dir(folder).unwrap() {
        let scenario = scenario.unwrap();
        if !scenario.path().join("recording.jsonl.zst").exists() {
            continue;
        }
        let tape = Tape::scenario(scenario.file_name().to_str().unwrap());
        let length = tape.lines.len();
        let cut = with_gap(&tape, length / 3, length * 2 / 3);
        for tape in [Some(tape), cut].into_iter().flatten() {
            for line in [
                "pod phase: ... -> Running -> ...",
                "pod phase: every Pending then Running within 3s",
                "pod condition/Ready: count True max 1",
                FAMILY,
                "vmi phase: never Failed",
                "vmi condition/Paused: count True max 0",
                "vmi phase: (Pending -> ... -> Running) within 5s -> ...",
                "vmi condition/Ready: True onlyAfter vmi phase: Running",
                "vmi phase: Running onlyAfter pod phase: Running",
                "vm status: ... -> Running -> ...",
            ] {
                let mut known: Option<(usize, Verdict)> = None;
                for (lines, verdict) in prefixes(&tape, line) {
                    if let Some((before, was)) = known {
                        let name = scenario.file_name();
                        assert_eq!(was, verdict, "{name:?} `{line}`: after {before} lines, and after {lines}");
                    }
                    known = known.or_else(|| verdict.is_decided().then_some((lines, verdict)));
                }
                decided += usize::from(known.is_some());
            }
        }
    }
    assert!(decided > 20, "only {decided} verdicts were decided");
}

/// A pod that succeeds at version 18, and a VMI that is first shown after a gap that begins behind version 20.
fn shown_after_a_gap() -> Tape {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10);
    tape.object(1.0, 1, Change::Added, object("o", 11, "Scheduling"));
    tape.object(2.0, 0, Change::Added, object("p", 18, "Succeeded"));
    tape.object(3.0, 1, Change::Modified, object("o", 20, "Scheduled"));
    tape.gap(6.0, 1, (3.0, 20), 24);
    tape.unchanged(6.0, 1, "o", 20);
    tape.object(6.0, 1, Change::Listed, object("q", 23, "Running")).attached(6.0, 1, 24);
    tape.closed(9.0);
    tape
}

#[test]
fn what_is_first_shown_after_a_gap_began_behind_what_was_read_before() {
    let whole = shown_after_a_gap();
    let selections = ["name: q, life: first", "born: window", "quantify: first, born: window", "name: q"];
    let windows = ["{from: created}", "{from: attached}", "{from: {time: '2026-11-20T18:00:01Z'}}"];
    for (selection, window) in selections.iter().flat_map(|one| windows.map(|window| (*one, window))) {
        let subjects = format!("p: {{kind: Pod, name: p}}, q: {{kind: VirtualMachineInstance, {selection}}}");
        let document = windowed(&subjects, window, "{enter: p.phase=Succeeded, onlyAfter: q.phase=Running}");
        // A name alone may have had a life before the recording.
        let is_open = selection == "name: q" && window == "{from: created}";
        for lines in 5..=whole.lines.len() {
            let tape = Tape { lines: whole.lines[..lines].to_vec(), ..whole.clone() };
            let expected = match is_open {
                true if lines == whole.lines.len() => "inconclusive",
                true => "pending, pass lost",
                false => "violated",
            };
            assert_eq!(tape.verdict(&document), expected, "{selection}, {window}: {lines} lines");
        }
    }
}

/// A Pod and a `ReplicaSet`, which is not declared; the header need not name its kind.
fn with_replica_sets(kind: &str) -> Tape {
    let resource = Resource::new("apps", "v1", "replicasets", kind);
    let mut tape = Tape::of(vec![pods(), Watch { namespace: "n".into(), ..Watch::all(resource) }]);
    tape.attached_as(0.0, 1, 10, "ReplicaSet").attached(0.0, 0, 10);
    tape.object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape
}

#[test]
fn a_gap_of_one_resource_hides_no_object_of_another() {
    for kind in ["ReplicaSet", ""] {
        let mut tape = with_replica_sets(kind);
        tape.gap(7.0, 1, (5.0, 10), 12).attached_as(7.0, 1, 12, "ReplicaSet").closed(9.0);
        let of = |kind: &str| tape.verdict(&document(&format!("p: {{kind: {kind}, namespace: n}}"), NEVER_FAILED));
        assert_eq!(of("Pod"), "satisfied", "{kind}");
        assert_eq!(of("ReplicaSet"), "inconclusive", "{kind}");
        let grouped = |group: &str| {
            let subjects = format!("p: {{kind: ReplicaSet, group: {group}, namespace: n, min: 0}}");
            tape.verdict(&document(&subjects, "{track: p.phase, count: {Failed: {max: 0}}}"))
        };
        assert_eq!(grouped("apps"), "inconclusive", "{kind}");
    }
}

#[test]
fn a_gap_of_an_undeclared_resource_does_not_take_back_which_subject_was_the_first() {
    let first = document("p: {kind: Pod, namespace: n, quantify: first}", "{track: p.phase, never: Pending}");
    let mut tape = with_replica_sets("ReplicaSet");
    assert_eq!(tape.verdict(&first), "violated");
    tape.gap(7.0, 1, (5.0, 10), 12);
    assert_eq!(tape.verdict(&first), "violated");
}

const NEVER_FAILED: &str = "{track: p.phase, never: Failed}";

#[test]
fn an_object_whose_first_read_back_version_goes_on_began_unseen() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100);
    tape.unreadable(1.0, 0, "a", 101);
    tape.object(3.0, 0, Change::Modified, with_condition(105, "Failed", "Ready", "True"));
    let seen = tape.last_object();
    (seen.healed, seen.not_before) = (true, Some(at(2.0)));
    tape.gap(3.0, 0, (2.0, 101), 110).unchanged(3.0, 0, "a", 105).attached(3.0, 0, 110).closed(9.0);
    // It may have been Pending before Ready became True.
    for statement in
        ["{after: p.phase=Pending, quiet: [p.condition/Ready]}", "{not: {track: p.phase, count: {Pending: {min: 1}}}}"]
    {
        let text = document("p: {kind: Pod, quantify: any}", statement);
        assert_eq!(tape.verdict(&text), "inconclusive", "{statement}");
    }
}

#[test]
fn a_line_of_which_nothing_could_be_read_may_be_about_any_object_before_its_gap_is_recorded() {
    let first = "c: {kind: Pod, namespace: n, name: c, life: first}";
    let only = document(
        &format!("b: {{kind: Pod, namespace: n, name: b}}, {first}"),
        "{enter: b.phase=Pending, onlyAfter: c.phase=Failed}",
    );
    let some = document("c: {kind: Pod, namespace: n, name: c, min: 1}", "{track: c.phase, never: Failed}");
    for (is_lost, now, at_end) in [(false, "violated", "violated"), (true, "pending, pass lost", "inconclusive")] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 100);
        if is_lost {
            tape.line(
                1.0,
                Payload::Undecodable(Undecodable { head: "ADDED n/c".to_owned(), ..Undecodable::default() }),
            );
        }
        assert_eq!(tape.clone().closed(9.0).verdict(&some), at_end, "the next line is no gap: {is_lost}");
        assert_eq!(tape.clone().ended(9.0).verdict(&some), "inconclusive");
        tape.object(2.0, 0, Change::Added, object("b", 105, "Pending")).bookmark(3.0, 0, 106);
        assert_eq!(tape.verdict(&only), now, "{is_lost}");
    }
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("b", 105, "Pending"));
    tape.line(2.0, Payload::Undecodable(Undecodable::default()));
    let last = document("p: {kind: Pod, namespace: n, quantify: each, max: 1}", "{track: p.phase, never: Failed}");
    assert_eq!(tape.verdict(&last), "pending", "nothing follows yet");
    tape.gap(2.0, 0, (1.0, 105), 110).attached(2.0, 0, 110);
    assert_eq!(tape.closed(9.0).verdict(&last), "inconclusive");
}

/// The epoch stands for a lower bound that is not known, as where a server does not report its time.
#[test]
fn a_time_without_a_lower_bound_is_printed_without_one() {
    let mut tape = Tape::of(vec![pods()]);
    for (version, change, phase) in [(5, Change::Added, "Pending"), (6, Change::Modified, "Running")] {
        tape.object(1.0, 0, change, object("a", version, phase));
        let seen = tape.last_object();
        (seen.healed, seen.not_before) = (true, Some(Timestamp::UNIX_EPOCH));
    }
    tape.unchanged(1.0, 0, "a", 6).attached(1.0, 0, 10);
    tape.object(3.0, 0, Change::Modified, object("a", 11, "Failed")).closed(4.0);
    let folder = tempfile::tempdir().unwrap();
    tape.write(&folder.path().join("run.jsonl"));
    let printed = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        let output = command.args(arguments).current_dir(folder.path()).output().expect("the program");
        String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
    };
    let never =
        ["--expect", "pod/a phase: never Running", "--expect", "pod/a phase: every Running then Failed within 3s"];
    let mut text = printed(&[&["check", "run.jsonl"], &never[..]].concat());
    assert!(text.contains("Running  >=2.00s") && text.contains("Pending        ?"), "{text}");
    text += &printed(&[&["check", "run.jsonl", "-o", "junit"], &never[..]].concat());
    text += &printed(&["show", "run.jsonl"]);
    text += &printed(&["show", "run.jsonl", "-o", "log"]);
    for form in ["json", "yaml", "csv"] {
        text += &printed(&["show", "run.jsonl", "-o", form]);
    }
    for word in ["1970", "00:00:00.000", "h0", "h1", "h2", "h3", "h4", "h5"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    // It may have run for longer than any number of seconds.
    assert_eq!(tape.verdict("pod/a phase: every Running then Failed within 3s"), "inconclusive");
    assert_eq!(tape.verdict("pod/a phase: every Running then Failed within 1s"), "violated");
}

/// The last moment that was seen before a gap of the watch may be the very one that showed the subject again.
#[test]
fn what_was_found_after_a_gap_stays_known_in_the_next_gap() {
    let graph = windowed("p: {kind: Pod}", "{from: {mark: begin}}", "{track: p.phase, graph: {Pending: []}}");
    for from in [4.0, 4.000_001, 4.5] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
        tape.unreadable(2.0, 0, "a", 12);
        tape.line(3.0, Payload::Mark { name: "begin".to_owned() });
        tape.object(4.0, 0, Change::Modified, object("a", 13, "Running")).gap(5.0, 0, (from, 13), 20);
        tape.unchanged(5.0, 0, "a", 13).attached(5.0, 0, 20).ended(6.0);
        assert_eq!(growing(&tape, &graph), "pppppVVVVV", "{from}");
    }
}

#[test]
fn a_state_that_was_found_at_the_last_moment_of_a_window_is_within_it() {
    let always = "{track: p.phase, always: Pending}";
    let window = "{from: {time: '2026-11-20T18:00:02Z'}, until: {time: '2026-11-20T18:00:04Z'}}";
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, object("a", 9, "Running")).attached(0.0, 0, 10);
    tape.replaced(4.0, 0, (1.0, 10), 20).object(4.0, 0, Change::Listed, object("a", 9, "Running"));
    tape.attached(4.0, 0, 20).object(4.000_001, 0, Change::Added, object("b", 21, "Pending")).closed(6.0);
    let first = windowed("p: {kind: Pod, name: a, life: first}", window, always);
    assert_eq!(growing(&tape, &first), "pppppVVVV");
}

#[test]
fn what_a_gap_hides_behind_the_start_of_a_window_came_before_its_end() {
    let within = "{track: p.lifecycle, every: '!Present', then: '!Terminating', within: 3s, min: 0}";
    let within = windowed("p: {kind: Pod}", "{from: {mark: begin}}", within);
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.line(4.0, Payload::Mark { name: "begin".to_owned() });
    tape.gap(5.0, 0, (2.0, 11), 20).object(5.0, 0, Change::Listed, object("a", 15, "Running"));
    tape.attached(5.0, 0, 20);
    assert_eq!(tape.verdict(&within), "pending", "it was terminating for a second at most");
    assert_eq!(tape.closed(9.0).verdict(&within), "inconclusive", "another may have been deleted in the gap");
}

#[test]
fn what_left_a_selection_late_may_have_left_before_a_window() {
    let window = "{from: {time: '2026-11-20T18:00:03Z'}, until: {time: '2026-11-20T18:00:04Z'}}";
    let every = "{track: p.condition/Ready, every: 'False', then: Absent, min: 2}";
    let mut tape = Tape::of(vec![Watch { label_selector: "app=x".into(), ..pods() }]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.reconnected(5.0, 0, 11, 2.0).object(5.0, 0, Change::Deleted, object("a", 15, "Running"));
    let prompt = windowed("p: {kind: Pod}", window, every);
    assert_eq!(tape.clone().closed(9.0).verdict(&prompt), "violated");
    tape.last_object().not_before = Some(at(2.0));
    assert_eq!(tape.closed(9.0).verdict(&prompt), "inconclusive");
}

#[test]
fn a_track_that_no_line_shows_yet_may_still_be_shown_after_a_subject_without_it_is_gone() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.object(2.0, 0, Change::Deleted, object("a", 12, "Running"));
    tape.object(3.0, 0, Change::Added, object("b", 13, "Running"));
    let json = r#"{"metadata":{"name":"b","namespace":"n","uid":"uid-b","resourceVersion":"14"},
        "status":{"phase":"Running","conditions":[{"type":"Own","status":"True"}]}}"#;
    tape.object(4.0, 0, Change::Modified, of_json(json)).closed(5.0);
    let (never, path) = ("{track: p.condition/Own, never: 'True'}", "{track: p.condition/Own, path: '... -> True'}");
    let (own, other) = ("onlyAfter: p.condition/Own=True", "onlyAfter: q.condition/Own=True");
    let enter = |condition| format!("{{enter: p.phase=Running, {condition}}}");
    for (subjects, statement, expected) in [
        ("p: {kind: Pod}", never, "pppppVVV"),
        ("p: {kind: Pod, uid: uid-a}", never, "pppppiii"),
        ("p: {kind: Pod, name: a, life: first}", never, "pppppiii"),
        ("p: {kind: Pod, uid: uid-a}", path, "pppppVVV"),
        ("p: {kind: Pod, uid: uid-a}", &enter(own), "pppppVVV"),
        ("p: {kind: Pod, uid: uid-a}, q: {kind: Pod, uid: uid-b}", &enter(other), "pppppVVV"),
    ] {
        assert_eq!(growing(&tape, &document(subjects, statement)), expected, "{subjects} {statement}");
    }
}

/// A version whose status does not have the shape of its kind.
fn unreadable(version: u64) -> Object {
    unreadable_of("a", version)
}

fn unreadable_of(name: &str, version: u64) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}"}},"status":{{"phase":5}}}}"#
    ))
}

#[test]
fn an_object_whose_first_status_could_not_be_read_is_there_from_then_on() {
    let judged = |change: Change, subjects: &str, window: &str, statement: &str| {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("b", 11, "Pending"));
        tape.line(2.0, Payload::Mark { name: "one".to_owned() });
        if change == Change::Listed {
            tape.gap(4.0, 0, (3.0, 12), 20).object(4.0, 0, change, unreadable(19)).unchanged(4.0, 0, "b", 11);
            tape.attached(4.0, 0, 20);
        } else {
            tape.object(4.0, 0, change, unreadable(19)).bookmark(5.0, 0, 20);
        }
        tape.object(7.0, 0, Change::Modified, object("a", 30, "Failed")).closed(9.0);
        growing(&tape, &windowed(subjects, window, statement))
    };
    let each = "p: {kind: Pod, namespace: n, quantify: each, max: 1}";
    let whole = "{from: created}";
    let never = "{track: p.phase, never: Failed}";
    assert_eq!(judged(Change::Added, each, whole, never), "ppppVVVVV", "two are too many");
    assert_eq!(judged(Change::Listed, each, whole, never), "pppppVVVVVV");
    let first = "p: {kind: Pod, namespace: n, quantify: first}";
    let count = "{track: p.phase, count: {Pending: {min: 1}}}";
    assert_eq!(judged(Change::Added, first, whole, count), "ppSSSSSSS", "the first stays the first");
    let until = "{from: attached, until: {mark: one}}";
    assert_eq!(judged(Change::Added, each, until, never), "ppppSSSSS", "it was created after the window");
    // It entered Failed, and was never Absent, from an unknown moment on.
    let other = "p: {kind: Pod, uid: uid-a}";
    for change in [Change::Added, Change::Listed] {
        let pending = "{track: p.phase, path: ... -> Pending -> ...}";
        assert!(judged(change, other, whole, pending).ends_with('i'), "{change:?}");
        assert!(judged(change, other, whole, "{track: p.lifecycle, never: Terminating}").ends_with('i'), "{change:?}");
        assert!(judged(change, other, whole, "{track: p.phase, path: ... -> Failed}").ends_with('S'), "{change:?}");
    }
}

#[test]
fn an_event_that_could_not_be_read_is_a_gap_of_its_watch() {
    let mut tape = Tape::of(vec![Watch::all(Resource::new("", "v1", "events", "Event"))]);
    let event = r#"{"metadata":{"name":"e","namespace":"n","uid":"uid-e","resourceVersion":"13"},"involvedObject":5}"#;
    tape.attached(0.0, 0, 10).object(2.0, 0, Change::Added, of_json(event)).closed(9.0);
    let (mut fold, mut entries) = (Fold::new(None, &tape.header.watches).unwrap(), Vec::new());
    for (number, line) in (1..).zip(&tape.lines) {
        fold.push(number, line.clone(), &mut entries);
    }
    let entries = sorted(entries, SETTLE);
    let [Entry { subject: None, body: Body::Gap(gap), .. }] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!((gap.kind.as_str(), gap.reason, fold.unread()), ("Event", GapReason::Undecodable, 1));
}

#[test]
fn a_deletion_whose_last_status_could_not_be_read_ends_the_object_after_a_gap() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending")).bookmark(1.5, 0, 12);
    let selected = Tape::of(vec![Watch { label_selector: "app=x".into(), ..pods() }]);
    let selected = Tape { lines: tape.lines.clone(), ..selected };
    let unknown = Tape::of(vec![pods()]).attached(0.0, 0, 10).clone();
    let judge = |tape: &Tape, statement: &str| {
        let mut tape = tape.clone();
        tape.object(2.0, 0, Change::Deleted, unreadable(13)).closed(9.0);
        tape.verdict(&document("p: {kind: Pod, uid: uid-a}", statement))
    };
    for (statement, is_deleted, may_have_left) in [
        ("{track: p.lifecycle, never: Deleted}", "violated", "inconclusive"),
        ("{track: p.lifecycle, path: ... -> Deleted}", "satisfied", "inconclusive"),
        ("{track: p.phase, never: Failed}", "inconclusive", "inconclusive"),
        ("{track: p.phase, path: Pending for >=2s}", "violated", "inconclusive"),
        ("{track: p.lifecycle, every: Present, then: Deleted, within: 2s}", "satisfied", "inconclusive"),
    ] {
        assert_eq!(judge(&tape, statement), is_deleted, "{statement}");
        assert_eq!(judge(&selected, statement), may_have_left, "{statement}");
    }
    assert_eq!(judge(&unknown, "{track: p.phase, never: Failed}"), "inconclusive");
}

#[test]
fn an_object_that_is_unchanged_in_a_version_that_could_not_be_read_is_still_not_known() {
    let again = |tape: &mut Tape, from: f64, version: u64| {
        let to = version + 10;
        tape.gap(from + 1.0, 0, (from, version), to).unchanged(from + 1.0, 0, "a", 12).attached(from + 1.0, 0, to);
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    let mut undecodable = tape.clone();
    tape.object(2.0, 0, Change::Modified, unreadable(12));
    undecodable.unreadable(2.0, 0, "a", 12);
    for mut tape in [tape, undecodable] {
        again(&mut tape, 3.0, 20);
        again(&mut tape, 5.0, 30);
        for statement in ["{track: p.phase, always: Pending}", "{track: p.phase, every: Pending, then: Running}"] {
            let statement = document("p: {kind: Pod, uid: uid-a}", statement);
            assert_eq!(tape.clone().closed(9.0).verdict(&statement), "inconclusive");
            let mut read = tape.clone();
            read.object(8.0, 0, Change::Modified, object("a", 41, "Pending"));
            assert!(read.verdict(&statement).starts_with("pending"), "{}", read.verdict(&statement));
        }
    }
}

#[test]
fn what_several_versions_that_could_not_be_read_hide_may_have_begun_with_the_first() {
    let lost: [fn(&mut Tape, f64, u64); 2] = [
        |tape, second, version| _ = tape.unreadable(second, 0, "a", version),
        |tape, second, version| _ = tape.object(second, 0, Change::Modified, unreadable(version)),
    ];
    for (lose, also) in [(0, 0), (1, 1), (0, 1), (1, 0)] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
        lost[lose](&mut tape, 2.0, 12);
        tape.object(3.0, 0, Change::Added, object("b", 13, "Failed"));
        lost[also](&mut tape, 4.0, 14);
        let only = |after: &str| {
            let subjects = "a: {kind: Pod, uid: uid-a}, b: {kind: Pod, uid: uid-b}";
            document(subjects, &format!("{{enter: b.phase=Failed, onlyAfter: a.phase={after}}}"))
        };
        let mut early = tape.clone();
        early.object(5.0, 0, Change::Modified, object("a", 15, "Running")).closed(9.0);
        assert_eq!(early.verdict(&only("Running")), "inconclusive", "{lose}, {also}");
        assert_eq!(early.verdict(&only("Pending")), "satisfied", "{lose}, {also}");
        // What was certain before a storage is replaced stays certain.
        tape.object(4.5, 0, Change::Modified, object("b", 15, "Running")).replaced(6.0, 0, (5.0, 15), 40);
        tape.object(6.0, 0, Change::Listed, object("a", 39, "Running")).attached(6.0, 0, 40).closed(9.0);
        assert_eq!(tape.verdict(&only("Running")), "inconclusive", "{lose}, {also}");
        let before = document("a: {kind: Pod, uid: uid-a}", "{enter: a.phase=Running, onlyAfter: a.phase=Pending}");
        assert_eq!(tape.verdict(&before), "satisfied", "{lose}, {also}");
    }
}

#[test]
fn a_version_before_one_that_could_not_be_read_shows_nothing_of_it() {
    for (change, gap) in [(None, true), (Some(Change::Listed), true), (Some(Change::Modified), false)] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending")).unreadable(2.0, 0, "a", 12);
        if gap {
            tape.gap(4.0, 0, (3.0, 12), 20);
        }
        match change {
            Some(change) => tape.object(4.0, 0, change, object("a", 11, "Pending")),
            None => tape.unchanged(4.0, 0, "a", 11),
        };
        if gap {
            tape.attached(4.0, 0, 20);
        }
        let always = document("p: {kind: Pod, uid: uid-a}", "{track: p.phase, always: Pending}");
        assert_eq!(tape.closed(9.0).verdict(&always), "inconclusive", "{change:?}");
    }
}

#[test]
fn a_version_that_could_not_be_read_and_is_read_later_is_known() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending")).unreadable(2.0, 0, "a", 12);
    tape.gap(4.0, 0, (3.0, 12), 20).object(4.0, 0, Change::Listed, object("a", 12, "Failed")).attached(4.0, 0, 20);
    let always = document("p: {kind: Pod, uid: uid-a}", "{track: p.phase, always: Pending}");
    assert_eq!(tape.closed(9.0).verdict(&always), "violated");
}

#[test]
fn an_object_that_a_list_does_not_show_may_be_what_could_not_be_read_of_it() {
    let never = document("p: {kind: Pod, uid: uid-a}", "{track: p.lifecycle, never: Deleted}");
    let listed = |is_read: bool| {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running")).gap(5.0, 0, (2.0, 11), 20);
        if !is_read {
            tape.line(5.0, Payload::Undecodable(Undecodable { head: "n/a".to_owned(), ..Undecodable::default() }));
        }
        tape.attached(5.0, 0, 20);
        tape
    };
    assert_eq!(listed(true).closed(9.0).verdict(&never), "violated");
    assert_eq!(listed(false).closed(9.0).verdict(&never), "inconclusive");
    // It goes on.
    let mut tape = listed(false);
    tape.object(7.0, 0, Change::Modified, object("a", 25, "Failed")).closed(9.0);
    let failed = document("p: {kind: Pod, uid: uid-a}", "{track: p.phase, path: ... -> Failed}");
    assert_eq!(tape.verdict(&failed), "satisfied");
}

#[test]
fn an_object_that_could_not_be_read_in_a_list_existed_before_it() {
    let only = document(
        "p: {kind: Pod, uid: uid-a}, q: {kind: Pod, uid: uid-a}",
        "{enter: p.phase=Running, onlyAfter: q.phase=Pending}",
    );
    let mut tape = Tape::of(vec![pods()]);
    tape.unreadable(0.0, 0, "a", 9).attached(0.0, 0, 10).object(1.0, 0, Change::Modified, object("a", 25, "Running"));
    tape.gap(3.0, 0, (1.0, 25), 35).unchanged(3.0, 0, "a", 25).attached(3.0, 0, 35).closed(9.0);
    assert!(growing(&tape, &only).ends_with('i'), "{}", growing(&tape, &only));
}

#[test]
fn an_object_of_which_nothing_but_the_uid_could_be_read_lives_on() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).unreadable(0.5, 1, "v", 11);
    tape.object(1.0, 0, Change::Added, object("b", 13, "Running")).closed(9.0);
    let window = format!("{{from: {{time: {:?}}}}}", at(2.0).to_string());
    for other in ["name: v", "quantify: each", "uid: uid-v"] {
        let subjects = format!("b: {{kind: Pod, uid: uid-b}}, v: {{kind: VirtualMachineInstance, {other}}}");
        let only = windowed(&subjects, &window, "{enter: b.phase=Running, onlyAfter: v.phase=Pending}");
        assert!(growing(&tape, &only).ends_with('i'), "{other}: it may have been Pending at the start");
    }
}

#[test]
fn another_life_may_have_begun_at_the_moment_at_which_one_ended() {
    let never = "{track: p.phase, never: Pending}";
    let some = "{track: p.phase, count: {Pending: {min: 1}}}";
    for (name, statement) in [("name: a", never), ("name: a, life: 2", never), ("name: a, life: any", some)] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(0.5, 0, Change::Added, object("a", 15, "Running"));
        tape.object(1.0, 0, Change::Deleted, object("a", 25, "Running"));
        tape.unreadable(1.0, 0, "h", 30).unreadable(1.0, 0, "h", 35).closed(9.0);
        let text = document(&format!("p: {{kind: Pod, namespace: n, {name}}}"), statement);
        assert_eq!(tape.verdict(&text), "inconclusive", "{name}");
    }
}

#[test]
fn the_first_version_shows_with_the_object_what_could_not_be_read_of_it() {
    let of = |version: u64, phase: &str| with_condition(version, phase, "Ready", "True");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, unreadable(11));
    tape.object(2.0, 0, Change::Modified, of(12, "Running")).closed(9.0);
    for tape in [tape.clone(), tape.opaque()] {
        for statement in [
            "{quiet: [p.phase], after: p.condition/Ready=True}",
            "{enter: p.lifecycle=Present, onlyAfter: p.phase=Pending}",
        ] {
            let text = document("p: {kind: Pod, uid: uid-a}", statement);
            assert!(growing(&tape, &text).ends_with('i'), "{statement}");
        }
    }
}

#[test]
fn a_status_that_cannot_be_read_takes_back_no_order_that_was_read_before() {
    for change in [Change::Modified, Change::Deleted] {
        let mut tape = Tape::of(vec![pods()]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 12, "Pending"));
        tape.object(2.0, 0, Change::Added, object("b", 25, "Running")).bookmark(3.0, 0, 30);
        tape.object(4.0, 0, change, unreadable(35)).closed(9.0);
        let subjects = "a: {kind: Pod, uid: uid-a}, b: {kind: Pod, uid: uid-b}";
        let only = document(subjects, "{enter: b.phase=Running, onlyAfter: a.phase=Failed}");
        assert_eq!(growing(&tape, &only), "pppVVVVV", "{change:?}");
    }
}

#[test]
fn what_came_while_a_past_was_not_read_is_unseen_though_the_kind_was_not_served_before() {
    let past = |missing: &str, version: Option<u64>| {
        Payload::Past(Past {
            watch: 0,
            since: at(2.0),
            resource_version: version.map(|version| ResourceVersion::new(version.to_string())),
            dated: None,
            clock: "leases".into(),
            ahead_micros: None,
            leases: Vec::new(),
            missing: missing.to_owned(),
        })
    };
    let never = document("p: {kind: Pod, namespace: n, name: b}", "{track: p.phase, never: Failed}");
    let uid = document("p: {kind: Pod, uid: dead}", "{track: p.phase, path: ... -> Failed -> ...}");
    let judged = |is_listed: bool, past: Option<Payload>| {
        let mut tape = Tape::of(vec![pods()]);
        if is_listed {
            tape.attached(0.0, 0, 10);
        }
        tape.line(2.0, Payload::NotServed { watch: 0 });
        past.into_iter().for_each(|past| _ = tape.line(8.0, past));
        tape.attached(8.0, 0, 50).object(9.0, 0, Change::Added, object("b", 60, "Running")).closed(12.0);
        [growing(&tape, &never), growing(&tape, &uid)].map(|verdicts| verdicts.chars().next_back().unwrap())
    };
    for is_listed in [false, true] {
        assert_eq!(judged(is_listed, None), ['S', 'V'], "{is_listed}");
        for unread in [past("nothing proves it", Some(50)), past("no answer", None), past("", None)] {
            assert_eq!(judged(is_listed, Some(unread.clone())), ['i', 'i'], "{is_listed}, {unread:?}");
        }
        assert_eq!(judged(is_listed, Some(past("", Some(3)))), ['S', 'V'], "{is_listed}: it was read");
    }
}

#[test]
fn what_was_found_at_the_end_of_a_gap_was_there_whatever_comes_at_that_moment() {
    let never = "{track: p.phase, never: Running}";
    let never = windowed("p: {kind: Pod, uid: uid-a}", "{from: {time: '2026-11-20T18:00:02.5Z'}}", never);
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Running")).gap(3.0, 0, (2.0, 11), 21);
    tape.object(3.0, 0, Change::Listed, object("a", 20, "Running")).attached(3.0, 0, 21);
    let next = |change: fn(&mut Tape)| {
        let mut tape = tape.clone();
        change(&mut tape);
        growing(&tape, &never)
    };
    let changed = next(|tape| _ = tape.object(3.0, 0, Change::Modified, object("a", 22, "Failed")).closed(5.0));
    let deleted = next(|tape| _ = tape.object(3.0, 0, Change::Deleted, object("a", 22, "Running")).closed(5.0));
    let lost = next(|tape| {
        tape.gap(4.0, 0, (2.9, 21), 40).object(4.0, 0, Change::Listed, object("a", 39, "Failed"));
        tape.attached(4.0, 0, 40).closed(5.0);
    });
    let late = next(|tape| {
        tape.reconnected(4.0, 0, 21, 3.0).object(4.0, 0, Change::Modified, object("a", 22, "Failed"));
        tape.last_object().not_before = Some(at(3.0));
        tape.closed(5.0);
    });
    for verdicts in [changed, deleted, lost, late] {
        assert!(verdicts.starts_with("pppppV") && verdicts.ends_with('V'), "{verdicts}");
    }
}
