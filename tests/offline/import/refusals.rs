//! Inputs that cannot be imported are rejected with a remedy.

use super::try_import_of;
use serde_json::json;
use statetrail::source::import::Options;

#[test]
fn what_is_no_watch_line_at_all_is_refused_with_its_remedy() {
    let refused = |bytes: &[u8]| try_import_of(&[bytes], &Options::default()).unwrap_err().to_string();
    assert!(refused(b"").starts_with("nothing to import"));
    assert!(refused(b"\nEvery 2.0s: kubectl\n").starts_with(
        "in1:2: neither a watch event nor a Kubernetes object (decode object: not JSON, at byte 1); write"
    ));
    assert!(refused(b"{\"a\":1}").contains("neither a watch event nor a Kubernetes object); write them with"));
    assert!(refused(b"{\"format\":\"statetrail.recording/v1\"}").contains("is a statetrail recording already"));
    assert!(refused(b"\xff\xfe{\0").contains("is UTF-16"));
    let timeless = json!({"type": "ADDED", "object": {"kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": "a", "uid": "a", "resourceVersion": "1"}}});
    assert!(refused(timeless.to_string().as_bytes()).starts_with("in1: no times in it"));
}

#[test]
fn input_without_object_states_is_refused_by_name() {
    let good = json!({"type": "ADDED", "object": {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a",
        "uid": "a", "resourceVersion": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}}});
    let metadata = json!({"name": "a", "uid": "a", "resourceVersion": "2"});
    let partial = json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata});
    for (bad, what) in [
        (json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {}, "rows": [{"cells": []}]}), "a Table"),
        (json!({"type": "ADDED", "object": {"kind": "Table", "apiVersion": "meta.k8s.io/v1"}}), "a Table"),
        (json!({"type": "MODIFIED", "object": partial}), "metadata alone"),
        (partial.clone(), "metadata alone"),
    ] {
        let text = format!("{good}\n{bad}\n");
        let error = try_import_of(&[text.as_bytes()], &Options::default()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("in1:2: this is {what}")), "{error}");
    }
    // In YAML too.
    let table = "---\nkind: Table\napiVersion: meta.k8s.io/v1\nmetadata: {}\nrows:\n- cells: [a]\n";
    let error = try_import_of(&[table.as_bytes()], &Options::default()).unwrap_err().to_string();
    assert!(error.starts_with("in1:2: this is a Table") && error.contains("kubectl get KIND -w -o json"), "{error}");
}

#[test]
fn records_of_other_tools_are_refused_by_name_with_what_to_do() {
    let timeline = json!({"seq": 1, "at": "2026-01-01T00:00:00Z", "elapsed": 0.1, "kind": "Pod", "name": "a"});
    let gap = json!({"seq": 1, "at": "2026-01-01T00:00:00Z", "gap": {}});
    let wanted = json!({"apiVersion": "statetrail/v1", "kind": "Expectation", "metadata": {"name": "a"}, "expect": []});
    for (input, what, remedy) in [
        (json!({"eventmeta": {"kind": "pod"}, "text": "t", "time": "t"}).to_string(), "kubewatch", "statetrail record"),
        (json!({"resourceLogs": []}).to_string(), "OpenTelemetry", "statetrail record"),
        (timeline.to_string(), "a timeline", "read the recording"),
        (gap.to_string(), "a timeline", "read the recording"),
        ("seq,at,elapsedSeconds\n1,a,2\n".to_owned(), "a timeline", "read the recording"),
        (json!({"log": "{}\n", "stream": "stdout", "time": "t"}).to_string(), "Docker", "jq -rj .log"),
        (json!({"_index": "i", "_source": {}}).to_string(), "Elasticsearch", "jq -c ._source"),
        (json!({"insertId": "i", "protoPayload": {}}).to_string(), "Google Cloud", "statetrail record"),
        (wanted.to_string(), "an expectation", "statetrail check"),
        ("apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: a}\n".to_owned(), "an expectation", "check"),
        ("NAME   READY\nweb    1/1\n".to_owned(), "what kubectl prints for people", "-o json"),
        ("NAMESPACE   NAME\nlab    web\n".to_owned(), "what kubectl prints for people", "-o json"),
    ] {
        let error = try_import_of(&[input.as_bytes()], &Options::default()).unwrap_err().to_string();
        let is_named = error.starts_with("in1:1: this is ") && error.contains(what) && error.contains(remedy);
        assert!(is_named, "{input}: {error}");
    }
}

#[test]
fn an_empty_list_without_a_kind_is_refused_as_such() {
    let list = json!({"apiVersion": "v1", "items": [], "kind": "List", "metadata": {"resourceVersion": ""}});
    let text = serde_json::to_string_pretty(&list).unwrap();
    let error = try_import_of(&[text.as_bytes()], &Options::default()).unwrap_err().to_string();
    assert_eq!(
        error,
        "in1:1: this is an empty list that does not say of which kind and version it is; there is no object in it to \
         import"
    );
}

#[test]
fn an_audit_log_without_objects_is_refused_with_what_its_policy_lacks() {
    let line = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "verb": "create",
        "stage": "ResponseComplete", "responseStatus": {"code": 201}});
    let error = try_import_of(&[line.to_string().as_bytes()], &Options::default()).unwrap_err().to_string();
    assert!(
        error.starts_with("in1:1: this is an audit log without objects") && error.contains("RequestResponse"),
        "{error}"
    );
}

#[test]
fn a_separate_storage_of_which_nothing_is_imported_is_refused() {
    let pod = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "uid": "a", "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z"}});
    let import = |word: &str| {
        let options = Options { separate_storage: vec![word.into()], ..Options::default() };
        try_import_of(&[pod.to_string().as_bytes()], &options)
    };
    assert!(import("po").unwrap().watches[0].separate_storage);
    assert!(import("events").unwrap_err().to_string().ends_with("no input has objects of this kind; there are pods"));
}

#[test]
fn objects_of_another_namespace_than_the_one_that_is_named_are_refused() {
    let text = super::event("ADDED", &super::pod("a", 3, "Running"));
    let import = |namespace: &str| {
        let options = Options { namespace: Some(namespace.into()), ..Options::default() };
        try_import_of(&[text.as_bytes()], &options)
    };
    assert!(import("ns").is_ok() && import("").is_ok());
    let error = import("other").unwrap_err().to_string();
    assert!(error.starts_with("--namespace other: pods of namespace ns are in the input"), "{error}");
}

#[test]
fn the_first_reason_is_reported_when_nothing_can_be_decoded() {
    let object = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "resourceVersion": "1",
        "creationTimestamp": "2026-01-01T00:00:00Z"}});
    let line = json!({"type": "ADDED", "object": object}).to_string();
    let mut lower = json!({"type": "added", "object": super::pod("a", 3, "Running")});
    lower["object"]["metadata"]["uid"] = json!("u");
    for (text, why) in [(line, "metadata.uid"), (lower.to_string(), "watch event of a type")] {
        let error = try_import_of(&[text.as_bytes()], &Options::default());
        let words = error.map(|_| ()).unwrap_err().to_string();
        assert!(words.starts_with("in1:1: nothing in it can be decoded") && words.contains(why), "{words}");
    }
}

#[test]
fn the_answer_to_a_scale_request_is_skipped() {
    let line = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "verb": "patch", "stage": "ResponseComplete",
        "responseStatus": {"code": 200}, "responseObject": {"kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {"name": "web", "namespace": "ns", "uid": "u", "resourceVersion": "30"}}});
    let error = try_import_of(&[line.to_string().as_bytes()], &Options::default()).unwrap_err().to_string();
    assert!(error.starts_with("in1:1: this is an audit log without objects"), "{error}");
}

#[test]
fn a_time_of_receipt_that_is_none_is_told_as_such() {
    let line =
        |at: &str| json!({"receivedAt": at, "event": {"type": "ADDED", "object": super::pod("a", 3, "Running")}});
    for at in ["yesterday", "9999-12-31T23:59:59.9Z"] {
        let error = try_import_of(&[line(at).to_string().as_bytes()], &Options::default());
        let words = error.map(|_| ()).unwrap_err().to_string();
        assert!(
            words.starts_with("in1:1: neither a watch event") && words.contains("`receivedAt` is no time"),
            "{words}"
        );
    }
}

#[test]
fn arrays_without_an_end_and_without_objects_are_no_empty_input() {
    let error = try_import_of(&["[".repeat(100_000).as_bytes()], &Options::default()).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("in1:1: neither a watch event"), "{error}");
}

#[test]
fn an_item_of_a_list_that_cannot_be_decoded_is_told() {
    let mut bad = super::pod("b", 4, "Running");
    bad["metadata"]["resourceVersion"] = json!(4);
    let list =
        json!({"kind": "List", "apiVersion": "v1", "metadata": {}, "items": [super::pod("a", 3, "Running"), bad]});
    let imported = try_import_of(&[list.to_string().as_bytes()], &Options::default()).unwrap();
    let told = super::notes(&imported);
    assert!(told.contains("in1:1: an item cannot be decoded (decode object: a member has another type"), "{told}");
}
