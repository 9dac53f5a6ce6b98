//! `POST /v1/expectations`: judged by the same monitors as in `statetrail check`, on the whole recording.

use super::app::App;
use super::client::Client;
use super::judged::Asked;
use super::marks::{media_type, text};
use super::parameters::Parameters;
use super::problem::Problem;
use super::proving::proven;
use super::timeline::BATCH;
use crate::expectation::Program;
use crate::run::{Error, LiveJudge, Position, Read};
use crate::timeline::Body;
use crate::view::{Style, verdict};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::{Extension, Json};
use http::HeaderMap;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout, timeout_at};
use utoipa::ToSchema;

/// How long the verdicts themselves may take: those on what is no longer held are read from the file.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a proof is waited for, where a request does not say.
const PROOF: Duration = Duration::from_secs(10);
/// How long compiling may take, beyond what a request waits for.
const COMPILATION: Duration = Duration::from_secs(10);
/// How long judging may take, once everything up to the mark of `until=now` is proven and in the timeline.
const LAST: Duration = Duration::from_secs(2);

/// The verdicts on expectations. The other members are those of docs/schema/verdicts-v1.schema.json.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Verdicts {
    /// The combined verdict: `satisfied`, `violated`, `inconclusive`, `pending` or `skipped`.
    #[schema(value_type = String, example = "satisfied")]
    verdict: Box<RawValue>,
    /// What `statetrail check` prints.
    text: String,
    /// With `until=now`: the mark that ends what was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The expectations, each with its verdict and why.
    #[serde(flatten)]
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    members: BTreeMap<String, Box<RawValue>>,
}

/// Judge expectations on the recording so far, or wait until they are decided.
///
/// The body is one or more documents, or, as `text/plain`, one-line expectations, one a line. The answer comes as soon
/// as nothing is pending, or when the wait is over; it then says why something is pending. With `until=now`, what is
/// judged ends now: once it is proven that everything up to the request was recorded, a mark is written, and each
/// expectation that does not say until when it is ends there. `never` can then be satisfied.
#[utoipa::path(post, path = "/v1/expectations", tag = "expectations",
    params(
        ("wait" = Option<String>, Query, description = "How long to wait for a decision [default: 0s, with until=now 10s; \
            at most 10m]", pattern = "^([0-9]+(ms|s|m))?$", example = "60s"),
        ("until" = Option<String>, Query, description = "`now`: judge up to this moment", pattern = "^(now)?$")),
    request_body(description = "Expectations (docs/EXPECTATIONS.md)", content(
        (String = "application/yaml"), (serde_json::Value = "application/json"),
        (str = "text/plain", example = "vm/web status: never CrashLoopBackOff"))),
    responses(
        (status = 200, description = "The verdicts, also where they are not satisfied", body = Verdicts),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "They do not compile", body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The recorder has ended", body = Problem,
            content_type = "application/problem+json")))]
pub(super) async fn judge(
    State(app): State<App>,
    Extension(client): Extension<Client>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Verdicts>, Problem> {
    let parameters = Parameters::of(query.as_deref(), &["wait", "until"])?;
    let is_until_now = match parameters.one("until")? {
        None => false,
        Some("now") => true,
        Some(other) => return Err(Problem::bad_request(format!("`until={other}`: only `now` is possible"))),
    };
    let wait = match parameters.wait()? {
        wait if wait.is_zero() && is_until_now => PROOF,
        wait => wait,
    };
    let asked = (text(&body)?.to_owned(), is_lines(&headers)?);
    if app.has_ended() {
        return Err(Problem::ended());
    }
    let (mut judge, until) = if is_until_now {
        until_now(&app, client, asked, wait).await?
    } else {
        (so_far(&app, client, asked, wait).await?, None)
    };
    let judged =
        timeout(ANSWER, judge.verdicts()).await.map_err(|_| Problem::busy("no verdict was reached in time"))?;
    let mut members: BTreeMap<String, Box<RawValue>> = written(verdict::Format::Json, &judged)
        .and_then(|document| serde_json::from_slice(&document).map_err(|error| Problem::internal(error.to_string())))?;
    let verdict = members.remove("verdict").ok_or_else(|| Problem::internal("a verdict is missing"))?;
    let text = String::from_utf8_lossy(&written(verdict::Format::Text, &judged)?).into_owned();
    Ok(Json(Verdicts { verdict, text, until, members }))
}

/// Judges what has happened so far, or waits until it is decided.
async fn so_far(app: &App, client: Client, asked: Asked, wait: Duration) -> Result<LiveJudge, Problem> {
    let mut judge = begin(app, client, asked, wait).await?;
    if !wait.is_zero() {
        let _taken = app.wait(client)?;
        // A timeout is no error: what is undecided says so itself.
        let _ = timeout(wait, judge.judged()).await;
    }
    Ok(judge)
}

/// A judge of what is asked.
async fn begin(app: &App, client: Client, asked: Asked, wait: Duration) -> Result<LiveJudge, Problem> {
    if let Some(known) = app.judged.find(&asked) {
        return Ok(known);
    }
    let (program, asked) = compiled(app, asked, wait).await?;
    let taken = app.expectations.take(client, program.expectations().len())?;
    let judge = started(app, program)?;
    app.judged.keep(asked, judge.clone(), taken);
    Ok(judge)
}

/// Compiles what is asked, one request after the other.
async fn compiled(app: &App, asked: Asked, wait: Duration) -> Result<(Program, Asked), Problem> {
    let compiled = timeout(wait + COMPILATION, app.compiler.compile(asked)).await;
    compiled.unwrap_or_else(|_| Err(Problem::busy("expectations of other requests are being compiled")))
}

/// Judges what happened until now; returns the mark that says until when.
///
/// What the API server has answered before the request must count, though it may not have been delivered yet: so the
/// mark is written once it is proven that everything up to the request was recorded. If that cannot be proven, there is
/// no mark, and nothing is decided that depends on it.
async fn until_now(
    app: &App,
    client: Client,
    asked: Asked,
    wait: Duration,
) -> Result<(LiveJudge, Option<String>), Problem> {
    let (program, asked) = compiled(app, asked, wait).await?;
    let _judged = app.expectations.take(client, program.expectations().len())?;
    let _waits = app.wait(client)?;
    let mark = format!("now-{:016x}", RandomState::new().hash_one(&asked.0));
    let mut judge = started(app, program.until(&mark))?;
    let deadline = Instant::now() + wait;
    if timeout_at(deadline, proven(app)).await.unwrap_or(Ok(false))? {
        let before = *app.timeline.log().last().borrow();
        app.marker.mark(mark.clone()).await.map_err(|_| Problem::ended())?;
        // Nothing after the mark counts: what is pending when everything up to it is known remains so.
        let known = async {
            if proven(app).await.is_ok_and(|is_proven| is_proven) && reached(app, before, &mark).await {
                tokio::time::sleep(LAST).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        // A timeout is no error: what is undecided says so itself.
        let _ = timeout_at(deadline, async {
            tokio::select! { _ = judge.judged() => {}, () = known => {} }
        })
        .await;
        return Ok((judge, Some(mark)));
    }
    Ok((judge, None))
}

/// Waits until the timeline has a mark, which was written after a position; false if that cannot be seen.
async fn reached(app: &App, mut after: Position, mark: &str) -> bool {
    let log = app.timeline.log();
    let mut last = log.last();
    loop {
        match log.after(after, BATCH) {
            Read::Entries(entries, next) => {
                if entries.iter().any(|entry| matches!(&entry.body, Body::Mark(name) if name == mark)) {
                    return true;
                }
                after = next;
            }
            Read::Nothing if last.changed().await.is_ok() => {}
            _ => return false,
        }
    }
}

fn started(app: &App, program: Program) -> Result<LiveJudge, Problem> {
    app.timeline.judge(Arc::new(program)).map_err(refused)
}

fn refused(error: Error) -> Problem {
    match error {
        Error::Expectations(diagnostics) => Problem::expectation(diagnostics.to_string()),
        Error::Ended => Problem::ended(),
        error => Problem::internal(error.to_string()),
    }
}

/// Whether a body consists of one-line expectations.
fn is_lines(headers: &HeaderMap) -> Result<bool, Problem> {
    match media_type(headers).as_deref() {
        Some("text/plain") => Ok(true),
        // What curl says of a body that nothing is said of.
        None | Some("application/x-www-form-urlencoded") => Ok(false),
        Some("application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" | "application/json") => Ok(false),
        Some(other) => Err(Problem::wrong_type(format!(
            "`{other}`: use application/yaml or application/json for documents, text/plain for one-line expectations"
        ))),
    }
}

fn written(format: verdict::Format, judged: &crate::run::Verdicts) -> Result<Vec<u8>, Problem> {
    let one = [verdict::Judged::recording(None, &judged.outcomes, &judged.entries)];
    let mut text = Vec::new();
    verdict::write(format, &one, &Style::default(), &mut text).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(text)
}
