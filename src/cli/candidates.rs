//! The values of arguments that shells complete: kinds and tracks as they are declared, contexts of the kubeconfig, and
//! namespaces of the cluster. What fails completes nothing.

use super::arguments::ClusterArgs;
use super::documents;
use super::runtime;
use crate::kinds::{self, Kind};
use crate::observation::{Subject, Watch};
use crate::recording::Reader;
use crate::run;
use crate::source::{self, Access, Cluster, KubeconfigNames};
use crate::timeline::Entry;
use crate::view::KindName;
use clap::{Args, Command, FromArgMatches};
use clap_complete::engine::CompletionCandidate;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

/// How long the namespaces may take, with all that precedes the request.
const LONGEST: Duration = Duration::from_secs(2);

/// The largest recording that is read.
const LARGEST: u64 = 64 << 20;

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

/// Kinds, and after `vm/` the objects of the cluster that the rest of the command line names.
pub(super) fn objects(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((before, kind)) = of_kind(typed) else { return kinds(typed) };
    let names = asked(async |cluster| {
        let resolved = source::resolve(cluster, &kind).await.ok()?;
        let mut watch = Watch::all(resolved.resource);
        if resolved.namespaced {
            let typed = typed_after(&["-n", "--namespace"]);
            watch.namespace = typed.unwrap_or_else(|| cluster.default_namespace().to_owned()).into();
        }
        source::names(cluster, &watch).await
    });
    starting_with(typed, names.iter().map(|name| format!("{before}{name}")).collect())
}

/// Kinds, and after `vm/` the objects of the recording that the rest of the command line names.
pub(super) fn recorded_objects(typed: &OsStr) -> Vec<CompletionCandidate> {
    let Some((before, kind)) = of_kind(typed) else { return kinds(typed) };
    let Ok(wanted) = kind.parse::<KindName>() else { return Vec::new() };
    let names = recorded(|subject| {
        let is_it = wanted.matches(&subject.kind, &subject.group, &subject.name);
        is_it.then(|| format!("{before}{}", subject.name))
    });
    starting_with(typed, names)
}

/// What is before the name of an object that is being typed, and its kind: `pods,vm/` and `vm`; after the word `vm`,
/// nothing and `vm`.
fn of_kind(typed: &OsStr) -> Option<(String, String)> {
    let typed = typed.to_str()?;
    if let Some((kinds, _)) = typed.rsplit_once('/') {
        let kind = kinds.rsplit(',').next().unwrap_or(kinds);
        return Some((format!("{kinds}/"), kind.to_owned()));
    }
    let previous = std::env::args().rev().nth(1)?;
    (kinds::named(&previous).is_some() && !typed.contains(',')).then(|| (String::new(), previous))
}

/// Namespaces of the recording.
pub(super) fn recorded_namespaces(typed: &OsStr) -> Vec<CompletionCandidate> {
    let namespaces = recorded(|subject| Some(subject.namespace.to_string()).filter(|namespace| !namespace.is_empty()));
    starting_with(typed, namespaces)
}

/// Names of objects in the recording.
pub(super) fn recorded_names(typed: &OsStr) -> Vec<CompletionCandidate> {
    starting_with(typed, recorded(|subject| Some(subject.name.to_string())))
}

/// Kinds, their tracks after `vm.`, and documents.
pub(super) fn topics(typed: &OsStr) -> Vec<CompletionCandidate> {
    let word = typed.to_string_lossy();
    let topics = match word.rsplit_once('.').and_then(|(kind, _)| Some((kind, kinds::named(kind)?))) {
        Some((typed, kind)) => kind.tracks().iter().map(|track| format!("{typed}.{}", track.name)).collect(),
        None => kinds::all()
            .map(|kind| kind.display)
            .chain(documents::ALL.iter().map(|it| it.name))
            .map(str::to_owned)
            .collect(),
    };
    starting_with(typed, topics)
}

/// Namespaces of the cluster that the rest of the command line names.
pub(super) fn namespaces(typed: &OsStr) -> Vec<CompletionCandidate> {
    starting_with(typed, asked(async |cluster| source::names(cluster, &source::namespaces()).await))
}

/// Names that the cluster answers with, in time.
fn asked(ask: impl AsyncFnOnce(&Cluster) -> Option<Vec<String>>) -> Vec<String> {
    let Some(access) = access() else { return Vec::new() };
    silence();
    let names = runtime::run(async {
        let asked = async { ask(&Cluster::new(access).await.ok()?).await };
        tokio::time::timeout(LONGEST, asked).await.ok().flatten()
    });
    names.unwrap_or_default()
}

/// What the recording that the command line names has of its subjects, in order; nothing if it is too large to be read
/// while someone waits.
fn recorded(of: impl Fn(&Subject) -> Option<String>) -> Vec<String> {
    let words = std::env::args().skip(1).skip_while(|word| !["show", "replay"].contains(&&**word)).skip(1);
    let is_file = |path: &PathBuf| path.metadata().is_ok_and(|file| file.is_file() && file.len() <= LARGEST);
    let Some(path) = words.map(PathBuf::from).find(is_file) else { return Vec::new() };
    let names = RefCell::new(BTreeSet::new());
    let keep = |entry: &Entry| {
        names.borrow_mut().extend(entry.subject.as_deref().and_then(&of));
        false
    };
    let _ = Reader::open(&path).map(|reader| run::folded(reader, keep));
    names.into_inner().into_iter().collect()
}

/// The value of a flag on the command line that is being completed.
fn typed_after(flags: &[&str]) -> Option<String> {
    let mut words = std::env::args();
    while let Some(word) = words.next() {
        let with_value = word.split_once('=').filter(|(flag, _)| flags.contains(flag));
        match with_value {
            Some((_, value)) => return Some(value.to_owned()),
            None if flags.contains(&&*word) => return words.next(),
            None => {}
        }
    }
    None
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
