//! Checks whether a resumed stream continues where it was left: what a list shows must be delivered.
//!
//! A server may accept a watch from a version that it has compacted and deliver nothing, or continue another history
//! when its storage was restored. Neither is visible in the stream alone.

use super::super::pages::Heads;
use super::awaited::{Awaited, Rollback};
use super::doubt::Doubt;
use super::recorded::Recorded;
use super::trail::Since;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// How often a server may close the stream without delivering anything that it owes.
const CLOSINGS: u32 = 3;
/// The shortest and longest pause before a failed list is requested again.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// A stream that is being checked. Times are of the monotonic clock.
#[derive(Debug)]
pub(super) struct Check {
    /// Where it was left.
    since: Since,
    /// Objects whose deletion was recorded since the list was requested.
    gone: HashSet<SmolStr>,
    /// What must still come; none before the list is answered.
    owed: Option<Awaited>,
    /// When the list was answered, the stream was opened, or it last delivered something.
    heard: Duration,
    /// How often the server closed the stream since it delivered something.
    closings: u32,
    /// When to request the list again after a failure.
    again: Option<Duration>,
}

impl Check {
    /// A stream that is resumed from there.
    pub(super) fn new(since: Since) -> Self {
        Self { since, gone: HashSet::new(), owed: None, heard: Duration::ZERO, closings: 0, again: None }
    }

    /// Handles the list.
    ///
    /// # Errors
    /// The list contradicts what was recorded.
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

    /// Handles a failed list; the server may have requested a pause.
    pub(super) fn not_listed(&mut self, now: Duration, after: Option<Duration>) {
        if self.is_asked() {
            self.again = Some(now + after.unwrap_or_default().clamp(AGAIN.0, AGAIN.1));
        }
    }

    /// Whether the list must be requested again now; the caller then does so.
    pub(super) fn asks_again(&mut self, now: Duration) -> bool {
        self.again.take_if(|at| *at <= now).is_some()
    }

    /// True before the list is answered.
    pub(super) fn is_asked(&self) -> bool {
        self.owed.is_none()
    }

    /// Handles a recorded event.
    pub(super) fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.gone.insert(uid.clone());
        }
        if let Some(awaited) = &mut self.owed {
            awaited.recorded(change, uid, version);
        }
    }

    /// Handles a new delivery of the stream.
    pub(super) fn heard(&mut self, now: Duration) {
        (self.heard, self.closings) = (now, 0);
    }

    /// Handles the reopening of the stream: while it was closed, its silence was not the server's.
    pub(super) fn reopened(&mut self, now: Duration) {
        self.heard = now;
    }

    /// Handles a close by the server; a broken connection says nothing about the server.
    pub(super) fn closed(&mut self) {
        self.closings += u32::from(self.owed.is_some());
    }

    /// True when nothing is owed any more.
    pub(super) fn is_met(&self) -> bool {
        self.owed.as_ref().is_some_and(Awaited::is_whole)
    }

    /// What is awaited and will not come: the stream was read beyond it, or has been silent for too long.
    pub(super) fn failed(&self, recorded: &Recorded, now: Duration, patience: Duration) -> Option<Doubt> {
        let awaited = self.owed.as_ref().filter(|awaited| !awaited.is_whole())?;
        // It may have been passed over long before the stream was left.
        let passed = awaited.is_read(recorded.position().version()).then(|| awaited.passed(recorded)).flatten();
        if passed.is_some() {
            return passed;
        }
        let how = if now >= self.heard + patience {
            "is silent, behind"
        } else if self.closings >= CLOSINGS {
            "is closed again and again, behind"
        } else {
            return None;
        };
        let why = format!("the stream {how} a list at {}: {}", awaited.version, awaited.missing());
        Some(Doubt { why, since: Some(self.since.clone()) })
    }

    /// When silence becomes too long, or the list must be requested again.
    pub(super) fn wakes_at(&self, patience: Duration) -> Option<Duration> {
        self.owed.as_ref().map(|_| self.heard + patience).or(self.again)
    }
}
