//! The subjects of an expectation: names with several lives, owners, what no watch could have shown, and cases with
//! nothing to judge.

use super::tape::{Tape, document, object, of_json, owned, pods, vmis, windowed};
use crate::sketches;
use statetrail::expectation::{Program, Sketch, Source};
use statetrail::observation::{Change, Object, Payload, Resource, Watch};

/// The verdict on a document about a sketch.
fn sketched(sketch: &str, subjects: &str, statement: &str) -> String {
    sketches::judged(&document(subjects, statement), sketch).verdict.to_string()
}

fn refused(subjects: &str) -> String {
    let text = document(subjects, "{track: p.phase, never: Failed}");
    Program::compile([Source::Document { name: "x.yaml", text: &text }]).expect_err(subjects).to_string()
}

const ABSENT: &str = "p: {kind: Pod, name: zzz}";

#[test]
fn nothing_to_judge_is_neither_a_pass_nor_a_failure_under_any_not() {
    let on = |statement: &str| sketched("pod/a phase: Pending@0 |closed@30", ABSENT, statement);
    assert_eq!(on("{track: p.phase, never: Running}"), "violated");
    assert_eq!(on("{not: {track: p.phase, never: Running}}"), "inconclusive");
    assert_eq!(on("{not: {not: {track: p.phase, never: Running}}}"), "inconclusive");
    assert_eq!(on("{any: [{not: {all: [{track: p.phase, count: {Failed: {max: 0}}}]}}]}"), "inconclusive");
    let allowed = "p: {kind: Pod, name: zzz, min: 0}";
    let on = |statement: &str| sketched("pod/a phase: Pending@0 |closed@30", allowed, statement);
    assert_eq!(on("{track: p.phase, never: Running}"), "satisfied");
    assert_eq!(on("{not: {track: p.phase, never: Running}}"), "inconclusive");
}

#[test]
fn too_few_entries_are_no_pass_under_not_and_a_late_answer_is() {
    let on = |sketch: &str, statement: &str| sketched(sketch, "p: {kind: Pod, name: a}", statement);
    let every = "every: Pending, then: Running, within: 5s";
    let never_pending = "pod/a phase: Running@0 |deleted@30";
    assert_eq!(on(never_pending, &format!("{{track: p.phase, {every}}}")), "violated");
    assert_eq!(on(never_pending, &format!("{{not: {{track: p.phase, {every}}}}}")), "inconclusive");
    assert_eq!(on(never_pending, &format!("{{not: {{track: p.phase, {every}, min: 0}}}}")), "inconclusive");
    let late = "pod/a phase: Pending@0 Running@9 |closed@30";
    assert_eq!(on(late, &format!("{{not: {{track: p.phase, {every}}}}}")), "satisfied");
    let answered = "pod/a phase: Pending@0 Running@3 |closed@30";
    assert_eq!(on(answered, &format!("{{not: {{track: p.phase, {every}, min: 0}}}}")), "violated");
}

#[test]
fn a_named_subject_that_was_not_seen_yet_may_still_come() {
    for more in ["", ", quantify: each", ", quantify: any", ", life: first", ", life: last", ", life: 2"] {
        let subject = format!("p: {{kind: Pod, name: b, min: 0{more}}}");
        let verdict = sketched("pod/a phase: Pending@0 |open", &subject, "{track: p.phase, never: Failed}");
        assert_eq!(verdict, "pending", "{more}");
    }
}

#[test]
fn a_family_of_tracks_may_grow_while_it_is_open_or_behind_a_gap() {
    let statement = "{track: \"p.condition/*\", path: \"... -> 'True' -> ...\"}";
    let on = |end: &str| {
        sketched(&format!("pod/a condition/Ready: False@0 True@1 {end}"), "p: {kind: Pod, name: a}", statement)
    };
    assert_eq!((on("|open").as_str(), on("|closed").as_str()), ("pending", "satisfied"));
    assert_eq!(on("|unfenced"), "inconclusive");
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "True"));
    let whole =
        |mut tape: Tape| tape.closed(30.0).verdict(&document("p: {kind: Pod, namespace: n, name: a}", statement));
    assert_eq!(whole(tape.clone()), "satisfied");
    tape.gap(20.0, 0, (2.0, 11), 15).object(20.0, 0, Change::Listed, ready(14, "True")).attached(20.0, 0, 15);
    assert_eq!(whole(tape), "inconclusive", "another condition may have come and gone");
}

fn ready(version: u64, status: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"conditions":[{{"type":"Ready","status":"{status}"}}]}}}}"#
    ))
}

#[test]
fn a_subject_that_selects_one_life_accepts_no_other_number() {
    for (subject, expected) in [
        ("p: {kind: Pod, quantify: first, min: 2}", "one subject is selected"),
        ("p: {kind: Pod, name: a, life: 2, min: 2}", "one subject is selected"),
        ("p: {kind: Pod, name: a, life: last, max: 0, min: 0}", "one subject is selected"),
        ("p: {kind: Pod, life: first}", "`life` without `name`"),
        ("p: {kind: Pod, name: a, life: first, quantify: each}", "exclude each other"),
        ("p: {kind: Pod, name: a, life: 0}", "counted from 1"),
        ("p: {kind: Pod, name: a, life: frist}", "did you mean `first`?"),
        ("p: {kind: Pod, name: a, born: today}", "`born: window`"),
        ("p: {kind: Pod, name: a, through: [vmi]}", "`through` without `ownedBy`"),
    ] {
        let error = refused(subject);
        assert!(error.contains(expected), "{subject}: {error}");
    }
}

/// Pods with one label, and VMs, from version 10 on; everything is fenced at second 30.
fn selected(selector: &str) -> Tape {
    let vms = Watch::all(Resource::new("kubevirt.io", "v1", "virtualmachines", "VirtualMachine"));
    let mut tape = Tape::of(vec![Watch { label_selector: selector.to_owned(), namespace: "n".into(), ..pods() }, vms]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10);
    tape.object(1.0, 0, Change::Added, labelled("a", 11, "Running"));
    let vm = r#"{"metadata":{"name":"v","namespace":"n","uid":"u-v","resourceVersion":"12"},"status":{"printableStatus":"Running"}}"#;
    tape.object(2.0, 1, Change::Added, of_json(vm)).closed(30.0);
    tape
}

fn labelled(name: &str, version: u64, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}","labels":{{"app":"x"}}}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

#[test]
fn what_a_selector_of_the_watch_leaves_out_is_never_absent() {
    let tape = selected("app=x");
    let on = |subjects: &str, statement: &str| tape.verdict(&document(subjects, statement));
    let never = "{track: p.phase, never: Failed}";
    for subjects in [
        "p: {kind: Pod}",
        "p: {kind: Pod, labels: {app: y}}",
        "p: {kind: Pod, labels: {app: y}, min: 0, max: 0}",
        "p: {kind: Pod, labels: \"app in (x, y)\"}",
        "p: {kind: Pod, namespace: m, labels: {app: x}}",
        "p: {kind: Pod, namespace: n, name: a}",
    ] {
        assert_eq!(on(subjects, never), "inconclusive", "{subjects}");
    }
    assert_eq!(on("p: {kind: Pod, labels: {app: x, tier: a}, min: 0}", never), "satisfied");
    let ends = "{track: p.phase, path: \"... -> Running\"}";
    assert_eq!(on("p: {kind: Pod, labels: {app: x}}", ends), "satisfied");
    assert_eq!(on("p: {kind: Pod}", "{track: p.phase, never: Running}"), "violated", "one that was seen is enough");
    let after = "{enter: v.status=Running, onlyAfter: p.phase=Failed}";
    for pods in ["labels: {app: y}", "namespace: n", "namespace: m"] {
        let subjects = format!("p: {{kind: Pod, {pods}}}, v: {{kind: vm, namespace: n, name: v}}");
        assert_eq!(on(&subjects, after), "inconclusive", "{pods}");
    }
}

#[test]
fn a_field_selector_leaves_out_what_it_does_not_name() {
    let mut tape = selected("");
    tape.header.watches[0].field_selector = "status.phase=Running".to_owned();
    let never = "{track: p.phase, never: Failed}";
    assert_eq!(tape.verdict(&document("p: {kind: Pod}", never)), "inconclusive");
    tape.header.watches[0].field_selector = "metadata.name=a".to_owned();
    assert_eq!(tape.verdict(&document("p: {kind: Pod}", never)), "inconclusive");
    assert_eq!(tape.verdict(&document("p: {kind: Pod, name: a}", never)), "satisfied");
    tape.header.watches[0].field_selector = "metadata.namespace=n".to_owned();
    assert_eq!(tape.verdict(&document("p: {kind: Pod, namespace: n}", never)), "satisfied");
}

/// A VMI that existed before, and a pod that is created, if any.
fn existed(pod: Option<Object>) -> Tape {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("v", 11, "Running"));
    if let Some(pod) = pod {
        tape.object(2.0, 0, Change::Added, pod);
    }
    tape.closed(30.0);
    tape
}

#[test]
fn what_lived_before_the_recording_may_have_fulfilled_a_condition() {
    assert_eq!(existed(None).verdict("vmi/v phase: Running onlyAfter pod phase: Running"), "inconclusive");
    let late = || owned("p", 12, "Running", &[("VirtualMachineInstance", "uid-v")]);
    assert_eq!(existed(Some(late())).verdict("vmi/v phase: Running onlyAfter pod/p phase: Running"), "inconclusive");
    let after = "{enter: v.phase=Running, onlyAfter: p.phase=Running}";
    let on = |pod: &str| {
        existed(Some(late())).verdict(&document(&format!("v: {{kind: vmi}}, p: {{kind: Pod, {pod}}}"), after))
    };
    // With an owner whose beginning was seen, or a life of the recording, there is no other.
    assert_eq!(on("ownedBy: v"), "violated");
    assert_eq!(on("name: p, life: first"), "violated");
    assert_eq!(on("uid: uid-p"), "violated");
    // If the past was read from the first revision, there is nothing before it.
    let mut tape = existed(Some(late()));
    for watch in 0..2 {
        let past = statetrail::observation::Past {
            watch,
            since: super::tape::at(0.0),
            resource_version: Some(statetrail::observation::ResourceVersion::new("1")),
            dated: None,
            ahead_micros: None,
            leases: Vec::new(),
            clock: "".into(),
            missing: String::new(),
        };
        let stamp = tape.lines[0].stamp;
        tape.lines.insert(0, statetrail::observation::Observation { stamp, payload: Payload::Past(past) });
    }
    assert_eq!(tape.verdict("vmi/v phase: Running onlyAfter pod/p phase: Running"), "violated");
}

/// Three lives of one pod: it ran, it failed, it is pending.
fn three_lives() -> Tape {
    let life = |number: u64, version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-{number}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10);
    for (number, phase) in [(1, "Running"), (2, "Failed"), (3, "Pending")] {
        let (second, version) = (f64::from(u32::try_from(number).unwrap()) * 10.0, number * 10 + 1);
        tape.object(second, 0, Change::Added, life(number, version, phase));
        if number < 3 {
            tape.object(second + 5.0, 0, Change::Deleted, life(number, version + 1, phase));
        }
    }
    tape
}

#[test]
fn a_name_means_every_life_and_one_can_be_chosen() {
    let mut tape = three_lives();
    tape.line(22.0, Payload::Mark { name: "late".to_owned() });
    tape.lines.sort_by_key(|line| line.stamp.at);
    let open = tape.clone();
    tape.closed(60.0);
    assert_eq!(tape.verdict("pod/n/a phase: never Failed"), "violated");
    assert_eq!(tape.verdict("pod/n/a phase: never Unknown"), "satisfied");
    assert_eq!(open.verdict("pod/n/a phase: never Unknown"), "pending");
    let on = |tape: &Tape, more: &str, statement: &str| {
        tape.verdict(&document(&format!("p: {{kind: Pod, namespace: n, name: a, {more}}}"), statement))
    };
    let ran = "{track: p.phase, path: Running}";
    let failed = "{track: p.phase, path: Failed}";
    let pending = "{track: p.phase, always: Pending}";
    for (more, statement, closed, while_open) in [
        ("life: first", ran, "satisfied", "satisfied"),
        ("life: 1", ran, "satisfied", "satisfied"),
        ("life: 2", failed, "satisfied", "satisfied"),
        ("life: 2", ran, "violated", "violated"),
        ("life: 3", pending, "satisfied", "pending"),
        ("life: last", pending, "satisfied", "pending"),
        ("life: last", ran, "violated", "pending"),
        ("life: 4", ran, "violated", "pending"),
        ("life: any", failed, "satisfied", "satisfied"),
        ("life: each", failed, "violated", "violated"),
        ("uid: uid-2", failed, "satisfied", "satisfied"),
    ] {
        assert_eq!(on(&tape, more, statement), closed, "{more}, {statement}");
        assert_eq!(on(&open, more, statement), while_open, "{more}, {statement}");
    }
    let born = document("p: {kind: Pod, namespace: n, name: a, born: window}", "{track: p.phase, never: Failed}")
        .replace("expect:", "window: {from: {mark: late}}\nexpect:");
    assert_eq!(tape.verdict(&born), "satisfied", "the second life began before the mark");
}

#[test]
fn which_life_was_the_last_only_a_fence_proves() {
    let last = |tape: &Tape, statement: &str| {
        tape.verdict(&document("p: {kind: Pod, namespace: n, name: a, life: last}", statement))
    };
    let ran = "{track: p.phase, path: Running}";
    let mut open = three_lives();
    assert_eq!(last(&open, ran), "pending");
    let mut fenced = open.clone();
    assert_eq!(last(fenced.closed(60.0), ran), "violated");
    assert_eq!(last(open.ended(60.0), ran), "inconclusive", "a fourth may have come");
    // The last known life is deleted, and another may have been in a gap after it.
    let mut hidden = Tape::of(vec![pods()]);
    hidden.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Failed"));
    hidden.object(2.0, 0, Change::Deleted, object("a", 12, "Failed"));
    let mut whole = hidden.clone();
    assert_eq!(last(whole.closed(9.0), ran), "violated");
    hidden.gap(5.0, 0, (3.0, 13), 15).attached(5.0, 0, 15).closed(9.0);
    assert_eq!(last(&hidden, ran), "inconclusive");
}

#[test]
fn one_violating_subject_decides_whatever_the_number() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Failed"));
    let mut closed = tape.clone();
    closed.closed(9.0);
    for (number, statement, expected) in [
        ("min: 2", "never: Failed", "satisfied"),
        ("min: 2", "graph: {Pending: [Running]}", "satisfied"),
        ("min: 2", "never: Running", "inconclusive"),
        ("min: 2, quantify: any", "never: Failed", "satisfied"),
    ] {
        let text =
            document(&format!("p: {{kind: Pod, {number}}}"), &format!("{{not: {{track: p.phase, {statement}}}}}"));
        assert_eq!(closed.verdict(&text), expected, "{number} {statement}");
        if !number.contains("any") && expected == "satisfied" {
            assert_eq!(tape.verdict(&text), expected, "{number} {statement}");
        }
    }
}

#[test]
fn entries_that_never_came_are_no_pass_under_not_without_a_time_bound() {
    let never_there = |change: Change| {
        let mut tape = Tape::of(vec![pods()]);
        if change == Change::Added {
            tape.attached(0.0, 0, 10);
        }
        tape.object(1.0, 0, change, object("a", if change == Change::Added { 11 } else { 9 }, "Pending"));
        if change == Change::Listed {
            tape.attached(1.0, 0, 10);
        }
        tape.closed(9.0);
        tape
    };
    for change in [Change::Added, Change::Listed] {
        for min in ["", ", min: 1", ", min: 0"] {
            let every = format!("{{not: {{track: p.container/app, every: Error, then: \"!Error\"{min}}}}}");
            assert_eq!(never_there(change).verdict(&document("p: {kind: Pod}", &every)), "inconclusive", "{min}");
        }
    }
    let unanswered = document("p: {kind: Pod}", "{not: {track: p.phase, every: Pending, then: Running}}");
    assert_eq!(never_there(Change::Added).verdict(&unanswered), "satisfied");
}

#[test]
fn on_a_watch_that_can_be_left_what_is_added_need_not_have_been_created() {
    let on = |watch: Watch| {
        let mut tape = Tape::of(vec![watch]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, labelled("a", 11, "Pending"));
        tape.object(2.0, 0, Change::Modified, labelled("a", 12, "Running")).closed(9.0);
        let text = |statement: &str| document("p: {kind: Pod, labels: {app: x}}", statement);
        let path = tape.verdict(&text("{track: p.phase, path: Running -> Pending -> ...}"));
        (path, tape.verdict(&text("{track: p.phase, path: \"... -> Pending -> Running\"}")))
    };
    let selected = Watch { label_selector: "app=x".to_owned(), ..pods() };
    assert_eq!(on(selected), ("inconclusive".to_owned(), "satisfied".to_owned()));
    assert_eq!(on(pods()), ("violated".to_owned(), "satisfied".to_owned()));
}

#[test]
fn one_that_the_watch_leaves_out_may_have_been_the_first() {
    let tape = selected("app=x");
    let first = |subject: &str| {
        tape.verdict(&document(
            &format!("p: {{kind: Pod, quantify: first{subject}}}"),
            "{track: p.phase, never: Running}",
        ))
    };
    assert_eq!((first("").as_str(), first(", labels: {app: x}").as_str()), ("inconclusive", "violated"));
}

#[test]
fn a_named_object_behind_a_selector_is_awaited_while_the_recording_goes_on() {
    let mut tape = selected("app=x");
    let text = document("p: {kind: Pod, namespace: n, name: a}", "{track: p.phase, never: Running}");
    assert_eq!(tape.verdict(&text), "violated", "it was seen");
    let whole = tape.lines.clone();
    for lines in [0, 2] {
        tape.lines.truncate(lines);
        assert_eq!(tape.verdict(&text), "pending", "{lines} lines");
        tape.lines.clone_from(&whole);
    }
}

#[test]
fn one_of_any_that_may_not_be_meant_breaks_nothing_where_none_is_allowed() {
    let mut tape = Tape::of(vec![pods()]);
    let owners = [("VirtualMachineInstance", "uid-v")];
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, owned("p", 11, "Failed", &owners)).closed(9.0);
    let on = |min: u64, statement: &str| {
        let subjects = format!("v: {{kind: vmi, name: b}}, p: {{kind: Pod, ownedBy: v, quantify: any, min: {min}}}");
        tape.verdict(&document(&subjects, statement))
    };
    let never = "{track: p.phase, never: Failed}";
    assert_eq!((on(0, never).as_str(), on(1, never).as_str()), ("inconclusive", "violated"));
    let negated = format!("{{not: {never}}}");
    assert_eq!(on(1, &negated), "inconclusive", "if it is not meant, there is nothing to judge");
}

#[test]
fn an_earlier_life_may_be_hidden_in_a_gap_before_the_first() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).gap(5.0, 0, (1.0, 10), 15).attached(5.0, 0, 15);
    tape.object(6.0, 0, Change::Added, object("a", 16, "Running")).closed(9.0);
    let on = |more: &str| {
        tape.verdict(&document(
            &format!("p: {{kind: Pod, namespace: n, name: a, {more}}}"),
            "{track: p.phase, always: Running}",
        ))
    };
    assert_eq!((on("life: first").as_str(), on("life: last").as_str()), ("inconclusive", "satisfied"));
    assert_eq!((on("uid: uid-a").as_str(), on("life: each").as_str()), ("satisfied", "inconclusive"));
}

#[test]
fn a_verdict_names_the_lives_that_it_judged() {
    let mut tape = three_lives();
    tape.closed(60.0);
    let folder = tempfile::tempdir().unwrap();
    tape.write(&folder.path().join("run.jsonl"));
    let said = |line: &str, form: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_statetrail"))
            .args(["check", "run.jsonl", "--expect", line, "-o", form])
            .current_dir(folder.path())
            .output()
            .expect("the program");
        String::from_utf8(output.stdout).unwrap()
    };
    let holds = "pod/a phase: never Unknown";
    for form in ["text", "junit"] {
        let said = said(holds, form);
        let expected = "pod/a in n: 1st of 3 lives (uid uid-1), 2nd of 3 lives (uid uid-2), 3rd of 3 lives (uid uid-3)";
        assert!(said.contains(expected), "{said}");
    }
    let document: serde_json::Value = serde_json::from_str(&said(holds, "json")).unwrap();
    let subjects = &document["expectations"][0]["clauses"][0]["subjects"];
    assert_eq!(subjects[1]["life"], serde_json::json!({"number": 2, "of": 3}));
    assert_eq!(subjects[1]["subject"]["uid"], "uid-2");
    let broken = said("pod/a phase: never Failed", "text");
    assert!(broken.contains("on pod/a (2nd of 3 lives, uid uid-2) phase"), "{broken}");
}

#[test]
fn owners_are_followed_by_the_chain_that_kinds_declare() {
    let on = |owners: &[(&str, &str)], more: &str| {
        let pod = owned("p", 12, "Failed", owners);
        existed(Some(pod)).verdict(&document(
            &format!("v: {{kind: vmi, namespace: n, name: v}}, p: {{kind: Pod, ownedBy: v, min: 0{more}}}"),
            "{track: p.phase, never: Failed}",
        ))
    };
    assert_eq!(on(&[("VirtualMachineInstance", "uid-v")], ""), "violated");
    assert_eq!(on(&[("ReplicaSet", "uid-r")], ""), "satisfied", "a ReplicaSet is none of a VMI's");
    assert_eq!(on(&[("ReplicaSet", "uid-r")], ", through: [ReplicaSet]"), "inconclusive");
    assert_eq!(on(&[("VirtualMachineInstance", "uid-w")], ""), "inconclusive", "it may have been there before");
    let deployment = Watch::all(Resource::new("apps", "v1", "deployments", "Deployment"));
    let mut tape = Tape::of(vec![pods(), deployment]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("web", 11, ""));
    tape.object(2.0, 0, Change::Added, owned("p", 12, "Failed", &[("ReplicaSet", "uid-r")])).closed(30.0);
    let text =
        document("d: {kind: Deployment, name: web}, p: {kind: Pod, ownedBy: d}", "{track: p.phase, never: Failed}");
    let outcome = &tape.judge(&text)[0];
    assert_eq!(outcome.standing.verdict.to_string(), "inconclusive");
    let reason = outcome.clauses[0].reason.as_deref().unwrap_or_default();
    assert!(reason.contains("record its ReplicaSet, too"), "{reason}");
}

#[test]
fn owners_never_cross_namespaces() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 1, Change::Added, object("v", 11, "Running"));
    let stranger = r#"{"metadata":{"name":"p","namespace":"m","uid":"u-p","resourceVersion":"12","ownerReferences":[{"kind":"VirtualMachineInstance","name":"v","uid":"uid-v"}]},"status":{"phase":"Failed"}}"#;
    tape.object(2.0, 0, Change::Added, of_json(stranger)).closed(30.0);
    let text =
        document("v: {kind: vmi, name: v}, p: {kind: Pod, ownedBy: v, min: 0}", "{track: p.phase, never: Failed}");
    assert_eq!(tape.verdict(&text), "satisfied");
}

#[test]
fn a_track_that_is_neither_declared_nor_shown_is_a_mistake_in_every_statement() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, ready(11, "True")).closed(9.0);
    let folder = tempfile::tempdir().unwrap();
    tape.write(&folder.path().join("run.jsonl"));
    let check = |line: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_statetrail"))
            .args(["check", "run.jsonl", "--expect", line])
            .current_dir(folder.path())
            .output()
            .expect("the program");
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for line in ["!True*", "count True max 0", "never True", "... -> True -> ...", "quiet after True"] {
        let (code, said) = check(&format!("pod/a condition/Raedy: {line}"));
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(said.contains("did you mean `condition/Ready`?"), "{said}");
        // A growing recording is judged nevertheless, but does not pass.
        let verdict = tape.verdict(&format!("pod/n/a condition/Raedy: {line}"));
        assert_eq!(verdict, "inconclusive", "{line}");
    }
    assert_ne!(check("pod/a condition/PodScheduled: never True").0, Some(2), "declared, though never shown");
    let sketch = Sketch::parse("--timeline", "vm/a condition/Paused: False |closed").unwrap();
    let error = Program::for_sketch("--expect", "vm/a condition/Pausd: !True*", &sketch).unwrap_err().to_string();
    assert!(error.contains("did you mean `condition/Paused`?"), "{error}");
}

#[test]
fn of_several_whose_beginning_was_not_seen_any_may_be_the_first() {
    let first =
        |tape: &Tape| tape.verdict(&document("p: {kind: Pod, quantify: first}", "{track: p.phase, never: Failed}"));
    let mut tape = Tape::of(vec![pods()]);
    tape.object(0.0, 0, Change::Listed, object("a", 5, "Failed"));
    let mut alone = tape.clone();
    tape.object(0.0, 0, Change::Listed, object("b", 8, "Running")).attached(0.0, 0, 10);
    alone.attached(0.0, 0, 10).object(3.0, 0, Change::Added, object("b", 12, "Running"));
    assert_eq!(first(tape.closed(9.0)), "inconclusive");
    assert_eq!(first(alone.closed(9.0)), "violated");
    // On a watch that can be left, what is added may have been created before all others.
    let of_app = |name: &str, version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}","labels":{{"app":"x"}}}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let mut watch = pods();
    watch.label_selector = "app=x".into();
    for (watch, expected) in [(watch, "inconclusive"), (pods(), "satisfied")] {
        let mut tape = Tape::of(vec![watch]);
        tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, of_app("a", 11, "Pending")).bookmark(1.5, 0, 11);
        tape.object(2.0, 0, Change::Added, of_app("b", 12, "Failed")).closed(9.0);
        let never = document("p: {kind: Pod, labels: {app: x}, quantify: first}", "{track: p.phase, never: Failed}");
        assert_eq!(tape.verdict(&never), expected);
    }
}

#[test]
fn that_an_obligation_can_never_be_met_is_no_violation_before_there_is_one() {
    let on = |sketch: &str, statement: &str| sketched(sketch, "p: {kind: Pod, name: a}", statement);
    let every = "{track: p.phase, every: Pending, then: Pending}";
    let not = format!("{{not: {every}}}");
    for (sketch, plain, negated) in [
        ("pod/a phase: Running@0 |open", "pending", "pending"),
        ("pod/a phase: Running@0 |closed", "violated", "inconclusive"),
        ("pod/a phase: Pending@0 |open", "violated", "satisfied"),
        ("pod/a phase: Pending@0 |closed", "violated", "satisfied"),
    ] {
        assert_eq!((on(sketch, every).as_str(), on(sketch, &not).as_str()), (plain, negated), "{sketch}");
    }
}

/// Two pods that are seen whole: after Running, a changes its condition and b its phase.
fn restless(quantify: &str, statement: &str) -> String {
    let pod = |name: &str, version: u64, phase: &str, ready: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}","conditions":[{{"type":"Ready","status":"{ready}"}}]}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 100).object(1.0, 0, Change::Added, pod("a", 101, "Running", "False"));
    tape.object(1.0, 0, Change::Added, pod("b", 102, "Running", "False"));
    tape.object(3.0, 0, Change::Modified, pod("a", 103, "Running", "True"));
    tape.object(4.0, 0, Change::Modified, pod("b", 104, "Failed", "False")).closed(9.0);
    tape.verdict(&document(&format!("p: {{kind: Pod, namespace: n{quantify}}}"), statement))
}

#[test]
fn one_subject_is_quiet_on_all_listed_tracks_or_any_is_broken() {
    let quiet = |tracks: &str| format!("{{quiet: [{tracks}], after: p.phase=Running}}");
    for tracks in ["phase, condition/Ready", "condition/Ready, phase", "phase, condition/*"] {
        assert_eq!(restless(", quantify: any", &quiet(tracks)), "violated", "{tracks}");
        let negated = format!("{{not: {}}}", quiet(tracks));
        assert_eq!(restless(", quantify: any", &negated), "satisfied", "{tracks}");
        assert_eq!(restless("", &quiet(tracks)), "violated", "{tracks}");
        assert_eq!(restless("", &negated), "satisfied", "{tracks}");
    }
    for track in ["phase", "condition/Ready"] {
        assert_eq!(restless(", quantify: any", &quiet(track)), "satisfied", "{track}");
    }
}

#[test]
fn what_enters_a_selection_later_may_have_begun_before_or_lived_in_a_window_that_is_over() {
    let selected = |label: &str, field: &str| Watch {
        label_selector: label.to_owned(),
        field_selector: field.to_owned(),
        namespace: "n".into(),
        ..pods()
    };
    let window = "window: {from: {time: 2026-11-20T18:00:01Z}, until: {time: 2026-11-20T18:00:04Z}}\n";
    let never = "{track: p.phase, never: Running}";
    let subjects = |more: &str| format!("p: {{kind: Pod, namespace: n, labels: {{app: x}}{more}}}");
    let first = document(&subjects(", quantify: first"), "{track: p.phase, never: Pending}");
    let named = document(&subjects(", name: c, life: first"), "{track: p.phase, never: Pending}");
    let many = document(&subjects(", min: 2"), never) + window;
    let some = document(&subjects(", quantify: any"), "{track: p.phase, path: Running}") + window;
    let each = document(&subjects(""), never) + window;
    // While it is open; without an end that is proven; with one; with one, and another that came late.
    for (text, verdicts) in [
        (&first, ["pending", "inconclusive", "violated", "inconclusive"]),
        (&named, ["violated"; 4]),
        (&many, ["pending", "inconclusive", "violated", "inconclusive"]),
        (&some, ["pending", "inconclusive", "violated", "inconclusive"]),
        (&each, ["pending", "inconclusive", "satisfied", "inconclusive"]),
    ] {
        let mut open = Tape::of(vec![selected("app=x", "")]);
        open.object(0.0, 0, Change::Listed, labelled("c", 100, "Pending")).attached(0.0, 0, 101).bookmark(5.0, 0, 103);
        let (mut ended, mut closed, mut late) = (open.clone(), open.clone(), open.clone());
        ended.ended(8.0);
        closed.closed(8.0);
        late.object(6.0, 0, Change::Added, labelled("b", 105, "Running")).closed(8.0);
        let found = [&open, &ended, &closed, &late].map(|tape| tape.verdict(text));
        assert_eq!(found, verdicts.map(str::to_owned), "{text}");
        for (label, field, is_open) in
            [("", "", false), ("", "metadata.namespace=n", false), ("", "status.phase=Pending", true)]
        {
            open.header.watches[0] = selected(label, field);
            let text = text.replace(", labels: {app: x}", "");
            let verdict = open.verdict(&text);
            assert_eq!(verdict == "pending", is_open, "{field}: {text}");
        }
    }
}

#[test]
fn which_life_was_the_last_is_not_known_where_a_window_goes_on_behind_the_fence() {
    let mut tape = Tape::of(vec![pods()]);
    tape.attached(0.0, 0, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending")).closed(9.0);
    let on = |more: &str, second: u64, statement: &str| {
        let text = document(&format!("p: {{kind: Pod, namespace: n, name: a{more}}}"), statement);
        tape.verdict(&format!("{text}window: {{until: {{time: 2026-11-20T18:00:{second:02}Z}}}}\n"))
    };
    let (never, some) = ("{track: p.phase, never: Pending}", "{track: p.phase, count: {Pending: {min: 1}}}");
    for (second, broken, fulfilled) in
        [(8, "violated", "satisfied"), (9, "violated", "satisfied"), (20, "inconclusive", "inconclusive")]
    {
        assert_eq!(on(", life: last", second, never), broken, "{second}");
        assert_eq!(on(", life: last", second, some), fulfilled, "{second}");
        // Another life may come before the window is over, and be the one that fulfils it.
        assert_eq!(on(", quantify: any", second, never), broken, "{second}");
        assert_eq!(on(", life: first", second, never), "violated", "{second}");
    }
}

#[test]
fn what_belongs_to_an_owner_of_the_window_has_an_owner_that_was_created_in_it() {
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 1, Change::Added, object("v", 105, "Running"));
    tape.object(5.0, 0, Change::Added, owned("a", 107, "Running", &[("VirtualMachineInstance", "uid-v")])).closed(9.0);
    let document = |window: &str| {
        let subjects = "v: {kind: VirtualMachineInstance, born: window}, p: {kind: Pod, ownedBy: v}";
        windowed(subjects, window, "{track: p.phase, always: Running}")
    };
    assert_eq!(tape.verdict(&document("{max: 8s, from: {time: \"2026-11-20T18:00:00.5Z\"}}")), "satisfied");
    assert_eq!(tape.verdict(&document("{max: 7s, from: {time: \"2026-11-20T18:00:02Z\"}}")), "inconclusive");
}

#[test]
fn a_condition_on_a_family_of_tracks_is_met_by_any_of_them() {
    let with = |version: u64, conditions: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"v","namespace":"n","uid":"uid-v","resourceVersion":"{version}"}},"status":{{"phase":"Running","conditions":[{conditions}]}}}}"#
        ))
    };
    let mut tape = Tape::of(vec![vmis()]);
    tape.attached(0.0, 0, 100);
    tape.object(1.0, 0, Change::Added, with(105, r#"{"type":"Paused","status":"False"}"#));
    tape.object(2.0, 0, Change::Modified, with(106, r#"{"type":"Ready","status":"True"}"#)).closed(5.0);
    let document = |statement: &str| document("v: {kind: VirtualMachineInstance}", statement);
    let only = document("{enter: v.condition/*=True, onlyAfter: v.condition/*=False}");
    assert_eq!(tape.verdict(&only), "satisfied");
    assert_eq!(tape.verdict(&document("{quiet: [condition/*], after: v.condition/*=False}")), "violated");
}

#[test]
fn what_belongs_to_one_life_of_an_owner_does_not_belong_to_another() {
    let vmi = |uid: &str, version: u64, phase: &str| {
        of_json(&format!(
            r#"{{"metadata":{{"name":"v","namespace":"n","uid":"{uid}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
        ))
    };
    let pod = owned("a", 107, "Running", &[("VirtualMachineInstance", "one")]);
    let mut tape = Tape::of(vec![pods(), vmis()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 1, Change::Added, vmi("one", 105, "Running"));
    tape.object(2.0, 0, Change::Added, pod);
    tape.object(3.0, 1, Change::Deleted, vmi("one", 109, "Running"));
    tape.object(4.0, 1, Change::Added, vmi("two", 111, "Running")).closed(9.0);
    let verdict = |owner: &str, statement: &str| {
        let owner = format!("v: {{kind: VirtualMachineInstance, namespace: n, name: v{owner}}}");
        tape.verdict(&document(&format!("{owner}, p: {{kind: Pod, ownedBy: v, min: 0}}"), statement))
    };
    let never = "{track: p.phase, never: Running}";
    for owner in ["", ", life: first", ", life: 1", ", life: any", ", uid: one"] {
        assert_eq!(verdict(owner, never), "violated", "{owner}");
    }
    for owner in [", life: 2", ", life: last", ", uid: two"] {
        assert_eq!(verdict(owner, never), "satisfied", "{owner}");
        // Nothing belongs to it, which is no failure either.
        assert_eq!(verdict(owner, &format!("{{not: {never}}}")), "inconclusive", "{owner}");
    }
}
