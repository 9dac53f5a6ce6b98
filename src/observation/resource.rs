//! What is watched: the API's resources, and watches of them.

use super::field_selector;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, format_smolstr};
use std::fmt::{self, Write as _};

/// Number of a watch within one recording, its index in the header.
pub type WatchId = u16;

/// What is encoded in a segment of a path: all but the unreserved characters of RFC 3986 and the colon of RBAC names.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

/// A resource of the API, as discovery names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Resource {
    /// API group, empty for core.
    #[serde(default)]
    pub group: SmolStr,
    /// API version, `v1`.
    pub version: SmolStr,
    /// Plural name, `pods`.
    #[serde(rename = "resource")]
    pub plural: SmolStr,
    /// Kind, `Pod`; empty until the server has named it.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub kind: SmolStr,
}

impl Resource {
    /// A resource whose kind is known.
    #[must_use]
    pub fn new(group: &str, version: &str, plural: &str, kind: &str) -> Self {
        Self { group: group.into(), version: version.into(), plural: plural.into(), kind: kind.into() }
    }

    /// `v1`, `kubevirt.io/v1`.
    #[must_use]
    pub fn api_version(&self) -> SmolStr {
        if self.group.is_empty() { self.version.clone() } else { format_smolstr!("{}/{}", self.group, self.version) }
    }

    /// Path of the collection on the API server, percent-encoded; of all namespaces when `namespace` is empty.
    #[must_use]
    pub fn path(&self, namespace: &str) -> String {
        let within = [self.plural.as_str()];
        let of_namespace = ["namespaces", namespace, &self.plural];
        let segments = if namespace.is_empty() { &within[..] } else { &of_namespace };
        self.root() + &path(segments)
    }

    /// Path at which discovery lists the resources of its version: `/api/v1`, `/apis/kubevirt.io/v1`.
    #[must_use]
    pub(crate) fn root(&self) -> String {
        if self.group.is_empty() { path(&["api", &self.version]) } else { path(&["apis", &self.group, &self.version]) }
    }
}

fn path(segments: &[&str]) -> String {
    segments.iter().flat_map(|segment| ["/"].into_iter().chain(utf8_percent_encode(segment, SEGMENT))).collect()
}

/// As kubectl writes it: `pods`, `virtualmachines.kubevirt.io`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.group.is_empty() { write!(f, "{}", self.plural) } else { write!(f, "{}.{}", self.plural, self.group) }
    }
}

/// A user-defined track.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomTrack {
    /// Name of the track.
    pub name: SmolStr,
    /// JSONPath (RFC 9535) into the object, below `$.status` or `$.metadata`.
    pub path: String,
}

/// One watch: a resource, a namespace, and selectors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// What is watched.
    #[serde(flatten)]
    pub resource: Resource,
    /// Empty for all namespaces.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub namespace: SmolStr,
    /// As given with `-l`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label_selector: String,
    /// As given with `--field-selector`, or `metadata.name=NAME`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field_selector: String,
    /// User-defined tracks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracks: Vec<CustomTrack>,
    /// The resource is not stored together with the other kinds: its versions do not compare with theirs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub separate_storage: bool,
    /// Where a source is that is not an API server, such as `/run/runc`; empty for an API server.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// API groups of extension API servers: their versions, if they have any, are not those of the cluster's etcd.
const AGGREGATED: [&str; 5] = [
    "metrics.k8s.io",
    "custom.metrics.k8s.io",
    "external.metrics.k8s.io",
    "subresources.kubevirt.io",
    "packages.operators.coreos.com",
];

impl Watch {
    /// True when its versions are revisions of the storage that the kinds of a cluster share.
    #[must_use]
    pub(crate) fn shares_storage(&self) -> bool {
        !self.separate_storage && !AGGREGATED.contains(&self.resource.group.as_str())
    }

    /// What is selected, as on the command line: `pods`, `pods/web`, `pods -l app=web`.
    #[must_use]
    pub fn selected(&self) -> String {
        let mut text = self.resource.to_string();
        if !self.is_served() {
            return format!("{}:{}", self.resource.plural, self.address);
        }
        match self.object() {
            Some(name) => _ = write!(text, "/{name}"),
            None if !self.field_selector.is_empty() => _ = write!(text, " --field-selector {}", self.field_selector),
            None => {}
        }
        if !self.label_selector.is_empty() {
            let _ = write!(text, " -l {}", self.label_selector);
        }
        text
    }

    /// The name of its only object, if it selects one by its name.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.field_selector.strip_prefix("metadata.name=").filter(|name| !name.contains(','))
    }

    /// A watch of all objects of a resource.
    #[must_use]
    pub fn all(resource: Resource) -> Self {
        Self {
            resource,
            namespace: SmolStr::default(),
            label_selector: String::new(),
            field_selector: String::new(),
            tracks: Vec::new(),
            separate_storage: false,
            address: String::new(),
        }
    }

    /// A watch of a source that is not an API server, at this address. The recorder counts its versions.
    #[must_use]
    pub fn at(resource: Resource, address: impl Into<String>) -> Self {
        Self { separate_storage: true, address: address.into(), ..Self::all(resource) }
    }

    /// True when an API server serves it.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.address.is_empty()
    }

    /// True when an object can leave the watch without being deleted: names and namespaces never change, labels
    /// and other fields do.
    #[must_use]
    pub(crate) fn can_be_left(&self) -> bool {
        let stays = |term: &str| term.is_empty() || term.starts_with("metadata.name");
        !self.label_selector.is_empty() || !field_selector::terms(&self.field_selector).map(str::trim).all(stays)
    }

    /// The only name that its objects can have, if the field selector requires one.
    #[must_use]
    pub(crate) fn only_name(&self) -> Option<String> {
        field_selector::terms(&self.field_selector).filter_map(field_selector::split).find_map(
            |(field, equal, value)| {
                if equal && field.trim() == "metadata.name" { field_selector::unescape(value.trim()) } else { None }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_changes_the_shape_of_a_path() {
        let pods = Resource::new("", "v1", "pods", "Pod");
        assert_eq!(pods.path(""), "/api/v1/pods");
        assert_eq!(pods.path("story"), "/api/v1/namespaces/story/pods");
        assert_eq!(pods.path("a b/c?d#e%<"), "/api/v1/namespaces/a%20b%2Fc%3Fd%23e%25%3C/pods");
        assert_eq!(Resource::new("x y", "v1/..", "things", "").path(""), "/apis/x%20y/v1%2F../things");
    }
}
