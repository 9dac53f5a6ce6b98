//! Discovery: version, groups, resources, namespaces.
//!
//! In the form of each path, and aggregated ([`aggregated`]), which clients ask for at `/api` and `/apis`. Withheld resources are not listed,
//! and namespaces only if objects are in them, besides the two built-in ones.

use super::collection::Collection;
use super::route::Query;
use super::store::State;
use crate::kinds;
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// `/version`, from a version such as `v1.36.4`.
pub(super) fn version(git_version: &str) -> Value {
    let mut numbers = git_version.trim_start_matches('v').split('.');
    let (major, minor) = (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default());
    json!({
        "major": major, "minor": minor, "gitVersion": git_version, "gitCommit": "", "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
    })
}

/// `/api`
pub(super) fn core_versions() -> Value {
    json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []})
}

/// `/apis`
pub(super) fn groups(state: &State) -> Value {
    let names: BTreeSet<&SmolStr> =
        served(state).map(|collection| &collection.resource.group).filter(|group| !group.is_empty()).collect();
    let groups: Vec<Value> = names.into_iter().filter_map(|name| entry(state, name)).collect();
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
}

/// `/apis/GROUP`, if any of its resources is served.
pub(super) fn group(state: &State, name: &str) -> Option<Value> {
    let mut group = entry(state, name)?;
    group["kind"] = "APIGroup".into();
    group["apiVersion"] = "v1".into();
    Some(group)
}

/// `/api/v1` and `/apis/GROUP/VERSION`, if any of their resources is served.
pub(super) fn resources(state: &State, group: &str, version: &str) -> Option<Value> {
    let known: Vec<&Collection> = served(state)
        .filter(|collection| collection.resource.group == group && collection.resource.version == version)
        .collect();
    let mut resources: Vec<Value> = known.iter().map(|collection| resource(collection)).collect();
    let is_core = group.is_empty() && version == "v1";
    if is_core && known.iter().all(|collection| collection.resource.plural != "namespaces") {
        resources.push(json!({"name": "namespaces", "singularName": "namespace", "namespaced": false,
            "kind": "Namespace", "verbs": ["get", "list"], "shortNames": ["ns"]}));
    }
    if resources.is_empty() {
        return None;
    }
    let group_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    Some(json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}))
}

/// `/api` or `/apis` as one document (`apidiscovery.k8s.io/v2`).
pub(super) fn aggregated(state: &State, is_core: bool) -> Value {
    let names: BTreeSet<&SmolStr> = served(state).map(|collection| &collection.resource.group).collect();
    let core = SmolStr::default();
    let names =
        if is_core { BTreeSet::from([&core]) } else { names.into_iter().filter(|name| !name.is_empty()).collect() };
    let items: Vec<Value> = names
        .into_iter()
        .map(|name| {
            let versions: BTreeSet<(Priority<'_>, &SmolStr)> = served(state)
                .filter(|collection| collection.resource.group == *name)
                .map(|collection| (priority(&collection.resource.version), &collection.resource.version))
                .collect();
            let mut versions: Vec<&str> = versions.into_iter().map(|(_, version)| version.as_str()).collect();
            if is_core && versions.is_empty() {
                versions.push("v1");
            }
            let versions: Vec<Value> =
                versions.into_iter().map(|version| aggregated_version(state, name, version)).collect();
            let metadata = if is_core {
                json!({"creationTimestamp": null})
            } else {
                json!({"name": name, "creationTimestamp": null})
            };
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items})
}

fn aggregated_version(state: &State, group: &str, version: &str) -> Value {
    let listed = resources(state, group, version).unwrap_or_default();
    let resources: Vec<Value> = listed["resources"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|resource| {
            let scope = if resource["namespaced"] == true { "Namespaced" } else { "Cluster" };
            json!({
                "resource": resource["name"], "scope": scope, "singularResource": resource["singularName"],
                "responseKind": {"group": group, "version": version, "kind": resource["kind"]},
                "verbs": resource["verbs"], "shortNames": resource["shortNames"],
            })
        })
        .collect();
    json!({"version": version, "freshness": "Current", "resources": resources})
}

/// `/openapi/v2`: a document without schemas, because a recording has none.
pub(super) fn openapi_v2(git_version: &str) -> Value {
    json!({"swagger": "2.0", "info": {"title": "Kubernetes", "version": git_version}, "paths": {}, "definitions": {}})
}

/// The namespaces that contain objects, `default` and `kube-system`, whose uid is the cluster's.
pub(super) fn namespaces(state: &State, cluster_uid: &str, query: &Query) -> Value {
    let wanted = query.text("fieldSelector").strip_prefix("metadata.name=");
    let items: Vec<Value> = namespace_names(state)
        .iter()
        .filter(|name| wanted.is_none_or(|wanted| wanted == *name))
        .map(|name| namespace(state, name, cluster_uid))
        .collect();
    let version = state.revision().to_string();
    json!({"kind": "NamespaceList", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": items})
}

/// The names of these namespaces.
pub(super) fn namespace_names(state: &State) -> BTreeSet<SmolStr> {
    served(state)
        .flat_map(Collection::namespaces)
        .chain(["default".into(), "kube-system".into()])
        .filter(|name| !name.is_empty())
        .collect()
}

/// One namespace. Its uid is derived from its name, except that of `kube-system`.
pub(super) fn namespace(state: &State, name: &str, cluster_uid: &str) -> Value {
    let created = format!("{:.0}", state.started());
    let uid = if name == "kube-system" {
        cluster_uid.to_owned()
    } else {
        format!("00000000-0000-4000-8001-0000{:08x}", crc32c::crc32c(name.as_bytes()))
    };
    json!({
        "metadata": {"name": name, "uid": uid, "resourceVersion": "1", "creationTimestamp": created,
            "labels": {"kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
    })
}

fn served(state: &State) -> impl Iterator<Item = &Collection> {
    state.collections.iter().filter(|collection| collection.served)
}

fn entry(state: &State, name: &str) -> Option<Value> {
    let versions: BTreeSet<(Priority<'_>, &SmolStr)> = served(state)
        .filter(|collection| collection.resource.group == name && !name.is_empty())
        .map(|collection| (priority(&collection.resource.version), &collection.resource.version))
        .collect();
    let versions: Vec<Value> = versions
        .into_iter()
        .map(|(_, version)| json!({"groupVersion": format!("{name}/{version}"), "version": version}))
        .collect();
    let preferred = versions.first()?.clone();
    Some(json!({"name": name, "versions": versions, "preferredVersion": preferred}))
}

/// The rank of a version among those of its group.
type Priority<'a> = (u8, Reverse<u64>, Reverse<u64>, &'a str);

/// API servers prefer stable versions to beta and alpha ones, and newer ones to older ones.
fn priority(version: &str) -> Priority<'_> {
    let number = |text: &str| text.parse().ok();
    let parse = || {
        let rest = version.strip_prefix('v')?;
        for (rank, word) in [(1, "beta"), (2, "alpha")] {
            if let Some((major, minor)) = rest.split_once(word) {
                return Some((rank, Reverse(number(major)?), Reverse(number(minor)?), ""));
            }
        }
        Some((0, Reverse(number(rest)?), Reverse(0), ""))
    };
    parse().unwrap_or((3, Reverse(0), Reverse(0), version))
}

fn resource(collection: &Collection) -> Value {
    let resource = &collection.resource;
    let declared = kinds::served(&resource.group, &resource.plural);
    let (short, namespaced) = match (declared, resource.plural.as_str()) {
        (Some(kind), _) => (kind.short, kind.namespaced),
        (None, "namespaces") => (&["ns"][..], false),
        (None, _) => {
            let cluster_wide = collection.is_cluster_wide();
            (&[][..], !cluster_wide)
        }
    };
    json!({
        "name": resource.plural, "singularName": resource.kind.to_lowercase(), "namespaced": namespaced,
        "kind": resource.kind, "verbs": ["get", "list", "watch"], "shortNames": short,
    })
}
