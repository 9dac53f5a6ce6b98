//! The identity of a cluster.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The identity of a cluster; each member is set where it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterIdentity {
    /// uid of the namespace `kube-system`.
    #[serde(skip)]
    pub system: Option<SmolStr>,
    /// uid of the namespace `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<SmolStr>,
    /// SHA-256 of the certificate authority by which its API server is verified, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<SmolStr>,
    /// SHA-256 of the address of its API server, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<SmolStr>,
}

/// Whether two identities belong to one cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameCluster {
    /// They are.
    Yes,
    /// They are not.
    No,
    /// What is known of both does not decide.
    Unknown,
}

impl ClusterIdentity {
    /// True when nothing is known.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Compares two identities.
    ///
    /// An authority may be replaced, and a server has several addresses, so a difference proves nothing. Neither does a
    /// match of only one of the two: proxies present many clusters under one authority, and an address may be reused by
    /// the next cluster.
    #[must_use]
    pub(crate) fn is_same(&self, other: &Self) -> SameCluster {
        let is_same = |ours: &Option<SmolStr>, theirs: &Option<SmolStr>| ours.is_some() && ours == theirs;
        let uids = [(&self.system, &other.system), (&self.default, &other.default)];
        match uids.into_iter().find_map(|(ours, theirs)| ours.as_ref().zip(theirs.as_ref())) {
            Some((ours, theirs)) if ours == theirs => SameCluster::Yes,
            Some(_) => SameCluster::No,
            None if is_same(&self.authority, &other.authority) && is_same(&self.server, &other.server) => {
                SameCluster::Yes
            }
            None => SameCluster::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uid_that_both_know_decides_and_else_the_same_authority_at_the_same_address_does() {
        let of = |system: &str, default: &str, trust: &str| {
            let some = |word: &str| (!word.is_empty()).then(|| word.into());
            let (authority, server) = trust.split_once('@').unwrap_or((trust, ""));
            let (authority, server) = (some(authority), some(server));
            ClusterIdentity { system: some(system), default: some(default), authority, server }
        };
        let cases = [
            (of("a", "", ""), of("a", "", ""), SameCluster::Yes),
            (of("a", "", "x"), of("b", "", "x"), SameCluster::No),
            (of("", "d", ""), of("b", "d", ""), SameCluster::Yes),
            (of("", "d", "x"), of("", "e", "x"), SameCluster::No),
            (of("a", "", ""), of("", "d", ""), SameCluster::Unknown),
            (of("", "", "x@h"), of("b", "d", "x@h"), SameCluster::Yes),
            (of("", "", "x@h"), of("", "", "y@h"), SameCluster::Unknown),
            // One proxy in front of two clusters; one cluster after another on one machine; an older recording.
            (of("", "", "x@proxy/a"), of("", "", "x@proxy/b"), SameCluster::Unknown),
            (of("", "", "@h"), of("", "", "@h"), SameCluster::Unknown),
            (of("", "", "x"), of("", "", "x@h"), SameCluster::Unknown),
            (of("a", "", "x@h"), of("a", "", "y@i"), SameCluster::Yes),
            (of("a", "", "x@h"), of("b", "", "x@h"), SameCluster::No),
            (of("", "", ""), of("", "", ""), SameCluster::Unknown),
        ];
        for (ours, theirs, same) in cases {
            assert_eq!(ours.is_same(&theirs), same, "{ours:?} and {theirs:?}");
        }
    }
}
