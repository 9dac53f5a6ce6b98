//! What gaps cost: each case next to the same case without gaps, because the ratio says more than the times.

use statetrail::expectation::{End, Judge, Program, Sketch, Source, judge_sketch};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const HEAD: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\n";

/// Prints the cost of each case with and without gaps.
pub(crate) fn report() {
    print("a path of 41 names, `for` inside `within`, 400 gaps", many_names(true), many_names(false));
    print("500 pods, ten gaps each, six statements", many_pods(true, &SIX), many_pods(false, &SIX));
    let (timed, untimed) = (many_pods(true, &[TIMED]), many_pods(true, &[UNTIMED]));
    let ratio = timed.as_secs_f64() / untimed.as_secs_f64();
    println!("gaps: the same with one path: {timed:?} with times, {untimed:?} without, {ratio:.1} times");
    print("1,000 expectations asked 100 times, a gap open", asked(true), asked(false));
}

fn print(what: &str, with: Duration, without: Duration) {
    println!("gaps: {what}: {with:?}, without {without:?}, {:.1} times", with.as_secs_f64() / without.as_secs_f64());
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn names(from: usize, to: usize) -> String {
    format!("[{}]", (from..to).map(|name| format!("N{name}")).collect::<Vec<_>>().join(", "))
}

fn many_names(gaps: bool) -> Duration {
    let mut text = "A@0".to_owned();
    for at in 1..=400 {
        let gap = if gaps { format!("~{},{at}~ ", at - 1) } else { String::new() };
        write!(text, " {gap}{}@{at}", ["A", "B", "C"][at % 3]).expect("a String takes all");
    }
    let sketch = Sketch::parse("x", &(text + " |open now=500 alive=500")).expect("a sketch");
    let (one, two) = (names(0, 20), names(20, 40));
    let line = format!("(... -> {one} for >=1s -> ... -> {two} for >=2s -> ... -> A for >=3s) within 100s -> ...");
    let program = Program::for_sketch("x", &line, &sketch).expect("a line");
    timed(|| assert_eq!(judge_sketch(program, &sketch).len(), 1))
}

/// Adds this many pods to a judge, each with the states of the same sketches.
fn pods(judge: &mut Judge, number: usize, gaps: bool) {
    use statetrail::observation::{Identity, Subject, Track};
    let gap = |at: usize| if gaps { format!("~{},{at}~ ", at - 1) } else { String::new() };
    let words = |states: [&str; 2]| {
        let word = (0..20).fold(String::new(), |text, turn| {
            let gap = if turn % 4 == 3 { gap(turn * 3) } else { String::new() };
            format!("{text} {gap}{}@{}", states[turn % 2], turn * 3)
        });
        Sketch::parse("x", &(word + " |closed@100")).expect("a sketch").tracks.remove(0).events
    };
    let (phases, readiness) = (words(["Pending", "Running"]), words(["False", "True"]));
    for pod in 0..number {
        let subject = Subject {
            cluster: None,
            kind: "Pod".into(),
            group: "".into(),
            namespace: "n".into(),
            name: format!("p{pod}").into(),
            uid: format!("u{pod}").into(),
            identity: Identity::default(),
        };
        let member = judge.seen(&std::sync::Arc::new(subject));
        for (track, events) in [(Track::Phase, &phases), (Track::parse("condition/Ready"), &readiness)] {
            events.iter().for_each(|event| judge.observe(member, &track, event.clone()));
        }
    }
}

const TIMED: &str = r#"{track: p.phase, path: "... -> (Pending for <30s -> ... -> Running for >=2s){2,} within 60s -> ... -> Failed -> _{5} -> ..."}"#;
const UNTIMED: &str =
    r#"{track: p.phase, path: "... -> (Pending -> ... -> Running){2,} -> ... -> Failed -> _{5} -> ..."}"#;
const SIX: [&str; 6] = [
    TIMED,
    "{track: p.phase, every: Pending, then: Running, within: 30s}",
    r#"{track: p.condition/Ready, path: "... -> True for >=1m -> ..."}"#,
    r#"{track: "p.*", count: {Running: {max: 3}}}"#,
    "{enter: p.phase=Running, onlyAfter: p.condition/Ready=True}",
    r#"{quiet: ["*"], after: p.phase=Failed}"#,
];

fn many_pods(gaps: bool, statements: &[&str]) -> Duration {
    let statements = statements.join("\n- ");
    let text = format!("{HEAD}subjects: {{p: {{kind: Pod, quantify: each, min: 500}}}}\nexpect:\n- {statements}\n");
    let program = Program::compile([Source::Document { name: "x", text: &text }]).expect("a document");
    timed(|| {
        let mut judge = Judge::new(std::sync::Arc::new(program));
        pods(&mut judge, 500, gaps);
        assert_eq!(judge.verdicts(&End::Closed { at: 100_000_000 }).len(), 1);
    })
}

/// Requests the judgements of a live judge, while one pod is unseen.
fn asked(gap: bool) -> Duration {
    use jiff::Timestamp;
    use statetrail::observation::{GapReason, Stamp, Subject};
    use statetrail::timeline::{Body, Entry, GapEntry, Provenance};
    let lines: Vec<String> =
        (0..1_000).map(|pod| format!("pod/n/p{pod} phase: every Pending then Running within 30s")).collect();
    let program = Program::compile(lines.iter().map(|text| Source::Line { name: "x", text })).expect("lines");
    let mut judge = Judge::new(std::sync::Arc::new(program));
    pods(&mut judge, 1_000, false);
    if gap {
        let subject = Subject {
            kind: "Pod".into(),
            namespace: "n".into(),
            name: "p7".into(),
            uid: "u7".into(),
            ..Subject::default()
        };
        let at = Timestamp::from_second(90).expect("small");
        let entry = GapEntry {
            resource: "pods".into(),
            kind: "Pod".into(),
            namespace: "n".into(),
            track: None,
            from: Some(at),
            to: None,
            read_through: None,
            from_resource_version: None,
            to_resource_version: None,
            reason: GapReason::HistoryExpired,
            evidence: None,
        };
        judge.push(&Entry {
            seq: 1,
            stamp: Stamp { at, elapsed: Duration::ZERO },
            subject: Some(std::sync::Arc::new(subject)),
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body: Body::Gap(entry),
        });
    }
    let end = End::Open { now: 100_000_000, alive: 100_000_000 };
    timed(|| (0..100).for_each(|_| assert_eq!(judge.standings(&end).len(), 1_000)))
}
