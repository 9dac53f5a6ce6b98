//! Expectations judged on timelines, as recordings are.

use jiff::Timestamp;
use statetrail::expectation::{End, Environment, Fact, Judge, Program, Source, Verdict};
use statetrail::observation::{GapReason, Identity, Owner, ResourceVersion, Stamp, State, StateKind, Subject, Track};
use statetrail::timeline::{Body, Entry, GapEntry, Provenance, Transition};
use std::sync::Arc;
use std::time::Duration;

/// A timeline under construction, with times in seconds.
struct Story {
    judge: Judge,
    seq: u64,
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn subject(kind: &str, name: &str) -> Arc<Subject> {
    Arc::new(Subject {
        cluster: None,
        kind: kind.into(),
        group: "".into(),
        namespace: "story".into(),
        name: name.into(),
        uid: format!("{kind}-{name}").into(),
        identity: Identity::default(),
    })
}

fn program(text: &str) -> Program {
    let source = if text.contains('\n') {
        Source::Document { name: "x.yaml", text }
    } else {
        Source::Line { name: "--expect", text }
    };
    Program::compile([source]).unwrap_or_else(|error| panic!("{error}"))
}

impl Story {
    fn new(expectation: &str) -> Self {
        Self { judge: Judge::new(Arc::new(program(expectation))), seq: 0 }
    }

    fn entry(&mut self, subject: Option<&Arc<Subject>>, second: i64, seen: Provenance, body: Body) -> &mut Self {
        self.seq += 1;
        let stamp = Stamp { at: at(second), elapsed: Duration::ZERO };
        let entry = Entry {
            seq: self.seq,
            stamp,
            subject: subject.cloned(),
            resource_version: Some(ResourceVersion::new(self.seq.to_string())),
            not_before: None,
            leases: None,
            seen,
            origin: None,
            body,
        };
        self.judge.push(&entry);
        self
    }

    fn enter(&mut self, subject: &Arc<Subject>, track: &str, label: &str, second: i64, seen: Provenance) -> &mut Self {
        let transition = Transition { track: Track::parse(track), from: None, to: State::plain(label) };
        self.entry(Some(subject), second, seen, Body::Transition(transition))
    }

    fn live(&mut self, subject: &Arc<Subject>, track: &str, label: &str, second: i64) -> &mut Self {
        self.enter(subject, track, label, second, Provenance::Live)
    }

    fn restart(&mut self, subject: &Arc<Subject>, count: u32, second: i64, seen: Provenance) -> &mut Self {
        let mut to = State::plain("Running");
        to.kind = StateKind::Running;
        to.detail.restart_count = Some(count);
        let transition = Transition { track: Track::parse("container/app"), from: None, to };
        self.entry(Some(subject), second, seen, Body::Transition(transition))
    }

    fn gap(&mut self, subject: Option<&Arc<Subject>>, from: i64, to: Option<i64>) -> &mut Self {
        let blind = GapEntry {
            resource: "pods".into(),
            kind: "".into(),
            namespace: "".into(),
            track: None,
            from: Some(at(from)),
            to: to.map(at),
            from_resource_version: None,
            read_through: None,
            to_resource_version: None,
            reason: GapReason::HistoryExpired,
            evidence: None,
        };
        self.entry(subject, to.unwrap_or(from), Provenance::Live, Body::Gap(blind))
    }

    fn closed(&self, second: i64) -> Verdict {
        self.judge.verdicts(&End::Closed { at: at(second).as_microsecond() })[0].standing.verdict
    }

    fn open(&self, alive: i64) -> Verdict {
        let alive = at(alive).as_microsecond();
        self.judge.verdicts(&End::Open { now: alive, alive })[0].standing.verdict
    }

    fn unfenced(&self) -> Verdict {
        self.judge.verdicts(&End::Unfenced)[0].standing.verdict
    }
}

#[test]
fn rows_1_2_and_9_are_reproduced() {
    let pod = subject("Pod", "a");
    let mut story = Story::new("pod/a phase: Pending -> Running");
    story.live(&pod, "phase", "Pending", 0).live(&pod, "phase", "Running", 1);
    assert_eq!(story.open(1), Verdict::Pending);
    assert_eq!(story.closed(1), Verdict::Satisfied);
    story.live(&pod, "phase", "Failed", 2);
    assert_eq!(story.open(2), Verdict::Violated);
    let mut story = Story::new("pod/a phase: never Failed");
    story.live(&pod, "phase", "Pending", 0).live(&pod, "phase", "Running", 1);
    assert_eq!(story.unfenced(), Verdict::Inconclusive);
}

#[test]
fn rows_4_5_7_and_8_are_reproduced() {
    let pod = subject("Pod", "a");
    let gapped = |expectation: &str| {
        let mut story = Story::new(expectation);
        story.live(&pod, "phase", "Pending", 0).gap(Some(&pod), 1, Some(5));
        story.enter(&pod, "phase", "Running", 5, Provenance::AfterGap);
        story.open(5)
    };
    let first = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: first}
subjects: {pod: {kind: Pod, name: a, life: first}}
expect: [{track: pod.phase, path: Pending -> ... -> Running -> ...}]
";
    assert_eq!(gapped("pod/a phase: Pending -> ... -> Running -> ..."), Verdict::Pending, "another pod may come");
    assert_eq!(gapped(first), Verdict::Satisfied);
    assert_eq!(gapped(&first.replace("-> ... -> Running", "-> Running")), Verdict::Inconclusive);
    let mut story = Story::new("pod/a phase: never Running");
    story.live(&pod, "phase", "Pending", 0).gap(Some(&pod), 1, Some(5));
    assert_eq!(story.open(9), Verdict::Pending);
    assert_eq!(story.closed(9), Verdict::Inconclusive);
    let mut story = Story::new("pod/a phase: never Failed");
    story.enter(&pod, "phase", "Running", 0, Provenance::Initial);
    assert_eq!(story.closed(9), Verdict::Inconclusive);
}

#[test]
fn rows_12_to_14_are_reproduced() {
    let pod = subject("Pod", "a");
    let restarts = |count: u32| {
        let mut story = Story::new("pod/a container/app: count restart max 2");
        story.restart(&pod, 0, 0, Provenance::Live).gap(Some(&pod), 1, Some(5)).restart(
            &pod,
            count,
            5,
            Provenance::AfterGap,
        );
        story
    };
    assert_eq!(restarts(3).open(5), Verdict::Violated);
    assert_eq!(restarts(1).closed(5), Verdict::Inconclusive);
    let mut story = Story::new("pod/a container/app: never CrashLoopBackOff");
    story.restart(&pod, 0, 0, Provenance::Live).restart(&pod, 1, 1, Provenance::Live);
    assert_eq!(story.closed(5), Verdict::Inconclusive);
}

#[test]
fn rows_16_to_21_are_reproduced() {
    let pod = subject("Pod", "a");
    let line = "pod/a phase: every Pending then Running within 30s";
    let gapped = |from: i64, to: i64| {
        let mut story = Story::new(line);
        story.live(&pod, "phase", "Pending", 0).gap(Some(&pod), from, Some(to));
        story.enter(&pod, "phase", "Running", to, Provenance::AfterGap);
        story
    };
    assert_eq!(gapped(10, 40).closed(40), Verdict::Inconclusive);
    assert_eq!(gapped(10, 25).closed(25), Verdict::Satisfied);
    assert_eq!(gapped(35, 50).open(50), Verdict::Violated);
    let mut story = Story::new(line);
    story.live(&pod, "phase", "Pending", 0);
    assert_eq!(story.open(25), Verdict::Pending);
    assert_eq!(story.open(30), Verdict::Violated);
    assert_eq!(story.closed(5), Verdict::Inconclusive);
    story.live(&pod, "lifecycle", "Deleted", 5);
    assert_eq!(story.open(5), Verdict::Violated);
}

#[test]
fn a_pod_that_vanished_in_a_gap_may_have_run_before() {
    let pod = subject("Pod", "a");
    let mut story = Story::new("pod/a phase: ... -> Running -> ...");
    story.live(&pod, "lifecycle", "Present", 0).live(&pod, "phase", "Pending", 0).gap(Some(&pod), 1, Some(5));
    story.enter(&pod, "lifecycle", "Deleted", 5, Provenance::AfterGap);
    assert_eq!(story.closed(9), Verdict::Inconclusive);
}

#[test]
fn a_lost_watch_may_have_hidden_a_whole_pod() {
    let pod = subject("Pod", "a");
    let mut story = Story::new("pod phase: never Failed");
    story.live(&pod, "phase", "Pending", 0).live(&pod, "lifecycle", "Deleted", 1);
    assert_eq!(story.closed(9), Verdict::Satisfied);
    assert_eq!(story.open(9), Verdict::Pending, "another pod may come");
    story.gap(None, 2, Some(3));
    assert_eq!(story.closed(9), Verdict::Inconclusive);
}

const OWNED: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: owned}
subjects:
  vm: {kind: VirtualMachine, namespace: story, name: a}
  pod: {kind: Pod, ownedBy: vm, quantify: each, min: 1}
expect:
- {track: pod.phase, never: Failed}
- {enter: vm.status=Running, onlyAfter: pod.phase=Running}
";

fn owned(kind: &str, name: &str, owners: &[&Arc<Subject>]) -> Arc<Subject> {
    let reference = |owner: &&Arc<Subject>| Owner { kind: owner.kind.clone(), uid: owner.uid.clone() };
    let owners = Some(owners.iter().map(reference).collect());
    let identity = Identity { labels: None, owners };
    Arc::new(Subject { identity, ..Subject::clone(&subject(kind, name)) })
}

#[test]
fn pods_are_owned_through_their_instance() {
    let (vm, stranger) = (owned("VirtualMachine", "a", &[]), owned("VirtualMachine", "b", &[]));
    let vmi = owned("VirtualMachineInstance", "a", &[&vm]);
    let (pod, other) = (owned("Pod", "launcher", &[&vmi]), owned("Pod", "other", &[&stranger]));
    let story_of = |with_instance: bool| {
        let mut story = Story::new(OWNED);
        story.live(&vm, "status", "Starting", 0).live(&stranger, "status", "Starting", 0);
        story.live(&pod, "phase", "Running", 1);
        if with_instance {
            story.live(&vmi, "phase", "Running", 1).live(&other, "phase", "Failed", 2);
        }
        story.live(&vm, "status", "Running", 3);
        story
    };
    assert_eq!(story_of(true).closed(9), Verdict::Satisfied);
    assert_eq!(story_of(false).closed(9), Verdict::Inconclusive, "whose the pod is, is not known");
}

#[test]
fn a_vm_that_runs_before_its_pod_violates() {
    let vm = owned("VirtualMachine", "a", &[]);
    let pod = owned("Pod", "launcher", &[&vm]);
    let mut story = Story::new(OWNED);
    story.live(&vm, "status", "Running", 0).live(&pod, "phase", "Running", 1);
    assert_eq!(story.closed(9), Verdict::Violated);
}

#[test]
fn no_pod_at_all_is_not_a_pass() {
    let vm = subject("VirtualMachine", "a");
    let mut story = Story::new(OWNED);
    story.live(&vm, "status", "Starting", 0);
    assert_eq!(story.open(0), Verdict::Pending);
    assert_eq!(story.closed(9), Verdict::Violated);
    let outcome = &story.judge.verdicts(&End::Closed { at: at(9).as_microsecond() })[0];
    assert_eq!(outcome.reason, "nothing to judge: found 0 of at least 1 pod (Pod in story)");
}

fn windowed(window: &str) -> String {
    format!(
        "
apiVersion: statetrail/v1
kind: Expectation
metadata: {{name: windowed}}
subjects: {{pod: {{kind: Pod, name: a, life: first}}}}
window: {window}
expect: [{{track: pod.phase, path: Running}}]
"
    )
}

#[test]
fn a_window_cuts_the_trace_at_its_marks() {
    let pod = subject("Pod", "a");
    let story = |window: &str| {
        let mut story = Story::new(&windowed(window));
        story.live(&pod, "phase", "Pending", 0).live(&pod, "phase", "Running", 10);
        story.entry(None, 20, Provenance::Live, Body::Mark("begin".into()));
        story.entry(None, 30, Provenance::Live, Body::Mark("done".into()));
        story.live(&pod, "phase", "Succeeded", 40);
        story
    };
    assert_eq!(story("{}").closed(50), Verdict::Violated);
    assert_eq!(story("{from: {mark: begin}, until: {mark: done}}").open(50), Verdict::Satisfied);
    assert_eq!(story("{from: {mark: begin}, max: 15s}").open(50), Verdict::Satisfied);
    assert_eq!(story("{from: {mark: begin}, max: 25s}").open(50), Verdict::Violated);
    assert_eq!(story("{from: {mark: never}}").open(50), Verdict::Pending);
    assert_eq!(story("{from: {mark: never}}").closed(50), Verdict::Inconclusive);
}

#[test]
fn what_a_subject_was_before_does_not_count_from_its_attachment() {
    let pod = subject("Pod", "a");
    let verdict = |window: &str| {
        let mut story = Story::new(&windowed(window));
        story.enter(&pod, "phase", "Running", 0, Provenance::Initial);
        story.closed(9)
    };
    assert_eq!(verdict("{from: created}"), Verdict::Inconclusive);
    assert_eq!(verdict("{from: attached}"), Verdict::Satisfied);
}

#[test]
fn requirements_skip_only_when_they_are_known_not_to_be_met() {
    let text = windowed("{}").replace("subjects:", "requires: {kubernetes: \">=1.30\"}\nsubjects:");
    let pod = subject("Pod", "a");
    let verdict = |kubernetes: Fact<String>| {
        let mut story = Story::new(&text);
        story.judge.environment(Environment { kubernetes, ..Environment::default() });
        story.live(&pod, "phase", "Pending", 0);
        story.closed(9)
    };
    assert_eq!(verdict(Fact::Known("v1.29.1".into())), Verdict::Skipped);
    assert_eq!(verdict(Fact::Unknown), Verdict::Inconclusive);
    assert_eq!(verdict(Fact::Changed("v1.29.1".into(), "v1.30.0".into())), Verdict::Inconclusive);
    assert_eq!(verdict(Fact::Known("v1.30.0".into())), Verdict::Violated);
}

#[test]
fn the_example_of_the_design_compiles() {
    program(
        r#"
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: image-pull-error-is-reported}
requires: {kubernetes: ">=1.30", kubevirt: {featureGates: {ImageVolume: false}}}
subjects:
  vm:  {kind: VirtualMachine, namespace: story, name: vm-imagepull}
  pod: {kind: Pod, ownedBy: vm, quantify: each, min: 1}
window: {from: created, until: {mark: done}, max: 15m}
expect:
- {track: vm.status, path: "... -> Starting -> (ErrImagePull -> ImagePullBackOff){2,} within 11m -> ..."}
- {track: vm.status, never: [Running, CrashLoopBackOff]}
- {track: pod.condition/Ready, path: "!True* -> True for >=1m -> ..."}
- {track: pod.phase, every: Pending, then: Running, within: 30s}     # min: 1 implied, so there is nothing to judge
- {enter: vm.status=Running, onlyAfter: pod.phase=Running}
- {track: pod.container/app, count: {restart: {max: 2}}}
- {quiet: [phase, condition/*], after: pod.lifecycle=Deleted}
"#,
    );
}
