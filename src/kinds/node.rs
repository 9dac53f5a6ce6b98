//! core/v1 Node: the STATUS column and conditions.
//!
//! STATUS follows `printNode` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go): whether it is ready, and
//! whether pods may be scheduled on it. The conditions are those of core/v1 types.go, `NodeConditionType`. In a
//! recording without the spec, the latter is unknown, and `status` is absent.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary};
use super::metadata::LIFECYCLE;
use super::parts::Parts;
use super::printed::{Printed, or, text};
use super::table::{AGE, Column, NAME, TableDeclaration};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

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
    naming: Naming::Subdomain,
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
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::computed("Status", "Whether it is ready, and whether pods may be scheduled on it.", status),
    Column::computed("Roles", "What it is for, by its labels.", roles),
    AGE,
    Column::computed("Version", "The version of its kubelet.", |node| info(node, "kubeletVersion").into()),
    Column::computed("Internal-IP", "Its first internal address.", |node| address(node, "InternalIP")).wide(),
    Column::computed("External-IP", "Its first external address.", |node| address(node, "ExternalIP")).wide(),
    Column::computed("OS-Image", "Its operating system.", |node| or(info(node, "osImage"), UNKNOWN).into()).wide(),
    Column::computed("Kernel-Version", "Its kernel, and the architecture.", kernel).wide(),
    Column::computed("Container-Runtime", "Its container runtime.", |node| {
        or(info(node, "containerRuntimeVersion"), UNKNOWN).into()
    })
    .wide(),
]);

const UNKNOWN: &str = "<unknown>";

fn status(node: &Printed<'_>) -> Value {
    let Some(node) = node.parse::<Parts<'_, Spec, Status<'_>>>() else { return UNKNOWN.into() };
    column(&node.spec.unwrap_or_default(), &node.status.unwrap_or_default().conditions.unwrap_or_default()).into()
}

/// The names in labels such as `node-role.kubernetes.io/worker`, and the value of the label `kubernetes.io/role`.
fn roles(node: &Printed<'_>) -> Value {
    let labels = node.at("/metadata/labels").as_object().into_iter().flatten();
    let role = |(key, value)| match String::as_str(key) {
        "kubernetes.io/role" => text(value),
        key => key.strip_prefix("node-role.kubernetes.io/").unwrap_or_default(),
    };
    let roles: BTreeSet<&str> = labels.map(role).filter(|role| !role.is_empty()).collect();
    or(&roles.into_iter().collect::<Vec<_>>().join(","), "<none>").into()
}

fn info<'t>(node: &'t Printed<'_>, member: &str) -> &'t str {
    text(&node.at("/status/nodeInfo")[member])
}

fn address(node: &Printed<'_>, kind: &str) -> Value {
    let first = node.list("/status/addresses").iter().find(|address| text(&address["type"]) == kind);
    first.map_or("<none>", |address| text(&address["address"])).into()
}

fn kernel(node: &Printed<'_>) -> Value {
    let version = or(info(node, "kernelVersion"), UNKNOWN);
    match info(node, "architecture") {
        "" => version.into(),
        architecture => format!("{version} ({architecture})").into(),
    }
}

const STATUS: &[&str] = &[
    "Ready",
    "NotReady",
    "Unknown",
    "Ready,SchedulingDisabled",
    "NotReady,SchedulingDisabled",
    "Unknown,SchedulingDisabled",
];

#[derive(Default, Deserialize)]
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
