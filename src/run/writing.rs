//! The thread that writes: observations are written before they are interpreted.
//!
//! It flushes when nothing more is waiting, and at the latest after 100 ms. With `--sync 1s` it requests an fsync every
//! second.

use super::mark::{HOLD, Mark, Marks};
use super::meters::Meters;
use super::parking;
use crate::observation::{Observation, Payload};
use crate::recording::{Error, Writer};
use crate::source::{Clock, Depth};
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::task::Poll;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::sync::oneshot;

const FLUSH: Duration = Duration::from_millis(100);
const SYNC: Duration = Duration::from_secs(1);
/// How often to check that the file is still at its path.
const LOOK: Duration = Duration::from_millis(250);
/// Waiting observations join a batch up to this many, and this many bytes of objects: the next channel is bounded in
/// batches.
const BATCH: usize = 512;
const BATCH_BYTES: usize = 1 << 20;

/// Observations with their `seq`.
pub(super) type Numbered = Vec<(u64, Observation)>;

/// The inputs of the thread.
pub(super) struct Inbox {
    /// Lines from the streams; the thread ends when all senders are dropped.
    pub lines: Receiver<Vec<Observation>>,
    /// Marks from the recorder's handle.
    pub marks: Receiver<Mark>,
}

/// The output of the thread.
pub(super) struct Outbox {
    /// The input of the fold.
    pub numbered: SyncSender<Numbered>,
    /// Where it shows that the fold is waited for.
    pub depth: Arc<Depth>,
    /// Where the queue to the fold is measured.
    pub meters: Arc<Meters>,
}

/// Starts the thread. It ends when the channel closes, or with the first line that cannot be written.
pub(super) fn start(
    mut inbox: Inbox,
    writer: Option<Writer>,
    outbox: Outbox,
    clock: Clock,
) -> JoinHandle<Result<Option<u64>, Error>> {
    std::thread::Builder::new()
        .name("recorder".to_owned())
        .spawn(move || {
            let mut writing = Writing {
                writer,
                numbered: Vec::new(),
                bytes: 0,
                next: 1,
                synced: Duration::ZERO,
                looked: Duration::ZERO,
                marks: Marks::default(),
                written: Vec::new(),
                outbox,
            };
            loop {
                let bound = if writing.marks.is_empty() { FLUSH } else { HOLD };
                let idle = match parking::wait(inbox.next(), bound, &clock) {
                    Some(Next::Lines(batch)) => {
                        writing.take(batch, &mut inbox.marks)?;
                        false
                    }
                    Some(Next::Mark(mark)) => {
                        writing.marks.push(mark);
                        false
                    }
                    Some(Next::Over) => break,
                    None => true,
                };
                // Everything that is already waiting joins the batch.
                while writing.numbered.len() < BATCH
                    && writing.bytes < BATCH_BYTES
                    && let Ok(batch) = inbox.lines.try_recv()
                {
                    writing.take(batch, &mut inbox.marks)?;
                }
                let now = clock.now().elapsed;
                while let Some(mark) = writing.marks.due(now, idle) {
                    writing.mark(mark)?;
                }
                writing.flush(now)?;
            }
            writing.writer.map(Writer::finish).transpose()
        })
        .expect("a thread can be started")
}

enum Next {
    Lines(Vec<Observation>),
    Mark(Mark),
    Over,
}

impl Outbox {
    fn send(&self, batch: Numbered) {
        self.meters.batch_sent();
        if let Err(TrySendError::Full(batch)) = self.numbered.try_send(batch) {
            self.depth.set_folding(true);
            // Recording continues even if the fold has ended.
            let _ = self.numbered.send(batch);
            self.depth.set_folding(false);
        }
    }
}

impl Inbox {
    fn next(&mut self) -> impl Future<Output = Next> {
        poll_fn(|context| {
            if let Poll::Ready(Some(mark)) = self.marks.poll_recv(context) {
                return Poll::Ready(Next::Mark(mark));
            }
            self.lines.poll_recv(context).map(|batch| batch.map_or(Next::Over, Next::Lines))
        })
    }
}

struct Writing {
    /// None when nothing is written (`watch` without a file).
    writer: Option<Writer>,
    numbered: Numbered,
    /// Bytes of objects in the batch.
    bytes: usize,
    next: u64,
    synced: Duration,
    looked: Duration,
    /// Marks that wait for their place.
    marks: Marks,
    /// Channels to notify that their marks are written.
    written: Vec<oneshot::Sender<()>>,
    outbox: Outbox,
}

impl Writing {
    /// Writes lines, and before them the marks that were requested before they came: the last line may be among them.
    fn take(&mut self, batch: Vec<Observation>, requested: &mut Receiver<Mark>) -> Result<(), Error> {
        while let Ok(mark) = requested.try_recv() {
            self.marks.push(mark);
        }
        for observation in batch {
            while let Some(mark) = self.marks.before(observation.stamp) {
                self.mark(mark)?;
            }
            self.line(observation)?;
        }
        Ok(())
    }

    fn mark(&mut self, mark: Mark) -> Result<(), Error> {
        let (observation, recorded) = mark.line();
        self.line(observation)?;
        self.written.push(recorded);
        Ok(())
    }

    fn line(&mut self, observation: Observation) -> Result<(), Error> {
        let seq = match &mut self.writer {
            Some(writer) => writer.append(&observation)?,
            None => self.next,
        };
        self.next = seq + 1;
        self.bytes += match &observation.payload {
            Payload::Object(seen) => seen.object.json.get().len(),
            Payload::Raw(raw) => raw.event.get().len(),
            _ => 0,
        };
        self.numbered.push((seq, observation));
        Ok(())
    }

    fn flush(&mut self, now: Duration) -> Result<(), Error> {
        if let Some(writer) = &mut self.writer {
            writer.flush()?;
            if now.saturating_sub(self.synced) >= SYNC {
                writer.sync()?;
                self.synced = now;
            }
            if now.saturating_sub(self.looked) >= LOOK {
                writer.check_place()?;
                self.looked = now;
            }
        }
        for written in self.written.drain(..) {
            // The receiver may be gone.
            let _ = written.send(());
        }
        self.bytes = 0;
        if !self.numbered.is_empty() {
            self.outbox.send(std::mem::take(&mut self.numbered));
        }
        Ok(())
    }
}
