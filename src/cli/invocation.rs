//! The name by which the program was started: `statetrail`, or a plugin of kubectl. kubectl runs `kubectl-statetrail` for
//! `kubectl statetrail`, and `kubectl_complete-statetrail` to complete its words.

use super::arguments::Arguments;
use clap::{Command, CommandFactory};
use std::borrow::Cow;
use std::path::Path;
use std::sync::LazyLock;

/// What kubectl looks for.
const PLUGIN: &str = "kubectl-statetrail";
const COMPLETION: &str = "kubectl_complete-statetrail";

/// How it is called in usage lines as a plugin.
const AS_PLUGIN: &str = "kubectl statetrail";

static STARTED_AS: LazyLock<String> = LazyLock::new(|| {
    let path = std::env::args_os().next().unwrap_or_default();
    Path::new(&path).file_name().unwrap_or_default().to_string_lossy().into_owned()
});

/// True if kubectl asks for completions.
pub(super) fn is_kubectl_completion() -> bool {
    *STARTED_AS == COMPLETION
}

/// The command line, under the name by which it was started.
pub(super) fn command() -> Command {
    let command = Arguments::command();
    if *STARTED_AS == PLUGIN { command.bin_name(AS_PLUGIN) } else { command }
}

/// A text of ours, with commands as the user types them: `statetrail show` is `kubectl statetrail show` in a plugin.
pub(super) fn named(text: &str) -> Cow<'_, str> {
    if *STARTED_AS == PLUGIN { as_plugin(text).into() } else { text.into() }
}

fn as_plugin(text: &str) -> String {
    let names: Vec<String> =
        Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let is_command = |rest: &str| {
        let word = rest.strip_prefix(' ').unwrap_or_default();
        let word = word.split(|c: char| !c.is_ascii_lowercase()).next().unwrap_or_default();
        names.iter().any(|name| name == word)
    };
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("statetrail") {
        named.push_str(before);
        let is_named = named.ends_with("kubectl ") || !is_command(after);
        named.push_str(if is_named { "statetrail" } else { AS_PLUGIN });
        rest = after;
    }
    named.push_str(rest);
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_named_as_they_are_typed_and_nothing_else_is() {
        for (text, named) in [
            ("run `statetrail show run.jsonl`", "run `kubectl statetrail show run.jsonl`"),
            ("Usage: kubectl statetrail show", "Usage: kubectl statetrail show"),
            (
                "  statetrail record -o a\n  statetrail verify a",
                "  kubectl statetrail record -o a\n  kubectl statetrail verify a",
            ),
            ("the versions of statetrail and of the server", "the versions of statetrail and of the server"),
            ("/tmp/statetrail-demo-1/statetrail", "/tmp/statetrail-demo-1/statetrail"),
        ] {
            assert_eq!(as_plugin(text), named);
        }
    }
}
