//! core/v1 Node: the STATUS column and conditions.
//!
//! STATUS follows `printNode` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go): whether it is ready, and
//! whether pods may be scheduled on it. The conditions are those of core/v1 types.go, `NodeConditionType`. In a
//! recording without the spec, the latter is unknown, and `status` is absent.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;

pub(super) const KIND: Kind = Kind {
    kind: "Node",
    about: "A machine of the cluster. Nodes are in no namespace.",
    example: "node/node01 condition/Ready: always True",
    plural: "nodes",
    singular: "node",
    short: &["no"],
    display: "node",
    group: "",
    also_in: &[],
    versions: &["v1"],
    namespaced: false,
    default: false,
    kept: Shape::Spec(&["unschedulable"]),
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "status",
            &[".status.conditions", ".spec.unschedulable"],
            Vocabulary::closed("node status", STATUS),
        )
        .column("STATUS")
        .reading("whether the node is ready, and whether pods may be scheduled on it"),
        LIFECYCLE,
        conditions::declared(&["Ready", "MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"]),
    ]),
    interpret,
};

const STATUS: &[&str] = &[
    "Ready",
    "NotReady",
    "Unknown",
    "Ready,SchedulingDisabled",
    "NotReady,SchedulingDisabled",
    "Unknown,SchedulingDisabled",
];

#[derive(Deserialize)]
struct Spec {
    unschedulable: Option<bool>,
}

#[derive(Default, Deserialize)]
struct Status<'a> {
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let node: Parts<'_, Spec, Status<'_>> = Parts::of(object, KIND.kind)?;
    let conditions = node.status.unwrap_or_default().conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(1 + conditions.len());
    tracks.optional(Track::Status, node.spec.map(|spec| State::plain(column(&spec, &conditions))));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(node.metadata.deletion()))
}

fn column(spec: &Spec, conditions: &[Condition<'_>]) -> &'static str {
    let ready = conditions.iter().rev().find(|condition| &*condition.kind == "Ready");
    match (ready.map(|ready| &*ready.status == "True"), spec.unschedulable == Some(true)) {
        (Some(true), false) => "Ready",
        (Some(false), false) => "NotReady",
        (None, false) => "Unknown",
        (Some(true), true) => "Ready,SchedulingDisabled",
        (Some(false), true) => "NotReady,SchedulingDisabled",
        (None, true) => "Unknown,SchedulingDisabled",
    }
}
