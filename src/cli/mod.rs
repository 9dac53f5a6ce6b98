//! The command line: arguments, terminal, one file per subcommand, exit codes.

mod arguments;
mod check;
mod demo;
mod exit;
mod expecting;
mod import;
mod log;
mod progress;
mod record;
mod recover;
mod show;
mod signals;
mod sketch;
mod terminal;
mod verify;
mod watch;
mod what;

use arguments::{Arguments, Command};
use clap::{CommandFactory, Parser};
pub use exit::Exit;
use std::process::ExitCode;
use std::time::Duration;

/// Parses the command line, runs it and says how it went.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::start(arguments.verbose);
    let outcome = match arguments.command {
        Command::Record(command) => record::run(*command),
        Command::Watch(command) => watch::run(*command),
        Command::Recover(command) => recover::run(*command),
        Command::Show(command) => show::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Demo => demo::run(),
        Command::Check(command) => check::run(&command),
        Command::Try(command) => sketch::run(&command),
        Command::Completions(command) => Ok(completions(command.shell)),
        Command::Verify(command) => verify::run(&command),
    };
    let exit = outcome.unwrap_or_else(|failure| {
        failure.tell();
        failure.exit
    });
    exit.into()
}

/// How long threads that still wait for a file or for a name's address may hold up the end.
const END: Duration = Duration::from_millis(200);

/// Runs a command that talks to somebody.
fn run<T>(command: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built");
    let outcome = runtime.block_on(command);
    runtime.shutdown_timeout(END);
    outcome
}

fn completions(shell: clap_complete::Shell) -> Exit {
    clap_complete::generate(shell, &mut Arguments::command(), "statetrail", &mut std::io::stdout());
    Exit::Ok
}
