//! The values of arguments that shells complete: kinds and tracks as they are declared, contexts of the kubeconfig, and
//! namespaces of the cluster. What fails completes nothing.

use super::arguments::ClusterArgs;
use super::runtime;
use crate::kinds::{self, Kind};
use crate::source::{self, Access, Cluster, KubeconfigNames};
use clap::{Args, Command, FromArgMatches};
use clap_complete::engine::CompletionCandidate;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

/// How long the namespaces may take, with all that precedes the request.
const LONGEST: Duration = Duration::from_secs(2);

/// Kinds, separated by commas.
pub(super) fn kinds(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(typed) = typed.to_str() else { return Vec::new() };
    let (before, word) = typed.split_at(typed.rfind(',').map_or(0, |comma| comma + 1));
    let names = kinds::all().flat_map(|kind| {
        let short = (kind.display != kind.plural).then_some(kind.display);
        [kind.plural].into_iter().chain(short).map(move |name| (name, kind.kind))
    });
    let fitting = names.filter(|(name, _)| name.starts_with(word));
    fitting.map(|(name, kind)| CompletionCandidate::new(format!("{before}{name}")).help(Some(kind.into()))).collect()
}

/// Tracks of all declared kinds; a family of tracks as a pattern.
pub(super) fn tracks(typed: &OsStr) -> Vec<CompletionCandidate> {
    let mut names = Vec::new();
    for track in kinds::all().flat_map(Kind::tracks) {
        names.push(format!("{}{}", track.name, if track.is_family() { "*" } else { "" }));
        names.extend(track.members.iter().map(|member| format!("{}{member}", track.name)));
    }
    names.sort();
    names.dedup();
    starting_with(typed, names)
}

/// Namespaces of the cluster that the rest of the command line names.
pub(super) fn namespaces(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some(access) = access() else { return Vec::new() };
    silence();
    let names = runtime::run(async {
        let asked = async { source::namespaces(&Cluster::new(access).await.ok()?).await };
        tokio::time::timeout(LONGEST, asked).await.ok().flatten()
    });
    starting_with(typed, names.unwrap_or_default())
}

/// Contexts of the kubeconfig.
pub(super) fn contexts(typed: &OsStr) -> Vec<CompletionCandidate> {
    starting_with(typed, in_kubeconfig().contexts)
}

/// Clusters of the kubeconfig.
pub(super) fn clusters(typed: &OsStr) -> Vec<CompletionCandidate> {
    starting_with(typed, in_kubeconfig().clusters)
}

/// Users of the kubeconfig.
pub(super) fn users(typed: &OsStr) -> Vec<CompletionCandidate> {
    starting_with(typed, in_kubeconfig().users)
}

fn starting_with(typed: &OsStr, names: Vec<String>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    names.into_iter().filter(|name| name.starts_with(&*typed)).map(CompletionCandidate::new).collect()
}

fn in_kubeconfig() -> KubeconfigNames {
    access().map(|access| source::kubeconfig_names(&access)).unwrap_or_default()
}

/// How the command line that is being completed reaches the cluster; none if its flags cannot be read.
fn access() -> Option<Access> {
    let command = ClusterArgs::augment_args(Command::new("statetrail"));
    let flags = flags(&command, std::env::args().skip(1));
    let matches = command.try_get_matches_from(flags).ok()?;
    Some(ClusterArgs::from_arg_matches(&matches).ok()?.access())
}

/// The flags of `command` among the words of another command, with their values.
fn flags(command: &Command, words: impl Iterator<Item = String>) -> Vec<OsString> {
    let mut words = words.peekable();
    let mut flags = vec![OsString::from("statetrail")];
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        let is_it = |arg: &&clap::Arg| {
            arg.get_long().is_some_and(|long| name.strip_prefix("--") == Some(long))
                || arg.get_short().is_some_and(|short| name == format!("-{short}"))
        };
        let Some(arg) = command.get_arguments().find(is_it) else { continue };
        let takes_value = arg.get_action().takes_values() && !word.contains('=');
        // A flag that is still without its value says nothing.
        match takes_value.then(|| words.next_if(|value| !value.is_empty())) {
            None => flags.push(word.into()),
            Some(Some(value)) => flags.extend([word.into(), value.into()]),
            Some(None) => {}
        }
    }
    flags
}

/// Lets no plugin that provides credentials write to the terminal or read from it, on which a command is being typed.
fn silence() {
    if let Ok(nothing) = std::fs::File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&nothing).and_then(|()| rustix::stdio::dup2_stderr(&nothing));
    }
}
