//! Dates revisions by timestamps that were written at them.
//!
//! Leases are renewed every few seconds by nodes, API servers and leaders, with microseconds, and each renewal has its
//! own revision, so that revision is as old as the Lease says. Reading begins there, so that nothing after that time is
//! missed. If Leases cannot be read, the timestamps of the collection's own objects only show that a revision is not
//! older; the newest of them goes back when an object is deleted. They prove nothing, so as much is read as the limits
//! allow.

use super::super::decode::ListMetadata;
use super::super::query::{JSON, METADATA};
use super::history::{History, Unknown, believe};
use super::walk::oldest;
use crate::observation::{Object, ResourceVersion};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use smol_str::SmolStr;
use std::sync::Arc;

/// Leases older than this at the head are not renewed, or their writer's clock is behind.
const STALE: SignedDuration = SignedDuration::from_secs(60);

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
    /// Why it is not proven to reach back to the requested time; none when it is.
    pub unproven: Option<&'static str>,
}

/// The revision of an empty etcd.
const EMPTY: u64 = 1;

const FORGOTTEN: &str = "the server does not remember more";
const UNDATED: &str = "nothing proves that this was before: Leases that are kept up would, and cannot be read";

/// Finds a revision older than a time, or otherwise the oldest that is available or may be read.
pub(super) async fn reach(
    history: &Arc<History>,
    leases: Option<&Arc<History>>,
    Asked { moment, now, ahead, to }: Asked,
) -> Result<(Reach, Timestamp), Unknown> {
    let first = oldest(history, 0, to).await?;
    let head = match leases {
        Some(leases) => newest::<Lease>(leases, to, JSON).await.ok().flatten(),
        None => None,
    };
    let head = head.map(|(head, _)| head);
    let ahead = at_least_ahead(ahead, head, now);
    let far = |_| Unknown::Failed("the moment is too far away".to_owned());
    let moment = moment.checked_add(ahead).map_err(far)?;
    let mut reach = match leases {
        Some(leases) if is_kept_up(head, now, ahead) => by_leases(leases, moment, first, to).await?,
        _ => by_objects(history, moment, first, to).await?,
    };
    if reach.revision == EMPTY {
        // There was nothing before it, whenever that was.
        reach.unproven = None;
    }
    Ok((reach, moment))
}

/// By how much the cluster's clock is at least ahead.
///
/// If the server sends no time, a Lease at the head is used: one that was just renewed shows how far it is behind, and
/// one that was renewed earlier exaggerates that, which only moves the start further back. One that seems to be ahead
/// may come from a single wrong clock, and would move the start to where nothing is proven.
fn at_least_ahead(measured: Option<SignedDuration>, head: Option<Timestamp>, now: Timestamp) -> SignedDuration {
    measured.or_else(|| Some(head?.duration_since(now).min(SignedDuration::ZERO))).unwrap_or_default()
}

/// True when Leases are being renewed; otherwise their timestamps date nothing.
fn is_kept_up(head: Option<Timestamp>, now: Timestamp, ahead: SignedDuration) -> bool {
    now.checked_add(ahead - STALE).is_ok_and(|least| head.is_some_and(|head| head >= least))
}

async fn by_leases(leases: &Arc<History>, moment: Timestamp, first: u64, to: u64) -> Result<Reach, Unknown> {
    let date = async |at| newest::<Lease>(leases, at, JSON).await;
    let (mut before, mut after, mut dated) = (first, to, date(first).await?);
    if dated.is_none_or(|(date, _)| date <= moment) {
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match date(middle).await? {
                Some((date, _)) if date > moment => after = middle,
                None => before = middle,
                date => (before, dated) = (middle, date),
            }
        }
    }
    let Some((date, written)) = dated else {
        return Ok(Reach { revision: first, dated: None, clock: "", unproven: Some(FORGOTTEN) });
    };
    let written = written.filter(|written| date <= moment && (first..=before).contains(written));
    // The revision of the renewal had that time; the times of later ones are unknown.
    let (revision, unproven) = written.map_or((first, Some(FORGOTTEN)), |written| (written, None));
    Ok(Reach { revision, dated: Some(date), clock: "leases", unproven })
}

async fn by_objects(history: &Arc<History>, moment: Timestamp, first: u64, to: u64) -> Result<Reach, Unknown> {
    let date = async |at| Ok::<_, Unknown>(newest::<Written>(history, at, METADATA).await?.map(|(date, _)| date));
    let mut dated = date(first).await?;
    let mut before = first;
    if to - first > history.limits.revisions && dated.is_some_and(|date| date <= moment) {
        let mut after = to;
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match date(middle).await? {
                Some(date) if date > moment => after = middle,
                date => (before, dated) = (middle, date),
            }
        }
    }
    let clock = if dated.is_some() { "objects" } else { "" };
    let unproven = if dated.is_some_and(|date| date > moment) { FORGOTTEN } else { UNDATED };
    Ok(Reach { revision: before, dated, clock, unproven: Some(unproven) })
}

/// An object with timestamps.
trait Stamped: for<'de> Deserialize<'de> {
    fn newest(&self) -> Option<Timestamp>;
    /// The revision of its last write.
    fn revision(&self) -> Option<u64>;
}

/// The newest timestamp on the first page of a collection at a revision, with the revision of its write.
async fn newest<T: Stamped>(
    history: &Arc<History>,
    at: u64,
    accept: &str,
) -> Result<Option<(Timestamp, Option<u64>)>, Unknown> {
    #[derive(Deserialize)]
    #[serde(bound = "T: Stamped")]
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
    let items = list.items.unwrap_or_default();
    Ok(items.iter().filter_map(|item| Some((item.newest()?, item.revision()))).max_by_key(|(stamp, _)| *stamp))
}

/// `coordination.k8s.io/v1` Lease.
#[derive(Deserialize)]
struct Lease {
    #[serde(default)]
    metadata: LeaseMetadata,
    #[serde(default)]
    spec: LeaseSpec,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseMetadata {
    #[serde(default)]
    resource_version: ResourceVersion,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LeaseSpec {
    #[serde(default)]
    renew_time: Option<Timestamp>,
}

impl Stamped for Lease {
    fn newest(&self) -> Option<Timestamp> {
        self.spec.renew_time
    }

    fn revision(&self) -> Option<u64> {
        self.metadata.resource_version.number()
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

impl Stamped for Written {
    fn newest(&self) -> Option<Timestamp> {
        let managed = self.metadata.managed_fields.iter().filter_map(|managed| managed.time);
        managed.chain(self.metadata.creation_timestamp).max()
    }

    fn revision(&self) -> Option<u64> {
        None
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
    fn without_a_date_leases_at_the_head_move_the_moment_back_and_never_forward() {
        let (seconds, now) = (SignedDuration::from_secs, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9));
        let head = |ahead: i64| Some(now + seconds(ahead));
        assert_eq!(at_least_ahead(None, head(-300), now), seconds(-300));
        assert_eq!(at_least_ahead(None, head(86_400), now), seconds(0), "one Lease of a clock that is wrong");
        assert_eq!(at_least_ahead(None, None, now), seconds(0));
        // A measurement takes precedence over Leases.
        for lease in [head(-300), head(300), None] {
            assert_eq!(at_least_ahead(Some(seconds(7)), lease, now), seconds(7));
        }
    }

    #[test]
    fn leases_that_are_not_renewed_date_nothing() {
        let (seconds, now) = (SignedDuration::from_secs, Timestamp::UNIX_EPOCH + SignedDuration::from_hours(9));
        let kept_up = |lease: i64, ahead: i64| is_kept_up(Some(now + seconds(lease)), now, seconds(ahead));
        assert!(kept_up(0, 0) && kept_up(-59, 0) && !kept_up(-61, 0));
        // By the server's clock.
        assert!(!kept_up(0, 300) && kept_up(290, 300) && kept_up(-310, -300));
        assert!(!is_kept_up(None, now, seconds(0)));
    }
}
