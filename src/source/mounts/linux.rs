//! The machine itself: fanotify, inotify, the table of mounts, and paths. Nothing is written, and no mount is kept in use
//! for longer than a path is looked at.

use super::super::kernel::whole;
use super::super::mountinfo::{self, Row};
use super::holders;
use super::host::{Held, Host, Notice, Unique, Watched};
use super::queue::Queue;
use super::releases::Releases;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, PROC_SUPER_MAGIC, StatxFlags, fstatfs, open, openat, readlinkat, statx};
use rustix::io::Errno;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
/// The unique number of a mount, of Linux 6.8 and later; rustix has no name for it yet.
const UNIQUE: StatxFlags = StatxFlags::from_bits_retain(0x4000);
const GONE: &str = "it was gone, or another mount covered it, before its release could be watched";
const RIGHTS: &str = "run as root, or leave `mounts:` out";

/// The machine, as a process sees it.
#[derive(Debug)]
pub(super) struct Linux {
    address: PathBuf,
    boot: SmolStr,
    /// Its folder in `/proc`: no later process of its number is taken for it.
    process: OwnedFd,
    /// The mount namespace that is watched, if it may be read.
    namespace: Option<CString>,
    /// The kernel has unique numbers of mounts.
    is_numbered: bool,
    has_ended: bool,
    /// What is waited for.
    ready: OwnedFd,
    from: From,
    releases: Releases,
}

/// Where changes are seen.
#[derive(Debug)]
enum From {
    Queue(Queue),
    /// The table, which is readable once after each change.
    Table(Option<File>),
}

impl Linux {
    /// The machine as the process of a folder of `/proc` sees it.
    ///
    /// # Errors
    /// There is no such process, or it cannot be read; the words say why.
    pub(super) fn new(address: &Path) -> Result<Self, String> {
        let refused = |error: Errno| match error {
            Errno::NOENT => format!("{}: no such process; give /proc/PID", address.display()),
            Errno::NOTDIR => format!("{}: not a process; give /proc/PID", address.display()),
            error => format!("{}: {error}", address.display()),
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let process = open(address, flags, Mode::empty()).map_err(refused)?;
        let is_proc = fstatfs(&process).is_ok_and(|of| of.f_type == PROC_SUPER_MAGIC);
        if !is_proc || openat(&process, "status", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).is_err() {
            return Err(format!("{}: not a process; give /proc/PID", address.display()));
        }
        let ready = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|error| error.to_string())?;
        let releases = Releases::new().map_err(|error| error.to_string())?;
        wait_for(&ready, releases.ready())?;
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Ok(Self {
            address: address.to_owned(),
            boot: boot.chars().take(8).collect(),
            process,
            namespace: None,
            is_numbered: Self::number(Path::new("/"), UNIQUE).is_some(),
            has_ended: false,
            ready,
            from: From::Table(None),
            releases,
        })
    }

    /// Becomes readable when there is something to read.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.ready.as_fd()
    }

    /// True when the process was seen to have ended.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// The mount namespace of the process.
    fn namespace(&self) -> Result<CString, Errno> {
        readlinkat(&self.process, "ns/mnt", Vec::new())
    }

    /// True when the process is in another mount namespace than the one that is watched.
    fn is_elsewhere(&self, now: &Result<CString, Errno>) -> bool {
        let watched = self.namespace.as_ref();
        now.as_ref().is_ok_and(|now| watched.is_some_and(|watched| watched != now))
    }

    /// Looks at the process: whether it has ended, and whether it is in another mount namespace.
    fn is_seen_elsewhere(&mut self) -> bool {
        let now = self.namespace();
        self.has_ended |= matches!(now, Err(Errno::NOENT | Errno::SRCH | Errno::INVAL))
            || openat(&self.process, "stat", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).is_err();
        self.is_elsewhere(&now)
    }

    /// A path as the process sees it.
    fn path(&self, point: &str) -> PathBuf {
        let mut path = format!("/proc/self/fd/{}/root", self.process.as_raw_fd()).into_bytes();
        path.extend(mountinfo::path(point));
        PathBuf::from(OsStr::from_bytes(&path))
    }

    /// A number of the mount that is on top at a path. It is in use for as long as that takes, and no longer.
    fn number(path: &Path, number: StatxFlags) -> Option<u64> {
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
        let stat = statx(CWD, path, flags, number).ok()?;
        (stat.stx_mask & number.bits() != 0).then_some(stat.stx_mnt_id)
    }

    fn table(&self) -> Result<File, String> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = openat(&self.process, "mountinfo", flags, Mode::empty()).map_err(|error| self.refused(error))?;
        if self.is_elsewhere(&self.namespace()) {
            return Err(format!("{}: the process is in another mount namespace", self.address.display()));
        }
        Ok(File::from(file))
    }

    fn refused(&self, error: Errno) -> String {
        let address = self.address.display();
        match error {
            Errno::NOENT | Errno::SRCH | Errno::INVAL => format!("{address}: the process has ended"),
            Errno::ACCESS | Errno::PERM => format!("{address}: permission denied: {RIGHTS}"),
            error => format!("{address}: {error}"),
        }
    }
}

fn wait_for(ready: &OwnedFd, queue: BorrowedFd<'_>) -> Result<(), String> {
    let data = epoll::EventData::new_u64(0);
    epoll::add(ready, queue, data, epoll::EventFlags::IN).map_err(|error| error.to_string())
}

impl Host for Linux {
    fn reset(&mut self) -> Result<(), String> {
        self.namespace = self.namespace().ok();
        let namespace = format!("/proc/self/fd/{}/ns/mnt", self.process.as_raw_fd());
        self.from = match Queue::new(&namespace) {
            Ok(queue) => From::Queue(queue),
            Err(Errno::MFILE | Errno::NOSPC) => {
                return Err("the limit fs.fanotify.max_user_groups or max_user_marks is reached".to_owned());
            }
            Err(Errno::NOENT | Errno::SRCH) => return Err(self.refused(Errno::NOENT)),
            // Older kernels know neither the flag nor the mark; without rights, there is the table.
            Err(_) => From::Table(Some(self.table()?)),
        };
        match &self.from {
            From::Queue(queue) => wait_for(&self.ready, queue.ready()),
            From::Table(_) => Ok(()),
        }
    }

    fn is_exact(&self) -> bool {
        matches!(self.from, From::Queue(_))
    }

    fn drain(&mut self) -> Vec<Notice> {
        let mut released = Vec::new();
        self.releases.drain(&mut released);
        if matches!(self.from, From::Table(_)) {
            self.is_seen_elsewhere();
        }
        let mut notices = Vec::new();
        match &mut self.from {
            From::Queue(queue) => queue.drain(&mut notices),
            From::Table(table) => {
                // The table keeps the namespace in use, and must not do so for longer than its process.
                if self.has_ended {
                    *table = None;
                }
                if let Some(table) = table {
                    let mut asked = [PollFd::new(table, PollFlags::PRI)];
                    let is_ready = poll(&mut asked, Some(&AT_ONCE)).is_ok_and(|ready| ready > 0);
                    if is_ready && asked[0].revents().intersects(PollFlags::PRI | PollFlags::ERR) {
                        notices.push(Notice::Changed);
                    }
                }
            }
        }
        if self.is_seen_elsewhere() {
            notices.push(Notice::Elsewhere);
        }
        notices.extend(released);
        notices
    }

    fn rows(&mut self) -> Result<Vec<Row>, String> {
        let bytes = whole(self.table()?).map_err(|error| format!("{}: {error}", self.address.display()))?;
        Ok(mountinfo::read(&bytes))
    }

    fn unique(&mut self, row: &Row) -> Option<Unique> {
        if row.is_remote {
            return None;
        }
        let path = self.path(&row.point);
        let unique = Self::number(&path, UNIQUE)?;
        let is_it = Self::number(&path, StatxFlags::MNT_ID) == Some(u64::from(row.id));
        (is_it && Self::number(&path, UNIQUE) == Some(unique)).then_some(unique)
    }

    fn watch(&mut self, row: &Row, unique: Option<Unique>) -> Watched {
        if row.is_remote {
            return Watched::No("its filesystem is one of a network, whose release cannot be seen");
        }
        let path = self.path(&row.point);
        let is_it = || match unique {
            Some(_) => Self::number(&path, UNIQUE) == unique,
            None => !self.is_numbered && Self::number(&path, StatxFlags::MNT_ID) == Some(u64::from(row.id)),
        };
        if !is_it() {
            return Watched::No(GONE);
        }
        let watched = self.releases.watch(&path, &row.dev);
        match watched {
            // While it is there, no other filesystem has its device.
            Ok(Some(wd)) if is_it() => Watched::By(wd),
            Ok(_) | Err(Errno::NOENT | Errno::NOTDIR | Errno::SRCH) => Watched::No(GONE),
            Err(_) => Watched::No("its release cannot be watched: the kernel refuses it"),
        }
    }

    fn is_blind(&self) -> bool {
        self.has_ended && !self.is_exact()
    }

    fn holders(&mut self, devices: &[SmolStr]) -> Option<BTreeMap<SmolStr, Held>> {
        let here = self.namespace.as_ref().and_then(|namespace| namespace.to_str().ok());
        holders::look(devices, here.map(SmolStr::new))
    }

    fn boot(&self) -> SmolStr {
        self.boot.clone()
    }
}
