//! What ends a run early.

use crate::expectation::Diagnostics;
use crate::{kinds, recording, source};
use std::io;
use std::path::PathBuf;

/// An error of a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An error of the cluster.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// An error in raw watch lines.
    #[error(transparent)]
    Import(#[from] source::import::Error),
    /// An error of the file.
    #[error(transparent)]
    Recording(#[from] recording::Error),
    /// A custom track is invalid.
    #[error(transparent)]
    Kinds(#[from] kinds::Error),
    /// The ready file cannot be written.
    #[error("cannot write the ready file {}", path.display())]
    Ready {
        /// The path of the file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Signals cannot be waited for.
    #[error("wait for signals")]
    Signals(#[source] io::Error),
    /// Two watches would deliver the same objects.
    #[error("{0} is given twice; name each object or resource once")]
    Twice(String),
    /// The terminal or the pipe is gone.
    #[error("cannot write to standard output")]
    Output(#[source] io::Error),
    /// Expectations name tracks that the watched objects do not have.
    #[error("{0}")]
    Expectations(Diagnostics),
    /// Expectations were added after the first entries, which are gone.
    #[error(
        "these expectations were added too late: earlier entries are gone and there is no file to read them from; add them before the start, or record into a file"
    )]
    NotKept,
    /// It was stopped before the recording began.
    #[error("stopped ({reason}) before the recording began: nothing was recorded")]
    Stopped {
        /// What stopped it.
        reason: &'static str,
    },
    /// The recorder has ended.
    #[error("the recorder has ended")]
    Ended,
}
