//! What is reported of the connection of each watch while a recorder runs: outages, and what they cost. Nothing of it is
//! recorded; the lines of the recording say more.

use crate::observation::WatchId;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What keeps a watch from being followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// In one or two words, before `since`: `no answer`, `refused`, `throttled`, `failing`, `not served`,
    /// `not followed`, `interrupted`.
    pub what: &'static str,
    /// The cause: `connection refused`, `403: pods is forbidden`.
    pub why: SmolStr,
}

/// A time in which a watch is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Since when.
    pub since: Timestamp,
    /// What the last attempt met.
    pub trouble: Trouble,
    /// When the next attempt is made; none while one is under way.
    pub next: Option<Timestamp>,
}

/// The connection of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// The outage; none before the watch has attached, and while it is followed.
    pub outage: Option<Outage>,
    /// How often it was interrupted, except where the server closed a stream as it does every few minutes.
    pub interruptions: u64,
    /// What interrupted it last.
    pub last: Option<Trouble>,
    /// True while its stream is open.
    pub followed: bool,
    /// True when it is known whether the last interruption lost anything.
    pub settled: bool,
    /// The number of gaps, and of events that could not be decoded, that this recorder recorded.
    pub gaps: u64,
    /// The number of losses that it recorded as read back completely.
    pub healed: u64,
    /// The last moment up to which it was proven on request that everything was recorded.
    pub proven: Option<Timestamp>,
    /// The last doubt of which it is known how far it reaches.
    pub resolved: u64,
}

/// The connections of all watches, in the header's order.
#[derive(Debug, Default)]
pub struct Connections(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    watches: Vec<Connection>,
    /// Since when the server is silent and does not answer.
    silent: Option<Timestamp>,
    /// Since when it was so last, though it may answer again.
    last_silence: Option<Timestamp>,
}

impl Connections {
    /// A copy of the current state; shorter than the list of watches until each has begun.
    #[must_use]
    pub fn now(&self) -> Vec<Connection> {
        let All { watches, silent, .. } = &*self.lock();
        let mut watches = watches.clone();
        if let Some(since) = *silent {
            let out = || {
                let trouble = Trouble { what: "no answer", why: "its open streams are silent".into() };
                Outage { since, trouble, next: None }
            };
            watches.iter_mut().filter(|it| it.followed).for_each(|it| it.outage = Some(out()));
        }
        watches
    }

    pub(super) fn set(&self, id: WatchId, connection: Connection) {
        let (mut all, id) = (self.lock(), usize::from(id));
        let watches = &mut all.watches;
        if watches.len() <= id {
            watches.resize(id + 1, Connection::default());
        }
        watches[id] = connection;
    }

    /// Sets since when the server is silent and does not answer.
    pub(super) fn set_silent(&self, since: Option<Timestamp>) {
        let mut all = self.lock();
        all.silent = since;
        all.last_silence = since.or(all.last_silence);
    }

    /// Since when the server was silent the last time.
    pub(super) fn last_silence(&self) -> Option<Timestamp> {
        self.lock().last_silence
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
