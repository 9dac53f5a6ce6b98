//! What happens to a mount, as it is recorded: which mount, what was done, and who held it when that was looked for.
//! Nothing else of a mount is stored; its options may hold passwords.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// What was done.
    pub did: Did,
    /// What was mounted, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<Mounted>,
    /// Whether the release of its filesystem is watched. None where there is no such release: the filesystem has another
    /// mount, or is one of a network. Of the last mount of a filesystem it may be known only when that is detached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// Found detached, and not released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub detached: bool,
    /// Who held it, where that was looked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holders: Vec<Holder>,
    /// Holders that are not listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub others: usize,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Did {
    /// It was mounted (`FAN_MNT_ATTACH`, or a new line of mountinfo).
    Attach,
    /// It was unmounted (`FAN_MNT_DETACH`, or a line of mountinfo that is gone).
    Detach,
    /// It was itself moved to another place, under which it is another object.
    Move,
    /// Its filesystem is gone: the last user let go (`IN_UNMOUNT`).
    Unmount,
    /// It was there when it was looked for.
    Found,
    /// Its holders were looked for.
    Holders,
}

/// What was mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mounted {
    /// The device of its filesystem, `7:0`. Numbers are assigned again.
    pub dev: SmolStr,
    /// The type of its filesystem.
    pub fs: SmolStr,
    /// The part of the filesystem that it shows.
    pub root: SmolStr,
    /// What it was mounted from, where that is a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SmolStr>,
}

/// Whether the release of a filesystem is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Release {
    /// It will be seen.
    Watched,
    /// It cannot be seen: it was detached before its release could be watched.
    Unwatched,
}

impl Release {
    /// Whether it is watched.
    pub(crate) fn of(is_watched: bool) -> Self {
        if is_watched { Self::Watched } else { Self::Unwatched }
    }
}

/// Who held a filesystem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Holder {
    /// The number of the process; 0 of a mount in the namespace that is recorded.
    pub pid: i32,
    /// Its name.
    pub comm: SmolStr,
    /// By what.
    pub by: By,
    /// The file or the directory.
    pub path: SmolStr,
}

/// What holds a filesystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum By {
    /// A working directory.
    Cwd,
    /// A root directory.
    Root,
    /// A program that runs.
    Exe,
    /// An open file.
    Fd,
    /// A file that is mapped.
    Maps,
    /// A mount, in the mount namespace of the process.
    Mount,
}

impl Event {
    /// An event without anything that was read.
    #[must_use]
    pub(crate) fn of(did: Did) -> Self {
        Self { did, mount: None, release: None, detached: false, holders: Vec::new(), others: 0 }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}
