//! The command line: arguments, terminal, one file per subcommand, exit codes.

mod arguments;
mod check;
mod demo;
mod exit;
mod expecting;
mod import;
mod log;
mod printer;
mod progress;
mod record;
mod recover;
mod runtime;
mod show;
mod signals;
mod sketch;
mod terminal;
mod verify;
mod watch;
mod what;

use arguments::{Arguments, Command};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};
pub use exit::Exit;
use exit::Failure;
use printer::Notation;
use std::process::ExitCode;

/// Parses the command line, runs the command and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misread(&with_remedy(error)),
    };
    log::start(arguments.verbose);
    signals::survive_size_limit();
    let outcome = match arguments.command {
        Command::Record(command) => record::run(*command),
        Command::Watch(command) => watch::run(*command),
        Command::Recover(command) => recover::run(*command),
        Command::Show(command) => show::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Demo => demo::run(),
        Command::Check(command) => check::run(&command),
        Command::Try(command) => sketch::run(&command),
        Command::Completions(command) => completions(command.shell),
        Command::Verify(command) => verify::run(&command),
    };
    let exit = outcome.unwrap_or_else(|failure| {
        failure.print();
        failure.exit
    });
    printer::finish();
    exit.into()
}

/// Adds a remedy for flags that a resumed recording cannot take.
fn with_remedy(mut error: clap::Error) -> clap::Error {
    let is_resume = |(_, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(argument) => argument.starts_with("--resume"),
        ContextValue::Strings(arguments) => arguments.iter().any(|argument| argument.starts_with("--resume")),
        _ => false,
    };
    if error.kind() == ErrorKind::ArgumentConflict && error.context().any(is_resume) {
        let remedy = "a resumed recording keeps what it was started with: leave the flag out, or start another recording \
                      with --output";
        let tip = ContextValue::StyledStrs(vec![StyledStr::from(remedy)]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// Handles arguments that cannot be parsed, and requests for help or the version.
fn misread(error: &clap::Error) -> ExitCode {
    let text = error.render();
    if error.use_stderr() {
        printer::say_painted(&if terminal::colours_stderr() { text.ansi().to_string() } else { text.to_string() });
        return Exit::Usage.into();
    }
    let text = if terminal::colours_stdout() { text.ansi().to_string() } else { text.to_string() };
    written(printer::print(Notation::Words, &text))
        .unwrap_or_else(|failure| {
            failure.print();
            failure.exit
        })
        .into()
}

fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "statetrail", &mut script);
    written(printer::print(Notation::Words, &String::from_utf8_lossy(&script)))
}

/// The exit code after writing output.
fn written(done: std::io::Result<()>) -> Result<Exit, Failure> {
    done.map(|()| Exit::Ok).map_err(|error| Failure::trouble(crate::run::Error::Output(error)))
}
