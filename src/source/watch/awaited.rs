//! Compares a metadata list with what was recorded: what is still to come, and what is contradictory.

use super::super::heal::{Head, Snapshot};
use super::super::pages::Heads;
use super::doubt::Doubt;
use super::recorded::Recorded;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};

/// What must still come before everything in a list is recorded.
#[derive(Debug)]
pub(super) struct Awaited {
    /// The list's version.
    pub version: ResourceVersion,
    /// The list; none when its versions are not numbers.
    pub snapshot: Option<Snapshot>,
    /// The uids in the list.
    listed: HashSet<SmolStr>,
    /// Listed objects whose version was not recorded yet, with their names.
    versions: HashMap<SmolStr, (ResourceVersion, SmolStr)>,
    /// Recorded objects that the list lacks, in their recorded version, whose deletion was not recorded yet.
    deletions: HashMap<SmolStr, ResourceVersion>,
}

impl Awaited {
    /// Compares a list with the recorded objects; `gone` are those whose deletion was recorded since the list was
    /// requested.
    ///
    /// # Errors
    /// An object is older in the list than it was recorded, though the list is not: the storage went back.
    pub(super) fn new(
        heads: Heads,
        known: &HashMap<SmolStr, ResourceVersion>,
        gone: &HashSet<SmolStr>,
    ) -> Result<Self, Rollback> {
        let snapshot = snapshot(&heads);
        let mut deletions: HashMap<SmolStr, ResourceVersion> = known
            .iter()
            // What was recorded after the list was made need not be in it.
            .filter(|(_, version)| !heads.version.is_covered_by(version) || **version == heads.version)
            .map(|(uid, version)| (uid.clone(), version.clone()))
            .collect();
        let mut versions = HashMap::new();
        let mut listed = HashSet::with_capacity(heads.objects.len());
        for head in heads.objects {
            let rollback = |recorded| Rollback::of(&head.name, &head.version, recorded, &heads.version);
            if let Some(rollback) = known.get(&head.uid).and_then(rollback) {
                return Err(rollback);
            }
            deletions.remove(&head.uid);
            listed.insert(head.uid.clone());
            let recorded = known.get(&head.uid).is_some_and(|version| covers(version, &head.version));
            if !recorded && !gone.contains(&head.uid) {
                versions.insert(head.uid, (head.version, head.name));
            }
        }
        Ok(Self { version: heads.version, snapshot, listed, versions, deletions })
    }

    /// Updates it for a recorded event.
    pub(super) fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.versions.remove(uid);
            self.deletions.remove(uid);
        } else if let Some((awaited, _)) = self.versions.get(uid) {
            if covers(version, awaited) {
                self.versions.remove(uid);
            }
        } else if !self.listed.contains(uid) && version.is_covered_by(&self.version) {
            // Created before the list was made, and not in it: its deletion is still to come.
            self.deletions.insert(uid.clone(), version.clone());
        }
    }

    /// True when nothing of the list is missing.
    pub(super) fn is_whole(&self) -> bool {
        self.versions.is_empty() && self.deletions.is_empty()
    }

    /// True when everything up to the list's version was delivered.
    pub(super) fn is_read(&self, read: Option<&ResourceVersion>) -> bool {
        read.is_some_and(|read| covers(read, &self.version))
    }

    /// Fails if something was not delivered although the stream was read past it.
    pub(super) fn passed(&self, recorded: &Recorded) -> Option<Doubt> {
        let read = recorded.position().version()?;
        let passed = self.versions.values().filter(|(version, _)| covers(read, version));
        let lost = passed.min_by_key(|(version, _)| version.number()).map(|(version, _)| version);
        // At the version of the list itself, more deletions may share it.
        let is_beyond = self.version != *read && self.version.is_covered_by(read);
        let gone = self.deletions.values().filter(|_| is_beyond).min_by_key(|version| version.number());
        let since = match (lost, gone) {
            (Some(lost), Some(gone)) if gone.is_covered_by(lost) => recorded.trail.up_to(gone),
            (Some(lost), _) => recorded.trail.before(lost),
            (None, gone) => recorded.trail.up_to(gone?),
        };
        let why = format!("the stream was read to {read}, beyond a list at {}: {}", self.version, self.missing());
        Some(Doubt { why, since })
    }

    /// Describes what is missing.
    pub(super) fn missing(&self) -> String {
        let mut names: Vec<&str> = self.versions.values().map(|(_, name)| name.as_str()).collect();
        names.sort_unstable();
        let mut missing = Vec::new();
        if !names.is_empty() {
            names.truncate(3);
            let objects = if self.versions.len() == 1 { "object" } else { "objects" };
            missing.push(format!(
                "{} {objects} not recorded as they are ({} ...)",
                self.versions.len(),
                names.join(", ")
            ));
        }
        if !self.deletions.is_empty() {
            missing.push(format!("{} objects gone without a recorded deletion", self.deletions.len()));
        }
        missing.join("; ")
    }
}

/// An object that a list shows in an older version than was recorded, though the list is not older: no race can cause
/// that.
#[derive(Debug)]
pub(super) struct Rollback {
    recorded: ResourceVersion,
    why: String,
}

impl Rollback {
    pub(super) fn of(
        name: &str,
        listed: &ResourceVersion,
        recorded: &ResourceVersion,
        list: &ResourceVersion,
    ) -> Option<Self> {
        let is_one = listed != recorded && listed.is_covered_by(recorded) && recorded.is_covered_by(list);
        let why = || format!("{name} was recorded at {recorded}, and a list at {list} shows it at {listed}");
        is_one.then(|| Self { recorded: recorded.clone(), why: why() })
    }

    /// The doubt: the storage went back after that version was recorded.
    pub(super) fn doubt(self, recorded: &Recorded) -> Doubt {
        Doubt { since: recorded.trail.up_to(&self.recorded), why: self.why }
    }
}

fn snapshot(heads: &Heads) -> Option<Snapshot> {
    let head = |head: &super::super::pages::Head| {
        let version = head.version.number()?;
        Some((head.uid.clone(), Head { namespace: head.namespace.clone(), name: head.name.clone(), version }))
    };
    heads.objects.iter().map(head).collect()
}

fn covers(recorded: &ResourceVersion, awaited: &ResourceVersion) -> bool {
    recorded == awaited || awaited.is_covered_by(recorded)
}
