//! When a revision was: by the newest stamp that somebody had written by then.
//!
//! Leases are renewed every few seconds by nodes, API servers and leaders, with microseconds; where they cannot be read, the
//! stamps of the collection's own objects must do. Both are other clocks than the recorder's, and say only that the
//! revision is not older: they choose where reading begins, and bound times from below, by a margin.

use super::super::query::{JSON, METADATA};
use super::history::{History, Unknown};
use super::walk::oldest;
use crate::observation::Object;
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;

/// How far the reading of history reaches back.
#[derive(Debug)]
pub struct Reach {
    /// The revision at which it begins.
    pub revision: u64,
    /// The newest stamp of then.
    pub dated: Option<Timestamp>,
    /// Whose stamp that is.
    pub clock: &'static str,
    /// It reaches back to the moment that was asked for; else as far as the server remembers.
    pub far_enough: bool,
}

/// Finds the newest revision that is older than a moment, or else the oldest that is remembered.
pub async fn reach(
    history: &Arc<History>,
    leases: Option<&Arc<History>>,
    moment: Timestamp,
    to: u64,
) -> Result<Reach, Unknown> {
    let first = oldest(history, 0, to).await?;
    // Who may not read Leases, or has none, looks at the objects.
    let leases = match leases {
        Some(leases) => newest::<Lease>(leases, to, JSON).await.is_ok_and(|date| date.is_some()).then_some(leases),
        None => None,
    };
    let clock = if leases.is_some() { "leases" } else { "objects" };
    let date = async |at| match leases {
        Some(leases) => newest::<Lease>(leases, at, JSON).await,
        None => newest::<Written>(history, at, METADATA).await,
    };
    let (mut before, mut after, mut dated) = (first, to, date(first).await?);
    if dated.is_none_or(|date| date <= moment) {
        while after - before > 1 {
            let middle = before + (after - before) / 2;
            match date(middle).await? {
                Some(date) if date > moment => after = middle,
                date => (before, dated) = (middle, date),
            }
        }
    }
    let far_enough = dated.is_some_and(|date| date <= moment);
    let revision = if far_enough { before } else { first };
    Ok(Reach { revision, dated, clock: if dated.is_some() { clock } else { "" }, far_enough })
}

/// Something with stamps.
trait Stamped: for<'de> Deserialize<'de> {
    fn newest(&self) -> Option<Timestamp>;
}

/// The newest stamp of a collection's first page at a revision.
async fn newest<T: Stamped>(history: &Arc<History>, at: u64, accept: &str) -> Result<Option<Timestamp>, Unknown> {
    #[derive(Deserialize)]
    #[serde(bound = "T: Stamped")]
    struct List<T> {
        #[serde(default = "Vec::new")]
        items: Vec<T>,
    }
    let list: List<T> = history.first_page(at, accept).await?;
    Ok(list.items.iter().filter_map(Stamped::newest).max())
}

/// `coordination.k8s.io/v1` Lease.
#[derive(Deserialize)]
struct Lease {
    #[serde(default)]
    spec: LeaseSpec,
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
}

/// When an object was written last, as far as its metadata tells.
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
}

/// When an object was created, by the server's clock.
pub fn created(object: &Object) -> Option<Timestamp> {
    let Written { metadata } = serde_json::from_str(object.json.get()).ok()?;
    metadata.creation_timestamp
}
