//! `GET /`: the timeline as a page for browsers, and what it asks for. These requests are the page's own: they change
//! with it, and are not in the OpenAPI document.

use super::app::App;
use super::client::Client;
use super::parameters::Parameters;
use super::problem::Problem;
use super::timeline::{id, position};
use crate::observation::{Payload, Watch};
use crate::recording::Reader;
use crate::run::{Position, Read};
use crate::source::Connection;
use crate::timeline::Entry;
use crate::view::browser::{self, Chunk, Head, Titled, WatchHead};
use crate::view::verdict::{self, Judged};
use crate::view::{Caveats, Durations, Style};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use futures::FutureExt;
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use serde::Serialize;
use serde_json::value::RawValue;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Most entries of one answer.
const ENTRIES: usize = 20_000;
/// Most judges whose verdicts are shown, and how long each may take.
const JUDGES: usize = 100;
const ANSWER: Duration = Duration::from_secs(10);
/// How often it is looked whether watches are followed.
const LOOK: Duration = Duration::from_millis(250);

/// The page, and what it asks for.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(page))
        .route("/page/timeline", get(timeline))
        .route("/page/object", get(object))
        .route("/page/verdicts", get(verdicts))
}

/// The page. Its policy allows its own script and style, by their digests, and requests to this server.
async fn page() -> Response {
    let policy = HeaderValue::try_from(browser::policy()).expect("digests are text");
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    ([(CONTENT_SECURITY_POLICY, policy), (CONTENT_TYPE, html)], browser::TEMPLATE).into_response()
}

/// Entries after those that the page has.
#[derive(Debug, Serialize)]
struct More {
    head: Titled,
    /// The numbering has changed: everything comes again.
    reset: bool,
    /// So many entries before these are no longer held.
    missed: u64,
    chunk: Chunk,
    next: String,
    /// Which watches are not followed, for the next request.
    outages: String,
    /// There are more already.
    #[serde(rename = "more")]
    is_partial: bool,
    ended: bool,
    /// The final verdicts, once it has ended: there is not much time to ask for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdicts: Option<Box<RawValue>>,
}

/// The entries after a position, once there are some, other watches are not followed, or the wait is over.
async fn timeline(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(query.as_deref(), &["after", "follower", "outages", "wait"])?;
    let wait = parameters.wait()?;
    let follower = parameters.one("follower")?;
    if let Some(follower) = follower {
        app.followers.asked(follower);
    }
    let after = parameters.one("after")?.map_or_else(|| Ok(app.timeline.log().beginning()), position)?;
    if !wait.is_zero() {
        let _taken = app.wait(client)?;
        // What it has come to is looked at below.
        let _ = tokio::time::timeout(wait, news(&app, after, parameters.one("outages")?)).await;
    }
    // Before its start the recorder has no clock, and the answer does not wait for one.
    let now = app.marker.now().now_or_never().and_then(Result::ok);
    let of = app.clone();
    let answer = tokio::task::spawn_blocking(move || more(&of, after, now.map(|now| now.at)));
    let mut more = answer.await.map_err(|_| Problem::internal("the entries could not be read"))?;
    if more.ended && !more.is_partial {
        more.verdicts = judged(&app).await?;
    } else if let Some(follower) = follower {
        app.followers.answered(follower);
    }
    Ok(Json(more).into_response())
}

/// Waits for entries after a position, for other outages, or for the end.
async fn news(app: &App, after: Position, outages: Option<&str>) {
    let mut last = app.timeline.log().last();
    loop {
        last.mark_unchanged();
        let is_other = outages.is_some_and(|known| known != self::outages(app));
        if is_other || app.timeline.log().after(after, 1) != Read::Nothing {
            return;
        }
        // Of a connection nobody is told.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK, last.changed()).await {
            return;
        }
    }
}

/// Which watches are not followed, and since when.
fn outages(app: &App) -> String {
    let connections = app.progress.borrow().connections.now();
    let since = |connection: &Connection| connection.outage.as_ref().map(|outage| outage.since);
    let words =
        |since: Option<jiff::Timestamp>| since.map_or_else(|| "-".to_owned(), |at| at.as_microsecond().to_string());
    connections.iter().map(|connection| words(since(connection))).collect::<Vec<_>>().join(",")
}

fn more(app: &App, after: Position, now: Option<jiff::Timestamp>) -> More {
    let log = app.timeline.log();
    let (mut missed, mut reset) = (0, false);
    let (entries, next) = match log.after(after, ENTRIES) {
        Read::Entries(entries, next) => (entries, next),
        Read::Nothing | Read::Over => (Vec::new(), after),
        Read::Missed { entries, after } => {
            missed = entries;
            held(app, after)
        }
        Read::OtherEdition => {
            reset = true;
            held(app, log.beginning())
        }
    };
    More {
        head: head(app, entries.last().map(AsRef::as_ref), now).served(),
        reset,
        missed,
        chunk: Chunk::of(entries.iter().map(AsRef::as_ref)),
        next: id(next),
        outages: outages(app),
        is_partial: matches!(log.after(next, 1), Read::Entries(..)),
        ended: app.has_ended(),
        verdicts: None,
    }
}

/// The entries that are held after a position, which is held itself.
fn held(app: &App, after: Position) -> (Vec<Arc<Entry>>, Position) {
    match app.timeline.log().after(after, ENTRIES) {
        Read::Entries(entries, next) => (entries, next),
        _ => (Vec::new(), after),
    }
}

/// The newest entry.
fn newest(app: &App) -> Option<Arc<Entry>> {
    let last = *app.timeline.log().last().borrow();
    match app.timeline.log().after(Position { number: last.number.checked_sub(1)?, ..last }, 1) {
        Read::Entries(entries, _) => entries.into_iter().next(),
        _ => None,
    }
}

fn head(app: &App, last: Option<&Entry>, now: Option<jiff::Timestamp>) -> Head {
    let progress = app.progress.borrow();
    let durations = if progress.has_other_clock { Durations::Unknown } else { Durations::Measured };
    let connections = progress.connections.now();
    let newest = newest(app);
    let last = last.or(newest.as_deref());
    let at = now.or(last.map(|last| last.stamp.at)).unwrap_or_default();
    let start = app.clock.borrow().as_ref().and_then(|clock| clock.now().start());
    Head {
        recording: app.file.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()),
        cluster: last.and_then(|last| last.subject.as_ref()?.cluster.as_ref().map(ToString::to_string)),
        started: start.or(last.and_then(|last| last.stamp.start())).unwrap_or(at),
        last: at,
        open: true,
        caveats: Caveats { durations, ..Caveats::default() },
        watches: app.watches.iter().enumerate().map(|(at, watch)| followed(watch, connections.get(at))).collect(),
        ..Head::default()
    }
}

/// A watch, and since when it is not followed.
fn followed(watch: &Watch, connection: Option<&Connection>) -> WatchHead {
    let head = WatchHead::from(watch);
    match connection.and_then(|connection| connection.outage.as_ref()) {
        Some(outage) => head.interrupted(outage.since, format!("{}: {}", outage.trouble.what, outage.trouble.why)),
        None => head,
    }
}

/// The verdicts on what is judged now: the expectations of the recorder, and those that clients asked for last; null if
/// there are none.
async fn verdicts(
    State(app): State<App>,
    Extension(client): Extension<Client>,
) -> Result<Json<Option<Box<RawValue>>>, Problem> {
    let _taken = app.wait(client)?;
    judged(&app).await.map(Json)
}

async fn judged(app: &App) -> Result<Option<Box<RawValue>>, Problem> {
    let mut judged = Vec::new();
    for mut judge in app.judged.few(JUDGES) {
        let answer = tokio::time::timeout(ANSWER, judge.verdicts()).await;
        judged.push(answer.map_err(|_| Problem::busy("no verdict was reached in time"))?);
    }
    if judged.is_empty() {
        return Ok(None);
    }
    let judged: Vec<_> = judged.iter().map(|of| Judged::recording(None, &of.outcomes, &of.entries)).collect();
    let mut document = Vec::new();
    let internal = |error: &dyn std::error::Error| Problem::internal(error.to_string());
    verdict::write(verdict::Format::Json, &judged, &Style::default(), &mut document)
        .map_err(|error| internal(&error))?;
    serde_json::from_slice(&document).map(Some).map_err(|error| internal(&error))
}

/// The stored object of a line of the recording.
async fn object(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Json<Box<RawValue>>, Problem> {
    let parameters = Parameters::of(query.as_deref(), &["seq", "uid"])?;
    let uid = parameters.one("uid")?.unwrap_or_default().to_owned();
    let seq = parameters.one("seq")?.and_then(|seq| seq.parse().ok());
    let Some(seq) = seq else { return Err(Problem::bad_request("`seq` is the number of a line of the recording")) };
    let Some(path) = app.file.clone() else {
        return Err(Problem::not_found("this recorder keeps no recording: start it with -o FILE"));
    };
    let taken = app.downloads.take(client, 1)?;
    let found = tokio::task::spawn_blocking(move || {
        let _taken = taken;
        stored(&path, seq, &uid)
    });
    let found = found.await.ok().flatten();
    found.map(Json).ok_or_else(|| Problem::not_found("this line of the recording has no object"))
}

/// The object of a line, if it is one with this uid.
fn stored(path: &Path, seq: u64, uid: &str) -> Option<Box<RawValue>> {
    let records = Reader::open(path).ok()?.map_while(Result::ok);
    let record = records.take_while(|record| record.seq <= seq).find(|record| record.seq == seq)?;
    match record.observation.payload {
        Payload::Object(event) if event.object.uid == uid => Some(event.object.json),
        _ => None,
    }
}
