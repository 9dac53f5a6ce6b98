//! KubeVirt's controllers of identical objects, `VirtualMachinePool` and `VirtualMachineInstanceReplicaSet`: three
//! counts, each a column of kubectl, and conditions. Both have the same status.
//!
//! A count that the status omits is zero, because Go omits zeros. Before the first status there are no counts, and in a
//! recording without the spec the desired number is unknown.

use super::conditions::{self, Condition};
use super::declaration::{Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, count, track};
use super::table::{CUSTOM_AGE, Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape};
use serde::Deserialize;

/// The kept members of their spec.
pub(super) const KEPT: Shape = Shape::Spec(&["replicas"]);

pub(super) const ROLE: Role = Role::Subject(&[
    TrackDeclaration::one("desired", &[".spec.replicas"], Vocabulary::count()).column("DESIRED"),
    TrackDeclaration::one("current", &[".status.replicas"], Vocabulary::count()).column("CURRENT"),
    TrackDeclaration::one("ready", &[".status.readyReplicas"], Vocabulary::count()).column("READY"),
    LIFECYCLE,
    conditions::declared(&["ReplicaFailure", "ReplicaPaused"]),
]);

pub(super) const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("Desired", "integer", ".spec.replicas"),
    Column::path("Current", "integer", ".status.replicas"),
    Column::path("Ready", "integer", ".status.readyReplicas"),
    CUSTOM_AGE,
]);

#[derive(Deserialize)]
struct Spec {
    replicas: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    replicas: Option<i64>,
    ready_replicas: Option<i64>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

/// Reads an object of either kind.
///
/// # Errors
/// When it does not have the shape of its kind.
pub(super) fn read(object: &Object, kind: &'static str) -> Result<Interpretation, Error> {
    let parts: Parts<'_, Spec, Status<'_>> = Parts::of(object, kind)?;
    let mut tracks = Tracks::with_capacity(5);
    let desired = parts.spec.and_then(|spec| spec.replicas);
    tracks.optional(track("desired"), desired.map(count));
    if let Some(status) = parts.status {
        tracks.one(track("current"), count(status.replicas.unwrap_or_default()));
        tracks.one(track("ready"), count(status.ready_replicas.unwrap_or_default()));
        tracks.family(status.conditions.unwrap_or_default().iter().map(Condition::track));
    }
    Ok(tracks.done(parts.metadata.deletion()))
}
