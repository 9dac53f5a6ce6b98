//! How full the queues of the streams are, and what is waited for when one is full.

use crate::observation::Stalls;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What a stream waits for before it takes anything more from its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Whether the storage is the one that was recorded.
    Storage,
    /// What history shows of the time before.
    History,
    /// The thread that writes.
    Writer,
}

/// What a stream waits for, as its socket sees it; nothing while it decodes.
#[derive(Debug, Default)]
pub(super) struct Waiting(AtomicU8);

impl Waiting {
    pub(super) fn set(&self, waits: Option<Waits>) {
        let number = match waits {
            None => 0,
            Some(Waits::Storage) => 1,
            Some(Waits::History) => 2,
            Some(Waits::Writer) => 3,
        };
        self.0.store(number, Relaxed);
    }

    fn get(&self) -> Option<Waits> {
        match self.0.load(Relaxed) {
            0 => None,
            1 => Some(Waits::Storage),
            2 => Some(Waits::History),
            _ => Some(Waits::Writer),
        }
    }
}

/// Why a full queue stops reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    Disk,
    Fold,
    Decoding,
    History,
    Storage,
}

/// How full the queues of all streams are.
#[derive(Debug, Default)]
pub struct Depth {
    queued_bytes: AtomicUsize,
    peak_bytes: AtomicUsize,
    is_folding: AtomicBool,
    /// How often a full queue stopped reading, by [`Cause`].
    stalls: [AtomicU64; 5],
}

impl Depth {
    /// Bytes that were received and not decoded yet.
    #[must_use]
    pub fn queued_bytes(&self) -> usize {
        self.queued_bytes.load(Relaxed)
    }

    /// The most bytes that ever waited.
    #[must_use]
    pub fn peak_bytes(&self) -> usize {
        self.peak_bytes.load(Relaxed)
    }

    /// How often a full queue stopped reading.
    #[must_use]
    pub fn stalls(&self) -> Stalls {
        let count = |cause| self.count(cause).load(Relaxed);
        Stalls {
            disk: count(Cause::Disk),
            fold: count(Cause::Fold),
            decoding: count(Cause::Decoding),
            history: count(Cause::History),
            storage: count(Cause::Storage),
        }
    }

    /// Sets whether the thread that writes waits for the fold.
    pub(crate) fn set_folding(&self, is_folding: bool) {
        self.is_folding.store(is_folding, Relaxed);
    }

    pub(super) fn queued(&self, bytes: usize) {
        let queued = self.queued_bytes.fetch_add(bytes, Relaxed) + bytes;
        self.peak_bytes.fetch_max(queued, Relaxed);
    }

    pub(super) fn left(&self, bytes: usize) {
        self.queued_bytes.fetch_sub(bytes, Relaxed);
    }

    /// Counts a full queue.
    pub(super) fn stalled(&self, waiting: &Waiting) -> Cause {
        let cause = self.cause(waiting);
        self.count(cause).fetch_add(1, Relaxed);
        cause
    }

    /// The queue is still full, perhaps for another reason than it seemed to be.
    pub(super) fn stalls_still(&self, waiting: &Waiting, cause: &mut Cause) {
        let seemed = std::mem::replace(cause, self.cause(waiting));
        self.count(seemed).fetch_sub(1, Relaxed);
        self.count(*cause).fetch_add(1, Relaxed);
    }

    fn cause(&self, waiting: &Waiting) -> Cause {
        match waiting.get() {
            None => Cause::Decoding,
            Some(Waits::Storage) => Cause::Storage,
            Some(Waits::History) => Cause::History,
            Some(Waits::Writer) if self.is_folding.load(Relaxed) => Cause::Fold,
            Some(Waits::Writer) => Cause::Disk,
        }
    }

    fn count(&self, cause: Cause) -> &AtomicU64 {
        &self.stalls[cause as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_is_counted_by_what_is_really_waited_for() {
        let (depth, waiting) = (Depth::default(), Waiting::default());
        let stall = |waits, times| {
            waiting.set(waits);
            (0..times).for_each(|_| _ = depth.stalled(&waiting));
        };
        stall(None, 1);
        stall(Some(Waits::Writer), 2);
        stall(Some(Waits::History), 3);
        stall(Some(Waits::Storage), 4);
        depth.set_folding(true);
        stall(Some(Waits::Writer), 5);
        // Only the thread that writes waits for the fold.
        stall(None, 6);
        stall(Some(Waits::History), 7);
        assert_eq!(depth.stalls(), Stalls { disk: 2, fold: 5, decoding: 7, history: 10, storage: 4 });
    }
}
