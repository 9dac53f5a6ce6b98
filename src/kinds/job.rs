//! batch/v1 Job: the columns STATUS and COMPLETIONS, and conditions.
//!
//! Both follow `printJob` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go); the conditions are those of
//! batch/v1 types.go, `JobConditionType`. In a recording without the spec, the desired number of completions
//! is unknown, and `completions` is absent.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Naming, Role, TrackDeclaration, Vocabulary, is_fraction, is_number};
use super::metadata::{LIFECYCLE, Metadata};
use super::parts::{Parts, track};
use super::printed::{Printed, or};
use super::table::{AGE, Column, NAME, TableDeclaration};
use super::template::{self, CONTAINERS, IMAGES};
use super::tracks::Tracks;
use super::{Error, Interpretation, lapse};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
use serde_json::Value;
use smol_str::{SmolStr, format_smolstr};

pub(super) const KIND: Kind = Kind {
    kind: "Job",
    about: "Pods that are run until a number of them has succeeded.",
    example: "job/build status: ... -> Complete",
    plural: "jobs",
    singular: "job",
    short: &[],
    display: "job",
    group: "batch",
    also_in: &[],
    versions: &["v1"],
    namespaced: true,
    naming: Naming::Subdomain,
    default: false,
    kept: Shape::Spec(&["completions", "parallelism"]),
    fields: &[],
    owners: &[],
    undeclared_owners: &[("CronJob", &[])],
    role: Role::Subject(&[
        TrackDeclaration::one(
            "status",
            &[".status.conditions", ".metadata.deletionTimestamp"],
            Vocabulary::closed("job status", STATUS),
        )
        .column("STATUS")
        .reading("as kubectl derives it from the conditions that are true"),
        TrackDeclaration::one(
            "completions",
            &[".status.succeeded", ".spec.completions", ".spec.parallelism"],
            Vocabulary::formed(&[], are_completions, "numbers of pods, such as `2/3` and `0/1 of 4`"),
        )
        .column("COMPLETIONS")
        .reading("how many pods have succeeded, of how many"),
        LIFECYCLE,
        conditions::declared(&["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"]),
    ]),
    table: TABLE,
    source: None,
    interpret,
};

const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::computed("Status", "How the job stands.", |job| {
        let status = read(job).map(|(metadata, _, status)| column(&metadata, &status.conditions.unwrap_or_default()));
        status.unwrap_or("<unknown>").into()
    }),
    Column::computed("Completions", "How many pods have succeeded, of how many.", |job| {
        let completions = read(job).map(|(_, spec, status)| completions(&spec, status.succeeded.unwrap_or_default()));
        completions.as_deref().unwrap_or("<unknown>").into()
    }),
    Column::computed("Duration", "How long the job has run, or took.", duration),
    AGE,
    CONTAINERS,
    IMAGES,
    Column::computed("Selector", "The labels of the pods.", |job| match template::selector(job) {
        None => "<error>".into(),
        Some(selector) => or(&selector, "<none>").into(),
    })
    .wide(),
]);

fn read<'a>(job: &Printed<'a>) -> Option<(Metadata<'a>, Spec, Status<'a>)> {
    let job: Parts<'a, Spec, Status<'a>> = job.parse()?;
    Some((job.metadata, job.spec.unwrap_or_default(), job.status.unwrap_or_default()))
}

fn duration(job: &Printed<'_>) -> Value {
    match (job.time("/status/startTime"), job.time("/status/completionTime")) {
        (None, _) => "".into(),
        (start, None) => job.since(start).into(),
        (Some(start), Some(end)) => lapse::of(end.duration_since(start)).into(),
    }
}

const STATUS: &[&str] =
    &["Running", "Complete", "Failed", "Suspended", "Terminating", "FailureTarget", "SuccessCriteriaMet"];

#[derive(Default, Deserialize)]
struct Spec {
    completions: Option<i64>,
    parallelism: Option<i64>,
}

#[derive(Default, Deserialize)]
struct Status<'a> {
    succeeded: Option<i64>,
    #[serde(borrow)]
    conditions: Option<Vec<Condition<'a>>>,
}

fn interpret(object: &Object) -> Result<Interpretation, Error> {
    let job: Parts<'_, Spec, Status<'_>> = Parts::of(object, KIND.kind)?;
    let status = job.status.unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let mut tracks = Tracks::with_capacity(2 + conditions.len());
    tracks.one(Track::Status, State::plain(column(&job.metadata, &conditions)));
    let succeeded = status.succeeded.unwrap_or_default();
    tracks.optional(track("completions"), job.spec.map(|spec| State::plain(completions(&spec, succeeded))));
    tracks.family(conditions.iter().map(Condition::track));
    Ok(tracks.done(job.metadata.deletion()))
}

fn column(metadata: &Metadata<'_>, conditions: &[Condition<'_>]) -> &'static str {
    let first = |kind: &str| conditions.iter().find(|condition| &*condition.kind == kind);
    let holds = |kind: &&str| first(kind).is_some_and(|condition| &*condition.status == "True");
    if let Some(ended) = ["Complete", "Failed"].into_iter().find(holds) {
        return ended;
    }
    if metadata.is_deleting() {
        return "Terminating";
    }
    ["Suspended", "FailureTarget", "SuccessCriteriaMet"].into_iter().find(holds).unwrap_or("Running")
}

fn completions(spec: &Spec, succeeded: i64) -> SmolStr {
    match (spec.completions, spec.parallelism) {
        (Some(completions), _) => format_smolstr!("{succeeded}/{completions}"),
        (None, Some(parallelism)) if parallelism > 1 => format_smolstr!("{succeeded}/1 of {parallelism}"),
        (None, _) => format_smolstr!("{succeeded}/1"),
    }
}

/// True for `2/3` and `0/1 of 4`.
fn are_completions(text: &str) -> bool {
    let (fraction, of) = text.split_once(" of ").unwrap_or((text, "1"));
    is_fraction(fraction) && is_number(of)
}
