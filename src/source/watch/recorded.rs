//! What the recording says of a watch: its position, its objects, and the lines that say so.

use super::super::heal::Event;
use super::super::pages::{Item, Pages};
use super::super::settings::Resume;
use super::backlog::Backlog;
use super::doubt::Doubt;
use super::input::Now;
use super::trail::Trail;
use crate::kinds;
use crate::observation::{
    Attached, Change, GapReason, Inventory, Object, ObjectEvent, Observation, Payload, Position, Reconnected,
    ResourceVersion, Shape, Stamp, Watch, WatchId,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::time::Duration;

/// uids and the versions that were recorded of them.
pub(super) type Versions = HashMap<SmolStr, ResourceVersion>;

/// What was recorded of a watch.
#[derive(Debug)]
pub(super) struct Recorded {
    pub id: WatchId,
    pub watch: Watch,
    pub shape: Shape,
    /// Where it is, and what it knows, by the lines that were recorded so far.
    told: Resume,
    /// When the watch began: nothing was asked for before.
    began: Timestamp,
    /// Lines that nobody can read, until it is known whether history shows what they said.
    pub withheld: Vec<Observation>,
    /// Events of the stream that may have waited for it.
    pub backlog: Option<Backlog>,
    /// Why the stream was not believed any more, until a list was recorded.
    pub doubt: Option<Doubt>,
    /// What was recorded last.
    pub trail: Trail,
    /// The version from before which the stream was taken up again. A server that cuts it off again and again would
    /// never come further if that was done twice.
    taken_up: Option<ResourceVersion>,
}

impl Recorded {
    /// What an earlier recorder left, or nothing.
    pub(super) fn new(id: WatchId, watch: Watch, resume: Resume, now: Now) -> Self {
        let trail = Trail::new(resume.position.version().is_some());
        // What was cut off may have told anything since the recording began.
        let before = if resume.is_cut { now.stamp.elapsed } else { Duration::ZERO };
        Self {
            id,
            shape: kinds::shape(&watch.resource),
            watch,
            told: resume,
            began: now.stamp.at.checked_sub(before).unwrap_or(Timestamp::MIN),
            withheld: Vec::new(),
            backlog: None,
            doubt: None,
            trail,
            taken_up: None,
        }
    }

    /// A line to be recorded: from now on the watch is where it says.
    pub(super) fn tell(&mut self, stamp: Stamp, payload: Payload) -> Observation {
        let line = Observation { stamp, payload };
        self.told.learn(&line);
        if matches!(&line.payload, Payload::Gap(gap) if gap.reason == GapReason::StorageReplaced) {
            // Versions of before do not compare with those that follow.
            self.trail.clear();
        }
        let alive = self.alive();
        if let Some(reached) = self.told.position.version() {
            self.trail.note(&line.payload, reached, alive);
        }
        line
    }

    /// Where the watch is.
    pub(super) fn position(&self) -> &Position {
        &self.told.position
    }

    /// The objects that are there.
    pub(super) fn objects(&self) -> &Inventory {
        &self.told.objects
    }

    /// The version that was recorded last. The empty one before the first list.
    pub(super) fn version(&self) -> ResourceVersion {
        self.position().version().cloned().unwrap_or_default()
    }

    /// Nothing shows whether the server is the one that was recorded.
    pub(super) fn is_stranger(&self) -> bool {
        self.told.is_stranger
    }

    /// The end of the recording was cut off before any list of the watch was complete.
    pub(super) fn is_cut(&self) -> bool {
        self.told.is_cut
    }

    /// Since when the past was asked for, if the recording of it broke off.
    pub(super) fn past(&self) -> Option<Timestamp> {
        self.told.past
    }

    /// From which version the stream is to be taken up again.
    pub(super) fn resumes_at(&self) -> ResourceVersion {
        if self.taken_up.as_ref() == self.position().version() {
            return self.version();
        }
        self.position().resumes_at().cloned().unwrap_or_default()
    }

    /// It was.
    pub(super) fn taken_up(&mut self) {
        self.taken_up = self.position().version().cloned();
    }

    /// Everything that happened up to this moment was delivered.
    pub(super) fn alive(&self) -> Timestamp {
        self.position().alive().unwrap_or(self.began)
    }

    /// Since when an object that comes may have waited, if it comes late.
    pub(super) fn late_since(&mut self, version: &ResourceVersion) -> Option<Timestamp> {
        let late = self.backlog.as_ref()?.late_since(version);
        if late.is_none() {
            self.backlog = None;
        }
        late
    }

    /// A bookmark of the stream, and whether it says anything new.
    pub(super) fn bookmark(&mut self, stamp: Stamp, resource_version: ResourceVersion) -> (Observation, bool) {
        let is_new = !self.position().covers(&resource_version);
        // It may have waited too, and more of the backlog behind it.
        let late = self.backlog.as_ref().and_then(|backlog| backlog.late_since(&resource_version));
        if self.backlog.as_ref().is_some_and(|backlog| backlog.ends_at(&resource_version)) {
            self.backlog = None;
        }
        let what = match late {
            Some(not_before) => Payload::LateBookmark { watch: self.id, resource_version, not_before },
            None => Payload::Bookmark { watch: self.id, resource_version },
        };
        (self.tell(stamp, what), is_new)
    }

    /// The lines that nobody could read, which now nobody will come to explain.
    pub(super) fn withheld(&mut self) -> Vec<Observation> {
        let withheld = std::mem::take(&mut self.withheld);
        withheld.into_iter().map(|line| self.tell(line.stamp, line.payload)).collect()
    }

    /// The stream was taken up again where it had been left.
    pub(super) fn reconnected(&mut self, stamp: Stamp, reason: String) -> Observation {
        let resource_version = self.resumes_at();
        // Whether it lives, only its first line shows: it may yet say that the version is forgotten.
        let reconnected = Reconnected { watch: self.id, resource_version, not_before: self.alive(), reason };
        self.tell(stamp, Payload::Reconnected(reconnected))
    }

    /// A whole list, of which some objects were recorded already, in the versions of `told`.
    pub(super) fn list(&mut self, pages: Pages, told: &Versions, now: Now, lines: &mut Vec<Observation>) {
        for (stamp, item) in pages.items {
            let is_told = is_in(told, &item);
            let mut what = self.item(item);
            if is_told && let Payload::Object(seen) = what {
                what = self.unchanged(seen.object);
            }
            lines.push(self.tell(stamp, what));
        }
        let stamp = lines.last().map_or(now.stamp, |line| line.stamp);
        self.attach(stamp, pages.version, &pages.kind, lines);
    }

    /// The state at a version is complete.
    pub(super) fn attach(
        &mut self,
        stamp: Stamp,
        version: ResourceVersion,
        kind: &SmolStr,
        lines: &mut Vec<Observation>,
    ) {
        // What an interrupted stream had waiting is in the list.
        self.backlog = None;
        let kind = if self.watch.resource.kind.is_empty() { kind } else { &self.watch.resource.kind };
        let attached = Attached { watch: self.id, resource_version: version, kind: kind.clone() };
        lines.push(self.tell(stamp, Payload::Attached(attached)));
    }

    /// What was read back, as it would have been delivered.
    pub(super) fn event(&mut self, event: Event, stamp: Stamp, not_before: Timestamp) -> Observation {
        let Event { change, object, confirmed, .. } = event;
        let not_before = Some(not_before.min(stamp.at));
        let seen = ObjectEvent { watch: self.id, change, object, not_before, healed: true, confirmed };
        self.tell(stamp, Payload::Object(seen))
    }

    /// An object that a list shows as it was recorded.
    pub(super) fn unchanged(&self, object: Object) -> Payload {
        Payload::Unchanged { watch: self.id, uid: object.uid, resource_version: object.resource_version }
    }

    /// An object as it was delivered.
    pub(super) fn seen(&self, change: Change, object: Object, not_before: Option<Timestamp>) -> Payload {
        Payload::Object(ObjectEvent { watch: self.id, change, object, not_before, healed: false, confirmed: false })
    }

    fn item(&self, item: Item) -> Payload {
        match item {
            Item::Object(object) => self.seen(Change::Listed, object, None),
            Item::Undecodable(undecodable) => Payload::Undecodable(undecodable),
        }
    }
}

/// Whether an item of a list is an object in the version of `versions`.
pub(super) fn is_in(versions: &Versions, item: &Item) -> bool {
    item.object().is_some_and(|object| versions.get(&object.uid) == Some(&object.resource_version))
}
