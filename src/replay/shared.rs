//! The state that all connections of a server share.

use super::fault::Faults;
use super::journal::Journal;
use super::options::Options;
use super::reel::Reel;
use super::store::Store;
use crate::listen::{TokenFile, bearer};
use http::HeaderMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// The state that all connections of a server share.
#[derive(Debug)]
pub(super) struct Shared {
    pub store: Store,
    pub options: Options,
    /// It listens on a loopback address: names of other hosts that lead here are forged.
    pub is_loopback: bool,
    /// The tokens that requests need one of.
    pub tokens: Option<TokenFile>,
    /// The recording that it replays.
    pub reel: Option<Reel>,
    pub journal: Journal,
    /// Ends every watch properly, and then the server.
    pub closing: CancellationToken,
    pub(super) faults: Mutex<Faults>,
    pub(super) token: Mutex<Option<String>>,
    pub(super) bookmark_now: watch::Sender<u64>,
    pub(super) cut: Mutex<CancellationToken>,
}

impl Shared {
    pub(super) fn new(store: Store, options: Options, tokens: Option<TokenFile>, reel: Option<Reel>) -> Self {
        Self {
            is_loopback: options.address.ip().is_loopback(),
            tokens,
            reel,
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

    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let given = bearer(headers);
        let by_file = self.tokens.as_ref().is_none_or(|tokens| given.is_some_and(|token| tokens.has(token)));
        by_file && lock(&self.token).as_deref().is_none_or(|token| given == Some(token))
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
