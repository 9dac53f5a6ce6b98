//! What happened before the recorder started: history is read as after a loss, before the first event.
//!
//! Times of the past are bounded by stamps of the cluster's clocks, of which the server's was measured against the
//! recorder's, and by the moment of reading. Where it was not measured, or where stamps contradict the measure, nothing
//! bounds them from below.

use super::super::clock::Now;
use super::super::heal::{self, Beginning, Chain, Event, Question, Reach, Since, Unknown};
use super::super::pages::{Pages, Skew};
use super::loss::Loss;
use super::recorded::Recorded;
use crate::observation::{Change, GapReason, Object, Observation, Past, Payload, Renewal, ResourceVersion, Stamp};
use jiff::{SignedDuration, Timestamp};
use smol_str::ToSmolStr;
use std::collections::HashMap;

/// What history is to be asked of the time since a moment; why not, if not.
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
        let Since { reach, objects, found, renewals } = match answer {
            Ok(answer) => answer,
            Err(unknown) => {
                let missing = unknown.to_string();
                lines.push(self.reached(stamp, moment, (None, Vec::new()), pages.skew, missing));
                self.list(pages, &HashMap::new(), now, &mut lines);
                return lines;
            }
        };
        let missing = reach.unproven.unwrap_or_default().to_owned();
        lines.push(self.reached(stamp, moment, (Some(&reach), renewals), pages.skew, missing));
        let ahead = at_most_ahead(&pages, reach.head, stamp.at);
        let version = ResourceVersion::new(reach.revision.to_smolstr());
        let first = || {
            let answer =
                found.iter().flat_map(|found| found.events.iter().chain(&found.loose)).map(|event| &event.object);
            let there = pages.items.iter().filter_map(|(_, item)| item.object());
            let created = answer.chain(there).chain(&objects);
            created.map(|object| heal::created(object).unwrap_or(Timestamp::UNIX_EPOCH)).min()
        };
        // Without anybody's stamp: nothing was before the first creation.
        let alive = match reach.dated {
            // Not the server's clock, and nobody knows how old the last stamp of it was.
            Some(dated) => earliest(dated, ahead, heal::ALLOWANCE),
            None => first().map_or(stamp.at, |created| earliest(created, ahead, heal::MARGIN)),
        };
        let alive = alive.min(stamp.at);
        for object in objects {
            let event = Event { revision: reach.revision, change: Change::Listed, object, confirmed: false };
            lines.push(self.event(event, stamp, alive));
        }
        // The state at that time; what came after is still to be recorded.
        self.attach(Stamp { at: alive, ..stamp }, version.clone(), &pages.kind, &mut lines);
        let loss = Loss {
            read: None,
            from: version,
            alive,
            stamp,
            reason: GapReason::Unrecorded,
            why: String::new(),
            seen: None,
            is_none: false,
        };
        self.found(found, &loss, pages, now, &mut lines);
        lines.iter_mut().for_each(|line| narrow(line, ahead));
        lines
    }

    /// Records a first list with the versions of existing objects, back to their creation or as far as the server has
    /// them.
    pub(super) fn list_with_beginnings(&mut self, chains: Vec<Chain>, pages: Pages, now: Now) -> Vec<Observation> {
        let stamp = received(&pages, now);
        let mut already = HashMap::new();
        let mut lines = Vec::with_capacity(pages.items.len() + 1);
        let ahead = at_most_ahead(&pages, None, stamp.at);
        for (event, not_before) in events(chains, stamp, ahead) {
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
        (reach, leases): (Option<&Reach>, Vec<Renewal>),
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
            leases,
            missing,
        };
        self.record(stamp, Payload::Past(past))
    }
}

/// The versions of all objects in order, each with the moment before which it was not.
fn events(chains: Vec<Chain>, stamp: Stamp, ahead: Option<SignedDuration>) -> Vec<(Event, Timestamp)> {
    let mut events = Vec::new();
    for chain in chains {
        let mut change = match chain.beginning {
            Beginning::Birth | Beginning::Recorded => Change::Added,
            Beginning::Unseen(_) if chain.versions.len() == 1 => continue,
            Beginning::Unseen(_) => Change::Listed,
        };
        for object in chain.versions {
            let not_before = heal::created(&object)
                .map_or(Timestamp::UNIX_EPOCH, |created| earliest(created, ahead, heal::MARGIN))
                .min(stamp.at);
            let revision = object.resource_version.number().unwrap_or_default();
            events.push((Event { revision, change, object, confirmed: false }, not_before));
            change = Change::Modified;
        }
    }
    events.sort_by_key(|(event, _)| event.revision);
    events
}

/// No version of an object was before its creation.
fn narrow(line: &mut Observation, ahead: Option<SignedDuration>) {
    if let Payload::Object(seen) = &mut line.payload
        && let (Some(not_before), Some(created)) = (&mut seen.not_before, heal::created(&seen.object))
    {
        *not_before = (*not_before).max(earliest(created, ahead, heal::MARGIN)).min(line.stamp.at);
    }
}

/// By how much the clocks of the cluster are at most ahead of ours. None where nothing was measured, or where a stamp lies
/// ahead of what the server said the time was: then another clock said so.
///
/// That they are behind is not believed: a proxy may have said it, and then all stamps are later than they seem.
fn at_most_ahead(pages: &Pages, lease: Option<Timestamp>, received: Timestamp) -> Option<SignedDuration> {
    let most = pages.skew?.most.max(SignedDuration::ZERO);
    let created = pages.items.iter().filter_map(|(_, item)| heal::created(item.object()?));
    let is_contradicted = created.chain(lease).any(|stamp| stamp.duration_since(received) > most + heal::MARGIN);
    (!is_contradicted).then_some(most)
}

/// The earliest moment of ours at which it can have been that time on a clock of the cluster.
fn earliest(dated: Timestamp, ahead: Option<SignedDuration>, margin: SignedDuration) -> Timestamp {
    ahead.and_then(|ahead| dated.checked_sub(ahead + margin).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::super::super::pages::Item;
    use super::*;
    use crate::observation::{Capture, Shape, decode_object};

    /// A list that came now, of a pod that was created so many seconds ago, by a server whose `Date` is so far off.
    fn ahead(date: i64, created_ago: i64, lease_ago: Option<i64>) -> Option<i64> {
        let (second, now) = (SignedDuration::from_secs, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9));
        let created = now - second(created_ago);
        let json = format!(
            r#"{{"metadata":{{"name":"a","uid":"a","resourceVersion":"2","creationTimestamp":"{created}"}},"status":{{}}}}"#
        );
        let object = decode_object(json.as_bytes(), Shape::Pod, Capture::Status).expect("an object");
        let stamp = Stamp { at: now, elapsed: std::time::Duration::ZERO };
        let pages = Pages {
            version: ResourceVersion::new("5"),
            kind: "Pod".into(),
            skew: Some(Skew { least: second(date), most: second(date + 1) }),
            items: vec![(stamp, Item::Object(object))],
            took: std::time::Duration::ZERO,
        };
        at_most_ahead(&pages, lease_ago.map(|ago| now - second(ago)), now).map(|ahead| ahead.as_secs())
    }

    #[test]
    fn a_date_that_disagrees_with_the_stamps_widens_an_interval_and_never_narrows_it() {
        assert_eq!(ahead(0, 60, Some(3)), Some(1));
        assert_eq!(ahead(300, 60, Some(-290)), Some(301), "the server is ahead");
        assert_eq!(ahead(-120, 60, Some(3)), Some(0), "a proxy is behind");
        assert_eq!(ahead(300, 60, Some(3)), Some(301), "a proxy is ahead");
        assert_eq!(ahead(0, -100, Some(3)), None, "created in a time to come");
        assert_eq!(ahead(-120, 60, Some(-90)), None, "renewed in a time to come");
    }
}
