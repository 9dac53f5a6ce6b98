//! apps/v1 Deployment: the columns READY, UP-TO-DATE and AVAILABLE, and conditions.
//!
//! They follow `printDeployment` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go); the conditions are
//! those of apps/v1 types.go, `DeploymentConditionType`. In a recording without the spec, the desired number
//! of replicas is unknown, and `ready` is absent.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary, is_fraction};
use super::metadata::{LIFECYCLE, OBSERVED_GENERATION};
use super::parts::{Parts, count, observed, track};
use super::printed::Printed;
use super::table::{AGE, Column, NAME, TableDeclaration};
use super::template::{self, CONTAINERS, IMAGES};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State};
use serde::Deserialize;
use serde_json::Value;
use smol_str::format_smolstr;

pub(super) const KIND: Kind = Kind {
    kind: "Deployment",
    about: "A number of identical pods, which are replaced step by step when their template changes.",
    example: "deployment/web ready: ... -> 3/3",
    plural: "deployments",
    singular: "deployment",
    short: &["deploy"],
    display: "deployment",
    group: "apps",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Spec(&["replicas"]),
    fields: &[],
    owners: &[],
    undeclared_owners: &[],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "ready",
            &[".status.readyReplicas", ".spec.replicas"],
            Vocabulary::formed(&[], is_fraction, "numbers of replicas, such as `2/3`"),
        )
        .column("READY")
        .reading("how many replicas are ready, of how many"),
        TrackDeclaration::one("up-to-date", &[".status.updatedReplicas"], Vocabulary::count()).column("UP-TO-DATE"),
        TrackDeclaration::one("available", &[".status.availableReplicas"], Vocabulary::count()).column("AVAILABLE"),
        OBSERVED_GENERATION,
        LIFECYCLE,
        conditions::declared(&["Available", "Progressing", "ReplicaFailure"]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::computed("Ready", "How many replicas are ready, of how many.", ready),
    Column::computed("Up-to-date", "How many replicas are of the latest template.", |deployment| {
        deployment.number("/status/updatedReplicas").into()
    }),
    Column::computed("Available", "How many replicas are available.", |deployment| {
        deployment.number("/status/availableReplicas").into()
    }),
    AGE,
    CONTAINERS,
    IMAGES,
    Column::computed("Selector", "The labels of the pods.", |deployment| {
        template::selector(deployment).unwrap_or_else(|| "<invalid>".to_owned()).into()
    })
    .wide(),
]);

fn ready(deployment: &Printed<'_>) -> Value {
    format!("{}/{}", deployment.number("/status/readyReplicas"), deployment.number("/spec/replicas")).into()
}

#[derive(Deserialize)]
struct Spec {
    replicas: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    ready_replicas: Option<i64>,
    updated_replicas: Option<i64>,
    available_replicas: Option<i64>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
    observed_generation: Option<i64>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let deployment: Parts<'_, Spec, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = deployment.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(4 + conditions.len());
    let (desired, ready) = (deployment.spec.and_then(|spec| spec.replicas), status.ready_replicas.unwrap_or_default());
    tracks.optional(track("ready"), desired.map(|desired| State::plain(format_smolstr!("{ready}/{desired}"))));
    tracks.one(track("up-to-date"), count(status.updated_replicas.unwrap_or_default()));
    tracks.one(track("available"), count(status.available_replicas.unwrap_or_default()));
    tracks.optional(track(OBSERVED_GENERATION.name), observed(status.observed_generation, &deployment.metadata));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(deployment.metadata.deletion()))
}
