//! The groups of processes on the machine, whose freezers are watched from the moment at which a group is made: runc
//! makes the group of a container some hundredths of a second before anybody can know the container.

use super::host::{FreezerFile, Group, Wd};
use crate::kinds::RuncWhat as What;
use smol_str::SmolStr;
use std::collections::HashMap;

/// The groups that are there.
#[derive(Debug, Default)]
pub(super) struct Groups {
    known: HashMap<SmolStr, Known>,
    number: u64,
}

#[derive(Debug)]
struct Known {
    number: u64,
    files: Vec<FreezerFile>,
    /// Whatever is read of the queue from now on happened when its freezer was watched already.
    is_settled: bool,
    /// Its freezer was written before a container was known to be in it.
    is_written: bool,
}

impl Groups {
    /// A group is watched from now on. Returns what names it.
    pub(super) fn made(&mut self, Group { path, files }: Group) -> (SmolStr, u64) {
        self.number += 1;
        let number = self.number;
        self.known.insert(path.clone(), Known { number, files, is_settled: false, is_written: false });
        (path, number)
    }

    /// What happened before a group was watched was read, unless another one was made in its place.
    pub(super) fn settled(&mut self, path: &str, number: u64) {
        let known = self.known.get_mut(path).filter(|known| known.number == number);
        known.into_iter().for_each(|known| known.is_settled = true);
    }

    /// What happened before any group was watched was read.
    pub(super) fn all_settled(&mut self) {
        self.known.values_mut().for_each(|known| known.is_settled = true);
    }

    /// A file was written of which no container is known.
    pub(super) fn written(&mut self, wd: Wd) {
        let is_asked = |file: &FreezerFile| file.wd == wd && file.what != What::CgroupEvents;
        let known = self.known.values_mut().find(|known| known.files.iter().any(is_asked));
        known.into_iter().for_each(|known| known.is_written = true);
    }

    pub(super) fn is_written(&self, path: &str) -> bool {
        self.known.get(path).is_some_and(|known| known.is_written)
    }

    pub(super) fn removed(&mut self, path: &str) {
        self.known.remove(path);
    }

    pub(super) fn is_settled(&self, path: &str) -> bool {
        self.known.get(path).is_some_and(|known| known.is_settled)
    }

    pub(super) fn files(&self, path: &str) -> Option<Vec<FreezerFile>> {
        self.known.get(path).map(|known| known.files.clone())
    }
}
