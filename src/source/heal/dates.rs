//! Dates revisions by timestamps that were written at them.
//!
//! Leases are renewed every few seconds by nodes, API servers and leaders, and each renewal has a revision of its own.
//! Whose clock it is that a Lease was stamped by, and how wrong it is, nobody knows; but its last renewal, at the head,
//! was before the list came. So that clock is at most so far behind the recorder's as the last stamp is, and every
//! earlier renewal was, by the recorder's clock, no later than its stamp and that much. Reading begins at a renewal, so
//! nothing after that moment is missed. It takes for granted that a clock is not set meanwhile by more than
//! [`ALLOWANCE`], which is read beyond the moment; and of several writers, the one that leads furthest back counts.
//!
//! Where Leases cannot be read, the stamps of the collection's own objects say only that a revision is not older; the
//! newest of them goes back when an object is deleted. They prove nothing, so as much is read as may be.

use super::super::decode::ListMetadata;
use super::super::query::{JSON, METADATA};
use super::bisection::Bisection;
use super::history::{History, Unknown, believe};
use super::walk::oldest;
use crate::observation::{Object, ResourceVersion};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use smol_str::{SmolStr, format_smolstr};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// By how much the clocks that Leases are stamped by may have been set since.
pub(crate) const ALLOWANCE: SignedDuration = SignedDuration::from_secs(30);
/// By how much an object's stamp may be off its writing.
pub(crate) const MARGIN: SignedDuration = SignedDuration::from_secs(2);
/// Of so many writers of Leases the stamps are followed.
const WRITERS: usize = 3;
/// Revisions are dated until the Leases before and after are this close.
const NEAR: SignedDuration = SignedDuration::from_secs(5);

/// The requested start.
pub(super) struct Asked {
    /// The start, on the recorder's clock.
    pub moment: Timestamp,
    /// The receipt of the list, on the recorder's clock.
    pub now: Timestamp,
    /// By how much the server's clock is at least ahead, if that was measured.
    pub ahead: Option<SignedDuration>,
    /// The list's revision.
    pub to: u64,
}

/// How far back history is read.
#[derive(Debug)]
pub(crate) struct Reach {
    /// The revision at which it begins.
    pub revision: u64,
    /// The newest timestamp at that revision.
    pub dated: Option<Timestamp>,
    /// The clock of that timestamp.
    pub clock: &'static str,
    /// The newest stamp of any Lease at the head.
    pub head: Option<Timestamp>,
    /// Why it is not known to reach back to the moment that was asked for; none when it does.
    pub unproven: Option<&'static str>,
}

/// The revision of an empty etcd.
const EMPTY: u64 = 1;

const FORGOTTEN: &str = "the server does not remember more";
const UNDATED: &str = "nothing proves that this was before: Leases that are kept up would, and cannot be read";
const UNSURE: &str = "what the server remembers begins less than 30 s before it, by Leases whose clocks are trusted to \
                      that only";

/// Finds a revision that is older than a moment, or else the oldest that is remembered or may be read.
pub(super) async fn reach(
    history: &Arc<History>,
    leases: Option<&Arc<History>>,
    asked: &Asked,
) -> Result<(Reach, Option<Dates>), Unknown> {
    let first = oldest(history, 0, asked.to).await?;
    let mut dates = match leases {
        Some(leases) => Dates::new(Arc::clone(leases), asked).await.ok(),
        None => None,
    };
    let mut reach = match &mut dates {
        Some(dates) if !dates.writers.is_empty() => dates.reach(asked.moment, first).await?,
        dates => {
            let head = dates.as_ref().and_then(|dates| dates.head);
            Reach { head, ..by_objects(history, asked.at_least_then(), first, asked.to).await? }
        }
    };
    if reach.revision == EMPTY {
        // There was nothing before it, whenever that was.
        reach.unproven = None;
    }
    Ok((reach, dates))
}

impl Asked {
    /// The moment by the server's clock, or an earlier one: that it is ahead, may be said by another clock.
    pub(super) fn at_least_then(&self) -> Timestamp {
        let ahead = self.ahead.unwrap_or_default().min(SignedDuration::ZERO);
        self.moment.checked_add(ahead - MARGIN).unwrap_or(Timestamp::MIN)
    }
}

/// A Lease as of a revision.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Renewal {
    /// By the clock of whoever renewed it.
    pub stamp: Timestamp,
    /// When that was, as a revision.
    pub revision: u64,
}

/// Leases, as of revisions.
pub(super) struct Dates {
    history: Arc<History>,
    to: u64,
    /// Whose Leases are followed, and by how much each one's clock is behind the recorder's at most.
    writers: Vec<(SmolStr, SignedDuration)>,
    /// The newest stamp of all.
    head: Option<Timestamp>,
    read: HashMap<u64, Arc<HashMap<SmolStr, Renewal>>>,
}

impl Dates {
    async fn new(history: Arc<History>, asked: &Asked) -> Result<Self, Unknown> {
        let mut dates = Self { history, to: asked.to, writers: Vec::new(), head: None, read: HashMap::new() };
        let head = dates.at(asked.to).await?;
        dates.head = head.values().map(|renewal| renewal.stamp).max();
        let mut newest: Vec<(&SmolStr, &Renewal)> = head.iter().collect();
        newest.sort_by_key(|(name, renewal)| (Reverse(renewal.revision), *name));
        newest.truncate(WRITERS);
        for (name, renewal) in newest {
            // One that was written once is not kept up.
            let before = dates.at(renewal.revision.saturating_sub(1)).await;
            if before.is_ok_and(|before| before.contains_key(name)) {
                dates.writers.push((name.clone(), asked.now.duration_since(renewal.stamp)));
            }
        }
        Ok(dates)
    }

    async fn at(&mut self, revision: u64) -> Result<Arc<HashMap<SmolStr, Renewal>>, Unknown> {
        if let Some(read) = self.read.get(&revision) {
            return Ok(Arc::clone(read));
        }
        let leases: Vec<Lease> = first_page(&self.history, revision, JSON).await?;
        let read = Arc::new(leases.into_iter().filter_map(Lease::renewal).collect::<HashMap<_, _>>());
        self.read.insert(revision, Arc::clone(&read));
        Ok(read)
    }

    async fn reach(&mut self, moment: Timestamp, first: u64) -> Result<Reach, Unknown> {
        let early = moment.checked_sub(ALLOWANCE).unwrap_or(Timestamp::MIN);
        let mut found: Option<Renewal> = None;
        let mut is_near = false;
        for (name, behind) in self.writers.clone() {
            let renewal = self.last(&name, behind, early, first).await?;
            if found.is_none_or(|found| renewal.is_some_and(|renewal| renewal.revision < found.revision)) {
                found = renewal.or(found);
            }
            let oldest = self.at(first).await?.get(&name).copied();
            is_near |= oldest.is_some_and(|oldest| is_by(oldest.stamp, behind, moment));
        }
        let head = self.head;
        if let Some(Renewal { stamp, revision }) = found {
            return Ok(Reach { revision, dated: Some(stamp), clock: "leases", head, unproven: None });
        }
        let dated = self.at(first).await?.values().map(|renewal| renewal.stamp).max();
        let clock = if dated.is_some() { "leases" } else { "" };
        let unproven = Some(if is_near { UNSURE } else { FORGOTTEN });
        Ok(Reach { revision: first, dated, clock, head, unproven })
    }

    /// Dates revisions by the renewals of one Lease before and after each of them, as far as the requests go.
    pub(super) async fn date(&mut self, mut revisions: Vec<u64>) {
        let Some((name, _)) = self.writers.first().cloned() else { return };
        revisions.retain(|revision| *revision <= self.to);
        // The one about which the least is known comes first: what is read for it dates others, too.
        while !revisions.is_empty() {
            let renewals = self.renewals();
            let widths = revisions.iter().map(|revision| width(&renewals, *revision)).enumerate();
            let Some((at, width)) = widths.max_by_key(|(_, width)| *width) else { return };
            let revision = revisions.swap_remove(at);
            if width <= NEAR || self.narrow(&name, revision).await.is_err() {
                return;
            }
        }
    }

    /// The renewals of the Lease that dates revisions, as far as they were read, in order.
    pub(super) fn renewals(&self) -> Vec<Renewal> {
        let Some((name, _)) = self.writers.first() else { return Vec::new() };
        let mut renewals: Vec<Renewal> = self.read.values().filter_map(|read| read.get(name).copied()).collect();
        renewals.sort_by_key(|renewal| renewal.revision);
        renewals.dedup();
        renewals
    }

    /// Reads the renewals next to a revision.
    async fn narrow(&mut self, name: &str, revision: u64) -> Result<(), Unknown> {
        self.at(revision).await?;
        let is_later = |(_, read): &(&u64, &Arc<HashMap<SmolStr, Renewal>>)| {
            read.get(name).is_some_and(|renewal| renewal.revision > revision)
        };
        let Some((end, _)) = self.read.iter().filter(is_later).min_by_key(|(end, _)| **end) else { return Ok(()) };
        let mut search = Bisection::between(revision, *end);
        while let Some(next) = search.next() {
            if width(&self.renewals(), revision) <= NEAR {
                break;
            }
            let read = self.at(next).await?;
            search.answer(next, read.get(name).is_none_or(|renewal| renewal.revision <= revision));
        }
        Ok(())
    }

    /// The last renewal that was by a moment, if it is remembered.
    async fn last(
        &mut self,
        name: &str,
        behind: SignedDuration,
        moment: Timestamp,
        first: u64,
    ) -> Result<Option<Renewal>, Unknown> {
        let mut search = Bisection::between(first, self.to);
        while let Some(revision) = search.next() {
            let read = self.at(revision).await?;
            search.answer(revision, read.get(name).is_none_or(|renewal| is_by(renewal.stamp, behind, moment)));
        }
        let before = search.before();
        let renewal = self.at(before).await?.get(name).copied();
        Ok(renewal.filter(|it| is_by(it.stamp, behind, moment) && (first..=before).contains(&it.revision)))
    }
}

/// The time between the renewals before and after a revision.
fn width(renewals: &[Renewal], revision: u64) -> SignedDuration {
    let after = renewals.partition_point(|renewal| renewal.revision <= revision);
    match (after.checked_sub(1).map(|before| renewals[before]), renewals.get(after)) {
        (Some(before), Some(after)) => after.stamp.duration_since(before.stamp),
        _ => SignedDuration::MAX,
    }
}

/// Whether what was stamped so, by a clock that is at most so far behind, was by a moment.
fn is_by(stamp: Timestamp, behind: SignedDuration, moment: Timestamp) -> bool {
    stamp.checked_add(behind).is_ok_and(|latest| latest <= moment)
}

async fn by_objects(history: &Arc<History>, moment: Timestamp, first: u64, to: u64) -> Result<Reach, Unknown> {
    let date = async |at| {
        let written: Vec<Written> = first_page(history, at, METADATA).await?;
        Ok::<_, Unknown>(written.iter().filter_map(Written::newest).max())
    };
    let mut dated = date(first).await?;
    let mut before = first;
    if to - first > history.limits.revisions && dated.is_some_and(|date| date <= moment) {
        let mut search = Bisection::between(first, to);
        while let Some(revision) = search.next() {
            let newest = date(revision).await?;
            let is_before = newest.is_none_or(|newest| newest <= moment);
            search.answer(revision, is_before);
            if is_before {
                dated = newest;
            }
        }
        before = search.before();
    }
    let clock = if dated.is_some() { "objects" } else { "" };
    let unproven = if dated.is_some_and(|date| date > moment) { FORGOTTEN } else { UNDATED };
    Ok(Reach { revision: before, dated, clock, head: None, unproven: Some(unproven) })
}

/// The first page of a collection at a revision.
async fn first_page<T: DeserializeOwned>(history: &Arc<History>, at: u64, accept: &str) -> Result<Vec<T>, Unknown> {
    #[derive(Deserialize)]
    #[serde(bound = "T: DeserializeOwned")]
    struct List<T> {
        #[serde(default)]
        kind: SmolStr,
        metadata: ListMetadata,
        // Go writes an empty list as null.
        #[serde(default = "Option::default")]
        items: Option<Vec<T>>,
    }
    let list: List<T> = history.first_page(at, accept).await?;
    if !list.kind.ends_with("List") {
        return Err(Unknown::Failed("the answer is not a list".to_owned()));
    }
    believe(list.metadata.resource_version.number(), at)?;
    Ok(list.items.unwrap_or_default())
}

/// `coordination.k8s.io/v1` Lease.
#[derive(Deserialize)]
struct Lease {
    metadata: LeaseMetadata,
    #[serde(default)]
    spec: LeaseSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseMetadata {
    #[serde(default)]
    namespace: SmolStr,
    #[serde(default)]
    name: SmolStr,
    #[serde(default)]
    resource_version: ResourceVersion,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseSpec {
    #[serde(default)]
    renew_time: Option<Timestamp>,
}

impl Lease {
    fn renewal(self) -> Option<(SmolStr, Renewal)> {
        let LeaseMetadata { namespace, name, resource_version } = self.metadata;
        let renewal = Renewal { stamp: self.spec.renew_time?, revision: resource_version.number()? };
        Some((format_smolstr!("{namespace}/{name}"), renewal))
    }
}

/// The last write of an object, according to its metadata.
#[derive(Deserialize)]
struct Written {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    creation_timestamp: Option<Timestamp>,
    #[serde(default)]
    managed_fields: Vec<Managed>,
}

#[derive(Deserialize)]
struct Managed {
    #[serde(default)]
    time: Option<Timestamp>,
}

impl Written {
    fn newest(&self) -> Option<Timestamp> {
        let Metadata { creation_timestamp, managed_fields } = &self.metadata;
        managed_fields.iter().filter_map(|managed| managed.time).chain(*creation_timestamp).max()
    }
}

/// When an object was created, by the server's clock.
pub(crate) fn created(object: &Object) -> Option<Timestamp> {
    let Written { metadata } = serde_json::from_str(object.json.get()).ok()?;
    metadata.creation_timestamp
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_as_late_as_the_clock_behind_it_may_be_behind() {
        let (seconds, moment) = (SignedDuration::from_secs, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9));
        let by = |stamp: i64, behind: i64| is_by(moment + seconds(stamp), seconds(behind), moment);
        assert!(by(-1, 0) && by(0, 0) && !by(1, 0));
        // A clock that is 20 s behind, and was read 5 s ago.
        assert!(!by(-20, 25) && by(-25, 25));
        // One that is a day ahead.
        assert!(by(86_400, -86_400) && !by(86_401, -86_400));
    }

    #[test]
    fn a_server_that_seems_to_be_ahead_does_not_move_the_moment_on() {
        let moment = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9);
        let then = |ahead: Option<i64>| {
            let ahead = ahead.map(SignedDuration::from_secs);
            Asked { moment, now: moment, ahead, to: 1 }.at_least_then().duration_since(moment).as_secs()
        };
        assert_eq!([then(Some(300)), then(None), then(Some(-300))], [-2, -2, -302]);
    }
}
