//! KubeVirt's live migrations, from both sides: the VirtualMachineInstanceMigration that requests one, and the
//! `migrationState` of the VirtualMachineInstance during and after it.
//!
//! The labels are those of KubeVirt, staging/src/kubevirt.io/api/core/v1/types.go:
//! `VirtualMachineInstanceMigrationPhase` and `VirtualMachineInstanceMigrationConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::table::{Column, NAME, TableDeclaration};
use super::text::{Text, or_empty, some};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Detail, Object, Shape, State, Track};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "VirtualMachineInstanceMigration",
    about: "A request to move a running VirtualMachineInstance to another node, and its progress.",
    example: "vmim/move phase: every Running then Succeeded within 5m",
    plural: "virtualmachineinstancemigrations",
    singular: "virtualmachineinstancemigration",
    short: &["vmim", "vmims"],
    display: "vmim",
    group: "kubevirt.io",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("migration phase", PHASES))
            .column("PHASE"),
        LIFECYCLE,
        conditions::declared(&[
            "migrationAbortRequested",
            "migrationRejectedByResourceQuota",
            "migrationBlockedByUtilityVolumes",
            "decentralizedMigrationBlocked",
            "migrationBlockedByBackup",
        ]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::path("Phase", "string", ".status.phase"),
    Column::path("VMI", "string", ".spec.vmiName"),
]);

const PHASES: &[&str] = &[
    "Pending",
    "Scheduling",
    "Scheduled",
    "PreparingTarget",
    "TargetReady",
    "WaitingForSync",
    "Synchronizing",
    "Running",
    "Succeeded",
    "Failed",
];

/// An instance's `migration` track. No field of the API has its states; the labels are defined here.
pub(super) const OF_INSTANCE: TrackDeclaration =
    TrackDeclaration::one("migration", &[".status.migrationState"], Vocabulary::closed("migration state", STATES))
        .reading("how the latest migration stands, `none` until it has started");

const STATES: &[&str] = &["none", "Running", "Succeeded", "Failed", "Aborted"];

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    migration_state: Option<MigrationState<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let migration: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = migration.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let failure = || status.migration_state.as_ref().and_then(|state| some(state.failure_reason.as_ref()));
    let phase = status.phase.map(|phase| {
        let message = if &*phase == "Failed" { failure() } else { None };
        State { detail: Detail { message, ..Detail::default() }, ..State::plain(&*phase) }
    });
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(Track::Phase, phase);
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(migration.metadata.deletion()))
}

/// `VirtualMachineInstanceMigrationState` of kubevirt.io/v1, as far as tracks need it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MigrationState<'a> {
    start_timestamp: Option<Timestamp>,
    end_timestamp: Option<Timestamp>,
    completed: Option<bool>,
    failed: Option<bool>,
    abort_requested: Option<bool>,
    #[serde(borrow)]
    abort_status: Option<Text<'a>>,
    #[serde(borrow)]
    failure_reason: Option<Text<'a>>,
    #[serde(borrow)]
    migration_uid: Option<Text<'a>>,
}

impl MigrationState<'_> {
    /// The state of the instance's `migration` track: `none` before the first migration and while the latest one is
    /// only announced (no `startTimestamp`), then the outcome of the latest one so far.
    ///
    /// KubeVirt marks an aborted migration as failed, too (virt-launcher reports `failed` with `abortStatus:
    /// Succeeded`, also when it gave up for lack of progress), so the abort is checked first. An abort that was
    /// requested and neither confirmed nor refused counts if the migration then failed.
    pub(super) fn track_state(state: Option<&Self>) -> State {
        let Some(state) = state else { return State::plain("none") };
        let failed = state.failed == Some(true);
        let aborted = match or_empty(state.abort_status.as_ref()) {
            "Succeeded" => true,
            "Failed" => false,
            _ => failed && state.abort_requested == Some(true),
        };
        let label = match state.completed {
            Some(true) if aborted => "Aborted",
            Some(true) if failed => "Failed",
            Some(true) => "Succeeded",
            // A migration is announced before its target exists: until the source starts to send, nothing migrates.
            _ if state.start_timestamp.is_none() => "none",
            _ => "Running",
        };
        let detail = Detail {
            message: some(state.failure_reason.as_ref()),
            started_at: state.start_timestamp,
            finished_at: state.end_timestamp,
            instance: some(state.migration_uid.as_ref()),
            ..Detail::default()
        };
        State { detail, ..State::plain(label) }
    }
}
