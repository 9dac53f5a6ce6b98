//! The states of all objects after the last line that was folded, for readers that missed entries.

use super::fold::Fold;
use super::life::Life;
use crate::observation::{StateKind, Subject, Track, WatchId};
use smol_str::SmolStr;
use std::sync::Arc;

/// The states of one object that exists, as far as they were seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    /// The object.
    pub subject: Arc<Subject>,
    /// The watch that shows it.
    pub watch: WatchId,
    /// What follows its last version was not seen.
    pub is_unseen: bool,
    /// It has left the selection of its watch.
    pub has_left: bool,
    /// The label and the kind of the state of each of its tracks, as they were seen last.
    pub tracks: Vec<(Track, SmolStr, StateKind)>,
}

impl Fold {
    /// The states of all objects that exist, in no particular order.
    pub(crate) fn standings(&self) -> Vec<Standing> {
        let standing = |life: &Life| Standing {
            subject: Arc::clone(&life.subject),
            watch: life.watch,
            is_unseen: life.blind.is_some(),
            has_left: life.gone,
            tracks: life.labels().map(|(track, label, kind)| (track.clone(), label.clone(), kind)).collect(),
        };
        self.lives.values().map(standing).collect()
    }
}
