//! The runtime of the commands that need one.

use std::time::Duration;

/// How long threads that still wait for a file or for name resolution may delay the end.
const END: Duration = Duration::from_millis(200);

/// Runs a command that needs a runtime.
pub(super) fn run<T>(command: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built");
    let outcome = runtime.block_on(command);
    runtime.shutdown_timeout(END);
    outcome
}
