//! The files of a command line: what one flag writes must be no file of another flag.

use super::exit::Failure;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file of a command line.
pub(super) struct File<'a> {
    /// Its flag, `--report`.
    pub flag: &'static str,
    pub path: &'a Path,
    /// True when it is written.
    pub is_written: bool,
}

/// # Errors
/// Two flags name the same file, and one of them writes it.
pub(super) fn distinct(files: &[File<'_>]) -> Result<(), Failure> {
    let identities: Vec<_> = files.iter().map(|file| Identity::of(file.path)).collect();
    for (at, (file, identity)) in files.iter().zip(&identities).enumerate() {
        let same = files[..at]
            .iter()
            .zip(&identities)
            .find(|(other, same)| identity.is_some() && *same == identity && (file.is_written || other.is_written));
        if let Some((other, _)) = same {
            return Err(Failure::usage(format!(
                "{} and {} are the same file, {}: use another file for one of them",
                other.flag,
                file.flag,
                file.path.display()
            )));
        }
    }
    Ok(())
}

/// What makes two paths the same file.
#[derive(PartialEq, Eq)]
enum Identity {
    /// Device and inode of a file that exists.
    Existing(u64, u64),
    /// A file to be created: its directory, and its name.
    New(PathBuf, PathBuf),
}

impl Identity {
    /// None for what is no regular file: `/dev/null` may be named twice.
    fn of(path: &Path) -> Option<Self> {
        if let Ok(metadata) = std::fs::metadata(path) {
            return metadata.is_file().then(|| Self::Existing(metadata.dev(), metadata.ino()));
        }
        let absolute = std::path::absolute(path).ok()?;
        let directory = absolute.parent()?;
        Some(Self::New(directory.canonicalize().unwrap_or_else(|_| directory.to_owned()), absolute.file_name()?.into()))
    }
}
