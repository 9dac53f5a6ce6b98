//! The subject of a timeline.

use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::fmt;

/// One watched object. A new uid is a new subject, even under the old name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Subject {
    /// uid of the cluster's kube-system namespace, where it could be read.
    pub cluster: Option<SmolStr>,
    /// Kind as the API writes it, `Pod`.
    pub kind: SmolStr,
    /// API group, empty for core.
    pub group: SmolStr,
    /// Empty for cluster-scoped objects.
    pub namespace: SmolStr,
    /// `metadata.name`.
    pub name: SmolStr,
    /// `metadata.uid`.
    pub uid: SmolStr,
    /// Labels and owners when it was first seen.
    pub identity: Identity,
}

/// The labels and owners of a subject when it was first seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `metadata.labels`; none when they are not known.
    pub labels: Option<BTreeMap<SmolStr, SmolStr>>,
    /// `metadata.ownerReferences`; none when they are not known.
    pub owners: Option<Vec<Owner>>,
}

/// An entry of `metadata.ownerReferences`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Owner {
    /// Kind as the API writes it; empty when it is not known.
    pub kind: SmolStr,
    /// `uid` of the owner.
    pub uid: SmolStr,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{} {}", self.kind, self.name)
        } else {
            write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
        }
    }
}
