//! A look at all mounts: what is there at the beginning, after a loss, and at the end.

use super::host::{Host, Notice, Unique};
use super::machine::{Lost, Machine, Mount, RELEASES, uid};
use super::mountinfo::Row;
use crate::kinds::{MountDid as Did, MountEvent as Event, MountRelease as Release};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// How often a look is repeated while something happens.
const LOOKS: usize = 100;

/// The mounts that are there, each with its unique number if that is known.
type Rows = Vec<(Option<Unique>, Row)>;

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
        let found = (0..LOOKS).find_map(|_| self.at_rest(host).transpose());
        let found = found.ok_or("mounts come and go faster than they can be looked at")??;
        // Of those that wait for their release, the queue that was lost says nothing.
        if lost.is_some_and(|(_, why)| why == RELEASES) {
            self.waiting.clear();
        }
        if let Some((since, why)) = lost {
            self.lines.gap(since, now, why);
        }
        self.mounts.clear();
        for (unique, row) in found {
            let uid = unique.map_or_else(|| self.unnamed(host), |unique| uid(unique, &host.boot()));
            let mount = self.begin(host, uid, unique, row);
            self.lines.event(&mount.row.point, &mount.uid, &mount.event(Did::Found), true);
            self.mounts.insert(mount.row.id, mount);
        }
        let is_there = |uid: &SmolStr, mounts: &std::collections::BTreeMap<u32, Mount>| {
            mounts.values().any(|mount| mount.uid == *uid)
        };
        let mounts = &self.mounts;
        self.waiting.retain(|waiting| !is_there(&waiting.uid, mounts));
        for waiting in &mut self.waiting {
            let (mount, release) = (Some(waiting.row.mounted()), Some(Release::Watched));
            let event = Event { mount, release, detached: true, ..Event::of(Did::Found) };
            self.lines.event(&waiting.row.point, &waiting.uid, &event, true);
            (waiting.since, waiting.is_looked_at) = (now, false);
        }
        self.lines.attached(kind, now);
        Ok(())
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
                Notice::ReleasesLost => self.waiting.clear(),
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
            if missing.is_empty() {
                break;
            }
        }
        self.lines.fence(missing);
        Ok(())
    }

    /// The places of mounts that are there and not recorded, or recorded and not there.
    fn differences(&self, rows: &[Row]) -> String {
        let there: BTreeSet<(u32, &str)> = rows.iter().map(|row| (row.id, row.point.as_str())).collect();
        let known: BTreeSet<(u32, &str)> =
            self.mounts.values().map(|mount| (mount.row.id, mount.row.point.as_str())).collect();
        let differing: Vec<&str> = there.symmetric_difference(&known).map(|(_, point)| *point).collect();
        differing.join(", ")
    }
}
