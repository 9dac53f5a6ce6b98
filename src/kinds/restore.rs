//! snapshot.kubevirt.io `VirtualMachineRestore`: whether it is complete, and conditions. It has no phase.
//!
//! The shape is that of KubeVirt, staging/src/kubevirt.io/api/snapshot/v1beta1/types.go; names, versions and columns
//! are those of pkg/virt-operator/resource/generate/components/crds.go.

use super::conditions::Condition;
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track, truth};
use super::table::{Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation, snapshot};
use crate::observation::Object;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineRestore",
    about: "A request to restore a VirtualMachine from a snapshot. It has no phase.",
    example: "vmrestore/undo complete: ... -> true",
    plural: "virtualmachinerestores",
    singular: "virtualmachinerestore",
    short: &["vmrestore", "vmrestores"],
    display: "vmrestore",
    owners: &["VirtualMachine", "VirtualMachineClone"],
    role: Role::Subject(&[
        TrackDeclaration::one("complete", &[".status.complete"], Vocabulary::truth("boolean")).column("COMPLETE"),
        LIFECYCLE,
        snapshot::CONDITIONS,
    ]),
    table: TABLE,
    interpret,
    // The same API as snapshots.
    ..snapshot::KIND
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("TargetKind", "string", ".spec.target.kind"),
    Column::path("TargetName", "string", ".spec.target.name"),
    Column::path("Complete", "boolean", ".status.complete"),
    Column::path("RestoreTime", "date", ".status.restoreTime"),
]);

#[derive(Default, Deserialize)]
struct Status<'a> {
    complete: Option<bool>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let restore: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = restore.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(track("complete"), status.complete.map(truth));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(restore.metadata.deletion()))
}
