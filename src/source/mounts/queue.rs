//! The kernel's queue of what is attached to a mount namespace and detached from it: fanotify of Linux 6.14 and later,
//! with `FAN_REPORT_MNT`. It does not keep the namespace alive.

use super::host::Notice;
use nix::sys::fanotify::{EventFFlags, Fanotify, InitFlags, MarkFlags, MaskFlags};
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, read};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd};

/// What nix has no names for yet, from the kernel's `fanotify.h`.
const FAN_REPORT_MNT: u32 = 0x4000;
const FAN_MARK_MNTNS: u32 = 0x110;
const FAN_MNT_ATTACH: u64 = 0x0100_0000;
const FAN_MNT_DETACH: u64 = 0x0200_0000;
const FAN_Q_OVERFLOW: u64 = 0x4000;
const INFO_TYPE_MNT: u8 = 7;

/// Bytes of `struct fanotify_event_metadata`, and of `struct fanotify_event_info_header`.
const METADATA: usize = 24;
const HEADER: usize = 4;
/// Bytes of events that are read at once.
const BUFFER: usize = 64 << 10;
/// The number of reads after which a queue that is filled as fast as it is read counts as full.
const READS: usize = 1 << 10;

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    events: Fanotify,
    buffer: Vec<u8>,
}

impl Queue {
    /// The queue of the mount namespace that a file of `/proc` is of.
    ///
    /// # Errors
    /// The kernel has no such queue, or refuses it.
    pub(super) fn new(namespace: &str) -> Result<Self, Errno> {
        let flags = InitFlags::FAN_CLOEXEC | InitFlags::FAN_NONBLOCK | InitFlags::from_bits_retain(FAN_REPORT_MNT);
        let of_nix = |errno: nix::Error| Errno::from_raw_os_error(errno as i32);
        let queue = Fanotify::init(flags, EventFFlags::empty()).map_err(of_nix)?;
        // The file keeps the namespace alive, the mark does not.
        let namespace = File::from(open(namespace, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?);
        let flags = MarkFlags::FAN_MARK_ADD | MarkFlags::from_bits_retain(FAN_MARK_MNTNS);
        let mask = MaskFlags::from_bits_retain(FAN_MNT_ATTACH | FAN_MNT_DETACH);
        queue.mark(flags, mask, &namespace, None::<&str>).map_err(of_nix)?;
        Ok(Self { events: queue, buffer: vec![0; BUFFER] })
    }

    /// Becomes readable when there is something to read.
    pub(super) fn ready(&self) -> BorrowedFd<'_> {
        self.events.as_fd()
    }

    /// Takes all that the queue holds.
    pub(super) fn drain(&mut self, notices: &mut Vec<Notice>) {
        for _ in 0..READS {
            match read(&self.events, &mut self.buffer) {
                Ok(0) | Err(Errno::AGAIN) => return,
                Ok(length) => events(&self.buffer[..length], notices),
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        notices.push(Notice::Overflow);
    }
}

/// Reads events (fanotify(7)).
fn events(mut bytes: &[u8], notices: &mut Vec<Notice>) {
    while !bytes.is_empty() {
        let Some((event, rest)) = event(bytes) else {
            // What is not understood may be anything.
            notices.push(Notice::Overflow);
            return;
        };
        notices.push(event);
        bytes = rest;
    }
}

fn event(bytes: &[u8]) -> Option<(Notice, &[u8])> {
    let length = usize::try_from(u32::from_ne_bytes(array(bytes, 0)?)).ok()?;
    if length < METADATA || length > bytes.len() {
        return None;
    }
    let (event, rest) = bytes.split_at(length);
    let metadata = usize::from(u16::from_ne_bytes(array(event, 6)?));
    let mask = u64::from_ne_bytes(array(event, 8)?);
    if mask & FAN_Q_OVERFLOW != 0 {
        return Some((Notice::Overflow, rest));
    }
    let mut info = event.get(metadata..)?;
    loop {
        let (kind, size) = (*info.first()?, usize::from(u16::from_ne_bytes(array(info, 2)?)));
        if kind != INFO_TYPE_MNT {
            info = info.get(size.max(HEADER)..)?;
            continue;
        }
        // Some compilers put the number on a multiple of eight.
        let unique = u64::from_ne_bytes(array(info, size.checked_sub(8)?)?);
        let notice = match (mask & FAN_MNT_ATTACH != 0, mask & FAN_MNT_DETACH != 0) {
            (true, true) => Notice::Move(unique),
            (true, false) => Notice::Attach(unique),
            (false, true) => Notice::Detach(unique),
            (false, false) => return None,
        };
        return Some((notice, rest));
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(mask: u64, info: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(METADATA + info.len()).unwrap().to_ne_bytes().to_vec();
        bytes.extend([3, 0]);
        bytes.extend(24u16.to_ne_bytes());
        bytes.extend(mask.to_ne_bytes());
        bytes.extend((-1i32).to_ne_bytes());
        bytes.extend(7i32.to_ne_bytes());
        bytes.extend(info);
        bytes
    }

    fn mount(id: u64, padding: usize) -> Vec<u8> {
        let mut info = vec![INFO_TYPE_MNT, 0];
        info.extend(u16::try_from(HEADER + padding + 8).unwrap().to_ne_bytes());
        info.resize(HEADER + padding, 0);
        info.extend(id.to_ne_bytes());
        info
    }

    #[test]
    fn events_are_read_whole_or_count_as_lost() {
        let mut bytes = event(FAN_MNT_ATTACH, &mount(1 << 31, 0));
        bytes.extend(event(FAN_MNT_DETACH, &mount(7, 4)));
        bytes.extend(event(FAN_MNT_ATTACH | FAN_MNT_DETACH, &[vec![9, 0, 4, 0], mount(8, 0)].concat()));
        let whole = [Notice::Attach(1 << 31), Notice::Detach(7), Notice::Move(8)];
        let mut notices = Vec::new();
        events(&bytes, &mut notices);
        assert_eq!(notices, whole);
        for cut in 0..bytes.len() {
            let mut notices = Vec::new();
            events(&bytes[..cut], &mut notices);
            let is_boundary = [0, 36, 76].contains(&cut);
            assert_eq!(notices.contains(&Notice::Overflow), !is_boundary, "{cut}: {notices:?}");
        }
        let mut notices = Vec::new();
        events(&event(FAN_Q_OVERFLOW, &[]), &mut notices);
        events(&event(FAN_MNT_ATTACH, &[9, 0, 0, 0]), &mut notices);
        events(&event(1, &mount(1, 0)), &mut notices);
        assert_eq!(notices, [Notice::Overflow; 3]);
    }
}
