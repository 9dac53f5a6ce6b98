//! A kind as people type it: `Pod`, `pods`, `vmi`, `vm/web`, `deployments.apps`, `apps/v1/deployments`.
//!
//! Names that [`kinds::all`] declares mean that kind; any other name is compared with the kinds in the timeline. No
//! server is asked, so not every plural is known: an unknown name is also tried as a plural.

use super::Pattern;
use crate::kinds::{self, Kind};
use crate::observation::Resource;
use crate::view::Error;
use std::fmt;
use std::str::FromStr;

/// A kind, optionally with an object's name: `vm/web`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindName {
    text: String,
    known: Option<&'static Kind>,
    /// Lower case, without group and version.
    word: String,
    group: Option<String>,
    name: Option<Pattern>,
}

impl KindName {
    /// True when it means objects of this kind, group and name.
    #[must_use]
    pub fn matches(&self, kind: &str, group: &str, name: &str) -> bool {
        self.matches_kind(kind, group) && self.name.as_ref().is_none_or(|pattern| pattern.matches(name))
    }

    /// True unless a resource, in kubectl's notation (`virtualmachines.kubevirt.io`), certainly holds other kinds.
    #[must_use]
    pub fn could_be(&self, resource: &str) -> bool {
        match (self.known, kinds::displayed(resource)) {
            (Some(ours), theirs) => theirs == Some(ours),
            (None, Some(theirs)) => self.matches_kind(theirs.kind, theirs.group),
            (None, None) => true,
        }
    }

    /// True when it means Events themselves, which are evidence about others.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.known.is_some_and(Kind::is_evidence)
    }

    /// The declared kind that it names.
    #[must_use]
    pub(super) fn declared(&self) -> Option<&'static Kind> {
        self.known
    }

    /// The kind as typed, in lower case, without group and version.
    #[must_use]
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// The name of an object, if it has one.
    #[must_use]
    pub(super) fn object(&self) -> Option<&Pattern> {
        self.name.as_ref()
    }

    /// True when it names the objects of this resource, whether or not there are any.
    #[must_use]
    pub fn is_of(&self, resource: &Resource) -> bool {
        match kinds::served(&resource.group, &resource.plural) {
            Some(declared) => self.matches_kind(declared.kind, declared.group),
            None => {
                self.word == resource.plural && self.group.as_ref().is_none_or(|group| *group == resource.group)
                    || !resource.kind.is_empty() && self.matches_kind(&resource.kind, &resource.group)
            }
        }
    }

    pub(super) fn matches_kind(&self, kind: &str, group: &str) -> bool {
        if let Some(known) = self.known {
            return known.kind == kind && known.group == group;
        }
        let kind = kind.to_lowercase();
        let fits = self.word == kind || singulars(&self.word).any(|singular| singular == kind);
        fits && self.group.as_ref().is_none_or(|wanted| wanted == group)
    }
}

/// Short names of Kubernetes' own kinds that are not declared here.
const SHORT: [(&str, &str); 22] = [
    ("cm", "configmaps"),
    ("cj", "cronjobs"),
    ("crd", "customresourcedefinitions"),
    ("crds", "customresourcedefinitions"),
    ("csr", "certificatesigningrequests"),
    ("ds", "daemonsets"),
    ("ep", "endpoints"),
    ("hpa", "horizontalpodautoscalers"),
    ("ing", "ingresses"),
    ("limits", "limitranges"),
    ("netpol", "networkpolicies"),
    ("ns", "namespaces"),
    ("pc", "priorityclasses"),
    ("pdb", "poddisruptionbudgets"),
    ("pv", "persistentvolumes"),
    ("quota", "resourcequotas"),
    ("rs", "replicasets"),
    ("rc", "replicationcontrollers"),
    ("sa", "serviceaccounts"),
    ("sc", "storageclasses"),
    ("sts", "statefulsets"),
    ("svc", "services"),
];

impl FromStr for KindName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::Kind(text.to_owned());
        let parts: Vec<&str> = match kinds::with_slashes(text) {
            Some((word, place)) => vec![word, place],
            None => text.split('/').collect(),
        };
        let (group, word, name) = match parts[..] {
            [word] => (None, word, None),
            [version, plural] if is_version(version) => (Some("core"), plural, None),
            [word, name] => (None, word, Some(name)),
            [version, plural, name] if is_version(version) => (Some("core"), plural, Some(name)),
            [group, _version, plural] => (Some(group), plural, None),
            [group, _version, plural, name] => (Some(group), plural, Some(name)),
            _ => return Err(refused()),
        };
        let name = name.map(|name| name.parse().map_err(|_| refused())).transpose()?;
        let (word, group) = match (word.split_once('.'), group) {
            (Some((word, group)), None) => (word, Some(group)),
            (Some(_), Some(_)) => return Err(refused()),
            (None, group) => (word, group),
        };
        let word = word.to_lowercase();
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(refused());
        }
        let word = SHORT.iter().find(|(short, _)| *short == word).map_or(word, |(_, plural)| (*plural).to_owned());
        let group = group.map(|group| if group == "core" { String::new() } else { group.to_lowercase() });
        let known = known(&word).filter(|known| group.as_ref().is_none_or(|group| known.group == group.as_str()));
        Ok(Self { text: text.to_owned(), known, word, group, name })
    }
}

impl fmt::Display for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `v1`, `v1beta1`: `v1/pods` is a resource of the core group in full.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn known(word: &str) -> Option<&'static Kind> {
    kinds::all().find(|known| known.names().any(|name| name == word))
}

/// `jobs` -> `job`, `policies` -> `policy`, `ingresses` -> `ingress`.
fn singulars(plural: &str) -> impl Iterator<Item = String> + '_ {
    [("ies", "y"), ("es", ""), ("s", "")]
        .into_iter()
        .filter_map(|(end, singular)| plural.strip_suffix(end).map(|stem| format!("{stem}{singular}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_all_the_names_that_kubectl_accepts() {
        for name in ["Pod", "pod", "pods", "po", "PODS", "v1/pods"] {
            assert!(name.parse::<KindName>().unwrap().matches("Pod", "", "a"), "{name}");
        }
        for name in ["vm", "VirtualMachine", "virtualmachines.kubevirt.io", "kubevirt.io/v1/virtualmachines", "vm/web"]
        {
            let kind: KindName = name.parse().unwrap();
            assert!(kind.matches("VirtualMachine", "kubevirt.io", "web"), "{name}");
            assert!(!kind.matches("VirtualMachineInstance", "kubevirt.io", "web"), "{name}");
        }
        for name in ["v1/pods/a", "pods/a", "pod/a"] {
            let kind: KindName = name.parse().unwrap();
            assert!(kind.matches("Pod", "", "a") && !kind.matches("Pod", "", "b"), "{name}");
        }
        let mount: KindName = "mount//scratch/mnt".parse().unwrap();
        assert!(mount.matches("Mount", "mounts", "/scratch/mnt") && !mount.matches("Mount", "mounts", "/scratch"));
        let image: KindName = "podmanimage/localhost/x:2".parse().unwrap();
        assert!(image.matches("PodmanImage", "libpod", "localhost/x:2"));
        assert!(!image.matches("PodmanImage", "libpod", "localhost/x"));
        assert!("podmanimages/localhost/*".parse::<KindName>().unwrap().object().unwrap().matches("localhost/a/b:1"));
        assert!("mounts//run/*".parse::<KindName>().unwrap().object().unwrap().matches("/run/user/0"));
        assert!("apps/v1/deployments/a".parse::<KindName>().unwrap().matches("Deployment", "apps", "a"));
        for name in ["deploy*", "", "a/b/c/d/e", "pods/", "pods.x.y/"] {
            assert!(name.parse::<KindName>().is_err(), "{name}");
        }
        assert!(!"vm/web".parse::<KindName>().unwrap().matches("VirtualMachine", "kubevirt.io", "web-2"));
        assert!("deployments.apps".parse::<KindName>().unwrap().matches("Deployment", "apps", "a"));
        assert!(!"pods.metrics.k8s.io".parse::<KindName>().unwrap().matches("Pod", "", "a"));
    }

    #[test]
    fn a_gap_of_an_unknown_resource_could_concern_an_unknown_kind_but_no_known_one() {
        let deployment: KindName = "deployment".parse().unwrap();
        assert!(deployment.could_be("deployments.apps"));
        assert!(!deployment.could_be("pods"));
        let pod: KindName = "po".parse().unwrap();
        assert!(pod.could_be("pods"));
        assert!(!pod.could_be("deployments.apps"));
    }
}
