//! export.kubevirt.io `VirtualMachineExport`: phase and conditions.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/export/v1/types.go; names, versions and columns are
//! those of pkg/virt-operator/resource/generate/components/crds.go. Releases before 1.3 serve v1alpha1.

use super::conditions;
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::table::{Column, NAME, TableDeclaration};
use super::{Error, Interpretation, phased};
use crate::observation::{Object, Shape};

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineExport",
    about: "The volumes of a VirtualMachine, a snapshot or a claim, made available for download.",
    example: "vmexport/disks phase: every Pending then Ready within 2m",
    plural: "virtualmachineexports",
    singular: "virtualmachineexport",
    short: &["vmexport", "vmexports"],
    display: "vmexport",
    group: "export.kubevirt.io",
    also_in: &[],
    versions: &["v1", "v1beta1", "v1alpha1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("VirtualMachineExport phase", PHASES))
            .column("PHASE"),
        LIFECYCLE,
        conditions::declared(&["Ready", "PVCReady", "VolumesCreated", "OCIReady"]),
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
]);

const PHASES: &[&str] = &["Pending", "Ready", "Terminated", "Skipped"];

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    phased::interpret(object, KIND.kind)
}
