//! The state that all connections of a server share.

use super::fault::Faults;
use super::journal::Journal;
use super::options::Options;
use super::store::Store;
use http::HeaderValue;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The state that all connections of a server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub store: Store,
    pub options: Options,
    pub journal: Journal,
    /// Ends every watch properly, and then the server.
    pub closing: CancellationToken,
    pub(super) faults: Mutex<Faults>,
    pub(super) token: Mutex<Option<String>>,
    pub(super) bookmark_now: watch::Sender<u64>,
    pub(super) cut: Mutex<CancellationToken>,
}

impl Shared {
    pub(super) fn new(store: Store, options: Options) -> Self {
        Self {
            store,
            options,
            journal: Journal::default(),
            closing: CancellationToken::new(),
            faults: Mutex::default(),
            token: Mutex::default(),
            bookmark_now: watch::Sender::new(0),
            cut: Mutex::new(CancellationToken::new()),
        }
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn admits(&self, authorization: Option<&HeaderValue>) -> bool {
        match &*lock(&self.token) {
            None => true,
            Some(token) => {
                authorization.is_some_and(|given| given.as_bytes().strip_prefix(b"Bearer ") == Some(token.as_bytes()))
            }
        }
    }

    /// The token that cuts the connections that exist now.
    pub(super) fn cut(&self) -> CancellationToken {
        lock(&self.cut).clone()
    }

    pub(super) fn bookmark_now(&self) -> watch::Receiver<u64> {
        self.bookmark_now.subscribe()
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
