//! Cells of built-in kinds, as the real printer of Kubernetes prints them (tests/data/kinds/README.md), and cells of
//! custom resources by hand.

use super::*;
use crate::kinds::{BUILT_IN, Kind, all, named};
use crate::observation::{Capture, decode_object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

const NOW: &str = "2026-01-01T00:05:00Z";

#[derive(Deserialize)]
struct Row {
    now: jiff::Timestamp,
    cells: Vec<Value>,
    #[serde(default)]
    shape: String,
    #[serde(default)]
    columns: Value,
    #[serde(default)]
    object: Value,
}

fn lines<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let bytes = std::fs::read(format!("{}/tests/data/kinds/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let bytes = if bytes.starts_with(b"{") { bytes } else { zstd::decode_all(&bytes[..]).unwrap() };
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn printed(kind: &Kind, object: &Value, now: jiff::Timestamp) -> Vec<Value> {
    let json = object.to_string();
    Printer::new(kind.table).cells(&Printed::new(json.as_bytes(), now))
}

/// The cells behind the name.
fn cells(word: &str, object: &Value) -> Value {
    printed(named(word).unwrap(), object, NOW.parse().unwrap())[1..].into()
}

#[test]
fn every_shape_has_the_cells_that_a_real_server_prints() {
    let rows: Vec<Row> = lines("tables.jsonl");
    assert!(rows.len() > 50);
    let mut differences = Vec::new();
    for row in &rows {
        let kind = named(row.object["kind"].as_str().unwrap()).unwrap();
        let columns = kind.table.columns.iter();
        let columns = columns.map(|it| json!([it.name, it.kind, it.format, u8::from(it.wide)])).collect::<Value>();
        assert_eq!(columns, row.columns, "{}", kind.kind);
        let cells = printed(kind, &row.object, row.now);
        if cells != row.cells {
            differences.push(format!("{} ({}): {cells:?}, not {:?}", row.shape, kind.kind, row.cells));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_thousand_random_pods_have_the_cells_that_a_real_server_prints() {
    #[derive(Deserialize)]
    struct Case {
        pod: Value,
    }
    let (pods, rows): (Vec<Case>, Vec<Row>) = (lines("status-generated.jsonl.zst"), lines("rows-generated.jsonl.zst"));
    assert_eq!((pods.len(), rows.len()), (1000, 1000));
    let kind = named("pod").unwrap();
    let pairs = pods.iter().zip(&rows).map(|(case, row)| (&case.pod, printed(kind, &case.pod, row.now), &row.cells));
    let differences: Vec<_> = pairs.filter(|(_, ours, theirs)| ours != *theirs).collect();
    assert!(differences.is_empty(), "{} differ, first {:?}", differences.len(), differences[0]);
}

#[test]
fn virtual_machines_and_their_instances_have_the_columns_of_their_definitions() {
    let metadata = json!({"name": "vm", "creationTimestamp": "2026-01-01T00:00:00Z"});
    let condition = |kind: &str, status: &str| json!({"type": kind, "status": status});
    let conditions = [condition("Ready", "False"), condition("LiveMigratable", "True"), condition("Paused", "True")];
    let machine = json!({"metadata": metadata, "status": {"printableStatus": "Paused", "conditions": conditions}});
    assert_eq!(cells("vm", &machine), json!(["5m", "Paused", "False"]));
    let interfaces = json!([{"ipAddress": "10.0.0.1"}, {"ipAddress": "10.0.0.2"}]);
    let instance = json!({
        "metadata": metadata,
        "status": {"phase": "Running", "interfaces": interfaces, "nodeName": "n1", "conditions": conditions},
    });
    assert_eq!(cells("vmi", &instance), json!(["5m", "Running", "10.0.0.1", "n1", "False", "True", "True"]));
    let new = json!({"metadata": metadata, "status": {"phase": "Pending", "interfaces": [], "conditions": []}});
    assert_eq!(cells("vmi", &new), json!(["5m", "Pending", null, null, null, null, null]));
}

#[test]
fn other_custom_resources_have_the_columns_of_their_definitions() {
    let made = json!({"creationTimestamp": "2026-01-01T00:00:00Z"});
    let source = json!({"source": {"kind": "VirtualMachine", "name": "web"}, "target": {"kind": "VM", "name": "copy"}});
    let status = json!({"phase": "Succeeded", "readyToUse": true, "creationTime": "2026-01-01T00:04:00Z",
        "error": {"message": "none"}, "complete": false, "restoreTime": "2026-01-01T00:03:00Z"});
    let object = json!({"spec": source, "status": status});
    for (word, expected) in [
        ("vmsnapshot", json!(["VirtualMachine", "web", "Succeeded", true, "60s", "none"])),
        ("vmrestore", json!(["VM", "copy", false, "2m"])),
        ("vmclone", json!(["Succeeded", "web", "copy"])),
        ("vmexport", json!(["VirtualMachine", "web", "Succeeded"])),
    ] {
        assert_eq!(cells(word, &object), expected, "{word}");
    }
    let migration = json!({"spec": {"vmiName": "web"}, "status": {"phase": "Running"}});
    assert_eq!(cells("vmim", &migration), json!(["Running", "web"]));
    let volume = json!({"metadata": made, "status": {"phase": "Succeeded", "progress": "100.0%", "restartCount": 2}});
    assert_eq!(cells("dv", &volume), json!(["Succeeded", "100.0%", 2, "5m"]));
    let replicas = json!({"metadata": made, "spec": {"replicas": 3}, "status": {"replicas": 2, "readyReplicas": 1}});
    assert_eq!(cells("vmpool", &replicas), json!([3, 2, 1, "5m"]));
    assert_eq!(cells("vmirs", &replicas), json!([3, 2, 1, "5m"]));
}

#[test]
fn a_value_of_another_type_than_its_column_is_null() {
    let cell = |kind, value: Value| custom(kind, &value, &Printed::new(b"{}", NOW.parse().unwrap()));
    assert_eq!(cell("string", json!(7)), "7");
    assert_eq!(cell("string", json!({"b": 1, "a": [true]})), r#"{"a":[true],"b":1}"#);
    assert_eq!(cell("integer", json!(7)), 7);
    assert_eq!(cell("integer", json!(7.9)), 7);
    assert_eq!(cell("integer", json!("7")), Value::Null);
    assert_eq!(cell("boolean", json!("true")), Value::Null);
    assert_eq!(cell("date", json!(7)), Value::Null);
    assert_eq!(cell("date", json!("yesterday")), "<invalid>");
    assert_eq!(cell("date", json!("")), "<unknown>");
    assert_eq!(cell("date", json!("2026-01-01T02:04:00+02:00")), "60s");
    assert_eq!(cell("date", Value::Null), Value::Null);
}

#[test]
fn what_a_recording_does_not_keep_is_printed_as_absent() {
    let kept = |word: &str, object: Value| {
        let kind = named(word).unwrap();
        let kept = decode_object(object.to_string().as_bytes(), kind.kept, Capture::Status).unwrap();
        let printer = Printer::new(kind.table);
        Value::from(&printer.cells(&Printed::new(kept.json.get().as_bytes(), NOW.parse().unwrap()))[1..])
    };
    let metadata = json!({"name": "web", "uid": "u", "resourceVersion": "1", "annotations": {
        "volume.beta.kubernetes.io/storage-class": "slow"}});
    let template = json!({"spec": {"containers": [{"name": "a", "image": "i"}]}});
    let selector = json!({"matchLabels": {"app": "web"}});
    let spec = json!({"replicas": 2, "completions": 2, "template": template, "selector": selector});
    let object = json!({"metadata": metadata, "spec": spec, "status": {"readyReplicas": 1, "succeeded": 1}});
    assert_eq!(kept("deploy", object.clone()), json!(["1/2", 0, 0, "<unknown>", "", "", ""]));
    assert_eq!(kept("job", object), json!(["Running", "1/2", "", "<unknown>", "", "", "<none>"]));
    // Only a claim with a volume has a capacity, so that shows it is bound.
    let spec = json!({"volumeName": "pv", "storageClassName": "fast", "volumeMode": "Block"});
    let status = json!({"phase": "Bound", "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"]});
    let claim = json!({"metadata": metadata, "spec": spec, "status": status});
    let absent = json!(["Bound", "", "1Gi", "RWO", "", "<unset>", "<unknown>", "<unset>"]);
    assert_eq!(kept("pvc", claim), absent);
    let pending = json!({"metadata": metadata, "spec": spec, "status": {"phase": "Pending"}});
    let absent = json!(["Pending", "", "", "", "", "<unset>", "<unknown>", "<unset>"]);
    assert_eq!(kept("pvc", pending), absent);
}

#[test]
fn every_table_has_one_column_that_names_the_object() {
    for table in all().map(|kind| kind.table).chain([BUILT_IN]) {
        let naming = table.columns.iter().filter(|column| column.format == "name").count();
        assert_eq!(naming, 1, "{table:?}");
        assert!(table.columns.iter().all(|column| matches!(column.kind, "string" | "integer" | "boolean" | "date")));
    }
}
