//! `requires`: what a recording says about its cluster decides whether an expectation is judged at all.

use super::tape::{Tape, at, pods};
use statetrail::observation::{Environment, Node, Payload};

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
