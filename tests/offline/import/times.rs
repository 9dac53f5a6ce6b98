//! Times and order of lines without a time of receipt, or whose versions cannot be compared.

use super::{captured, event, import_of, notes, pod, summary, times, try_import_of};
use serde_json::json;
use statetrail::source::import::{Options, Times};

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
    assert_eq!(summary(&imported)[1..], ["MODIFIED a 4", "MODIFIED w 5", "MODIFIED a 6", "END imported"]);
    let at = |seconds: u64| format!("2026-01-01T00:00:{seconds:02}Z");
    assert_eq!(times(&imported), [5, 9, 9, 9, 9].map(at));
    assert!(notes(&imported).contains("in1: no receipt times in it"));
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
    assert_eq!(summary(&imported), ["LISTED a 300", "LISTED w 7", "MODIFIED w 8", "MODIFIED a 301", "END imported"]);
}
