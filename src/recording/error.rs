//! Errors of recording files.

use super::input::is_dash;
use std::io;
use std::path::{Path, PathBuf};

/// An error of a recording.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file already exists.
    #[error("{} already exists; use another file, or resume it with --resume {}", path.display(), path.display())]
    Exists {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
    },
    /// Another recorder is writing it.
    #[error("{} is being written by another recorder; stop that one or use another file", path.display())]
    Busy {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
    },
    /// It was recorded in another cluster.
    #[error(
        "{} was recorded in another cluster ({theirs}) than the current one ({ours}); select its cluster with \
         --context, or record to another file",
        path.display()
    )]
    OtherCluster {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
        /// uid of kube-system in the recording's cluster.
        theirs: String,
        /// uid of kube-system in the cluster that is to be recorded.
        ours: String,
    },
    /// It cannot be opened.
    #[error("cannot open recording {}{}", path.display(), no_folder(path))]
    Open {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Writing failed; everything before stays readable.
    #[error("{}", unwritten(path, source))]
    Write {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The file was removed, replaced or cut while it was being written.
    #[error(
        "recording {} {what} while it was being written, so it is not complete; record again, to a file that no \
         other program modifies",
        path.display()
    )]
    TakenAway {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
        /// What happened to it.
        what: String,
    },
    /// It was imported, so its cluster is unknown.
    #[error(
        "{} was imported, so its cluster is unknown and it cannot be resumed; record to another file",
        path.display()
    )]
    Imported {
        /// Path or name of the recording, as it was given.
        path: PathBuf,
    },
    /// Reading failed.
    #[error("cannot read line {line} of recording {name}; {}copy the file again from its source", if *line > 1 { "the lines before it are intact; " } else { "" })]
    Read {
        /// Path or name of the recording, as it was given.
        name: String,
        /// Number of the line that cannot be read, counted from 1, the header's.
        line: u64,
        /// The error of the operating system.
        source: io::Error,
    },
    /// It has no header.
    #[error(
        "{name} is not a statetrail recording: its first line is not a header; raw watch lines become one with \
         `statetrail import`"
    )]
    NotARecording {
        /// Path or name of the recording, as it was given.
        name: String,
    },
    /// It is compressed with gzip.
    #[error("{name} is compressed with gzip, but recordings are plain or zstd; run `gunzip` on it")]
    Gzip {
        /// Path or name of the recording, as it was given.
        name: String,
    },
    /// It is truncated before its header ends.
    #[error(
        "{name} is truncated in its first line, so nothing in it can be read; copy the file again from its source, or record again"
    )]
    Headless {
        /// Path or name of the recording, as it was given.
        name: String,
    },
    /// There is nothing in it.
    #[error("{name} is empty; use the file that was recorded")]
    Empty {
        /// Path or name of the recording, as it was given.
        name: String,
    },
    /// It was written in another format.
    #[error(
        "{name} has format `{found}`, this statetrail reads `{ours}`; use the statetrail that wrote it, or a newer one"
    )]
    Version {
        /// Path or name of the recording, as it was given.
        name: String,
        /// `format` in its header.
        found: String,
        /// The format that this version reads.
        ours: &'static str,
    },
    /// A line cannot be interpreted.
    #[error(
        "{name}:{line}: this line cannot be read, although its checksum is right: {problem}; a newer statetrail or \
         another program wrote it: use that one (`tool` in line 1 names it){}",
        kept(*line, name, *is_zst)
    )]
    Line {
        /// Path or name of the recording, as it was given.
        name: String,
        /// Number of the line in the file, counted from 1, the header's.
        line: u64,
        /// What is wrong with it, without any of its values.
        problem: String,
        /// The file is compressed.
        is_zst: bool,
    },
    /// The checksum chain is broken.
    #[error(
        "{name}:{line}: {}, but {found:08x} follows from the lines before: a line was removed, moved or altered here; \
         {}; copy the file again from its source{}",
        carried.map_or("the line ends without a checksum".to_owned(), |crc| format!("its checksum is {crc:08x}")),
        before(*good),
        kept(*good + 1, name, *is_zst)
    )]
    Altered {
        /// Path or name of the recording, as it was given.
        name: String,
        /// Number of the line in the file, counted from 1, the header's.
        line: u64,
        /// How many lines before it are intact.
        good: u64,
        /// The checksum in the line; none when there is none.
        carried: Option<u32>,
        /// The checksum that follows from the lines before.
        found: u32,
        /// The file is compressed.
        is_zst: bool,
    },
}

impl Error {
    /// Number of the line at which reading stopped, counted from 1, the header's, and how many lines before it are
    /// good; none where there is no such line.
    #[must_use]
    pub fn place(&self) -> Option<(u64, u64)> {
        match self {
            Self::Read { line, .. } | Self::Line { line, .. } => Some((*line, line.saturating_sub(1))),
            Self::Altered { line, good, .. } => Some((*line, *good)),
            _ => None,
        }
    }

    /// True when the recording went to standard output, whose reader closed the pipe.
    #[must_use]
    pub(crate) fn is_closed_pipe(&self) -> bool {
        let Self::Write { path, source } = self else { return false };
        is_dash(path) && source.kind() == io::ErrorKind::BrokenPipe
    }
}

/// Says how many lines before it are intact.
fn before(good: u64) -> String {
    match good {
        0 => "it is the first line".to_owned(),
        1 => "the line before it is intact".to_owned(),
        many => format!("the {many} lines before it are intact"),
    }
}

/// Says how to keep the lines before one that cannot be read.
fn kept(line: u64, name: &str, is_zst: bool) -> String {
    let good = line.saturating_sub(1);
    let lines = match good {
        0 => return String::new(),
        1 => "line before it".to_owned(),
        many => format!("{many} lines before it"),
    };
    let command = if is_zst { format!("zstd -dcf {name} | head -n {good}") } else { format!("head -n {good}") };
    format!(", or keep the {lines} (`{command}`)")
}

/// What could not be written. A pipe is not resumed.
fn unwritten(path: &Path, error: &io::Error) -> String {
    if is_dash(path) {
        return "cannot write the recording to standard output".to_owned();
    }
    format!("cannot write recording {} (what was written before stays readable{})", path.display(), remedy(error))
}

fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; free some space on the disk, then resume it with --resume"
        }
        io::ErrorKind::FileTooLarge => "; raise the file size limit (`ulimit -f`), then resume it with --resume",
        _ => "",
    }
}

/// The missing directory of the path, if it does not exist.
fn no_folder(path: &Path) -> String {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => {
            format!(": directory {} does not exist", folder.display())
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use crate::recording::Reader;
    use std::io;
    use std::path::Path;

    #[test]
    fn a_gzipped_recording_is_named_as_such() {
        let Err(error) = Reader::new("r.jsonl.gz", &b"\x1f\x8b\x08\x00"[..]) else { panic!("it was read") };
        assert!(error.to_string().contains("run `gunzip` on it"), "{error}");
    }

    #[test]
    fn a_missing_folder_is_named() {
        let at = |path: &str| Error::Open { path: Path::new(path).to_owned(), source: io::ErrorKind::NotFound.into() };
        assert!(at("/no/such/x.jsonl").to_string().ends_with(": directory /no/such does not exist"));
        assert!(!at("x.jsonl").to_string().contains("folder"));
    }
}
