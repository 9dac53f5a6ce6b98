//! Diagnostics on stderr: warnings, and with `-v` the logs of libraries.

use tracing_subscriber::EnvFilter;

/// Starts the log. `STATETRAIL_LOG` overrides the level, in the syntax of `tracing_subscriber::EnvFilter`.
pub(super) fn start(verbose: u8) {
    let level = match verbose {
        0 => "error,statetrail=warn,kube=off,hyper=off,tower=off",
        1 => "warn,statetrail=info",
        2 => "info,statetrail=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("STATETRAIL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    // The source of a message is only shown with higher verbosity.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_target(verbose > 0)
        .with_writer(|| super::printer::Log)
        .without_time()
        .init();
}
