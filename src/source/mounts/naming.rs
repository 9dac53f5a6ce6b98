//! Which mount each number of the queue is: the table of mounts has other numbers.
//!
//! A mount that is reached by its path has both. One that is not, because another mount covers it already, is known by
//! what is left: what is in the table, and no mount that is known, was attached since. The kernel lists the table in
//! the order of the unique numbers. One that is gone before the table was read has no name, which is a gap. The places
//! in the table are those of now: where a mount was before it, or one that it is on, was moved, is not known.

use super::super::mountinfo::Row;
use super::compare::REPLACED;
use super::host::{Host, Notice, Unique};
use super::machine::{Lost, Machine, Mount, TWICE, lost, uid};
use crate::kinds::{MountDid as Did, MountEvent as Event};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How often the table is read again while more is attached.
const READS: usize = 20;

const UNNAMED: &str = "a mount came and went before it was known where";
const UNCLEAR: &str = "a mount was attached, and it is not known where";
const UNTABLED: &str = "a mount was moved, and it is not known where";
const MOVED: &str = "a mount was moved before it was known where it had been mounted";

/// What the table showed of the mounts in the queue.
#[derive(Default)]
struct Named {
    /// By their unique numbers.
    rows: BTreeMap<Unique, Shown>,
    /// The table, if nothing happened since it was read.
    table: Option<BTreeMap<u32, Row>>,
}

/// A mount, as a table showed it.
#[derive(Clone)]
struct Shown {
    row: Row,
    /// Its number in the table, and those of the mounts that it is on: its place is that of each of them.
    on: Vec<u32>,
}

impl Shown {
    fn of(row: Row, table: &BTreeMap<u32, Row>) -> Self {
        let (mut on, mut above) = (vec![row.id], row.parent);
        while !on.contains(&above) {
            on.push(above);
            above = table.get(&above).map_or(above, |row| row.parent);
        }
        Self { row, on }
    }
}

/// The moves in the queue: where in it, and the number in the table, if that is known.
struct Moves(Vec<(usize, Option<u32>)>);

impl Moves {
    /// True when what the table showed may be another place than the one at a point of the queue. The mount that is
    /// nearest to it, of those that were moved since, is one of those that it is on now.
    fn change(&self, shown: &Shown, at: usize) -> bool {
        self.0.iter().any(|(moved, id)| *moved > at && id.is_none_or(|id| shown.on.contains(&id)))
    }
}

impl Machine {
    /// Tells what the queue holds, in its order.
    ///
    /// # Errors
    /// Everything must be looked at again.
    pub(super) fn exact(
        &mut self,
        host: &mut impl Host,
        notices: &mut Vec<Notice>,
        now: Timestamp,
    ) -> Result<(), Lost> {
        let mut named = self.name(host, notices);
        let moves = self.moves(notices, &named);
        // Mounts that are told no more, since their names are not known; and those that are there, for a list to tell.
        let (mut unnamed, mut unplaced) = (BTreeSet::new(), BTreeSet::new());
        let mut told = Ok(());
        // Those of which the number was never known, and that are not in the table any more.
        let is_gone = |mount: &Mount| {
            named
                .table
                .as_ref()
                .is_some_and(|table| !table.get(&mount.row.id).is_some_and(|row| row.is_same(&mount.row)))
        };
        let without = self.mounts.iter().filter(|(_, mount)| mount.unique.is_none());
        let mut gone: Vec<u32> = without.filter(|(_, mount)| is_gone(mount)).map(|(id, _)| *id).rev().collect();
        let boot = host.boot();
        for at in 0..notices.len() {
            match notices[at] {
                Notice::Attach(unique) if self.known(unique).is_some() => return Err(Lost(TWICE)),
                Notice::Attach(unique) => {
                    let is_over = notices[at..].contains(&Notice::Detach(unique));
                    let shown = named.rows.remove(&unique);
                    match shown.map(|shown| (moves.change(&shown, at), shown.row)) {
                        Some((false, row)) => {
                            let uid = self.uid(host, Some(unique), &row);
                            self.attach(host, uid, Some(unique), row);
                        }
                        Some((true, _)) if !is_over => {
                            unplaced.insert(unique);
                            told = told.and(Err(Lost(MOVED)));
                        }
                        _ => {
                            self.lines.unseen(&uid(unique, &boot), if is_over { UNNAMED } else { UNCLEAR }.to_owned());
                            self.follows_all = false;
                            unnamed.insert(unique);
                        }
                    }
                }
                Notice::Detach(unique) if unnamed.remove(&unique) => {}
                Notice::Detach(unique) => {
                    let id = self.known(unique).or_else(|| gone.pop());
                    match id.and_then(|id| self.mounts.remove(&id)) {
                        Some(mount) => self.detach(mount, now),
                        None => self.doubt_unnumbered(),
                    }
                }
                Notice::Move(unique) if unplaced.contains(&unique) => {}
                Notice::Move(unique) if notices[at..].contains(&Notice::Detach(unique)) => {
                    self.moved_and_gone(host, unique);
                    unnamed.insert(unique);
                }
                Notice::Move(unique) => match self.shown(unique, &named).filter(|shown| !moves.change(shown, at)) {
                    Some(shown) => self.moves_to(host, unique, shown.row),
                    None => {
                        unplaced.insert(unique);
                        told = told.and(Err(Lost(UNTABLED)));
                    }
                },
                _ => {}
            }
            lost(&notices[at..=at])?;
        }
        told
    }

    /// The moves that are in the queue.
    fn moves(&self, notices: &[Notice], named: &Named) -> Moves {
        let number = |unique: &Unique| {
            let shown = || named.rows.get(unique).map(|shown| shown.row.id);
            self.known(*unique).or_else(shown)
        };
        let moves = notices.iter().enumerate().filter_map(|(at, notice)| match notice {
            Notice::Move(unique) => Some((at, number(unique))),
            _ => None,
        });
        Moves(moves.collect())
    }

    /// Reads the table until it has what was attached.
    fn name(&self, host: &mut impl Host, notices: &mut Vec<Notice>) -> Named {
        let mut named = Named::default();
        for _ in 0..READS {
            let is_needed = |notice: &Notice| match notice {
                Notice::Attach(unique) => {
                    !named.rows.contains_key(unique) && !notices.contains(&Notice::Detach(*unique))
                }
                Notice::Detach(unique) => self.known(*unique).is_none() && !notices.contains(&Notice::Attach(*unique)),
                Notice::Move(_) => true,
                _ => false,
            };
            if !notices.iter().any(is_needed) {
                return named;
            }
            let Ok(rows) = host.rows() else { return named };
            let table: BTreeMap<u32, Row> = rows.iter().map(|row| (row.id, row.clone())).collect();
            let wanted: Vec<Unique> = self.wanted(notices, &named);
            let left: Vec<Row> = self.left(rows, notices, &named);
            let mut covered = Vec::new();
            for row in left {
                match host.unique(&row) {
                    Some(unique) if wanted.contains(&unique) => {
                        named.rows.insert(unique, Shown::of(row, &table));
                    }
                    // It was attached after the queue was read.
                    Some(_) => {}
                    None => covered.push(row),
                }
            }
            let more = host.drain();
            if !more.is_empty() {
                notices.extend(more);
                continue;
            }
            let wanted = self.wanted(notices, &named);
            if wanted.len() == covered.len() {
                let covered = covered.into_iter().map(|row| Shown::of(row, &table));
                named.rows.extend(wanted.into_iter().zip(covered));
            }
            named.table = Some(table);
            return named;
        }
        named
    }

    /// The numbers that were attached and are still there, without a name, from the lowest on.
    fn wanted(&self, notices: &[Notice], named: &Named) -> Vec<Unique> {
        let mut wanted: Vec<Unique> = notices
            .iter()
            .filter_map(|notice| match notice {
                Notice::Attach(unique) => Some(*unique),
                Notice::Move(unique) => Some(*unique).filter(|unique| self.known(*unique).is_none()),
                _ => None,
            })
            .filter(|unique| !named.rows.contains_key(unique) && !notices.contains(&Notice::Detach(*unique)))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// The lines of the table that no known mount has.
    fn left(&self, rows: Vec<Row>, notices: &[Notice], named: &Named) -> Vec<Row> {
        let is_there = |row: &Row| {
            self.mounts.get(&row.id).is_some_and(|mount| match mount.unique {
                Some(unique) => !notices.contains(&Notice::Detach(unique)),
                None => mount.row.is_same(row),
            })
        };
        let is_named = |id: &u32| named.rows.values().any(|shown| shown.row.id == *id);
        rows.into_iter().filter(|row| !is_there(row) && !is_named(&row.id)).collect()
    }

    /// A mount of which nothing is known was detached: it may be one without a number, and what is in its place another.
    fn doubt_unnumbered(&mut self) {
        for mount in self.mounts.values().filter(|mount| mount.unique.is_none()) {
            self.lines.unseen(&mount.uid, REPLACED.to_owned());
        }
    }

    /// Where the table shows a mount that was moved; none where that cannot be seen.
    fn shown(&self, unique: Unique, named: &Named) -> Option<Shown> {
        let Some(mount) = self.known(unique).and_then(|id| self.mounts.get(&id)) else {
            return named.rows.get(&unique).cloned();
        };
        let table = named.table.as_ref()?;
        let row = table.get(&mount.row.id).filter(|row| row.is_same(&mount.row))?;
        Some(Shown::of(row.clone(), table))
    }

    /// A mount was moved, and is where a row says.
    fn moves_to(&mut self, host: &mut impl Host, unique: Unique, row: Row) {
        match self.known(unique).and_then(|id| self.mounts.remove(&id)) {
            Some(mount) => self.moved(&mount, row, host),
            // It comes from where nothing is mounted.
            None => {
                let uid = self.uid(host, Some(unique), &row);
                self.attach(host, uid, Some(unique), row);
            }
        }
    }

    /// A mount was moved and then detached: nothing shows where it was.
    fn moved_and_gone(&mut self, host: &impl Host, unique: Unique) {
        if let Some(mount) = self.known(unique).and_then(|id| self.mounts.remove(&id)) {
            self.lines.event(&mount.row.point, &mount.uid, &Event::of(Did::Move), false);
        }
        self.lines.unseen(&uid(unique, &host.boot()), UNTABLED.to_owned());
        self.follows_all = false;
    }
}
