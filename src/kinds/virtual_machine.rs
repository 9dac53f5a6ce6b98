//! kubevirt.io VirtualMachine: the printable status and conditions.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/core/v1/types.go: `VirtualMachinePrintableStatus` and
//! `VirtualMachineConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::{LIFECYCLE, OBSERVED_GENERATION};
use super::parts::{Parts, observed, track};
use super::table::{CUSTOM_AGE, Column, NAME, TableDeclaration};
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachine",
    about: "A virtual machine, whether it runs or not. Each start of it creates a VirtualMachineInstance.",
    example: "vm/web status: ... -> Starting -> Running -> ...",
    plural: "virtualmachines",
    singular: "virtualmachine",
    short: &["vm", "vms"],
    display: "vm",
    group: "kubevirt.io",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: true,
    kept: Shape::Other,
    fields: &[],
    owners: &["VirtualMachinePool"],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "status",
            &[".status.printableStatus"],
            Vocabulary::closed("VirtualMachine status", STATUS),
        )
        .column("STATUS"),
        OBSERVED_GENERATION,
        LIFECYCLE,
        conditions::declared(&["Ready", "Failure", "Paused", "RestartRequired", "ManualRecoveryRequired"]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    CUSTOM_AGE,
    Column::path("Status", "string", ".status.printableStatus"),
    Column::path("Ready", "string", ".status.conditions[?(@.type=='Ready')].status"),
]);

const STATUS: &[&str] = &[
    "Stopped",
    "Provisioning",
    "Starting",
    "Running",
    "Paused",
    "Stopping",
    "Terminating",
    "CrashLoopBackOff",
    "Migrating",
    "Unknown",
    "ErrorUnschedulable",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrorPvcNotFound",
    "ErrorDataVolumeNotFound",
    "DataVolumeError",
    "WaitingForVolumeBinding",
    "WaitingForReceiver",
];

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow, rename = "printableStatus")]
    printed: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
    observed_generation: Option<i64>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let machine: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = machine.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(2 + conditions.len());
    tracks.optional(Track::Status, status.printed.map(|word| State::plain(&*word)));
    tracks.optional(track(OBSERVED_GENERATION.name), observed(status.observed_generation, &machine.metadata));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(machine.metadata.deletion()))
}
