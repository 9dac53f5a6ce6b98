//! A wall clock that is set while a recorder runs: durations are measured by another one, and the step is in the file.

use super::bounded;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use jiff::{SignedDuration, Timestamp};
use statetrail::expectation::{Program, Source, Verdict};
use statetrail::observation::Payload;
use statetrail::recording::Reader;
use statetrail::run;
use statetrail::source::Clock;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// By how many seconds the wall clock was set ahead.
static SET: AtomicI64 = AtomicI64::new(0);

#[expect(clippy::disallowed_methods, reason = "a wall clock that this test sets begins as the system's")]
fn wall() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(SET.load(Ordering::SeqCst))
}

/// The steps in a recording.
fn steps(path: &Path) -> Vec<i64> {
    let records = Reader::open(path).expect("a recording").map_while(Result::ok);
    let step = |what: &Payload| if let Payload::Clock(change) = what { change.step_micros } else { None };
    records.filter_map(|record| step(&record.observation.payload)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wall_clock_that_is_set_is_recorded_and_changes_no_duration() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach_with(|config| config.clock = Some(Clock::by(wall))).await;
    let path = scene.path("run.jsonl");
    let set = async |seconds: i64, count: usize| {
        SET.fetch_add(seconds, Ordering::SeqCst);
        bounded("the step", async {
            while steps(&path).len() < count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    };
    truth.put("a", "Running");
    set(3600, 1).await;
    truth.put("a", "Succeeded");
    set(-7200, 2).await;
    truth.put("a", "Failed");
    let outcome: Recording = recorder.finish().await;
    outcome.assert_whole(&truth, "a clock that is set");
    let [ahead, back] = steps(&path)[..] else { panic!("two steps: {:?}", steps(&path)) };
    for (step, expected) in [(ahead, 3_600_000_000), (back, -7_200_000_000)] {
        assert!((step - expected).abs() < 1_000_000, "{step}");
    }
    let at = |record: &statetrail::recording::Record| record.observation.stamp.at;
    assert!(outcome.records.windows(2).all(|pair| at(&pair[0]) <= at(&pair[1])), "times do not go back");
    let verdict = |expectation: &str| {
        let program = Program::compile([Source::Line { name: "--expect", text: expectation }]).expect("it is one");
        let judged = run::judge(Reader::open(&path).expect("a recording"), Arc::new(program)).expect("it is read");
        judged.outcomes[0].standing.verdict
    };
    assert_eq!(verdict("pod/a phase: Running for >=30s -> Succeeded -> Failed"), Verdict::Violated);
    assert_eq!(verdict("pod/a phase: Running for <30s -> Succeeded for <30s -> Failed"), Verdict::Satisfied);
}
