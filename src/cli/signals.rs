//! SIGINT and SIGTERM: the first asks for a fence and an end, the second aborts.
//!
//! They are waited for on a thread of their own, so that they are heard whatever the others wait for.

use super::exit::Exit;
use crate::run::{Error, Stop};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long a recorder that was aborted may take to end by itself.
const ABORT: Duration = Duration::from_millis(700);

/// Listens for signals, until the process ends: whoever waits for a slow terminal at the end can still be ended.
///
/// # Errors
/// When signals cannot be waited for.
pub(super) fn listen(stop: Stop) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Signals)?;
    let entered = runtime.enter();
    let interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    drop(entered);
    std::thread::spawn(move || runtime.block_on(hear(&stop, interrupt, terminate)));
    Ok(())
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
