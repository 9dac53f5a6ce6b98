//! What distinguishes one cluster from another.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The identity of a cluster; each member where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterIdentity {
    /// uid of the namespace `kube-system`.
    #[serde(skip)]
    pub system: Option<SmolStr>,
    /// uid of the namespace `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<SmolStr>,
    /// SHA-256 of the certificate authority that its API server is trusted by, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<SmolStr>,
}

/// Whether two identities are of one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameCluster {
    /// They are.
    Yes,
    /// They are not.
    No,
    /// What is known of both does not decide it.
    Unknown,
}

impl ClusterIdentity {
    /// True when nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Whether they are of one cluster. An authority may be replaced: another one proves nothing.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> SameCluster {
        let uids = [(&self.system, &other.system), (&self.default, &other.default)];
        match uids.into_iter().find_map(|(ours, theirs)| ours.as_ref().zip(theirs.as_ref())) {
            Some((ours, theirs)) if ours == theirs => SameCluster::Yes,
            Some(_) => SameCluster::No,
            None if self.authority.is_some() && self.authority == other.authority => SameCluster::Yes,
            None => SameCluster::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uid_that_both_know_decides_and_else_the_same_authority_does() {
        let of = |system: &str, default: &str, authority: &str| {
            let some = |word: &str| (!word.is_empty()).then(|| word.into());
            ClusterIdentity { system: some(system), default: some(default), authority: some(authority) }
        };
        let cases = [
            (of("a", "", ""), of("a", "", ""), SameCluster::Yes),
            (of("a", "", "x"), of("b", "", "x"), SameCluster::No),
            (of("", "d", ""), of("b", "d", ""), SameCluster::Yes),
            (of("", "d", "x"), of("", "e", "x"), SameCluster::No),
            (of("a", "", ""), of("", "d", ""), SameCluster::Unknown),
            (of("", "", "x"), of("b", "d", "x"), SameCluster::Yes),
            (of("", "", "x"), of("", "", "y"), SameCluster::Unknown),
            (of("", "", ""), of("", "", ""), SameCluster::Unknown),
        ];
        for (ours, theirs, same) in cases {
            assert_eq!(ours.is_same(&theirs), same, "{ours:?} and {theirs:?}");
        }
    }
}
