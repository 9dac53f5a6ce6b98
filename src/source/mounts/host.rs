//! What the machine asks the machine it runs on.

use super::super::mountinfo::Row;
use crate::kinds::MountHolder;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Number of a watch of inotify.
pub(super) type Wd = i32;
/// Number of a mount that no other one of this boot has.
pub(super) type Unique = u64;

/// What the queues deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A mount was attached.
    Attach(Unique),
    /// A mount was detached.
    Detach(Unique),
    /// A mount was moved.
    Move(Unique),
    /// Something was attached or detached, it is not known what.
    Changed,
    /// The last user of a filesystem let go.
    Released(Wd),
    /// The queue of mounts was full: events were lost.
    Overflow,
    /// The process is not in the mount namespace any more that is watched.
    Elsewhere,
    /// The queue of releases was full.
    ReleasesLost,
}

/// Whether the release of a filesystem is watched from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Watched {
    /// It is.
    By(Wd),
    /// It is not; the words say why.
    No(&'static str),
}

/// Who holds a filesystem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// Some of them.
    pub holders: Vec<MountHolder>,
    /// The number of all others.
    pub others: usize,
}

/// The machine with the mounts.
pub(super) trait Host {
    /// Begins to watch the mounts. The watches of releases stay.
    ///
    /// # Errors
    /// It cannot; the words say why.
    fn reset(&mut self) -> Result<(), String>;

    /// Whether the queue tells of every mount, by its number; otherwise only that something changed.
    fn is_exact(&self) -> bool;

    /// All that the queues hold: the mounts in the kernel's order, then the releases that came before the last of them.
    fn drain(&mut self) -> Vec<Notice>;

    /// The mounts that are there, in the order of their unique numbers, where those have one.
    ///
    /// # Errors
    /// They cannot be read; the words say why.
    fn rows(&mut self) -> Result<Vec<Row>, String>;

    /// The unique number of the mount of a row; none where another one covers it, it is gone, or it must not be touched.
    fn unique(&mut self, row: &Row) -> Option<Unique>;

    /// Waits for the release of the filesystem of a mount from now on, if what is at the place of its row is the mount
    /// of this number. Where the kernel numbers none, it is one that looks the same.
    fn watch(&mut self, row: &Row, unique: Option<Unique>) -> Watched;

    /// True when nothing is seen of mounts any more.
    fn is_blind(&self) -> bool;

    /// Looks for who holds filesystems, by device; none if that takes too long.
    fn holders(&mut self, devices: &[SmolStr]) -> Option<BTreeMap<SmolStr, Held>>;

    /// A part of the identity of every mount.
    fn boot(&self) -> SmolStr;
}
