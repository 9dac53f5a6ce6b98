//! Whether a stream that was taken up again goes on where it had been left: what a list shows to be there has to come.
//!
//! A server may accept a watch from a version that it has forgotten, and deliver nothing, or go on from another
//! history, when its storage was restored. Neither shows in the stream alone.

use super::super::pages::Heads;
use super::awaited::{Awaited, Rollback};
use super::doubt::Doubt;
use crate::observation::{Change, ResourceVersion};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A stream that is being checked. Moments are times of the monotonic clock.
#[derive(Debug)]
pub(super) struct Check {
    /// Where it had been left, and until when everything was known then.
    since: (ResourceVersion, Timestamp),
    /// Whose deletion was recorded since the list was asked for.
    gone: HashSet<SmolStr>,
    /// What still has to come; none before the list is answered.
    owed: Option<Awaited>,
    /// When the list was answered, or the stream delivered something last.
    heard: Duration,
}

impl Check {
    /// A stream that is taken up again at this version, when everything up to this moment was known.
    pub(super) fn new(since: (ResourceVersion, Timestamp)) -> Self {
        Self { since, gone: HashSet::new(), owed: None, heard: Duration::ZERO }
    }

    /// The list was answered.
    ///
    /// # Errors
    /// When the list contradicts what was recorded.
    pub(super) fn listed(
        &mut self,
        heads: Heads,
        recorded: &HashMap<SmolStr, ResourceVersion>,
        now: Duration,
    ) -> Result<(), Rollback> {
        self.heard = now;
        self.owed = Some(Awaited::new(heads, recorded, &self.gone)?);
        Ok(())
    }

    /// True before the list is answered.
    pub(super) fn is_asked(&self) -> bool {
        self.owed.is_none()
    }

    /// Something was recorded.
    pub(super) fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.gone.insert(uid.clone());
        }
        if let Some(awaited) = &mut self.owed {
            awaited.recorded(change, uid, version);
        }
    }

    /// The stream delivered something new.
    pub(super) fn heard(&mut self, now: Duration) {
        self.heard = now;
    }

    /// Nothing is awaited any more.
    pub(super) fn is_met(&self) -> bool {
        self.owed.as_ref().is_some_and(Awaited::is_whole)
    }

    /// What is awaited and will not come: the stream was read beyond it, or has been silent for too long.
    pub(super) fn failed(&self, read: Option<&ResourceVersion>, now: Duration, patience: Duration) -> Option<Doubt> {
        let awaited = self.owed.as_ref().filter(|awaited| !awaited.is_whole())?;
        let how = if awaited.is_read(read) {
            "was read beyond"
        } else if now >= self.heard + patience {
            "is silent, behind"
        } else {
            return None;
        };
        let why = format!("the stream {how} a list at {}: {}", awaited.version, awaited.missing());
        Some(Doubt { why, since: Some(self.since.clone()) })
    }

    /// When silence is too long.
    pub(super) fn wakes_at(&self, patience: Duration) -> Option<Duration> {
        self.owed.as_ref().map(|_| self.heard + patience)
    }
}
