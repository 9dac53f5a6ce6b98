//! The settings of a recorder, made before it starts.

use super::error::Error;
use super::prior::PriorRecording;
use crate::kinds;
use crate::observation::{Capture, Watch};
use crate::recording::SyncPolicy;
use crate::source::{Clock, Cluster, Healing, Past, Timeouts};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What to record, where to, and for how long.
#[derive(Debug)]
pub struct Config {
    /// Whom to watch.
    pub cluster: Arc<Cluster>,
    /// What to watch.
    pub watches: Vec<Watch>,
    /// What to keep of objects.
    pub capture: Capture,
    /// Where to record.
    pub output: Output,
    /// When to fsync.
    pub sync: SyncPolicy,
    /// Written when every watch has attached.
    pub ready_file: Option<PathBuf>,
    /// When to stop by itself, counted from the attachment.
    pub length: Option<Duration>,
    /// What the last line says then.
    pub ended_by_length: &'static str,
    /// How long entries wait for their place.
    pub settle: Duration,
    /// How patient the watch loops are.
    pub pace: Timeouts,
    /// How much of what was not seen may be read back from the server's history.
    pub healing: Healing,
    /// What of the time before is read from there.
    pub past: HistoryPolicy,
    /// The clock of a story that is lived again; the real one when none.
    #[doc(hidden)]
    pub clock: Option<Clock>,
}

impl Config {
    /// Records these watches into a new file, as `statetrail record` does without flags.
    #[must_use]
    pub fn new(cluster: impl Into<Arc<Cluster>>, watches: Vec<Watch>, file: impl Into<PathBuf>) -> Self {
        Self::to(cluster, watches, Output::New(file.into()))
    }

    /// The same with another destination.
    #[must_use]
    pub fn to(cluster: impl Into<Arc<Cluster>>, watches: Vec<Watch>, output: Output) -> Self {
        Self {
            cluster: cluster.into(),
            watches,
            capture: Capture::Status,
            output,
            sync: SyncPolicy::EverySecond,
            ready_file: None,
            length: None,
            ended_by_length: "the time was over",
            settle: Duration::from_millis(200),
            pace: Timeouts::default(),
            healing: Healing::default(),
            past: HistoryPolicy::Beginnings,
            clock: None,
        }
    }

    /// Refuses watches of which a recording cannot be made.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (index, watch) in self.watches.iter().enumerate() {
            // What goes on was admitted when it began, by a program that knew fewer tracks perhaps.
            if !matches!(self.output, Output::Again(_)) {
                kinds::admit(watch, self.capture)?;
            }
            if self.watches[..index].contains(watch) {
                return Err(Error::Twice(watch.resource.to_string()));
            }
        }
        Ok(())
    }
}

/// What of the time before the recorder is read from the server's history.
#[derive(Clone, Copy, Debug, Default)]
pub enum HistoryPolicy {
    /// Nothing.
    #[default]
    Unseen,
    /// The beginnings of what is there.
    Beginnings,
    /// Everything for so long.
    Since(Duration),
}

impl HistoryPolicy {
    /// The same, counted from now.
    pub(super) fn at(self, now: jiff::Timestamp) -> Past {
        match self {
            Self::Unseen => Past::Unseen,
            Self::Beginnings => Past::Beginnings,
            Self::Since(length) => Past::Since(now.checked_sub(length).unwrap_or(jiff::Timestamp::UNIX_EPOCH)),
        }
    }
}

/// Where to record.
#[derive(Debug)]
pub enum Output {
    /// Nowhere: to look on only.
    Nowhere,
    /// Into a file that does not exist yet.
    New(PathBuf),
    /// Into a file that an earlier recorder left.
    Again(Box<PriorRecording>),
}

impl Output {
    /// The file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Nowhere => None,
            Self::New(path) => Some(path),
            Self::Again(earlier) => Some(earlier.writer.path()),
        }
    }
}
