//! Stopping a recorder.

use super::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio_util::sync::CancellationToken;

/// Asks a recorder to stop: first with a fence, then at once.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    /// Requests a fence and the end.
    pub finish: CancellationToken,
    /// Requests the end without a fence.
    pub abort: CancellationToken,
    /// The end takes time, and that was said: from then on, the first signal ends it at once.
    pub(crate) announced: Arc<AtomicBool>,
    /// The recording has its end, and what is left waits for others.
    pub(crate) recorded: CancellationToken,
    /// Requests not to wait for others any longer.
    pub(crate) leave: CancellationToken,
    /// The reason, for the last line.
    pub reason: Arc<std::sync::OnceLock<&'static str>>,
}

impl Stop {
    /// Requests a fence and the end, with a reason.
    pub fn finish(&self, reason: &'static str) {
        let _ = self.reason.set(reason);
        self.finish.cancel();
    }

    /// The error when it was stopped before anything was recorded.
    pub(crate) fn before_the_start(&self) -> Error {
        Error::Stopped { reason: self.reason.get().copied().unwrap_or("finished") }
    }
}
