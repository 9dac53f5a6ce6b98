//! batch/v1 Job: the columns STATUS and COMPLETIONS, and conditions.
//!
//! Both follow `printJob` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go); the conditions are those of
//! batch/v1 types.go, `JobConditionType`. In a recording without the spec, the desired number of completions
//! is unknown, and `completions` is absent.

use super::conditions::{self, Condition};
use super::declaration::{Kind, Role, TrackDeclaration, Vocabulary, is_fraction, is_number};
use super::metadata::{LIFECYCLE, Metadata};
use super::parts::{Parts, track};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Object, Shape, State, Track};
use serde::Deserialize;
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
    interpret,
};

const STATUS: &[&str] =
    &["Running", "Complete", "Failed", "Suspended", "Terminating", "FailureTarget", "SuccessCriteriaMet"];

#[derive(Deserialize)]
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
