//! A thousand expectations on a live timeline: entries arrive in batches, and all judgements are requested after each
//! batch.

use jiff::Timestamp;
use statetrail::expectation::{End, Judge, Program, Source};
use statetrail::observation::{Stamp, State, Subject, Track};
use statetrail::timeline::{Body, Entry, Provenance, Transition};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const EXPECTATIONS: usize = 1_000;
const EVENTS_A_SECOND: i64 = 5_000;
const BATCHES_A_SECOND: i64 = 10;
const SECONDS: i64 = 3;

/// Prints the share of real time that it takes.
#[expect(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]
pub(crate) fn report() {
    let mut text = String::new();
    for number in 0..EXPECTATIONS {
        let body = [
            "never Failed",
            "... -> (Pending -> Running){2,} within 11m -> ...",
            "every Pending then Running within 30s",
        ];
        writeln!(text, "pod/p{number} phase: {}", body[number % 3]).expect("a String takes all");
    }
    let lines: Vec<&str> = text.lines().collect();
    let program = Program::compile(lines.iter().map(|text| Source::Line { name: "x", text })).expect("compiles");
    let subject = |number: usize| {
        Arc::new(Subject {
            kind: "Pod".into(),
            namespace: "n".into(),
            name: format!("p{number}").into(),
            uid: format!("u{number}").into(),
            ..Subject::default()
        })
    };
    let subjects: Vec<Arc<Subject>> = (0..EXPECTATIONS).map(subject).collect();
    let mut judge = Judge::new(Arc::new(program));
    let (mut at, mut pending) = (0_usize, 0);
    let start = Instant::now();
    for _ in 0..SECONDS * BATCHES_A_SECOND {
        for _ in 0..EVENTS_A_SECOND / BATCHES_A_SECOND {
            let (number, turn) = (at % EXPECTATIONS, at / EXPECTATIONS);
            let to = State::plain(["Pending", "Running"][turn % 2]);
            at += 1;
            let micros = i64::try_from(at).expect("small");
            let when = Timestamp::from_microsecond(micros * 1_000_000 / EVENTS_A_SECOND).expect("small");
            judge.push(&Entry {
                seq: at as u64,
                stamp: Stamp { at: when, elapsed: Duration::ZERO },
                subject: Some(Arc::clone(&subjects[number])),
                resource_version: None,
                not_before: None,
                leases: None,
                seen: Provenance::Live,
                origin: None,
                body: Body::Transition(Transition { track: Track::Phase, from: None, to }),
            });
        }
        let now = i64::try_from(at).expect("small") * 1_000_000 / EVENTS_A_SECOND;
        pending =
            judge.standings(&End::Open { now, alive: now }).iter().filter(|one| !one.verdict.is_decided()).count();
    }
    println!(
        "live: {EXPECTATIONS} expectations, {EVENTS_A_SECOND} events a second, asked {BATCHES_A_SECOND} times a second: {:.0} % of real time ({pending} undecided)",
        start.elapsed().as_secs_f64() / SECONDS as f64 * 100.0
    );
}
