//! core/v1 `PersistentVolumeClaim`: phase, the STATUS column, capacity, conditions.
//!
//! STATUS follows `printPersistentVolumeClaim` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go); the
//! labels are those of core/v1 types.go, `PersistentVolumeClaimPhase` and `PersistentVolumeClaimConditionType`.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::{Parts, track};
use super::printed::{Printed, text};
use super::table::{AGE, Column, NAME, TableDeclaration};
use super::text::Text;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

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
    naming: Naming::Subdomain,
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
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::computed("Status", "The phase, or that it is being deleted.", status),
    Column::computed("Volume", "The volume that it is bound to.", |claim| claim.text("/spec/volumeName").into()),
    Column::computed("Capacity", "The size of the volume.", size),
    Column::computed("Access Modes", "How the volume may be mounted.", access_modes),
    Column::computed("StorageClass", "The class of the volume.", storage_class),
    Column::computed("VolumeAttributesClass", "The class of its attributes.", |claim| {
        given(claim, "/spec/volumeAttributesClassName")
    }),
    AGE,
    Column::computed("VolumeMode", "Whether it is a file system or a block device.", |claim| {
        given(claim, "/spec/volumeMode")
    })
    .wide(),
]);

fn status(claim: &Printed<'_>) -> Value {
    if claim.at("/metadata/deletionTimestamp").is_null() {
        claim.text("/status/phase").into()
    } else {
        "Terminating".into()
    }
}

/// Whether it has a volume. A recording without the spec does not name it, but only then is there a capacity.
fn is_bound(claim: &Printed<'_>) -> bool {
    match claim.at("/spec") {
        Value::Null => !claim.at("/status/capacity/storage").is_null(),
        _ => !claim.text("/spec/volumeName").is_empty(),
    }
}

fn size(claim: &Printed<'_>) -> Value {
    match claim.at("/status/capacity/storage") {
        _ if !is_bound(claim) => "".into(),
        Value::Null => "0".into(),
        Value::Number(number) => number.to_string().into(),
        quantity => text(quantity).into(),
    }
}

fn access_modes(claim: &Printed<'_>) -> Value {
    const SHORT: [(&str, &str); 4] =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let modes = if is_bound(claim) { claim.list("/status/accessModes") } else { &[] };
    let found = SHORT.iter().filter(|(mode, _)| modes.iter().any(|known| known == mode));
    found.map(|(_, short)| *short).collect::<Vec<_>>().join(",").into()
}

/// The class, which older clients give in an annotation.
fn storage_class(claim: &Printed<'_>) -> Value {
    let annotation = claim.at("/metadata/annotations/volume.beta.kubernetes.io~1storage-class");
    annotation.as_str().unwrap_or_else(|| claim.text("/spec/storageClassName")).into()
}

fn given(claim: &Printed<'_>, pointer: &str) -> Value {
    claim.at(pointer).as_str().unwrap_or("<unset>").into()
}

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
