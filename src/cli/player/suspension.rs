//! Leaving the terminal to the shell for a while, and the signals for that.

use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};
use std::io;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// How long it may take until a process stops after its signal.
const STOPPING: Duration = Duration::from_millis(200);

/// Why the terminal was left to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// For Ctrl-Z, which a terminal sends to all processes of the job.
    ByKey,
    BySignal,
    /// It was stopped and is continued already.
    Before,
}

impl Left {
    /// Stops until it is continued, or at once if nobody could continue it; returns a signal that ends it.
    pub(super) async fn wait(self, signals: &mut mpsc::Receiver<Signal>) -> Option<Signal> {
        // SIGTSTP has a handler. This one stops as well, and as little where there is no shell to continue the job.
        let stopped = match self {
            Self::ByKey => kill_current_process_group(Signal::TTOU),
            Self::BySignal => kill_process(getpid(), Signal::TTOU),
            Self::Before => return None,
        };
        if stopped.is_err() {
            return None;
        }
        let continued = async {
            loop {
                match signals.recv().await {
                    Some(Signal::TSTP | Signal::WINCH) => {}
                    Some(Signal::CONT) | None => return None,
                    ending => return ending,
                }
            }
        };
        timeout(STOPPING, continued).await.ok().flatten()
    }
}

/// Those that leave the terminal or change its size, and others, as they come.
///
/// # Errors
/// They cannot be handled.
pub(super) fn signals(others: &[Signal]) -> io::Result<mpsc::Receiver<Signal>> {
    let (sender, receiver) = mpsc::channel(1);
    for number in others.iter().copied().chain([Signal::WINCH, Signal::TSTP, Signal::CONT]) {
        let mut received = signal(SignalKind::from_raw(number.as_raw()))?;
        let sender = sender.clone();
        tokio::spawn(async move { while received.recv().await.is_some() && sender.send(number).await.is_ok() {} });
    }
    Ok(receiver)
}
