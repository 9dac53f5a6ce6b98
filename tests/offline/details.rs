//! Details: changes within a state that are not transitions, but are in the timeline and in every view.

use crate::recorder::folded;
use serde_json::{Value, json};
use statetrail::expectation::{End, Judge, Program, Source, Verdict};
use statetrail::observation::{
    Attached, Capture, Change, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape, Stamp, Watch,
    decode_object,
};
use statetrail::timeline::{Body, Entry, SETTLE, sorted};
use statetrail::view::{Format, Selection, Style, json as lines};
use std::sync::Arc;
use std::time::Duration;

/// The timeline of one object with these statuses, one second apart.
fn timeline(resource: &Resource, shape: Shape, statuses: &[Value]) -> Vec<Entry> {
    let attached = Payload::Attached(Attached {
        watch: 0,
        resource_version: ResourceVersion::new("1"),
        kind: "".into(),
        not_before: None,
    });
    let versions = (2..).zip(statuses).map(|(version, status): (u64, _)| {
        let json = json!({"metadata": {"namespace": "ns", "name": "a", "uid": "u",
            "resourceVersion": version.to_string()}, "status": status});
        let object = decode_object(json.to_string().as_bytes(), shape, Capture::Status).unwrap();
        let change = if version == 2 { Change::Added } else { Change::Modified };
        Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
    });
    let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let lines = (1..).zip(std::iter::once(attached).chain(versions)).map(|(second, payload)| {
        let elapsed = Duration::from_secs(second);
        Observation { stamp: Stamp { at: start + elapsed, elapsed }, payload }
    });
    sorted(folded(&[Watch::all(resource.clone())], lines), SETTLE)
}

fn pods() -> Resource {
    Resource::new("", "v1", "pods", "Pod")
}

fn instances() -> Resource {
    Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance")
}

#[expect(clippy::needless_pass_by_value, reason = "callers make them in place")]
fn container(restarts: u64, state: Value, last: Value) -> Value {
    json!({"phase": "Running", "containerStatuses":
        [{"name": "app", "restartCount": restarts, "state": state, "lastState": last}]})
}

fn documents(entries: &[Entry]) -> Vec<Value> {
    let mut text = Vec::new();
    entries.iter().for_each(|entry| lines::entry(entry, &mut text).unwrap());
    String::from_utf8(text).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `condition/Ready True {...} {...}` of each detail.
fn details(entries: &[Entry]) -> Vec<String> {
    let lines = documents(entries).into_iter().filter_map(|document| {
        let detail = document.get("detail")?;
        assert!(document.get("track").is_none() && document.get("to").is_none(), "no transition: {document}");
        let part = |name: &str| detail[name].as_str().map_or_else(|| detail[name].to_string(), str::to_owned);
        Some(format!("{} {} {} {}", part("track"), part("label"), part("from"), part("to")))
    });
    lines.collect()
}

fn table(entries: &[Entry]) -> String {
    let mut out = Vec::new();
    Format::Table.write(entries, &Selection::everything(), &Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_changed_reason_of_a_true_condition_is_a_detail() {
    let pending = |reason: &str| {
        json!({"phase": "Running", "conditions":
        [{"type": "PodResizePending", "status": "True", "reason": reason, "message": "m"}]})
    };
    let entries = timeline(&pods(), Shape::Pod, &[pending("Deferred"), pending("Deferred"), pending("Infeasible")]);
    let expected = r#"condition/PodResizePending True {"reason":"Deferred"} {"message":"m","reason":"Infeasible"}"#;
    assert_eq!(details(&entries), [expected]);
    assert!(table(&entries).contains("True … (reason Deferred => Infeasible)"), "{}", table(&entries));
}

#[test]
fn a_changed_exit_code_signal_or_reason_of_a_container_is_a_detail() {
    let ended = |code: i64, signal: Value| {
        container(0, json!({"terminated": {"reason": "Error", "exitCode": code, "signal": signal}}), json!({}))
    };
    let entries = timeline(&pods(), Shape::Pod, &[ended(137, json!(9)), ended(1, Value::Null)]);
    let expected = r#"container/app Error {"exitCode":137,"kind":"terminated","reason":"Error","restartCount":0,"signal":9} {"exitCode":1,"kind":"terminated","reason":"Error","restartCount":0}"#;
    assert_eq!(details(&entries), [expected]);
    assert!(table(&entries).contains("(exit code 137 => 1, signal 9 => none)"), "{}", table(&entries));
}

#[test]
fn a_falling_restart_count_is_a_detail_and_rises_from_its_new_value() {
    let running = |restarts| container(restarts, json!({"running": {}}), json!({}));
    let entries = timeline(&pods(), Shape::Pod, &[running(16), running(14), running(15)]);
    let lines: Vec<String> = documents(&entries)
        .iter()
        .filter(|document| document.to_string().contains("container/app"))
        .map(|document| match document {
            it if it.get("detail").is_some() => format!("detail {}", it["detail"]["to"]["restartCount"]),
            it if it.get("gap").is_some() => format!("gap {}", it["gap"]["evidence"]),
            it => format!("{} {}", it["to"], it["state"]["restartCount"]),
        })
        .collect();
    let unseen = r#"gap "restartCount 14 -> 15 without a termination""#;
    assert_eq!(lines, [r#""Running" 16"#, "detail 14", unseen, r#""Running" 15"#]);
}

/// The verdict on a count of restarts, with the timeline closed at its end.
fn restarts(entries: &[Entry], limit: &str) -> Verdict {
    let text = format!("pod container/app: count restart {limit}");
    let program = Program::compile([Source::Line { name: "--expect", text: &text }]).unwrap();
    let mut judge = Judge::new(Arc::new(program));
    entries.iter().for_each(|entry| judge.push(entry));
    let at = "2026-01-01T01:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
    judge.verdicts(&End::Closed { at }).remove(0).standing.verdict
}

#[test]
fn restarts_after_a_falling_count_are_counted_from_its_new_value_without_an_upper_bound() {
    let running = |restarts| container(restarts, json!({"running": {}}), json!({}));
    let waiting = |restarts| container(restarts, json!({"waiting": {"reason": "CrashLoopBackOff"}}), json!({}));
    // The count falls from five to three under the same label.
    let fell = [running(0), waiting(5), running(5), running(3), waiting(6)];
    let entries = timeline(&pods(), Shape::Pod, &fell);
    assert_eq!(restarts(&entries, "max 7"), Verdict::Violated);
    assert_eq!(restarts(&entries, "min 8"), Verdict::Satisfied);
    assert_eq!(restarts(&entries, "max 8"), Verdict::Inconclusive);
    assert_eq!(restarts(&entries, "min 9"), Verdict::Inconclusive);
    // Nothing else happens after the fall.
    let entries = timeline(&pods(), Shape::Pod, &fell[..4]);
    assert_eq!((restarts(&entries, "max 4"), restarts(&entries, "max 5")), (Verdict::Violated, Verdict::Inconclusive));
}

#[test]
fn an_end_shown_only_by_last_state_precedes_the_state_of_the_same_version() {
    let running = |restarts, last: &str| {
        let ended = json!({"terminated": {"reason": "Error", "exitCode": 1, "containerID": last}});
        container(restarts, json!({"running": {}}), ended)
    };
    // The kubelet removed dead containers: the count fell, although the container ended in between.
    for after in [15, 16] {
        let entries =
            timeline(&pods(), Shape::Pod, &[running(16, "c15"), running(after, "c16"), running(after, "c16")]);
        let of_container: Vec<Value> =
            documents(&entries).into_iter().filter(|document| document.to_string().contains("container/app")).collect();
        let [_, gap, found] = &of_container[..] else { panic!("{of_container:?}") };
        assert_eq!(gap["gap"]["reason"], "never-published");
        assert_eq!((&found["from"], &found["to"]), (&json!("Running"), &json!("Running")));
        assert_eq!(found["state"]["restartCount"], after);
        assert_eq!(found["seq"], gap["seq"]);
        assert!(!table(&entries).contains("not seen again"), "{}", table(&entries));
    }
}

#[test]
fn an_evicted_pod_that_completes_shows_the_eviction() {
    let completed = |reason: Value| {
        let mut status = container(0, json!({"terminated": {"reason": "Completed", "exitCode": 0}}), json!({}));
        (status["phase"], status["reason"]) = (json!("Failed"), reason);
        status
    };
    let entries = timeline(&pods(), Shape::Pod, &[completed(Value::Null), completed(json!("Evicted"))]);
    let to = r#"{} {"reason":"Evicted"}"#;
    assert_eq!(details(&entries), [format!("phase Failed {to}"), format!("status Completed {to}")]);
    assert!(table(&entries).contains("Completed  continues, reason none => Evicted"), "{}", table(&entries));
}

#[test]
fn a_replugged_volume_and_a_second_migration_are_distinguished() {
    let status = |attached_by: &str, migration: &str| {
        json!({"phase": "Running", "volumeStatus":
            [{"name": "data", "phase": "Detaching", "hotplugVolume": {"attachPodName": attached_by}}],
            "migrationState": {"migrationUid": migration, "startTimestamp": "2026-01-01T00:00:00Z"}})
    };
    let entries = timeline(&instances(), Shape::Other, &[status("hp-1", "m-1"), status("hp-2", "m-2")]);
    let [migration, volume] = &details(&entries)[..] else { panic!("{:?}", details(&entries)) };
    assert!(migration.starts_with("migration Running") && migration.contains("m-1") && migration.contains("m-2"));
    assert_eq!(volume, r#"volume/data Detaching {"instance":"hp-1"} {"instance":"hp-2"}"#);
}

#[test]
fn messages_and_timestamps_alone_are_not_a_detail() {
    let ready = |message: &str, at: &str| {
        json!({"phase": "Running", "conditions":
        [{"type": "Ready", "status": "True", "message": message, "lastTransitionTime": at}]})
    };
    let statuses = [ready("1 of 2", "2026-01-01T00:00:00Z"), ready("2 of 2", "2026-01-01T00:00:01Z")];
    assert_eq!(details(&timeline(&pods(), Shape::Pod, &statuses)), Vec::<String>::new());
}

#[test]
fn an_expectation_does_not_see_details() {
    let pending = |reason: &str| {
        json!({"phase": "Running", "conditions":
        [{"type": "Ready", "status": "False", "reason": reason}]})
    };
    let entries = timeline(&pods(), Shape::Pod, &[pending("A"), pending("B"), pending("A")]);
    assert_eq!(details(&entries).len(), 2);
    let judged = |entries: &mut dyn Iterator<Item = &Entry>| {
        let text = "pod condition/Ready: 'False'";
        let program = Program::compile([Source::Line { name: "--expect", text }]).unwrap();
        let mut judge = Judge::new(Arc::new(program));
        entries.for_each(|entry| judge.push(entry));
        let at = "2026-01-01T01:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let outcome = judge.verdicts(&End::Closed { at }).remove(0);
        (outcome.standing.verdict, outcome.reason)
    };
    let with = judged(&mut entries.iter());
    assert_eq!(with.0, Verdict::Satisfied, "{}", with.1);
    assert_eq!(with, judged(&mut entries.iter().filter(|entry| !matches!(entry.body, Body::Detailed(_)))));
}
