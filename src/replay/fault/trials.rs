//! What a watch client is put through: combinations of faults, each with the name under which it is reported.

use super::Fault;
use crate::replay::Error;

/// Faults that one run of a client meets together.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// Its name.
    pub name: &'static str,
    /// What the client meets.
    pub doc: &'static str,
    /// `LAST` in them is the number of an event after which nothing happens for a while.
    faults: &'static [&'static str],
}

/// All trials, in the order in which they are run. The first one has no fault: a client that fails it prints something
/// else than it should.
pub const TRIALS: &[Trial] = &[
    trial("none", "nothing is broken", &[]),
    trial("cut", "the connection is closed after three events, five times", &["cut-after=3,times=5"]),
    trial("cut-within", "the connection is closed within an event, three times", &["cut-within=100,times=3"]),
    trial("cut-list", "the connection is closed within the first list", &["cut-list=200"]),
    trial("close", "the watch ends properly after one event, five times", &["close-after=1,times=5"]),
    trial("half-open", "the connection stays open and nothing comes", &["half-open-after=2"]),
    trial("split", "events arrive in odd pieces", &["segments=1:7:1399,verb=watch", "chunks=5:3:900,verb=watch"]),
    trial("slow", "events are late by up to half a second", &["lag=250ms"]),
    trial("duplicate", "every event comes twice", &["duplicate"]),
    trial("reorder", "the events of kinds overtake each other", &["reorder=500ms"]),
    trial(
        "gone",
        "after a cut, the version is too old: 410 in the stream",
        &["close-after=2,times=1", "gone=stream,skip=1", "forget,skip=1,times=1"],
    ),
    trial(
        "gone-http",
        "after a cut, the version is too old: HTTP 410",
        &["cut-after=2,times=1", "gone=http,skip=1", "forget,skip=1,times=1"],
    ),
    trial(
        "gone-missed",
        "watches are refused for a while, and then history is lost",
        &["close-after=2,times=1", "http=503:4,verb=watch,skip=1,retry-after=1", "forget,skip=1"],
    ),
    trial("429", "too many requests", &["http=429:2,verb=list,retry-after=1", "http=429:2,verb=watch,retry-after=1"]),
    trial(
        "500",
        "an internal error, for about every third watch",
        &["http=500,verb=watch,chance=0.3,times=4", "cut-after=2,times=5"],
    ),
    trial("503", "lists and watches are refused twice", &["http=503:2,verb=list", "http=503:2,verb=watch"]),
    trial("garbage", "an event cannot be read", &["garble=garbage,event=LAST"]),
    trial("truncated", "an event is cut short, and the stream goes on", &["garble=truncated,event=LAST"]),
    trial("odd-event", "an early event has another shape", &["garble=shape,event=2,times=2"]),
    trial("large", "an event of 20 MB", &["oversize=20000000,event=LAST"]),
    trial("late-bookmarks", "bookmarks are older than what was sent", &["bookmarks=behind", "close-after=3,times=5"]),
    trial("old-server", "the server does not know sendInitialEvents", &["no-initial-events=refuse"]),
    trial("clock-jump", "the clock of the server is two hours ahead", &["clock-jump=2h"]),
];

const fn trial(name: &'static str, doc: &'static str, faults: &'static [&'static str]) -> Trial {
    Trial { name, doc, faults }
}

impl Trial {
    /// Its faults, where nothing happens for a while after this number of events.
    ///
    /// # Errors
    /// One of them is not valid.
    pub fn faults(&self, last: usize) -> Result<Vec<Fault>, Error> {
        self.flags(last).iter().map(|fault| fault.parse()).collect()
    }

    /// The same, as `replay --inject` takes them.
    #[must_use]
    pub fn flags(&self, last: usize) -> Vec<String> {
        let last = last.max(1).to_string();
        self.faults.iter().map(|fault| fault.replace("LAST", &last)).collect()
    }

    /// Whether nothing is broken.
    #[must_use]
    pub fn is_control(&self) -> bool {
        self.faults.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_trial_has_a_name_of_its_own_and_faults_that_are_understood() {
        let names: BTreeSet<_> = TRIALS.iter().map(|trial| trial.name).collect();
        assert_eq!(names.len(), TRIALS.len());
        for trial in TRIALS {
            trial.faults(3).unwrap_or_else(|error| panic!("{}: {error}", trial.name));
        }
        assert!(TRIALS[0].is_control());
    }
}
