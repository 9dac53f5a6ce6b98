//! WHAT: the objects to watch, in kubectl's notation.

use super::arguments::WatchArgs;
use super::exit::Failure;
use super::printer;
use super::sources::{self, Arguments};
use crate::kinds::{self, Definitions, Kind};
use crate::observation::{DNS_LABEL, Resource, Watch, field_selector, is_dns_label, is_subdomain, nearest};
use crate::source::{self, Cluster, Resolved};

/// The watches that the arguments select.
///
/// # Errors
/// An argument is invalid, or flags contradict each other.
pub(super) async fn watches(cluster: &Cluster, selecting: &WatchArgs) -> Result<Vec<Watch>, Failure> {
    let Arguments { mut sources, others } = sources::taken(&selecting.what)?;
    sources.extend(sources::proxies(&selecting.proxies, &sources)?);
    let words: Vec<String> = if selecting.what.is_empty() {
        kinds::all().filter(|kind| kind.default).map(|kind| kind.plural.to_owned()).collect()
    } else if others.is_empty() {
        sources::refuse_flags(&sources, selecting)?;
        return Ok(sources);
    } else {
        words(&others)?
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
    let resolved = futures::future::join_all(words.iter().map(|word| source::resolve(cluster, split(word).0)));
    let (resolved, others) = tokio::join!(resolved, namespaces_instead(cluster, selecting));
    for (word, resolved) in words.iter().zip(resolved) {
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
    let namespace = watches.iter().map(|watch| &watch.namespace).find(|namespace| !namespace.is_empty());
    if let (Some(namespace), Some(others)) = (namespace, others) {
        // It may be created later, as tests do.
        let meant = nearest(namespace, others.iter().map(String::as_str));
        let meant = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        printer::say(format!("warning: namespace `{namespace}` does not exist{meant}"));
    }
    watches.extend(sources);
    Ok(watches)
}

/// The namespaces that exist, if the one to watch does not.
async fn namespaces_instead(cluster: &Cluster, selecting: &WatchArgs) -> Option<Vec<String>> {
    if selecting.all_namespaces {
        return None;
    }
    let namespace = selecting.namespace.as_deref().unwrap_or_else(|| cluster.default_namespace());
    source::namespaces_instead_of(cluster, namespace).await
}

/// What arguments name, as kubectl reads them, one kind or object each: `pods,vmi` are two kinds, `vm web db` two objects
/// of a kind, `vm/web` is an object.
///
/// # Errors
/// A word is missing, or the name of an object is also that of a kind, which was probably meant.
pub(super) fn words(arguments: &[String]) -> Result<Vec<String>, Failure> {
    let listed: Vec<&str> = arguments.iter().flat_map(|argument| argument.split(',')).map(str::trim).collect();
    if listed.contains(&"") {
        let typed = arguments.join(" ");
        return Err(Failure::usage(format!("{typed}: a kind is missing; write pods,vmi for two kinds")));
    }
    let [kinds, names @ ..] = arguments else { return Ok(Vec::new()) };
    let of_kinds = kinds.split(',').map(str::trim);
    let are_named = of_kinds.clone().all(|kind| split(kind).1.is_none());
    if names.is_empty() || !are_named || names.iter().any(|name| name.contains(['/', ','])) {
        return Ok(listed.into_iter().map(str::to_owned).collect());
    }
    if let Some(name) = names.iter().find(|name| kinds::named(name).is_some()) {
        return Err(Failure::usage(format!(
            "{kinds} {name}: after a kind come names of objects, and `{name}` is a kind; write {kinds},{name} for both \
             kinds, or {kinds}/{name} for one object"
        )));
    }
    Ok(of_kinds.flat_map(|kind| names.iter().map(move |name| format!("{kind}/{name}"))).collect())
}

/// True for a word that names Events, or some of them.
pub(super) fn names_events(word: &str) -> bool {
    kinds::named(split(word).0).is_some_and(Kind::is_evidence)
}

/// True for the name of a kind.
pub(super) fn is_kind(word: &str) -> bool {
    kinds::named(word).is_some()
}

/// `pod/web` is a resource and a name, `apps/v1/deployments` a resource, `apps/v1/deployments/web` both.
pub(super) fn split(word: &str) -> (&str, Option<&str>) {
    if let Some((kind, place)) = kinds::with_slashes(word) {
        return (kind, Some(place));
    }
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
            "{}/{name}: an object is in one namespace; use -n NAMESPACE instead of -A",
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
    fn arguments_mean_what_they_mean_to_kubectl() {
        let read = |typed: &str| {
            let arguments: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            words(&arguments).map(|words| words.join(" ")).map_err(|failure| failure.message())
        };
        for (typed, meant) in [
            ("pods", "pods"),
            ("pods,vmi", "pods vmi"),
            ("vm web", "vm/web"),
            ("vm web db", "vm/web vm/db"),
            ("vm,vmi web", "vm/web vmi/web"),
            ("vm/web vmi/web", "vm/web vmi/web"),
            ("vm/web,vmi/web", "vm/web vmi/web"),
            ("vm/web events", "vm/web events"),
            ("pods,vmi vm/web", "pods vmi vm/web"),
            ("apps/v1/deployments web", "apps/v1/deployments/web"),
            ("v1/pods", "v1/pods"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(meant), "{typed}");
        }
        for (typed, wrong) in [
            ("pods vmi", "`vmi` is a kind; write pods,vmi for both kinds, or pods/vmi for one object"),
            ("pods,", "a kind is missing"),
        ] {
            assert!(read(typed).is_err_and(|text| text.contains(wrong)), "{typed}: {:?}", read(typed));
        }
    }

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
