//! The configuration of a recorder.

use super::error::Error;
use super::prior::PriorRecording;
use crate::kinds;
use crate::observation::{Capture, Watch};
use crate::recording::SyncPolicy;
use crate::source::{Clock, Cluster, Healing, Past, Timeouts};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What to record, where, and for how long.
#[derive(Debug)]
pub struct Config {
    /// The cluster.
    pub cluster: Arc<Cluster>,
    /// The watches.
    pub watches: Vec<Watch>,
    /// Which fields of objects to keep.
    pub capture: Capture,
    /// Where to record.
    pub output: Output,
    /// When to fsync.
    pub sync: SyncPolicy,
    /// A file to create when every watch has attached.
    pub ready_file: Option<PathBuf>,
    /// When to stop, counted from the attachment; none for no limit.
    pub length: Option<Duration>,
    /// The reason in the last line when `length` is over.
    pub ended_by_length: &'static str,
    /// How long entries wait for those of other streams.
    pub settle: Duration,
    /// The timeouts of the watch loops.
    pub pace: Timeouts,
    /// The limits for reading missed versions back from the server's history.
    pub healing: Healing,
    /// What to read of the time before the recording.
    pub past: HistoryPolicy,
    /// Facts about where the recording is made, which expectations may require: `crictl` is `1.30.0`.
    pub facts: BTreeMap<String, String>,
    /// The clock of a replayed scenario; none for the real one.
    #[doc(hidden)]
    pub clock: Option<Clock>,
}

impl Config {
    /// Records these watches into a new file, with the defaults of `statetrail record`.
    #[must_use]
    pub fn new(cluster: impl Into<Arc<Cluster>>, watches: Vec<Watch>, file: impl Into<PathBuf>) -> Self {
        Self::to(cluster, watches, Output::New(file.into()))
    }

    /// The same with another output.
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
            facts: BTreeMap::new(),
            clock: None,
        }
    }

    /// True when a watch is of the cluster; otherwise that is not talked to.
    pub(super) fn is_of_cluster(&self) -> bool {
        self.watches.iter().any(Watch::is_served)
    }

    /// Rejects watches that cannot be recorded.
    pub(super) fn check(&self) -> Result<(), Error> {
        for (index, watch) in self.watches.iter().enumerate() {
            // A resumed recording was accepted when it began, perhaps by a version that declared fewer tracks.
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

/// What to read of the time before the recording from the server's history.
#[derive(Clone, Copy, Debug, Default)]
pub enum HistoryPolicy {
    /// Nothing.
    #[default]
    Unseen,
    /// The beginnings of existing objects.
    Beginnings,
    /// Everything in this period before the start.
    Since(Duration),
}

impl HistoryPolicy {
    /// The same as an absolute time, counted from `now`.
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
    /// Nowhere; entries only go to listeners.
    Nowhere,
    /// Into a file that does not exist yet.
    New(PathBuf),
    /// Into the file of an earlier recorder.
    Again(Box<PriorRecording>),
}

impl Output {
    /// The path of the file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Nowhere => None,
            Self::New(path) => Some(path),
            Self::Again(earlier) => Some(earlier.writer.path()),
        }
    }
}
