//! Whether a path still leads to the file that is being written.

use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::path::Path;

/// What happened to the file at `path`, to which this many bytes were written; none when it is intact.
///
/// A file that cannot be examined does not count as lost: the next write shows that.
pub(super) fn lost(path: &Path, file: &File, written_bytes: u64) -> Option<String> {
    let ours = file.metadata().ok()?;
    let there = match fs::metadata(path) {
        Ok(there) => there,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Some("was removed or renamed".to_owned());
        }
        Err(_) => return None,
    };
    if !is_same(&ours, &there) {
        return Some("was replaced by another file".to_owned());
    }
    (there.len() < written_bytes)
        .then(|| format!("was truncated from {written_bytes} to {} bytes by another program", there.len()))
}

#[cfg(unix)]
fn is_same(ours: &Metadata, there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
