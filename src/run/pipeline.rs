//! From the sources' channel to the file and to the fold: two threads and bounded channels between them.
//!
//! When the disk stalls, at most this waits: 8 MiB of undecoded bytes per stream (`source::Depth` shows how many), 4
//! decoded batches of one read each, and 2 recorded batches of 1 MiB of objects. Then the sockets are not read any more,
//! and TCP tells the server. Lists are held whole while they are read.

use super::error::Error;
use super::folder;
use super::listener::Speaker;
use super::mark::Mark;
use super::writing::{self, Inbox};
use crate::observation::{Change, Observation, Past, ResourceVersion, What};
use crate::recording::Writer;
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
    /// Times it lost something.
    pub gaps: u64,
    /// Times that what it had lost was read back whole.
    pub healed: u64,
    /// How far back its past was read, if that was asked for.
    pub past: Option<Past>,
    /// Whether the fence found all of it; none before.
    pub fenced: Option<bool>,
}

impl Progress {
    /// Counts an observation.
    pub fn count(&mut self, what: &What) {
        if matches!(what, What::Mark { .. }) {
            self.marks += 1;
        }
        let Some(watched) = what.watch().and_then(|id| self.watches.get_mut(usize::from(id))) else { return };
        match what {
            What::Object(seen) => {
                watched.objects += 1;
                if seen.change != Change::Listed && !seen.healed {
                    watched.version = Some(seen.object.resource_version.clone());
                }
            }
            What::Bookmark { resource_version, .. } => watched.version = Some(resource_version.clone()),
            What::Gap(_) => watched.gaps += 1,
            What::Healed(healed) => {
                watched.healed += 1;
                watched.version = Some(healed.to_resource_version.clone());
            }
            What::Past(past) => watched.past = Some(past.clone()),
            What::Undecodable(_) => {
                watched.gaps += 1;
                watched.undecodable += 1;
            }
            What::Fence(fence) => watched.fenced = Some(fence.whole),
            What::Attached(attached) => {
                (watched.attached, watched.absent) = (true, false);
                watched.version = Some(attached.resource_version.clone());
            }
            What::NotServed { .. } => (watched.attached, watched.absent) = (true, true),
            // Its stream lives, so it has attached, now or in the life of an earlier recorder.
            What::Reconnected(_) => {
                watched.reconnects += 1;
                (watched.attached, watched.absent) = (true, false);
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
    /// Starts the threads.
    #[must_use]
    pub fn start(
        writer: Option<Writer>,
        fold: Fold,
        watches: usize,
        settle: Duration,
        clock: Clock,
        (speaker, marks): (Speaker, mpsc::Receiver<Mark>),
        progress: watch::Sender<Progress>,
    ) -> Self {
        let (input, lines) = mpsc::channel(BATCHES);
        let (numbered, folding) = std::sync::mpsc::sync_channel(FOLDING);
        // Whoever made the channel may have put its queues' depth there.
        progress.send_modify(|progress| progress.watches = vec![Watched::default(); watches]);
        let recorder = writing::start(Inbox { lines, marks }, writer, numbered, clock.clone());
        let folder = folder::start(folding, fold, settle, clock, progress.clone(), speaker);
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
