//! What happened before the recorder came: the same reading of history as after a loss, before the first event.
//!
//! Times of the past are bounded by stamps of other clocks, less a margin, and by the moment of reading; nothing is
//! judged by more than that.

use super::attach::Pages;
use super::heal::{self, Beginning, Event, Found, History, Reach, Span, Unknown, reach, walk};
use super::relist::Loss;
use super::settings::{Healing, Past, Settings};
use super::stream::Stream;
use crate::observation::{
    Change, GapReason, Object, Observation, Past as Line, Resource, ResourceVersion, Stamp, Watch, What,
};
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// By how much the clocks of a cluster may disagree with the recorder's.
const MARGIN: Duration = Duration::from_secs(30);
/// How long the beginnings of what is there may hold up the attachment.
const BEGINNINGS: Duration = Duration::from_secs(10);
/// Questions about when a revision was.
const DATES: u32 = 100;

impl Stream {
    /// The lines of the past before a first list, if it is asked for. Gives the list back when it is still to be told.
    pub(super) async fn past(&mut self, pages: Pages, lines: &mut Vec<Observation>) -> Option<Pages> {
        let stamp = pages.items.first().map_or_else(|| self.settings.clock.now(), |(stamp, _)| *stamp);
        match self.settings.past {
            Past::Since(moment) => self.since(moment, stamp, pages, lines).await,
            Past::Beginnings if self.settings.healing.requests > 0 && !self.watch.can_be_left() => {
                let begun = self.beginnings(stamp, &pages).await;
                let mut told = HashMap::new();
                for (event, not_before) in begun {
                    told.insert(event.object.uid.clone(), event.object.resource_version.clone());
                    lines.push(self.event(event, stamp, not_before));
                }
                self.list_after(pages, &told, lines);
                None
            }
            Past::Beginnings | Past::Unseen => Some(pages),
        }
    }

    /// Everything since a moment, or since the oldest revision that is remembered.
    async fn since(
        &mut self,
        moment: Timestamp,
        stamp: Stamp,
        pages: Pages,
        lines: &mut Vec<Observation>,
    ) -> Option<Pages> {
        let stop = CancellationToken::new();
        let history = self.history(&stop);
        let leases = self.leases(&stop);
        let reading = read(Arc::clone(&history), leases, moment, pages.version.number(), objects(&pages)).boxed();
        let read = self.reading(&history, &stop, self.settings.healing.time, reading).await;
        let (reach, objects, found) = match read {
            Ok(read) => read,
            Err(unknown) => {
                lines.push(self.reached(stamp, moment, None, unknown.to_string()));
                return Some(pages);
            }
        };
        let missing = if reach.far_enough { String::new() } else { "the server does not remember more".to_owned() };
        lines.push(self.reached(stamp, moment, Some(&reach), missing));
        let version = ResourceVersion::new(reach.revision.to_smolstr());
        let first = || {
            let told =
                found.iter().flat_map(|found| found.events.iter().chain(&found.loose)).map(|event| &event.object);
            let there = pages.items.iter().filter_map(|(_, item)| item.object());
            let created = told.chain(there).chain(&objects);
            created.map(|object| heal::created(object).unwrap_or(Timestamp::UNIX_EPOCH)).min()
        };
        // Without anybody's stamp: nothing was before the first creation.
        let alive = reach.dated.or_else(first).map_or(stamp.at, earliest).min(stamp.at);
        for object in objects {
            let event = Event { revision: reach.revision, change: Change::Listed, object, confirmed: false };
            lines.push(self.event(event, stamp, alive));
        }
        // It was so then, and what came after is still to be told.
        self.attach(lines, Stamp { at: alive, ..stamp }, version.clone(), &pages.kind);
        let loss = Loss { from: version, alive, stamp, reason: GapReason::Unrecorded };
        self.found(found, &loss, pages, true, lines);
        lines.iter_mut().for_each(narrow);
        None
    }

    /// Leases are in the storage of the other kinds; a kind in another one cannot be dated by them.
    fn leases(&self, stop: &CancellationToken) -> Option<Arc<History>> {
        let Settings { cluster, capture, healing, .. } = &self.settings;
        let leases = Watch::all(Resource::new("coordination.k8s.io", "v1", "leases", "Lease"));
        let limits = Healing { requests: DATES, ..*healing };
        (!self.watch.separate_storage)
            .then(|| History::new(Arc::clone(cluster), leases, *capture, limits, stop.clone()))
    }

    /// What was asked for, and what could be reached.
    fn reached(&self, stamp: Stamp, since: Timestamp, reach: Option<&Reach>, missing: String) -> Observation {
        let past = Line {
            watch: self.id,
            since,
            resource_version: reach.map(|reach| ResourceVersion::new(reach.revision.to_smolstr())),
            dated: reach.and_then(|reach| reach.dated),
            clock: reach.map_or("", |reach| reach.clock).into(),
            missing,
        };
        Observation { stamp, what: What::Past(past) }
    }

    /// The versions of those that are there, back to their birth or as far as the server remembers; the newest objects
    /// first, since what is older than the oldest revision need not be asked for.
    async fn beginnings(&self, stamp: Stamp, pages: &Pages) -> Vec<(Event, Timestamp)> {
        let stop = CancellationToken::new();
        let history = self.history(&stop);
        let mut objects: Vec<Object> = pages.items.iter().filter_map(|(_, item)| item.object().cloned()).collect();
        objects.sort_by_key(|object| std::cmp::Reverse(object.resource_version.number()));
        let mut walks = Vec::new();
        for object in objects {
            let history = Arc::clone(&history);
            walks.push(async move { walk(&history, object, None, 0).await }.boxed());
        }
        let walks = history.few(walks).collect::<Vec<_>>().boxed();
        let limit = BEGINNINGS.min(self.settings.healing.time);
        let chains = self.reading(&history, &stop, limit, walks).await;
        let mut events = Vec::new();
        for chain in chains {
            let mut change = match chain.beginning {
                Beginning::Birth | Beginning::Recorded => Change::Added,
                Beginning::Unseen(_) if chain.versions.len() == 1 => continue,
                Beginning::Unseen(_) => Change::Listed,
            };
            for object in chain.versions {
                let not_before = heal::created(&object).map_or(Timestamp::UNIX_EPOCH, earliest).min(stamp.at);
                let revision = object.resource_version.number().unwrap_or_default();
                events.push((Event { revision, change, object, confirmed: false }, not_before));
                change = Change::Modified;
            }
        }
        events.sort_by_key(|(event, _)| event.revision);
        events
    }
}

type Read = (Reach, Vec<Object>, Result<Found, Unknown>);

async fn read(
    history: Arc<History>,
    leases: Option<Arc<History>>,
    moment: Timestamp,
    to: Option<u64>,
    listed: Option<Vec<Object>>,
) -> Result<Read, Unknown> {
    let to = to.ok_or_else(|| Unknown::Failed("versions are no numbers".to_owned()))?;
    let listed = listed.ok_or_else(|| Unknown::Failed("an object of the list could not be decoded".to_owned()))?;
    let reach = reach(&history, leases.as_ref(), moment, to).await?;
    let objects = history.objects(reach.revision).await?;
    let recorded: HashMap<SmolStr, ResourceVersion> =
        objects.iter().map(|object| (object.uid.clone(), object.resource_version.clone())).collect();
    let end = heal::heads(&listed).ok_or_else(|| Unknown::Failed("versions are no numbers".to_owned()))?;
    let is_other = |object: &Object| recorded.get(&object.uid) != Some(&object.resource_version);
    let changed = listed.into_iter().filter(is_other).collect();
    let span = Span { from: reach.revision, recorded, to, end, changed };
    let found = Found::of(&history, &span).await;
    Ok((reach, objects, found))
}

fn objects(pages: &Pages) -> Option<Vec<Object>> {
    pages.items.iter().map(|(_, item)| item.object().cloned()).collect()
}

/// No version of an object was before its creation.
fn narrow(line: &mut Observation) {
    if let What::Object(seen) = &mut line.what
        && let (Some(not_before), Some(created)) = (&mut seen.not_before, heal::created(&seen.object))
    {
        *not_before = (*not_before).max(earliest(created)).min(line.stamp.at);
    }
}

fn earliest(dated: Timestamp) -> Timestamp {
    dated.checked_sub(MARGIN).unwrap_or(Timestamp::UNIX_EPOCH)
}
