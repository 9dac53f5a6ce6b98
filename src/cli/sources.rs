//! Sources that are not API servers, as arguments: `runc:/run/runc`.

use super::arguments::{ClusterArgs, WatchArgs};
use super::exit::Failure;
use crate::kinds::{self, Kind, Source};
use crate::observation::Watch;
use crate::source::{self, Cluster};

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
        let sources = named(argument)?;
        if !sources.is_empty() {
            taken.sources.extend(sources);
            continue;
        }
        let mut others = Vec::new();
        for word in argument.split(',') {
            let sources = named(word.trim())?;
            if sources.is_empty() {
                refuse_paths(word.trim())?;
            }
            // No kind of a cluster has a colon.
            if let (true, Some((source, _))) = (sources.is_empty(), word.trim().split_once(':')) {
                let sources = kinds::sources();
                return Err(Failure::usage(format!("{word}: there is no source `{source}`; there are {sources}")));
            }
            others.extend(sources.is_empty().then_some(word));
            taken.sources.extend(sources);
        }
        taken.others.extend((!others.is_empty()).then(|| others.join(",")));
    }
    Ok(taken)
}

/// Refuses what looks like a source and is not written as one: no kind of a cluster has a path.
fn refuse_paths(typed: &str) -> Result<(), Failure> {
    let source = typed.split_once('=').filter(|(word, _)| kinds::of_source(word).next().is_some());
    if let Some((word, path)) = source {
        return Err(Failure::usage(format!("{typed}: sources have a colon; write {word}:{path}")));
    }
    if typed.starts_with(['/', '.']) {
        let sources = kinds::sources();
        return Err(Failure::usage(format!("{typed}: a path needs its source before it; there are {sources}")));
    }
    Ok(())
}

/// The watches of a source, one for each of its kinds; none for anything else.
fn named(typed: &str) -> Result<Vec<Watch>, Failure> {
    let (word, address) = typed.split_once(':').unwrap_or((typed, ""));
    kinds::of_source(word)
        .map(|(kind, source)| Ok(Watch::at(kind.resource(), path(typed, kind, source, address)?)))
        .collect()
}

fn path(typed: &str, kind: &Kind, source: Source, address: &str) -> Result<String, Failure> {
    let Source { what, usual, may_be_omitted, .. } = source;
    let group = kind.group;
    let address = match address.strip_prefix("unix://").unwrap_or(address) {
        "" if !may_be_omitted => {
            return Err(Failure::usage(format!("{typed}: {what} is missing; write {group}:{usual}")));
        }
        // It could be meant for a cluster.
        "" if !typed.contains(':') => {
            let why = "no API server has these; write";
            return Err(Failure::usage(format!("{typed}: {why} {group}: to record them of this machine")));
        }
        "" => usual,
        address => address,
    };
    let address = std::path::absolute(address).map_err(|error| Failure::usage(format!("{typed}: {error}")))?;
    let address: std::path::PathBuf = address.components().collect();
    let address = address.to_str().ok_or_else(|| Failure::usage(format!("{typed}: the path is not UTF-8")))?;
    Ok(address.to_owned())
}

/// The watches of what passes through to sources.
///
/// # Errors
/// There is no such source beside it, or no such proxy.
pub(super) fn proxies(typed: &[String], sources: &[Watch]) -> Result<Vec<Watch>, Failure> {
    let one = |typed: &String| {
        let wrong = |why: &str| Failure::usage(format!("--proxy {typed}: {why}"));
        let (word, socket) = typed.split_once('=').unwrap_or((typed, ""));
        let kind = kinds::proxied(word).ok_or_else(|| wrong("this can be `cri=SOCK` or `libpod=SOCK`"))?;
        if socket.is_empty() {
            return Err(wrong(&format!("the socket to listen on is missing; write {word}=SOCK")));
        }
        let source = sources.iter().find(|source| source.resource.group == word);
        let source = source.ok_or_else(|| {
            let usual = kinds::of_source(word).next().map_or("", |(_, source)| source.usual);
            wrong(&format!("name the source, too: {word}:{usual}"))
        })?;
        let socket = socket.strip_prefix("unix://").unwrap_or(socket);
        let socket = std::path::absolute(socket).map_err(|error| wrong(&error.to_string()))?;
        let socket = socket.to_str().filter(|socket| !socket.contains('='));
        let socket = socket.ok_or_else(|| wrong("the path has a `=`, or is not UTF-8"))?;
        Ok(Watch::at(kind.resource(), format!("{socket}={}", source.address)))
    };
    let watches = typed.iter().map(one).collect::<Result<Vec<_>, _>>()?;
    for (index, watch) in watches.iter().enumerate() {
        if watches[..index].iter().any(|earlier| earlier.resource == watch.resource) {
            let why = "one recorder listens on one socket for a source; leave this out, or start another recorder";
            return Err(Failure::usage(format!("--proxy {}: {why}", typed[index])));
        }
    }
    Ok(watches)
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
///
/// # Errors
/// A source is not written as one.
pub(super) fn need_cluster(arguments: &[String]) -> Result<bool, Failure> {
    taken(arguments)?;
    let is_of_cluster = |word: &str| {
        let word = word.trim();
        !word.contains(':') && kinds::named(word).is_none_or(Kind::is_served)
    };
    // Only a source has a colon; commas after it are of its address.
    let whole = |argument: &&String| argument.split_once(':').is_none_or(|(words, _)| words.contains(','));
    let mut words = arguments.iter().filter(whole).flat_map(|argument| argument.split(','));
    Ok(arguments.is_empty() || words.any(is_of_cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<String, String> {
        let arguments: Vec<String> = typed.split(' ').map(str::to_owned).collect();
        let taken = taken(&arguments).map_err(|failure| failure.message())?;
        let sources: Vec<String> = taken.sources.iter().map(Watch::selected).collect();
        let cluster = if need_cluster(&arguments).is_ok_and(|is_needed| is_needed) { "" } else { " alone" };
        Ok(format!("{}|{}{cluster}", taken.others.join(" "), sources.join(" ")))
    }

    #[test]
    fn sources_stand_alone_and_beside_kinds() {
        for (typed, meant) in [
            ("runc:/run/runc", "|runccontainers:/run/runc directories:/run/runc alone"),
            ("runccontainers:/run/runc/", "|runccontainers:/run/runc alone"),
            ("directory:/a,b", "|directories:/a,b alone"),
            ("pods runccontainer:/run/runc", "pods|runccontainers:/run/runc"),
            ("pods,runc:/run/runc", "pods|runccontainers:/run/runc directories:/run/runc"),
            ("vm web db directory:/run/runc", "vm web db|directories:/run/runc"),
            ("directory:unix:///a directory:/b", "|directories:/a directories:/b alone"),
            ("pods,vmi", "pods,vmi|"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(meant), "{typed}");
        }
        let both = "|crisandboxes:/run/containerd/containerd.sock cricontainers:/run/containerd/containerd.sock alone";
        assert_eq!(read("cri:/run/containerd/containerd.sock").as_deref(), Ok(both));
        for typed in ["runk:/run/runc", "pods,crio:/x", "uevent:"] {
            assert!(read(typed).is_err_and(|text| text.contains("there is no source")), "{typed}");
        }
        for typed in ["/run/runc", "./runc", "pods,/run/runc"] {
            assert!(read(typed).is_err_and(|text| text.contains("a path needs its source before it")), "{typed}");
        }
        for typed in ["runc", "runc:", "pods,runc", "runc=/run/runc"] {
            assert!(read(typed).is_err_and(|text| text.contains("write runc:/run/runc")), "{typed}");
        }
    }

    #[test]
    fn a_proxy_listens_beside_its_source() {
        let named = ["cri:/run/c.sock", "libpod:/run/p.sock"].map(str::to_owned);
        let sources = taken(&named).map_err(|failure| failure.message()).unwrap().sources;
        let read = |typed: &str, sources: &[Watch]| {
            let typed: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            let watches = proxies(&typed, sources).map_err(|failure| failure.message())?;
            Ok::<_, String>(watches.iter().map(Watch::selected).collect::<Vec<_>>().join(" "))
        };
        assert_eq!(read("cri=/tmp/p.sock", &sources).as_deref(), Ok("cricalls:/tmp/p.sock=/run/c.sock"));
        let both = "cricalls:/tmp/a=/run/c.sock libpodcalls:/tmp/b=/run/p.sock";
        assert_eq!(read("cri=/tmp/a libpod=/tmp/b", &sources).as_deref(), Ok(both));
        for (typed, sources, why) in [
            ("cri=/tmp/p.sock", &[][..], "name the source, too: cri:/run/containerd/containerd.sock"),
            ("libpod=/tmp/p.sock", &sources[..2], "name the source, too: libpod:/run/podman/podman.sock"),
            ("libpod=/tmp/a libpod=/tmp/b", &sources, "--proxy libpod=/tmp/b: one recorder listens"),
            ("cri", &sources, "the socket to listen on is missing"),
            ("runc=/tmp/p.sock", &sources, "this can be `cri=SOCK` or `libpod=SOCK`"),
        ] {
            assert!(read(typed, sources).is_err_and(|text| text.contains(why)), "{typed}");
        }
    }
}
