//! Explanations as users read them: one for each way in which an expectation can fail to hold.

use super::sample::{Timeline, container, failed, gap, image_pull, subject};
use super::verdicts::{closed, fits, judged, sketched, written};
use statetrail::expectation::{End, Environment, Fact, Judge, Outcome, Program, Source};
use statetrail::observation::{GapReason, StateKind};
use statetrail::timeline::{Entry, Provenance};
use statetrail::view::Style;
use statetrail::view::verdict::{self, Format, Judged};
use std::sync::Arc;

/// A document about the VM and its pod.
fn document(name: &str, more: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: {name}}}\nsubjects:\n  \
         vm: {{kind: VirtualMachine, namespace: story, name: vm-imagepull}}\n  \
         pod: {{kind: Pod, namespace: story}}\n{more}\n"
    )
}

/// The text output, after validating the JSON against its schema.
fn explained(outcomes: &[Outcome], entries: &[Entry]) -> String {
    let judged = [Judged::recording(None, outcomes, entries)];
    fits(&written(Format::Json, &judged));
    let text = written(Format::Text, &judged);
    for outcome in outcomes {
        let one = written(Format::Text, &[Judged::recording(None, std::slice::from_ref(outcome), entries)]);
        assert!(one.lines().count() <= 19, "{} lines are a wall of text:\n{one}", one.lines().count());
    }
    text
}

#[test]
fn violations_are_explained() {
    let documents = [
        document("only-after", "expect:\n- {enter: vm.status=ErrImagePull, onlyAfter: pod.phase=Running}"),
        document("quiet", "expect:\n- {quiet: [status], after: vm.lifecycle=Terminating}"),
        document(
            "graph",
            "expect:\n- {track: vm.status, graph: {Stopped: [Starting], Starting: [Running, ErrImagePull], ErrImagePull: [ImagePullBackOff], ImagePullBackOff: [Terminating]}}",
        ),
        document("not", "expect:\n- not: {track: vm.status, never: CrashLoopBackOff}"),
        document(
            "any",
            "expect:\n- any:\n  - {track: vm.status, path: \"... -> Running -> ...\"}\n  - {track: pod.phase, path: \"... -> Succeeded\"}",
        ),
        document(
            "within",
            "expect:\n- {track: vm.status, path: \"... -> (ErrImagePull -> ImagePullBackOff){2} within 10s -> ...\"}",
        ),
        document(
            "for",
            "expect:\n- {track: vm.status, path: \"... -> ImagePullBackOff for <20s -> ErrImagePull -> ...\"}",
        ),
        document("too-short", "expect:\n- {track: vm.status, path: \"Stopped -> Starting for >=10s -> ...\"}"),
        document("too-late", "expect:\n- {track: vm.status, every: ErrImagePull, then: ImagePullBackOff, within: 1s}"),
        document("too-often", "expect:\n- {track: vm.status, count: {ErrImagePull: {max: 1}}}"),
        document("always", "expect:\n- {track: pod.status, always: [Pending, \"Init:0/1\"]}"),
    ];
    let entries = image_pull();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let outcomes = judged(&entries, closed(100_000), &documents, &[]);
    insta::assert_snapshot!(explained(&outcomes, &entries));
}

#[test]
fn a_window_shows_the_path_inside_it() {
    let documents = [
        document(
            "within-the-window",
            "window: {from: {mark: create the VM}, until: {mark: second attempt}}\nexpect:\n- {track: vm.status, path: \"... -> ErrImagePull -> Running\"}",
        ),
        document(
            "from-a-mark",
            "window: {from: {mark: second attempt}}\nexpect:\n- {track: vm.status, never: Terminating}",
        ),
        document(
            "no-such-mark",
            "window: {from: {mark: third attempt}}\nexpect:\n- {track: vm.status, never: Terminating}",
        ),
    ];
    let entries = image_pull();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let outcomes = judged(&entries, closed(100_000), &documents, &[]);
    insta::assert_snapshot!(explained(&outcomes, &entries));
}

#[test]
fn what_was_not_judged_says_why() {
    let documents = [
        document("skipped", "requires: {kinds: [Rocket]}\nexpect:\n- {track: vm.status, never: Running}"),
        document("never-had-a-state", "expect:\n- {track: vm.condition/Paused, always: \"False\"}"),
        document("never-triggered", "expect:\n- {track: vm.status, every: Running, then: Stopped, within: 1m}"),
    ];
    let entries = image_pull();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let outcomes =
        judged(&entries, closed(100_000), &documents, &["vmi phase: ... -> Running", "vm/other status: never Running"]);
    insta::assert_snapshot!(explained(&outcomes, &entries));
}

/// Three pods: one crashes, one is not seen for a while, one existed before.
fn pods() -> Vec<Entry> {
    let (crashing, hidden, old) =
        (subject("Pod", "crashing", "u1"), subject("Pod", "hidden", "u2"), subject("Pod", "old", "u3"));
    let mut t = Timeline::new();
    t.enter(0, &old, "container/app", container("Running", StateKind::Running, 0)).seen = Provenance::Initial;
    for pod in [&crashing, &hidden] {
        t.go(1_000, pod, "lifecycle", "Present");
        t.enter(1_000, pod, "container/app", container("ContainerCreating", StateKind::Waiting, 0));
        t.enter(2_000, pod, "container/app", container("Running", StateKind::Running, 0));
    }
    t.enter(5_000, &crashing, "container/app", failed("Error", 0, 1));
    t.event(5_100, &crashing, "BackOff", 3, "Back-off restarting failed container app");
    t.enter(6_000, &crashing, "container/app", container("CrashLoopBackOff", StateKind::Waiting, 0));
    t.lose(20_000, Some(&hidden), gap("pods", Some(8_000), Some(20_000), GapReason::HistoryExpired));
    t.enter(20_000, &hidden, "container/app", container("Running", StateKind::Running, 2)).seen = Provenance::AfterGap;
    t.enter(26_000, &crashing, "container/app", container("Running", StateKind::Running, 1));
    t.entries
}

#[test]
fn undecided_verdicts_name_their_cause_and_remedy() {
    let entries = pods();
    let lines = [
        "pod/hidden container/app: never Error",
        "pod/hidden container/app: count restart max 1",
        "pod/hidden container/app: every Running then Error within 5s",
        "pod/hidden container/app: count ContainerCreating max 1",
        "pod/old container/app: never Error",
        "pod container/app: never CrashLoopBackOff",
        "pod container/app: ContainerCreating -> Running -> ...",
    ];
    let outcomes = judged(&entries, closed(30_000), &[], &lines);
    let mut text = explained(&outcomes, &entries);
    let outcomes = judged(
        &entries,
        End::Unfenced,
        &[],
        &[
            "pod/crashing container/app: ... -> Running",
            "pod container/app: never OOMKilled",
            "pod container/app: never CrashLoopBackOff",
        ],
    );
    text.push('\n');
    text.push_str(&explained(&outcomes, &entries));
    insta::assert_snapshot!(text);
}

#[test]
fn what_is_required_and_not_there_is_skipped() {
    let entries = image_pull();
    let document =
        document("needs-rockets", "requires: {kinds: [Rocket]}\nexpect:\n- {track: vm.status, never: Running}");
    let program = Program::compile([Source::Document { name: "test.yaml", text: &document }]).unwrap();
    let mut judge = Judge::new(Arc::new(program));
    judge.environment(Environment {
        kinds: [("Rocket".to_owned(), Fact::Known(false))].into(),
        ..Environment::default()
    });
    entries.iter().for_each(|entry| judge.push(entry));
    let outcomes = judge.verdicts(&closed(100_000));
    let junit = written(Format::Junit, &[Judged::recording(None, &outcomes, &entries)]);
    insta::assert_snapshot!(format!("{}\n{junit}", explained(&outcomes, &entries)));
}

#[test]
fn text_is_wrapped_at_the_width_of_a_terminal() {
    let entries = image_pull();
    let outcomes = judged(
        &entries,
        closed(100_000),
        &[],
        &["vm/vm-imagepull status: Stopped -> Starting -> ErrImagePull -> ImagePullBackOff -> Running"],
    );
    let mut out = Vec::new();
    let style = Style { width: Some(72), ..Style::default() };
    verdict::write(Format::Text, &[Judged::recording(None, &outcomes, &entries)], &style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 72), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn completions_of_timed_statements_have_times() {
    let sketches: [(&str, &[&str]); 5] = [
        (
            "P@0 ~2,10~ R@10 |closed",
            &["P for <10s -> R", "P -> Q for >=5s -> R", "every P then R within 5s", "count Q max 1"],
        ),
        ("P@[0,1] R@[30,31] |closed", &["every P then R within 30s", "P for <30s -> R"]),
        ("P@0 R@40 |unfenced", &["P -> R for >=5s", "every R then S within 10s"]),
        ("^R@5 S@9 |closed", &["R for <1m -> S"]),
        ("P@0 ~2,10~ |deleted@12", &["P for <5s -> ...", "never F"]),
    ];
    let explained = sketches.iter().map(|(sketch, lines)| {
        let outcomes = sketched(sketch, lines);
        let judged = [Judged::sketch(&outcomes)];
        fits(&written(Format::Json, &judged));
        format!("=== {sketch}\n{}", written(Format::Text, &judged))
    });
    insta::assert_snapshot!(explained.collect::<Vec<_>>().join("\n"));
}
