//! The proof that a span is whole: the collection is looked at as of every revision that is not accounted for.
//!
//! Two equal snapshots prove nothing of what was born and gone between them, so none is left out. But every write has a
//! revision of its own (etcd's, one key a write), so a revision at which a known object was written saw no birth. What
//! was found by walking must predict every snapshot: history that contradicts it is not believed at all.

use super::event::Event;
use super::history::{Head, History, Snapshot, Unknown};
use crate::observation::{Change, Object, ResourceVersion};
use futures::{FutureExt, StreamExt};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::sync::Arc;

/// How many objects of snapshots are read at most, so that large collections are not listed over and over.
const HEADS: u64 = 200_000;
/// Objects a page.
const PAGE: u64 = super::super::query::PAGE as u64;

/// Something that snapshots show and no walk has found.
struct Sighting {
    revision: u64,
    change: Change,
    uid: SmolStr,
    head: Head,
}

/// A span with what is known of it.
pub(super) struct Known<'a> {
    /// It begins after this revision ...
    pub from: u64,
    /// ... when the collection was this,
    pub base: Snapshot,
    /// and ends with this one ...
    pub to: u64,
    /// ... when it was this.
    pub end: &'a Snapshot,
    /// What was found by walking, in order.
    pub events: &'a [Event],
}

/// Finds whatever else happened in the span.
pub(super) async fn sweep(history: &Arc<History>, known: Known<'_>) -> Result<Vec<Event>, Unknown> {
    let sightings = sightings(history, known).await?;
    fetch(history, sightings).await
}

/// The newest revision of a span at which anything happened, if it begins and ends with the same objects.
pub(crate) async fn newest(
    history: &Arc<History>,
    from: u64,
    to: u64,
    state: &Snapshot,
) -> Result<Option<u64>, Unknown> {
    let known = Known { from, base: state.clone(), to, end: state, events: &[] };
    Ok(sightings(history, known).await?.iter().map(|sighting| sighting.revision).max())
}

async fn sightings(history: &Arc<History>, known: Known<'_>) -> Result<Vec<Sighting>, Unknown> {
    let written: HashSet<u64> =
        known.events.iter().filter(|event| event.change != Change::Deleted).map(|event| event.revision).collect();
    let unaccounted =
        (known.to - known.from).saturating_sub(1 + written.iter().filter(|at| **at < known.to).count() as u64);
    afford(history, unaccounted, known.base.len().max(known.end.len()) as u64)?;
    let revisions = (known.from + 1..known.to).filter(|revision| !written.contains(revision));
    let mut snapshots = pin!(history.few(revisions.map(|at| {
        let history = Arc::clone(history);
        async move { Ok((at, history.heads(at).await?)) }.boxed()
    })));
    let mut replay = Replay::new(known.base, known.events);
    while let Some(snapshot) = snapshots.next().await {
        let (at, heads) = snapshot?;
        replay.meet(at, &heads)?;
    }
    replay.meet(known.to, known.end)?;
    Ok(replay.sightings)
}

/// A sweep that would take more than is allowed is not begun.
fn afford(history: &Arc<History>, revisions: u64, objects: u64) -> Result<(), Unknown> {
    let requests = revisions * objects.div_ceil(PAGE).max(1);
    if revisions > history.limits.revisions {
        return Err(Unknown::TooLong { revisions });
    }
    if revisions * objects > HEADS {
        return Err(Unknown::TooLarge { revisions, objects });
    }
    if requests > u64::from(history.left()) { Err(Unknown::Spent) } else { Ok(()) }
}

/// The collection as the events make it, held against snapshots.
struct Replay<'a> {
    state: Snapshot,
    events: &'a [Event],
    /// Whose events are all known.
    settled: HashSet<&'a SmolStr>,
    sightings: Vec<Sighting>,
}

impl<'a> Replay<'a> {
    fn new(base: Snapshot, events: &'a [Event]) -> Self {
        let settled = events.iter().map(|event| &event.object.uid).collect();
        Self { state: base, events, settled, sightings: Vec::new() }
    }

    /// Goes on to a revision, at which the collection was this.
    fn meet(&mut self, at: u64, snapshot: &Snapshot) -> Result<(), Unknown> {
        let due = self.events.partition_point(|event| event.revision <= at);
        for event in &self.events[..due] {
            event.apply(&mut self.state);
        }
        self.events = &self.events[due..];
        let contradiction = |name: &str| Unknown::Contradicted(format!("{name} at revision {at}"));
        for (uid, head) in snapshot {
            let before = self.state.get(uid);
            if before == Some(head) {
                continue;
            }
            if self.settled.contains(uid) || head.version != at {
                return Err(contradiction(&head.name));
            }
            let change = if before.is_some() { Change::Modified } else { Change::Added };
            self.sightings.push(Sighting { revision: at, change, uid: uid.clone(), head: head.clone() });
        }
        for (uid, head) in &self.state {
            if snapshot.contains_key(uid) {
                continue;
            }
            if self.settled.contains(uid) {
                return Err(contradiction(&head.name));
            }
            let (uid, head) = (uid.clone(), head.clone());
            self.sightings.push(Sighting { revision: at, change: Change::Deleted, uid, head });
        }
        self.state.clone_from(snapshot);
        Ok(())
    }
}

/// Asks for the objects that were only sighted.
async fn fetch(history: &Arc<History>, sightings: Vec<Sighting>) -> Result<Vec<Event>, Unknown> {
    let questions = sightings.into_iter().map(|sighting| see(Arc::clone(history), sighting).boxed());
    let events: Vec<Result<Event, Unknown>> = history.few(questions).collect().await;
    events.into_iter().collect()
}

async fn see(history: Arc<History>, sighting: Sighting) -> Result<Event, Unknown> {
    let Sighting { revision, change, uid, head } = sighting;
    let at = if change == Change::Deleted { revision - 1 } else { revision };
    let found = history.object(&head.namespace, &head.name, at).await?;
    let is_it = |object: &Object| object.uid == uid && object.resource_version.number() == Some(head.version);
    let object = found.filter(is_it).ok_or_else(|| Unknown::Contradicted(format!("{} at revision {at}", head.name)))?;
    if change != Change::Deleted {
        return Ok(Event { revision, change, object, confirmed: false });
    }
    let confirmed = history.watch().can_be_left() && is_gone(&history, &uid, &head, revision).await?;
    Event::deletion(revision, &object, confirmed)
}

/// Gone, and not only out of the selection.
async fn is_gone(history: &Arc<History>, uid: &SmolStr, head: &Head, at: u64) -> Result<bool, Unknown> {
    let found = history.head(&head.namespace, &head.name, at, false).await?;
    Ok(found.is_none_or(|(found, _)| found != *uid))
}

/// The heads of objects, by uid; none when one of them has no numeric version.
pub(crate) fn heads<'a>(objects: impl IntoIterator<Item = &'a Object>) -> Option<Snapshot> {
    let head = |object: &Object| {
        let version = object.resource_version.number()?;
        let head = Head { namespace: object.namespace.clone(), name: object.name.clone(), version };
        Some((object.uid.clone(), head))
    };
    objects.into_iter().map(head).collect()
}

/// True when a snapshot is of just these versions.
pub(super) fn is_of(snapshot: &Snapshot, recorded: &HashMap<SmolStr, ResourceVersion>) -> bool {
    snapshot.len() == recorded.len()
        && snapshot
            .iter()
            .all(|(uid, head)| recorded.get(uid).is_some_and(|version| version.number() == Some(head.version)))
}
