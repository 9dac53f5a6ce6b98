//! How many transitions are judged per second: `cargo bench --bench judge`.

mod gaps;
mod live;
mod short;

use statetrail::expectation::{End, Event, Judge, Order, Program, Shown, Source, Span, Symbol};
use statetrail::observation::{Identity, Subject, Track};
use std::sync::Arc;
use std::time::Instant;

#[expect(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time")]
fn main() {
    // `cargo bench --bench judge -- gaps` runs only these, `-- short` only those.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["short", pods] if pods != "--bench" => return short::run(pods.parse().expect("a number")),
        ["short", ..] => return short::report(),
        ["gaps", ..] => return gaps::report(),
        _ => {}
    }
    let lines = [
        "pod/a phase: (Pending -> Running -> ...)*",
        "pod/a phase: never Failed",
        "pod/a phase: every Pending then Running within 30s",
        "pod/a phase: ... -> (Pending -> Running){2,} within 11m -> ...",
        "pod/a phase: (Pending for <1m -> Running for <1m)* -> Failed",
    ];
    for line in lines {
        let program = Program::compile([Source::Line { name: "x", text: line }]).unwrap();
        let mut judge = Judge::new(Arc::new(program));
        let subject = Subject {
            cluster: None,
            kind: "Pod".into(),
            group: "".into(),
            namespace: "n".into(),
            name: "a".into(),
            uid: "u".into(),
            identity: Identity::default(),
        };
        let member = judge.seen(&Arc::new(subject));
        let count = 1_000_000_i64;
        let start = Instant::now();
        for (at, order) in (0..count).zip(0_u64..) {
            let symbol = Symbol::plain(if at % 2 == 0 { "Pending" } else { "Running" });
            let shown = Shown { symbol, restarts: None };
            let (when, order) = (Span::at(at * 1_000_000), Order::at(order));
            judge.observe(member, &Track::Phase, Event::Enter { shown, when, order });
        }
        let observed = start.elapsed();
        let end = End::Open { now: count * 1_000_000, alive: count * 1_000_000 };
        let start = Instant::now();
        let standing = judge.standings(&end)[0];
        println!(
            "{line}: {:.2} million a second, judged in {:?}: {}",
            count as f64 / observed.as_secs_f64() / 1e6,
            start.elapsed(),
            standing.verdict
        );
    }
    live::report();
    gaps::report();
    short::report();
}
