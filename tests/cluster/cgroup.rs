//! The control group under which a node's pods run, in whatever hierarchies the machine has.
//!
//! Each node has one of its own, named as its folder, so that nodes do not count or kill each other's pods. It
//! only makes and removes empty groups; the kubelet and runc fill them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::deadline;

const MOUNT: &str = "/sys/fs/cgroup";

/// The groups of one node, removed when dropped.
pub(super) struct Cgroup {
    name: String,
}

impl Cgroup {
    /// Makes the group in every hierarchy.
    pub(super) fn new(name: &str) -> Self {
        let cgroup = Self { name: name.to_owned() };
        for hierarchy in hierarchies() {
            let group = hierarchy.join(name);
            fs::create_dir_all(&group)
                .unwrap_or_else(|error| panic!("creating the cgroup {}: {error}", group.display()));
        }
        cgroup
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Removes a node's groups, once their processes are gone. Says on stderr what it could not remove.
pub(super) fn remove(name: &str) {
    for group in hierarchies().map(|hierarchy| hierarchy.join(name)) {
        let removed = deadline::until(Duration::from_secs(10), || {
            remove_tree(&group);
            (!group.exists()).then_some(())
        });
        if removed.is_none() {
            eprintln!("the cgroup {} has processes left and stays", group.display());
        }
    }
}

/// One with cgroup v2, one for each controller with v1.
fn hierarchies() -> impl Iterator<Item = PathBuf> {
    let mount = Path::new(MOUNT);
    let unified = mount.join("cgroup.controllers").exists();
    let below = fs::read_dir(mount).into_iter().flatten().flatten().filter(|entry| {
        // Some controllers have a second name, a link.
        entry.file_type().is_ok_and(|kind| kind.is_dir()) && entry.path().join("cgroup.procs").exists()
    });
    let below: Vec<PathBuf> = below.map(|entry| entry.path()).collect();
    if unified { vec![mount.to_path_buf()] } else { below }.into_iter()
}

/// A group's files go with it; only the groups below it are in the way.
fn remove_tree(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_tree(&entry.path());
        }
    }
    let _ = fs::remove_dir(group);
}
