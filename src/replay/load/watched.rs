//! The lines of one watch of a recording, as what its server had: writes, lists, and where nothing is known.
//!
//! Lines are read in the order of the recording. What was read back from history is held until it is known whether that
//! was all that happened, or whether a gap remains.

use super::operation::{Operation, What, Written};
use super::spool::Spool;
use crate::observation::{Attached, Change, Gap, Object, ObjectEvent, Payload, ResourceVersion, Undecodable, Watch};
use crate::replay::Error;
use crate::replay::document::key;
use crate::replay::scopes::Scope;
use bytes::Bytes;
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

/// One watch, as far as its lines were read.
#[derive(Debug)]
pub(super) struct Watched {
    watch: Watch,
    scope: Scope,
    pub collection: usize,
    phase: Phase,
    /// What is to be in the next list, or was read back from history.
    held: Vec<Held>,
    /// The uids of objects that the list under way shows unchanged.
    unchanged: BTreeSet<SmolStr>,
    /// Whether the list under way has objects whose identity could not be read.
    has_unreadable: bool,
    /// The objects that exist, as far as is known: their uids, with keys and versions.
    known: HashMap<SmolStr, (String, u64)>,
    /// The newest version that was recorded.
    last: u64,
    /// Whether it was told at any time what exists.
    pub is_listed: bool,
    /// Objects of which a version could not be read: what they are is not known until the next one.
    unread: BTreeSet<SmolStr>,
    /// Whether a list has an object that could not be read.
    pub has_incomplete_list: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Its first list is not complete.
    Starting,
    /// The server did not serve the resource before the list under way.
    Withheld,
    Following,
    /// A version of an object could not be read, and there was no later one.
    Unread,
    /// After a gap, whose list is not complete.
    Lost {
        may_rewind: bool,
    },
}

/// An object of a list, or one that was read back from history.
#[derive(Debug)]
struct Held {
    change: Change,
    revision: u64,
    /// Whether it was read back completely, before a gap.
    is_before_gap: bool,
    healed: bool,
    may_have_left: bool,
    uid: SmolStr,
    key: String,
    object: Bytes,
}

/// A line with its moment.
pub(super) struct Moment {
    pub at: Duration,
    pub seq: u64,
    /// The newest version that any watch of the storage has recorded.
    pub newest: u64,
}

impl Watched {
    pub(super) fn new(watch: Watch, collection: usize) -> Self {
        Self {
            scope: Scope::of(&watch),
            watch,
            collection,
            phase: Phase::Starting,
            held: Vec::new(),
            unchanged: BTreeSet::new(),
            has_unreadable: false,
            known: HashMap::new(),
            last: 0,
            is_listed: false,
            unread: BTreeSet::new(),
            has_incomplete_list: false,
        }
    }

    /// Whether a rewind is possible at the list under way.
    pub(super) fn may_rewind(&self) -> bool {
        self.phase == Phase::Lost { may_rewind: true }
    }

    /// Reads a line.
    ///
    /// # Errors
    /// A version is no number.
    pub(super) fn line(
        &mut self,
        payload: Payload,
        moment: &Moment,
        elapsed: impl Fn(jiff::Timestamp) -> Duration,
        spool: &mut Spool,
        out: &mut Vec<Operation>,
    ) -> Result<(), Error> {
        match payload {
            Payload::Object(event) => self.object(event, moment, spool, out),
            Payload::Unchanged { uid, .. } => {
                self.unchanged.insert(uid);
                Ok(())
            }
            Payload::Bookmark { resource_version, .. } | Payload::LateBookmark { resource_version, .. } => {
                self.bookmark(&resource_version, moment, out);
                Ok(())
            }
            Payload::Fence(fence) => {
                if fence.whole {
                    self.bookmark(&fence.resource_version, moment, out);
                }
                Ok(())
            }
            Payload::NotServed { .. } => {
                self.phase = Phase::Withheld;
                self.known.clear();
                self.operation(What::Withhold, moment.newest, moment, out);
                Ok(())
            }
            Payload::Attached(attached) => self.attached(&attached, moment, out),
            Payload::Gap(gap) => {
                self.gap(&gap, moment, elapsed(gap.from), out);
                Ok(())
            }
            Payload::Healed(_) => {
                self.flush(moment, out);
                Ok(())
            }
            Payload::Undecodable(undecodable) => {
                self.undecodable(undecodable, moment, out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The recording has ended.
    pub(super) fn end(&mut self, moment: &Moment, out: &mut Vec<Operation>) {
        match self.phase {
            Phase::Starting | Phase::Withheld if !self.held.is_empty() => self.list(None, moment, out),
            Phase::Lost { .. } | Phase::Unread => self.operation(What::Lose, moment.newest, moment, out),
            Phase::Following if self.held.iter().any(|held| held.healed) => {
                self.operation(What::Freeze, self.last, moment, out);
                self.operation(What::Lose, moment.newest, moment, out);
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        event: ObjectEvent,
        moment: &Moment,
        spool: &mut Spool,
        out: &mut Vec<Operation>,
    ) -> Result<(), Error> {
        let ObjectEvent { change, object, healed, confirmed, .. } = event;
        let revision = self.number(&object.resource_version)?;
        let may_have_left = change == Change::Deleted && !confirmed && self.watch.can_be_left();
        let is_before_gap = healed && self.phase == Phase::Following;
        let Object { namespace, name, uid, json, .. } = object;
        if change == Change::Listed || healed {
            let is_known =
                change == Change::Listed && self.known.get(&uid).is_some_and(|(_, version)| *version == revision);
            if is_known {
                self.unchanged.insert(uid);
                return Ok(());
            }
            if self.held.iter().rev().any(|held| held.revision == revision && held.uid == uid) {
                return Ok(());
            }
        }
        let (key, object) = (key(&namespace, &name), spool.keep(json.get()));
        let held = Held { change, revision, is_before_gap, healed, may_have_left, uid, key, object };
        if change == Change::Listed || healed {
            self.held.push(held);
            return Ok(());
        }
        if self.phase == Phase::Unread {
            self.unread.remove(&held.uid);
            self.held.push(held);
            if self.unread.is_empty() {
                self.phase = Phase::Lost { may_rewind: false };
                self.unchanged = self.known.keys().cloned().collect();
                self.list(Some(revision), moment, out);
            }
            return Ok(());
        }
        if self.phase != Phase::Following {
            self.list(None, moment, out);
        }
        self.write(held, moment, out);
        Ok(())
    }

    fn write(&mut self, held: Held, moment: &Moment, out: &mut Vec<Operation>) {
        let Held { change, revision, may_have_left, uid, key, object, .. } = held;
        self.last = self.last.max(revision);
        match change {
            Change::Deleted => _ = self.known.remove(&uid),
            _ => _ = self.known.insert(uid, (key, revision)),
        }
        // There may have been another one of its name in a gap before.
        let is_after_unknown = change == Change::Added;
        let written = Written { change, revision, is_after_unknown, may_have_left, object };
        self.operation(What::Write(written), revision, moment, out);
    }

    /// What was read back from history is all that happened.
    fn flush(&mut self, moment: &Moment, out: &mut Vec<Operation>) {
        if self.phase != Phase::Following {
            return;
        }
        for held in std::mem::take(&mut self.held) {
            self.write(held, moment, out);
        }
    }

    fn bookmark(&mut self, version: &ResourceVersion, moment: &Moment, out: &mut Vec<Operation>) {
        let Some(revision) = version.number().filter(|revision| *revision >= self.last) else { return };
        if self.phase == Phase::Following && self.held.is_empty() {
            self.last = revision;
            self.operation(What::Bookmark, revision, moment, out);
        }
    }

    fn attached(&mut self, attached: &Attached, moment: &Moment, out: &mut Vec<Operation>) -> Result<(), Error> {
        let revision = self.number(&attached.resource_version)?;
        if self.phase == Phase::Following {
            self.flush(moment, out);
            self.unchanged.clear();
            self.bookmark(&attached.resource_version, moment, out);
        } else {
            self.list(Some(revision), moment, out);
        }
        Ok(())
    }

    fn gap(&mut self, gap: &Gap, moment: &Moment, from: Duration, out: &mut Vec<Operation>) {
        let may_rewind = gap.reason.may_rewind();
        if self.phase == Phase::Following {
            let revision = gap.from_resource_version.number().unwrap_or(self.last);
            let began = Moment { at: from.min(moment.at), ..*moment };
            self.operation(What::Freeze, revision, &began, out);
        }
        self.unread.clear();
        if !matches!(self.phase, Phase::Starting | Phase::Withheld) {
            self.phase = Phase::Lost { may_rewind };
            self.unchanged.clear();
            self.has_unreadable = false;
        }
    }

    /// A version that could not be read. In a stream, nothing is known from then on until the next version of its object.
    fn undecodable(&mut self, undecodable: Undecodable, moment: &Moment, out: &mut Vec<Operation>) {
        let Some(uid) = undecodable.uid else {
            // In a stream, a gap follows.
            (self.has_unreadable, self.has_incomplete_list) = (true, self.phase != Phase::Following);
            return;
        };
        match self.phase {
            Phase::Following | Phase::Unread => {
                if self.unread.is_empty() {
                    self.operation(What::Freeze, self.last, moment, out);
                }
                self.phase = Phase::Unread;
                self.unread.insert(uid);
            }
            Phase::Starting | Phase::Withheld | Phase::Lost { .. } => {
                self.has_incomplete_list = true;
                self.unchanged.insert(uid);
            }
        }
    }

    /// A list shows what there is: all of it at a revision, or, without one, at least that.
    fn list(&mut self, complete: Option<u64>, moment: &Moment, out: &mut Vec<Operation>) {
        let is_after_gap = matches!(self.phase, Phase::Lost { .. });
        let mut held = std::mem::take(&mut self.held);
        held.sort_by_key(|held| held.revision);
        let newest = held.last().map_or(0, |held| held.revision);
        let revision = complete.unwrap_or_else(|| newest.max(self.last).max(1));
        let mut shown: BTreeSet<SmolStr> = std::mem::take(&mut self.unchanged);
        if self.phase == Phase::Withheld {
            self.known.clear();
        } else if self.may_rewind() && revision < moment.newest {
            self.known.retain(|uid, _| shown.contains(uid));
        }
        let unchanged = shown.iter().filter_map(|uid| self.known.get(uid).cloned()).collect();
        let mut read: BTreeSet<SmolStr> = BTreeSet::new();
        let mut listed = Vec::new();
        for Held { change, revision, is_before_gap, may_have_left, uid, key, object, .. } in held {
            let is_first = read.insert(uid.clone());
            if self.known.get(&uid).is_some_and(|(_, version)| *version >= revision) {
                shown.insert(uid);
                continue;
            }
            let is_after_unknown = is_first && !is_before_gap;
            match change {
                Change::Deleted => {
                    shown.remove(&uid);
                    self.known.remove(&uid);
                }
                _ => {
                    shown.insert(uid.clone());
                    self.known.insert(uid, (key, revision));
                }
            }
            listed.push(Written { change, revision, is_after_unknown, may_have_left, object });
        }
        let mut gone = Vec::new();
        if is_after_gap && complete.is_some() && !self.has_unreadable {
            self.known.retain(|uid, (key, _)| {
                let stays = shown.contains(uid);
                if !stays {
                    gone.push(key.clone());
                }
                stays
            });
            let keys: BTreeSet<&String> = self.known.values().map(|(key, _)| key).collect();
            gone.retain(|key| !keys.contains(key));
            gone.sort();
        }
        self.last = if self.may_rewind() { revision } else { self.last.max(revision) };
        let what = What::List {
            listed,
            gone,
            unchanged,
            is_first: !self.is_listed && self.phase != Phase::Withheld,
            is_proven: complete.is_some(),
        };
        self.is_listed = true;
        self.operation(what, revision, moment, out);
        (self.phase, self.has_unreadable) = (Phase::Following, false);
    }

    fn operation(&self, what: What, revision: u64, moment: &Moment, out: &mut Vec<Operation>) {
        out.push(Operation {
            collection: self.collection,
            scope: self.scope.clone(),
            storage: 0,
            epoch: 0,
            revision,
            at: moment.at,
            seq: moment.seq,
            what,
        });
    }

    fn number(&self, version: &ResourceVersion) -> Result<u64, Error> {
        version
            .number()
            .ok_or_else(|| Error::Unordered { resource: self.watch.resource.clone(), version: version.as_str().into() })
    }
}
