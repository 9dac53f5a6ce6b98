//! snapshot.kubevirt.io `VirtualMachineSnapshot`: phase, whether it is ready to use, conditions.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/snapshot/v1beta1/types.go; names, versions and columns
//! are those of pkg/virt-operator/resource/generate/components/crds.go.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track, truth};
use super::table::{Column, NAME, TableDeclaration};
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineSnapshot",
    about: "A request for a snapshot of a VirtualMachine: its spec and its volumes at one moment.",
    example: "vmsnapshot/backup readyToUse: ... -> true",
    plural: "virtualmachinesnapshots",
    singular: "virtualmachinesnapshot",
    short: &["vmsnapshot", "vmsnapshots"],
    display: "vmsnapshot",
    group: "snapshot.kubevirt.io",
    also_in: &[],
    versions: &["v1beta1", "v1alpha1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &["VirtualMachine", "VirtualMachineClone"],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("VirtualMachineSnapshot phase", PHASES))
            .column("PHASE"),
        TrackDeclaration::one("readyToUse", &[".status.readyToUse"], Vocabulary::truth("boolean")).column("READYTOUSE"),
        LIFECYCLE,
        CONDITIONS,
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("SourceKind", "string", ".spec.source.kind"),
    Column::path("SourceName", "string", ".spec.source.name"),
    Column::path("Phase", "string", ".status.phase"),
    Column::path("ReadyToUse", "boolean", ".status.readyToUse"),
    Column::path("CreationTime", "date", ".status.creationTime"),
    Column::path("Error", "string", ".status.error.message"),
]);

/// The conditions of snapshots, and of restores.
pub(super) const CONDITIONS: TrackDeclaration = conditions::declared(&["Ready", "Progressing", "Failure"]);

const PHASES: &[&str] = &["InProgress", "Succeeded", "Failed", "Deleting", "Unknown"];

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    ready_to_use: Option<bool>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let parts: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = parts.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(2 + conditions.len());
    tracks.optional(Track::Phase, status.phase.map(|phase| State::plain(&*phase)));
    tracks.optional(track("readyToUse"), status.ready_to_use.map(truth));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(parts.metadata.deletion()))
}
