//! The thread that writes: observations are on their way to the disk before anybody interprets them.
//!
//! It flushes when nothing more is waiting, at the latest after 100 ms, and asks for an fsync every second.

use crate::observation::{Observation, What};
use crate::recording::{Error, Writer};
use crate::source::Clock;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

const FLUSH: Duration = Duration::from_millis(100);
const SYNC: Duration = Duration::from_secs(1);
/// What waits joins a batch up to so many observations, and so many bytes of objects: the channel behind is bounded in
/// batches.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 1 << 20;

/// Observations with their `seq`.
pub type Numbered = Vec<(u64, Observation)>;

/// Starts the thread. It ends when the channel closes, or with the first line that cannot be written.
pub fn start(
    mut inbox: Receiver<Vec<Observation>>,
    writer: Option<Writer>,
    outbox: SyncSender<Numbered>,
    clock: Clock,
) -> JoinHandle<Result<Option<u64>, Error>> {
    let runtime = Handle::current();
    std::thread::Builder::new()
        .name("recorder".to_owned())
        .spawn(move || {
            let mut recorder =
                Recorder { writer, numbered: Vec::new(), bytes: 0, next: 1, synced: Duration::ZERO, outbox };
            loop {
                match runtime.block_on(async { timeout(FLUSH, inbox.recv()).await }) {
                    Ok(Some(batch)) => recorder.take(batch)?,
                    Ok(None) => break,
                    Err(_) => {}
                }
                // Whatever waits already joins the batch.
                while recorder.numbered.len() < BATCH
                    && recorder.bytes < BATCH_BYTES
                    && let Ok(batch) = inbox.try_recv()
                {
                    recorder.take(batch)?;
                }
                recorder.flush(clock.now().elapsed)?;
            }
            recorder.writer.map(Writer::finish).transpose()
        })
        .expect("a thread can be started")
}

struct Recorder {
    /// None when nothing is kept (`watch` without a file).
    writer: Option<Writer>,
    numbered: Numbered,
    /// Bytes of their objects.
    bytes: usize,
    next: u64,
    synced: Duration,
    outbox: SyncSender<Numbered>,
}

impl Recorder {
    fn take(&mut self, batch: Vec<Observation>) -> Result<(), Error> {
        for observation in batch {
            let seq = match &mut self.writer {
                Some(writer) => writer.append(&observation)?,
                None => self.next,
            };
            self.next = seq + 1;
            if let What::Object(seen) = &observation.what {
                self.bytes += seen.object.json.get().len();
            }
            self.numbered.push((seq, observation));
        }
        Ok(())
    }

    fn flush(&mut self, now: Duration) -> Result<(), Error> {
        if let Some(writer) = &mut self.writer {
            writer.flush()?;
            if now.saturating_sub(self.synced) >= SYNC {
                writer.sync()?;
                self.synced = now;
            }
        }
        self.bytes = 0;
        if !self.numbered.is_empty() {
            // Nobody who folds any more is no reason to stop recording.
            let _ = self.outbox.send(std::mem::take(&mut self.numbered));
        }
        Ok(())
    }
}
