//! Audit logs of an API server: the objects in its responses to writes.
//!
//! A log contains what its policy selects, from one of perhaps several API servers: nothing proves that it is complete
//! between two lines. So each object is treated as the response to a read at that time.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Describes a log without objects, and how to get one with them.
pub(super) const WITHOUT_OBJECTS: (&str, &str) = (
    "an audit log without objects",
    "log the answers too: level RequestResponse for these resources in the audit policy; or record them with \
     `statetrail record`",
);

/// What is said of the time between its lines.
pub(super) const BETWEEN: &str =
    "an audit log: there is a gap between any two writes of an object, and at every deletion";

/// Writes whose response is the resulting object.
const VERBS: [&str; 4] = ["create", "update", "patch", "delete"];
/// Subresources whose response is the whole object.
const PARTS: [&str; 4] = ["", "status", "ephemeralcontainers", "resize"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow, default)]
    stage: Cow<'a, str>,
    #[serde(borrow, default)]
    verb: Cow<'a, str>,
    #[serde(borrow, default, rename = "requestURI")]
    request_uri: Cow<'a, str>,
    #[serde(borrow)]
    object_ref: Option<Reference<'a>>,
    response_status: Option<Status>,
    #[serde(borrow)]
    response_object: Option<&'a RawValue>,
    #[serde(default)]
    stage_timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow, default)]
    subresource: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    api_version: Cow<'a, str>,
    #[serde(borrow)]
    metadata: Option<Metadata<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    uid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_version: Option<Cow<'a, str>>,
}

/// The events of a line: one, or those of an `EventList`.
///
/// # Errors
/// It has another shape.
pub(super) fn events<'a>(kind: &str, text: &'a RawValue) -> Result<Vec<&'a RawValue>, serde_json::Error> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow, default)]
        items: Vec<&'a RawValue>,
    }
    if kind == "EventList" { Ok(serde_json::from_str::<List<'_>>(text.get())?.items) } else { Ok(vec![text]) }
}

/// The object in the response to a write, and its time; none if nothing was written, or the object was not logged.
///
/// # Errors
/// It is not an event of an audit log.
pub(super) fn answer(event: &RawValue) -> Result<Option<(&RawValue, Option<Timestamp>)>, serde_json::Error> {
    let event: Event<'_> = serde_json::from_str(event.get())?;
    let part = event.object_ref.map(|reference| reference.subresource).unwrap_or_default();
    let is_done = event.response_status.is_some_and(|status| (200..300).contains(&status.code));
    let is_tried = event.request_uri.split(['?', '&']).any(|part| part.starts_with("dryRun="));
    let is_write = event.stage == "ResponseComplete" && VERBS.contains(&&*event.verb) && PARTS.contains(&&*part);
    let Some(object) = event.response_object.filter(|_| is_write && is_done && !is_tried) else { return Ok(None) };
    let is_object = serde_json::from_str(object.get()).is_ok_and(|answer: Answer<'_>| {
        // The response of `/scale` has the uid of the scaled object, but is not that object.
        let is_scale = answer.kind == "Scale" && answer.api_version.starts_with("autoscaling/");
        !is_scale
            && answer.metadata.is_some_and(|metadata| metadata.uid.is_some() && metadata.resource_version.is_some())
    });
    let at = event.stage_timestamp.and_then(|at| Timestamp::from_microsecond(at.as_microsecond()).ok());
    Ok(is_object.then_some((object, at)))
}

/// The note on lines without an object.
pub(super) fn passed_over(count: u64) -> String {
    let lines =
        if count == 1 { "1 line of the audit log was" } else { &format!("{count} lines of the audit log were") };
    format!(
        "{lines} passed over: reads, writes that failed or were a dry run or of many objects \
         at once, parts of objects, and those logged without objects"
    )
}
