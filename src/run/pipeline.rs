//! From the sources' channel to the file and to the fold: two threads and bounded channels between them.

use super::error::Error;
use super::folder::{self, Sink};
use super::recorder;
use crate::observation::{Observation, What};
use crate::recording::Writer;
use crate::source::Clock;
use crate::timeline::Fold;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Batches between the decoders and the recorder.
const BATCHES: usize = 16;
/// Batches between the recorder and the fold.
const FOLDING: usize = 16;

/// What has come through so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// For each watch, whether it has delivered its initial state, or is known not to be served.
    pub attached: Vec<bool>,
    /// For each watch, whether it is not served.
    pub absent: Vec<bool>,
    /// Objects of watches and lists.
    pub objects: u64,
    /// Streams taken up again without a loss.
    pub reconnects: u64,
    /// Streams that lost something.
    pub gaps: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// Watches that were fenced, and those that could not be proven whole, with what is missing.
    pub fenced: usize,
    /// Why watches were not proven whole.
    pub unfenced: Vec<String>,
    /// Entries of the timeline.
    pub entries: u64,
}

impl Progress {
    /// Counts an observation.
    pub fn count(&mut self, what: &What) {
        match what {
            What::Object(_) => self.objects += 1,
            What::Gap(_) => self.gaps += 1,
            What::Undecodable(_) => self.undecodable += 1,
            What::Fence(fence) if fence.whole => self.fenced += 1,
            What::Fence(fence) => self.unfenced.push(fence.missing.clone()),
            What::Attached(attached) => {
                self.absent[usize::from(attached.watch)] = false;
                self.attached[usize::from(attached.watch)] = true;
            }
            // Its stream lives, so it has attached, now or in the life of an earlier recorder.
            What::Reconnected(reconnected) => {
                self.reconnects += 1;
                self.attached[usize::from(reconnected.watch)] = true;
            }
            What::NotServed { watch } => {
                self.absent[usize::from(*watch)] = true;
                self.attached[usize::from(*watch)] = true;
            }
            _ => {}
        }
    }

    /// True when every watch has delivered its initial state.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        !self.attached.is_empty() && self.attached.iter().all(|attached| *attached)
    }
}

/// The running threads.
pub struct Pipeline {
    /// Where observations go in. The pipeline ends when all senders are gone.
    pub input: mpsc::Sender<Vec<Observation>>,
    progress: watch::Sender<Progress>,
    recorder: JoinHandle<Result<Option<u64>, crate::recording::Error>>,
    folder: JoinHandle<()>,
}

/// What a pipeline leaves behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What came through.
    pub progress: Progress,
    /// Bytes of lines in the file, uncompressed.
    pub written_bytes: Option<u64>,
}

impl Pipeline {
    /// Starts the threads; must be called within a tokio runtime.
    #[must_use]
    pub fn start(
        writer: Option<Writer>,
        fold: Fold,
        watches: usize,
        settle: Duration,
        clock: Clock,
        sink: Sink,
        progress: watch::Sender<Progress>,
    ) -> Self {
        let (input, inbox) = mpsc::channel(BATCHES);
        let (numbered, folding) = std::sync::mpsc::sync_channel(FOLDING);
        progress.send_replace(Progress {
            attached: vec![false; watches],
            absent: vec![false; watches],
            ..Progress::default()
        });
        let recorder = recorder::start(inbox, writer, numbered, clock);
        let folder = folder::start(folding, fold, settle, clock, progress.clone(), sink);
        Self { input, progress, recorder, folder }
    }

    /// Waits until all has gone through; every other sender must be gone.
    ///
    /// # Errors
    /// When the file could not be written.
    pub async fn finish(self) -> Result<Finished, Error> {
        let Self { input, progress, recorder, folder } = self;
        drop(input);
        let joined = tokio::task::spawn_blocking(move || {
            let recorded = recorder.join().expect("the recorder does not panic");
            folder.join().expect("the fold does not panic");
            recorded
        });
        let written_bytes = joined.await.expect("joining does not panic")?;
        let progress = progress.borrow().clone();
        Ok(Finished { progress, written_bytes })
    }
}
