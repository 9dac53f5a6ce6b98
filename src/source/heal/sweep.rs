//! Proves that a span is complete: the collection is inspected at every revision that is not accounted for.
//!
//! Two equal snapshots prove nothing about objects that were created and deleted between them, so no revision is left
//! out. But every write has its own revision (etcd's, for one key), so a revision at which a known object was written
//! has no creation. What was found by walking must predict every snapshot; otherwise history is contradictory.

use super::event::Event;
use super::history::{Head, History, Snapshot, Unknown};
use crate::observation::{Change, Object};
use futures::{FutureExt, StreamExt};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;

/// Most objects of snapshots that are read, to limit repeated lists of large collections.
const HEADS: u64 = 200_000;
/// Objects per page.
const PAGE: u64 = super::super::query::PAGE as u64;

/// An event that snapshots show and no walk found.
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
    /// ... with these objects,
    pub base: Snapshot,
    /// and ends with this one ...
    pub to: u64,
    /// ... and these objects.
    pub end: &'a Snapshot,
    /// What was found by walking, in order.
    pub events: &'a [Event],
}

/// Finds everything else that happened in the span.
pub(super) async fn sweep(history: &Arc<History>, known: Known<'_>) -> Result<Vec<Event>, Unknown> {
    let sightings = sightings(history, known).await?;
    fetch(history, sightings).await
}

/// The newest revision of a span with an event, if the span begins and ends with the same objects.
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

/// Rejects a sweep that would exceed the limits.
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

/// The collection according to the events, compared with snapshots.
struct Replay<'a> {
    state: Snapshot,
    events: &'a [Event],
    /// The objects whose events are all known.
    settled: HashSet<&'a SmolStr>,
    sightings: Vec<Sighting>,
}

impl<'a> Replay<'a> {
    fn new(base: Snapshot, events: &'a [Event]) -> Self {
        let settled = events.iter().map(|event| &event.object.uid).collect();
        Self { state: base, events, settled, sightings: Vec::new() }
    }

    /// Advances to a revision, at which the collection was this.
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

/// Reads the objects that were only seen in snapshots.
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

/// Whether an object was deleted and did not only leave the selection.
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
