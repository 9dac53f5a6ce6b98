//! What happened before the recorder started: history is read as after a loss, before the first event.
//!
//! Times of the past are bounded by timestamps of the cluster's clock, whose difference to the recorder's is measured,
//! and by the time of reading. If it was not measured, there is no lower bound.

use super::super::heal::{self, Beginning, Chain, Event, Question, Reach, Since, Unknown};
use super::super::pages::{Pages, Skew};
use super::input::Now;
use super::loss::Loss;
use super::recorded::Recorded;
use crate::observation::{Change, GapReason, Object, Observation, Past, Payload, ResourceVersion, Stamp};
use jiff::{SignedDuration, Timestamp};
use smol_str::ToSmolStr;
use std::collections::HashMap;

/// By how much the clocks of a cluster may differ from the API server's, and an object's timestamp from its write.
const MARGIN: SignedDuration = SignedDuration::from_secs(2);

/// The question for history about the time since a moment; or why it cannot be asked.
pub(super) fn since(moment: Timestamp, pages: &Pages, recorded: &Recorded, now: Now) -> Result<Question, Unknown> {
    let to = pages.version.number().ok_or_else(|| Unknown::Failed("versions are no numbers".to_owned()))?;
    let listed: Option<Vec<Object>> = pages.items.iter().map(|(_, item)| item.object().cloned()).collect();
    let listed = listed.ok_or_else(|| Unknown::Failed("an object of the list could not be decoded".to_owned()))?;
    // A kind in another storage than the Leases cannot be dated by them.
    let dated_by_leases = !recorded.watch.separate_storage;
    let ahead = pages.skew.map(|skew| skew.least);
    Ok(Question::Since { moment, now: received(pages, now).at, ahead, to, listed, dated_by_leases })
}

/// The question for history about existing objects.
pub(super) fn beginnings(pages: &Pages) -> Question {
    Question::Beginnings(pages.items.iter().filter_map(|(_, item)| item.object().cloned()).collect())
}

/// The receipt of a list.
pub(super) fn received(pages: &Pages, now: Now) -> Stamp {
    pages.items.first().map_or(now.stamp, |(stamp, _)| *stamp)
}

impl Recorded {
    /// Records a first list with everything since a moment, or since the oldest available revision.
    pub(super) fn list_since(
        &mut self,
        moment: Timestamp,
        answer: Result<Since, Unknown>,
        pages: Pages,
        now: Now,
    ) -> Vec<Observation> {
        let stamp = received(&pages, now);
        let mut lines = Vec::with_capacity(pages.items.len() + 2);
        let Since { reach, objects, found } = match answer {
            Ok(answer) => answer,
            Err(unknown) => {
                lines.push(self.reached(stamp, moment, None, pages.skew, unknown.to_string()));
                self.list(pages, &HashMap::new(), now, &mut lines);
                return lines;
            }
        };
        let missing = reach.unproven.unwrap_or_default().to_owned();
        let skew = pages.skew;
        lines.push(self.reached(stamp, moment, Some(&reach), skew, missing));
        let version = ResourceVersion::new(reach.revision.to_smolstr());
        let first = || {
            let answer =
                found.iter().flat_map(|found| found.events.iter().chain(&found.loose)).map(|event| &event.object);
            let there = pages.items.iter().filter_map(|(_, item)| item.object());
            let created = answer.chain(there).chain(&objects);
            created.map(|object| heal::created(object).unwrap_or(Timestamp::UNIX_EPOCH)).min()
        };
        // Without any timestamp: nothing happened before the first creation.
        let alive = reach.dated.or_else(first).map_or(stamp.at, |dated| earliest(dated, skew)).min(stamp.at);
        for object in objects {
            let event = Event { revision: reach.revision, change: Change::Listed, object, confirmed: false };
            lines.push(self.event(event, stamp, alive));
        }
        // The state at that time; what came after is still to be recorded.
        self.attach(Stamp { at: alive, ..stamp }, version.clone(), &pages.kind, &mut lines);
        let loss = Loss {
            from: version,
            alive,
            stamp,
            reason: GapReason::Unrecorded,
            why: String::new(),
            seen: None,
            is_none: false,
        };
        self.found(found, &loss, pages, now, &mut lines);
        lines.iter_mut().for_each(|line| narrow(line, skew));
        lines
    }

    /// Records a first list with the versions of existing objects, back to their creation or as far as the server has
    /// them.
    pub(super) fn list_with_beginnings(&mut self, chains: Vec<Chain>, pages: Pages, now: Now) -> Vec<Observation> {
        let stamp = received(&pages, now);
        let mut already = HashMap::new();
        let mut lines = Vec::with_capacity(pages.items.len() + 1);
        for (event, not_before) in events(chains, stamp, pages.skew) {
            already.insert(event.object.uid.clone(), event.object.resource_version.clone());
            lines.push(self.event(event, stamp, not_before));
        }
        self.list(pages, &already, now, &mut lines);
        lines
    }

    /// How far back the past was requested and could be read.
    fn reached(
        &mut self,
        stamp: Stamp,
        since: Timestamp,
        reach: Option<&Reach>,
        skew: Option<Skew>,
        missing: String,
    ) -> Observation {
        let past = Past {
            watch: self.id,
            since,
            resource_version: reach.map(|reach| ResourceVersion::new(reach.revision.to_smolstr())),
            dated: reach.and_then(|reach| reach.dated),
            clock: reach.map_or("", |reach| reach.clock).into(),
            ahead_micros: skew.and_then(Skew::micros),
            missing,
        };
        self.record(stamp, Payload::Past(past))
    }
}

/// The versions of all objects in order, each with the lower bound of its time.
fn events(chains: Vec<Chain>, stamp: Stamp, skew: Option<Skew>) -> Vec<(Event, Timestamp)> {
    let mut events = Vec::new();
    for chain in chains {
        let mut change = match chain.beginning {
            Beginning::Birth | Beginning::Recorded => Change::Added,
            Beginning::Unseen(_) if chain.versions.len() == 1 => continue,
            Beginning::Unseen(_) => Change::Listed,
        };
        for object in chain.versions {
            let not_before =
                heal::created(&object).map_or(Timestamp::UNIX_EPOCH, |created| earliest(created, skew)).min(stamp.at);
            let revision = object.resource_version.number().unwrap_or_default();
            events.push((Event { revision, change, object, confirmed: false }, not_before));
            change = Change::Modified;
        }
    }
    events.sort_by_key(|(event, _)| event.revision);
    events
}

/// No version of an object is older than its creation.
fn narrow(line: &mut Observation, skew: Option<Skew>) {
    if let Payload::Object(seen) = &mut line.payload
        && let (Some(not_before), Some(created)) = (&mut seen.not_before, heal::created(&seen.object))
    {
        *not_before = (*not_before).max(earliest(created, skew)).min(line.stamp.at);
    }
}

/// The earliest time of our clock at which the cluster's clock may have shown this time.
fn earliest(dated: Timestamp, skew: Option<Skew>) -> Timestamp {
    skew.and_then(|skew| dated.checked_sub(skew.most + MARGIN).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}
