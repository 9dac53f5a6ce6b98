//! SIGINT and SIGTERM: the first requests a fence and the end, the second aborts.
//!
//! A separate thread waits for them from before the first request on, so that they are handled whatever other threads
//! do.

use super::exit::{Exit, Failure};
use super::printer;
use crate::run::{Error, Stop};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long an aborted recorder may take to end.
const ABORT: Duration = Duration::from_millis(700);

/// Listens for signals until the process ends, so that even a process that waits for a slow terminal can be ended.
///
/// # Errors
/// The signal handlers cannot be installed.
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

/// Handles SIGXFSZ, by doing nothing, for as long as the process lives: it would end the process without a word at a
/// file-size limit (`ulimit -f`). The write then fails like one to a full disk. Where no handler can be installed, the
/// signal keeps its effect.
pub(super) fn survive_size_limit() {
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _entered = runtime.enter();
        let _ = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()));
    }
}

/// Runs what comes before there is a recorder, such as discovery and reading a recording to resume. The first signal
/// ends it at once.
///
/// # Errors
/// The error of the future, or that it was stopped.
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
    printer::say("aborted by a second signal: no fence proves the end of what was recorded");
    stop.abort.cancel();
    tokio::time::sleep(ABORT).await;
    // A blocked disk or lock must not delay a second signal. What was recorded is in the file, and an unfinished last
    // line is recognised as such.
    std::process::exit(i32::from(Exit::RequestError as u8));
}
