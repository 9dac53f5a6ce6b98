//! The fence at the end of a watch: proof that everything up to the end was recorded.
//!
//! A quorum list of metadata shows the existing objects; every version in it must have been recorded, and every
//! recorded object must be in it or be seen to be deleted. An object that was created and deleted since the last
//! recorded version is in neither, so the stream must also have been read to the list's version. Often no event of the
//! collection has that version, and a bookmark may take a minute: then the collection is inspected at every revision
//! between. Silence proves nothing.

use super::super::heal::{Snapshot, Unknown};
use super::super::pages::Heads;
use super::super::request_error::RequestError;
use super::awaited::{Awaited, Rollback};
use super::doubt::Doubt;
use super::recorded::Recorded;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The pause between attempts to list, ...
const AGAIN: Duration = Duration::from_millis(200);
/// ... and the longest that a server may request, since the end is waited for.
const GRANTED: Duration = Duration::from_secs(2);
/// Nothing in the list is missing, which does not prove that nothing else happened.
const UNPROVEN: &str = "end not proven: ";

/// A fence in progress. Times are of the monotonic clock.
#[derive(Debug)]
pub(super) struct Fence {
    begun: Duration,
    /// The deadline.
    deadline: Duration,
    /// The version of the stream when the list was requested.
    asked: ResourceVersion,
    /// A list that is older than that, and therefore not up to date.
    stale: Option<ResourceVersion>,
    /// Why the list failed last.
    refused: String,
    proof: Proof,
    /// Objects whose deletion was recorded since the list was requested.
    gone: HashSet<SmolStr>,
}

/// The progress of the list.
#[derive(Debug)]
enum Proof {
    Asked,
    /// It failed, and is requested again at this time.
    Again(Duration),
    Listed(Box<Awaited>, Rest),
}

/// What is known about the revisions between the last recorded version and the list's.
#[derive(Debug)]
enum Rest {
    Unasked,
    Asked,
    /// The newest revision with an event, if there was one.
    Known(Option<u64>),
    Unknown(Unknown),
}

/// The revisions after the last recorded version and up to a list, which begin and end with the same objects.
#[derive(Debug)]
pub(crate) struct Tail {
    pub from: u64,
    pub to: u64,
    pub state: Snapshot,
}

impl Fence {
    /// Begins a fence; the caller requests the list. The stream was read to `read`.
    pub(super) fn begin(now: Duration, deadline: Duration, read: ResourceVersion) -> Self {
        Self {
            begun: now,
            deadline,
            asked: read,
            stale: None,
            refused: String::new(),
            proof: Proof::Asked,
            gone: HashSet::new(),
        }
    }

    /// The version of the stream when the list was requested.
    pub(super) fn asked(&self) -> &ResourceVersion {
        &self.asked
    }

    /// The deadline.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Extends the deadline once the watch has attached, so that there is something to prove.
    pub(super) fn granted(&mut self, length: Duration) {
        self.deadline = self.begun + length;
    }

    /// The middle of its time, at which other work is stopped.
    pub(super) fn half_time(&self) -> Duration {
        self.begun + self.deadline.saturating_sub(self.begun) / 2
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
        let is_stale = heads.version != self.asked && heads.version.is_covered_by(&self.asked);
        self.stale = is_stale.then(|| heads.version.clone());
        if is_stale {
            self.ask_later(now, None);
        } else {
            self.proof = Proof::Listed(Box::new(Awaited::new(heads, recorded, &self.gone)?), Rest::Unasked);
        }
        Ok(())
    }

    /// True while the list is awaited.
    pub(super) fn is_asked(&self) -> bool {
        matches!(self.proof, Proof::Asked)
    }

    /// Handles a failed list; the server may have requested a pause.
    pub(super) fn not_listed(&mut self, now: Duration, trouble: &RequestError) {
        self.refused = trouble.words();
        self.ask_later(now, trouble.after());
    }

    /// The list is of no use, and is requested again.
    pub(super) fn ask_later(&mut self, now: Duration, after: Option<Duration>) {
        self.proof = Proof::Again(now + after.unwrap_or_default().clamp(AGAIN, GRANTED));
    }

    /// Whether the list must be requested again now; the caller then does so.
    pub(super) fn asks_again(&mut self, now: Duration, read: ResourceVersion) -> bool {
        let due = matches!(self.proof, Proof::Again(at) if at <= now) && now < self.deadline;
        if due {
            self.restart(read);
        }
        due
    }

    /// Restarts the proof; the caller requests the list.
    pub(super) fn restart(&mut self, read: ResourceVersion) {
        self.gone.clear();
        self.asked = read;
        self.proof = Proof::Asked;
    }

    /// Handles a recorded event.
    pub(super) fn recorded(&mut self, change: Change, uid: &SmolStr, version: &ResourceVersion) {
        if change == Change::Deleted {
            self.gone.insert(uid.clone());
        }
        if let Proof::Listed(awaited, _) = &mut self.proof {
            awaited.recorded(change, uid, version);
        }
    }

    /// The version at which the watch is proven complete: nothing in the list is missing, and the stream was read to
    /// the list's version, or to the last event before it.
    pub(super) fn met(&self, read: Option<&ResourceVersion>) -> Option<ResourceVersion> {
        let Proof::Listed(awaited, rest) = &self.proof else { return None };
        let is_proven = match rest {
            Rest::Known(None) => true,
            Rest::Known(Some(newest)) => read.and_then(ResourceVersion::number).is_some_and(|read| read >= *newest),
            _ => awaited.is_read(read),
        };
        (awaited.is_whole() && (is_proven || awaited.is_read(read))).then(|| awaited.version.clone())
    }

    /// Fails if something in the list will not come, because the stream was read past it.
    pub(super) fn failed(&self, recorded: &Recorded) -> Option<Doubt> {
        let Proof::Listed(awaited, _) = &self.proof else { return None };
        awaited.passed(recorded)
    }

    /// Why there is no list, if that is known.
    pub(super) fn refused(&self) -> &str {
        &self.refused
    }

    /// Why the newest list proves nothing, if it was older than the stream.
    pub(super) fn stale(&self) -> Option<String> {
        let stale = self.stale.as_ref()?;
        Some(format!("{UNPROVEN}the server's list at {stale} is older than what it had delivered, {}", self.asked))
    }

    /// The question for history, once nothing in the list is missing; the caller asks it.
    pub(super) fn asks_history(&mut self, read: Option<&ResourceVersion>) -> Option<Tail> {
        let Proof::Listed(awaited, rest @ Rest::Unasked) = &mut self.proof else { return None };
        if !awaited.is_whole() || awaited.is_read(read) {
            return None;
        }
        let numbers = read.and_then(ResourceVersion::number).zip(awaited.version.number());
        let (Some((from, to)), Some(state)) = (numbers, awaited.snapshot.take()) else {
            *rest = Rest::Unknown(Unknown::Failed("versions are no numbers".to_owned()));
            return None;
        };
        *rest = Rest::Asked;
        Some(Tail { from, to, state })
    }

    /// Handles the answer of history: the newest revision with an event, if there was one.
    pub(super) fn history_answered(&mut self, newest: Result<Option<u64>, Unknown>) {
        if let Proof::Listed(_, rest @ Rest::Asked) = &mut self.proof {
            *rest = newest.map_or_else(Rest::Unknown, Rest::Known);
        }
    }

    /// The next time at which it must be checked.
    pub(super) fn wakes_at(&self) -> Duration {
        match &self.proof {
            Proof::Again(at) => self.deadline.min(*at),
            Proof::Asked | Proof::Listed(..) => self.deadline,
        }
    }

    /// The list's version and a description of what is missing or not proven; none when there is no list yet.
    pub(super) fn missing(&self) -> Option<(ResourceVersion, String)> {
        let Proof::Listed(awaited, rest) = &self.proof else { return None };
        let missing = match rest {
            _ if !awaited.is_whole() => awaited.missing(),
            Rest::Unasked => String::new(),
            Rest::Asked => format!("{UNPROVEN}history did not answer in time"),
            Rest::Known(newest) => {
                format!("{UNPROVEN}an event of revision {} was not delivered in time", newest.unwrap_or_default())
            }
            Rest::Unknown(why) => format!("{UNPROVEN}the stream was not read to it, and {why}"),
        };
        Some((awaited.version.clone(), missing))
    }
}
