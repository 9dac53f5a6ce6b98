//! Kernels without a queue of mounts say only that something changed. The table is compared with what it was.
//!
//! What came and went in between leaves nothing, so that every change is a gap of what may have been, and of each mount
//! that cannot be told from a later one of the same place.

use super::super::mountinfo::Row;
use super::host::{Host, Notice, Unique};
use super::machine::{Lost, Machine, Mount};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// How often the table is read again while it changes.
const READS: usize = 20;

pub(super) const SAME: &str = "something was mounted and unmounted, and the table of mounts is as it was";
const UNSTEADY: &str = "mounts change faster than they can be read";
const UNREAD: &str = "the table of mounts cannot be read";
const ELSEWHERE: &str = "a mount has another place, and it is not known since when";
const UNORDERED: &str = "several mounts changed at the same time, and their order is not known";
const OTHERS: &str = "others may have been mounted and unmounted at the same time";
pub(super) const REPLACED: &str = "it may have been unmounted, and another one mounted in its place";

impl Machine {
    /// Tells what differs.
    ///
    /// # Errors
    /// Everything must be looked at again.
    pub(super) fn compare(
        &mut self,
        host: &mut impl Host,
        notices: &mut Vec<Notice>,
        now: Timestamp,
    ) -> Result<(), Lost> {
        let mut table: Option<BTreeMap<u32, Row>> = None;
        for _ in 0..READS {
            let rows = host.rows().map_err(|_| Lost(UNREAD))?;
            let more = host.drain();
            let is_settled = !more.contains(&Notice::Changed);
            notices.extend(more);
            if is_settled {
                table = Some(rows.into_iter().map(|row| (row.id, row)).collect());
                break;
            }
        }
        let table = table.ok_or(Lost(UNSTEADY))?;
        let is_same = |id: &u32, row: &Row| self.mounts.get(id).is_some_and(|mount| mount.row.is_same(row));
        let gone: Vec<u32> =
            self.mounts.keys().filter(|id| !table.get(id).is_some_and(|row| is_same(id, row))).copied().collect();
        let new: Vec<Row> = table.iter().filter(|(id, row)| !is_same(id, row)).map(|(_, row)| row.clone()).collect();
        // It was moved, or a directory above it was renamed: that cannot be told apart here.
        let has_place = |mount: &Mount| table.get(&mount.row.id).is_none_or(|row| row.point == mount.row.point);
        if self.mounts.values().any(|mount| !gone.contains(&mount.row.id) && !has_place(mount)) {
            return Err(Lost(ELSEWHERE));
        }
        if gone.is_empty() && new.is_empty() {
            return Err(Lost(SAME));
        }
        // Whatever is not seen may have been before all that is, or after it.
        let other = self.unnamed(host);
        self.lines.unseen(&other, OTHERS.to_owned());
        let new: Vec<(SmolStr, Option<Unique>, Row)> = new
            .into_iter()
            .map(|row| {
                let unique = host.unique(&row);
                (self.uid(host, unique, &row), unique, row)
            })
            .collect();
        if gone.len() + new.len() > 1 {
            let gone = gone.iter().filter_map(|id| self.mounts.get(id)).map(|mount| &mount.uid);
            let uids: Vec<SmolStr> = gone.chain(new.iter().map(|(uid, ..)| uid)).cloned().collect();
            uids.iter().for_each(|uid| self.lines.unseen(uid, UNORDERED.to_owned()));
        }
        for id in gone {
            if let Some(mount) = self.mounts.remove(&id) {
                self.detach(mount, now);
            }
        }
        let kept: Vec<u32> = self.mounts.keys().copied().collect();
        let begun: Vec<u32> = new.iter().map(|(.., row)| row.id).collect();
        for (uid, unique, row) in new {
            self.attach(host, uid, unique, row);
        }
        self.prove(host, &begun);
        for id in kept {
            let Some(mount) = self.mounts.get(&id) else { continue };
            if mount.unique.is_none() || host.unique(&mount.row) != mount.unique {
                self.lines.unseen(&mount.uid, REPLACED.to_owned());
            }
        }
        self.lines.unseen(&other, OTHERS.to_owned());
        Ok(())
    }
}
