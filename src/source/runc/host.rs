//! What the machine asks the machine it runs on.

use crate::kinds::{RuncDid, RuncFreezer, RuncWhat};
use smol_str::SmolStr;

/// Number of a watch of inotify.
pub(super) type Wd = i32;

/// What a queue of inotify delivers, in the kernel's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A directory of a container was made or removed.
    Directory {
        /// The name of the container.
        name: SmolStr,
        /// Whether it was made.
        is_made: bool,
    },
    /// Something happened to a file in a directory of a container.
    File {
        /// The watch of the directory.
        wd: Wd,
        /// What happened.
        did: RuncDid,
        /// To which file.
        what: RuncWhat,
    },
    /// A file of a freezer was written, or says something new.
    Freezer {
        /// The watch of the file.
        wd: Wd,
    },
    /// A group was made or removed.
    Group {
        /// Its folder.
        path: SmolStr,
        /// Whether it was made.
        is_made: bool,
    },
    /// The freezer of a group is watched: what comes after this in the queue happened after that.
    Watched {
        /// Its folder.
        path: SmolStr,
        /// Which of the groups that were made there.
        number: u64,
    },
    /// The queue was full: events were lost.
    Overflow,
    /// The directory of all containers was made or removed.
    Root,
}

/// The process of a container, and where it is frozen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Init {
    /// Its number.
    pub pid: i32,
    /// When it started, in clock ticks since the boot.
    pub start_time: u64,
    /// The folder of its group, and whether that is one of cgroup v2.
    pub group: Option<(SmolStr, bool)>,
}

/// A directory of a container that is watched from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Identifies it.
    pub uid: SmolStr,
    /// Its watch.
    pub wd: Wd,
    /// What was in it after the watch had begun.
    pub has: Vec<RuncWhat>,
}

/// A file of a freezer that is watched from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FreezerFile {
    /// Its watch.
    pub wd: Wd,
    /// Which one.
    pub what: RuncWhat,
}

/// A group whose freezer is watched from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// Its folder.
    pub path: SmolStr,
    /// The files of its freezer.
    pub files: Vec<FreezerFile>,
}

/// Why a directory cannot be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unwatched {
    /// It is not there.
    Gone,
    /// It cannot be read; the words say why.
    Refused(String),
}

/// The machine on which containers run.
pub(super) trait Host {
    /// Forgets everything that is watched, and watches the directory of all containers, or, while it is not there, where
    /// it will be. Returns whether it is there.
    ///
    /// # Errors
    /// It cannot be read; the words say why.
    fn reset(&mut self) -> Result<bool, String>;

    /// The names of the containers that have a directory.
    ///
    /// # Errors
    /// The directory cannot be read, or is gone.
    fn names(&mut self) -> Result<Vec<SmolStr>, Unwatched>;

    /// Watches the directory of a container, then lists it.
    ///
    /// # Errors
    /// It is gone, or cannot be read.
    fn directory(&mut self, name: &str) -> Result<Directory, Unwatched>;

    /// Reads the state that runc wrote; none where there is none.
    fn state(&mut self, name: &str) -> Option<Init>;

    /// Waits for the end of a process from now on. Returns false if it has ended; none if it cannot be waited for.
    fn follow(&mut self, uid: &SmolStr, init: &Init) -> Option<bool>;

    /// Waits no longer for the end of a process.
    fn forget(&mut self, uid: &SmolStr);

    /// True when a process that is followed has ended.
    fn has_ended(&mut self, uid: &SmolStr) -> bool;

    /// The processes that have ended, as far as they are followed.
    fn ended(&mut self) -> Vec<SmolStr>;

    /// Watches the groups that are there, and their freezers.
    fn groups(&mut self) -> Vec<Group>;

    /// Watches a group that was made, and those in it, and their freezers. What cannot be watched is left out.
    fn group(&mut self, path: &str) -> Vec<Group>;

    /// Watches the freezer of a process.
    fn freezer_files(&mut self, init: &Init) -> Vec<FreezerFile>;

    /// What a file of a freezer says; none where it is gone.
    fn freezer(&mut self, wd: Wd) -> Option<RuncFreezer>;

    /// All that the queue holds, in order.
    fn drain(&mut self) -> Vec<Notice>;

    /// A part of the identity of what is not there any more.
    fn boot(&self) -> SmolStr;
}

/// A directory of the machine that a container mounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// Identifies it, for as long as it is there.
    pub identity: SmolStr,
    /// Its path.
    pub name: SmolStr,
}

/// What the machine knows of mounts.
pub(super) trait Tables {
    /// The directories that a process sees mounted, as far as it did not mount them itself.
    ///
    /// # Errors
    /// They cannot be read; the words say why.
    fn bound(&mut self, pid: i32) -> Result<Vec<Bound>, String>;
}
