//! WHAT: the objects to watch, in kubectl's notation.

use super::arguments::WatchArgs;
use super::exit::Failure;
use crate::kinds::{self, Definitions, Kind};
use crate::observation::{DNS_LABEL, Resource, Watch, field_selector, is_dns_label, is_subdomain};
use crate::source::{self, Cluster, Resolved};

/// The watches that the arguments select.
///
/// # Errors
/// An argument is invalid, or flags contradict each other.
pub(super) async fn watches(cluster: &Cluster, selecting: &WatchArgs) -> Result<Vec<Watch>, Failure> {
    let words: Vec<String> = if selecting.what.is_empty() {
        kinds::all().filter(|kind| kind.default).map(|kind| kind.plural.to_owned()).collect()
    } else {
        selecting.what.iter().flat_map(|word| word.split(',')).map(str::to_owned).collect()
    };
    for word in &words {
        let (resource, name) = split(word);
        // Invalid resources are rejected before a server is asked.
        if let Some(resource) = source::in_full(resource) {
            admit(&resource, word)?;
        }
        if let Some(name) = name {
            admit_name(resource, name)?;
        }
    }
    let mut watches = Vec::new();
    let tracks = definitions(&selecting.tracks)?;
    let resolved = words.iter().map(|word| source::resolve(cluster, split(word).0));
    for (word, resolved) in words.iter().zip(futures::future::join_all(resolved).await) {
        let (Resolved { resource, namespaced }, (_, name)) = (resolved?, split(word));
        let mut watch = Watch::all(resource);
        if namespaced && !selecting.all_namespaces {
            watch.namespace = match &selecting.namespace {
                Some(namespace) => namespace.into(),
                None => of_context(cluster)?.into(),
            };
        }
        watch.label_selector = selecting.selector.clone().unwrap_or_default();
        watch.field_selector = selecting.field_selector.clone().unwrap_or_default();
        watch.tracks = tracks.of(&watch);
        watch.separate_storage = selecting.separate_storage.iter().any(|kind| kinds::is_named(&watch.resource, kind));
        if let Some(name) = name {
            named(&mut watch, name, namespaced, selecting)?;
        }
        watches.push(watch);
    }
    admit_kinds(selecting, &watches).map_err(Failure::usage)?;
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

/// Rejects a name that no object can have: a watch of it would wait forever.
fn admit_name(word: &str, name: &str) -> Result<(), Failure> {
    let named = source::in_full(word);
    let known = match &named {
        Some(resource) => kinds::served(&resource.group, &resource.plural),
        None => kinds::named(word),
    };
    let Err(rule) = kinds::check_name(known, name) else { return Ok(()) };
    let plural = named.map_or_else(|| known.map_or(word, |kind| kind.plural).into(), |resource| resource.plural);
    Err(Failure::usage(format!("{plural}/{name}: no object can have this name; it is {rule}")))
}

/// Rejects a group, version or plural that no server can serve: it would be waited for forever.
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
pub(super) fn definitions(words: &[String]) -> Result<Definitions, Failure> {
    Definitions::parse(words).map_err(|word| {
        let help = "give a name and a path, as in --track 'progress=.status.progress'";
        Failure::usage(format!("--track {word}: {help}"))
    })
}

/// Checks that a flag with a kind matches a watch; otherwise nothing would show the mistake.
fn admit_kinds(selecting: &WatchArgs, watches: &[Watch]) -> Result<(), String> {
    let of_tracks = selecting.tracks.iter().filter_map(|word| Some(("--track", word, word.split_once('=')?.0)));
    let of_tracks = of_tracks.filter_map(|(flag, word, left)| Some((flag, word, left.split_once(':')?.0)));
    let of_storage = selecting.separate_storage.iter().map(|word| ("--separate-storage", word, word.as_str()));
    for (flag, word, kind) in of_tracks.chain(of_storage) {
        if !watches.iter().any(|watch| kinds::is_named(&watch.resource, kind)) {
            let unmatched = unmatched(kind, watches.iter().map(|watch| &watch.resource));
            return Err(format!("{flag} {word}: {unmatched}"));
        }
    }
    Ok(())
}

/// The message for a kind without a watch, with the most similar one.
fn unmatched<'a>(kind: &str, resources: impl Iterator<Item = &'a Resource>) -> String {
    let (mut shown, mut nearest): (Vec<String>, Option<(usize, String)>) = (Vec::new(), None);
    for resource in resources {
        let declared = kinds::served(&resource.group, &resource.plural);
        let names = declared.into_iter().flat_map(Kind::names).map(str::to_owned);
        for name in names.chain([resource.to_string(), resource.kind.to_string()]) {
            let edits = strsim::osa_distance(&kind.to_lowercase(), &name.to_lowercase());
            if edits <= (name.len() / 4).clamp(1, 3) && nearest.as_ref().is_none_or(|(fewest, _)| edits < *fewest) {
                nearest = Some((edits, name));
            }
        }
        if !shown.contains(&resource.to_string()) {
            shown.push(resource.to_string());
        }
    }
    let meant = nearest.map(|(_, name)| format!("did you mean `{name}`? ")).unwrap_or_default();
    format!("no watch is of kind `{kind}`; {meant}watched: {}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_that_no_watch_is_of_is_refused_with_the_nearest_name() {
        let workflows = Resource::new("argoproj.io", "v1alpha1", "workflows", "Workflow");
        let watches = [Watch::all(kinds::named("pods").unwrap().resource()), Watch::all(workflows)];
        let refused = |tracks: &[&str], storage: &[&str]| {
            let selecting = WatchArgs {
                tracks: tracks.iter().map(ToString::to_string).collect(),
                separate_storage: storage.iter().map(ToString::to_string).collect(),
                ..WatchArgs::default()
            };
            admit_kinds(&selecting, &watches).err()
        };
        for word in
            ["pods", "po", "Pod", "v1/pods", "workflow", "workflows.argoproj.io", "argoproj.io/v1alpha1/workflows"]
        {
            assert_eq!(refused(&[&format!("{word}:a=.status.a")], &[word]), None);
        }
        assert_eq!(refused(&["a=.status.a:b"], &[]), None);
        let text = refused(&["pdos:a=.status.a"], &[]).expect("refused");
        assert!(text.contains("no watch is of kind `pdos`; did you mean `pods`?"), "{text}");
        let text = refused(&[], &["secrets"]).expect("refused");
        assert!(text.ends_with("no watch is of kind `secrets`; watched: pods, workflows.argoproj.io"), "{text}");
    }
}
