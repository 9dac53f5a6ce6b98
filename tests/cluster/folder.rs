//! The temporary folder of a control plane or a node, and what a killed test left of one.
//!
//! A folder that is alive is locked by its test. One whose lock is free belonged to a test that was killed
//! before it could clean up: the next test removes it, with the cgroups and the route that bear its name.
//! `STATETRAIL_KEEP_CLUSTERS` keeps the folders of tests that end (their logs, say), until the next test comes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{cgroup, network};

const PREFIX: &str = "statetrail-cluster-";

pub(super) struct Folder {
    directory: Option<TempDir>,
    path: PathBuf,
    _lock: File,
}

impl Folder {
    pub(super) fn new() -> Self {
        sweep();
        let directory =
            tempfile::Builder::new().prefix(PREFIX).tempdir().expect("creating a folder among the temporary files");
        let path = directory.path().to_path_buf();
        // Locked before it has its name, so that it is never seen unlocked.
        let unnamed = path.join("lock-to-be");
        let lock = File::create(&unnamed).expect("creating the folder's lock");
        lock.lock().expect("locking the folder");
        fs::rename(&unnamed, path.join("lock")).expect("naming the folder's lock");
        Self { directory: Some(directory), path, _lock: lock }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The last part of the path: unique among all folders that are there.
    pub(super) fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).expect("the folder was named in ASCII")
    }

    /// The path of an entry, with its parents created.
    pub(super) fn entry(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        let parent = path.parent().expect("an entry of a folder has a parent");
        fs::create_dir_all(parent).unwrap_or_else(|error| panic!("creating {}: {error}", parent.display()));
        path
    }

    /// The path of a directory in the folder, created.
    pub(super) fn directory(&self, name: &str) -> PathBuf {
        let path = self.path.join(name);
        fs::create_dir_all(&path).unwrap_or_else(|error| panic!("creating {}: {error}", path.display()));
        path
    }

    /// Writes a file in the folder, whole: who reads or watches it never sees half of it.
    pub(super) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.entry(name);
        let fresh = self.entry(&format!("{name}.fresh"));
        fs::write(&fresh, text)
            .and_then(|()| fs::rename(&fresh, &path))
            .unwrap_or_else(|error| panic!("writing {}: {error}", path.display()));
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let directory = self.directory.take().expect("a folder is dropped once");
        if std::env::var_os("STATETRAIL_KEEP_CLUSTERS").is_some_and(|value| !value.is_empty()) {
            eprintln!("kept {}", directory.keep().display());
        } else if let Err(error) = directory.close() {
            eprintln!("removing {}: {error}", self.path.display());
        }
    }
}

/// Removes the folders that nobody holds any more. What cannot be removed is another user's.
fn sweep() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let Ok(lock) = File::open(entry.path().join("lock")) else { continue };
        if lock.try_lock().is_ok() {
            network::forget(&entry.path());
            cgroup::remove(name);
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
