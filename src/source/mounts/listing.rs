//! A look at all mounts: what is there at the beginning, after a loss, and at the end.

use super::super::mountinfo::Row;
use super::compare::REPLACED;
use super::host::{Host, Notice, Unique};
use super::machine::{Lost, Machine, Mount, RELEASES};
use crate::kinds::{MountDid as Did, MountEvent as Event, MountRelease as Release, Mounted};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// How often a look is repeated while something happens.
const LOOKS: usize = 100;

const MAY_BE_DETACHED: &str = "a mount that is not found any more may be detached and still in use";

/// The mounts that are there, each with its unique number if that is known.
type Rows = Vec<(Option<Unique>, Row)>;

/// A mount that is there.
struct Again {
    uid: SmolStr,
    unique: Option<Unique>,
    row: Row,
    /// It is taken for one that looked the same.
    is_alike: bool,
}

impl Machine {
    /// Looks at everything, and says what is there; after a gap, if something was lost since a moment.
    ///
    /// # Errors
    /// It cannot be read, or does not come to rest.
    pub(super) fn list(
        &mut self,
        host: &mut impl Host,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<(), String> {
        // What changed before is seen by the look; a release is not.
        self.pending.retain(|notice| *notice != Notice::Changed);
        let found = (0..LOOKS).find_map(|_| self.at_rest(host).transpose());
        let found = found.ok_or("mounts come and go faster than they can be looked at")??;
        // Of those that wait for their release, the queue that was lost says nothing.
        if lost.is_some_and(|(_, why)| why == RELEASES) {
            self.forget_waiting();
        }
        let before = std::mem::take(&mut self.mounts);
        let found = self.again(host, &before, found);
        let is_found = |uid: &SmolStr| found.iter().any(|found| found.uid == *uid);
        self.follows_all &= before.values().all(|mount| is_found(&mount.uid));
        if let Some((since, why)) = lost {
            self.lines.gap(since, now, why);
            if !self.follows_all {
                self.lines.unseen_others(MAY_BE_DETACHED);
            }
        }
        for Again { uid, unique, row, is_alike } in found {
            if is_alike {
                self.lines.unseen(&uid, REPLACED.to_owned());
            }
            let mount = self.begin(host, uid, unique, row);
            self.lines.event(&mount.row.point, &mount.uid, &mount.event(Did::Found), true);
            self.mounts.insert(mount.row.id, mount);
        }
        let begun: Vec<u32> = self.mounts.keys().copied().collect();
        self.prove(host, &begun);
        let mounts = &self.mounts;
        self.waiting.retain(|waiting| mounts.values().all(|mount| mount.uid != waiting.uid));
        for waiting in &mut self.waiting {
            let (mount, release) = (Some(waiting.row.mounted()), Some(Release::Watched));
            let event = Event { mount, release, detached: true, ..Event::of(Did::Found) };
            self.lines.event(&waiting.row.point, &waiting.uid, &event, true);
            (waiting.since, waiting.looks) = (now, 0);
        }
        self.lines.attached(kind, now);
        Ok(())
    }

    /// What is found, under the identities that it had before.
    ///
    /// What lies under another mount has no number. It is one that was at that place and looked the same, or is taken
    /// for it: as an object of its own, it would be counted twice.
    fn again(&mut self, host: &impl Host, before: &BTreeMap<u32, Mount>, found: Rows) -> Vec<Again> {
        let numbered: BTreeSet<Unique> = found.iter().filter_map(|(unique, _)| *unique).collect();
        let uids: Vec<Option<SmolStr>> =
            found.iter().map(|(unique, row)| unique.map(|unique| self.uid_again(host, before, unique, row))).collect();
        let mut earlier = std::mem::take(&mut self.earlier);
        earlier.retain(|(uid, ..)| !uids.contains(&Some(uid.clone())));
        let mut again = Vec::new();
        for ((unique, row), uid) in found.into_iter().zip(uids) {
            let is_it = |mount: &&Mount| {
                let is_free = mount.unique.is_none_or(|unique| !numbered.contains(&unique));
                is_free && mount.row.is_same(&row) && mount.row.point == row.point
            };
            let alike = before.get(&row.id).filter(is_it).map(|mount| (mount.uid.clone(), mount.unique));
            let left =
                |(_, place, mounted): &(SmolStr, SmolStr, Mounted)| *place == row.point && *mounted == row.mounted();
            let (uid, unique, is_alike) = match (uid, alike) {
                (Some(uid), _) => (uid, unique, false),
                (None, Some((uid, unique))) => (uid, unique, true),
                (None, None) => match earlier.iter().position(left) {
                    Some(at) => (earlier.remove(at).0, None, true),
                    None => (self.uid(host, None, &row), None, false),
                },
            };
            again.push(Again { uid, unique, row, is_alike });
        }
        again
    }

    /// The identity that a mount had before, or that of one that is found at this place.
    fn uid_again(&mut self, host: &impl Host, before: &BTreeMap<u32, Mount>, unique: Unique, row: &Row) -> SmolStr {
        match before.values().find(|mount| mount.unique == Some(unique)) {
            Some(mount) if mount.row.point == row.point => mount.uid.clone(),
            Some(_) => self.uid_elsewhere(host, Some(unique), row),
            None => self.uid(host, Some(unique), row),
        }
    }

    /// Nothing is known of what was detached.
    fn forget_waiting(&mut self) {
        self.follows_all &= self.waiting.is_empty();
        self.waiting.clear();
    }

    /// What is there, if nothing happened meanwhile.
    fn at_rest(&mut self, host: &mut impl Host) -> Result<Option<Rows>, String> {
        host.reset()?;
        let rows = host.rows()?;
        let found: Rows = rows.into_iter().map(|row| (host.unique(&row), row)).collect();
        let mut is_at_rest = true;
        for notice in host.drain() {
            match notice {
                Notice::Released(wd) => self.released(wd),
                Notice::ReleasesLost => self.forget_waiting(),
                _ => is_at_rest = false,
            }
        }
        Ok(is_at_rest.then_some(found))
    }

    /// Compares what is there with what was recorded.
    ///
    /// # Errors
    /// Everything must be looked at again.
    pub(super) fn fence(&mut self, host: &mut impl Host, now: Timestamp) -> Result<(), Lost> {
        let mut missing = String::new();
        for _ in 0..LOOKS {
            self.turn(host, now)?;
            missing = match host.rows() {
                Ok(rows) => self.differences(&rows),
                Err(why) => why,
            };
            if missing.is_empty() && self.pending.is_empty() {
                break;
            }
        }
        self.lines.fence(missing);
        Ok(())
    }

    /// The places of mounts that are there and not recorded, or recorded and not there.
    fn differences(&self, rows: &[Row]) -> String {
        let known: Vec<&Row> = self.mounts.values().map(|mount| &mount.row).collect();
        let there: Vec<&Row> = rows.iter().collect();
        let lacks = |rows: &[&Row], row: &Row| !rows.iter().any(|other| other.is_same(row));
        let differing: BTreeSet<&str> = there
            .iter()
            .filter(|row| lacks(&known, row))
            .chain(known.iter().filter(|row| lacks(&there, row)))
            .map(|row| row.point.as_str())
            .collect();
        differing.into_iter().collect::<Vec<_>>().join(", ")
    }
}
