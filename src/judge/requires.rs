//! The requirements for an expectation to be judged: versions, feature gates, node runtimes, kinds.
//!
//! A requirement that is not met skips the expectation. One that is unknown, or that changed during the recording,
//! makes it inconclusive: a test that is skipped by mistake would always pass.

use super::feature_gates::FeatureGates;
use crate::language::{Requires, Version, Versions, Wanted};
use crate::monitor::Judgement;
use crate::observation::{self, Fact as Found, Node, Served};
use crate::timeline::Coverage;
use std::collections::BTreeMap;

/// A fact about the cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// The recording does not contain it.
    #[default]
    Unknown,
    /// The same during the whole recording.
    Known(T),
    /// Changed during the recording, from the first value to the second.
    Changed(T, T),
}

/// What a recording contains about its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Version of the API server, such as `v1.36.3`.
    pub kubernetes: Fact<String>,
    /// Version of KubeVirt.
    pub kubevirt: Fact<String>,
    /// KubeVirt's feature gates.
    pub feature_gates: Fact<FeatureGates>,
    /// `containerRuntimeVersion` of every node, `cri-o://1.31.2`.
    pub container_runtimes: Fact<Vec<String>>,
    /// Architecture of every node, `amd64`.
    pub architectures: Fact<Vec<String>>,
    /// Version of every node's kernel, `6.12.8-1-amd64`.
    pub kernels: Fact<Vec<String>>,
    /// Whether the server serves a kind; one that was not watched is not known.
    pub kinds: BTreeMap<String, Fact<bool>>,
    /// Other facts by name, `criu.mem_dirty_track`.
    pub others: BTreeMap<String, Fact<Found>>,
}

impl<T: Clone + PartialEq> Fact<T> {
    /// Combines the value at the start, which is the first, with later ones.
    fn of<'a, S: 'a>(found: &'a [S], read: impl Fn(&'a S) -> Option<T>) -> Self {
        let Some(first) = found.first().and_then(&read) else { return Self::Unknown };
        let other = found.iter().filter_map(read).find(|found| *found != first);
        other.map_or(Self::Known(first.clone()), |other| Self::Changed(first, other))
    }
}

impl Environment {
    /// Reads the facts of a recording: those found at its start and later, and its watches.
    #[must_use]
    pub fn of(found: &[observation::Environment], tails: &[Coverage]) -> Self {
        // Without a cluster, the machine on which it was recorded counts.
        let nodes = |read: fn(&Node) -> &String, name: &'static str| {
            Fact::of(found, move |environment: &observation::Environment| {
                let machine = || environment.facts.get(name)?.value.clone().map(|value| vec![value]);
                let Some(nodes) = &environment.nodes else { return machine() };
                let mut values: Vec<String> = nodes.iter().map(|node| read(node).clone()).collect();
                values.sort();
                values.dedup();
                Some(values)
            })
        };
        let served = |tail: &Coverage| match tail.served {
            Served::Unknown => Fact::Unknown,
            Served::Yes => Fact::Known(true),
            Served::No => Fact::Known(false),
            Served::Arrived => Fact::Changed(false, true),
        };
        Self {
            kubernetes: Fact::of(found, |environment| environment.kubernetes.clone()),
            kubevirt: Fact::of(found, |environment| environment.kubevirt.clone()),
            feature_gates: Fact::of(found, |environment| {
                Some(FeatureGates {
                    kubevirt: environment.kubevirt.clone(),
                    enabled: environment.feature_gates.clone()?,
                    disabled: environment.disabled_feature_gates.clone(),
                })
            }),
            container_runtimes: nodes(|node| &node.container_runtime, "containerRuntime"),
            architectures: nodes(|node| &node.architecture, "architecture"),
            kernels: nodes(|node| &node.kernel, "kernel"),
            kinds: tails.iter().map(|tail| (tail.watch.resource.kind.to_string(), served(tail))).collect(),
            others: others(found),
        }
    }
}

fn others(found: &[observation::Environment]) -> BTreeMap<String, Fact<Found>> {
    let names = found.iter().flat_map(|environment| environment.facts.keys());
    names.map(|name| (name.clone(), Fact::of(found, |environment| environment.facts.get(name).cloned()))).collect()
}

/// Whether requirements are met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Met {
    /// All are met.
    Yes,
    /// One is not met, so the expectation is skipped.
    No(String),
    /// One is unknown.
    Unknown(String),
}

impl Met {
    /// The judgement that follows; none when the expectation is to be judged.
    #[must_use]
    pub fn standing(&self) -> Option<Judgement> {
        match self {
            Self::Yes => None,
            Self::No(_) => Some(Judgement::SKIPPED),
            Self::Unknown(_) => Some(Judgement::INCONCLUSIVE),
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No(reason), _) | (_, Self::No(reason)) => Self::No(reason),
            (Self::Unknown(reason), _) | (_, Self::Unknown(reason)) => Self::Unknown(reason),
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }
}

impl Requires {
    /// Checks the requirements against the facts of a recording.
    #[must_use]
    pub fn met(&self, environment: &Environment) -> Met {
        let mut sum = Met::Yes;
        if let Some(versions) = &self.kubernetes {
            sum = sum.and(fact("Kubernetes", &environment.kubernetes, |is| in_range("Kubernetes", versions, is)));
        }
        if let Some(versions) = &self.kubevirt {
            sum = sum.and(fact("KubeVirt", &environment.kubevirt, |is| in_range("KubeVirt", versions, is)));
        }
        for (gate, wanted) in &self.feature_gates {
            sum = sum.and(fact("KubeVirt's feature gates", &environment.feature_gates, |gates| {
                match gates.is_on(gate) {
                    Some(on) if on == *wanted => Met::Yes,
                    Some(on) => Met::No(format!("feature gate {gate} is {}", if on { "on" } else { "off" })),
                    None => Met::Unknown(format!("the recording does not say whether feature gate {gate} is on")),
                }
            }));
        }
        if let Some((name, versions)) = &self.container_runtime {
            sum = sum.and(fact("container runtime", &environment.container_runtimes, |nodes| {
                each(nodes, "container runtime", |node| runtime(name, versions.as_ref(), node))
            }));
        }
        if let Some(wanted) = &self.architecture {
            sum = sum.and(fact("architecture", &environment.architectures, |nodes| {
                each(nodes, "architecture", |node| {
                    when(in_go(node) == in_go(wanted), || format!("architecture is {node}, not {wanted}"))
                })
            }));
        }
        if let Some(versions) = &self.kernel {
            sum = sum.and(fact("kernel", &environment.kernels, |nodes| {
                each(nodes, "kernel", |node| kernel(versions, node))
            }));
        }
        for kind in &self.kinds {
            let served = environment.kinds.get(kind).unwrap_or(&Fact::Unknown);
            sum = sum.and(fact(&format!("whether the server serves {kind}"), served, |served| {
                when(*served, || format!("the server does not serve {kind}"))
            }));
        }
        for (name, wanted) in &self.facts {
            sum = sum.and(match environment.others.get(name).unwrap_or(&Fact::Unknown) {
                Fact::Unknown => Met::Unknown(format!(
                    "the recording does not say: {name}; a recorder is told it with --fact {name}=VALUE"
                )),
                known => fact(name, known, |found| meets(name, wanted, found)),
            });
        }
        sum
    }
}

/// Whether a fact has one of the wanted values.
fn meets(name: &str, wanted: &[Wanted], found: &Found) -> Met {
    let Found { source, value, unknown } = found;
    let Some(value) = value else {
        let why = unknown.as_deref().unwrap_or("no reason is recorded");
        return Met::Unknown(format!("{name} is not known ({source}: {why})"));
    };
    let version = if name == "kernel" { kernel_version(value) } else { packaged_version(value) };
    let is_one = |Wanted { text, versions }: &Wanted| match (versions, &version) {
        (Some(versions), Some(version)) => versions.contain(version),
        // What is no version that compares may begin with one.
        (Some(_), None) => {
            value.strip_prefix(text.as_str()).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ if name == "architecture" => in_go(value) == in_go(text),
        _ => value == text,
    };
    if wanted.iter().any(is_one) {
        return Met::Yes;
    }
    if version.is_none() && wanted.iter().any(Wanted::is_range) {
        return Met::Unknown(format!("{name} is `{value}`, which is not a version ({source})"));
    }
    let texts = wanted.iter().map(|wanted| wanted.text.as_str()).collect::<Vec<_>>().join(" or ");
    Met::No(format!("{name} is {value}, not {texts} ({source})"))
}

fn when(met: bool, reason: impl FnOnce() -> String) -> Met {
    if met { Met::Yes } else { Met::No(reason()) }
}

fn fact<T: PartialEq>(what: &str, fact: &Fact<T>, judge: impl Fn(&T) -> Met) -> Met {
    match fact {
        Fact::Unknown => Met::Unknown(format!("the recording does not say: {what}")),
        Fact::Known(is) => judge(is),
        Fact::Changed(before, after) => match (judge(before), judge(after)) {
            (Met::Yes, Met::Yes) => Met::Yes,
            (Met::No(reason), Met::No(_)) => Met::No(reason),
            _ => Met::Unknown(format!("{what} changed during the recording")),
        },
    }
}

fn each(nodes: &[String], what: &str, judge: impl Fn(&String) -> Met) -> Met {
    if nodes.is_empty() {
        return Met::Unknown(format!("the recording does not say: {what}"));
    }
    nodes.iter().fold(Met::Yes, |sum, node| sum.and(judge(node)))
}

fn in_range(what: &str, versions: &Versions, is: &str) -> Met {
    match Version::parse(is) {
        Some((version, _)) => when(versions.contain(&version), || format!("{what} is {is}, not {versions}")),
        None => Met::Unknown(format!("{what} has version `{is}`, which is not a version")),
    }
}

/// Parses a kernel's release, `5.14.0-427.el9.x86_64`; a distribution's suffix does not make it older than `5.14`.
fn kernel(versions: &Versions, node: &str) -> Met {
    match kernel_version(node) {
        Some(version) => when(versions.contain(&version), || format!("kernel is {node}, not {versions}")),
        None => Met::Unknown(format!("kernel `{node}` has no version")),
    }
}

/// An architecture, as Go names it.
fn in_go(architecture: &str) -> &str {
    match architecture {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// The version of a program. What a distribution appends to it, `1.1.5+ds1` or `4.9.4-rhel`, does not make it older; only
/// the words for a pre-release do.
fn packaged_version(value: &str) -> Option<Version> {
    const EARLIER: [&str; 8] = ["alpha", "beta", "canary", "dev", "nightly", "pre", "rc", "snapshot"];
    let value = value.trim_start_matches('v');
    let (numbers, appended) = value.split_at(value.find(['-', '~', '+']).unwrap_or(value.len()));
    let words = appended.get(1..).unwrap_or_default().to_ascii_lowercase();
    let is_earlier = EARLIER.iter().any(|earlier| words.starts_with(earlier));
    let text = if is_earlier { format!("{numbers}-{}", &appended[1..]) } else { numbers.to_owned() };
    Version::parse(&text).map(|(version, _)| version)
}

fn kernel_version(release: &str) -> Option<Version> {
    let parts = release.split(|c: char| !c.is_ascii_digit()).take_while(|part| !part.is_empty());
    let numbers: Vec<&str> = parts.take(3).collect();
    Version::parse(&numbers.join(".")).map(|(version, _)| version)
}

fn runtime(name: &str, versions: Option<&Versions>, node: &str) -> Met {
    let Some((is, version)) = node.split_once("://") else {
        return Met::Unknown(format!("container runtime `{node}` has no version"));
    };
    let named = when(is.eq_ignore_ascii_case(name), || format!("container runtime is {is}, not {name}"));
    match versions {
        Some(versions) => named.and(match packaged_version(version) {
            Some(known) => when(versions.contain(&known), || format!("{is} is {version}, not {versions}")),
            None => Met::Unknown(format!("{is} has version `{version}`, which is not a version")),
        }),
        None => named,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_does_not_skip() {
        let requires = Requires { kubernetes: Some(Versions::parse(">=1.30").unwrap()), ..Requires::default() };
        let with = |kubernetes| Environment { kubernetes, ..Environment::default() };
        assert!(matches!(requires.met(&with(Fact::Unknown)), Met::Unknown(_)));
        assert!(matches!(requires.met(&with(Fact::Known("v1.29.0".into()))), Met::No(_)));
        assert_eq!(requires.met(&with(Fact::Known("v1.31.0".into()))), Met::Yes);
        let upgraded = Fact::Changed("v1.29.0".into(), "v1.30.0".into());
        assert!(matches!(requires.met(&with(upgraded)), Met::Unknown(_)));
    }

    #[test]
    fn a_kernel_is_not_older_for_what_a_distribution_appends() {
        let requires = Requires { kernel: Some(Versions::parse(">=5.14").unwrap()), ..Requires::default() };
        let with = |kernel: &str| {
            requires.met(&Environment { kernels: Fact::Known(vec![kernel.to_owned()]), ..Environment::default() })
        };
        assert_eq!(with("5.14.0-427.el9.x86_64"), Met::Yes);
        assert_eq!(with("6.1-arch"), Met::Yes);
        assert!(matches!(with("5.4.0-100-generic"), Met::No(_)));
        assert!(matches!(with("custom"), Met::Unknown(_)));
    }

    #[test]
    fn an_old_runtime_skips() {
        let versions = Versions::parse(">=1.31").unwrap();
        let requires = Requires { container_runtime: Some(("cri-o".into(), Some(versions))), ..Requires::default() };
        let nodes = |nodes: &[&str]| Environment {
            container_runtimes: Fact::Known(nodes.iter().map(ToString::to_string).collect()),
            ..Environment::default()
        };
        assert!(matches!(requires.met(&nodes(&["cri-o://1.30.4"])), Met::No(_)));
        assert!(matches!(requires.met(&nodes(&["containerd://2.0.0"])), Met::No(_)));
        assert_eq!(requires.met(&nodes(&["cri-o://1.31.0", "cri-o://1.32.1"])), Met::Yes);
    }
}
