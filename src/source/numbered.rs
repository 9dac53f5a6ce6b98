//! The lines of a source that is not an API server. The recorder numbers them, since the source does not.

use crate::observation::{
    Attached, Fence, Gap, GapReason, Payload, Raw, Reconnected, ResourceVersion, Undecodable, WatchId, digest,
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::to_raw_value;
use smol_str::SmolStr;

/// The lines of a watch that are due.
#[derive(Debug)]
pub(super) struct Lines {
    id: WatchId,
    /// The number of the last line.
    version: u64,
    /// When everything that had happened had been delivered.
    not_before: Timestamp,
    /// The number of the last line then.
    proven: u64,
    due: Vec<Payload>,
}

impl Lines {
    /// No lines; the last one before them had this number.
    pub(super) fn new(id: WatchId, version: u64, now: Timestamp) -> Self {
        Self { id, version, not_before: now, proven: version, due: Vec::new() }
    }

    /// When everything that had happened had been delivered.
    pub(super) fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Everything up to a moment was delivered.
    pub(super) fn delivered_until(&mut self, moment: Timestamp) {
        (self.not_before, self.proven) = (moment, self.version);
    }

    /// The number of the last line.
    pub(super) fn version(&self) -> ResourceVersion {
        ResourceVersion::new(self.version.to_string())
    }

    fn next_version(&mut self) -> ResourceVersion {
        self.version += 1;
        self.version()
    }

    /// The lines that are due, all of which happened at [`not_before`](Self::not_before) or later.
    pub(super) fn take(&mut self) -> Vec<Payload> {
        std::mem::take(&mut self.due)
    }

    /// An event of an object, or, if it is `listed`, what was found of it.
    pub(super) fn event(&mut self, name: &SmolStr, uid: &SmolStr, event: &impl Serialize, listed: bool) {
        self.raw(name, uid, event, (self.not_before, None), listed);
    }

    /// An event of an object, which happened no earlier than at a moment that the source itself says.
    pub(super) fn event_since(
        &mut self,
        name: &SmolStr,
        uid: &SmolStr,
        event: &impl Serialize,
        since: Option<Timestamp>,
    ) {
        self.raw(name, uid, event, (self.not_before, since), false);
    }

    /// An event that is told late: it may have happened before what was delivered, but no earlier than at a moment.
    pub(super) fn late_event(&mut self, name: &SmolStr, uid: &SmolStr, event: &impl Serialize, since: Timestamp) {
        self.raw(name, uid, event, (self.not_before.min(since), Some(since)), false);
    }

    fn raw(
        &mut self,
        name: &SmolStr,
        uid: &SmolStr,
        event: &impl Serialize,
        (not_before, since): (Timestamp, Option<Timestamp>),
        listed: bool,
    ) {
        let event = match to_raw_value(event) {
            Ok(event) => event,
            Err(error) => return self.unseen(uid, format!("its event is no JSON: {error}")),
        };
        let (uid, name) = (uid.clone(), name.clone());
        let resource_version = self.next_version();
        let watch = self.id;
        self.due.push(Payload::Raw(Raw { watch, resource_version, uid, name, not_before, since, listed, event }));
    }

    /// Something of an object was not seen.
    pub(super) fn unseen(&mut self, uid: &SmolStr, why: String) {
        self.not_seen(Some(uid.clone()), why);
    }

    /// In a list: what it does not show may exist.
    pub(super) fn unseen_others(&mut self, why: &str) {
        self.not_seen(None, why.to_owned());
    }

    fn not_seen(&mut self, uid: Option<SmolStr>, why: String) {
        let resource_version = Some(self.next_version());
        let seen = Undecodable { watch: self.id, uid, resource_version, error: why, ..Undecodable::default() };
        self.due.push(Payload::Undecodable(Undecodable { digest: digest(b""), ..seen }));
    }

    /// Events were lost since a moment.
    pub(super) fn gap(&mut self, since: Timestamp, now: Timestamp, why: &str) {
        self.lost((since, now), self.version(), GapReason::Unrecorded, why);
    }

    /// Events were lost since [`not_before`](Self::not_before). What was delivered since then happened, and others may
    /// have happened between.
    pub(super) fn gap_before(&mut self, now: Timestamp, why: &str) {
        let proven = ResourceVersion::new(self.proven.to_string());
        self.lost((self.not_before, now), proven, GapReason::Contradicted, why);
    }

    fn lost(&mut self, (from, to): (Timestamp, Timestamp), after: ResourceVersion, reason: GapReason, why: &str) {
        let to_resource_version = self.next_version();
        let (from_resource_version, unhealed) = (after, why.to_owned());
        self.due.push(Payload::Gap(Gap {
            watch: self.id,
            from_resource_version,
            to_resource_version,
            from,
            to,
            reason,
            unhealed,
        }));
    }

    /// The stream was interrupted, and nothing was lost.
    pub(super) fn reconnected(&mut self, reason: &str) {
        let (watch, resource_version, not_before) = (self.id, self.version(), self.not_before);
        let reason = reason.to_owned();
        self.due.push(Payload::Reconnected(Reconnected { watch, resource_version, not_before, reason }));
    }

    /// What exists at a moment was listed before; whatever happens from now on will be delivered.
    pub(super) fn attached(&mut self, kind: &SmolStr, now: Timestamp) {
        self.listed(kind, None);
        self.delivered_until(now);
    }

    /// The same for a list that took some time: it shows a state between the moment at which it was asked for, and now.
    pub(super) fn attached_since(&mut self, kind: &SmolStr, asked: Timestamp) {
        self.listed(kind, Some(asked));
        self.delivered_until(asked);
    }

    fn listed(&mut self, kind: &SmolStr, not_before: Option<Timestamp>) {
        let (watch, resource_version, kind) = (self.id, self.next_version(), kind.clone());
        self.due.push(Payload::Attached(Attached { watch, resource_version, kind, not_before }));
    }

    /// Says that everything up to [`not_before`](Self::not_before) was delivered.
    pub(super) fn bookmark(&mut self) {
        let (resource_version, not_before) = (self.version(), self.not_before);
        self.due.push(Payload::LateBookmark { watch: self.id, resource_version, not_before });
    }

    /// Compared what is there with what was recorded; `missing` says what differs.
    pub(super) fn fence(&mut self, missing: String) {
        let (resource_version, whole) = (self.version(), missing.is_empty());
        let from_resource_version = Some(resource_version.clone());
        self.due.push(Payload::Fence(Fence {
            watch: self.id,
            resource_version,
            from_resource_version,
            whole,
            missing,
        }));
    }
}
