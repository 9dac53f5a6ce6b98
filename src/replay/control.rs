//! `/replay`: where the replay is, and what moves it.

use super::playback::Position;
use super::reel::Reel;
use super::refusal::Refusal;
use super::route::Query;
use super::shared::Shared;
use super::{Speed, body};
use axum::extract::{Path, RawQuery, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// How long a request waits for what it moved.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where the replay is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Where {
    state: String,
    /// The time of the recording.
    at: String,
    /// The same, in seconds since its start.
    elapsed: f64,
    /// Its length, in seconds.
    length: f64,
    step: usize,
    steps: usize,
    speed: String,
    /// How often it was moved back.
    round: u64,
    /// Open watches.
    watches: usize,
}

/// `GET /replay`
pub(super) async fn position(State(shared): State<Arc<Shared>>) -> Result<Response, Refusal> {
    let reel = shared.reel.as_ref().ok_or_else(none)?;
    Ok(respond(&shared, reel))
}

/// `POST /replay/{action}`
pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    Path(action): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let reel = shared.reel.as_ref().ok_or_else(none)?;
    let query = Query::read(query.as_deref().unwrap_or_default());
    let playback = &reel.playback;
    let takes = |known: &'static [&'static str]| match query.names().find(|name| !known.contains(name)) {
        Some(name) => Err(Refusal::new(400, format!("/replay/{action} does not take `{name}`"))),
        None => Ok(()),
    };
    match action.as_str() {
        "pause" => {
            takes(&[])?;
            playback.pause();
        }
        "resume" => {
            takes(&[])?;
            playback.resume();
        }
        "step" => {
            takes(&["by"])?;
            let by = match query.text("by") {
                "" => Some(1),
                text => text.parse().ok(),
            };
            let by = by.ok_or_else(|| Refusal::new(400, "by: write a number of steps, such as 1 or -1"))?;
            playback.step(by);
        }
        "speed" => {
            takes(&["to"])?;
            let speed: Speed =
                query.text("to").parse().map_err(|error: super::Error| Refusal::new(400, format!("to: {error}")))?;
            playback.set_speed(speed);
        }
        "seek" => {
            takes(&["to"])?;
            playback.seek(reel.moment(query.text("to"))?);
        }
        _ => {
            let message = format!("there is no /replay/{action}; write pause, resume, step, seek or speed");
            return Err(Refusal::new(404, message));
        }
    }
    if tokio::time::timeout(PATIENCE, playback.settled()).await.is_err() {
        return Err(Refusal::new(503, "the replay has not come to that moment yet").retry_after(Some(1)));
    }
    Ok(respond(&shared, reel))
}

/// Any other method.
pub(super) async fn wrong_method() -> Refusal {
    Refusal::new(405, "GET /replay says where the replay is; POST /replay/ACTION moves it")
}

/// Lets requests pass that have the token.
pub(super) async fn admit(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if shared.admits(request.headers()) {
        next.run(request).await
    } else {
        Refusal::new(401, "Unauthorized").into_response()
    }
}

fn none() -> Refusal {
    Refusal::new(404, "this server does not replay a recording")
}

fn respond(shared: &Shared, reel: &Reel) -> Response {
    let Position { at, length, step, steps, speed, doing, round } = reel.playback.position();
    let moment = reel.started.checked_add(at).unwrap_or(reel.started);
    let position = Where {
        state: doing.to_string(),
        at: format!("{moment:.3}"),
        elapsed: at.as_secs_f64(),
        length: length.as_secs_f64(),
        step,
        steps,
        speed: speed.to_string(),
        round,
        watches: shared.journal.open_watches(),
    };
    let text = serde_json::to_string(&position).unwrap_or_default() + "\n";
    body::json(text).map(axum::body::Body::new)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.response().map(axum::body::Body::new)
    }
}
