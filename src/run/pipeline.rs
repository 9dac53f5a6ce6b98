//! From the sources' channel to the file and to the fold: two threads and bounded channels between them.
//!
//! When the disk stalls, at most this waits: 8 MiB of undecoded bytes per stream (`source::Depth` shows how many), 4
//! decoded batches of one read each, and 2 recorded batches of 1 MiB of objects. Then the sockets are not read any
//! more, and TCP tells the server. Lists are held whole while they are read.

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

/// What has come through so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// The watches, in the header's order.
    pub watches: Vec<Watched>,
    /// Objects that are or were.
    pub subjects: u64,
    /// Transitions of all tracks.
    pub transitions: u64,
    /// Marks.
    pub marks: u64,
    /// Versions of objects that were recorded as they came, and whose states could not be read.
    pub undecodable: u64,
    /// How full the queues between sockets and decoders are; alive, not a copy.
    pub depth: Arc<Depth>,
}

/// What has come through of one watch.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// It has delivered its initial state, or is known not to be served.
    pub attached: bool,
    /// The server does not serve it.
    pub absent: bool,
    /// Objects of lists and events.
    pub objects: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// Up to where it was recorded.
    pub version: Option<ResourceVersion>,
    /// Times it was taken up again without a loss.
    pub reconnects: u64,
    /// Spans that it lost.
    pub gaps: u64,
    /// Times that what it had lost was read back whole.
    pub healed: u64,
    /// How far back its past was read, if that was asked for.
    pub past: Option<Past>,
}

impl Progress {
    /// Shows where the watches are.
    pub(super) fn follow<'a>(&mut self, positions: impl Iterator<Item = &'a Position>) {
        for (watched, position) in self.watches.iter_mut().zip(positions) {
            *watched = Watched { past: watched.past.take(), ..Watched::from(position) };
        }
    }

    /// Counts what no position knows.
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
    /// Where observations go in. The pipeline ends when all senders are gone.
    pub input: mpsc::Sender<Vec<Observation>>,
    progress: watch::Sender<Progress>,
    recorder: JoinHandle<Result<Option<u64>, crate::recording::Error>>,
    folder: JoinHandle<Verification>,
}

/// What a pipeline leaves behind.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What came through.
    pub progress: Progress,
    /// What `verify` says of it.
    pub verified: Verified,
    /// Bytes of lines in the file, uncompressed.
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
        // Whoever made the channel may have put its queues' depth there.
        progress.send_modify(|progress| {
            progress.watches = vec![Watched::default(); verification.positions().count()];
            progress.follow(verification.positions());
            // What an earlier recorder had attached to, this one has still to attach to.
            progress.watches.iter_mut().for_each(|watched| watched.attached = false);
        });
        let recorder = writing::start(Inbox { lines, marks }, writer, numbered, clock.clone());
        let folder = folder::start(folding, fold, verification, settle, clock, progress.clone(), speaker);
        Self { input, progress, recorder, folder }
    }

    /// Waits until all has gone through; every other sender must be gone.
    ///
    /// # Errors
    /// When the file could not be written.
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
        // A writer cuts no line off, and what an earlier one cut off is gone.
        Ok(Finished { progress, verified: verification.finish(false), written_bytes })
    }
}
