//! Whether a stream that was taken up again goes on where it had been left: what a list shows to be there has to come.
//!
//! A server may accept a watch from a version that it has forgotten, and deliver nothing, or go on from another
//! history, when its storage was restored. Neither shows in the stream alone.

use super::super::pages::Heads;
use super::awaited::{Awaited, Rollback};
use super::doubt::Doubt;
use super::trail::Since;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How often a server may close the stream without having delivered anything of what it lists.
const CLOSINGS: u32 = 3;
/// The shortest and the longest pause before a list that could not be had is asked for again.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// A stream that is being checked. Moments are times of the monotonic clock.
#[derive(Debug)]
pub(super) struct Check {
    /// Where it had been left.
    since: Since,
    /// Whose deletion was recorded since the list was asked for.
    gone: HashSet<SmolStr>,
    /// What still has to come; none before the list is answered.
    owed: Option<Awaited>,
    /// When the list was answered, the stream was opened, or it delivered something last.
    heard: Duration,
    /// How often the server closed the stream since it delivered something.
    closings: u32,
    /// When the list is asked for again, which could not be had.
    again: Option<Duration>,
}

impl Check {
    /// A stream that is taken up again there.
    pub(super) fn new(since: Since) -> Self {
        Self { since, gone: HashSet::new(), owed: None, heard: Duration::ZERO, closings: 0, again: None }
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

    /// It was not; the server may have asked for a pause.
    pub(super) fn not_listed(&mut self, now: Duration, after: Option<Duration>) {
        if self.is_asked() {
            self.again = Some(now + after.unwrap_or_default().clamp(AGAIN.0, AGAIN.1));
        }
    }

    /// Whether the list is to be asked for again now; who is told so asks.
    pub(super) fn asks_again(&mut self, now: Duration) -> bool {
        self.again.take_if(|at| *at <= now).is_some()
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
        (self.heard, self.closings) = (now, 0);
    }

    /// The stream is open again: it was no silence of the server's while it was not.
    pub(super) fn reopened(&mut self, now: Duration) {
        self.heard = now;
    }

    /// The server closed the stream; a connection that broke says nothing about the server.
    pub(super) fn closed(&mut self) {
        self.closings += u32::from(self.owed.is_some());
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
        } else if self.closings >= CLOSINGS {
            "is closed again and again, behind"
        } else {
            return None;
        };
        let why = format!("the stream {how} a list at {}: {}", awaited.version, awaited.missing());
        Some(Doubt { why, since: Some(self.since.clone()) })
    }

    /// When silence is too long, or the list is to be asked for again.
    pub(super) fn wakes_at(&self, patience: Duration) -> Option<Duration> {
        self.owed.as_ref().map(|_| self.heard + patience).or(self.again)
    }
}
