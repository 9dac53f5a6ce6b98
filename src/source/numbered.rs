//! The lines of a source that is not an API server. The recorder numbers them, since the source does not.

use crate::observation::{
    Attached, Fence, Gap, GapReason, Payload, Raw, ResourceVersion, Undecodable, WatchId, digest,
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
    due: Vec<Payload>,
}

impl Lines {
    /// No lines; the last one before them had this number.
    pub(super) fn new(id: WatchId, version: u64, now: Timestamp) -> Self {
        Self { id, version, not_before: now, due: Vec::new() }
    }

    /// When everything that had happened had been delivered.
    pub(super) fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Everything up to a moment was delivered.
    pub(super) fn delivered_until(&mut self, moment: Timestamp) {
        self.not_before = moment;
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
        let event = match to_raw_value(event) {
            Ok(event) => event,
            Err(error) => return self.unseen(uid, format!("its event is no JSON: {error}")),
        };
        let (uid, name, not_before) = (uid.clone(), name.clone(), self.not_before);
        let resource_version = self.next_version();
        self.due.push(Payload::Raw(Raw { watch: self.id, resource_version, uid, name, not_before, listed, event }));
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
        let (from_resource_version, to_resource_version) = (self.version(), self.next_version());
        self.due.push(Payload::Gap(Gap {
            watch: self.id,
            from_resource_version,
            to_resource_version,
            from: since,
            to: now,
            reason: GapReason::Unrecorded,
            unhealed: why.to_owned(),
        }));
    }

    /// What exists at a moment was listed before; whatever happens from now on will be delivered.
    pub(super) fn attached(&mut self, kind: &SmolStr, now: Timestamp) {
        let (watch, resource_version, kind) = (self.id, self.next_version(), kind.clone());
        self.due.push(Payload::Attached(Attached { watch, resource_version, kind, not_before: None }));
        self.not_before = now;
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
