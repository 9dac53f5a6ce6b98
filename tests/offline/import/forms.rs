//! Every accepted form of input, and which of its objects existed before.

use super::{bookmark, captured, event, import_of, notes, of_all, pod, summary, times, try_import_of};
use serde_json::json;
use statetrail::observation::Payload;
use statetrail::source::import::{Options, Times, hint};
use std::io::Write;

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
        summary(&imported),
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
        summary(&import_of(&[&text.concat()])),
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
        summary(&import_of(&[&text.concat()])),
        ["LISTED b 4", "LISTED a 3", "MODIFIED a 6", "ADDED c 7", "END imported"]
    );
}

#[test]
fn a_stream_that_begins_in_the_middle_never_attaches() {
    let text = event("MODIFIED", &pod("a", 6, "Failed"));
    let imported = import_of(&[&text]);
    assert_eq!(summary(&imported), ["MODIFIED a 6", "END imported"]);
    assert!(notes(&imported).contains("in1:1: it does not begin with a list"), "{}", notes(&imported));
}

#[test]
fn objects_without_events_are_listed_at_first_and_modified_after() {
    let pretty: String =
        [pod("a", 3, "Pending"), pod("b", 4, "Pending"), pod("a", 6, "Running"), pod("c", 7, "Pending")]
            .iter()
            .map(|object| serde_json::to_string_pretty(object).unwrap() + "\n")
            .collect();
    let imported = import_of(&[&pretty]);
    assert_eq!(summary(&imported), ["LISTED a 3", "LISTED b 4", "MODIFIED a 6", "LISTED c 7", "END imported"]);
    assert!(notes(&imported).contains("in1:1: objects without events: deletions cannot be distinguished from changes"));
    let Payload::Object(seen) = &imported.observations[0].payload else { panic!("an object") };
    assert!(!seen.object.json.get().contains('\n'), "one observation is one line");
}

#[test]
fn repeated_objects_are_samples_and_nothing_is_claimed_between_them() {
    let text: String = [pod("a", 3, "Pending"), pod("a", 3, "Pending"), pod("a", 6, "Running")]
        .iter()
        .flat_map(|object| [object.to_string(), "\n".to_owned()])
        .collect();
    let imported = import_of(&[&text]);
    assert_eq!(summary(&imported), ["GAP  6 unrecorded", "LISTED a 3", "LISTED a 3", "LISTED a 6", "END imported"]);
    assert!(notes(&imported).contains("what happened between them is a gap"));
}

#[test]
fn items_of_lists_have_the_kind_of_their_list_or_their_own() {
    let mut bare = pod("a", 3, "Running");
    bare.as_object_mut().unwrap().retain(|key, _| key == "metadata" || key == "status");
    let of_server =
        json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": [bare]});
    let imported = import_of(&[&of_server.to_string()]);
    assert_eq!(summary(&imported), ["LISTED a 3", "ATTACHED 9", "END imported"]);

    let widget = json!({"kind": "Widget", "apiVersion": "example.com/v1", "metadata": {"name": "w", "uid": "uid-w",
        "resourceVersion": "4"}});
    let of_kubectl = json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": ""},
        "items": [pod("a", 3, "Running"), widget]});
    let imported = import_of(&[&serde_json::to_string_pretty(&of_kubectl).unwrap()]);
    assert_eq!(summary(&imported), ["LISTED a 3", "LISTED w 4", "END imported"], "perhaps only these were asked for");
    assert!(notes(&imported).contains("in1:1: its list has no resourceVersion"), "{}", notes(&imported));
    let resources: Vec<String> = imported.watches.iter().map(|watch| watch.resource.to_string()).collect();
    assert_eq!(resources, ["pods", "widgets.example.com"]);

    let empty = json!({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "9"}, "items": null});
    let text = format!("{empty}\n{}", event("ADDED", &pod("a", 11, "Pending")));
    let imported = try_import_of(&[text.as_bytes()], &of_all()).unwrap();
    assert_eq!(summary(&imported), ["ATTACHED 9", "GAP 9 11 unrecorded", "LISTED a 11", "END imported"]);
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
fn rows_of_a_table_that_have_whole_objects_are_those_objects() {
    let row = |version| json!({"cells": [], "object": pod("a", version, "Running")});
    let table = |rows| json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "7"}, "rows": rows});
    let imported = import_of(&[&table(json!([row(3)])).to_string()]);
    assert_eq!(summary(&imported), ["LISTED a 3", "ATTACHED 7", "END imported"]);
    let change = |change: &str, version| json!({"type": change, "object": table(json!([row(version)]))}).to_string();
    let imported = import_of(&[&[change("ADDED", 3), change("MODIFIED", 4)].join("\n")]);
    let plain = import_of(&[&(event("ADDED", &pod("a", 3, "Running")) + &event("MODIFIED", &pod("a", 4, "Running")))]);
    assert_eq!(summary(&imported), summary(&plain));
    let without_rows = [change("ADDED", 3), json!({"type": "BOOKMARK", "object": table(json!([]))}).to_string()];
    let imported = import_of(&[&without_rows.join("\n")]);
    assert!(summary(&imported).iter().any(|line| line.starts_with("UNDECODABLE")), "{:?}", summary(&imported));
    let error = try_import_of(&[table(json!([])).to_string().as_bytes()], &Options::default()).unwrap_err();
    assert!(error.to_string().contains("an empty list that does not say of which kind"), "{error}");
}

#[test]
fn events_that_eventrouter_wrote_are_read() {
    let metadata = json!({"name": "a.1", "namespace": "ns", "uid": "e", "resourceVersion": "5",
        "creationTimestamp": "2026-01-01T00:00:00Z"});
    let involved = json!({"kind": "Pod", "name": "a", "namespace": "ns", "uid": "a"});
    let written = json!({"metadata": metadata, "involvedObject": involved, "reason": "Started", "type": "Normal"});
    let imported = import_of(&[&json!({"verb": "ADDED", "event": written}).to_string()]);
    assert_eq!(imported.watches[0].resource.to_string(), "events");
    // Its informer may have listed again in between, and tells nobody.
    assert_eq!(summary(&imported), ["GAP  5 unrecorded", "LISTED a.1 5", "END imported"]);
    assert!(notes(&imported).contains("there is a gap between any two lines"), "{}", notes(&imported));
    for line in [json!({"verb": "FROB", "event": written}), json!({"event": written})] {
        let error = try_import_of(&[line.to_string().as_bytes()], &Options::default()).unwrap_err();
        assert!(error.to_string().contains("its verb is not one that eventrouter writes"), "{error}");
    }
}

#[test]
fn compressed_inputs_are_read_and_a_truncated_one_is_reported() {
    let text: String = (0..300).map(|n| event("ADDED", &pod(&format!("pod-{n:03}"), 3, "Running"))).collect();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    let gz = gz.finish().unwrap();
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    for bytes in [&*gz, &*zst] {
        let imported = try_import_of(&[bytes], &Options::default()).unwrap();
        assert_eq!(imported.observations.len(), 301);
    }
    let imported = try_import_of(&[text.as_bytes(), &gz[..10]], &Options::default()).unwrap();
    assert!(notes(&imported).contains("in2: the compressed data breaks off"), "{}", notes(&imported));
    assert!(imported.is_cut);
}

#[test]
fn an_array_of_events_and_events_as_go_marshals_them_are_the_events() {
    let objects = [pod("a", 3, "Pending"), pod("a", 4, "Running")];
    let served = event("ADDED", &objects[0]) + &event("MODIFIED", &objects[1]);
    let expected = summary(&import_of(&[&served]));
    let array =
        serde_json::json!([{"type": "ADDED", "object": objects[0]}, {"type": "MODIFIED", "object": objects[1]}]);
    let of_go = format!(
        "{}\n{}\n",
        serde_json::json!({"Type": "ADDED", "Object": objects[0]}),
        serde_json::json!({"Type": "MODIFIED", "Object": objects[1]})
    );
    for text in [array.to_string(), serde_json::to_string_pretty(&array).unwrap(), of_go] {
        assert_eq!(summary(&import_of(&[&text])), expected, "{text}");
    }
}
