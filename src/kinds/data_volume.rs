//! cdi.kubevirt.io DataVolume: phase and conditions.
//!
//! Its progress is not a track: it changes many times a minute and ends where the phase changes. The labels are those
//! of CDI 1.64, pkg/apis/core/v1beta1/types.go, `DataVolumePhase` and `DataVolumeConditionType`.

use super::conditions;
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::table::{CUSTOM_AGE, Column, NAME, TableDeclaration};
use super::{Error, Interpretation, phased};
use crate::observation::{Object, Shape};

pub(super) const KIND: Kind = Kind {
    kind: "DataVolume",
    about: "A volume that CDI fills by an import, an upload or a clone. Its progress is not a track: it changes many \
            times a minute, and ends where the phase changes.",
    example: "dv/disk phase: never Failed, Paused",
    plural: "datavolumes",
    singular: "datavolume",
    short: &["dv", "dvs"],
    display: "dv",
    group: "cdi.kubevirt.io",
    also_in: &[],
    versions: &["v1beta1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &["VirtualMachine"],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("DataVolume phase", PHASES))
            .column("PHASE"),
        LIFECYCLE,
        conditions::declared(&["Ready", "Bound", "Running"]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("Phase", "string", ".status.phase"),
    Column::path("Progress", "string", ".status.progress"),
    Column::path("Restarts", "integer", ".status.restartCount"),
    CUSTOM_AGE,
]);

const PHASES: &[&str] = &[
    "Pending",
    "PVCBound",
    "ImportScheduled",
    "ImportInProgress",
    "CloneScheduled",
    "CloneInProgress",
    "SnapshotForSmartCloneInProgress",
    "CloneFromSnapshotSourceInProgress",
    "SmartClonePVCInProgress",
    "CSICloneInProgress",
    "ExpansionInProgress",
    "NamespaceTransferInProgress",
    "UploadScheduled",
    "UploadReady",
    "WaitForFirstConsumer",
    "PendingPopulation",
    "Succeeded",
    "Failed",
    "Unknown",
    "Paused",
    "PrepClaimInProgress",
    "RebindInProgress",
];

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    phased::interpret(object, KIND.kind)
}
