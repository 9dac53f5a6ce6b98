//! The format's contract: the schema accepts every recording and no altered line, and the document is accurate.

use serde_json::{Value, json};
use statetrail::observation::Payload;
use statetrail::recording::Reader;
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../docs/schema/recording-v1.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

const DOCUMENT: &str = include_str!("../../docs/FORMAT.md");

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let files = fs::read_dir(root).unwrap().flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("recording."))
        .collect()
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    let bytes = if path.extension().unwrap() == "zst" { zstd::decode_all(&*bytes).unwrap() } else { bytes };
    String::from_utf8(bytes).unwrap()
}

fn value(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// One line of every type, as in the document's tables.
fn one_of_each() -> Vec<Value> {
    let crc = "01234567";
    let time = "2026-01-01T00:00:00.000001Z";
    let object = json!({"metadata": {"name": "a", "uid": "u", "resourceVersion": "5"}, "status": {}});
    let line = |of: &str, more: Value| {
        let mut line = json!({"seq": 1, "at": time, "elapsed": 0.5, "type": of, "crc": crc});
        line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        line
    };
    let header = json!({"format": "statetrail.recording/v1", "tool": "statetrail 0.1.0", "started": time, "boot": {"id": "b", "boottime": 7.5}, "clock": "receipt",
        "capture": "status", "cluster": "u", "environment": {"kubernetes": "v1.36.4", "featureGates": []},
        "watches": [{"group": "", "version": "v1", "resource": "pods", "kind": "Pod", "namespace": "ns"}], "crc": crc});
    vec![
        header,
        line(
            "ADDED",
            json!({"watch": 0, "resourceVersion": "5", "notBefore": time,
            "notBeforeElapsed": -0.5, "healed": true, "object": object}),
        ),
        line("MODIFIED", json!({"watch": 0, "resourceVersion": "5", "object": object})),
        line("DELETED", json!({"watch": 0, "resourceVersion": "5", "confirmed": true, "object": object})),
        line("LISTED", json!({"watch": 0, "resourceVersion": "5", "object": object})),
        line("UNCHANGED", json!({"watch": 0, "resourceVersion": "5", "uid": "u"})),
        line("BOOKMARK", json!({"watch": 0, "resourceVersion": "5"})),
        line("NOT_SERVED", json!({"watch": 0})),
        line("ATTACHED", json!({"watch": 0, "resourceVersion": "5", "name": "Pod"})),
        line("RECONNECTED", json!({"watch": 0, "resourceVersion": "5", "notBefore": time, "reason": "cut"})),
        line(
            "GAP",
            json!({"watch": 0, "fromResourceVersion": "5", "toResourceVersion": "9", "from": time, "to": time,
                "fromElapsed": 0.1, "toElapsed": 0.5, "cause": "history-expired", "reason": "the server's history is compacted"}),
        ),
        line(
            "HEALED",
            json!({"watch": 0, "fromResourceVersion": "5", "toResourceVersion": "9", "from": time, "to": time,
                "cause": "history-expired"}),
        ),
        line(
            "PAST",
            json!({"watch": 0, "since": time, "resourceVersion": "5", "dated": time, "clock": "leases",
                "leases": [{"resourceVersion": "6", "renewTime": time}],
                "reason": "the server does not remember more"}),
        ),
        line(
            "UNDECODABLE",
            json!({"watch": 0, "reason": "what is this", "length": 1, "digest": "crc32c:1a2b3c4d", "head": "MODIFIED ns/a",
                "uid": "u", "object": object}),
        ),
        line("FENCE", json!({"watch": 0, "resourceVersion": "5", "whole": true})),
        line("CLOCK", json!({"by": -3600.5, "boot": {"id": "b", "boottime": 7.5}})),
        line("MARK", json!({"name": "step"})),
        line("RESUMED", json!({"name": "statetrail 0.1.0"})),
        line("END", json!({"reason": "over"})),
    ]
}

#[test]
fn every_line_of_every_scenario_matches_the_schema() {
    let recordings = recordings();
    assert!(recordings.len() >= 15);
    for path in recordings {
        for (number, line) in (1..).zip(text(&path).lines()) {
            if let Err(error) = SCHEMA.validate(&value(line)) {
                panic!("{}:{number}: {error}", path.display());
            }
        }
    }
}

#[test]
fn every_type_of_line_matches_the_schema_and_no_line_with_a_member_missing_or_added() {
    let optional = [
        "cluster",
        "boot",
        "by",
        "environment.",
        "notBefore",
        "notBeforeElapsed",
        "fromElapsed",
        "toElapsed",
        "healed",
        "confirmed",
        "name",
        "uid",
        "dated",
        "leases",
    ];
    for line in one_of_each() {
        assert!(SCHEMA.is_valid(&line), "{line}");
        let of = line["type"].as_str().unwrap_or("header").to_owned();
        for member in line.as_object().unwrap().keys() {
            let mut less = line.clone();
            less.as_object_mut().unwrap().remove(member);
            let needed = !optional.contains(&member.as_str())
                && !matches!(
                    (&*of, member.as_str()),
                    ("PAST", "resourceVersion" | "clock" | "reason")
                        | ("GAP", "reason")
                        | ("UNDECODABLE", "head" | "object")
                )
                || matches!(
                    (&*of, member.as_str()),
                    ("RECONNECTED", "notBefore") | ("UNCHANGED", "uid") | ("MARK" | "RESUMED", "name")
                );
            assert_eq!(SCHEMA.is_valid(&less), !needed, "{of} without {member}");
            let mut wrong = line.clone();
            wrong[member] = json!([[]]);
            assert!(!SCHEMA.is_valid(&wrong), "{of} with a senseless {member}");
        }
        let mut more = line.clone();
        more["surprise"] = json!(1);
        assert!(!SCHEMA.is_valid(&more), "{of} with a member more");
    }
}

#[test]
fn altered_values_do_not_match_the_schema() {
    let altered = |of: &str, path: &str, to: Value| {
        let mut line = one_of_each().into_iter().find(|line| line["type"] == of).unwrap();
        *line.pointer_mut(path).unwrap() = to;
        assert!(!SCHEMA.is_valid(&line), "{line}");
    };
    altered("ADDED", "/type", json!("CREATED"));
    altered("ADDED", "/seq", json!(0));
    altered("ADDED", "/at", json!("2026-01-01T00:00:00Z"));
    altered("ADDED", "/at", json!("2026-01-01T00:00:00.000001+01:00"));
    altered("ADDED", "/elapsed", json!(-1));
    altered("ADDED", "/resourceVersion", json!(5));
    altered("ADDED", "/healed", json!(false));
    altered("ADDED", "/object/metadata", json!({"name": "a", "uid": "u"}));
    altered("ADDED", "/object/metadata", json!({"name": "a", "uid": "u", "resourceVersion": "5", "managedFields": []}));
    altered("GAP", "/cause", json!("forgotten"));
    altered("GAP", "/watch", json!(-1));
    altered("END", "/crc", json!("0123456"));
    altered("END", "/crc", json!("0123456G"));
}

/// The block of the document that shows a recording.
fn example() -> String {
    let (_, after) = DOCUMENT.split_once("```jsonl\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    example.to_owned()
}

#[test]
fn the_documents_example_is_a_recording_with_the_documented_bytes() {
    let example = example();
    let mut reader = Reader::new("example", Cursor::new(example.clone().into_bytes())).unwrap();
    let lines: Vec<Payload> = reader.by_ref().map(|record| record.unwrap().observation.payload).collect();
    assert_eq!(lines, [Payload::End { reason: "finished".to_owned() }]);
    assert!(example.lines().all(|line| SCHEMA.is_valid(&value(line))));
    let prose = DOCUMENT.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut crc = 0;
    for line in example.lines() {
        let (body, digits) = line.split_once(",\"crc\":\"").unwrap();
        crc = crc32c::crc32c_append(crc, body.as_bytes());
        assert_eq!(digits, format!("{crc:08x}\"}}"));
        assert!(prose.contains(&format!("{} bytes `{{", body.len())), "{} bytes", body.len());
    }
}

#[test]
fn the_document_names_every_type_and_every_member_that_the_schema_has() {
    fn names(schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(members) => {
                for (key, inner) in members {
                    if key == "properties" {
                        found.extend(inner.as_object().unwrap().keys().cloned());
                    }
                    if key == "type" {
                        found.extend(inner["const"].as_str().map(str::to_owned));
                    }
                    names(inner, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let schema: Value = serde_json::from_str(include_str!("../../docs/schema/recording-v1.schema.json")).unwrap();
    let mut found = Vec::new();
    names(&schema, &mut found);
    found.extend(["ADDED", "MODIFIED", "DELETED", "LISTED"].map(str::to_owned));
    assert!(found.len() > 60, "{found:?}");
    for name in found {
        assert!(DOCUMENT.contains(&format!("`{name}`")), "docs/FORMAT.md does not name `{name}`");
    }
}

#[test]
fn a_compressed_recording_is_one_stream_to_any_zstd() {
    let path = recordings().into_iter().find(|path| path.extension().unwrap() == "zst").unwrap();
    let mut plain = String::new();
    zstd::stream::read::Decoder::new(fs::File::open(&path).unwrap()).unwrap().read_to_string(&mut plain).unwrap();
    let mut lines = 0;
    for record in Reader::new("plain", Cursor::new(plain.into_bytes())).unwrap() {
        record.unwrap();
        lines += 1;
    }
    assert_eq!(lines, Reader::open(&path).unwrap().count());
}
