//! Diagnostics on stderr: warnings, and with `-v` the logs of libraries.

use std::fmt;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

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
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| super::printer::Log);
    if verbose == 0 { log.event_format(Plain).init() } else { log.without_time().init() }
}

/// `warning: TEXT`, as the program's other messages.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            Level::INFO => "info",
            Level::DEBUG | Level::TRACE => "debug",
        };
        write!(out, "{level}: ")?;
        context.field_format().format_fields(out.by_ref(), event)?;
        writeln!(out)
    }
}
