//! The objects of one watch, in their recorded versions: lists, fences and resumed recorders are compared with them.
//!
//! Separate from [`Position`](super::Position), because it costs memory for every object, and only the source needs it.

use super::{Change, Object, ObjectEvent, Payload, ResourceVersion, Undecodable};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How many events are remembered to recognize those that a server sends again.
const RECENT: usize = 1024;

/// A hash of a namespace and a name.
type NameHash = u64;

/// What was read back of an object: its uid, its name, and its version; none when it was deleted.
type Healing = (SmolStr, NameHash, Option<ResourceVersion>);

fn hash(object: &Object) -> NameHash {
    let mut hasher = DefaultHasher::new();
    (&object.namespace, &object.name).hash(&mut hasher);
    hasher.finish()
}

/// The objects of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// Living objects and the newest version of each that was decoded.
    known: HashMap<SmolStr, ResourceVersion>,
    /// The uid of the living object of a name. Names are hashed: for every object, a hash takes less memory.
    names: HashMap<NameHash, SmolStr>,
    /// Objects whose newest version was recorded as received, because it could not be decoded.
    unread: HashMap<SmolStr, ResourceVersion>,
    /// Objects found so far in the list after a gap.
    listing: Option<HashSet<SmolStr>>,
    /// Objects by what was read back: present in a version, or deleted. Not used until the span is known to be
    /// complete.
    healed: Vec<Healing>,
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
                for (uid, name, version) in std::mem::take(&mut self.healed) {
                    self.is_now(&uid, version.as_ref());
                    self.is_named(&uid, name, version.is_some());
                }
                self.listing = None;
            }
            Payload::Gap(gap) => {
                if gap.reason.may_rewind() {
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
                let healed = std::mem::take(&mut self.healed);
                if let Some(listed) = self.listing.take() {
                    self.known.retain(|uid, _| listed.contains(uid));
                    self.names.retain(|_, uid| listed.contains(uid));
                    // The list may only say that they are unchanged since.
                    let there = healed.into_iter().filter(|(uid, ..)| listed.contains(uid));
                    self.names.extend(there.map(|(uid, name, _)| (name, uid)));
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
        let name = hash(&seen.object);
        let version = (seen.change != Change::Deleted).then_some(version);
        if !seen.healed || seen.change == Change::Listed {
            self.is_named(uid, name, version.is_some());
        }
        match version {
            _ if seen.healed && seen.change != Change::Listed => {
                // After a gap, the newest versions of an object may be read back up to its deletion.
                if let (None, Some(listed)) = (version, &mut self.listing) {
                    listed.remove(uid);
                }
                self.healed.push((uid.clone(), name, version.cloned()));
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

    fn is_named(&mut self, uid: &SmolStr, name: NameHash, is_there: bool) {
        if is_there {
            self.names.insert(name, uid.clone());
        } else if self.names.get(&name) == Some(uid) {
            self.names.remove(&name);
        }
    }

    /// Another object with the name of this one, which was not deleted, and its newest version. None when a version of
    /// it could not be decoded: that may have been its deletion.
    #[must_use]
    pub(crate) fn namesake(&self, object: &Object) -> Option<(&SmolStr, &ResourceVersion)> {
        let uid = self.names.get(&hash(object)).filter(|uid| **uid != object.uid && !self.unread.contains_key(*uid))?;
        Some((uid, self.known.get(uid)?))
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

    /// The objects whose deletion was recorded lately, and when.
    #[must_use]
    pub(crate) fn deleted(&self) -> HashMap<&SmolStr, &ResourceVersion> {
        let deletions = self.recent.iter().filter(|(.., change)| *change == Change::Deleted);
        deletions.map(|(uid, version, _)| (uid, version)).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Attached, Capture, Gap, GapReason, Shape, decode_object};
    use jiff::Timestamp;

    fn object(name: &str, uid: &str, version: u64) -> Object {
        let json = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"ns","uid":"{uid}","resourceVersion":"{version}"}},"status":{{}}}}"#
        );
        decode_object(json.as_bytes(), Shape::Pod, Capture::Status).unwrap()
    }

    fn seen(change: Change, object: Object, healed: bool) -> Payload {
        Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed, confirmed: false })
    }

    fn gap() -> Payload {
        let version = || ResourceVersion::new("5");
        Payload::Gap(Gap {
            watch: 0,
            from_resource_version: version(),
            to_resource_version: version(),
            from: Timestamp::UNIX_EPOCH,
            to: Timestamp::UNIX_EPOCH,
            reason: GapReason::HistoryExpired,
            unhealed: String::new(),
        })
    }

    fn attached() -> Payload {
        let resource_version = ResourceVersion::new("5");
        Payload::Attached(Attached { watch: 0, resource_version, kind: "Pod".into(), not_before: None })
    }

    #[test]
    fn only_the_names_of_living_objects_are_remembered() {
        let mut inventory = Inventory::default();
        for number in 0..100 {
            let pod = |version| object(&format!("pod-{number}"), &format!("uid-{number}"), version);
            inventory.apply(&seen(Change::Added, pod(2 * number), false));
            inventory.apply(&seen(Change::Deleted, pod(2 * number + 1), false));
        }
        assert_eq!(inventory.names.len(), 0);
        (0..100).for_each(|number| {
            inventory.apply(&seen(
                Change::Added,
                object(&format!("pod-{number}"), &format!("uid-{number}"), 300),
                false,
            ));
        });
        for what in [gap(), seen(Change::Listed, object("pod-7", "other", 400), false), attached()] {
            inventory.apply(&what);
        }
        assert_eq!(inventory.names.len(), 1);
        let (uid, version) = inventory.namesake(&object("pod-7", "uid-7", 500)).unwrap();
        assert_eq!((uid.as_str(), version.as_str()), ("other", "400"));
    }

    #[test]
    fn an_object_that_was_read_back_and_is_unchanged_in_a_list_has_its_name() {
        let mut inventory = Inventory::default();
        let (uid, resource_version) = ("uid".into(), ResourceVersion::new("4"));
        for what in [
            gap(),
            seen(Change::Added, object("pod", "earlier", 2), true),
            seen(Change::Deleted, object("pod", "earlier", 3), true),
            seen(Change::Added, object("pod", "uid", 4), true),
            Payload::Unchanged { watch: 0, uid, resource_version },
            attached(),
        ] {
            inventory.apply(&what);
        }
        assert_eq!(inventory.namesake(&object("pod", "other", 6)).map(|(uid, _)| uid.as_str()), Some("uid"));
        assert!(inventory.namesake(&object("pod", "uid", 6)).is_none());
    }
}
