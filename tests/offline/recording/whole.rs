//! A contradictory recording is not whole, for a reason of its own, and `verify` reads it as `show` does.

use super::{header, stamp};
use serde_json::{Value, json};
use statetrail::expectation::{Program, Source, Verdict};
use statetrail::observation::{
    Attached, Capture, Change, Fence, GapReason, Healed, ObjectEvent, Observation, Past, Payload, ResourceVersion,
    Shape, decode_object,
};
use statetrail::recording::{Header, Reader, SyncPolicy, Verified, Writer};
use std::sync::Arc;
use std::time::Duration;

fn rv(version: u64) -> ResourceVersion {
    ResourceVersion::new(version.to_string())
}

fn object(change: Change, version: u64, status: &Value) -> Payload {
    let json = json!({"metadata": {"name": "a", "namespace": "ns", "uid": "u", "resourceVersion": version.to_string()},
        "status": status});
    let object = decode_object(json.to_string().as_bytes(), Shape::Pod, Capture::Status).unwrap();
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

fn pod(change: Change, version: u64) -> Payload {
    object(change, version, &json!({"phase": "Pending"}))
}

fn attached(version: u64) -> Payload {
    Payload::Attached(Attached { watch: 0, resource_version: rv(version), kind: "Pod".into(), not_before: None })
}

fn fence(version: u64) -> Payload {
    fenced(version, None)
}

/// A fence whose list was requested when the stream was at a version.
fn fenced(version: u64, from: Option<u64>) -> Payload {
    let (resource_version, from_resource_version) = (rv(version), from.map(rv));
    let missing = String::new();
    Payload::Fence(Fence { watch: 0, resource_version, from_resource_version, whole: true, missing })
}

fn whole_fence(version: u64) -> Fence {
    let (resource_version, missing) = (rv(version), String::new());
    Fence { watch: 0, resource_version, from_resource_version: None, whole: true, missing }
}

fn end() -> Payload {
    Payload::End { reason: "finished".to_owned() }
}

fn verified(header: &Header, lines: Vec<Payload>) -> Verified {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let mut writer = Writer::create(&path, header, SyncPolicy::Never).unwrap();
    for (number, payload) in (1..).zip(lines) {
        writer.append(&Observation { stamp: stamp(number), payload }).unwrap();
    }
    writer.finish().unwrap();
    statetrail::run::verify(Reader::open(&path).unwrap()).unwrap().0
}

fn problem(lines: Vec<Payload>) -> String {
    let mut header = header();
    header.watches.truncate(1);
    let verified = verified(&header, lines);
    assert!(!verified.complete, "{verified:?}");
    let problems: Vec<String> = [verified.problems, verified.watches[0].problems.clone()].concat();
    problems.join("; ")
}

#[test]
fn a_past_that_was_requested_and_not_read_is_not_whole_until_it_is() {
    let since = stamp(1).at;
    let past = |missing: &str, at: Option<u64>| {
        let (missing, resource_version) = (missing.to_owned(), at.map(rv));
        let (dated, clock, ahead_micros) = (None, "".into(), None);
        Payload::Past(Past {
            watch: 0,
            since,
            resource_version,
            dated,
            clock,
            ahead_micros,
            leases: Vec::new(),
            missing,
        })
    };
    let mut one = header();
    one.watches.truncate(1);
    let resumed = || Payload::Resumed { tool: "statetrail".to_owned() };
    assert!(verified(&one, vec![past("", None), past("", Some(3)), attached(5), fence(5), end()]).complete);
    assert!(verified(&one, vec![past("", None), resumed(), past("", Some(3)), attached(5), fence(5), end()]).complete);
    assert!(verified(&one, vec![past("", None), attached(5), fence(5), end()]).complete, "a list that was held");
    let words = "was not read completely: the recorder ended first";
    assert!(problem(vec![past("", None)]).contains(words));
    let problem = problem(vec![past("", None), past("too old", None), attached(5), fence(5), end()]);
    assert!(problem.contains("too old") && !problem.contains(words), "{problem}");
}

#[test]
fn what_does_not_follow_from_the_lines_before_is_not_whole() {
    let mut one = header();
    one.watches.truncate(1);
    let whole = vec![attached(5), pod(Change::Added, 6), pod(Change::Modified, 7), fence(8), end()];
    assert!(verified(&one, whole).complete);
    let cases = [
        (vec![attached(5), attached(6), fence(6), end()], "a list at 6 follows another one"),
        (vec![attached(5), pod(Change::Added, 6), fence(1), end()], "the fence at 1 is older"),
        (vec![attached(5), fence(5), end(), pod(Change::Added, 6), fence(6), end()], "line 4 follows the end"),
        (
            vec![attached(5), object(Change::Added, 6, &json!(5)), pod(Change::Modified, 7), fence(8), end()],
            "the status of a at 6 cannot be read",
        ),
        (
            vec![attached(5), pod(Change::Added, 6), pod(Change::Listed, 7), fence(8), end()],
            "a at 7 was found in a list in another version",
        ),
        (
            vec![
                attached(5),
                pod(Change::Added, 6),
                Payload::Unchanged { watch: 0, uid: "u".into(), resource_version: rv(7) },
                fence(8),
                end(),
            ],
            "is reported as unchanged",
        ),
        (vec![attached(5), Payload::NotServed { watch: 3 }, fence(6), end()], "about watch 3"),
        // It may be older than events during the list, but not than those before the list was requested.
        (vec![attached(5), pod(Change::Added, 6), pod(Change::Modified, 9), fenced(7, Some(8)), end()], "older"),
        (
            vec![attached(5), pod(Change::Added, 6), Payload::NotServed { watch: 0 }, fence(7), end()],
            "a at 6 exists at the end, but its resource is reported as not served",
        ),
        (
            vec![attached(5), pod(Change::Modified, 6), fence(7), end()],
            "a at 6 continues, but no line shows where it began",
        ),
        (vec![attached(5), pod(Change::Deleted, 6), fence(7), end()], "a at 6 continues, but no line shows"),
        (
            vec![attached(5), Payload::Fence(Fence { missing: "b".to_owned(), ..whole_fence(6) }), end()],
            "the fence found: b",
        ),
    ];
    for (lines, words) in cases {
        let problem = problem(lines);
        assert!(problem.contains(words), "{problem} has not: {words}");
    }
    let nothing = Header { watches: Vec::new(), ..one };
    assert_eq!(verified(&nothing, vec![end()]).problems, ["its header has no watch"]);
}

#[test]
fn a_fence_may_be_as_much_older_than_the_last_event_as_it_takes_to_build_one() {
    let lines = |waits: u64| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut header = header();
        header.watches.truncate(1);
        let mut writer = Writer::create(&path, &header, SyncPolicy::Never).unwrap();
        let lines = [attached(5), pod(Change::Added, 6), pod(Change::Modified, 9), fence(8), end()];
        for (number, payload) in (1..).zip(lines) {
            let later = Duration::from_secs(if number > 3 { waits } else { 0 });
            let mut stamp = stamp(number);
            (stamp.at, stamp.elapsed) = (stamp.at + later, stamp.elapsed + later);
            writer.append(&Observation { stamp, payload }).unwrap();
        }
        writer.finish().unwrap();
        statetrail::run::verify(Reader::open(&path).unwrap()).unwrap().0
    };
    assert!(lines(5).complete);
}

#[test]
fn an_event_that_was_received_before_the_one_that_it_follows_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let mut header = header();
    header.watches.truncate(1);
    let mut writer = Writer::create(&path, &header, SyncPolicy::Never).unwrap();
    let lines = [attached(5), pod(Change::Added, 6), pod(Change::Modified, 7), fence(8), end()];
    for (payload, number) in lines.into_iter().zip([1, 3, 2, 4, 5]) {
        writer.append(&Observation { stamp: stamp(number), payload }).unwrap();
    }
    writer.finish().unwrap();
    let (verified, _) = statetrail::run::verify(Reader::open(&path).unwrap()).unwrap();
    assert!(verified.problems[0].contains("was received before the event that it follows"), "{verified:?}");
}

/// Two objects with one name.
fn other(change: Change, uid: &str, version: &str) -> Payload {
    let json = json!({"metadata": {"name": "a", "namespace": "ns", "uid": uid, "resourceVersion": version},
        "status": {"phase": "Pending"}});
    let object = decode_object(json.to_string().as_bytes(), Shape::Pod, Capture::Status).unwrap();
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

fn healed(from: u64, to: u64) -> Payload {
    let (at, reason) = (stamp(1).at, GapReason::Contradicted);
    let (from_resource_version, to_resource_version) = (rv(from), rv(to));
    Payload::Healed(Healed {
        watch: 0,
        from_resource_version,
        to_resource_version,
        from: at,
        to: at,
        reason,
        not_before: None,
    })
}

/// A version of the pod, read back from history.
fn read_back(version: u64) -> Payload {
    let Payload::Object(seen) = pod(Change::Modified, version) else { panic!("an object") };
    Payload::Object(ObjectEvent { healed: true, ..seen })
}

#[test]
fn what_lines_contradict_is_whole_for_no_command() {
    let cases = [
        (vec![pod(Change::Deleted, 7), pod(Change::Modified, 8)], "a at 8 continues after its deletion"),
        (vec![pod(Change::Deleted, 7), pod(Change::Deleted, 8)], "a at 8 continues after its deletion"),
        (vec![pod(Change::Added, 7)], "a at 7 is added, but already existed"),
        (vec![pod(Change::Modified, 5)], "an event at 5 follows one at 6"),
        (vec![other(Change::Modified, "u", "banana")], "an event at `banana` follows one at `6`"),
        (vec![other(Change::Listed, "v", "7")], "is listed outside a list"),
        (vec![other(Change::Added, "v", "7")], "has the name of an object whose deletion was not recorded"),
        (vec![attached(8)], "a list at 8 follows another one"),
        (
            vec![pod(Change::Modified, 8), read_back(7), healed(6, 8)],
            "a at 7 was read back after a later version of it",
        ),
        (vec![pod(Change::Deleted, 8), read_back(7), healed(6, 8)], "a at 7 was read back after a later version of it"),
        // A recorder that was started again reads the span back once more.
        (vec![read_back(7), read_back(8), read_back(7), read_back(8), healed(6, 8)], ""),
        (vec![pod(Change::Modified, 7), read_back(7), healed(6, 8)], ""),
        (vec![pod(Change::Deleted, 7)], ""),
        (vec![pod(Change::Deleted, 7), pod(Change::Added, 8)], ""),
        (vec![pod(Change::Deleted, 7), pod(Change::Deleted, 7)], "an event at 7 follows one at 7"),
    ];
    let mut one = header();
    one.watches.truncate(1);
    for (lines, words) in cases {
        let all = [vec![attached(5), pod(Change::Added, 6)], lines, vec![fence(9), end()]].concat();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut writer = Writer::create(&path, &one, SyncPolicy::Never).unwrap();
        for (number, payload) in (1..).zip(all) {
            writer.append(&Observation { stamp: stamp(number), payload }).unwrap();
        }
        writer.finish().unwrap();
        let (verified, _) = statetrail::run::verify(Reader::open(&path).unwrap()).unwrap();
        let missing = statetrail::run::folded(Reader::open(&path).unwrap(), |_| true).unwrap().missing;
        let line = Source::Line { name: "--expect", text: "pod/a phase: never Failed" };
        let program = Arc::new(Program::compile([line]).unwrap());
        let judged = statetrail::run::judge(Reader::open(&path).unwrap(), program).unwrap();
        let verdict = judged.outcomes[0].standing.verdict;
        assert_eq!(verified.complete, words.is_empty(), "{words}: {verified:?}");
        assert_eq!(missing.is_none(), words.is_empty(), "{words}: {missing:?}");
        assert_eq!(verdict == Verdict::Satisfied, words.is_empty(), "{words}");
        assert!(missing.unwrap_or_default().contains(words), "{words}");
    }
}

#[test]
fn a_status_that_cannot_be_read_is_reported_with_the_cause_and_none_of_its_values() {
    let status = json!({"containerStatuses": [{"name": "app", "restartCount": "hunter2"}]});
    let problem = problem(vec![attached(5), object(Change::Added, 6, &status), fence(8), end()]);
    assert!(problem.contains("cannot be read: no Pod as the API has it: a member has another type"), "{problem}");
    assert!(!problem.contains("hunter2"), "{problem}");
}
