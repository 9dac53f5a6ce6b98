//! The keys of the terminal, read by a thread of its own, which ends when the terminal is closed.

use super::decode::Decoder;
use ratatui::crossterm::event::KeyEvent;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, BorrowedFd};
use tokio::sync::mpsc;

/// Most keys that wait.
const QUEUE: usize = 64;
/// How long the rest of a key may take. A terminal sends it at once, but a network may divide it.
const REST: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Reads keys from now on; the channel is closed with the terminal.
///
/// # Errors
/// There is no terminal.
pub(super) fn keys() -> io::Result<mpsc::Receiver<KeyEvent>> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    // Standard input may be the recording.
    let other = if io::stdin().is_terminal() { None } else { Some(File::open("/dev/tty")?) };
    std::thread::spawn(move || match &other {
        Some(terminal) => pass(terminal.as_fd(), &sender),
        None => pass(rustix::stdio::stdin(), &sender),
    });
    Ok(receiver)
}

/// Passes on keys until the terminal is closed, or none are wanted.
fn pass(terminal: BorrowedFd<'_>, keys: &mpsc::Sender<KeyEvent>) -> Option<()> {
    let mut decoder = Decoder::default();
    let mut bytes = [0; 256];
    loop {
        let mut polled = [PollFd::from_borrowed_fd(terminal, PollFlags::IN)];
        let decoded = match poll(&mut polled, decoder.is_waiting().then_some(&REST)) {
            Err(Errno::INTR) => continue,
            Err(_) => return None,
            Ok(0) => decoder.end().into_iter().collect(),
            Ok(_) => match read(terminal, &mut bytes) {
                Err(Errno::INTR) => continue,
                Ok(length @ 1..) => decoder.push(&bytes[..length]),
                _ => return None,
            },
        };
        for key in decoded {
            keys.blocking_send(key).ok()?;
        }
    }
}
