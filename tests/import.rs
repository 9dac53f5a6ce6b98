//! Raw watch lines become one recording: every accepted form, every way in which lines break off.

use serde_json::{Value, json};
use statetrail::observation::{Change, Observation, What};
use statetrail::source::import::{Error, Imported, Options, Times, hint, import};
use std::io::{Cursor, Read, Write};

/// A pod as an API server would tell it.
fn pod(name: &str, version: u64, phase: &str) -> Value {
    json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "ns", "uid": format!("uid-{name}"),
        "resourceVersion": version.to_string(), "creationTimestamp": "2026-01-01T00:00:01Z"}, "status": {"phase": phase}})
}

fn event(change: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": change, "object": object}))
}

fn captured(seconds: u64, change: &str, object: &Value) -> String {
    let at = format!("2026-01-01T00:00:{seconds:02}.5Z");
    format!("{}\n", json!({"receivedAt": at, "event": {"type": change, "object": object}}))
}

fn bookmark(kind: &str, version: u64, is_end: bool) -> Value {
    let annotations = if is_end { json!({"k8s.io/initial-events-end": "true"}) } else { json!({}) };
    let api_version = if kind == "Pod" { "v1" } else { "kubevirt.io/v1" };
    json!({"kind": kind, "apiVersion": api_version, "metadata": {"resourceVersion": version.to_string(),
        "annotations": annotations}, "spec": {"containers": null}})
}

fn try_import_of(inputs: &[&[u8]], options: &Options) -> Result<Imported, Error> {
    let inputs = (1..).zip(inputs).map(|(number, bytes)| {
        let source: Box<dyn Read> = Box::new(Cursor::new(bytes.to_vec()));
        (format!("in{number}"), source)
    });
    import(inputs.collect(), options)
}

fn import_of(inputs: &[&str]) -> Imported {
    let inputs: Vec<&[u8]> = inputs.iter().map(|text| text.as_bytes()).collect();
    try_import_of(&inputs, &Options::default()).expect("it can be imported")
}

/// `LISTED a 5`, `GAP 7 9`, ... of all observations.
fn told(imported: &Imported) -> Vec<String> {
    let word = |observation: &Observation| match &observation.what {
        What::Object(seen) => {
            let change = match seen.change {
                Change::Added => "ADDED",
                Change::Modified => "MODIFIED",
                Change::Deleted => "DELETED",
                Change::Listed => "LISTED",
            };
            format!("{change} {} {}", seen.object.name, seen.object.resource_version)
        }
        What::Bookmark { resource_version, .. } => format!("BOOKMARK {resource_version}"),
        What::Attached(attached) => format!("ATTACHED {}", attached.resource_version),
        What::Gap(gap) => {
            let reason = serde_json::to_value(gap.reason).unwrap();
            format!("GAP {} {} {}", gap.from_resource_version, gap.to_resource_version, reason.as_str().unwrap())
        }
        What::Undecodable(undecodable) => format!("UNDECODABLE {}", undecodable.raw),
        What::End { reason } => format!("END {reason}"),
        other => format!("{other:?}"),
    };
    imported.observations.iter().map(word).collect()
}

fn times(imported: &Imported) -> Vec<String> {
    imported.observations.iter().map(|observation| observation.stamp.at.to_string()).collect()
}

fn notes(imported: &Imported) -> String {
    imported.notes.iter().map(|note| format!("{note}\n")).collect()
}

#[test]
fn captured_lines_of_two_kinds_stand_in_the_order_of_their_versions_with_their_receipt_times() {
    let vm = |version: u64, status: &str| {
        json!({"kind": "VirtualMachine", "apiVersion": "kubevirt.io/v1", "metadata": {"name": "v", "namespace": "ns",
            "uid": "uid-v", "resourceVersion": version.to_string()}, "status": {"printableStatus": status}})
    };
    let pods = [
        captured(0, "BOOKMARK", &bookmark("Pod", 5, true)),
        captured(3, "ADDED", &pod("a", 6, "Pending")),
        captured(4, "MODIFIED", &pod("a", 8, "Running")),
        captured(5, "BOOKMARK", &bookmark("Pod", 9, false)),
    ];
    let machines = [
        captured(1, "BOOKMARK", &bookmark("VirtualMachine", 5, true)),
        captured(5, "ADDED", &vm(7, "Starting")),
        captured(5, "DELETED", &vm(10, "Starting")),
    ];
    let imported = import_of(&[&pods.concat(), &machines.concat()]);
    assert_eq!(
        told(&imported),
        [
            "ATTACHED 5",
            "ATTACHED 5",
            "ADDED a 6",
            "ADDED v 7",
            "MODIFIED a 8",
            "BOOKMARK 9",
            "DELETED v 10",
            "END imported"
        ]
    );
    assert_eq!(imported.times, Times::Receipt);
    let at = |seconds: u64| format!("2026-01-01T00:00:{seconds:02}.5Z");
    assert_eq!(times(&imported), [0, 1, 3, 5, 4, 5, 5, 5].map(at));
    let elapsed: Vec<u64> = imported.observations.iter().map(|line| line.stamp.elapsed.as_secs()).collect();
    assert_eq!(elapsed, [0, 1, 3, 5, 4, 5, 5, 5]);
    let watches: Vec<String> = imported.watches.iter().map(|watch| watch.resource.path(&watch.namespace)).collect();
    assert_eq!(watches, ["/api/v1/namespaces/ns/pods", "/apis/kubevirt.io/v1/namespaces/ns/virtualmachines"]);
    assert_eq!(notes(&imported), "");
}

#[test]
fn what_comes_before_the_bookmark_that_ends_the_initial_events_was_there_before() {
    let text = [
        captured(0, "ADDED", &pod("b", 4, "Running")),
        captured(0, "ADDED", &pod("a", 3, "Running")),
        captured(0, "BOOKMARK", &bookmark("Pod", 5, true)),
        captured(1, "ADDED", &pod("c", 6, "Pending")),
    ];
    assert_eq!(
        told(&import_of(&[&text.concat()])),
        ["LISTED b 4", "LISTED a 3", "ATTACHED 5", "ADDED c 6", "END imported"]
    );
}

#[test]
fn without_that_bookmark_the_leading_added_lines_may_be_a_list() {
    let text = [
        event("ADDED", &pod("b", 4, "Running")),
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 6, "Failed")),
        event("ADDED", &pod("c", 7, "Pending")),
    ];
    assert_eq!(
        told(&import_of(&[&text.concat()])),
        ["LISTED b 4", "LISTED a 3", "ATTACHED 4", "MODIFIED a 6", "ADDED c 7", "END imported"]
    );
}

#[test]
fn a_stream_that_begins_in_the_middle_is_attached_just_before_its_first_event() {
    let text = event("MODIFIED", &pod("a", 6, "Failed"));
    let imported = import_of(&[&text]);
    assert_eq!(told(&imported), ["ATTACHED 5", "MODIFIED a 6", "END imported"]);
    assert!(notes(&imported).contains("in1:1: the stream does not begin with a list"), "{}", notes(&imported));
}

#[test]
fn objects_without_events_are_listed_at_first_and_modified_after() {
    let pretty: String =
        [pod("a", 3, "Pending"), pod("b", 4, "Pending"), pod("a", 6, "Running"), pod("c", 7, "Pending")]
            .iter()
            .map(|object| serde_json::to_string_pretty(object).unwrap() + "\n")
            .collect();
    let imported = import_of(&[&pretty]);
    assert_eq!(
        told(&imported),
        ["LISTED a 3", "LISTED b 4", "ATTACHED 4", "MODIFIED a 6", "LISTED c 7", "END imported"]
    );
    assert!(notes(&imported).contains("in1:1: objects without events: a deletion cannot be told"));
    let What::Object(seen) = &imported.observations[0].what else { panic!("an object") };
    assert!(!seen.object.json.get().contains('\n'), "one observation is one line");
}

#[test]
fn objects_that_repeat_were_asked_for_again_and_again_and_nothing_is_claimed_of_the_time_between() {
    let text: String = [pod("a", 3, "Pending"), pod("a", 3, "Pending"), pod("a", 6, "Running")]
        .iter()
        .map(|object| format!("{object}\n"))
        .collect();
    let imported = import_of(&[&text]);
    assert_eq!(told(&imported), ["LISTED a 3", "ATTACHED 3", "LISTED a 3", "LISTED a 6", "END imported"]);
    assert!(notes(&imported).contains("what happened between them is a gap"));
}

#[test]
fn items_of_lists_have_the_kind_of_their_list_or_their_own() {
    let mut bare = pod("a", 3, "Running");
    bare.as_object_mut().unwrap().retain(|key, _| key == "metadata" || key == "status");
    let of_server =
        json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [bare]});
    let imported = import_of(&[&of_server.to_string()]);
    assert_eq!(told(&imported), ["LISTED a 3", "ATTACHED 9", "END imported"]);

    let widget = json!({"kind": "Widget", "apiVersion": "example.com/v1", "metadata": {"name": "w", "uid": "uid-w",
        "resourceVersion": "4"}});
    let of_kubectl = json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""},
        "items": [pod("a", 3, "Running"), widget]});
    let imported = import_of(&[&serde_json::to_string_pretty(&of_kubectl).unwrap()]);
    assert_eq!(told(&imported), ["LISTED a 3", "ATTACHED 3", "LISTED w 4", "ATTACHED 4", "END imported"]);
    let resources: Vec<String> = imported.watches.iter().map(|watch| watch.resource.to_string()).collect();
    assert_eq!(resources, ["pods", "widgets.example.com"]);

    let empty = json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": null});
    let text = format!("{empty}\n{}", event("ADDED", &pod("a", 11, "Pending")));
    assert_eq!(told(&import_of(&[&text])), ["ATTACHED 9", "ADDED a 11", "END imported"]);
}

#[test]
fn after_an_error_of_the_server_there_is_a_gap_and_what_follows_was_there_before() {
    let expired = json!({"kind": "Status", "apiVersion": "v1", "code": 410, "reason": "Expired", "message": "too old"});
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 4, "Running")),
        event("ERROR", &expired),
        event("ADDED", &pod("a", 8, "Failed")),
        event("ADDED", &pod("b", 7, "Running")),
        event("BOOKMARK", &bookmark("Pod", 9, true)),
        event("ADDED", &pod("c", 10, "Pending")),
    ];
    let imported = import_of(&[&text.concat()]);
    assert_eq!(
        told(&imported),
        [
            "LISTED a 3",
            "ATTACHED 3",
            "MODIFIED a 4",
            "GAP 4 9 history-expired",
            "LISTED a 8",
            "LISTED b 7",
            "ATTACHED 9",
            "ADDED c 10",
            "END imported"
        ]
    );
    assert!(notes(&imported).contains("in1:3: the server ended the watch here: 410 Expired too old"));
}

#[test]
fn added_lines_that_go_back_are_a_new_list_and_no_births() {
    let text = [
        event("ADDED", &pod("a", 3, "Running")),
        event("MODIFIED", &pod("a", 6, "Running")),
        event("ADDED", &pod("b", 5, "Running")),
        event("ADDED", &pod("a", 8, "Failed")),
        event("MODIFIED", &pod("b", 9, "Failed")),
    ];
    assert_eq!(
        told(&import_of(&[&text.concat()])),
        [
            "LISTED a 3",
            "ATTACHED 3",
            "MODIFIED a 6",
            "GAP 6 5 unrecorded",
            "LISTED b 5",
            "LISTED a 8",
            "MODIFIED b 9",
            "END imported"
        ]
    );
}

#[test]
fn what_cannot_be_decoded_is_kept_and_its_subject_or_the_whole_watch_has_a_gap() {
    let unreadable = r#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":7,"uid":"uid-a","resourceVersion":"5"}}}"#;
    let own = r#"{"type":"MODIFIED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"uid":"uid-a","resourceVersion":"5"}}}"#;
    let first = event("ADDED", &pod("a", 3, "Running"));
    let last = event("MODIFIED", &pod("a", 6, "Running"));
    let imported = import_of(&[&format!("{first}{own}\n{last}")]);
    assert_eq!(
        told(&imported),
        ["LISTED a 3", "ATTACHED 3", &format!("UNDECODABLE {own}"), "MODIFIED a 6", "END imported"]
    );
    assert!(
        notes(&imported).contains("in1:2: cannot be decoded (object without metadata.name)"),
        "{}",
        notes(&imported)
    );

    for whose in [unreadable, "oops", r#"{"type":"MODIFIED","object":"#] {
        let imported = import_of(&[&format!("{first}{whose}\n{last}")]);
        let told = told(&imported);
        let kept = format!("UNDECODABLE {whose}");
        assert_eq!(told[1..3], ["ATTACHED 3".to_owned(), kept], "{told:?}");
        assert!(told[3].starts_with("GAP 3 ") && told[3].ends_with(" undecodable"), "{told:?}");
        assert_eq!(told[4], "MODIFIED a 6");
    }
}

#[test]
fn a_torn_last_line_is_cut_off_and_told() {
    let whole = event("ADDED", &pod("a", 3, "Running"));
    let next = event("MODIFIED", &pod("a", 4, "Running"));
    for length in 1..next.len() - 1 {
        let imported = import_of(&[&format!("{whole}{}", &next[..length])]);
        assert_eq!(told(&imported), ["LISTED a 3", "ATTACHED 3", "END imported"]);
        assert!(notes(&imported).contains(&format!("in1:2: the last line is torn: {length} bytes were cut off")));
    }
}

#[test]
fn without_receipt_times_the_newest_stamps_count_and_never_go_back() {
    let with = |version: u64, time: &str| {
        let mut pod = pod("a", version, "Running");
        pod["metadata"]["managedFields"] = json!([{"time": time}]);
        pod["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:59:00Z");
        pod
    };
    let text = [
        event("ADDED", &with(3, "2026-01-01T00:00:05Z")),
        event("MODIFIED", &with(4, "2026-01-01T00:00:09Z")),
        event("MODIFIED", &with(6, "2026-01-01T00:00:08Z")),
    ];
    let other = event(
        "MODIFIED",
        &json!({"kind": "Widget", "apiVersion": "example.com/v1", "metadata": {"name": "w",
        "uid": "w", "resourceVersion": "5", "creationTimestamp": "2026-01-01T00:00:02Z"}}),
    );
    let imported = import_of(&[&text.concat(), &other]);
    assert_eq!(imported.times, Times::Server);
    assert_eq!(told(&imported)[2..], ["MODIFIED a 4", "ATTACHED 4", "MODIFIED w 5", "MODIFIED a 6", "END imported"]);
    let at = |seconds: u64| format!("2026-01-01T00:00:{seconds:02}Z");
    assert_eq!(times(&imported), [5, 5, 9, 9, 9, 9, 9].map(at));
    assert!(notes(&imported).contains("in1: no receipt times in it"));
}

#[test]
fn inputs_of_two_namespaces_are_two_watches_and_of_one_are_parts_of_one() {
    let elsewhere = |version: u64| {
        let mut pod = pod("z", version, "Running");
        pod["metadata"]["namespace"] = json!("other");
        pod
    };
    let first = event("ADDED", &pod("a", 3, "Running")) + &event("MODIFIED", &pod("a", 6, "Running"));
    let second = event("ADDED", &elsewhere(2)) + &event("MODIFIED", &elsewhere(5));
    let imported = import_of(&[&first, &second]);
    let namespaces: Vec<&str> = imported.watches.iter().map(|watch| watch.namespace.as_str()).collect();
    assert_eq!(namespaces, ["ns", "other"]);
    assert_eq!(
        told(&imported),
        ["LISTED z 2", "ATTACHED 2", "LISTED a 3", "ATTACHED 3", "MODIFIED z 5", "MODIFIED a 6", "END imported"]
    );

    let later = event("ADDED", &pod("a", 7, "Running")) + &event("MODIFIED", &pod("a", 8, "Failed"));
    let imported = import_of(&[&first, &later]);
    assert_eq!(imported.watches.len(), 1);
    assert_eq!(
        told(&imported)[2..],
        ["MODIFIED a 6", "GAP 6 7 unrecorded", "LISTED a 7", "MODIFIED a 8", "END imported"]
    );

    let beside = event("ADDED", &pod("b", 4, "Running")) + &event("MODIFIED", &pod("b", 5, "Running"));
    let error = try_import_of(&[first.as_bytes(), beside.as_bytes()], &Options::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "in2:1 overlaps in1:1: both tell of the same pods at the same versions; import one of them, or each into a \
         recording of its own"
    );
}

#[test]
fn a_part_that_repeats_what_was_told_is_no_contradiction() {
    let first = event("ADDED", &pod("a", 3, "Pending")) + &event("MODIFIED", &pod("a", 6, "Running"));
    let again = format!("{first}{}", event("MODIFIED", &pod("a", 7, "Failed")));
    assert_eq!(
        told(&import_of(&[&first, &again]))[2..],
        ["MODIFIED a 6", "GAP 6 3 unrecorded", "LISTED a 3", "MODIFIED a 6", "MODIFIED a 7", "END imported"]
    );
}

#[test]
fn a_kind_without_a_name_is_what_the_user_says() {
    let mut bare = pod("a", 3, "Running");
    bare.as_object_mut().unwrap().retain(|key, _| key == "metadata" || key == "status");
    let text = event("ADDED", &bare);
    let error = try_import_of(&[text.as_bytes()], &Options::default()).unwrap_err();
    assert!(
        error.to_string().starts_with("in1:1: an object without kind and apiVersion; name its resource"),
        "{error}"
    );
    let options = Options { resources: vec![hint("pods").unwrap()], ..Options::default() };
    let imported = try_import_of(&[text.as_bytes()], &options).unwrap();
    assert_eq!(imported.watches[0].resource.to_string(), "pods");
}

#[test]
fn compressed_inputs_are_read_and_one_that_breaks_off_is_told() {
    let text = event("ADDED", &pod("a", 3, "Running")).repeat(300);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for bytes in [&*gz, &*zst] {
        let imported = try_import_of(&[bytes], &Options::default()).unwrap();
        assert_eq!(imported.observations.len(), 302);
    }
    let imported = try_import_of(&[text.as_bytes(), &gz[..10]], &Options::default()).unwrap();
    assert!(notes(&imported).contains("in2: the compressed data breaks off"), "{}", notes(&imported));
}

#[test]
fn what_is_no_watch_line_at_all_is_refused_with_its_remedy() {
    let refused = |bytes: &[u8]| try_import_of(&[bytes], &Options::default()).unwrap_err().to_string();
    assert!(refused(b"").starts_with("nothing to import"));
    assert!(
        refused(b"\nNAME READY STATUS\n").starts_with("in1:2: no watch line and no Kubernetes object; write them with")
    );
    assert!(refused(b"{\"a\":1}").starts_with("in1:1: no watch line"));
    assert!(refused(b"{\"format\":\"statetrail.recording/v1\"}").contains("is a statetrail recording already"));
    assert!(refused(b"\xff\xfe{\0").contains("is UTF-16"));
    let timeless = json!({"type": "ADDED", "object": {"kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": "a", "uid": "a", "resourceVersion": "1"}}});
    assert!(refused(timeless.to_string().as_bytes()).starts_with("in1: no times in it"));
}

#[test]
fn a_kind_in_another_storage_stands_where_its_times_are() {
    let widget = |version: u64| {
        json!({"kind": "Widget", "apiVersion": "example.com/v1",
            "metadata": {"name": "w", "uid": "w", "resourceVersion": version.to_string()}})
    };
    let pods = captured(1, "ADDED", &pod("a", 300, "Pending")) + &captured(4, "MODIFIED", &pod("a", 301, "Running"));
    let widgets = captured(2, "ADDED", &widget(7)) + &captured(3, "MODIFIED", &widget(8));
    let options = Options { separate_storage: vec!["widgets".into()], ..Options::default() };
    let imported = try_import_of(&[pods.as_bytes(), widgets.as_bytes()], &options).unwrap();
    assert_eq!(
        told(&imported),
        ["LISTED a 300", "ATTACHED 300", "LISTED w 7", "ATTACHED 7", "MODIFIED w 8", "MODIFIED a 301", "END imported"]
    );
}
