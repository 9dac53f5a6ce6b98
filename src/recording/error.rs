//! What can go wrong with a recording file.

use std::io;
use std::path::PathBuf;

/// Trouble with a recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is there already.
    #[error("{} exists already; name another file, or continue it with --resume {}", path.display(), path.display())]
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// Another recorder writes it.
    #[error("{} is being written by another recorder; stop that one or name another file", path.display())]
    Busy {
        /// Which file.
        path: PathBuf,
    },
    /// It was made in another cluster.
    #[error("{} was recorded in another cluster ({theirs}) than the one reached now ({ours}); choose that one with --context, or record into another file", path.display())]
    OtherCluster {
        /// Which file.
        path: PathBuf,
        /// uid of its cluster.
        theirs: String,
        /// uid of this cluster.
        ours: String,
    },
    /// It cannot be opened.
    #[error("open recording {}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be written further; everything up to here is readable.
    #[error("write recording {} (what was written before stays readable{})", path.display(), if is_full(source) { "; free some space on the disk, then continue with --resume" } else { "" })]
    Write {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It cannot be read further.
    #[error("read recording {name}")]
    Read {
        /// Which file.
        name: String,
        /// Why.
        source: io::Error,
    },
    /// It has no header.
    #[error(
        "{name} is not a statetrail recording: its first line is no header; raw watch lines become one with `statetrail import`"
    )]
    NotARecording {
        /// Which file.
        name: String,
    },
    /// It was written in another format.
    #[error(
        "{name} has format `{found}`, this statetrail reads `{ours}`; use the statetrail that wrote it, or a newer one"
    )]
    Version {
        /// Which file.
        name: String,
        /// What its header says.
        found: String,
        /// What is read here.
        ours: &'static str,
    },
    /// A line does not say what it must.
    #[error("{name}:{line}: not a line of a recording")]
    Line {
        /// Which file.
        name: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// A line lacks a member that its type needs.
    #[error("{name}:{line}: {kind} without `{member}`")]
    Member {
        /// Which file.
        name: String,
        /// Which line, from 1.
        line: u64,
        /// Its type.
        kind: String,
        /// What is missing.
        member: &'static str,
    },
    /// The checksum chain is broken.
    #[error(
        "{name}:{line}: the checksum does not follow from the lines before: a line was removed, moved or altered here; `statetrail verify` tells more"
    )]
    Altered {
        /// Which file.
        name: String,
        /// Which line, from 1.
        line: u64,
    },
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}
