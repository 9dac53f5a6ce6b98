//! What is asked of all watches of a recorder while it goes on.

use crate::source::Requests;
use std::sync::Arc;
use tokio::sync::watch;

/// Asks the watches of a [`Recorder`](super::Recorder) for something, and does not wait for it.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Prover(Arc<watch::Sender<Requests>>);

impl Prover {
    /// What is asked of the watches.
    pub(super) fn subscribe(&self) -> watch::Receiver<Requests> {
        self.0.subscribe()
    }

    /// Asks for a proof that everything up to now was recorded: a watch that can prove it records that like a bookmark.
    pub fn prove(&self) {
        self.0.send_modify(|requests| requests.proofs += 1);
    }

    /// What the watches receive from now on may have happened before, unless it is newer than what the server has now.
    /// A watch that is told so takes note of it before it takes anything else. Returns the number of the doubt.
    pub(crate) fn doubt(&self) -> u64 {
        self.0.send_modify(|requests| requests.doubts += 1);
        self.0.borrow().doubts
    }

    /// Asks for a proof that lets time decide something. What is delivered later, and was there by then, may have happened
    /// before: it is late.
    pub(super) fn due(&self) {
        self.0.send_modify(|requests| {
            requests.doubts += 1;
            requests.dues += 1;
        });
    }

    /// An expectation was violated: what explains it, and only a look shows, is looked at now.
    pub(super) fn violated(&self) {
        self.0.send_modify(|requests| requests.looks += 1);
    }
}
