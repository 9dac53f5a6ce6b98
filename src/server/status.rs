//! `GET /v1/status`.

use super::app::App;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::observation::rfc3339_micros;
use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use utoipa::ToSchema;

/// The recorder.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    /// The version of statetrail.
    version: &'static str,
    /// The absolute path of the recording on the server's machine; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    recording: Option<String>,
    /// True once every watch has delivered its initial state.
    attached: bool,
    /// True once the recorder has ended.
    ended: bool,
    /// The number of entries of the timeline so far.
    entries: u64,
    /// Objects that exist or existed.
    subjects: u64,
    /// Transitions on all tracks.
    transitions: u64,
    /// Gaps of all watches.
    gaps: u64,
    /// The watches, in the order of the recording's header.
    watches: Vec<WatchStatus>,
}

/// A watch.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WatchStatus {
    /// The resource, as in `kubectl api-resources`.
    #[schema(example = "virtualmachines.kubevirt.io")]
    resource: String,
    /// The namespace; absent for all, and for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    /// True when it has delivered its initial state, or the server does not serve it.
    attached: bool,
    /// True when the server does not serve it.
    not_served: bool,
    /// Gaps.
    gaps: u64,
    /// Streams that were opened again where they ended.
    reconnects: u64,
    /// Why it is not followed now; absent while it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    outage: Option<Outage>,
}

/// A time in which a watch is not followed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Outage {
    /// Since when.
    #[schema(format = DateTime)]
    since: String,
    /// What the last attempt met.
    why: String,
}

/// What is recorded, and how far.
#[utoipa::path(get, path = "/v1/status", tag = "recording",
    responses(
        (status = 200, body = Status),
        (status = 400, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn status(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Json<Status>, Problem> {
    Parameters::of(query.as_deref(), &[])?;
    let progress = app.progress.borrow();
    let connections = progress.connections.now();
    let watches = app.watches.iter().enumerate().map(|(at, watch)| {
        let watched = progress.watches.get(at).cloned().unwrap_or_default();
        let outage = connections.get(at).and_then(|connection| connection.outage.clone());
        WatchStatus {
            resource: watch.resource.to_string(),
            namespace: Some(watch.namespace.to_string()).filter(|namespace| !namespace.is_empty()),
            attached: watched.attached,
            not_served: watched.absent,
            gaps: watched.gaps + watched.undecodable,
            reconnects: watched.reconnects,
            outage: outage.map(|outage| Outage {
                since: rfc3339_micros(outage.since),
                why: format!("{}: {}", outage.trouble.what, outage.trouble.why),
            }),
        }
    });
    let watches: Vec<_> = watches.collect();
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        recording: app.file.as_ref().map(|path| path.display().to_string()),
        attached: progress.is_attached(),
        ended: app.has_ended(),
        entries: app.timeline.log().last().borrow().number,
        subjects: progress.subjects,
        transitions: progress.transitions,
        gaps: watches.iter().map(|watch| watch.gaps).sum(),
        watches,
    }))
}
