//! The objects of one watch, in their recorded versions: lists, fences and resumed recorders are compared with them.
//!
//! Separate from [`Position`](super::Position), because it costs memory for every object, and only the source needs it.

use super::{Change, GapReason, ObjectEvent, Payload, ResourceVersion, Undecodable};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet, VecDeque};

/// How many events are remembered to recognize those that a server sends again.
const RECENT: usize = 1024;

/// The objects of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// Living objects and the newest version of each that was decoded.
    known: HashMap<SmolStr, ResourceVersion>,
    /// Objects whose newest version was recorded as it came, because it could not be decoded.
    unread: HashMap<SmolStr, ResourceVersion>,
    /// Objects found so far in the list after a gap.
    listing: Option<HashSet<SmolStr>>,
    /// Objects by what was read back: present in a version, or deleted. Not used until the span is known to be
    /// complete.
    healed: Vec<(SmolStr, Option<ResourceVersion>)>,
    /// The version of the last complete list, or the version up to which everything was read back.
    listed: Option<ResourceVersion>,
    /// The newest events, the last one at the end.
    recent: VecDeque<(SmolStr, ResourceVersion, Change)>,
}

impl Inventory {
    /// Applies the next observation of the watch.
    pub(crate) fn apply(&mut self, what: &Payload) {
        match what {
            Payload::Object(seen) => self.object(seen),
            Payload::Unchanged { uid, resource_version, .. } => self.found(uid, resource_version),
            Payload::Healed(healed) => {
                self.listed = Some(healed.to_resource_version.clone());
                for (uid, version) in std::mem::take(&mut self.healed) {
                    self.is_now(&uid, version.as_ref());
                }
                self.listing = None;
            }
            Payload::Gap(gap) => {
                if gap.reason == GapReason::StorageReplaced {
                    // The replaced storage may assign a version again, to another event.
                    self.recent.clear();
                    self.listed = None;
                }
                self.healed.clear();
                // The list that follows shows again what cannot be decoded.
                self.unread.clear();
                self.listing = Some(HashSet::new());
            }
            Payload::Attached(attached) => {
                self.listed = Some(attached.resource_version.clone());
                self.healed.clear();
                if let Some(listed) = self.listing.take() {
                    self.known.retain(|uid, _| listed.contains(uid));
                }
            }
            Payload::Undecodable(Undecodable { uid: Some(uid), resource_version: Some(version), .. }) => {
                self.unread.insert(uid.clone(), version.clone());
                if let Some(listed) = &mut self.listing {
                    listed.insert(uid.clone());
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, seen: &ObjectEvent) {
        let (uid, version) = (&seen.object.uid, &seen.object.resource_version);
        if !seen.healed && seen.change != Change::Listed {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back((uid.clone(), version.clone(), seen.change));
        }
        let version = (seen.change != Change::Deleted).then_some(version);
        match version {
            _ if seen.healed && seen.change != Change::Listed => {
                // After a gap, the newest versions of an object may be read back up to its deletion.
                if let (None, Some(listed)) = (version, &mut self.listing) {
                    listed.remove(uid);
                }
                self.healed.push((uid.clone(), version.cloned()));
            }
            Some(version) => self.found(uid, version),
            None => self.is_now(uid, None),
        }
    }

    fn found(&mut self, uid: &SmolStr, version: &ResourceVersion) {
        self.is_now(uid, Some(version));
        if let Some(listed) = &mut self.listing {
            listed.insert(uid.clone());
        }
    }

    fn is_now(&mut self, uid: &SmolStr, version: Option<&ResourceVersion>) {
        self.unread.remove(uid);
        match version {
            Some(version) => _ = self.known.insert(uid.clone(), version.clone()),
            None => _ = self.known.remove(uid),
        }
    }

    /// Living objects and the newest version of each that was decoded.
    #[must_use]
    pub(crate) fn known(&self) -> &HashMap<SmolStr, ResourceVersion> {
        &self.known
    }

    /// True when this event was recorded. Old events are forgotten.
    #[must_use]
    pub(crate) fn has(&self, uid: &SmolStr, version: &ResourceVersion, change: Change) -> bool {
        let is_deletion = change == Change::Deleted;
        let is_it = |(of, at, change): &(SmolStr, ResourceVersion, Change)| {
            at == version && of == uid && (*change == Change::Deleted) == is_deletion
        };
        (!is_deletion && (self.known.get(uid) == Some(version) || self.unread.get(uid) == Some(version)))
            || self.recent.iter().rev().any(is_it)
    }

    /// True when the object exists, decoded or not.
    #[must_use]
    pub(crate) fn is_there(&self, uid: &SmolStr) -> bool {
        self.known.contains_key(uid) || self.unread.contains_key(uid)
    }

    /// The version up to which lists or history have shown everything.
    #[must_use]
    pub(crate) fn listed(&self) -> Option<&ResourceVersion> {
        self.listed.as_ref()
    }

    /// Objects and the newest version of each that was recorded, decoded or not.
    #[must_use]
    pub(crate) fn recorded(&self) -> HashMap<SmolStr, ResourceVersion> {
        let mut recorded = self.known.clone();
        recorded.extend(self.unread.iter().map(|(uid, version)| (uid.clone(), version.clone())));
        recorded
    }
}
