//! `-o parquet`, read back by `DuckDB` and compared with `-o json`.

use super::readers::{entries, exported, hostile, read_with_python, recordings, show};
use serde_json::{Map, Value, json};

/// The files of exports, each as its types and its rows.
fn tables(files: &[std::path::PathBuf]) -> Vec<(Value, Vec<Value>)> {
    let mut lines = read_with_python("read_parquet.py", files).into_iter();
    let mut tables = Vec::new();
    while let Some(mut head) = lines.next() {
        let count = head["rows"].as_u64().expect("a count");
        let rows = lines.by_ref().take(usize::try_from(count).expect("few")).collect();
        tables.push((head["types"].take(), rows));
    }
    assert_eq!(tables.len(), files.len());
    tables
}

/// A time with six decimals, as the columns have it.
fn time(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if !text.contains('.') => json!(text.replace('Z', ".000000Z")),
        _ => value.clone(),
    }
}

/// What the row of an entry must have, by the entry's JSON.
fn wanted(entry: &Value) -> Map<String, Value> {
    let mut row = Map::new();
    let mut put = |column: &str, value: &Value| _ = row.insert(column.to_owned(), value.clone());
    put("seq", &entry["seq"]);
    put("at", &entry["at"]);
    put("notBefore", &entry["notBefore"]);
    // Those of a gap have columns of their own.
    if entry["gap"].is_null() {
        put("resourceVersion", &entry["resourceVersion"]);
    }
    put("seen", &entry["seen"]);
    put("held", &json!(entry["held"] == true));
    let gap = &entry["gap"];
    let subject = if gap.is_null() { entry } else { &gap["subject"] };
    for column in ["cluster", "kind", "name", "uid"] {
        put(column, &subject[column]);
    }
    put("namespace", if subject["namespace"].is_null() { &gap["namespace"] } else { &subject["namespace"] });
    put("from", &entry["from"]);
    put("to", &entry["to"]);
    put("track", if gap.is_null() { &entry["track"] } else { &gap["track"] });
    let detail = &entry["detail"];
    let state = if detail.is_null() { &entry["state"] } else { &detail["to"] };
    if !detail.is_null() {
        put("track", &detail["track"]);
        put("from", &detail["label"]);
        put("to", &detail["label"]);
    }
    for column in ["exitCode", "signal", "restartCount", "instance"] {
        put(column, &state[column]);
    }
    for column in ["startedAt", "finishedAt", "serverTime"] {
        put(column, &time(&state[column]));
    }
    put("stateKind", &state["kind"]);
    put("reason", &state["reason"]);
    put("message", &state["message"]);
    let evidence = &entry["evidence"];
    if !evidence.is_null() {
        put("reason", &evidence["reason"]);
        put("message", &evidence["message"]);
    }
    put("eventType", &evidence["type"]);
    put("eventCount", &evidence["count"]);
    put("eventSource", &evidence["source"]);
    if !gap.is_null() {
        put("reason", &gap["reason"]);
        put("message", &gap["evidence"]);
    }
    put("resource", &gap["resource"]);
    put("gapFrom", &gap["from"]);
    put("gapTo", &gap["to"]);
    put("gapFromResourceVersion", &gap["fromResourceVersion"]);
    put("gapToResourceVersion", &gap["toResourceVersion"]);
    if !entry["mark"].is_null() {
        put("message", &entry["mark"]);
    }
    let kinds = [("gap", "gap"), ("mark", "mark"), ("evidence", "evidence"), ("detail", "detail")];
    let kind = kinds.into_iter().find(|(member, _)| !entry[member].is_null()).map_or("transition", |(_, kind)| kind);
    put("entry", &json!(kind));
    put("leaseBefore", &entry["leases"][0]);
    put("leaseAfter", &entry["leases"][1]);
    row
}

#[test]
fn duckdb_reads_every_recording_as_json_has_it() {
    let recordings = recordings();
    for arguments in [&[][..], &["--since", "2s"]] {
        let exported = exported(&recordings, &[arguments, &["-o", "parquet"]].concat());
        for (recording, (_, rows)) in recordings.iter().zip(tables(&exported.files)) {
            let entries = entries(recording, arguments);
            assert_eq!(rows.len(), entries.len(), "{}", recording.display());
            for (row, entry) in rows.iter().zip(&entries) {
                for (column, value) in wanted(entry) {
                    assert_eq!(row[&column], value, "{}: {column} of {entry}", recording.display());
                }
                if let Value::Number(elapsed) = &entry["elapsed"] {
                    let exact: f64 =
                        row["elapsedSeconds"].as_str().and_then(|text| text.parse().ok()).expect("seconds");
                    assert!((exact - elapsed.as_f64().expect("a number")).abs() < 5e-7, "{entry}");
                }
            }
        }
    }
}

#[test]
fn columns_have_types_and_a_stay_across_a_gap_is_not_exact() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = hostile(folder.path(), "why");
    let exported = exported(std::slice::from_ref(&recording), &["-o", "parquet"]);
    let (types, rows) = tables(&exported.files).remove(0);
    for (column, wanted) in [
        ("seq", "BIGINT"),
        ("at", "TIMESTAMP WITH TIME ZONE"),
        ("elapsedSeconds", "DECIMAL(18,6)"),
        ("to", "VARCHAR"),
        ("held", "BOOLEAN"),
    ] {
        assert_eq!(types[column], wanted, "{column}");
    }
    let of = |state: &str| {
        let row = rows.iter().find(|row| row["track"] == "phase" && row["to"] == state);
        row.unwrap_or_else(|| panic!("{state}: {rows:#?}"))
    };
    assert_eq!(of("Pending")["dwellSeconds"], "2.000000");
    assert_eq!(of("Oddwhy")["dwellSeconds"], Value::Null);
    assert_eq!((&of("Oddwhy")["dwellEnd"], &of("Running")["dwellEnd"]), (&json!("gap"), &json!("open")));
    assert_eq!(show(&recording, &["-o", "parquet"]), show(&recording, &["-o", "parquet"]));
}
