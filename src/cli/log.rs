//! Diagnostics on stderr: what the libraries under us say, with `-v`.

use tracing_subscriber::EnvFilter;

/// Starts the log. `STATETRAIL_LOG` overrides the level, in the syntax of `tracing_subscriber::EnvFilter`.
pub fn start(verbose: u8) {
    let level = match verbose {
        0 => "error,kube=off,hyper=off,tower=off",
        1 => "warn,statetrail=info",
        2 => "info,statetrail=debug",
        _ => "debug",
    };
    let filter = EnvFilter::try_from_env("STATETRAIL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(|| super::printer::Log)
        .without_time()
        .init();
}
