//! What wakes the watch of a source that reads queues of the kernel.

use super::clock::until;
use super::delivery::Delivery;
use super::error::Error;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How often the queues are read if nothing wakes the recorder: an event happened at most this long before its line, unless
/// the recorder did not run.
const AT_LEAST: Duration = Duration::from_millis(50);

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
        let deadline = delivery.settings().clock.after(AT_LEAST);
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
