//! The command line: arguments, terminal, one file per subcommand, exit codes.

mod arguments;
mod candidates;
mod check;
mod command;
mod completing;
mod content;
mod demo;
mod documents;
mod exit;
mod expecting;
mod explain;
mod files;
mod import;
mod invocation;
mod judgement;
mod log;
mod mark;
mod marks;
mod names;
mod outages;
mod page;
mod pager;
mod piped;
mod player;
mod printer;
mod progress;
mod record;
mod recover;
mod replay;
mod replaying;
mod report;
mod runtime;
mod selected;
mod serve;
mod serving;
mod show;
mod signals;
mod sketch;
mod sources;
mod tally;
mod terminal;
mod torture;
mod values;
mod verify;
mod version;
mod watch;
mod what;

use arguments::{Arguments, Command};
use clap::FromArgMatches;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
pub use exit::Exit;
use exit::{Failure, written};
use printer::Notation;
use std::process::ExitCode;

/// Parses the command line, runs the command and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(answered) = completing::answer() {
        return concluded(answered);
    }
    let read = invocation::command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match read {
        Ok(arguments) => arguments,
        Err(error) => return misread(&with_remedy(error)),
    };
    arguments.color.apply();
    log::start(arguments.verbose);
    signals::survive_size_limit();
    let outcome = match arguments.command {
        Command::Record(command) => record::run(*command),
        Command::Serve(command) => serve::run(*command),
        Command::Mark(command) => mark::run(&command),
        Command::Watch(command) => watch::run(*command),
        Command::Recover(command) => recover::run(*command),
        Command::Show(command) => show::run(&command),
        Command::Replay(command) => replay::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Demo => demo::run(),
        Command::Check(command) => check::run(&command),
        Command::Try(command) => sketch::run(&command),
        Command::Explain(command) => explain::run(&command),
        Command::Version(command) => version::run(&command),
        Command::Completions(command) => completing::print_script(command.shell),
        Command::Torture(command) => torture::run(&command),
        Command::Verify(command) => verify::run(&command),
    };
    concluded(outcome)
}

/// Prints a failure, and waits for what is still to be printed.
fn concluded(outcome: Result<Exit, Failure>) -> ExitCode {
    let exit = outcome.unwrap_or_else(|failure| {
        failure.print();
        failure.exit
    });
    printer::finish();
    exit.into()
}

/// Adds a remedy for flags that a resumed recording cannot take, and for those of other commands.
fn with_remedy(mut error: clap::Error) -> clap::Error {
    let is_resume = |(_, value): (ContextKind, &ContextValue)| match value {
        ContextValue::String(argument) => argument.starts_with("--resume"),
        ContextValue::Strings(arguments) => arguments.iter().any(|argument| argument.starts_with("--resume")),
        _ => false,
    };
    let remedy = match error.kind() {
        ErrorKind::ArgumentConflict if error.context().any(is_resume) => Some(
            "a resumed recording keeps its settings: omit the flag, or start another recording with \
             --output",
        ),
        ErrorKind::UnknownArgument => of_expectations(&error),
        _ => None,
    };
    let Some(remedy) = remedy else { return error };
    // Not the flag that is spelt alike.
    error.remove(ContextKind::SuggestedArg);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(remedy)]));
    error
}

/// The remedy for a flag for expectations that a command does not have.
fn of_expectations(error: &clap::Error) -> Option<&'static str> {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
    if !["-e", "--expect", "--expectations", "--until-expect"].contains(&flag.as_str()) {
        return None;
    }
    match std::env::args().nth(1)?.as_str() {
        "watch" => Some("`watch` stops once its expectations are decided: -e FILE, or --expect LINE"),
        "check" | "try" => Some("`check` and `try` take -e FILE and --expect LINE"),
        "show" | "replay" | "verify" | "import" | "recover" => {
            Some("`statetrail check RECORDING` takes -e FILE and --expect LINE, and judges a recording by them")
        }
        _ => None,
    }
}

/// Handles arguments that cannot be parsed, and requests for help or the version.
fn misread(error: &clap::Error) -> ExitCode {
    let text = error.render();
    if error.use_stderr() {
        printer::say_painted(&if terminal::colours_stderr() { text.ansi().to_string() } else { text.to_string() });
        return Exit::Usage.into();
    }
    let text = if terminal::colours_stdout() { text.ansi().to_string() } else { text.to_string() };
    written(printer::print(Notation::Words, &invocation::named(&text)))
        .unwrap_or_else(|failure| {
            failure.print();
            failure.exit
        })
        .into()
}
