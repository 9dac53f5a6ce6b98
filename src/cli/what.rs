//! WHAT: which objects to watch, in kubectl's words.

use super::arguments::{DNS_LABEL, WatchArgs};
use super::exit::Failure;
use crate::kinds::{self, Kind};
use crate::observation::{CustomTrack, Resource, Watch, field_selector, is_dns_label, is_path_segment, is_subdomain};
use crate::source::{self, Cluster, Resolved};

/// The watches that the words ask for.
///
/// # Errors
/// When a word names nothing, or flags contradict each other.
pub async fn watches(cluster: &Cluster, selecting: &WatchArgs) -> Result<Vec<Watch>, Failure> {
    let words: Vec<String> = if selecting.what.is_empty() {
        kinds::all().filter(|kind| kind.default).map(|kind| kind.plural.to_owned()).collect()
    } else {
        selecting.what.iter().flat_map(|word| word.split(',')).map(str::to_owned).collect()
    };
    let mut watches = Vec::new();
    for word in &words {
        let (resource, name) = split(word);
        // What no server can have is refused before a server is asked.
        if let Some(resource) = source::in_full(resource) {
            admit(&resource, word)?;
        }
        if let Some(name) = name {
            admit_name(resource, name)?;
        }
        let Resolved { resource, namespaced } = source::resolve(cluster, resource).await?;
        let mut watch = Watch::all(resource);
        if namespaced && !selecting.all_namespaces {
            watch.namespace = match &selecting.namespace {
                Some(namespace) => namespace.into(),
                None => of_context(cluster)?.into(),
            };
        }
        watch.label_selector = selecting.selector.clone().unwrap_or_default();
        watch.field_selector = selecting.field_selector.clone().unwrap_or_default();
        watch.tracks = tracks(&selecting.tracks, &watch)?;
        watch.separate_storage = selecting.separate_storage.iter().any(|kind| same(kind, &watch));
        if let Some(name) = name {
            named(&mut watch, name, namespaced, selecting)?;
        }
        watches.push(watch);
    }
    Ok(watches)
}

/// `pod/web` is a resource and a name, `apps/v1/deployments` a resource, `apps/v1/deployments/web` both.
fn split(word: &str) -> (&str, Option<&str>) {
    match *word.split('/').collect::<Vec<_>>() {
        [resource, name] if !source::is_version(resource) => (resource, Some(name)),
        [version, _, name] if source::is_version(version) => (&word[..word.len() - name.len() - 1], Some(name)),
        [_, _, _, name] => (&word[..word.len() - name.len() - 1], Some(name)),
        _ => (word, None),
    }
}

fn named(watch: &mut Watch, name: &str, namespaced: bool, selecting: &WatchArgs) -> Result<(), Failure> {
    if namespaced && selecting.all_namespaces {
        return Err(Failure::usage(format!(
            "{}/{name}: one object is in one namespace; use -n NAMESPACE instead of -A",
            watch.resource.plural
        )));
    }
    if !watch.label_selector.is_empty() || !watch.field_selector.is_empty() {
        return Err(Failure::usage(format!(
            "{}/{name}: name objects, or select them with -l and --field-selector, not both",
            watch.resource.plural
        )));
    }
    watch.field_selector = format!("metadata.name={}", field_selector::escape(name));
    Ok(())
}

/// Refuses a name that no object can have: a watch of it would wait for ever.
fn admit_name(word: &str, name: &str) -> Result<(), Failure> {
    let named = source::in_full(word);
    let known = match &named {
        Some(resource) => kinds::served(&resource.group, &resource.plural),
        None => kinds::named(word),
    };
    let (fits, rule) = if known.is_some() {
        (
            is_subdomain(name),
            "at most 253 of `a-z`, `0-9`, `-` and `.`, and each part begins and ends with a letter or digit",
        )
    } else {
        (is_path_segment(name), "not empty, not `.` or `..`, and has no `/` or `%`")
    };
    if fits {
        return Ok(());
    }
    let plural = named.map_or_else(|| known.map_or(word, |kind| kind.plural).into(), |resource| resource.plural);
    Err(Failure::usage(format!("{plural}/{name}: no object can have this name; it is {rule}")))
}

/// Refuses a group, version or plural that no server can serve: it would be waited for, for ever.
fn admit(resource: &Resource, word: &str) -> Result<(), Failure> {
    let parts = [
        ("an API group", &resource.group, resource.group.is_empty() || is_subdomain(&resource.group)),
        ("an API version", &resource.version, is_dns_label(&resource.version)),
        ("a resource", &resource.plural, is_dns_label(&resource.plural)),
    ];
    match parts.iter().find(|(.., fits)| !fits) {
        None => Ok(()),
        Some((what, part, _)) => Err(Failure::usage(format!(
            "{word}: `{part}` cannot name {what}; write group/version/plural, as in kubevirt.io/v1/virtualmachines"
        ))),
    }
}

/// The namespace of the kubeconfig's context.
fn of_context(cluster: &Cluster) -> Result<&str, Failure> {
    let namespace = cluster.default_namespace();
    if is_dns_label(namespace) {
        return Ok(namespace);
    }
    Err(Failure::usage(format!(
        "the context of the kubeconfig has namespace `{namespace}`, which is not {DNS_LABEL}; run with -n NAMESPACE"
    )))
}

/// `--track NAME=PATH` for every watch, `--track KIND:NAME=PATH` for one.
fn tracks(words: &[String], watch: &Watch) -> Result<Vec<CustomTrack>, Failure> {
    let mut tracks = Vec::new();
    for word in words {
        let Some((left, path)) = word.split_once('=') else {
            return Err(Failure::usage(format!(
                "--track {word}: give a name and a path, as in --track 'progress=.status.progress'"
            )));
        };
        let (kind, name) = left.split_once(':').map_or((None, left), |(kind, name)| (Some(kind), name));
        let declared = kinds::served(&watch.resource.group, &watch.resource.plural);
        let is_evidence = declared.is_some_and(Kind::is_evidence);
        if kind.map_or(!is_evidence, |kind| same(kind, watch)) {
            tracks.push(CustomTrack { name: name.into(), path: path.to_owned() });
        }
    }
    Ok(tracks)
}

fn same(kind: &str, watch: &Watch) -> bool {
    let resource = &watch.resource;
    kinds::named(kind).is_some_and(|known| known.serves(&resource.group, &resource.plural))
        || kind.eq_ignore_ascii_case(&resource.plural)
        || kind.eq_ignore_ascii_case(&resource.kind)
        || kind == resource.to_string()
}
