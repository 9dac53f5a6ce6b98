//! Records of other tools that are no watch events and no objects: read where they contain whole objects, otherwise
//! refused by the name of what they are.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Members that a record of this form has, what it is, and how it becomes one that can be imported.
const FORMS: [(&[&str], &str, &str); 7] = [
    (
        &["eventmeta", "text"],
        "a notification of kubewatch, which has no object",
        "record with `statetrail record`, or write whole objects with `kubectl get KIND -w -o json \
         --output-watch-events`",
    ),
    (
        &["resourceLogs"],
        "an export of OpenTelemetry logs",
        "take the objects out of the bodies of its records, or record with `statetrail record`",
    ),
    (
        &["seq", "at", "gap"],
        "a timeline (`statetrail show -o json`), which has no objects",
        "nothing needs to be imported: show, check and verify read the recording that it was made of",
    ),
    (
        &["seq", "at", "elapsed"],
        "a timeline (`statetrail show -o json`), which has no objects",
        "nothing needs to be imported: show, check and verify read the recording that it was made of",
    ),
    (&["log", "stream", "time"], "a container's log as Docker writes it", "take out its lines, `jq -rj .log FILE`"),
    (&["_source", "_index"], "a document of Elasticsearch", "take out what was indexed, `jq -c ._source FILE`"),
    (&["insertId", "protoPayload"], "an entry of Google Cloud's audit logs", "record with `statetrail record`"),
];

/// Text that programs print for people, by how it begins.
const TEXTS: [(&str, &str, &str); 3] = [
    ("NAME ", "what kubectl prints for people", "add `-o json --output-watch-events` to its command"),
    ("NAMESPACE ", "what kubectl prints for people", "add `-o json --output-watch-events` to its command"),
    (
        "seq,at,",
        "a timeline (`statetrail show -o csv`), which has no objects",
        "nothing needs to be imported: show, check and verify read the recording that it was made of",
    ),
];

/// What a document is that is neither a watch event nor an object, and the remedy, if it is of a known form.
pub(super) fn document(text: &RawValue) -> Option<(&'static str, &'static str)> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text.get()).ok()?;
    let form = FORMS.iter().find(|(names, ..)| names.iter().all(|name| members.contains_key(*name)))?;
    Some((form.1, form.2))
}

/// What the first line is, and the remedy, if it is text of a known form.
pub(super) fn text(line: &[u8]) -> Option<(&'static str, &'static str)> {
    let form = TEXTS.iter().find(|(beginning, ..)| line.starts_with(beginning.as_bytes()))?;
    Some((form.1, form.2))
}

/// An expectation, by its apiVersion: it has metadata, as objects have.
pub(super) fn is_expectation(api_version: &str) -> bool {
    api_version.starts_with("statetrail/")
}

/// What is said of the time between two lines of eventrouter: it writes what its informer delivers.
pub(super) const BETWEEN: &str =
    "written by eventrouter, which does not say when it was not connected: there is a gap between any two lines";

/// True for a line of eventrouter with this Event, which it marshals without its kind.
pub(super) fn is_routed(event: &RawValue) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        #[serde(borrow)]
        involved_object: &'a RawValue,
        #[serde(borrow)]
        metadata: &'a RawValue,
    }
    let is_event = |it: Event<'_>| it.involved_object.get().starts_with('{') && it.metadata.get().starts_with('{');
    serde_json::from_str(event.get()).is_ok_and(is_event)
}

/// True for a verb that eventrouter writes. It writes no deletions.
pub(super) fn is_verb(verb: &RawValue) -> bool {
    serde_json::from_str(verb.get()).is_ok_and(|verb: Cow<'_, str>| ["ADDED", "UPDATED"].contains(&&*verb))
}

/// The rows of a Table that was requested with `includeObject=Object`, or that has none. None if any of them has no
/// whole object.
pub(super) fn rows(text: &RawValue) -> Option<Vec<&RawValue>> {
    #[derive(Deserialize)]
    struct Table<'a> {
        #[serde(borrow)]
        rows: Vec<Row<'a>>,
    }
    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow)]
        object: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Kind {
        kind: String,
    }
    let table: Table<'_> = serde_json::from_str(text.get()).ok()?;
    let is_whole = |row: &Row<'_>| {
        serde_json::from_str(row.object.get()).is_ok_and(|Kind { kind }| kind != "PartialObjectMetadata")
    };
    table.rows.iter().all(is_whole).then(|| table.rows.into_iter().map(|row| row.object).collect())
}
