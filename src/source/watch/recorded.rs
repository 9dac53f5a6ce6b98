//! What was recorded of a watch: its position, its objects, and the lines themselves.

use super::super::clock::Now;
use super::super::heal::Event;
use super::super::pages::{Item, Pages};
use super::super::settings::{LastEvent, Resume};
use super::backlog::Backlog;
use super::doubt::Doubt;
use super::trail::Trail;
use crate::kinds;
use crate::observation::{
    Attached, Change, Inventory, Object, ObjectEvent, Observation, Payload, Position, Reconnected, ResourceVersion,
    Shape, Stamp, Watch, WatchId,
};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::HashMap;
use std::time::Duration;

/// uids and their recorded versions.
pub(super) type Versions = HashMap<SmolStr, ResourceVersion>;

/// What was recorded of a watch.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub id: WatchId,
    pub watch: Watch,
    pub shape: Shape,
    /// The position and the objects, according to the lines recorded so far.
    state: Resume,
    /// When the watch began; nothing was requested before.
    began: Timestamp,
    /// When the list was asked for that is being recorded, if it took long.
    pub listed_since: Option<Timestamp>,
    /// Lines that nobody can read, until it is known whether history shows what they said.
    pub withheld: Vec<Observation>,
    /// The backlog of the stream, if it has one.
    pub backlog: Option<Backlog>,
    /// True when what comes was doubted while no stream was open.
    pub is_doubted: bool,
    /// Why the stream was not trusted, until a list was recorded.
    pub doubt: Option<Doubt>,
    /// The last recorded lines.
    pub trail: Trail,
    /// True while nothing shows that the storage is the recorded one.
    pub is_doubtful: bool,
    /// The version before which the stream was resumed. Doing that twice would never make progress if a server
    /// repeatedly ends the stream there.
    taken_up: Option<ResourceVersion>,
}

impl Recorded {
    /// The state that an earlier recorder left, or an empty one.
    pub(super) fn new(id: WatchId, watch: Watch, resume: Resume, now: Now) -> Self {
        let trail = Trail::new(resume.position.version().is_some());
        // What was truncated may contain anything since the recording began.
        let before = if resume.is_cut { now.stamp.elapsed } else { Duration::ZERO };
        Self {
            id,
            shape: kinds::shape(&watch.resource),
            watch,
            state: resume,
            listed_since: None,
            began: now.stamp.at.checked_sub(before).unwrap_or(Timestamp::MIN),
            withheld: Vec::new(),
            backlog: None,
            is_doubted: false,
            doubt: None,
            trail,
            is_doubtful: false,
            taken_up: None,
        }
    }

    /// Creates a line to be recorded, and updates the state accordingly.
    pub(super) fn record(&mut self, stamp: Stamp, payload: Payload) -> Observation {
        let line = Observation { stamp, payload };
        self.state.learn(&line);
        if matches!(&line.payload, Payload::Attached(_) | Payload::Healed(_)) {
            self.is_doubtful = false;
        }
        if matches!(&line.payload, Payload::Gap(gap) if gap.reason.may_rewind()) {
            // Earlier versions cannot be compared with those that follow.
            self.trail.clear();
        }
        let alive = self.alive();
        if let Some(reached) = self.state.position.version() {
            self.trail.note(&line.payload, reached, alive);
        }
        line
    }

    /// The position of the watch.
    pub(super) fn position(&self) -> &Position {
        &self.state.position
    }

    /// The existing objects.
    pub(super) fn objects(&self) -> &Inventory {
        &self.state.objects
    }

    /// The last recorded version; the empty one before the first list.
    pub(super) fn version(&self) -> ResourceVersion {
        self.position().version().cloned().unwrap_or_default()
    }

    /// The newest version, bookmarks aside, up to which everything was delivered, listed or read back.
    pub(super) fn settled(&self) -> ResourceVersion {
        self.state.settled.clone().unwrap_or_else(|| self.version())
    }

    /// True for a list that shows what was recorded last, and nothing that may have happened since.
    pub(super) fn is_unchanged(&self, pages: &Pages) -> bool {
        let known = self.objects().known();
        let is_same = || pages.items.len() == known.len() && pages.items.iter().all(|(_, item)| is_in(known, item));
        self.position().version() == Some(&pages.version)
            && (!self.is_doubtful || (self.settled() == pages.version && is_same()))
    }

    /// The newest version of an object that was recorded.
    pub(super) fn last(&self) -> Option<&LastEvent> {
        self.state.last.as_ref()
    }

    /// Takes over which event was recorded last, if history showed a newer one before a list.
    pub(super) fn remember(&mut self, before: &Self) {
        let revision = |of: &Self| of.last().map(|last| last.revision);
        if revision(before) > revision(self) {
            self.state.last.clone_from(&before.state.last);
        }
    }

    /// The version of the last list, or of history that was read back, and when it was asked for.
    pub(super) fn proven(&self) -> Option<&(ResourceVersion, Timestamp)> {
        self.state.proven.as_ref()
    }

    /// Nothing shows whether the server is the one that was recorded.
    pub(super) fn is_stranger(&self) -> bool {
        self.state.is_stranger
    }

    /// True when the recording was truncated before any list of the watch was complete.
    pub(super) fn is_cut(&self) -> bool {
        self.state.is_cut
    }

    /// The start of the requested past, if recording it broke off.
    pub(super) fn past(&self) -> Option<Timestamp> {
        self.state.past
    }

    /// The version from which the stream is to be resumed.
    pub(super) fn resumes_at(&self) -> ResourceVersion {
        if self.taken_up.as_ref() == self.position().version() {
            return self.version();
        }
        self.position().resumes_at().cloned().unwrap_or_default()
    }

    /// Notes that the stream was resumed there.
    pub(super) fn taken_up(&mut self) {
        self.taken_up = self.position().version().cloned();
    }

    /// The time up to which everything was delivered.
    pub(super) fn alive(&self) -> Timestamp {
        self.position().alive().unwrap_or(self.began)
    }

    /// Since when a new object may have waited; none when it is not late.
    pub(super) fn late_since(&mut self, version: &ResourceVersion) -> Option<Timestamp> {
        let late = self.backlog.as_ref()?.late_since(version);
        if late.is_none() {
            self.backlog = None;
        }
        late
    }

    /// A bookmark line, and whether it is new.
    pub(super) fn bookmark(&mut self, stamp: Stamp, resource_version: ResourceVersion) -> (Observation, bool) {
        let is_new = !self.position().covers(&resource_version);
        // It may have waited too, with more of the backlog to come.
        let late = self.backlog.as_ref().and_then(|backlog| backlog.late_since(&resource_version));
        if self.backlog.as_ref().is_some_and(|backlog| backlog.ends_at(&resource_version)) {
            self.backlog = None;
        }
        let what = match late {
            Some(not_before) => Payload::LateBookmark { watch: self.id, resource_version, not_before },
            None => Payload::Bookmark { watch: self.id, resource_version },
        };
        (self.record(stamp, what), is_new)
    }

    /// The withheld lines, once nothing can explain them any more.
    pub(super) fn withheld(&mut self) -> Vec<Observation> {
        let withheld = std::mem::take(&mut self.withheld);
        withheld.into_iter().map(|line| self.record(line.stamp, line.payload)).collect()
    }

    /// Records that the stream was resumed where it was left.
    pub(super) fn reconnected(&mut self, stamp: Stamp, reason: String) -> Observation {
        let resource_version = self.resumes_at();
        // Whether it is alive shows only in its first line: it may still report that the version is compacted.
        let reconnected = Reconnected { watch: self.id, resource_version, not_before: self.alive(), reason };
        self.record(stamp, Payload::Reconnected(reconnected))
    }

    /// Records a whole list; objects in the versions of `already` were recorded before.
    pub(super) fn list(&mut self, pages: Pages, already: &Versions, now: Now, lines: &mut Vec<Observation>) {
        for (stamp, item) in pages.items {
            let is_recorded = is_in(already, &item);
            let mut what = self.item(item);
            if is_recorded && let Payload::Object(seen) = what {
                what = self.unchanged(seen.object);
            }
            lines.push(self.record(stamp, what));
        }
        let stamp = lines.last().map_or(now.stamp, |line| line.stamp);
        self.attach(stamp, pages.version, &pages.kind, lines);
    }

    /// Records that the state at a version is complete.
    pub(super) fn attach(
        &mut self,
        stamp: Stamp,
        version: ResourceVersion,
        kind: &SmolStr,
        lines: &mut Vec<Observation>,
    ) {
        // The list includes the backlog of an interrupted stream.
        self.backlog = None;
        let kind = if self.watch.resource.kind.is_empty() { kind } else { &self.watch.resource.kind };
        let not_before = self.listed_since.filter(|asked| *asked < stamp.at);
        let attached = Attached { watch: self.id, resource_version: version, kind: kind.clone(), not_before };
        lines.push(self.record(stamp, Payload::Attached(attached)));
    }

    /// Records an event that was read back, as it would have been delivered.
    pub(super) fn event(&mut self, event: Event, stamp: Stamp, not_before: Timestamp) -> Observation {
        let Event { change, object, confirmed, .. } = event;
        let not_before = Some(not_before.min(stamp.at));
        let seen = ObjectEvent { watch: self.id, change, object, not_before, healed: true, confirmed };
        self.record(stamp, Payload::Object(seen))
    }

    /// The line for an object that a list shows unchanged.
    pub(super) fn unchanged(&self, object: Object) -> Payload {
        Payload::Unchanged { watch: self.id, uid: object.uid, resource_version: object.resource_version }
    }

    /// The line for an object as it was delivered.
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

/// True when an item of a list is an object in the version of `versions`.
pub(super) fn is_in(versions: &Versions, item: &Item) -> bool {
    item.object().is_some_and(|object| versions.get(&object.uid) == Some(&object.resource_version))
}
