//! The table of Events, which follows `printEvent` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go).
//!
//! The server prints Events of core and of events.k8s.io in the same way, so a member is read by either of its names.

use super::printed::{Printed, time};
use super::table::{Column, NAME, TableDeclaration};
use jiff::Timestamp;
use serde_json::Value;

pub(super) const TABLE: TableDeclaration = TableDeclaration::of(&[
    Column::computed("Last Seen", "How long ago it last happened.", |event| event.since(last_seen(event)).into()),
    Column::computed("Type", "Whether it is normal, or a warning.", |event| event.text("/type").into()),
    Column::computed("Reason", "Why it was reported, in one word.", |event| event.text("/reason").into()),
    Column::computed("Object", "The object that it is about.", object),
    Column::computed("Subobject", "The part of the object that it is about.", |event| {
        event.first(&["/involvedObject/fieldPath", "/regarding/fieldPath"]).into()
    })
    .wide(),
    Column::computed("Source", "Who reported it.", source).wide(),
    Column::computed("Message", "What happened.", |event| event.first(&["/message", "/note"]).trim().into()),
    Column::computed("First Seen", "How long ago it first happened.", |event| event.since(first_seen(event)).into())
        .wide(),
    Column::computed("Count", "How often it happened.", count).wide(),
    NAME.wide(),
]);

fn first_seen(event: &Printed<'_>) -> Option<Timestamp> {
    first_time(event, &["/firstTimestamp", "/deprecatedFirstTimestamp", "/eventTime"])
}

fn last_seen(event: &Printed<'_>) -> Option<Timestamp> {
    if let Some(series) = series(event) {
        return time(&series["lastObservedTime"]);
    }
    first_time(event, &["/lastTimestamp", "/deprecatedLastTimestamp"]).or_else(|| first_seen(event))
}

/// The first of several members that is a time.
fn first_time(event: &Printed<'_>, pointers: &[&str]) -> Option<Timestamp> {
    pointers.iter().find_map(|pointer| event.time(pointer))
}

fn series<'t>(event: &'t Printed<'_>) -> Option<&'t Value> {
    Some(event.at("/series")).filter(|series| series.is_object())
}

/// A single event of the newer API has no count.
fn count(event: &Printed<'_>) -> Value {
    let counted = event.number("/count").max(event.number("/deprecatedCount"));
    match series(event) {
        Some(series) => series["count"].as_i64().unwrap_or_default().into(),
        None if counted == 0 => 1.into(),
        None => counted.into(),
    }
}

fn object(event: &Printed<'_>) -> Value {
    let kind = event.first(&["/involvedObject/kind", "/regarding/kind"]).to_lowercase();
    match event.first(&["/involvedObject/name", "/regarding/name"]) {
        "" => kind.into(),
        name => format!("{kind}/{name}").into(),
    }
}

fn source(event: &Printed<'_>) -> Value {
    let component = event.first(&[
        "/source/component",
        "/deprecatedSource/component",
        "/reportingComponent",
        "/reportingController",
    ]);
    match event.first(&["/source/host", "/deprecatedSource/host", "/reportingInstance"]) {
        "" => component.into(),
        instance => format!("{component}, {instance}").into(),
    }
}
