//! The place of an observation, shared by all entries that are folded from it.

use super::entry::{Body, Entry, GapEntry, Origin, Provenance};
use super::life::Unseen;
use crate::observation::{ResourceVersion, Stamp, Subject, Watch, WatchId};
use jiff::Timestamp;
use smol_str::ToSmolStr;
use std::sync::Arc;

/// An entry with its place in the order of the cluster's storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Ordered {
    /// Revision at which it happened; none when it is ordered by its arrival.
    pub revision: Option<u64>,
    /// How often its storage had been replaced.
    pub storage: u32,
    /// The entry itself.
    pub entry: Entry,
}

/// Line, time and version of an observation.
#[derive(Clone)]
pub(super) struct Place {
    pub seq: u64,
    pub stamp: Stamp,
    pub not_before: Option<Timestamp>,
    /// The renewals of a Lease before and after its version, if it was read back from history.
    pub leases: Option<[Timestamp; 2]>,
    pub version: Option<ResourceVersion>,
    pub revision: Option<u64>,
    /// Its watch.
    pub watch: Option<WatchId>,
    /// How often the storage of its watch had been replaced.
    pub storage: u32,
    /// When its watch was last known to be alive before it.
    pub alive_before: Option<Timestamp>,
}

impl Place {
    pub(super) fn new(seq: u64, stamp: Stamp) -> Self {
        Self {
            seq,
            stamp,
            not_before: None,
            leases: None,
            version: None,
            revision: None,
            watch: None,
            storage: 0,
            alive_before: None,
        }
    }

    /// The earliest time at which its version may have been written: before its receipt if it came late.
    pub(super) fn earliest(&self) -> Timestamp {
        self.not_before.map_or(self.stamp.at, |earliest| earliest.min(self.stamp.at))
    }

    pub(super) fn entry(&self, subject: Option<&Arc<Subject>>, seen: Provenance, body: Body) -> Ordered {
        self.entry_since(self.storage, subject, seen, body)
    }

    /// An entry for a gap that began in an earlier storage of its watch.
    pub(super) fn entry_since(
        &self,
        before: u32,
        subject: Option<&Arc<Subject>>,
        seen: Provenance,
        body: Body,
    ) -> Ordered {
        let entry = Entry {
            seq: self.seq,
            stamp: self.stamp,
            subject: subject.map(Arc::clone),
            resource_version: self.version.clone(),
            not_before: self.not_before,
            leases: self.leases.filter(|_| seen == Provenance::Healed).map(Box::new),
            seen,
            origin: self.watch.map(|watch| Origin { watch, storage: self.storage, before }),
            body,
        };
        Ordered { revision: self.revision, storage: self.storage, entry }
    }

    /// A gap of a subject that ends here.
    pub(super) fn blind(&self, subject: &Subject, watch: &Watch, unseen: &Unseen, from: &ResourceVersion) -> GapEntry {
        GapEntry {
            resource: watch.resource.to_smolstr(),
            kind: watch.resource.kind.clone(),
            namespace: subject.namespace.clone(),
            track: None,
            from: Some(unseen.from),
            to: Some(self.stamp.at),
            from_resource_version: Some(from.clone()),
            read_through: unseen.after.clone(),
            to_resource_version: self.version.clone(),
            reason: unseen.reason,
            evidence: None,
        }
    }

    /// A gap of a subject that has begun and has no end.
    pub(super) fn endless_gap(
        &self,
        subject: &Subject,
        watch: &Watch,
        unseen: &Unseen,
        from: &ResourceVersion,
    ) -> GapEntry {
        GapEntry { to: None, to_resource_version: None, ..self.blind(subject, watch, unseen, from) }
    }
}
