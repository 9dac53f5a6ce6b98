//! clone.kubevirt.io `VirtualMachineClone`: phase and conditions.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/clone/v1beta1/types.go; names, versions and columns
//! are those of pkg/virt-operator/resource/generate/components/crds.go.

use super::conditions;
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::table::{Column, NAME, TableDeclaration};
use super::{Error, Interpretation, phased};
use crate::observation::{Object, Shape};

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineClone",
    about: "A request to copy a VirtualMachine, or a snapshot of one, to a new VirtualMachine.",
    example: "vmclone/copy phase: ... -> RestoreInProgress -> ... -> Succeeded",
    plural: "virtualmachineclones",
    singular: "virtualmachineclone",
    short: &["vmclone", "vmclones"],
    display: "vmclone",
    group: "clone.kubevirt.io",
    also_in: &[],
    versions: &["v1beta1", "v1alpha1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("VirtualMachineClone phase", PHASES))
            .column("PHASE"),
        LIFECYCLE,
        conditions::declared(&["Ready", "Progressing"]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("Phase", "string", ".status.phase"),
    Column::path("SourceVirtualMachine", "string", ".spec.source.name"),
    Column::path("TargetVirtualMachine", "string", ".spec.target.name"),
]);

const PHASES: &[&str] =
    &["SnapshotInProgress", "CreatingTargetVM", "RestoreInProgress", "Succeeded", "Failed", "Unknown"];

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    phased::interpret(object, KIND.kind)
}
