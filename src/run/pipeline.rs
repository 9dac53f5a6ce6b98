//! From the sources' channel to the file and to the fold: two threads and bounded channels between them.
//!
//! When the disk stalls, this much is buffered at most: 8 MiB of undecoded bytes per stream (`source::Depth` counts
//! them), 4 decoded batches of one read each, and 2 recorded batches of 1 MiB of objects; and 8 MiB of objects of each
//! stream that waits for history. Then the sockets are no longer read, and TCP slows down the server. Lists are held
//! completely while they are read.

use super::error::Error;
use super::folder;
use super::listener::Speaker;
use super::mark::Mark;
use super::progress::{Progress, Watched};
use super::writing::{self, Inbox, Outbox};
use crate::observation::Observation;
use crate::recording::{Verification, Verified, Writer};
use crate::source::Clock;
use crate::timeline::Fold;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Batches between the decoders and the recorder.
const BATCHES: usize = 4;
/// Batches between the recorder and the fold.
const FOLDING: usize = 2;

/// The running threads.
pub(super) struct Pipeline {
    /// The input for observations. The pipeline ends when all senders are dropped.
    pub input: mpsc::Sender<Vec<Observation>>,
    progress: watch::Sender<Progress>,
    recorder: JoinHandle<Result<Option<u64>, crate::recording::Error>>,
    folder: JoinHandle<Verification>,
}

/// The result of a pipeline.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What was recorded and folded.
    pub progress: Progress,
    /// The result of `verify` for the recording.
    pub verified: Verified,
    /// Bytes of lines in the file, uncompressed; none without a file.
    pub written_bytes: Option<u64>,
}

impl Pipeline {
    /// Starts the threads.
    #[must_use]
    pub(super) fn start(
        writer: Option<Writer>,
        fold: Fold,
        verification: Verification,
        settle: Duration,
        clock: Clock,
        (speaker, marks): (Speaker, mpsc::Receiver<Mark>),
        progress: watch::Sender<Progress>,
    ) -> Self {
        let (input, lines) = mpsc::channel(BATCHES);
        let (numbered, folding) = std::sync::mpsc::sync_channel(FOLDING);
        // The creator of the channel may have set the depth of its queues.
        progress.send_modify(|progress| {
            progress.watches = vec![Watched::default(); verification.positions().count()];
            progress.follow(verification.positions());
            // This recorder still has to attach to the watches that an earlier one had attached to.
            progress.watches.iter_mut().for_each(|watched| watched.attached = false);
        });
        let (depth, meters) = {
            let progress = progress.borrow();
            (Arc::clone(&progress.depth), Arc::clone(&progress.meters))
        };
        meters.of_queues(&input, FOLDING);
        writer.iter().for_each(|writer| meters.of_writer(writer, &clock));
        let outbox = Outbox { numbered, depth, meters };
        let recorder = writing::start(Inbox { lines, marks }, writer, outbox, clock.clone());
        let folder = folder::start(folding, fold, verification, settle, clock, progress.clone(), speaker);
        Self { input, progress, recorder, folder }
    }

    /// Waits until everything is processed; every other sender must be dropped.
    ///
    /// # Errors
    /// The file could not be written.
    pub(super) async fn finish(self) -> Result<Finished, Error> {
        let Self { input, progress, recorder, folder } = self;
        drop(input);
        let joined = tokio::task::spawn_blocking(move || {
            let recorded = recorder.join().expect("the recorder does not panic");
            (recorded, folder.join().expect("the fold does not panic"))
        });
        let (recorded, verification) = joined.await.expect("joining does not panic");
        let written_bytes = recorded?;
        let progress = progress.borrow().clone();
        // A writer truncates nothing, and what an earlier one truncated is gone.
        Ok(Finished { progress, verified: verification.finish(false), written_bytes })
    }
}
