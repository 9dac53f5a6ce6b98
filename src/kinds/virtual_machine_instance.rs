//! kubevirt.io VirtualMachineInstance: phase, node, migration, volumes, conditions.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/core/v1/types.go: `VirtualMachineInstancePhase`,
//! `VolumePhase`, `VirtualMachineInstanceConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::migration::{self, MigrationState};
use super::parts::Parts;
use super::table::{CUSTOM_AGE, Column, NAME, TableDeclaration};
use super::text::{Text, label, some};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Detail, Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineInstance",
    about: "One run of a virtual machine, in a pod. Each start of a VirtualMachine creates another one.",
    example: "vmi/web phase: ... -> Scheduling for <=60s -> ...",
    plural: "virtualmachineinstances",
    singular: "virtualmachineinstance",
    short: &["vmi", "vmis"],
    display: "vmi",
    group: "kubevirt.io",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: true,
    kept: Shape::Other,
    fields: &[],
    owners: &["VirtualMachine", "VirtualMachineInstanceReplicaSet"],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("VirtualMachineInstance phase", PHASES))
            .column("PHASE"),
        TrackDeclaration::one("node", &[".status.nodeName"], Vocabulary::open(&[])).column("NODENAME"),
        migration::OF_INSTANCE,
        LIFECYCLE,
        conditions::declared(&[
            "Ready",
            "Provisioning",
            "Synchronized",
            "Paused",
            "AgentConnected",
            "AccessCredentialsSynchronized",
            "AgentVersionNotSupported",
            "LiveMigratable",
            "HotVCPUChange",
            "HotMemoryChange",
            "VolumesChange",
            "DataVolumesReady",
            "StorageLiveMigratable",
            "DecentralizedLiveMigrationFailure",
            "MigrationRequired",
            "EvictionRequested",
            "SoftwareEmulation",
        ]),
        TrackDeclaration::family("volume/", &[], &[".status.volumeStatus[*].phase"], Vocabulary::open(VOLUMES)),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    CUSTOM_AGE,
    Column::path("Phase", "string", ".status.phase"),
    Column::path("IP", "string", ".status.interfaces[0].ipAddress"),
    Column::path("NodeName", "string", ".status.nodeName"),
    Column::path("Ready", "string", ".status.conditions[?(@.type=='Ready')].status"),
    Column::path("Live-Migratable", "string", ".status.conditions[?(@.type=='LiveMigratable')].status").wide(),
    Column::path("Paused", "string", ".status.conditions[?(@.type=='Paused')].status").wide(),
]);

const PHASES: &[&str] =
    &["Pending", "Scheduling", "Scheduled", "Running", "Succeeded", "Failed", "WaitingForSync", "Unknown"];

const VOLUMES: &[&str] = &[
    "Pending",
    "Bound",
    "AttachedToNode",
    "MountedToPod",
    "Ready",
    "Detaching",
    "UnMountedFromPod",
    "MemoryDumpCompleted",
    "MemoryDumpInProgress",
    "MemoryDumpFailed",
];

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    #[serde(borrow)]
    node_name: Option<Text<'a>>,
    #[serde(borrow)]
    migration_state: Option<MigrationState<'a>>,
    #[serde(rename = "volumeStatus", borrow)]
    volumes: Option<Vec<Volume<'a>>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Volume<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
    #[serde(borrow)]
    message: Option<Text<'a>>,
    #[serde(borrow, rename = "hotplugVolume")]
    hotplug: Option<Hotplug<'a>>,
}

/// `HotplugVolumeStatus`: the pod that attaches the volume. A volume that is plugged in again has another pod.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hotplug<'a> {
    #[serde(borrow)]
    attach_pod_name: Option<Text<'a>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let instance: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = instance.status.unwrap_or_default();
    let volumes = status.volumes.as_deref().unwrap_or_default();
    let conditions = status.conditions.as_deref().unwrap_or_default();
    let mut tracks = Tracks::with_capacity(3 + volumes.len() + conditions.len());
    tracks.optional(Track::Phase, status.phase());
    tracks.optional(Track::Node, status.node_name.as_ref().map(|node| State::plain(&**node)));
    tracks.one(Track::Migration, MigrationState::track_state(status.migration_state.as_ref()));
    tracks.family(volumes.iter().filter_map(Volume::track));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(instance.metadata.deletion()))
}

impl Status<'_> {
    fn phase(&self) -> Option<State> {
        let phase = self.phase.as_ref()?;
        Some(State {
            detail: Detail { reason: some(self.reason.as_ref()), ..Detail::default() },
            ..State::plain(&**phase)
        })
    }
}

impl Volume<'_> {
    /// A volume without a reported phase has no track.
    fn track(&self) -> Option<(Track, State)> {
        let phase = self.phase.as_ref()?;
        let attached_by = self.hotplug.as_ref().and_then(|hotplug| hotplug.attach_pod_name.as_ref());
        let detail = Detail {
            reason: some(self.reason.as_ref()),
            message: some(self.message.as_ref()),
            instance: some(attached_by),
            ..Detail::default()
        };
        Some((Track::Volume(label(&self.name)), State { detail, ..State::plain(&**phase) }))
    }
}
