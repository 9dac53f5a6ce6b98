//! cdi.kubevirt.io DataVolume: phase and conditions.
//!
//! Its progress is no state: it changes many times a minute and ends where the phase changes. The words are those of
//! CDI 1.64, pkg/apis/core/v1beta1/types.go, `DataVolumePhase` and `DataVolumeConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "DataVolume",
    plural: "datavolumes",
    singular: "datavolume",
    short: &["dv", "dvs"],
    display: "dv",
    group: "cdi.kubevirt.io",
    also_in: &[],
    versions: &["v1beta1"],
    namespaced: true,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &["VirtualMachine"],
    role: Role::Subject(&[
        TrackDeclaration::column("phase", "PHASE", Vocabulary::closed("DataVolume phase", PHASES)),
        LIFECYCLE,
        conditions::declared(&["Ready", "Bound", "Running"]),
    ]),
    interpret,
};

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

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let volume: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = volume.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(Track::Phase, status.phase.map(|phase| State::plain(&*phase)));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(volume.metadata.deletion()))
}
