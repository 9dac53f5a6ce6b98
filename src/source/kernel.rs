//! What wakes the watch of a source that reads queues of the kernel, and what reads its files.

use super::clock::until;
use super::delivery::Delivery;
use super::error::Error;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How often the queues are read if nothing wakes the recorder: an event happened at most this long before its line, unless
/// the recorder did not run.
const AT_LEAST: Duration = Duration::from_millis(50);

/// Bytes that are read at once of a file of the kernel: it says no size.
const AT_ONCE: usize = 32 << 10;

/// All of a file of the kernel, with as few calls as that takes.
///
/// # Errors
/// It cannot be read.
pub(super) fn whole(file: impl AsFd) -> Result<Vec<u8>, Errno> {
    let mut bytes = Vec::with_capacity(AT_ONCE);
    loop {
        match read(&file, spare_capacity(&mut bytes)) {
            Ok(0) => return Ok(bytes),
            Ok(_) => bytes.reserve(AT_ONCE / 2),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
}

/// A descriptor that is ready when there is something to read.
#[derive(Debug)]
pub(super) struct Woken(AsyncFd<OwnedFd>);

impl Woken {
    /// Waits for a descriptor.
    ///
    /// # Errors
    /// The kernel refuses it.
    #[expect(
        deprecated,
        reason = "the other constructor is unsafe; what it asks for is what an owned descriptor promises"
    )]
    pub(super) fn by(ready: BorrowedFd<'_>) -> Result<Self, Error> {
        let descriptor = ready.try_clone_to_owned().map_err(Error::Descriptor)?;
        AsyncFd::with_interest(descriptor, Interest::READABLE).map(Self).map_err(Error::Descriptor)
    }

    /// Waits until there is something to read, or something is asked, and for a moment at most.
    pub(super) async fn wait(&self, delivery: &mut Delivery) {
        let held = delivery.held_until().map(|until| until.saturating_sub(delivery.now().elapsed));
        let deadline = delivery.settings().clock.after(held.map_or(AT_LEAST, |held| held.min(AT_LEAST)));
        tokio::select! {
            biased;
            () = delivery.woken() => {}
            woken = self.0.readable() => {
                // Whatever comes after this wakes it again.
                if let Ok(mut woken) = woken { woken.clear_ready() }
            }
            () = until(Some(deadline)) => {}
        }
    }
}
