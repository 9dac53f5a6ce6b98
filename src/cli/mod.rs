//! The command line: arguments, terminal, one file per subcommand, exit codes.

mod arguments;
mod exit;
mod log;
mod record;
mod show;
mod signals;
mod terminal;
mod verify;
mod watch;
mod what;

use arguments::{Arguments, Command};
use clap::Parser;
pub use exit::Exit;
use std::process::ExitCode;

/// Parses the command line, runs it and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.verbose);
    let outcome = match arguments.command {
        Command::Record(command) => record::run(*command),
        Command::Watch(command) => watch::run(*command),
        Command::Show(command) => show::run(&command),
        Command::Verify(command) => verify::run(&command),
    };
    let exit = outcome.unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    });
    exit.into()
}

/// The runtime of all commands that talk to somebody.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built")
}
