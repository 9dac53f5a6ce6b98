//! Losses, and what a list and history show of them: unchanged and healed objects have no gap; whatever else may have
//! happened is in a gap as small as can be proven.

use super::super::clock::Now;
use super::super::heal::{self, Event, Found, Question, Recovery, Seen, Span, Unknown};
use super::super::pages::Pages;
use super::awaited::Rollback;
use super::doubt::Doubt;
use super::recorded::{Recorded, Versions, is_in};
use super::trail::Since;
use crate::observation::{Change, Gap, GapReason, Healed, Object, Observation, Payload, ResourceVersion, Stamp};
use jiff::Timestamp;
use smol_str::{SmolStr, ToSmolStr};
use std::collections::{HashMap, HashSet};

/// What was lost, and when.
#[derive(Debug)]
pub(super) struct Loss {
    pub from: ResourceVersion,
    /// The version up to which bookmarks said that nothing happened after `from`, if they may be of another storage.
    pub read: Option<ResourceVersion>,
    /// The earliest time of the loss ...
    pub alive: Timestamp,
    /// ... and the latest.
    pub stamp: Stamp,
    pub reason: GapReason,
    /// What is contradictory; empty when nothing is.
    pub why: String,
    /// The events that were recorded after `from`, if those are incomplete; or why they are unknown.
    pub seen: Option<Result<Vec<Seen>, Unknown>>,
    /// True when an earlier recorder ended during its first list, and everything that it read is unchanged: nothing is
    /// lost.
    pub is_none: bool,
}

impl Loss {
    /// What was lost before a list.
    pub(super) fn before(pages: &Pages, reason: GapReason, recorded: &Recorded, now: Now) -> Self {
        let (version, known) = (recorded.position().version(), recorded.objects().known());
        let from = version.cloned().unwrap_or_else(|| newest(known));
        let (read, is_doubtful) = (from.clone(), recorded.is_doubtful && !reason.may_rewind());
        // Nothing was recorded after that, and what the bookmarks since prove may be of another storage.
        let from = if is_doubtful { recorded.settled() } else { from };
        let is_older = matches!((pages.version.number(), read.number()), (Some(new), Some(old)) if new < old);
        let doubt = recorded.doubt.clone().unwrap_or_default();
        let rolled_back = rolled_back(pages, recorded);
        let went_back = is_older || rolled_back.is_some();
        let missed = missed(pages, recorded).filter(|_| !went_back && recorded.doubt.is_none());
        // The bookmark that it is older than may be of another storage.
        let of_missed = if is_doubtful { GapReason::StorageReplaced } else { GapReason::Contradicted };
        let reason = if missed.is_some() { of_missed } else { reason };
        let doubt = rolled_back.or(missed).unwrap_or(doubt);
        let last = || Since { version: from.clone(), alive: recorded.alive(), is_sure: true };
        let since = doubt.since.clone().filter(|since| !is_doubtful || !from.is_covered_by(&since.version));
        let since = since.unwrap_or_else(last);
        let unsure = || Unknown::Contradicted("it is not known what else was lost".to_owned());
        let seen = || recorded.trail.after(&since.version).filter(|_| since.is_sure).ok_or_else(unsure);
        let seen = (since.version != from || !since.is_sure).then(seen);
        let Since { version: from, alive, .. } = since;
        let as_recorded = || pages.items.iter().filter(|(_, item)| is_in(known, item)).count();
        Self {
            read: Some(read).filter(|_| is_doubtful),
            from,
            // Recording the past may have broken off anywhere.
            alive: recorded.past().map_or(alive, |since| since.min(alive)),
            why: doubt.why,
            seen,
            stamp: pages.items.first().map_or(now.stamp, |(stamp, _)| *stamp),
            reason: if went_back { GapReason::StorageReplaced } else { reason },
            is_none: version.is_none()
                && recorded.past().is_none()
                && !recorded.is_stranger()
                && !recorded.is_cut()
                && as_recorded() == known.len(),
        }
    }

    /// The question for history; or why it cannot be asked, for instance because it `may` not be.
    pub(super) fn question(&self, pages: &Pages, recorded: &Recorded, may: bool) -> Result<Question, Unknown> {
        if recorded.is_stranger() {
            return Err(Unknown::Failed("it is not known whether this is the server that was recorded".to_owned()));
        }
        if recorded.is_cut() {
            let what = "the end of the recording was cut off, and no list of before is complete".to_owned();
            return Err(Unknown::Failed(what));
        }
        let numbers = (self.from.number(), pages.version.number());
        let (Some(from), Some(to), true) = (numbers.0, numbers.1, recorded.position().version().is_some()) else {
            return Err(Unknown::Failed("it is not known since when".to_owned()));
        };
        if !may {
            return Err(Unknown::Unasked);
        }
        if self.reason == GapReason::StorageReplaced && self.why.is_empty() {
            return Err(Unknown::Contradicted("versions go back".to_owned()));
        }
        if self.reason.may_rewind() {
            return Err(Unknown::Unasked);
        }
        let seen = self.seen.clone().transpose()?;
        let listed: Option<Vec<&Object>> = pages.items.iter().map(|(_, item)| item.object()).collect();
        let Some(listed) = listed else {
            return Err(Unknown::Failed("an object of the list could not be decoded".to_owned()));
        };
        let Some(end) = heal::heads(listed.iter().copied()) else {
            return Err(Unknown::Failed("versions are no numbers".to_owned()));
        };
        let steps = recorded.trail.steps();
        let recorded = recorded.objects().recorded();
        let events = seen.iter().flatten().chain(steps.iter().filter_map(|step| step.seen.as_ref()));
        let was_seen: HashSet<&SmolStr> = events.map(|seen| &seen.uid).collect();
        let may_be_new = |object: &&Object| {
            recorded.get(&object.uid) != Some(&object.resource_version) || was_seen.contains(&object.uid)
        };
        let changed = listed.into_iter().filter(may_be_new).cloned().collect();
        let read = self.read.as_ref().and_then(ResourceVersion::number);
        Ok(Question::Loss(Span { from, read, recorded, steps, seen, to, end, changed }))
    }

    /// History contradicts what was recorded up to its start, so the stream lost something earlier: at any time since the
    /// recorded objects were last compared with the server's.
    fn extend(&mut self, recorded: &Recorded) {
        let proven = recorded.proven().filter(|(version, _)| version.is_covered_by(&self.from));
        if let Some((version, since)) = proven.filter(|_| !self.reason.may_rewind()) {
            (self.from, self.alive) = (version.clone(), self.alive.min(*since));
            self.reason = GapReason::Contradicted;
        }
    }

    /// More was lost, since a revision at which history shows what was recorded.
    fn begin(&mut self, revision: u64, recorded: &Recorded) {
        let version = ResourceVersion::new(revision.to_smolstr());
        let alive = recorded.trail.up_to(&version).map(|since| since.alive);
        (self.from, self.alive) = (version, alive.map_or(self.alive, |alive| alive.min(self.alive)));
        self.reason = GapReason::Contradicted;
    }

    /// Records the gap of it.
    pub(super) fn gap(&self, recorded: &mut Recorded, to: &ResourceVersion, unhealed: &str) -> Observation {
        let words = [self.why.as_str(), unhealed];
        let unhealed = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
        let gap = Gap {
            watch: recorded.id,
            from_resource_version: self.from.clone(),
            to_resource_version: to.clone(),
            from: self.alive,
            to: self.stamp.at,
            reason: self.reason,
            unhealed,
        };
        recorded.record(self.stamp, Payload::Gap(gap))
    }
}

/// An object that the list shows in an older version than was recorded, though the list is not older; or before its
/// deletion.
fn rolled_back(pages: &Pages, recorded: &Recorded) -> Option<Doubt> {
    let known = recorded.objects().known();
    // Under a selector, an object may only have left.
    let deleted = if recorded.watch.can_be_left() { HashMap::new() } else { recorded.objects().deleted() };
    let newest = |object: &Object| known.get(&object.uid).or_else(|| deleted.get(&object.uid).copied());
    let objects = pages.items.iter().filter_map(|(_, item)| item.object());
    objects.filter_map(|object| Some((object, newest(object)?))).find_map(|(object, newer)| {
        let rollback = Rollback::of(&object.name, &object.resource_version, newer, &pages.version)?;
        Some(rollback.doubt(recorded))
    })
}

/// An object that the list shows in a version up to which the stream was read, but which it did not deliver: other
/// missed events may be as early.
fn missed(pages: &Pages, recorded: &Recorded) -> Option<Doubt> {
    let read = recorded.position().version()?;
    let already = recorded.objects().recorded();
    let is_missed = |object: &&Object| {
        already.get(&object.uid) != Some(&object.resource_version) && object.resource_version.is_covered_by(read)
    };
    let objects = pages.items.iter().filter_map(|(_, item)| item.object()).filter(is_missed);
    let first = objects.min_by_key(|object| object.resource_version.number())?;
    let why = format!("the stream was read to {read} without {} at {}", first.name, first.resource_version);
    Some(Doubt { why, since: recorded.trail.before(&first.resource_version) })
}

/// The newest version of any object; the empty one without objects.
fn newest(known: &Versions) -> ResourceVersion {
    known.values().max_by_key(|version| version.number()).cloned().unwrap_or_default()
}

impl Recorded {
    /// Records a list after a loss, with what history shows of the loss.
    pub(super) fn relist(&mut self, pages: Pages, mut loss: Loss, recovery: Recovery, now: Now) -> Vec<Observation> {
        let mut lines = Vec::with_capacity(pages.items.len() + 2);
        if !recovery.is_whole() {
            lines.extend(self.withheld());
        }
        if matches!(recovery.found, Err(Unknown::Contradicted(_) | Unknown::LostBefore { .. })) {
            loss.extend(self);
        }
        if let Some(since) = recovery.since {
            loss.begin(since, self);
        }
        // Otherwise history shows what they contained.
        self.withheld.clear();
        self.doubt = None;
        if let Some((revision, objects)) = recovery.resumed {
            self.resume_at(revision, objects, &pages.kind, &mut loss, &mut lines);
        }
        self.found(recovery.found, &loss, pages, now, &mut lines);
        lines
    }

    /// Records what was found of a loss, and a gap if that is incomplete.
    pub(super) fn found(
        &mut self,
        found: Result<Found, Unknown>,
        loss: &Loss,
        pages: Pages,
        now: Now,
        lines: &mut Vec<Observation>,
    ) {
        let found = found.unwrap_or_else(Found::nothing);
        match found.whole {
            Ok(()) => self.healed(found.events, loss, pages, lines),
            Err(_) => self.lost(found, loss, pages, now, lines),
        }
    }

    /// History begins only here: what came before is lost, and these are the objects at that time.
    fn resume_at(
        &mut self,
        revision: u64,
        objects: Vec<Object>,
        kind: &SmolStr,
        loss: &mut Loss,
        lines: &mut Vec<Observation>,
    ) {
        let version = ResourceVersion::new(revision.to_smolstr());
        lines.push(loss.gap(self, &version, &Unknown::Forgotten.to_string()));
        // The state at that time; what came after is still to be recorded.
        let then = Stamp { at: loss.alive, ..loss.stamp };
        for object in objects {
            let is_unchanged = self.objects().known().get(&object.uid) == Some(&object.resource_version);
            lines.push(if is_unchanged {
                let what = self.unchanged(object);
                self.record(then, what)
            } else {
                let event = Event { revision, change: Change::Listed, object, confirmed: false };
                self.event(event, loss.stamp, loss.alive)
            });
        }
        self.attach(then, version.clone(), kind, lines);
        loss.from = version;
    }

    /// Everything was read back.
    fn healed(&mut self, events: Vec<Event>, loss: &Loss, pages: Pages, lines: &mut Vec<Observation>) {
        lines.extend(events.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        let healed = Healed {
            watch: self.id,
            from_resource_version: loss.from.clone(),
            to_resource_version: pages.version,
            from: loss.alive,
            to: loss.stamp.at,
            reason: loss.reason,
            not_before: self.listed_since.filter(|asked| *asked < loss.stamp.at),
        };
        lines.push(self.record(loss.stamp, Payload::Healed(healed)));
        self.backlog = None;
    }

    /// A gap remains, since not everything was read back.
    fn lost(&mut self, found: Found, loss: &Loss, pages: Pages, now: Now, lines: &mut Vec<Observation>) {
        // If versions go back, a recorded one may now belong to another state.
        let mut current = if loss.reason.may_rewind() { Versions::new() } else { self.objects().known().clone() };
        for event in found.events.iter().chain(&found.loose) {
            current.insert(event.object.uid.clone(), event.object.resource_version.clone());
        }
        let Found { events, loose, whole } = found;
        lines.extend(events.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        if !loss.is_none {
            let unhealed = whole.err().map(|unknown| unknown.to_string()).unwrap_or_default();
            lines.push(loss.gap(self, &pages.version, &unhealed));
        }
        lines.extend(loose.into_iter().map(|event| self.event(event, loss.stamp, loss.alive)));
        self.list(pages, &current, now, lines);
    }
}
