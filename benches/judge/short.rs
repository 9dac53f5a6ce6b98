//! Many short pods: what recording, folding and judging them takes of memory, at so many and at ten times as many. Each is
//! a process of its own, so that its peak is its own.

use jiff::Timestamp;
use statetrail::expectation::{Ends, Judge, Program, Source, Words};
use statetrail::kinds::Definitions;
use statetrail::observation::{
    Attached, Capture, Change, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape, Stamp, Watch,
    decode_object,
};
use statetrail::recording::{Header, SyncPolicy, Writer};
use statetrail::run::judge_file;
use statetrail::timeline::{Fold, SETTLE, sorted};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Prints the peaks and their ratio.
pub(crate) fn report() {
    let program = std::env::current_exe().expect("this program has a path");
    let peak = |pods: &str| {
        let output = Command::new(&program).args(["short", pods]).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.split_whitespace().map(|word| word.parse().expect("a number")).collect::<Vec<f64>>()
    };
    let (few, many) = (peak("100000"), peak("1000000"));
    for (at, what) in ["recorded, folded and judged live", "and the recording checked"].into_iter().enumerate() {
        println!(
            "short pods, {what}: peak of {:.0} MiB after 100,000, {:.0} MiB after 1,000,000, {:.2} times",
            few[at],
            many[at],
            many[at] / few[at]
        );
    }
}

const EXPECTED: &str = "apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {p: {kind: Pod, quantify: each}}
expect:
- {track: p.phase, path: Pending -> Running -> Succeeded}
- {track: p.phase, never: Failed}
- {track: p.phase, every: Pending, then: Running, within: 30s}
- {track: p.condition/Ready, count: {\"True\": {max: 1}}}
";

/// Runs so many pods, a hundred at a time, and prints the peaks.
pub(crate) fn run(pods: u64) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("short.jsonl");
    let watch = Watch::all(Resource::new("", "v1", "pods", "Pod"));
    let mut writer = Writer::create(&file, &Header::new(stamp(0).at, vec![watch.clone()]), SyncPolicy::Never)
        .expect("a file can be written");
    let mut fold = Fold::new(None, &[watch]).expect("no tracks of its own");
    let program = Program::compile([Source::Document { name: "x", text: EXPECTED }]).expect("it compiles");
    let program = Arc::new(program);
    let mut judge = Judge::new(Arc::clone(&program));
    let mut placed = Vec::new();
    let mut version = 1;
    let mut push = |payload: Payload| {
        version += 1;
        let observation = Observation { stamp: stamp(version), payload };
        let seq = writer.append(&observation).expect("it is written");
        fold.push(seq, observation, &mut placed);
        sorted(placed.drain(..), SETTLE).iter().for_each(|entry| judge.push(entry));
        if seq.is_multiple_of(10_000) {
            std::hint::black_box(judge.standings(Ends::new(fold.coverage(), stamp(version).at)));
        }
    };
    push(Payload::Attached(Attached {
        watch: 0,
        resource_version: ResourceVersion::new("1"),
        kind: "Pod".into(),
        not_before: None,
    }));
    let steps = [(Change::Added, "Pending"), (Change::Modified, "Running"), (Change::Modified, "Succeeded")];
    for first in (0..pods).step_by(100) {
        for (turn, (change, phase)) in (0..).zip(steps.into_iter().chain([(Change::Deleted, "Succeeded")])) {
            for pod in first..first + 100 {
                push(event(change, pod, 2 + first * 4 + turn * 100 + (pod - first), phase));
            }
        }
    }
    writer.finish().expect("it is written");
    let live = peak();
    drop(judge);
    let judged = judge_file(&file, program, &Definitions::default(), &mut Words::default()).expect("it is read");
    assert_eq!(judged.outcomes.len(), 1);
    println!("{live} {}", peak());
}

fn event(change: Change, pod: u64, version: u64, phase: &str) -> Payload {
    let ready = if phase == "Running" { "True" } else { "False" };
    let json = format!(
        r#"{{"metadata":{{"name":"p-{pod}","namespace":"n","uid":"00000000-0000-4000-8000-{pod:012x}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}","conditions":[{{"type":"Ready","status":"{ready}"}}]}}}}"#
    );
    let object = decode_object(json.as_bytes(), Shape::Pod, Capture::Status).expect("an object");
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

fn stamp(number: u64) -> Stamp {
    let elapsed = Duration::from_millis(number);
    let at = Timestamp::from_millisecond(i64::try_from(number).expect("small")).expect("small");
    Stamp { at, elapsed }
}

/// The peak of this process so far, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    let kib: f64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    kib / 1024.0
}
