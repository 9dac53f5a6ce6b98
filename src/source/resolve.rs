//! Resolves a name on the command line to a resource of the API.

use super::cluster::Cluster;
use super::decode::get_patiently;
use super::error::Error;
use crate::kinds::{self, Kind};
use crate::observation::Resource;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A resource, and its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The resource.
    pub resource: Resource,
    /// True when its objects are in namespaces.
    pub namespaced: bool,
}

/// Resolves `pods`, `vmi`, `deployments.apps`, `group/version/plural` or `v1/plural`. Declared kinds and full names may
/// be watched before they are served.
///
/// # Errors
/// Discovery does not have the name, or fails.
pub async fn resolve(cluster: &Cluster, word: &str) -> Result<Resolved, Error> {
    if let Some(kind) = kinds::named(word) {
        let version = version(cluster, kind).await?;
        let resource = Resource::new(kind.group, &version, kind.plural, kind.kind);
        return Ok(Resolved { resource, namespaced: kind.namespaced });
    }
    if let Some(resource) = in_full(word) {
        return full(cluster, resource).await;
    }
    discover(cluster, word).await?.ok_or_else(|| Error::UnknownResource { word: word.to_owned() })
}

/// The resource that `group/version/plural` or `v1/plural` names, without its kind.
#[must_use]
pub(crate) fn in_full(word: &str) -> Option<Resource> {
    match *word.split('/').collect::<Vec<_>>() {
        [group, version, plural] => Some(Resource::new(group, version, plural, "")),
        [version, plural] if is_version(version) => Some(Resource::new("", version, plural, "")),
        _ => None,
    }
}

/// The version in which a kind is watched: the one that the server prefers among those that serve it, declared or not.
/// Built-in groups need no request, and for a kind that is not served yet its preferred version is used.
async fn version(cluster: &Cluster, kind: &Kind) -> Result<String, Error> {
    let declared = kind.versions[0].to_owned();
    if !kind.group.contains('.') {
        return Ok(declared);
    }
    let group: Group = match read(cluster, &format!("/apis/{}", kind.group)).await {
        Ok(group) => group,
        // The list will show whether this came from an API server.
        Err(Error::Refused { code: 404, .. } | Error::NoApi { .. }) => return Ok(declared),
        // The list would only wait as long again.
        Err(error @ Error::Timeout { .. }) => return Err(error),
        // There is nothing to choose from, and the list will show whether it is served.
        Err(_) if kind.versions.len() == 1 => return Ok(declared),
        Err(error) => return Err(error),
    };
    let preferred = &group.preferred_version.version;
    let others = group.versions.iter().map(|served| &served.version).filter(|version| *version != preferred);
    let mut unread = Vec::new();
    for version in std::iter::once(preferred).chain(others) {
        let resource = Resource::new(kind.group, version, kind.plural, kind.kind);
        match read::<Resources>(cluster, &resource.root()).await {
            Ok(list) if list.resources.iter().any(|found| found.name == kind.plural) => return Ok(version.clone()),
            Ok(_) => {}
            Err(_) => unread.push(version.as_str()),
        }
    }
    let likely = kind.versions.iter().find(|version| unread.contains(version));
    Ok(likely.map_or(declared, |version| (*version).to_owned()))
}

/// A resource that was given in full, with its kind, so that its name does not depend on how it was given. What the
/// server does not report (yet) is as declared, or as for most resources. A 404 of a guessed path is not believed.
async fn full(cluster: &Cluster, mut resource: Resource) -> Result<Resolved, Error> {
    if let Some(kind) = kinds::served(&resource.group, &resource.plural) {
        resource.kind = kind.kind.into();
        return Ok(Resolved { resource, namespaced: kind.namespaced });
    }
    let list = match read::<Resources>(cluster, &resource.root()).await {
        Err(error @ Error::Timeout { .. }) => return Err(error),
        list => list.ok(),
    };
    let found = list.and_then(|list| list.resources.into_iter().find(|found| found.name == resource.plural.as_str()));
    if let Some(found) = &found {
        resource.kind = found.kind.as_str().into();
    }
    Ok(Resolved { resource, namespaced: found.is_none_or(|found| found.namespaced) })
}

/// True for `v1`, `v1beta2`.
#[must_use]
pub fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

async fn discover(cluster: &Cluster, word: &str) -> Result<Option<Resolved>, Error> {
    let (name, group) = word.split_once('.').map_or((word, None), |(name, group)| (name, Some(group)));
    let mut versions = vec![(String::new(), "v1".to_owned())];
    let groups: Groups = read(cluster, "/apis").await?;
    versions.extend(groups.groups.into_iter().map(|group| (group.name, group.preferred_version.version)));
    for (in_group, version) in versions {
        if group.is_some_and(|wanted| wanted != in_group) {
            continue;
        }
        let root = Resource::new(&in_group, &version, "", "").root();
        let Ok(list) = read::<Resources>(cluster, &root).await else { continue };
        if let Some(found) = list.resources.into_iter().find(|resource| resource.is(name)) {
            let resource = Resource::new(&in_group, &version, &found.name, &found.kind);
            return Ok(Some(Resolved { resource, namespaced: found.namespaced }));
        }
    }
    Ok(None)
}

async fn read<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Result<T, Error> {
    get_patiently(cluster, path).await.map_err(|trouble| trouble.into_error("get", path))
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
    versions: Vec<Version>,
    preferred_version: Version,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct Resources {
    resources: Vec<Discovered>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Discovered {
    name: String,
    #[serde(default)]
    singular_name: String,
    namespaced: bool,
    kind: String,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    verbs: Vec<String>,
}

impl Discovered {
    fn is(&self, word: &str) -> bool {
        let word = word.to_ascii_lowercase();
        !self.name.contains('/')
            && self.verbs.iter().any(|verb| verb == "watch")
            && (self.name == word
                || self.singular_name == word
                || self.kind.to_ascii_lowercase() == word
                || self.short_names.contains(&word))
    }
}
