//! Sources that are not API servers, as arguments: `runc:/run/runc`.

use super::arguments::{ClusterArgs, WatchArgs};
use super::exit::Failure;
use crate::kinds::{self, Kind};
use crate::observation::Watch;
use crate::source::{self, Cluster};
use std::path::Path;

/// The address of a cluster that is never talked to, because no watch is of one.
const NOWHERE: &str = "http://localhost:0";

/// Arguments, of which some are sources.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    /// The watches of the sources.
    pub sources: Vec<Watch>,
    /// All others.
    pub others: Vec<String>,
}

/// Takes the sources out of arguments: `pods runc:/run/runc`, or `pods,runc:/run/runc`.
///
/// # Errors
/// A source without an address.
pub(super) fn taken(arguments: &[String]) -> Result<Arguments, Failure> {
    let mut taken = Arguments::default();
    for argument in arguments {
        if let Some(source) = named(argument)? {
            taken.sources.push(source);
            continue;
        }
        let mut others = Vec::new();
        for word in argument.split(',') {
            match named(word.trim())? {
                Some(source) => taken.sources.push(source),
                None => others.push(word),
            }
        }
        taken.others.extend((!others.is_empty()).then(|| others.join(",")));
    }
    Ok(taken)
}

/// True for an argument that is a source.
pub(super) fn is_source(argument: &str) -> bool {
    argument.split_once(':').is_some_and(|(group, _)| kinds::source(group).is_some())
}

fn named(word: &str) -> Result<Option<Watch>, Failure> {
    let bare = kinds::named(word).filter(|kind| !kind.is_served());
    let (kind, address) = match word.split_once(':') {
        Some((group, address)) => (kinds::source(group), address),
        None => (bare, ""),
    };
    let Some(kind) = kind else { return Ok(None) };
    let group = kind.group;
    if address.is_empty() {
        return Err(Failure::usage(format!(
            "{word}: the directory in which {group} keeps its state is missing; write {group}:/run/{group}"
        )));
    }
    let address =
        std::path::absolute(Path::new(address)).map_err(|error| Failure::usage(format!("{word}: {error}")))?;
    let Some(address) = address.components().collect::<std::path::PathBuf>().to_str().map(str::to_owned) else {
        return Err(Failure::usage(format!("{word}: the path is not UTF-8")));
    };
    Ok(Some(Watch::at(kind.resource(), address)))
}

/// Refuses flags that say nothing where all that is watched are sources.
///
/// # Errors
/// There is such a flag.
pub(super) fn refuse_flags(sources: &[Watch], selecting: &WatchArgs) -> Result<(), Failure> {
    let WatchArgs { namespace, all_namespaces, selector, field_selector, tracks, separate_storage, .. } = selecting;
    let flags = [
        ("-n", namespace.is_some()),
        ("-A", *all_namespaces),
        ("-l", selector.is_some()),
        ("--field-selector", field_selector.is_some()),
        ("--track", !tracks.is_empty()),
        ("--separate-storage", !separate_storage.is_empty()),
    ];
    match (flags.iter().find(|(_, is_given)| *is_given), sources.first()) {
        (Some((flag, _)), Some(source)) => Err(Failure::usage(format!(
            "{flag}: this is for kinds of a cluster, and {} is the only thing to record; leave the flag out",
            source.selected()
        ))),
        _ => Ok(()),
    }
}

/// The cluster; if no watch is of one, no kubeconfig is read.
///
/// # Errors
/// The configuration cannot be read or used.
pub(super) async fn cluster(reaching: &ClusterArgs, is_needed: bool) -> Result<Cluster, source::Error> {
    if is_needed { Cluster::new(reaching.access()).await } else { Cluster::at(NOWHERE).await }
}

/// True when arguments name anything of a cluster; without any, the default kinds are meant.
pub(super) fn need_cluster(arguments: &[String]) -> bool {
    let is_of_cluster = |word: &str| {
        let word = word.trim();
        !is_source(word) && kinds::named(word).is_none_or(Kind::is_served)
    };
    let whole = |argument: &&String| !is_source(argument);
    arguments.is_empty() || arguments.iter().filter(whole).flat_map(|argument| argument.split(',')).any(is_of_cluster)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, String> {
        let arguments: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        let taken = taken(&arguments).map_err(|failure| failure.message())?;
        let sources: Vec<String> = taken.sources.iter().map(Watch::selected).collect();
        let cluster = if need_cluster(&arguments) { "" } else { " alone" };
        Ok(format!("{}|{}{cluster}", taken.others.join(" "), sources.join(" ")))
    }

    #[test]
    fn sources_stand_alone_and_beside_kinds() {
        for (typed, meant) in [
            ("runc:/run/runc", "|runc:/run/runc alone"),
            ("runc:/run/runc/", "|runc:/run/runc alone"),
            ("runc:/a,b", "|runc:/a,b alone"),
            ("pods runc:/run/runc", "pods|runc:/run/runc"),
            ("pods,runc:/run/runc", "pods|runc:/run/runc"),
            ("vm web db runc:/run/runc", "vm web db|runc:/run/runc"),
            ("runc:/a runc:/b", "|runc:/a runc:/b alone"),
            ("pods,vmi", "pods,vmi|"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(meant), "{typed}");
        }
        for typed in ["runc", "runc:", "pods,runc"] {
            assert!(read(typed).is_err_and(|text| text.contains("write runc:/run/runc")), "{typed}");
        }
    }
}
