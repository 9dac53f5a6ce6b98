//! `GET /v1/timeline`: the entries so far, or a stream of them.

use super::app::App;
use super::client::Client;
use super::limits::Taken;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::run::{Position, Read};
use crate::timeline::{Body, Entry};
use crate::view::{self, Selection};
use axum::extract::{RawQuery, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures::stream;
use http::HeaderMap;
use http::header::ACCEPT;
use serde::Serialize;
use serde_json::value::RawValue;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;
use utoipa::ToSchema;

const PARAMETERS: [&str; 7] = ["kind", "namespace", "name", "uid", "track", "after", "limit"];
/// Entries of a page, by default and at most.
const PAGE: (usize, usize) = (1000, 10_000);
/// Entries that are taken from the log at once, by a stream or to look for a mark.
pub(super) const BATCH: usize = 256;
/// How often a quiet stream shows that it is there.
const ALIVE: Duration = Duration::from_secs(15);

/// Entries of the timeline.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page {
    /// The entries, in the timeline's order, as `statetrail show -o json` prints them
    /// (docs/schema/timeline-v1.schema.json).
    #[schema(value_type = Vec<serde_json::Value>)]
    entries: Vec<Box<RawValue>>,
    /// The ID of the last entry that was looked at: the next page is `after` it.
    #[schema(example = "9f3c1a7e-120")]
    next: String,
    /// True when there are entries after it already.
    more: bool,
}

/// The timeline: as pages, or as a stream of server-sent events.
///
/// A stream begins with the first entry, or after the one that `Last-Event-ID` or `after` names. Its events are
/// `transition`, `detail`, `gap`, `mark` and `event`, each with an entry as JSON; `reset` (the numbering has changed:
/// everything comes again from the first entry), `lagged` (this client was too slow, `missed` entries are no longer
/// held; the stream ends, and resumes after them) and `end` (the recorder has ended).
#[utoipa::path(get, path = "/v1/timeline", tag = "timeline",
    params(
        ("kind" = Option<String>, Query, description = "Kinds, as in kubectl: vm, pods, vm/web; with commas, several"),
        ("namespace" = Option<String>, Query, description = "Namespaces, or patterns with *"),
        ("name" = Option<String>, Query, description = "Names, or patterns with *"),
        ("uid" = Option<String>, Query, description = "uids, or prefixes of them", pattern = "^[0-9A-Za-z,-]*$"),
        ("track" = Option<String>, Query, description = "Tracks, or patterns with *: status, condition/*"),
        ("after" = Option<String>, Query, description = "Only entries after the one with this ID; `end`: only new ones"),
        ("limit" = Option<usize>, Query, description = "Most entries to look at [default: 1000]",
            minimum = 1, maximum = 10_000),
        ("Last-Event-ID" = Option<String>, Header, description = "Of a stream: as `after`")),
    responses(
        (status = 200, description = "Entries", content((Page = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The entries after this ID are no longer held", body = Problem,
            content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn timeline(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(query.as_deref(), &PARAMETERS)?;
    let selection = parameters.selection()?;
    let log = app.timeline.log();
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let is_stream = text(ACCEPT.as_str()).is_some_and(|accepts| accepts.contains("text/event-stream"));
    let last = text("last-event-id").filter(|_| is_stream);
    let after = match last.or(parameters.one("after")?) {
        None => log.beginning(),
        Some("end") => *log.last().borrow(),
        Some(id) => position(id)?,
    };
    if is_stream {
        let taken = app.wait(client)?;
        return Ok(stream(&app, selection, after, taken).into_response());
    }
    let limit = match parameters.one("limit")? {
        None => PAGE.0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=PAGE.1).contains(limit))
            .ok_or_else(|| Problem::bad_request(format!("`limit={text}`: it is a number from 1 to {}", PAGE.1)))?,
    };
    page(&app, &selection, after, limit).map(|page| Json(page).into_response())
}

fn page(app: &App, selection: &Selection, after: Position, limit: usize) -> Result<Page, Problem> {
    let log = app.timeline.log();
    let (entries, next) = match log.after(after, limit) {
        Read::Entries(entries, next) => (entries, next),
        Read::Nothing | Read::Over => (Vec::new(), after),
        Read::Missed { entries, after } => {
            return Err(Problem::gone(format!(
                "{entries} entries after this ID are no longer held: download /v1/recording for them, or go on with \
                 after={}",
                id(after)
            )));
        }
        Read::OtherEdition => {
            return Err(Problem::gone("this ID is of another numbering: leave `after` out to read from the beginning"));
        }
    };
    let selected = entries.iter().filter(|entry| selection.matches(entry));
    let more = matches!(log.after(next, 1), Read::Entries(..));
    Ok(Page { entries: selected.map(|entry| json(entry)).collect(), next: id(next), more })
}

/// What a stream reads.
struct Reader {
    app: App,
    selection: Selection,
    after: Position,
    last: watch::Receiver<Position>,
    is_over: bool,
    _taken: Taken,
}

fn stream(
    app: &App,
    selection: Selection,
    after: Position,
    taken: Taken,
) -> Sse<impl futures::Stream<Item = Result<Event, Infallible>> + use<>> {
    let last = app.timeline.log().last();
    let reader = Reader { app: app.clone(), selection, after, last, is_over: false, _taken: taken };
    let batches = stream::unfold(reader, |mut reader| async move {
        let events = reader.next().await?;
        Some((stream::iter(events.into_iter().map(Ok)), reader))
    });
    Sse::new(futures::StreamExt::flatten(batches)).keep_alive(KeepAlive::new().interval(ALIVE))
}

impl Reader {
    /// The next events, once there are some; none at the end. Cancel-safe.
    async fn next(&mut self) -> Option<Vec<Event>> {
        while !self.is_over {
            self.last.mark_unchanged();
            match self.app.timeline.log().after(self.after, BATCH) {
                Read::Entries(entries, next) => {
                    let first = next.number - entries.len() as u64 + 1;
                    let numbered = (first..).map(|number| Position { number, ..next }).zip(&entries);
                    let selected = numbered.filter(|(_, entry)| self.selection.matches(entry));
                    let events: Vec<Event> = selected
                        .map(|(at, entry)| Event::default().id(id(at)).event(kind(entry)).data(json(entry).get()))
                        .collect();
                    self.after = next;
                    if !events.is_empty() {
                        return Some(events);
                    }
                }
                Read::Missed { entries, after } => {
                    self.is_over = true;
                    let data = format!("{{\"missed\":{entries}}}");
                    return Some(vec![Event::default().id(id(after)).event("lagged").data(data)]);
                }
                Read::OtherEdition => {
                    self.after = self.app.timeline.log().beginning();
                    return Some(vec![Event::default().id(id(self.after)).event("reset").data("{}")]);
                }
                Read::Over => {
                    self.is_over = true;
                    return Some(vec![Event::default().id(id(self.after)).event("end").data("{}")]);
                }
                Read::Nothing => {
                    if self.last.changed().await.is_err() {
                        self.is_over = true;
                    }
                }
            }
        }
        None
    }
}

/// The name of an entry's event.
fn kind(entry: &Entry) -> &'static str {
    match &entry.body {
        Body::Transition(_) => "transition",
        Body::Detailed(_) => "detail",
        Body::Gap(_) => "gap",
        Body::Mark(_) => "mark",
        Body::Evidence(_) => "event",
    }
}

/// An entry as `show -o json` prints it.
fn json(entry: &Entry) -> Box<RawValue> {
    let mut line = Vec::new();
    view::json::entry(entry, &mut line).expect("memory can be written");
    let text = String::from_utf8(line).expect("JSON is UTF-8");
    RawValue::from_string(text.trim_end().to_owned()).expect("an entry is JSON")
}

/// The ID of an entry.
pub(super) fn id(Position { edition, number }: Position) -> String {
    format!("{edition:08x}-{number}")
}

/// The position of an ID.
///
/// # Errors
/// It is none.
pub(super) fn position(id: &str) -> Result<Position, Problem> {
    let parsed = id.split_once('-').and_then(|(edition, number)| {
        Some(Position { edition: u32::from_str_radix(edition, 16).ok()?, number: number.parse().ok()? })
    });
    parsed.ok_or_else(|| {
        Problem::bad_request(format!("`{id}` is no ID of an entry; IDs are in `next`, or in the stream"))
    })
}
