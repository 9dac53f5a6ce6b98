//! What happened before the recorder came: the same reading of history as after a loss, before the first event.
//!
//! Times of the past are bounded by stamps of other clocks, less a margin, and by the moment of reading; nothing is
//! judged by more than that.

use super::super::heal::{self, Beginning, Chain, Event, Question, Reach, Since, Unknown};
use super::super::pages::Pages;
use super::input::Now;
use super::loss::Loss;
use super::recorded::Recorded;
use crate::observation::{Change, GapReason, Object, Observation, Past, Payload, ResourceVersion, Stamp};
use jiff::Timestamp;
use smol_str::ToSmolStr;
use std::collections::HashMap;
use std::time::Duration;

/// By how much the clocks of a cluster may disagree with the recorder's.
const MARGIN: Duration = Duration::from_secs(30);

/// What history is to be asked of the time since a moment; why not, if not.
pub fn since(moment: Timestamp, pages: &Pages, recorded: &Recorded) -> Result<Question, Unknown> {
    let to = pages.version.number().ok_or_else(|| Unknown::Failed("versions are no numbers".to_owned()))?;
    let listed: Option<Vec<Object>> = pages.items.iter().map(|(_, item)| item.object().cloned()).collect();
    let listed = listed.ok_or_else(|| Unknown::Failed("an object of the list could not be decoded".to_owned()))?;
    // A kind in another storage than the Leases cannot be dated by them.
    Ok(Question::Since { moment, to, listed, dated_by_leases: !recorded.watch.separate_storage })
}

/// What history is to be asked of the objects that are there.
pub fn beginnings(pages: &Pages) -> Question {
    Question::Beginnings(pages.items.iter().filter_map(|(_, item)| item.object().cloned()).collect())
}

/// When a list came.
pub fn received(pages: &Pages, now: Now) -> Stamp {
    pages.items.first().map_or(now.stamp, |(stamp, _)| *stamp)
}

impl Recorded {
    /// A first list, with everything since a moment, or since the oldest revision that is remembered.
    pub fn list_since(
        &mut self,
        moment: Timestamp,
        told: Result<Since, Unknown>,
        pages: Pages,
        now: Now,
    ) -> Vec<Observation> {
        let stamp = received(&pages, now);
        let mut lines = Vec::with_capacity(pages.items.len() + 2);
        let Since { reach, objects, found } = match told {
            Ok(told) => told,
            Err(unknown) => {
                lines.push(self.reached(stamp, moment, None, unknown.to_string()));
                self.list(pages, &HashMap::new(), now, &mut lines);
                return lines;
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
        self.attach(Stamp { at: alive, ..stamp }, version.clone(), &pages.kind, &mut lines);
        let loss = Loss {
            from: version,
            alive,
            stamp,
            reason: GapReason::Unrecorded,
            why: String::new(),
            is_behind: false,
            is_none: false,
        };
        self.found(found, &loss, pages, now, &mut lines);
        lines.iter_mut().for_each(narrow);
        lines
    }

    /// A first list, with the versions of those that are there, back to their birth or as far as the server remembers.
    pub fn list_with_beginnings(&mut self, chains: Vec<Chain>, pages: Pages, now: Now) -> Vec<Observation> {
        let stamp = received(&pages, now);
        let mut told = HashMap::new();
        let mut lines = Vec::with_capacity(pages.items.len() + 1);
        for (event, not_before) in events(chains, stamp) {
            told.insert(event.object.uid.clone(), event.object.resource_version.clone());
            lines.push(self.event(event, stamp, not_before));
        }
        self.list(pages, &told, now, &mut lines);
        lines
    }

    /// What was asked for, and what could be reached.
    fn reached(&mut self, stamp: Stamp, since: Timestamp, reach: Option<&Reach>, missing: String) -> Observation {
        let past = Past {
            watch: self.id,
            since,
            resource_version: reach.map(|reach| ResourceVersion::new(reach.revision.to_smolstr())),
            dated: reach.and_then(|reach| reach.dated),
            clock: reach.map_or("", |reach| reach.clock).into(),
            missing,
        };
        self.tell(stamp, Payload::Past(past))
    }
}

/// The versions of all objects in order, each with the moment before which it was not.
fn events(chains: Vec<Chain>, stamp: Stamp) -> Vec<(Event, Timestamp)> {
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

/// No version of an object was before its creation.
fn narrow(line: &mut Observation) {
    if let Payload::Object(seen) = &mut line.payload
        && let (Some(not_before), Some(created)) = (&mut seen.not_before, heal::created(&seen.object))
    {
        *not_before = (*not_before).max(earliest(created)).min(line.stamp.at);
    }
}

fn earliest(dated: Timestamp) -> Timestamp {
    dated.checked_sub(MARGIN).unwrap_or(Timestamp::UNIX_EPOCH)
}
