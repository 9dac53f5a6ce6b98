//! The machine itself: inotify, pidfds, and a few small files. Nothing is written.

use super::hierarchy::Hierarchy;
use super::host::{Directory, FreezerFile, Group, Host, Init, Notice, Unwatched, Wd};
use super::state_file;
use crate::kinds::{RuncDid as Did, RuncFreezer as Freezer, RuncWhat as What};
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::fs::inotify::{self, ReadFlags, WatchFlags};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatxFlags, open, statx};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use smol_str::{SmolStr, format_smolstr};
use std::collections::HashMap;
use std::io::Read as _;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};

/// Most bytes of a file that are read: a state has some kilobytes.
const MOST: u64 = 4 << 20;
/// Bytes of events that are read at once.
const BUFFER: usize = 64 << 10;
/// The number of events after which a queue that is filled as fast as it is read counts as full.
const EVENTS: usize = 1 << 20;
/// The number of inotify among the descriptors that are waited for.
const QUEUE: u64 = 0;
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// What a user who lacks a right can do.
const RIGHTS: &str = "run as root, or leave `runc:` out";
const LIMIT: &str = "the limit fs.inotify.max_user_watches or max_user_instances is reached";

/// The machine.
#[derive(Debug)]
pub(super) struct Linux {
    root: PathBuf,
    boot: SmolStr,
    /// What is waited for: the queue, and the processes.
    ready: OwnedFd,
    queue: OwnedFd,
    /// What events are read into; filling it anew costs more than all else.
    buffer: Vec<MaybeUninit<u8>>,
    /// The watch of the directory of all containers, or of the one in which it is to be, with the name there.
    root_wd: Wd,
    awaited: Option<String>,
    files: HashMap<Wd, (PathBuf, What)>,
    /// Where groups are, and the folders of those that are watched.
    hierarchy: Option<Hierarchy>,
    groups: HashMap<Wd, PathBuf>,
    is_limit_said: bool,
    processes: HashMap<SmolStr, (u64, OwnedFd)>,
    uids: HashMap<u64, SmolStr>,
    next: u64,
}

impl Linux {
    /// The machine, with nothing watched yet.
    ///
    /// # Errors
    /// The kernel refuses a queue.
    pub(super) fn new(root: &Path) -> Result<Self, String> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Ok(Self {
            root: root.to_owned(),
            boot: boot.chars().take(8).collect(),
            ready: epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|error| error.to_string())?,
            queue: queue()?,
            buffer: vec![MaybeUninit::uninit(); BUFFER],
            root_wd: -1,
            awaited: None,
            files: HashMap::new(),
            hierarchy: Hierarchy::of_this_machine(),
            groups: HashMap::new(),
            is_limit_said: false,
            processes: HashMap::new(),
            uids: HashMap::new(),
            next: QUEUE + 1,
        })
    }

    /// Becomes readable when there is something to read.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.ready.as_fd()
    }

    fn refused(path: &Path, error: Errno) -> String {
        let path = path.display();
        match error {
            Errno::ACCESS | Errno::PERM => format!("{path}: permission denied: {RIGHTS}"),
            Errno::NOSPC | Errno::MFILE => format!("{path}: {LIMIT}"),
            Errno::NOTDIR => format!("{path}: not a directory"),
            error => format!("{path}: {error}"),
        }
    }

    /// Watches the nearest directory above that is there.
    fn wait_above(&mut self) -> Result<(), String> {
        let mut below = self.root.clone();
        while let (Some(above), Some(name)) = (below.parent().map(Path::to_owned), below.file_name()) {
            let flags = WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE_SELF | WatchFlags::ONLYDIR;
            match inotify::add_watch(&self.queue, &above, flags) {
                Ok(wd) => {
                    (self.root_wd, self.awaited) = (wd, Some(name.to_string_lossy().into_owned()));
                    return Ok(());
                }
                Err(Errno::NOENT) => below = above,
                Err(error) => return Err(Self::refused(&above, error)),
            }
        }
        Err(format!("{}: not there, and nothing above it", self.root.display()))
    }

    fn notice(&self, wd: Wd, flags: ReadFlags, name: Option<&str>) -> Option<Notice> {
        if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
            return Some(Notice::Overflow);
        }
        if wd == self.root_wd {
            if let Some(awaited) = &self.awaited {
                let is_lost = flags.intersects(ReadFlags::DELETE_SELF | ReadFlags::IGNORED | ReadFlags::UNMOUNT);
                return (is_lost || name == Some(awaited)).then_some(Notice::Root);
            }
            if flags.intersects(ReadFlags::IGNORED | ReadFlags::UNMOUNT | ReadFlags::MOVE_SELF) {
                return Some(Notice::Root);
            }
            let name = name.filter(|name| flags.contains(ReadFlags::ISDIR) && is_id(name))?;
            let is_made = flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
            return Some(Notice::Directory { name: name.into(), is_made });
        }
        if let Some(folder) = self.groups.get(&wd) {
            let name = name.filter(|name| !name.is_empty() && flags.contains(ReadFlags::ISDIR))?;
            let path = folder.join(name).to_str()?.into();
            return Some(Notice::Group { path, is_made: flags.contains(ReadFlags::CREATE) });
        }
        match name {
            Some(name) => Some(Notice::File { wd, did: did(flags)?, what: What::in_directory(name)? }),
            None => flags.contains(ReadFlags::MODIFY).then_some(Notice::Freezer { wd }),
        }
    }

    /// Watches the files of a freezer.
    fn freezer_of(&mut self, group: &Path, is_unified: bool) -> Option<Vec<FreezerFile>> {
        let files = Hierarchy::files(is_unified).iter().map(|(name, what)| {
            let path = group.join(name);
            // A write and the next one are one event, unless something is between them: that the file was closed.
            let flags = WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE | WatchFlags::DONT_FOLLOW;
            let wd = self.add(&path, flags)?;
            self.files.insert(wd, (path, *what));
            Some(FreezerFile { wd, what: *what })
        });
        files.collect()
    }

    fn add(&mut self, path: &Path, flags: WatchFlags) -> Option<Wd> {
        let added = inotify::add_watch(&self.queue, path, flags);
        if added == Err(Errno::NOSPC) && !std::mem::replace(&mut self.is_limit_said, true) {
            tracing::warn!("{}: {LIMIT}: whether containers are paused cannot be seen", path.display());
        }
        added.ok()
    }

    /// Watches a group and those in it.
    fn groups_below(&mut self, top: PathBuf, is_unified: bool) -> Vec<Group> {
        let (mut folders, mut groups) = (vec![top], Vec::new());
        let flags = WatchFlags::CREATE | WatchFlags::DELETE | WatchFlags::ONLYDIR | WatchFlags::DONT_FOLLOW;
        while let Some(folder) = folders.pop() {
            let Some(wd) = self.add(&folder, flags) else { continue };
            self.groups.insert(wd, folder.clone());
            let files = self.freezer_of(&folder, is_unified);
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            let below = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
            folders.extend(below.map(|entry| entry.path()));
            let path = folder.to_str().map(SmolStr::from);
            groups.extend(path.zip(files).map(|(path, files)| Group { path, files }));
        }
        groups
    }
}

fn did(flags: ReadFlags) -> Option<Did> {
    let known = [
        (ReadFlags::CREATE, Did::Create),
        (ReadFlags::MOVED_TO, Did::MovedTo),
        (ReadFlags::CLOSE_WRITE, Did::CloseWrite),
        (ReadFlags::DELETE, Did::Delete),
    ];
    known.into_iter().find(|(flag, _)| flags.contains(*flag)).map(|(_, did)| did)
}

fn queue() -> Result<OwnedFd, String> {
    let flags = inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK;
    inotify::init(flags).map_err(|error| if error == Errno::MFILE { LIMIT.to_owned() } else { error.to_string() })
}

/// Whether runc can have given this name: whatever else is there is not runc's.
fn is_id(name: &str) -> bool {
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-.".contains(&byte);
    !name.is_empty() && name.bytes().all(is_ours) && name != "." && name != ".."
}

/// Reads a small file; never waits for one that is none.
fn read(path: &Path) -> Option<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = std::fs::File::from(open(path, flags, Mode::empty()).ok()?);
    let kind = file.metadata().ok()?.file_type();
    if kind.is_fifo() || kind.is_char_device() || kind.is_dir() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

impl Host for Linux {
    fn reset(&mut self) -> Result<bool, String> {
        self.files.clear();
        self.groups.clear();
        self.processes.clear();
        self.uids.clear();
        self.queue = queue()?;
        let data = epoll::EventData::new_u64(QUEUE);
        epoll::add(&self.ready, &self.queue, data, epoll::EventFlags::IN).map_err(|error| error.to_string())?;
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        self.awaited = None;
        for is_last in [false, true] {
            match inotify::add_watch(&self.queue, &self.root, flags) {
                Ok(wd) => {
                    (self.root_wd, self.awaited) = (wd, None);
                    return Ok(true);
                }
                // It may be made before the one above is watched.
                Err(Errno::NOENT) if !is_last => self.wait_above()?,
                Err(Errno::NOENT) => {}
                Err(error) => return Err(Self::refused(&self.root, error)),
            }
        }
        Ok(false)
    }

    fn names(&mut self) -> Result<Vec<SmolStr>, Unwatched> {
        let refused = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => Unwatched::Gone,
            _ => Unwatched::Refused(format!("{}: {error}", self.root.display())),
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.root).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
            names.extend(entry.file_name().to_str().filter(|name| is_directory && is_id(name)).map(SmolStr::from));
        }
        Ok(names)
    }

    fn directory(&mut self, name: &str) -> Result<Directory, Unwatched> {
        let path = self.root.join(name);
        let flags = WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::ONLYDIR
            | WatchFlags::DONT_FOLLOW;
        let wd = match inotify::add_watch(&self.queue, &path, flags) {
            Ok(wd) => wd,
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(Unwatched::Gone),
            Err(error) => return Err(Unwatched::Refused(Self::refused(&path, error))),
        };
        let mask = StatxFlags::INO | StatxFlags::BTIME;
        let stat = statx(CWD, &path, AtFlags::SYMLINK_NOFOLLOW, mask).map_err(|_| Unwatched::Gone)?;
        let has_birth = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
        let birth = if has_birth { (stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec) } else { (0, 0) };
        let uid = format_smolstr!("{}-{:x}-{}.{:09}", self.boot, stat.stx_ino, birth.0, birth.1);
        let entries = std::fs::read_dir(&path).map_err(|_| Unwatched::Gone)?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().to_str().map(SmolStr::from));
        Ok(Directory { uid, wd, has: names.filter_map(|name| What::in_directory(&name)).collect() })
    }

    fn state(&mut self, name: &str) -> Option<Init> {
        state_file::read(&read(&self.root.join(name).join("state.json"))?)
    }

    fn follow(&mut self, uid: &SmolStr, init: &Init) -> Option<bool> {
        self.forget(uid);
        let process = match pidfd_open(Pid::from_raw(init.pid)?, PidfdFlags::empty()) {
            Ok(process) => process,
            Err(Errno::SRCH) => return Some(false),
            // Too many files are open, or the kernel is older.
            Err(_) => return None,
        };
        // The number may be that of a later process by now. One whose start cannot be read is taken for the one that is meant.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", init.pid));
        if stat.ok().and_then(|stat| state_file::start_time(&stat)).is_some_and(|start| start != init.start_time) {
            return Some(false);
        }
        let key = self.next;
        self.next += 1;
        epoll::add(&self.ready, &process, epoll::EventData::new_u64(key), epoll::EventFlags::IN).ok()?;
        self.uids.insert(key, uid.clone());
        self.processes.insert(uid.clone(), (key, process));
        Some(true)
    }

    fn forget(&mut self, uid: &SmolStr) {
        if let Some((key, _process)) = self.processes.remove(uid) {
            self.uids.remove(&key);
        }
    }

    fn has_ended(&mut self, uid: &SmolStr) -> bool {
        let Some((_, process)) = self.processes.get(uid) else { return false };
        let mut asked = [PollFd::new(process, PollFlags::IN)];
        poll(&mut asked, Some(&AT_ONCE)).is_ok_and(|ready| ready > 0)
    }

    fn ended(&mut self) -> Vec<SmolStr> {
        let mut ended: Vec<SmolStr> = Vec::new();
        // Each is reported in turn, also if it is not taken.
        let mut ready = Vec::with_capacity(self.processes.len() + 1);
        if epoll::wait(&self.ready, rustix::buffer::spare_capacity(&mut ready), Some(&AT_ONCE)).is_ok() {
            ended.extend(ready.iter().filter_map(|event: &epoll::Event| self.uids.get(&event.data.u64())).cloned());
        }
        ended.sort();
        ended
    }

    fn groups(&mut self) -> Vec<Group> {
        let hierarchy = self.hierarchy.clone();
        hierarchy.map(|Hierarchy { top, is_unified }| self.groups_below(top, is_unified)).unwrap_or_default()
    }

    fn group(&mut self, path: &str) -> Vec<Group> {
        let is_unified = self.hierarchy.as_ref().is_some_and(|hierarchy| hierarchy.is_unified);
        self.groups_below(PathBuf::from(path), is_unified)
    }

    fn freezer_files(&mut self, init: &Init) -> Vec<FreezerFile> {
        let Some((group, is_unified)) = &init.group else { return Vec::new() };
        self.freezer_of(Path::new(group.as_str()), *is_unified).unwrap_or_default()
    }

    fn freezer(&mut self, wd: Wd) -> Option<Freezer> {
        let (path, what) = self.files.get(&wd)?;
        let text = String::from_utf8(read(path)?).ok()?;
        value(*what, &text)
    }

    fn drain(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut forgotten = Vec::new();
        let mut is_empty = false;
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut reader = inotify::Reader::new(self.queue.as_fd(), &mut buffer);
        for _ in 0..EVENTS {
            match reader.next() {
                Ok(event) => {
                    // A name that is no text is not runc's.
                    let name = event.file_name().map(|name| name.to_str().unwrap_or_default());
                    notices.extend(self.notice(event.wd(), event.events(), name));
                    if event.events().contains(ReadFlags::IGNORED) {
                        forgotten.push(event.wd());
                    }
                }
                Err(Errno::INTR) => {}
                Err(error) => {
                    is_empty = error == Errno::AGAIN;
                    break;
                }
            }
        }
        self.buffer = buffer;
        for wd in &forgotten {
            self.files.remove(wd);
            self.groups.remove(wd);
        }
        notices.extend((!is_empty).then_some(Notice::Overflow));
        notices
    }

    fn boot(&self) -> SmolStr {
        self.boot.clone()
    }
}

/// What a file of a freezer says.
fn value(what: What, text: &str) -> Option<Freezer> {
    let flag = |text: &str| match text {
        "1" => Some(Freezer::Frozen),
        "0" => Some(Freezer::Thawed),
        _ => None,
    };
    match (what, text.trim()) {
        (What::FreezerState, "FROZEN") => Some(Freezer::Frozen),
        (What::FreezerState, "FREEZING") => Some(Freezer::Freezing),
        (What::FreezerState, "THAWED") => Some(Freezer::Thawed),
        (What::CgroupEvents, text) => text.lines().find_map(|line| flag(line.strip_prefix("frozen ")?)),
        (What::CgroupFreeze, text) => flag(text),
        _ => None,
    }
}
