//! What a scrape reads: what was counted, and where the recorder measures itself.

use super::counts::Counts;
use crate::observation::Watch;
use crate::run::{Filling, Progress, Watched};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::watch;

/// What a scrape reads.
pub(super) struct Measured {
    pub(super) counts: Mutex<Counts>,
    /// True once everything is counted, and nothing more will come.
    pub(super) ended: watch::Sender<bool>,
    pub(super) watches: Vec<Watch>,
    /// What the recorder that is resumed had counted of each watch.
    pub(super) before: Vec<Watched>,
    pub(super) progress: watch::Receiver<Progress>,
    /// The queue of the thread that counts.
    pub(super) entries: Box<dyn Fn() -> Filling + Send + Sync>,
}

/// Locks what threads share. Numbers that are no longer counted are not shown.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics under it")
}
