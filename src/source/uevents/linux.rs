//! The machine itself: a socket on which the kernel says what happens to devices, and `/sys`. Nothing is written.

use super::host::{Found, Host, Notice};
use super::message;
use rustix::io::Errno;
use rustix::net::netlink::{KOBJECT_UEVENT, SocketAddrNetlink};
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, RecvFlags, SocketFlags, SocketType, bind, recvfrom, socket_with};
use smol_str::{SmolStr, format_smolstr};
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The kernel's own words; those of udev are in another group.
const KERNEL: u32 = 1;
/// Most bytes of a uevent are 2048, apart from its path.
const BUFFER: usize = 16 << 10;
/// Bytes of uevents that may wait to be read.
const WAITING: usize = 1 << 20;
const EVENTS: usize = 1 << 20;
/// What earlier kernels say of loop devices means something else.
const OLDEST: (u32, u32) = (6, 1);

/// The machine.
#[derive(Debug)]
pub(super) struct Linux {
    root: PathBuf,
    boot: SmolStr,
    socket: OwnedFd,
}

impl Linux {
    /// The machine whose devices are shown in a folder.
    ///
    /// # Errors
    /// The kernel refuses a socket.
    pub(super) fn new(root: &Path) -> Result<Self, String> {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        if version(&release).is_some_and(|version| version < OLDEST) {
            return Err(format!("this needs Linux 6.1 or later, and this is {}", release.trim()));
        }
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::NETLINK, SocketType::DGRAM, flags, Some(KOBJECT_UEVENT));
        let socket = socket.map_err(|error| error.to_string())?;
        // What the kernel grants without a right is enough for most.
        let _ = set_socket_recv_buffer_size(&socket, WAITING);
        bind(&socket, &SocketAddrNetlink::new(0, KERNEL)).map_err(|error| error.to_string())?;
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Ok(Self { root: root.to_owned(), boot: boot.chars().take(8).collect(), socket })
    }

    /// Becomes readable when there is something to read.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    fn device(&self, name: &str) -> PathBuf {
        self.root.join("class/block").join(name)
    }

    fn number(&self, name: &str, file: &str) -> Option<SmolStr> {
        fs::read_to_string(self.device(name).join(file)).ok().map(|text| text.trim().into())
    }
}

impl Host for Linux {
    fn drain(&mut self) -> Vec<Notice> {
        let mut notices = Vec::new();
        let mut buffer = vec![0_u8; BUFFER];
        for _ in 0..EVENTS {
            match recvfrom(&self.socket, &mut buffer[..], RecvFlags::TRUNC) {
                Ok((_, length, from)) => {
                    // Others may send, too; the kernel has number 0.
                    let from = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
                    if from.is_none_or(|from| from.pid() != 0) {
                        continue;
                    }
                    let read = buffer.get(..length).and_then(message::read);
                    notices.push(read.map_or(Notice::Overrun, Notice::Uevent));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return notices,
                Err(Errno::NOBUFS) => notices.push(Notice::Overrun),
                Err(_) => break,
            }
        }
        notices.push(Notice::Overrun);
        notices
    }

    fn last(&mut self) -> Result<u64, String> {
        let file = self.root.join("kernel/uevent_seqnum");
        let refused = |why: String| format!("{}: {why}", file.display());
        let text = fs::read_to_string(&file).map_err(|error| refused(error.to_string()))?;
        text.trim().parse().map_err(|_| refused("not a number".to_owned()))
    }

    fn devices(&mut self) -> Result<Vec<Found>, String> {
        let folder = self.root.join("class/block");
        let refused = |error: std::io::Error| format!("{}: {error}", folder.display());
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).map_err(refused)? {
            let name = entry.map_err(refused)?.file_name();
            let Some(name) = name.to_str() else { continue };
            // One that goes meanwhile says so.
            let Some(uid) = self.uid(name) else { continue };
            let is_loop = self.device(name).join("loop").is_dir();
            let is_whole = !self.device(name).join("partition").exists();
            let is_free = name.starts_with("loop") && is_whole && !is_loop;
            let diskseq = self.number(name, "diskseq").and_then(|number| number.parse().ok());
            found.push(Found { name: name.into(), uid, dev: self.number(name, "dev"), diskseq, is_open: !is_free });
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    fn uid(&mut self, name: &str) -> Option<SmolStr> {
        // The kernel never gives the number of a folder in /sys to a later one.
        let folder = fs::metadata(self.device(name)).ok()?;
        Some(format_smolstr!("{:08x}-{}", folder.ino(), self.boot))
    }

    fn boot(&self) -> SmolStr {
        self.boot.clone()
    }
}

/// The version of `6.18.44-cloud`.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit()).map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_and_compared_by_its_numbers() {
        for (release, is_old) in
            [("6.18.44-cloud\n", false), ("6.1.0-13-amd64", false), ("5.15.0", true), ("5.9", true)]
        {
            assert_eq!(version(release).map(|version| version < OLDEST), Some(is_old), "{release}");
        }
        assert_eq!(version("linux"), None);
    }
}
