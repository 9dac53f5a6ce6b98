//! What the recording says of a watch: its position, its objects, and the lines that say so.

use super::super::heal::Event;
use super::super::pages::{Item, Pages};
use super::super::settings::Resume;
use super::backlog::Backlog;
use super::input::Now;
use crate::kinds;
use crate::observation::{
    Attached, Change, Object, Observation, Reconnected, ResourceVersion, Seen, Shape, Stamp, Watch, WatchId, What,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::HashMap;

/// uids and the versions that were recorded of them.
pub type Versions = HashMap<SmolStr, ResourceVersion>;

/// What was recorded of a watch.
#[derive(Debug)]
pub struct Recorded {
    pub id: WatchId,
    pub watch: Watch,
    pub shape: Shape,
    /// The version that was recorded last: from there the stream goes on.
    pub version: Option<ResourceVersion>,
    /// When the stream was last known alive.
    pub alive: Timestamp,
    /// Living objects.
    pub known: Versions,
    /// Objects whose newest version was recorded as it came, because it could not be decoded.
    pub unread: Versions,
    /// Lines that nobody can read, until it is known whether history tells what they said.
    pub withheld: Vec<Observation>,
    /// Events of the stream that may have waited for it.
    pub backlog: Option<Backlog>,
}

impl Recorded {
    /// What an earlier recorder left, or nothing.
    pub fn new(id: WatchId, watch: Watch, resume: Resume, now: Now) -> Self {
        Self {
            id,
            shape: kinds::shape(&watch.resource),
            watch,
            version: resume.version,
            alive: resume.alive.unwrap_or(now.stamp.at),
            known: resume.known,
            unread: HashMap::new(),
            withheld: Vec::new(),
            backlog: None,
        }
    }

    /// All objects that are there, with the versions that were recorded, decoded or not.
    pub fn objects(&self) -> Versions {
        let mut objects = self.known.clone();
        objects.extend(self.unread.iter().map(|(uid, version)| (uid.clone(), version.clone())));
        objects
    }

    /// A server sends events after a version only; one that it sends again is not recorded again.
    pub fn has(&self, version: &ResourceVersion) -> bool {
        self.version.as_ref().is_some_and(|last| version.is_covered_by(last))
    }

    /// Notes an event; tells since when it may have waited, if it comes late.
    pub fn note(&mut self, change: Change, object: &Object) -> Option<Timestamp> {
        let version = &object.resource_version;
        self.version = Some(version.clone());
        self.unread.remove(&object.uid);
        if change == Change::Deleted {
            self.known.remove(&object.uid);
        } else {
            self.known.insert(object.uid.clone(), version.clone());
        }
        let late = self.backlog.as_ref()?.late_since(version);
        if late.is_none() {
            self.backlog = None;
        }
        late
    }

    /// Notes a bookmark; tells whether it says anything new. It is as new as anything before it: one that is older, or
    /// the server's counting anew, is ignored.
    pub fn bookmark(&mut self, version: &ResourceVersion) -> bool {
        let is_new = !self.has(version);
        if is_new {
            self.version = Some(version.clone());
        }
        if self.backlog.as_ref().is_some_and(|backlog| backlog.ends_at(version)) {
            self.backlog = None;
        }
        is_new
    }

    /// The stream was taken up again where it had been left.
    pub fn reconnected(&self, stamp: Stamp, reason: String) -> Observation {
        let resource_version = self.version.clone().unwrap_or_default();
        // Whether it lives, only its first line shows: it may yet say that the version is forgotten.
        let reconnected = Reconnected { watch: self.id, resource_version, not_before: self.alive, reason };
        Observation { stamp, what: What::Reconnected(reconnected) }
    }

    /// A whole list, of which some objects were told already, in the versions of `told`.
    pub fn list(&mut self, pages: Pages, told: &Versions, now: Now, lines: &mut Vec<Observation>) {
        for (stamp, item) in pages.items {
            let is_told = is_in(told, &item);
            let mut what = self.item(item);
            if is_told && let What::Object(seen) = what {
                what = self.unchanged(seen.object);
            }
            lines.push(Observation { stamp, what });
        }
        let stamp = lines.last().map_or(now.stamp, |line| line.stamp);
        self.attach(stamp, pages.version, &pages.kind, lines);
    }

    /// The state at a version is complete.
    pub fn attach(&mut self, stamp: Stamp, version: ResourceVersion, kind: &SmolStr, lines: &mut Vec<Observation>) {
        self.alive = stamp.at;
        self.version = Some(version.clone());
        // What an interrupted stream had waiting is in the list.
        self.backlog = None;
        let kind = if self.watch.resource.kind.is_empty() { kind } else { &self.watch.resource.kind };
        let attached = Attached { watch: self.id, resource_version: version, kind: kind.clone() };
        lines.push(Observation { stamp, what: What::Attached(attached) });
    }

    /// What was read back, as it would have been delivered.
    pub fn event(&self, event: Event, stamp: Stamp, not_before: Timestamp) -> Observation {
        let Event { change, object, confirmed, .. } = event;
        let not_before = Some(not_before.min(stamp.at));
        let seen = Seen { watch: self.id, change, object, not_before, healed: true, confirmed };
        Observation { stamp, what: What::Object(seen) }
    }

    /// An object that a list shows as it was recorded.
    pub fn unchanged(&self, object: Object) -> What {
        What::Unchanged { watch: self.id, uid: object.uid, resource_version: object.resource_version }
    }

    /// An object as it was delivered.
    pub fn seen(&self, change: Change, object: Object, not_before: Option<Timestamp>) -> What {
        What::Object(Seen { watch: self.id, change, object, not_before, healed: false, confirmed: false })
    }

    fn item(&mut self, item: Item) -> What {
        match item {
            Item::Object(object) => {
                self.known.insert(object.uid.clone(), object.resource_version.clone());
                self.seen(Change::Listed, object, None)
            }
            Item::Undecodable(undecodable) => {
                if let (Some(uid), Some(version)) = (&undecodable.uid, &undecodable.resource_version) {
                    self.unread.insert(uid.clone(), version.clone());
                }
                What::Undecodable(undecodable)
            }
        }
    }
}

/// Whether an item of a list is an object in the version of `versions`.
pub fn is_in(versions: &Versions, item: &Item) -> bool {
    item.object().is_some_and(|object| versions.get(&object.uid) == Some(&object.resource_version))
}
