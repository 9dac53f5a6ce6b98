//! From the sources' channel to the file and to the fold: two threads and bounded channels between them.
//!
//! When the disk stalls, this much is buffered at most: 8 MiB of undecoded bytes per stream (`source::Depth` counts
//! them), 4 decoded batches of one read each, and 2 recorded batches of 1 MiB of objects. Then the sockets are no
//! longer read, and TCP slows down the server. Lists are held completely while they are read.

use super::error::Error;
use super::folder;
use super::listener::Speaker;
use super::mark::Mark;
use super::writing::{self, Inbox};
use crate::observation::{Observation, Past, Payload, Position, ResourceVersion};
use crate::recording::{Verification, Verified, Writer};
use crate::source::{Clock, Depth};
use crate::timeline::Fold;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Batches between the decoders and the recorder.
const BATCHES: usize = 4;
/// Batches between the recorder and the fold.
const FOLDING: usize = 2;

/// What has been recorded and folded so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The watches, in the header's order.
    pub watches: Vec<Watched>,
    /// Objects that exist or existed.
    pub subjects: u64,
    /// Transitions on all tracks.
    pub transitions: u64,
    /// Marks.
    pub marks: u64,
    /// Versions of objects that were recorded but whose states could not be read.
    pub undecodable: u64,
    /// How full the queues between sockets and decoders are; shared, not a copy.
    pub depth: Arc<Depth>,
}

/// What has been recorded of one watch.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// True when it has delivered its initial state, or is known not to be served.
    pub attached: bool,
    /// True when the server does not serve it.
    pub absent: bool,
    /// Objects in lists and events.
    pub objects: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// The version up to which it was recorded.
    pub version: Option<ResourceVersion>,
    /// The number of reconnections without a loss.
    pub reconnects: u64,
    /// The number of gaps.
    pub gaps: u64,
    /// The number of losses that were read back completely.
    pub healed: u64,
    /// How far back its past was read, if that was requested.
    pub past: Option<Past>,
}

impl Progress {
    /// Updates the positions of the watches.
    pub(super) fn follow<'a>(&mut self, positions: impl Iterator<Item = &'a Position>) {
        for (watched, position) in self.watches.iter_mut().zip(positions) {
            *watched = Watched { past: watched.past.take(), ..Watched::from(position) };
        }
    }

    /// Counts what positions do not include.
    pub(super) fn count(&mut self, what: &Payload) {
        match what {
            Payload::Mark { .. } => self.marks += 1,
            Payload::Past(past) => {
                let watched = self.watches.get_mut(usize::from(past.watch));
                watched.into_iter().for_each(|watched| watched.past = Some(past.clone()));
            }
            _ => {}
        }
    }

    /// True when every watch has delivered its initial state.
    #[must_use]
    pub fn is_attached(&self) -> bool {
        !self.watches.is_empty() && self.watches.iter().all(|watched| watched.attached)
    }

    /// Objects of all watches.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.watches.iter().map(|watched| watched.objects).sum()
    }
}

impl From<&Position> for Watched {
    fn from(position: &Position) -> Self {
        let counts = position.counts();
        Self {
            attached: position.is_attached(),
            absent: position.is_away(),
            objects: counts.events,
            undecodable: counts.undecodable,
            version: position.version().cloned(),
            reconnects: counts.reconnects,
            gaps: counts.gaps,
            healed: counts.healed,
            past: None,
        }
    }
}

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
        let recorder = writing::start(Inbox { lines, marks }, writer, numbered, clock.clone());
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
