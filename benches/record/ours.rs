//! Our recorder, as `record` runs it: recorded, folded, fsynced.

use crate::{EVENTS, peak};
use futures::FutureExt;
use statetrail::Recorder;
use statetrail::expectation::{End, Judge, Program, Source};
use statetrail::observation::{Change, Payload, Resource, Watch};
use statetrail::recording::Reader;
use statetrail::run::{Attaching, Config, HistoryPolicy, Message};
use statetrail::source::{Cluster, Healing};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Records until all events were folded.
pub(crate) fn run(url: &str) {
    record(url, EVENTS as u64, |_| (), Recorder::attach);
}

/// The same with a thousand expectations that are judged twenty times a second, while a gap is open.
pub(crate) fn judged(url: &str) {
    let judge = |recorder: &Recorder| Some(recorder.judge(program()).expect("tracks of pods"));
    record(url, EVENTS as u64 + 2, judge, Recorder::attach);
}

/// The same, judged on the folding thread instead of a thread of its own: each answer costs a copy of the judge while
/// the gap is open.
#[expect(clippy::disallowed_methods, clippy::cast_possible_truncation, reason = "a benchmark measures time")]
pub(crate) fn judged_by_the_fold(url: &str) {
    let attach = |config| {
        let attaching = Recorder::attach(config);
        let (mut listener, mut judge) = (attaching.listen(), Judge::new(program()));
        let mut asked = Instant::now();
        attaching.stalled_by(move || {
            while let Some(Some(Message::Entry(entry))) = listener.next().now_or_never() {
                judge.push(&entry);
            }
            if asked.elapsed() >= Duration::from_millis(50) {
                asked = Instant::now();
                let now = asked.elapsed().as_micros() as i64;
                black_box(judge.clone().standings(&End::Open { now, alive: now }));
            }
        })
    };
    record(url, EVENTS as u64 + 2, |_| (), attach);
}

/// Expectations on a thousand of the pods.
fn program() -> Arc<Program> {
    let body =
        |number: usize| ["never Failed", "... -> Failed -> ...", "every Pending then Running within 30s"][number % 3];
    let lines: Vec<String> = (0..1_000).map(|number| format!("pod/pod-{number:05} phase: {}", body(number))).collect();
    let sources = lines.iter().map(|text| Source::Line { name: "bench", text });
    Arc::new(Program::compile(sources).expect("it compiles"))
}

fn record<T>(url: &str, objects: u64, attached: impl FnOnce(&Recorder) -> T, attach: impl FnOnce(Config) -> Attaching) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ours.jsonl");
    runtime.block_on(async {
        let pods =
            Watch { label_selector: "app=load".to_owned(), ..Watch::all(Resource::new("", "v1", "pods", "Pod")) };
        let mut config = Config::new(Cluster::at(url).await.expect("a client"), vec![pods], &file);
        (config.past, config.healing) = (HistoryPolicy::Unseen, Healing::OFF);
        let mut recorder = attach(config).await.expect("it attaches");
        let _kept = attached(&recorder);
        recorder.until(|progress| progress.objects() >= objects).await.expect("it records");
        let recorded = recorder.abort().await.expect("it records");
        assert_eq!(recorded.finished.progress.objects(), objects);
        let first = Reader::open(&file)
            .expect("a recording")
            .map(|record| record.expect("a line").observation)
            .find(|observation| matches!(&observation.payload, Payload::Object(seen) if seen.change != Change::Listed))
            .expect("events came");
        peak::report(recorded.elapsed.saturating_sub(first.stamp.elapsed));
    });
}
