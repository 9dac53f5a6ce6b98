//! One entry as a document for programs: its members, their names and their order, shared by JSON and YAML.
//!
//! This is a contract (docs/schema/timeline-v1.schema.json): members are added, never renamed or moved. Absent optional
//! members are left out; `from` and `to` are always there, and null when there is no state.

use super::clock;
use crate::kinds::Evidence;
use crate::observation::{GapReason, ResourceVersion, State, StateKind, Subject, rfc3339_micros};
use crate::timeline::{Body, Detailed, Entry, GapEntry, Transition};
use jiff::Timestamp;
use serde::Serialize;
use smol_str::SmolStr;
use std::time::Duration;

/// An entry, with seconds in the representation of the format.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Document<'a, S> {
    Transition(Change<'a, S>),
    Detailed(Otherwise<'a, S>),
    Gap(Unseen<'a>),
    Mark(Mark<'a, S>),
    Evidence(EventReport<'a, S>),
}

impl<'a, S> Document<'a, S> {
    /// The document of an entry; `held` if it is shown as the state that was held when the window began.
    pub(super) fn new(entry: &'a Entry, held: bool, seconds: impl FnOnce(Duration) -> S) -> Self {
        let head = |seconds: S| Head {
            seq: entry.seq,
            at: rfc3339_micros(entry.stamp.at),
            elapsed: seconds,
            not_before: entry.not_before.filter(|at| clock::is_known(*at)).map(rfc3339_micros),
            leases: entry.leases.as_deref().map(|leases| leases.map(rfc3339_micros)),
        };
        let origin = Origin {
            resource_version: entry.resource_version.as_ref().map(ResourceVersion::as_str),
            seen: entry.seen.as_str(),
            held,
        };
        match &entry.body {
            Body::Transition(Transition { track, from, to }) => Self::Transition(Change {
                head: head(seconds(entry.stamp.elapsed)),
                subject: entry.subject.as_deref().map(SubjectRef::of).unwrap_or_default(),
                track: track.to_string(),
                from: from.as_ref().and_then(label),
                to: label(to),
                state: Details::of(to),
                origin,
            }),
            Body::Detailed(Detailed { track, from, to }) => Self::Detailed(Otherwise {
                head: head(seconds(entry.stamp.elapsed)),
                subject: entry.subject.as_deref().map(SubjectRef::of).unwrap_or_default(),
                detail: Both {
                    track: track.to_string(),
                    label: label(to),
                    from: Details::of(from),
                    to: Details::of(to),
                },
                origin,
            }),
            Body::Gap(gap) => Self::Gap(Unseen {
                seq: entry.seq,
                at: rfc3339_micros(entry.stamp.at),
                gap: Span::of(gap, entry.subject.as_deref()),
            }),
            Body::Mark(name) => Self::Mark(Mark { head: head(seconds(entry.stamp.elapsed)), mark: name }),
            Body::Evidence(evidence) => Self::Evidence(EventReport {
                head: head(seconds(entry.stamp.elapsed)),
                subject: entry.subject.as_deref().map_or_else(
                    || SubjectRef {
                        cluster: None,
                        kind: &evidence.involved.kind,
                        namespace: filled(&evidence.involved.namespace),
                        name: &evidence.involved.name,
                        uid: &evidence.involved.uid,
                    },
                    SubjectRef::of,
                ),
                evidence: EventText::of(evidence),
                origin,
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<S> {
    seq: u64,
    at: String,
    elapsed: S,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leases: Option<[String; 2]>,
}

/// The subject of an entry.
#[derive(Default, Serialize)]
pub(super) struct SubjectRef<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
    uid: &'a str,
}

impl<'a> SubjectRef<'a> {
    /// The members of a subject.
    pub(super) fn of(subject: &'a Subject) -> Self {
        Self {
            cluster: subject.cluster.as_deref(),
            kind: &subject.kind,
            namespace: filled(&subject.namespace),
            name: &subject.name,
            uid: &subject.uid,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Origin<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_version: Option<&'a str>,
    seen: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    held: bool,
}

#[derive(Serialize)]
pub(super) struct Change<'a, S> {
    #[serde(flatten)]
    head: Head<S>,
    #[serde(flatten)]
    subject: SubjectRef<'a>,
    track: String,
    from: Option<&'a str>,
    to: Option<&'a str>,
    #[serde(skip_serializing_if = "Details::is_empty")]
    state: Details<'a>,
    #[serde(flatten)]
    origin: Origin<'a>,
}

#[derive(Serialize)]
pub(super) struct Otherwise<'a, S> {
    #[serde(flatten)]
    head: Head<S>,
    #[serde(flatten)]
    subject: SubjectRef<'a>,
    detail: Both<'a>,
    #[serde(flatten)]
    origin: Origin<'a>,
}

/// A state before and after.
#[derive(Serialize)]
struct Both<'a> {
    track: String,
    label: Option<&'a str>,
    from: Details<'a>,
    to: Details<'a>,
}

/// What accompanies the label of a state.
#[derive(Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restart_count: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
}

impl<'a> Details<'a> {
    /// Those of a state.
    pub(super) fn of(state: &'a State) -> Self {
        Self {
            kind: state.kind.name(),
            reason: state.detail.reason.as_deref(),
            message: state.detail.message.as_deref(),
            exit_code: state.detail.exit_code,
            signal: state.detail.signal,
            restart_count: state.detail.restart_count,
            started_at: state.detail.started_at,
            finished_at: state.detail.finished_at,
            server_time: state.detail.server_time,
            instance: state.detail.instance.as_deref(),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[derive(Serialize)]
pub(super) struct Unseen<'a> {
    seq: u64,
    at: String,
    gap: Span<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Span<'a> {
    resource: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<String>,
    from: Option<String>,
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from_resource_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_resource_version: Option<&'a str>,
    reason: GapReason,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
}

impl<'a> Span<'a> {
    fn of(gap: &'a GapEntry, subject: Option<&'a Subject>) -> Self {
        Self {
            resource: &gap.resource,
            namespace: filled(&gap.namespace),
            subject: subject.map(SubjectRef::of),
            track: gap.track.as_ref().map(ToString::to_string),
            from: gap.from.filter(|at| clock::is_known(*at)).map(rfc3339_micros),
            to: gap.to.map(rfc3339_micros),
            from_resource_version: gap.from_resource_version.as_ref().map(ResourceVersion::as_str),
            to_resource_version: gap.to_resource_version.as_ref().map(ResourceVersion::as_str),
            reason: gap.reason,
            evidence: gap.evidence.as_deref(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Mark<'a, S> {
    #[serde(flatten)]
    head: Head<S>,
    mark: &'a str,
}

#[derive(Serialize)]
pub(super) struct EventReport<'a, S> {
    #[serde(flatten)]
    head: Head<S>,
    #[serde(flatten)]
    subject: SubjectRef<'a>,
    evidence: EventText<'a>,
    #[serde(flatten)]
    origin: Origin<'a>,
}

/// What an Event reports.
#[derive(Serialize)]
pub(super) struct EventText<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    reason: &'a str,
    message: &'a str,
    count: u32,
    source: &'a str,
}

impl<'a> EventText<'a> {
    /// That of an Event.
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let Evidence { kind, reason, message, count, source, .. } = evidence;
        Self { kind, reason, message, count: *count, source }
    }
}

/// The label of a state; none for a track that its object lost.
pub(super) fn label(state: &State) -> Option<&str> {
    (state.kind != StateKind::Absent).then_some(state.label.as_str())
}

fn filled(text: &SmolStr) -> Option<&str> {
    (!text.is_empty()).then_some(text.as_str())
}
