//! What a recorder measures of itself while it runs: how far it is behind, what it writes, how full its queues are.

use crate::meter::{Counted, DELAYS, Histogram, Timer};
use crate::observation::{Observation, WatchId};
use crate::recording::Writer;
use crate::source::Clock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::mpsc::{Sender, WeakSender};

/// The measurements of one recorder.
#[derive(Debug)]
pub(crate) struct Meters {
    watches: Box<[OfWatch]>,
    fsyncs: Arc<Histogram>,
    written_bytes: OnceLock<Arc<AtomicU64>>,
    /// Batches between the thread that writes and the fold.
    folding: AtomicUsize,
    decoded: OnceLock<WeakSender<Vec<Observation>>>,
    /// How many batches can wait to be written, and to be folded.
    capacities: OnceLock<(usize, usize)>,
}

/// The measurements of one watch.
#[derive(Debug)]
struct OfWatch {
    lag: Histogram,
    healed: AtomicU64,
}

/// A bounded queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filling {
    /// What waits.
    pub depth: usize,
    /// The most that can wait.
    pub capacity: usize,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Meters {
    /// Those of a recorder with this many watches.
    pub(super) fn new(watches: usize) -> Self {
        let of_watch = || OfWatch { lag: Histogram::new(DELAYS), healed: AtomicU64::new(0) };
        Self {
            watches: (0..watches).map(|_| of_watch()).collect(),
            fsyncs: Arc::new(Histogram::new(DELAYS)),
            written_bytes: OnceLock::new(),
            folding: AtomicUsize::new(0),
            decoded: OnceLock::new(),
            capacities: OnceLock::new(),
        }
    }

    /// Measures what is written.
    pub(super) fn of_writer(&self, writer: &Writer, clock: &Clock) {
        let clock = clock.clone();
        writer.time_syncs(Timer::new(Arc::clone(&self.fsyncs), move || clock.played()));
        // There is one writer.
        let _ = self.written_bytes.set(writer.written());
    }

    /// Measures the queue between the decoders and the thread that writes, and the one between that and the fold.
    pub(super) fn of_queues(&self, decoded: &Sender<Vec<Observation>>, folding: usize) {
        let _ = self.decoded.set(decoded.downgrade());
        let _ = self.capacities.set((decoded.max_capacity(), folding));
    }

    /// A version of an object was folded this long after its receipt.
    pub(super) fn folded(&self, watch: WatchId, lag: Duration, is_healed: bool) {
        let Some(watch) = self.watches.get(usize::from(watch)) else { return };
        if is_healed {
            watch.healed.fetch_add(1, Relaxed);
        } else {
            watch.lag.observe(lag);
        }
    }

    /// A batch is on its way to the fold.
    pub(super) fn batch_sent(&self) {
        self.folding.fetch_add(1, Relaxed);
    }

    /// The fold has taken a batch.
    pub(super) fn batch_taken(&self) {
        self.folding.fetch_sub(1, Relaxed);
    }

    /// How long after their receipt the versions of a watch were folded.
    pub(crate) fn lag(&self, watch: usize) -> Option<Counted> {
        self.watches.get(watch).map(|watch| watch.lag.counted())
    }

    /// How many versions of a watch were read back from history.
    pub(crate) fn healed(&self, watch: usize) -> u64 {
        self.watches.get(watch).map_or(0, |watch| watch.healed.load(Relaxed))
    }

    /// How long each fsync took.
    pub(crate) fn fsyncs(&self) -> Counted {
        self.fsyncs.counted()
    }

    /// Bytes that were written to the file.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written_bytes.get().map_or(0, |bytes| bytes.load(Relaxed))
    }

    /// Batches of decoded lines that wait to be written.
    pub(crate) fn decoded(&self) -> Filling {
        let queue = self.decoded.get().and_then(WeakSender::upgrade);
        let (capacity, _) = self.capacities();
        Filling { depth: queue.map_or(0, |queue| capacity - queue.capacity()), capacity }
    }

    /// Batches of recorded lines that wait to be folded.
    pub(crate) fn recorded(&self) -> Filling {
        let (_, capacity) = self.capacities();
        // One more may wait for a place.
        Filling { depth: self.folding.load(Relaxed).min(capacity), capacity }
    }

    fn capacities(&self) -> (usize, usize) {
        self.capacities.get().copied().unwrap_or_default()
    }
}
