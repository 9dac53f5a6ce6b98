//! The requests of clients and the responses to them: tests check the behavior of clients with it, and the demo waits
//! for its clients.
//!
//! Its size is bounded: the oldest entries are dropped, and counted.

use super::route::{Call, Verb};
use super::scopes::Scope;
use super::store::Address;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many entries are kept.
const CAPACITY: usize = 100_000;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// The verb of the request.
    pub verb: Verb,
    /// `pods`, `virtualmachines.kubevirt.io`; empty if it is not about a resource.
    pub resource: String,
    /// HTTP status of the response; `None` until there is one.
    pub status: Option<u16>,
}

/// The requests to a server.
#[derive(Debug)]
pub(super) struct Journal {
    kept: Mutex<Kept>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    asked: VecDeque<RecordedRequest>,
    dropped: usize,
    /// By resource and scope, the number of open watches, and of all that were ever opened.
    watches: BTreeMap<(Address, Scope), (usize, usize)>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { kept: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Journal {
    /// Records a request; returns its number for [`Journal::answered`].
    pub(super) fn asked(&self, method: &str, path: &str, call: &Call) -> usize {
        let resource = call.address().map_or(String::new(), |(group, _, plural)| {
            if group.is_empty() { plural.to_string() } else { format!("{plural}.{group}") }
        });
        let mut kept = self.lock();
        if kept.asked.len() == CAPACITY {
            kept.asked.pop_front();
            kept.dropped += 1;
        }
        let (method, path) = (method.to_owned(), path.to_owned());
        kept.asked.push_back(RecordedRequest { method, path, verb: call.verb, resource, status: None });
        let number = kept.dropped + kept.asked.len() - 1;
        drop(kept);
        self.changed.send_modify(|count| *count += 1);
        number
    }

    /// Records the status of the response to a request.
    pub(super) fn answered(&self, number: usize, status: u16) {
        let mut kept = self.lock();
        let index = number.checked_sub(kept.dropped);
        if let Some(asked) = index.and_then(|index| kept.asked.get_mut(index)) {
            asked.status = Some(status);
        }
        drop(kept);
        self.changed.send_modify(|count| *count += 1);
    }

    /// Records that a watch has started or ended.
    pub(super) fn watching(&self, watched: &(Address, Scope), begins: bool) {
        let mut kept = self.lock();
        let (open, opened) = kept.watches.entry(watched.clone()).or_default();
        if begins {
            *open += 1;
            *opened += 1;
        } else {
            *open -= 1;
        }
        drop(kept);
        self.changed.send_modify(|count| *count += 1);
    }

    /// The entries that are kept, oldest first.
    pub(super) fn entries(&self) -> Vec<RecordedRequest> {
        self.lock().asked.iter().cloned().collect()
    }

    /// The number of open watches.
    pub(super) fn open_watches(&self) -> usize {
        self.lock().watches.values().map(|(open, _)| open).sum()
    }

    /// The open watches within a part of a resource: by resource and scope, how many will have been opened once each of
    /// these is opened again.
    pub(super) fn once_reopened(&self, (address, scope): &(Address, Scope)) -> Vec<((Address, Scope), usize)> {
        let kept = self.lock();
        let open =
            kept.watches.iter().filter(|((of, part), (open, _))| *open > 0 && of == address && part.overlaps(scope));
        open.map(|(watched, (open, opened))| (watched.clone(), open + opened)).collect()
    }

    /// Whether as many watches have been opened.
    pub(super) fn has_opened(&self, (watched, number): &((Address, Scope), usize)) -> bool {
        self.lock().watches.get(watched).is_some_and(|(_, opened)| opened >= number)
    }

    /// Waits until as many watches have been opened. Dropping the future ends the wait.
    pub(super) async fn until_opened(&self, wanted: &[((Address, Scope), usize)]) {
        let mut changes = self.changes();
        while !wanted.iter().all(|wanted| self.has_opened(wanted)) && changes.changed().await.is_ok() {}
    }

    /// True when each of these resources was watched at least once.
    pub(super) fn watched(&self, addresses: &[Address]) -> bool {
        let kept = self.lock();
        addresses.iter().all(|address| kept.watches.keys().any(|(of, _)| of == address))
    }

    /// Notifies of every change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
