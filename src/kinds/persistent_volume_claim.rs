//! core/v1 `PersistentVolumeClaim`: phase, the STATUS column, capacity, conditions.
//!
//! STATUS follows `printPersistentVolumeClaim` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go); the
//! labels are those of core/v1 types.go, `PersistentVolumeClaimPhase` and `PersistentVolumeClaimConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;

pub(super) const KIND: Kind = Kind {
    kind: "PersistentVolumeClaim",
    about: "A claim of storage, which is bound to a volume.",
    example: "pvc/disk status: never Lost",
    plural: "persistentvolumeclaims",
    singular: "persistentvolumeclaim",
    short: &["pvc"],
    display: "pvc",
    group: "",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    default: false,
    kept: Shape::Other,
    fields: &[],
    owners: &["DataVolume", "VirtualMachine"],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "status",
            &[".status.phase", ".metadata.deletionTimestamp"],
            Vocabulary::closed("PersistentVolumeClaim status", STATUS),
        )
        .column("STATUS")
        .reading("the phase, or `Terminating` once its deletion was requested"),
        TrackDeclaration::one("phase", &[".status.phase"], Vocabulary::closed("PersistentVolumeClaim phase", PHASES)),
        TrackDeclaration::one("capacity", &[".status.capacity.storage"], Vocabulary::open(&[])).column("CAPACITY"),
        LIFECYCLE,
        conditions::declared(&[
            "Resizing",
            "FileSystemResizePending",
            "ControllerResizeError",
            "NodeResizeError",
            "ModifyVolumeError",
            "ModifyingVolume",
            "Unused",
        ]),
    ]),
    interpret,
};

const PHASES: &[&str] = &["Pending", "Bound", "Lost"];
const STATUS: &[&str] = &["Pending", "Bound", "Lost", "Terminating"];

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    phase: Option<Text<'a>>,
    #[serde(borrow)]
    capacity: Option<Capacity<'a>>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

#[derive(Deserialize)]
struct Capacity<'a> {
    #[serde(borrow)]
    storage: Option<Text<'a>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let claim: Parts<'_, IgnoredAny, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = claim.status.unwrap_or_default();
    let phase = status.phase.map(|phase| State::plain(&*phase));
    let column = if claim.metadata.is_deleting() { Some(State::plain("Terminating")) } else { phase.clone() };
    let mut tracks = Tracks::with_capacity(4);
    tracks.optional(Track::Status, column);
    tracks.optional(Track::Phase, phase);
    let storage = status.capacity.and_then(|capacity| capacity.storage);
    tracks.optional(track("capacity"), storage.map(|storage| State::plain(&*storage)));
    tracks.family(status.conditions.unwrap_or_default().iter().map(Condition::track));
    Ok(tracks.done(claim.metadata.deletion()))
}
