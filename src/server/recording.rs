//! `GET /v1/recording`: the recording so far, as a download.

use super::app::App;
use super::client::Client;
use super::parameters::Parameters;
use super::problem::Problem;
use crate::kinds;
use crate::observation::{Watch, field_selector};
use crate::recording;
use crate::view::KindName;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use std::io::{self, Write};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Parts that wait to be sent.
const QUEUE: usize = 8;
const PART_BYTES: usize = 64 * 1024;

/// The recording so far. `statetrail verify` and `statetrail check` accept it; it has no end yet.
#[utoipa::path(get, path = "/v1/recording", tag = "recording",
    params(
        ("kind" = Option<String>, Query, description = "Only the watches of these kinds, as in kubectl: vm,pods"),
        ("namespace" = Option<String>, Query, description = "Only this namespace"),
        ("name" = Option<String>, Query, description = "Only objects of this name")),
    responses(
        (status = 200, description = "The file (docs/FORMAT.md)",
            content((Vec<u8> = "application/x-ndjson"), (Vec<u8> = "application/zstd"))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no file", body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json")))]
pub(super) async fn recording(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let parameters = Parameters::of(query.as_deref(), &["kind", "namespace", "name"])?;
    let kinds = parameters.selection()?.kinds;
    let (namespace, name) = (parameters.one("namespace")?, parameters.one("name")?);
    let excerpt: Vec<Option<Watch>> =
        app.watches.iter().map(|watch| narrowed(watch, &kinds, namespace, name)).collect();
    if excerpt.iter().all(Option::is_none) {
        return Err(Problem::not_found("no watch of the recording shows such objects; /v1/status lists the watches"));
    }
    let Some(path) = app.file.clone() else {
        return Err(Problem::not_found("this recorder keeps no recording: start it with -o FILE"));
    };
    let taken = app.downloads.take(client, 1)?;
    let is_compressed = path.extension().is_some_and(|extension| extension == "zst");
    let name = path.file_name().unwrap_or_default().to_string_lossy().replace(['"', '\\'], "_");
    let (parts, received) = mpsc::channel(QUEUE);
    // What was sent is a recording up to there; the client sees that the response is not complete.
    tokio::task::spawn_blocking(move || {
        let _taken = taken;
        let mut out = Parts { parts: parts.clone(), part: Vec::new() };
        let copied = recording::copy(&path, &excerpt, &mut out).map_err(io::Error::other);
        if let Err(error) = copied.and_then(|()| out.flush()) {
            let _ = parts.blocking_send(Err(error));
        }
    });
    let media_type = if is_compressed { "application/zstd" } else { "application/x-ndjson" };
    let disposition = format!("attachment; filename=\"{}\"", name.chars().filter(char::is_ascii).collect::<String>());
    let headers = [(CONTENT_TYPE, media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(ReceiverStream::new(received))).into_response())
}

/// The watch that shows only the objects of some kinds, of a namespace and of a name; none if it shows none of these.
fn narrowed(watch: &Watch, kinds: &[KindName], namespace: Option<&str>, name: Option<&str>) -> Option<Watch> {
    let mut narrowed = watch.clone();
    if !kinds.is_empty() && !kinds.iter().any(|kind| kind.is_of(&watch.resource)) {
        return None;
    }
    let declared = kinds::served(&watch.resource.group, &watch.resource.plural);
    if let Some(namespace) = namespace {
        match declared {
            _ if watch.namespace == namespace => {}
            // Whether its objects are namespaced is not known.
            None if watch.namespace.is_empty() => {}
            Some(kind) if watch.namespace.is_empty() && kind.namespaced => narrowed.namespace = namespace.into(),
            _ => return None,
        }
    }
    if let Some(name) = name {
        match watch.only_name() {
            // An Event has a name of its own.
            _ if declared.is_some_and(kinds::Kind::is_evidence) => return None,
            Some(only) if only == name => {}
            Some(_) => return None,
            None => {
                let term = format!("metadata.name={}", field_selector::escape(name));
                let separator = if watch.field_selector.is_empty() { "" } else { "," };
                narrowed.field_selector = format!("{}{separator}{term}", watch.field_selector);
            }
        }
    }
    Some(narrowed)
}

/// Writes into the body of a response.
struct Parts {
    parts: mpsc::Sender<io::Result<Bytes>>,
    part: Vec<u8>,
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART_BYTES {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let part = Bytes::from(std::mem::take(&mut self.part));
        self.parts.blocking_send(Ok(part)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
