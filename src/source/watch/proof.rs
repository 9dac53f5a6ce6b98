//! The proof, on request, that everything up to a moment was recorded, while the watch goes on.
//!
//! It is that of the [`Fence`], and recorded like a bookmark that the server sent at that moment. Without it, a quiet
//! watch is known to be complete only up to its last bookmark, which may be a minute old. If it cannot be had in time,
//! nothing is recorded, and the next bookmark says as much.

use super::fence::Fence;
use jiff::Timestamp;
use std::time::Duration;

/// The requested proof.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// It is to be begun, once the stream is followed.
    pub is_wanted: bool,
    /// The one that was begun, and when its list was requested: that moment is proven.
    pub begun: Option<(Fence, Timestamp)>,
}

impl Proof {
    /// When it must be looked at.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.begun.as_ref().map(|(fence, _)| fence.wakes_at())
    }

    /// The proof that was begun.
    pub(super) fn fence(&mut self) -> Option<&mut Fence> {
        self.begun.as_mut().map(|(fence, _)| fence)
    }
}
