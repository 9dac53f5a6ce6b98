//! What shells complete. The script of `statetrail completions SHELL` asks this program, and so does kubectl, which runs
//! `kubectl_complete-statetrail` to complete the words after `kubectl statetrail`.
//!
//! Whatever fails, such as a kubeconfig or a cluster, completes nothing, and says nothing.

use super::arguments::{Arguments, Shell};
use super::candidates;
use super::exit::{Exit, Failure, written};
use super::invocation;
use super::printer::{self, Notation};
use clap::{Arg, Command, CommandFactory};
use clap_complete::engine::{ArgValueCompleter, complete};
use clap_complete::env::{CompleteEnv, Shells};
use std::ffi::OsString;
use std::fmt::Write as _;

/// The variable by which the scripts ask.
const VARIABLE: &str = "STATETRAIL_COMPLETE";

/// The script for bash. That of `clap_complete` takes `--flag=value` for three words.
const BASH: &str = include_str!("completion.bash");

/// The directives at the end of an answer to kubectl, as cobra defines them (`ShellCompDirective`).
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;

/// Answers a shell or kubectl; none if none of them asks.
pub(super) fn answer() -> Option<Result<Exit, Failure>> {
    if invocation::is_kubectl_completion() {
        return Some(answer_kubectl(std::env::args_os().skip(1).collect()));
    }
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command).var(VARIABLE);
    match asked.try_complete(std::env::args_os(), folder.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(Ok(Exit::Ok)),
        Err(error) => Some(Err(Failure::usage(error.to_string()))),
    }
}

/// Prints the script for a shell.
pub(super) fn print_script(shell: Shell) -> Result<Exit, Failure> {
    if shell == Shell::Bash {
        return written(printer::print(Notation::Words, BASH));
    }
    let shells = Shells::builtins();
    let completer = shells.completer(shell.name()).expect("it is built in");
    let (name, mut script) = ("statetrail", Vec::new());
    completer.write_registration(VARIABLE, name, name, name, &mut script).map_err(Failure::trouble)?;
    written(printer::print(Notation::Words, &String::from_utf8_lossy(&script)))
}

/// Prints the completions of the last word, in the form of cobra, which kubectl expects.
fn answer_kubectl(words: Vec<OsString>) -> Result<Exit, Failure> {
    let last = words.len();
    let words = std::iter::once(OsString::from("statetrail")).chain(words).collect();
    let folder = std::env::current_dir().ok();
    let candidates = complete(&mut command(), words, last, folder.as_deref()).unwrap_or_default();
    let mut text = String::new();
    for candidate in &candidates {
        let value = candidate.get_value().to_string_lossy();
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.lines().next().map(|line| format!("\t{line}")).unwrap_or_default();
        let _ = writeln!(text, "{value}{help}");
    }
    let is_open = candidates.iter().any(|candidate| candidate.get_value().to_string_lossy().ends_with(['/', '=', '.']));
    let _ = writeln!(text, ":{}", if is_open { NO_SPACE | NO_FILES } else { NO_FILES });
    written(printer::print(Notation::Words, &text))
}

/// The command line, with what completes its values.
fn command() -> Command {
    Arguments::command().mut_subcommands(|command| {
        let name = command.get_name().to_owned();
        command.mut_args(|arg| completed(&name, arg))
    })
}

/// An argument of a command, with what completes its value. What is not listed here is completed by clap: files, and
/// values of a fixed list.
fn completed(command: &str, arg: Arg) -> Arg {
    let completer = match (command, arg.get_id().as_str()) {
        ("record" | "watch" | "recover", "what") => ArgValueCompleter::new(candidates::objects),
        ("show" | "replay", "what") => ArgValueCompleter::new(candidates::recorded_objects),
        (_, "what" | "kinds" | "separate_storage") => ArgValueCompleter::new(candidates::kinds),
        ("record" | "watch" | "recover", "namespace") => ArgValueCompleter::new(candidates::namespaces),
        ("show" | "replay", "namespaces") => ArgValueCompleter::new(candidates::recorded_namespaces),
        ("show" | "replay", "names") => ArgValueCompleter::new(candidates::recorded_names),
        ("explain", "topic") => ArgValueCompleter::new(candidates::topics),
        (_, "context") => ArgValueCompleter::new(candidates::contexts),
        (_, "cluster") => ArgValueCompleter::new(candidates::clusters),
        (_, "user") => ArgValueCompleter::new(candidates::users),
        ("show" | "replay", "tracks") | (_, "shown") => ArgValueCompleter::new(candidates::tracks),
        _ => return arg,
    };
    arg.add(completer)
}
