//! SIGINT and SIGTERM: the first asks for a fence and an end, the second aborts.

use crate::run::{Error, Stop};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// Listens for signals until the task is aborted; must be called within a tokio runtime.
///
/// # Errors
/// When signals cannot be waited for.
pub fn listen(stop: Stop) -> Result<JoinHandle<()>, Error> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    Ok(tokio::spawn(async move {
        let mut asked = false;
        loop {
            let reason = tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
            if asked {
                stop.abort.cancel();
                return;
            }
            asked = true;
            stop.finish(reason);
        }
    }))
}
