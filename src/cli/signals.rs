//! SIGINT and SIGTERM: the first asks for a fence and an end, the second aborts.
//!
//! They are waited for on a thread of their own, from before the first request on, so that they are heard whatever the
//! others wait for.

use super::exit::{Exit, Failure};
use crate::run::{Error, Stop};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a recorder that was aborted may take to end by itself.
const ABORT: Duration = Duration::from_millis(700);

/// Listens for signals, until the process ends: whoever waits for a slow terminal at the end can still be ended.
///
/// # Errors
/// When signals cannot be waited for.
pub(super) fn listen() -> Result<Stop, Error> {
    let stop = Stop::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Signals)?;
    let entered = runtime.enter();
    let interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    drop(entered);
    let heard = stop.clone();
    std::thread::spawn(move || runtime.block_on(hear(&heard, interrupt, terminate)));
    Ok(stop)
}

/// What comes before there is a recorder: discovery, and reading what is continued. The first signal ends it at once.
///
/// # Errors
/// Those of what comes before, or that it was stopped.
pub(super) async fn unless_stopped<T>(
    stop: &Stop,
    before: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::select! {
        biased;
        () = stop.finish.cancelled() => Err(stop.before_the_start().into()),
        done = before => done,
    }
}

async fn hear(stop: &Stop, mut interrupt: Signal, mut terminate: Signal) {
    let mut asked = false;
    loop {
        let reason = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        if asked {
            break;
        }
        asked = true;
        stop.finish(reason);
    }
    stop.abort.cancel();
    tokio::time::sleep(ABORT).await;
    // A disk or a lock that never comes back holds up nobody who has asked twice. What was recorded is in the file, and
    // an unfinished last line is known as such.
    std::process::exit(i32::from(Exit::RequestError as u8));
}
