//! The questions of a watch for history, and the answers: a lost span, everything since a time, or the beginnings of
//! existing objects.

use super::dates::{Asked, Reach, Renewal as Dated, created, reach};
use super::event::Event;
use super::history::{History, Unknown};
use super::span::{Found, Span, begin_earlier};
use super::sweep::heads;
use super::walk::{Chain, oldest, walk};
use crate::observation::{Change, Object, Renewal, ResourceVersion};
use futures::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How long is read before a bookmark of the recorded storage, in which nothing is expected.
const BOOKMARKED: Duration = Duration::from_secs(1);

/// How long revisions are dated: what is not dated by then has wider intervals.
const DATED: Duration = Duration::from_secs(3);

/// A question for history.
#[derive(Debug)]
pub(crate) enum Question {
    /// What happened in a lost span?
    Loss(Span),
    /// What happened since a time, up to a list?
    Since {
        /// The start, on the recorder's clock, ...
        moment: Timestamp,
        /// ... on which the list came at this time, ...
        now: Timestamp,
        /// ... and by how much the server's clock is at least ahead, if that was measured.
        ahead: Option<SignedDuration>,
        /// The list's revision.
        to: u64,
        /// The list's objects.
        listed: Vec<Object>,
        /// True when Leases are in the same storage, and may date its revisions.
        dated_by_leases: bool,
    },
    /// The versions of these objects, back to their creation or as far as the server has them.
    Beginnings(Vec<Object>),
}

/// An answer of history.
#[derive(Debug)]
pub(crate) enum Answer {
    Loss(Recovery),
    Since(Result<Since, Unknown>),
    Beginnings(Vec<Chain>),
}

/// What history shows of a loss.
#[derive(Debug)]
pub(crate) struct Recovery {
    /// The revision from which it was read, if that is before the start of the loss: something was lost earlier.
    pub since: Option<u64>,
    /// The oldest available revision, with its objects, if that is after the start of the loss.
    pub resumed: Option<(u64, Vec<Object>)>,
    /// What happened after that, or after the start.
    pub found: Result<Found, Unknown>,
}

/// What history shows of the time since a start.
#[derive(Debug)]
pub(crate) struct Since {
    /// How far back it reaches, ...
    pub reach: Reach,
    /// ... the objects at that time, ...
    pub objects: Vec<Object>,
    /// ... what happened after that, ...
    pub found: Result<Found, Unknown>,
    /// ... and the renewals of a Lease meanwhile, in order.
    pub renewals: Vec<Renewal>,
}

impl Recovery {
    /// What is known from the start of the loss on.
    fn of(found: Result<Found, Unknown>) -> Self {
        Self { since: None, resumed: None, found }
    }

    /// The answer that nothing is known.
    pub(crate) fn none(why: Unknown) -> Self {
        Self::of(Err(why))
    }

    /// True when everything that happened is known, from the start of the loss.
    pub(crate) fn is_whole(&self) -> bool {
        self.resumed.is_none() && self.found.as_ref().is_ok_and(|found| found.whole.is_ok())
    }

    /// Why not everything is known; none when it is.
    pub(crate) fn unknown(&self) -> Option<&Unknown> {
        self.found.as_ref().map_or_else(Some, |found| found.whole.as_ref().err())
    }
}

impl Question {
    /// Asks history; `leases` is that of the Leases, if they may date revisions.
    pub(crate) async fn ask(self, history: Arc<History>, leases: Option<Arc<History>>) -> Answer {
        match self {
            Self::Loss(span) => Answer::Loss(recover(history, span).await),
            Self::Since { moment, now, ahead, to, listed, .. } => {
                Answer::Since(since(history, leases, Asked { moment, now, ahead, to }, listed).await)
            }
            Self::Beginnings(objects) => Answer::Beginnings(beginnings(history, objects).await),
        }
    }

    /// Whether Leases may date the revisions.
    pub(crate) fn is_dated_by_leases(&self) -> bool {
        matches!(self, Self::Since { dated_by_leases: true, .. })
    }
}

/// What happened in a span, from its start or from the oldest available revision.
async fn recover(history: Arc<History>, mut span: Span) -> Recovery {
    if let Some(found) = after_bookmark(&history, &span).await {
        return Recovery::of(Ok(found));
    }
    match Found::of(&history, &span).await {
        Err(Unknown::Forgotten) if span.seen.is_none() => {}
        Err(Unknown::LostBefore { name, revision, .. }) => {
            let why = match recover_earlier(&history, &mut span).await {
                Ok(found) => return Recovery { since: Some(span.from), ..Recovery::of(Ok(found)) },
                Err(why) => why.to_string(),
            };
            return Recovery::none(Unknown::LostBefore { name, revision, why });
        }
        found => return Recovery::of(found),
    }
    let resumed = async {
        let first = oldest(&history, history.floor().max(span.from), span.to).await?;
        // The bookmark is recorded: a list before it would contradict that.
        let first = first.max(span.read.unwrap_or(first));
        if first == span.to {
            return Err(Unknown::Forgotten);
        }
        let objects = history.objects(first).await?;
        span.from = first;
        span.recorded = versions(&objects);
        // Some of those that had changed by the end had not by then.
        let recorded = &span.recorded;
        span.changed.retain(|object| recorded.get(&object.uid) != Some(&object.resource_version));
        let found = Found::of(&history, &span).await?;
        Ok((objects, found))
    };
    match resumed.await {
        Ok((objects, found)) => Recovery { resumed: Some((span.from, objects)), ..Recovery::of(Ok(found)) },
        Err(unknown) => Recovery::none(unknown),
    }
}

/// What happened after a bookmark that may be of another storage, if history shows all of that, and what was recorded at
/// the bookmark. What happened before it is added as far as it can be read in a short time: history need not reach
/// farther back, and a kind that changes rarely has a long time before its last bookmark.
async fn after_bookmark(history: &Arc<History>, span: &Span) -> Option<Found> {
    let read = span.read.filter(|read| *read > span.from && span.seen.is_none())?;
    let found = Found::of(history, &Span { from: read, ..span.clone() }).await.ok()?;
    found.whole.as_ref().ok()?;
    let before = async {
        let end = history.heads(read).await?;
        Found::of(history, &Span { to: read, end, changed: Vec::new(), ..span.clone() }).await
    };
    match tokio::time::timeout(BOOKMARKED, before).await {
        Ok(Ok(before)) if before.whole.is_ok() => {
            Some(Found { events: before.events.into_iter().chain(found.events).collect(), ..found })
        }
        // Something else was there than what was recorded.
        Ok(Err(Unknown::Contradicted(_) | Unknown::LostBefore { .. })) => None,
        Ok(Ok(before)) if !before.events.is_empty() => None,
        _ => Some(found),
    }
}

/// What happened in a span before whose start something was lost, too: all of it, or why that is not known.
async fn recover_earlier(history: &Arc<History>, span: &mut Span) -> Result<Found, Unknown> {
    begin_earlier(history, span).await?;
    Found::of(history, span).await
}

async fn since(
    history: Arc<History>,
    leases: Option<Arc<History>>,
    asked: Asked,
    listed: Vec<Object>,
) -> Result<Since, Unknown> {
    let (to, is_measured, moment) = (asked.to, asked.ahead.is_some(), asked.at_least_then());
    let (mut reach, dates) = reach(&history, leases.as_ref(), &asked).await?;
    let objects = history.objects(reach.revision).await?;
    let recorded = versions(&objects);
    let end = heads(&listed).ok_or_else(|| Unknown::Failed("versions are no numbers".to_owned()))?;
    let is_other = |object: &Object| recorded.get(&object.uid) != Some(&object.resource_version);
    let changed = listed.into_iter().filter(is_other).collect();
    let from = reach.revision;
    let span = Span { from, read: None, recorded, steps: Vec::new(), seen: None, to, end, changed };
    let found = Found::of(&history, &span).await;
    // An older creation was seen: the reading began before it.
    let is_old = |event: &Event| event.change == Change::Added && created(&event.object).is_some_and(|it| it <= moment);
    if is_measured && found.as_ref().is_ok_and(|found| found.events.iter().any(is_old)) {
        reach.unproven = None;
    }
    let mut renewals = Vec::new();
    if let (Some(mut dates), Ok(found)) = (dates, &found) {
        let revisions = found.events.iter().chain(&found.loose).map(|event| event.revision).collect();
        // What was read by then is of use.
        let _ = tokio::time::timeout(DATED, dates.date(revisions)).await;
        let renewal = |Dated { stamp, revision }| Renewal {
            resource_version: ResourceVersion::new(revision.to_smolstr()),
            renew_time: stamp,
        };
        renewals = dates.renewals().into_iter().map(renewal).collect();
    }
    Ok(Since { reach, objects, found, renewals })
}

async fn beginnings(history: Arc<History>, mut objects: Vec<Object>) -> Vec<Chain> {
    // Versions older than the oldest revision are not available, so the newest objects come first.
    objects.sort_by_key(|object| std::cmp::Reverse(object.resource_version.number()));
    let mut walks = Vec::new();
    for object in objects {
        let history = Arc::clone(&history);
        walks.push(async move { walk(&history, object, None, 0).await }.boxed());
    }
    history.few(walks).collect().await
}

fn versions(objects: &[Object]) -> HashMap<SmolStr, ResourceVersion> {
    objects.iter().map(|object| (object.uid.clone(), object.resource_version.clone())).collect()
}
