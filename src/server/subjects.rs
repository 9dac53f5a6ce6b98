//! `GET /v1/subjects`.

use super::app::App;
use super::parameters::{Parameters, SUBJECTS};
use super::problem::Problem;
use crate::observation::rfc3339_micros;
use crate::run::CurrentSubject;
use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Subjects with their states.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Subjects {
    /// By kind, namespace, name and uid. Of deleted ones, the last 10,000.
    subjects: Vec<SubjectStates>,
}

/// An object, and the states that it was last seen in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubjectStates {
    /// Its kind, as the API writes it.
    kind: String,
    /// Its namespace; absent for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// Its name.
    name: String,
    /// Its uid.
    uid: String,
    /// True once it was deleted.
    deleted: bool,
    /// True while its watch is not followed: it may be in other states by now.
    stale: bool,
    /// By track.
    tracks: BTreeMap<String, TrackState>,
}

/// The state of a track.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrackState {
    /// Its label.
    #[schema(example = "Running")]
    state: String,
    /// Since when, by the recorder's clock; where that was not seen, when it was first seen.
    #[schema(format = DateTime)]
    since: String,
    /// How it was seen: `initial`, `live`, `delayed`, `late`, `healed` or `after-gap`.
    seen: &'static str,
}

/// The states that subjects were last seen in.
#[utoipa::path(get, path = "/v1/subjects", tag = "timeline",
    params(
        ("kind" = Option<String>, Query, description = "Kinds, as in kubectl: vm, pods, vm/web; with commas, several"),
        ("namespace" = Option<String>, Query, description = "Namespaces, or patterns with *"),
        ("name" = Option<String>, Query, description = "Names, or patterns with *"),
        ("uid" = Option<String>, Query, description = "uids, or prefixes of them", pattern = "^[0-9A-Za-z,-]*$")),
    responses(
        (status = 200, body = Subjects),
        (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn subjects(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Subjects>, Problem> {
    let selection = Parameters::of(query.as_deref(), &SUBJECTS)?.selection()?;
    let connections = app.progress.borrow().connections.now();
    let is_out = |subject: &CurrentSubject| {
        let connection = subject.watch.and_then(|watch| connections.get(usize::from(watch)));
        connection.is_some_and(|connection| connection.outage.is_some())
    };
    let selected = app.timeline.log().subjects(|known| selection.has_subject(&known.subject));
    let mut subjects: Vec<SubjectStates> =
        selected.iter().map(|known| SubjectStates::of(known, is_out(known))).collect();
    subjects.sort_by(|a, b| {
        let key = |it: &SubjectStates| (it.kind.clone(), it.namespace.clone(), it.name.clone(), it.uid.clone());
        key(a).cmp(&key(b))
    });
    Ok(Json(Subjects { subjects }))
}

impl SubjectStates {
    fn of(known: &CurrentSubject, stale: bool) -> Self {
        let subject = &known.subject;
        let tracks = known.tracks.iter().map(|(track, current)| {
            let (since, seen) = (rfc3339_micros(current.since), current.seen.as_str());
            let state = TrackState { state: current.state.label.to_string(), since, seen };
            (track.to_string(), state)
        });
        Self {
            kind: subject.kind.to_string(),
            namespace: Some(subject.namespace.to_string()).filter(|namespace| !namespace.is_empty()),
            name: subject.name.to_string(),
            uid: subject.uid.to_string(),
            deleted: known.deleted.is_some(),
            stale,
            tracks: tracks.collect(),
        }
    }
}
