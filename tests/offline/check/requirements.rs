//! `requires`: what a recording says about its cluster decides whether an expectation is judged at all.

use super::tape::{Tape, at, pods};
use statetrail::observation::{Environment, Fact, Node, Payload};

fn document(requires: &str) -> String {
    format!(
        "
apiVersion: statetrail/v1
kind: Expectation
metadata: {{name: x}}
requires: {requires}
subjects: {{pod: {{kind: Pod, quantify: each, min: 0}}}}
expect: [{{track: pod.phase, never: Failed}}]
"
    )
}

fn nodes(runtimes: &[&str]) -> Environment {
    let node = |runtime: &&str| Node {
        container_runtime: (*runtime).to_owned(),
        architecture: "amd64".to_owned(),
        kernel: "5.14.0-427.el9.x86_64".to_owned(),
        ..Node::default()
    };
    Environment {
        kubernetes: Some("v1.36.3".to_owned()),
        kubevirt: Some("v1.5.0".to_owned()),
        feature_gates: Some(vec!["ImageVolume".to_owned()]),
        nodes: Some(runtimes.iter().map(node).collect()),
        ..Environment::default()
    }
}

fn verdict(start: &Environment, later: Option<Environment>, requires: &str) -> String {
    let mut tape = Tape::of(vec![pods()]);
    tape.header.environment = start.clone();
    tape.attached(0.0, 0, 10);
    if let Some(later) = later {
        tape.line(5.0, Payload::Environment(later));
    }
    tape.closed(9.0);
    tape.verdict(&document(requires))
}

#[test]
fn what_is_met_is_judged_and_what_is_not_is_skipped() {
    let cluster = nodes(&["containerd://2.1.9"]);
    for (requires, expected) in [
        ("{kubernetes: '>=1.30'}", "satisfied"),
        ("{kubernetes: '>=1.30 <1.33'}", "skipped"),
        ("{kubevirt: '>=1.4'}", "satisfied"),
        ("{kubevirt: {version: '>=1.6'}}", "skipped"),
        ("{kubevirt: {featureGates: {ImageVolume: true}}}", "satisfied"),
        ("{kubevirt: {featureGates: {ImageVolume: false}}}", "skipped"),
        ("{containerRuntime: 'containerd >=2.1'}", "satisfied"),
        ("{containerRuntime: 'cri-o >=1.31'}", "skipped"),
        ("{architecture: amd64}", "satisfied"),
        ("{architecture: s390x}", "skipped"),
        ("{kernel: '>=5.14'}", "satisfied"),
        ("{kernel: '>=6.3'}", "skipped"),
        ("{kinds: [Pod]}", "satisfied"),
        ("{kinds: [VirtualMachine]}", "inconclusive"),
    ] {
        assert_eq!(verdict(&cluster, None, requires), expected, "{requires}");
    }
}

#[test]
fn what_is_not_known_is_inconclusive() {
    for requires in ["{kubernetes: '>=1.30'}", "{kubevirt: '>=1'}", "{containerRuntime: 'cri-o'}", "{kernel: '>=6.3'}"]
    {
        assert_eq!(verdict(&Environment::default(), None, requires), "inconclusive", "{requires}");
    }
}

#[test]
fn what_changed_during_the_recording_is_inconclusive_where_it_matters() {
    let (old, new) = (nodes(&["cri-o://1.30.4"]), nodes(&["cri-o://1.31.0"]));
    assert_eq!(verdict(&old, Some(new.clone()), "{containerRuntime: 'cri-o >=1.31'}"), "inconclusive");
    assert_eq!(verdict(&old, Some(new.clone()), "{containerRuntime: 'cri-o >=1.30'}"), "satisfied");
    assert_eq!(verdict(&old, Some(new), "{containerRuntime: 'cri-o >=1.32'}"), "skipped");
}

#[test]
fn one_old_node_among_new_ones_skips() {
    assert_eq!(
        verdict(&nodes(&["cri-o://1.31.0", "cri-o://1.30.4"]), None, "{containerRuntime: 'cri-o >=1.31'}"),
        "skipped"
    );
}

#[test]
fn the_reason_names_what_was_found() {
    let mut tape = Tape::of(vec![pods()]);
    tape.header.environment = nodes(&["cri-o://1.30.4"]);
    tape.header.started = at(0.0);
    tape.attached(0.0, 0, 10).closed(9.0);
    let outcome = tape.judge(&document("{containerRuntime: 'cri-o >=1.31'}")).remove(0);
    assert_eq!(outcome.reason, "cri-o is 1.30.4, not >=1.31");
}

/// A check that could not run and a feature that is missing both end with 1, and are two different things.
#[test]
fn a_fact_that_is_not_known_is_not_one_that_is_not_so() {
    let facts = [
        ("criu", Fact::known("criu --version", "3.17.1")),
        ("criu.mem_dirty_track", Fact::unknown("criu check", "the check could not run")),
        ("criu.uffd-noncoop", Fact::known("criu check", "false")),
        ("criu.loginuid", Fact::known("criu check", "true")),
        ("crictl", Fact::known("--fact", "v1.30.0")),
        ("cgroup", Fact::known("statfs", "hybrid")),
        ("kernel", Fact::known("uname", "6.1.0-56-cloud-arm64")),
        ("architecture", Fact::known("uname", "arm64")),
        ("odd", Fact::known("--fact", "trixie/sid")),
        ("vendor", Fact::known("--fact", "5.14.0-427.el9")),
        ("early", Fact::known("--fact", "1.30.0-rc.1")),
    ];
    let facts = facts.map(|(name, fact)| (name.to_owned(), fact)).into();
    let machine = Environment { facts, ..Environment::default() };
    for (requires, expected) in [
        ("{criu: '>=3.17'}", "satisfied"),
        ("{criu: {version: '>=4'}}", "skipped"),
        ("{criu: {features: [mem_dirty_track]}}", "inconclusive"),
        ("{criu: {features: [uffd-noncoop]}}", "skipped"),
        ("{criu: {features: loginuid}}", "satisfied"),
        ("{criu: {features: [loginuid, mem_dirty_track]}}", "inconclusive"),
        ("{criu: {features: [uffd-noncoop, mem_dirty_track]}}", "skipped"),
        ("{criu: {features: [unheard_of]}}", "inconclusive"),
        ("{facts: {criu.loginuid: true}}", "satisfied"),
        ("{facts: {crictl: '>=1.31'}}", "skipped"),
        ("{facts: {crictl: '>=1.30'}}", "satisfied"),
        ("{facts: {crictl: '1.30'}}", "satisfied"),
        ("{facts: {crictl: 1.31}}", "skipped"),
        ("{facts: {crictl: [1.29, 1.30]}}", "satisfied"),
        ("{facts: {cgroup: [v1, hybrid]}}", "satisfied"),
        ("{facts: {cgroup: v2}}", "skipped"),
        ("{facts: {podman: '>=4'}}", "inconclusive"),
        ("{facts: {odd: '>=12'}}", "inconclusive"),
        ("{facts: {odd: bookworm}}", "skipped"),
        ("{facts: {vendor: '>=5.14.0'}}", "satisfied"),
        ("{facts: {vendor: '<5.14.0'}}", "skipped"),
        ("{facts: {early: '>=1.30'}}", "skipped"),
        ("{facts: {early: '<1.30'}}", "satisfied"),
        ("{facts: {kernel: '>=6.1'}}", "satisfied"),
        ("{architecture: aarch64}", "satisfied"),
        ("{facts: {architecture: x86_64}}", "skipped"),
        ("{kernel: '>=6.2'}", "skipped"),
        ("{architecture: arm64}", "satisfied"),
        ("{architecture: amd64}", "skipped"),
        ("{containerRuntime: containerd}", "inconclusive"),
    ] {
        assert_eq!(verdict(&machine, None, requires), expected, "{requires}");
    }
}

#[test]
fn the_nodes_of_a_cluster_go_before_the_machine_of_the_recorder() {
    let mut cluster = nodes(&["containerd://2.1.9"]);
    cluster.facts = [("architecture".to_owned(), Fact::known("uname", "arm64"))].into();
    assert_eq!(verdict(&cluster, None, "{architecture: amd64}"), "satisfied");
    assert_eq!(verdict(&cluster, None, "{facts: {architecture: arm64}}"), "satisfied");
}

#[test]
fn a_fact_that_changes_matters_only_where_the_verdict_would() {
    let with = |value: &str| Environment {
        facts: [("crictl".to_owned(), Fact::known("--fact", value))].into(),
        ..Environment::default()
    };
    let verdict = |requires: &str| verdict(&with("1.30.0"), Some(with("1.31.0")), requires);
    assert_eq!(verdict("{facts: {crictl: '>=1.31'}}"), "inconclusive");
    assert_eq!(verdict("{facts: {crictl: '>=1.30'}}"), "satisfied");
    assert_eq!(verdict("{facts: {crictl: '>=1.32'}}"), "skipped");
}
