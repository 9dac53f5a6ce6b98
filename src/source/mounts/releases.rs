//! Waits for the end of filesystems: `IN_UNMOUNT` of inotify comes when the last user has let go, in whatever mount
//! namespace. A watch does not keep a filesystem in use.

use super::super::kernel::whole;
use super::host::{Notice, Wd};
use rustix::fs::inotify::{ReadFlags, WatchFlags};
use rustix::fs::{Mode, OFlags, inotify, open};
use rustix::io::Errno;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};
use std::path::Path;

const BUFFER: usize = 16 << 10;
const EVENTS: usize = 1 << 20;
/// Only this is asked for. It is among what always comes, so rustix has no name for it in a request.
const IN_UNMOUNT: u32 = 0x2000;
/// Bits of the kernel's number of a device that are the minor number.
const MINOR_BITS: u32 = 20;

/// The watches.
#[derive(Debug)]
pub(super) struct Releases {
    queue: OwnedFd,
}

impl Releases {
    /// No watches.
    ///
    /// # Errors
    /// The kernel refuses a queue.
    pub(super) fn new() -> Result<Self, Errno> {
        let queue = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
        Ok(Self { queue })
    }

    /// Becomes readable when there is something to read.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.queue.as_fd()
    }

    /// Watches the filesystem that is at a path; returns none if it is not the one of a device.
    ///
    /// # Errors
    /// The kernel refuses the watch.
    pub(super) fn watch(&mut self, path: &Path, device: &str) -> Result<Option<Wd>, Errno> {
        let wd = inotify::add_watch(&self.queue, path, WatchFlags::from_bits_retain(IN_UNMOUNT))?;
        // A watch of what was on top of it is left to itself: nothing has its number.
        Ok(Some(wd).filter(|wd| self.device(*wd).as_deref() == Some(device)))
    }

    /// The device of the filesystem that is watched (`proc_pid_fdinfo(5)`).
    fn device(&self, wd: Wd) -> Option<String> {
        let path = format!("/proc/self/fdinfo/{}", self.queue.as_raw_fd());
        let watches = whole(open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?).ok()?;
        let line = std::str::from_utf8(&watches)
            .ok()?
            .lines()
            .find_map(|line| line.strip_prefix(&format!("inotify wd:{wd:x} ")))?;
        let device = line.split(' ').find_map(|word| word.strip_prefix("sdev:"))?;
        let device = u32::from_str_radix(device, 16).ok()?;
        Some(format!("{}:{}", device >> MINOR_BITS, device & ((1 << MINOR_BITS) - 1)))
    }

    /// Takes all that the queue holds.
    pub(super) fn drain(&mut self, notices: &mut Vec<Notice>) {
        let mut buffer = [MaybeUninit::uninit(); BUFFER];
        let mut reader = inotify::Reader::new(self.queue.as_fd(), &mut buffer);
        for _ in 0..EVENTS {
            match reader.next() {
                Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => notices.push(Notice::ReleasesLost),
                Ok(event) if event.events().contains(ReadFlags::UNMOUNT) => notices.push(Notice::Released(event.wd())),
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => break,
            }
        }
        notices.push(Notice::ReleasesLost);
    }
}
