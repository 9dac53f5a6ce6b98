//! What ends a run before its time.

use crate::expectation::Diagnostics;
use crate::{kinds, recording, source};
use std::io;
use std::path::PathBuf;

/// Trouble of a run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// With the cluster.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// With raw watch lines.
    #[error(transparent)]
    Import(#[from] source::import::Error),
    /// With the file.
    #[error(transparent)]
    Recording(#[from] recording::Error),
    /// With a track of the user's own.
    #[error(transparent)]
    Kinds(#[from] kinds::Error),
    /// The ready file cannot be written.
    #[error("write the ready file {}", path.display())]
    Ready {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Signals cannot be waited for.
    #[error("wait for signals")]
    Signals(#[source] io::Error),
    /// Two watches would deliver the same objects.
    #[error("{0} is asked for twice; name each object or resource once")]
    Twice(String),
    /// The terminal or the pipe is gone.
    #[error("write to standard output")]
    Output(#[source] io::Error),
    /// Expectations speak of tracks that what is watched does not have.
    #[error("{0}")]
    Expectations(Diagnostics),
    /// Expectations came after the first entries, and those are gone.
    #[error(
        "these expectations came too late: nothing is recorded in a file, and earlier entries are gone; give them before the start, or record into a file"
    )]
    NotKept,
    /// It was stopped before there was anything to end.
    #[error("stopped ({reason}) before the recording began: nothing was recorded")]
    Stopped {
        /// Who or what stopped it.
        reason: &'static str,
    },
    /// The recorder has ended.
    #[error("the recorder has ended")]
    Ended,
}
