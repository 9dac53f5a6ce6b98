//! Lists: the first one, and the one after a loss, with what could be read back of what was lost.
//!
//! A list after a loss is told so that what did not change has no gap, what was healed has none, and whatever else may
//! have happened is in a gap as small as can be proven.

use super::attach::{Item, Pages};
use super::decode::what;
use super::error::Error;
use super::heal::{self, Event, Found, History, Span, Unknown};
use super::settings::Settings;
use super::stream::Stream;
use crate::observation::{
    Attached, Change, Gap, GapReason, Healed, Object, Observation, Reconnected, ResourceVersion, Seen, Stamp, What,
};
use futures::FutureExt;
use jiff::Timestamp;
use kube::runtime::utils::Backoff;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What was lost, and until when.
pub(super) struct Loss {
    pub from: ResourceVersion,
    /// Nothing of it was before this moment ...
    pub alive: Timestamp,
    /// ... nor after this one.
    pub stamp: Stamp,
    pub reason: GapReason,
}

/// What history told of a loss.
struct Recovery {
    /// The oldest revision that is remembered, with its objects, if that is not where the loss began.
    resumed: Option<(u64, Vec<Object>)>,
    /// What happened after that, or after the beginning.
    found: Result<Found, Unknown>,
}

impl Stream {
    /// The first list: everything in it existed before.
    pub(super) async fn listed(&mut self, pages: Pages) -> Result<(), Error> {
        self.backoff.reset();
        if !self.told.objects.known().is_empty() {
            return self.relisted(pages, GapReason::HistoryExpired).await;
        }
        let mut lines = Vec::with_capacity(pages.items.len() + 1);
        if let Some(pages) = self.past(pages, &mut lines).await {
            self.list_after(pages, &HashMap::new(), &mut lines);
        }
        self.send(lines).await
    }

    /// A list after a loss: what did not change has no gap, nor has what history tells.
    pub(super) async fn relisted(&mut self, pages: Pages, reason: GapReason) -> Result<(), Error> {
        let stamp = self.settings.clock.now();
        let attached = self.told.position.version().is_some();
        let from = if attached { self.version() } else { self.newest_known() };
        if pages.version == from && reason == GapReason::HistoryExpired && attached {
            let line = self.reconnected(stamp, from);
            return self.send(vec![line]).await;
        }
        // An earlier recorder ended while it read its first list: it had not attached, so nothing is lost if all that it
        // read is as it was.
        let known = self.told.objects.known();
        let begun = !attached && pages.items.iter().filter(|(_, item)| is_in(known, item)).count() == known.len();
        let went_back = matches!((pages.version.number(), from.number()), (Some(new), Some(old)) if new < old);
        let reason = if went_back { GapReason::StorageReplaced } else { reason };
        let stamp = pages.items.first().map_or(stamp, |(stamp, _)| *stamp);
        let mut loss = Loss { from, alive: self.alive(), stamp, reason };
        let mut lines = Vec::with_capacity(pages.items.len() + 2);
        let recovery = self.recover(&loss, &pages).await;
        if recovery.resumed.is_some() || !recovery.found.as_ref().is_ok_and(|found| found.whole.is_ok()) {
            lines.extend(self.withheld());
        }
        // Otherwise history tells what they said.
        self.withheld.clear();
        if let Some((revision, objects)) = recovery.resumed {
            self.resume_at(&mut loss, revision, objects, &pages.kind, &mut lines);
        }
        self.found(recovery.found, &loss, pages, !begun, &mut lines);
        self.interruption = None;
        if let Some(fencing) = &mut self.fencing {
            fencing.relisted(self.told.objects.known());
        }
        self.send(lines).await
    }

    /// Tells what was found of a loss, and, where that is not all, the loss.
    pub(super) fn found(
        &mut self,
        found: Result<Found, Unknown>,
        loss: &Loss,
        pages: Pages,
        gap: bool,
        lines: &mut Vec<Observation>,
    ) {
        let found = found.unwrap_or_else(Found::nothing);
        match &found.whole {
            Ok(()) => self.healed(found, loss, pages, lines),
            Err(unknown) => {
                tracing::info!("{}: a gap remains: {unknown}", what(&self.watch));
                self.lost(found, loss, pages, gap, lines);
            }
        }
    }

    /// Reads back what was lost, as far as the server remembers and the limits allow.
    async fn recover(&self, loss: &Loss, pages: &Pages) -> Recovery {
        let healing = &self.settings.healing;
        let not = |unknown| Recovery { resumed: None, found: Err(unknown) };
        let numbers = (loss.from.number(), pages.version.number());
        let (Some(from), Some(to), true) = (numbers.0, numbers.1, self.told.position.version().is_some()) else {
            return not(Unknown::Failed("it is not known since when".to_owned()));
        };
        if healing.requests == 0 {
            return not(Unknown::Unasked);
        }
        if loss.reason == GapReason::StorageReplaced {
            return not(Unknown::Contradicted("versions go back".to_owned()));
        }
        let listed: Option<Vec<&Object>> = pages.items.iter().map(|(_, item)| item.object()).collect();
        let Some(listed) = listed else {
            return not(Unknown::Failed("an object of the list could not be decoded".to_owned()));
        };
        let Some(end) = heal::heads(listed.iter().copied()) else {
            return not(Unknown::Failed("versions are no numbers".to_owned()));
        };
        let recorded = self.told.objects.recorded();
        let changed = |object: &&&Object| recorded.get(&object.uid) != Some(&object.resource_version);
        let changed = listed.iter().filter(changed).map(|object| (*object).clone()).collect();
        let stop = CancellationToken::new();
        let history = self.history(&stop);
        let recovery = recover(Arc::clone(&history), Span { from, recorded, to, end, changed }).boxed();
        self.reading(&history, &stop, healing.time, recovery).await
    }

    /// The history of the watch's collection, until `stop`.
    pub(super) fn history(&self, stop: &CancellationToken) -> Arc<History> {
        let Settings { cluster, capture, healing, .. } = &self.settings;
        History::new(Arc::clone(cluster), self.watch.clone(), *capture, *healing, stop.clone())
    }

    /// Waits for a reading of history, which is told to stop when it takes longer than `limit`, or soon after the recorder
    /// is asked to finish.
    pub(super) async fn reading<T>(
        &self,
        history: &History,
        stop: &CancellationToken,
        limit: Duration,
        reading: impl Future<Output = T>,
    ) -> T {
        let begun = self.settings.clock.now().elapsed;
        let finishing = async {
            self.settings.finish.cancelled().await;
            tokio::time::sleep(self.settings.pace.fence / 2).await;
        };
        let out_of_time = async {
            tokio::select! {
                () = tokio::time::sleep(limit) => {}
                () = finishing => {}
            }
        };
        let mut reading = pin!(reading);
        let read = tokio::select! {
            read = &mut reading => read,
            () = out_of_time => {
                stop.cancel();
                reading.await
            }
        };
        let length = self.settings.clock.now().elapsed.saturating_sub(begun);
        tracing::info!("{}: {} requests to history in {length:?}", what(&self.watch), history.asked());
        read
    }

    /// History begins only here: what was before is lost, and these are the objects of then.
    fn resume_at(
        &mut self,
        loss: &mut Loss,
        revision: u64,
        objects: Vec<Object>,
        kind: &SmolStr,
        lines: &mut Vec<Observation>,
    ) {
        let version = ResourceVersion::new(revision.to_smolstr());
        lines.push(self.gap(loss, &version, Unknown::Forgotten.to_string()));
        // It was so then, and what came after is still to be told.
        let then = Stamp { at: loss.alive, ..loss.stamp };
        for object in objects {
            let unchanged = self.told.objects.known().get(&object.uid) == Some(&object.resource_version);
            let line = if unchanged {
                let (uid, resource_version) = (object.uid, object.resource_version);
                self.tell(then, What::Unchanged { watch: self.id, uid, resource_version })
            } else {
                let event = Event { revision, change: Change::Listed, object, confirmed: false };
                self.event(event, loss.stamp, loss.alive)
            };
            lines.push(line);
        }
        self.attach(lines, then, version.clone(), kind);
        loss.from = version;
    }

    /// All of it was read back.
    fn healed(&mut self, found: Found, loss: &Loss, pages: Pages, lines: &mut Vec<Observation>) {
        lines.extend(found.events.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        let healed = Healed {
            watch: self.id,
            from_resource_version: loss.from.clone(),
            to_resource_version: pages.version,
            from: loss.alive,
            to: loss.stamp.at,
            reason: loss.reason,
        };
        lines.push(self.tell(loss.stamp, What::Healed(healed)));
        self.backlog = None;
    }

    /// Not all of it was: a gap remains.
    fn lost(&mut self, found: Found, loss: &Loss, pages: Pages, gap: bool, lines: &mut Vec<Observation>) {
        let mut current = self.told.objects.known().clone();
        for event in found.events.iter().chain(&found.loose) {
            current.insert(event.object.uid.clone(), event.object.resource_version.clone());
        }
        let Found { events, loose, whole } = found;
        lines.extend(events.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        if gap {
            let unhealed = whole.err().map(|unknown| unknown.to_string()).unwrap_or_default();
            lines.push(self.gap(loss, &pages.version, unhealed));
        }
        lines.extend(loose.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        self.list_after(pages, &current, lines);
    }

    /// A list whose objects were told already in these versions.
    pub(super) fn list_after(
        &mut self,
        pages: Pages,
        current: &HashMap<SmolStr, ResourceVersion>,
        lines: &mut Vec<Observation>,
    ) {
        for (stamp, item) in pages.items {
            let unchanged = is_in(current, &item);
            let mut what = self.item(item);
            if unchanged && let What::Object(seen) = what {
                let (uid, resource_version) = (seen.object.uid, seen.object.resource_version);
                what = What::Unchanged { watch: self.id, uid, resource_version };
            }
            lines.push(self.tell(stamp, what));
        }
        self.complete(lines, pages.version, pages.kind);
    }

    fn gap(&mut self, loss: &Loss, to: &ResourceVersion, unhealed: String) -> Observation {
        let gap = Gap {
            watch: self.id,
            from_resource_version: loss.from.clone(),
            to_resource_version: to.clone(),
            from: loss.alive,
            to: loss.stamp.at,
            reason: loss.reason,
            unhealed,
        };
        self.tell(loss.stamp, What::Gap(gap))
    }

    /// What was read back, as it would have been delivered.
    pub(super) fn event(&mut self, event: Event, stamp: Stamp, not_before: Timestamp) -> Observation {
        let Event { change, object, confirmed, .. } = event;
        let not_before = Some(not_before.min(stamp.at));
        let seen = Seen { watch: self.id, change, object, not_before, healed: true, confirmed };
        self.tell(stamp, What::Object(seen))
    }

    /// The newest version of any object; the empty one when there is none.
    fn newest_known(&self) -> ResourceVersion {
        self.told.objects.known().values().max_by_key(|version| version.number()).cloned().unwrap_or_default()
    }

    fn item(&self, item: Item) -> What {
        match item {
            Item::Object(object) => {
                let (watch, change) = (self.id, Change::Listed);
                What::Object(Seen { watch, change, object, not_before: None, healed: false, confirmed: false })
            }
            Item::Undecodable(undecodable) => What::Undecodable(undecodable),
        }
    }

    /// The lines that nobody could read, which now nobody will come to explain.
    pub(super) fn withheld(&mut self) -> Vec<Observation> {
        let withheld = std::mem::take(&mut self.withheld);
        withheld.into_iter().map(|line| self.tell(line.stamp, line.what)).collect()
    }

    fn complete(&mut self, lines: &mut Vec<Observation>, version: ResourceVersion, kind: SmolStr) {
        let stamp = lines.last().map_or_else(|| self.settings.clock.now(), |line| line.stamp);
        self.attach(lines, stamp, version, &kind);
    }

    pub(super) fn attach(
        &mut self,
        lines: &mut Vec<Observation>,
        stamp: Stamp,
        version: ResourceVersion,
        kind: &SmolStr,
    ) {
        // What an interrupted stream had waiting is in the list.
        self.backlog = None;
        self.attached = true;
        let kind = if self.watch.resource.kind.is_empty() { kind } else { &self.watch.resource.kind };
        let attached = Attached { watch: self.id, resource_version: version, kind: kind.clone() };
        lines.push(self.tell(stamp, What::Attached(attached)));
    }

    pub(super) fn reconnected(&mut self, stamp: Stamp, resource_version: ResourceVersion) -> Observation {
        let reason = self.interruption.take().unwrap_or_else(|| "interrupted".to_owned());
        // Whether it lives, only its first line shows: it may yet say that the version is forgotten.
        let reconnected = Reconnected { watch: self.id, resource_version, not_before: self.alive(), reason };
        self.tell(stamp, What::Reconnected(reconnected))
    }
}

/// What history tells of a span, from its beginning or from the oldest revision that is remembered.
async fn recover(history: Arc<History>, mut span: Span) -> Recovery {
    match Found::of(&history, &span).await {
        Err(Unknown::Forgotten) => {}
        found => return Recovery { resumed: None, found },
    }
    let resumed = async {
        let first = heal::oldest(&history, history.floor().max(span.from), span.to).await?;
        if first == span.to {
            return Err(Unknown::Forgotten);
        }
        let objects = history.objects(first).await?;
        span.from = first;
        span.recorded = objects.iter().map(|object| (object.uid.clone(), object.resource_version.clone())).collect();
        // Some of those that had changed by the end had not by then.
        let recorded = &span.recorded;
        span.changed.retain(|object| recorded.get(&object.uid) != Some(&object.resource_version));
        let found = Found::of(&history, &span).await?;
        Ok((objects, found))
    };
    match resumed.await {
        Ok((objects, found)) => Recovery { resumed: Some((span.from, objects)), found: Ok(found) },
        Err(unknown) => Recovery { resumed: None, found: Err(unknown) },
    }
}

fn is_in(known: &HashMap<SmolStr, ResourceVersion>, item: &Item) -> bool {
    item.object().is_some_and(|object| known.get(&object.uid) == Some(&object.resource_version))
}
