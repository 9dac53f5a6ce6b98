//! From a word of the command line to a resource of the API.

use super::cluster::Cluster;
use super::decode::{About, get};
use super::error::Error;
use super::query::JSON;
use crate::kinds;
use crate::observation::Resource;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Resolves `pods`, `vmi`, `deployments.apps`, `group/version/plural` or `v1/plural`. Well-known kinds and full names
/// need no server: they may be watched before they are served.
///
/// # Errors
/// When discovery does not know the word, or cannot be asked.
pub async fn resolve(cluster: &Cluster, word: &str) -> Result<Resource, Error> {
    if let Some(kind) = kinds::named(word) {
        return Ok(kind.resource());
    }
    match *word.split('/').collect::<Vec<_>>() {
        [group, version, plural] => return Ok(Resource::new(group, version, plural, "")),
        [version, plural] if is_version(version) => return Ok(Resource::new("", version, plural, "")),
        _ => {}
    }
    discover(cluster, word).await?.ok_or_else(|| Error::UnknownResource { word: word.to_owned() })
}

/// True for `v1`, `v1beta2`.
#[must_use]
pub fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

async fn discover(cluster: &Cluster, word: &str) -> Result<Option<Resource>, Error> {
    let (name, group) = word.split_once('.').map_or((word, None), |(name, group)| (name, Some(group)));
    let mut versions = vec![("".to_owned(), "v1".to_owned())];
    let groups: Groups = read(cluster, "/apis").await?;
    versions.extend(groups.groups.into_iter().map(|group| (group.name, group.preferred_version.version)));
    for (in_group, version) in versions {
        if group.is_some_and(|wanted| wanted != in_group) {
            continue;
        }
        let path = if in_group.is_empty() { format!("/api/{version}") } else { format!("/apis/{in_group}/{version}") };
        let Ok(list) = read::<Resources>(cluster, &path).await else { continue };
        if let Some(found) = list.resources.into_iter().find(|resource| resource.is(name)) {
            return Ok(Some(Resource::new(&in_group, &version, &found.name, &found.kind)));
        }
    }
    Ok(None)
}

async fn read<T: DeserializeOwned>(cluster: &Cluster, path: &str) -> Result<T, Error> {
    let answer = get(cluster, "get", About::Path(path), path, JSON).await;
    answer.map_err(|trouble| trouble.into_error("get", path))
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    name: String,
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
