//! The recorder's handle: listeners, marks and expectations never delay the recording, and nothing outlives the handle.

use super::bounded;
use super::recorder::{Recorder, Scene, heard};
use super::truth::{Truth, object, pods};
use crate::recorder::Recording;
use statetrail::expectation::{Program, Source, Verdict};
use statetrail::observation::{Change, Payload, Watch};
use statetrail::recording::{Reader, SyncPolicy};
use statetrail::run::{self, Config, Error, HistoryPolicy, Message, Output, PriorRecording};
use statetrail::source::{self, Access, Cluster};
use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

fn program(lines: &[String]) -> Arc<Program> {
    let sources = lines.iter().map(|text| Source::Line { name: "test", text });
    Arc::new(Program::compile(sources).unwrap_or_else(|error| panic!("{error}")))
}

fn expecting(line: &str) -> Arc<Program> {
    program(&[line.to_owned()])
}

/// An expectation on the first pod with the name: for all pods, nothing is decided while another one may come.
fn of_first(statement: &str) -> Arc<Program> {
    let text = format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: test}}\n\
         subjects: {{pod: {{kind: Pod, name: a, life: first}}}}\nexpect: [{{track: pod.phase, {statement}}}]\n"
    );
    let source = Source::Document { name: "test.yaml", text: &text };
    Arc::new(Program::compile([source]).unwrap_or_else(|error| panic!("{error}")))
}

/// Waits for a state that sends no notification, and yields in between.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let poll = poll_fn(|context| {
        context.waker().wake_by_ref();
        if holds() { Poll::Ready(()) } else { Poll::Pending }
    });
    bounded(what, poll).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_never_reads_delays_nothing_and_learns_how_many_entries_it_missed() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let (mut recorder, listener) = Recorder::start_heard(scene.pods().await);
    let deaf = recorder.handle.listen_within(10);
    recorder.attached().await;
    truth.story(300);
    recorder.finish().await.assert_whole(&truth, "with a listener that never reads");
    let (all, few) = (heard(listener).await, heard(deaf).await);
    assert!(all.iter().all(|message| matches!(message, Message::Entry(_))), "the other listener missed something");
    let missed = u64::try_from(all.len() - 10).expect("a count");
    assert_eq!(few[..10], all[..10]);
    assert_eq!(few[10..], [Message::Missed { entries: missed }]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_that_fell_behind_continues_after_the_count_of_missed_entries() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    let mut slow = recorder.handle.listen_within(1);
    let mut other = recorder.handle.listen();
    truth.story(4);
    recorder.caught_up(&truth).await;
    // Both listeners are notified in one step.
    let mut entries = 0;
    while entries < 4 {
        let Some(Message::Entry(_)) = bounded("an entry", other.next()).await else { panic!("an entry is missing") };
        entries += 1;
    }
    let Some(Message::Entry(first)) = bounded("the first entry", slow.next()).await else { panic!("no entry") };
    truth.put("last", "Running");
    recorder.finish().await;
    let rest = heard(slow).await;
    let [Message::Missed { .. }, Message::Entry(next), ..] = &rest[..] else { panic!("{rest:?}") };
    assert!(next.seq > first.seq, "{first:?} before {next:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_listeners_hear_the_same_entries_in_the_order_of_the_file() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let (mut recorder, one) = Recorder::start_heard(scene.pods().await);
    let other = recorder.handle.listen();
    recorder.attached().await;
    truth.story(200);
    let outcome = recorder.finish().await;
    let (one, other) = (heard(one).await, heard(other).await);
    assert_eq!(one, other);
    let lines = one.iter().filter_map(|message| match message {
        Message::Entry(entry) => super::truth::line(entry),
        Message::Missed { .. } => panic!("{message:?}"),
    });
    assert_eq!(lines.collect::<Vec<_>>(), outcome.lines());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn marks_are_between_the_events_before_and_after_them_while_many_arrive() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    let (store, marked) = (truth.store.clone(), Arc::new(AtomicBool::new(false)));
    let stop = Arc::clone(&marked);
    let writer = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(1));
        for number in 0.. {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            pace.tick().await;
            for pod in ["a", "b"] {
                let json = object(pod, pod, &format!("Phase{number}"));
                store.write(&pods(), Change::Modified, json.as_bytes()).expect("an object");
            }
        }
    });
    let mut stamps = Vec::new();
    for number in 0..20 {
        let name = format!("step {number}");
        stamps.push(bounded("the mark", recorder.handle.mark(name)).await.expect("it is recorded"));
        let written = Reader::open(&scene.path("run.jsonl")).expect("a recording");
        let marks =
            written.filter(|line| matches!(&line.as_ref().expect("a line").observation.payload, Payload::Mark { .. }));
        assert_eq!(marks.count(), number + 1, "it is in the file when it is acknowledged");
    }
    marked.store(true, Ordering::SeqCst);
    bounded("the writer", writer).await.expect("no panic");
    truth.put("c", "Running");
    let outcome = recorder.finish().await;
    let lines: Vec<_> = outcome.records.iter().map(|record| &record.observation).collect();
    let marks: Vec<usize> = (0..lines.len()).filter(|at| matches!(&lines[*at].payload, Payload::Mark { .. })).collect();
    let moments = marks.iter().map(|at| lines[*at].stamp.at);
    assert!(moments.eq(stamps.iter().map(|stamp| stamp.at)), "they are stamped with the moment of the call");
    for at in marks {
        let stamp = lines[at].stamp.elapsed;
        assert!(lines[..at].iter().all(|line| line.stamp.elapsed <= stamp), "a later line precedes it");
        assert!(lines[at..].iter().all(|line| line.stamp.elapsed >= stamp), "an earlier line follows it");
    }
    assert_eq!(outcome.recorded.expect("it was recorded").finished.progress.marks, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mark_is_recorded_while_nothing_happens() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    bounded("the mark", recorder.handle.mark("now")).await.expect("it is recorded");
    let outcome = recorder.finish().await;
    assert!(outcome.payloads().any(|what| matches!(what, Payload::Mark { name } if name == "now")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fence_that_cannot_be_met_ends_within_its_bound() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let recorder = scene.attach_with(|config| config.pace.fence = Duration::from_millis(200)).await;
    scene.inject("http=503,verb=list,times=1000000");
    let outcome = recorder.finish().await;
    assert!(!outcome.recorded.expect("it was recorded").finished.verified.watches[0].fenced);
}

/// True when no other recorder holds the file.
fn is_free(path: &Path) -> bool {
    PriorRecording::open(path, SyncPolicy::Never).is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_recorder_leaves_no_task_no_thread_and_no_lock() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let cluster = scene.cluster().await;
    let holders = Arc::strong_count(&cluster);
    let (mut recorder, listener) = Recorder::start_heard(scene.pods().await);
    recorder.attached().await;
    let mut judgement = recorder.handle.judge(expecting("pod/a phase: Pending -> ...")).expect("it is judged");
    assert!(Arc::strong_count(&cluster) > holders);
    drop(recorder);
    // The folding thread holds the other end of every listener, the writing thread the file, and the tasks the cluster.
    heard(listener).await;
    let verdicts = bounded("the last verdicts", judgement.verdicts()).await;
    assert_eq!(verdicts.outcomes.len(), 1);
    until("the file to be free", || is_free(&scene.path("run.jsonl"))).await;
    until("the tasks to end", || Arc::strong_count(&cluster) == holders).await;
    // The recording is intact as far as it goes: no line is torn.
    assert!(Recording::read(&scene.path("run.jsonl")).torn.is_none());
}

#[test]
fn dropping_the_runtime_ends_the_threads_of_a_recorder() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let truth = Truth::new();
    let (scene, recorder, mut listener) = runtime.block_on(async {
        let scene = Scene::new(&truth);
        let (mut recorder, listener) = Recorder::start_heard(scene.pods().await);
        recorder.attached().await;
        (scene, recorder, listener)
    });
    drop(runtime);
    while listener.blocking_next().is_some() {}
    drop(recorder);
    // The fold ends after the writing thread: the file is closed.
    assert!(is_free(&scene.path("run.jsonl")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_answers_is_given_up_after_one_request() {
    let truth = Truth::new();
    let scene = Scene::faulty(&truth, &["delay=1h,times=1000000"]);
    let timeout = Duration::from_millis(300);
    let access = Access { server: Some(scene.server.url()), request_timeout: Some(timeout), ..Access::default() };
    let cluster = Cluster::new(access).await.expect("a client");
    let config = Config::new(cluster, vec![Watch::all(pods())], scene.path("run.jsonl"));
    let error = bounded("the failure", run::Recorder::attach(config).into_future()).await.expect_err("no answer");
    assert!(matches!(error, Error::Source(source::Error::Timeout { .. })), "{error}");
    assert!(error.to_string().contains("--request-timeout"), "{error}");
    assert!(!scene.path("run.jsonl").exists(), "nothing was recorded");
    assert!(scene.server.requests().iter().all(|asked| asked.resource != "pods"), "it was asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_abort_does_not_wait_for_a_server_that_does_not_answer() {
    let truth = Truth::new();
    let scene = Scene::faulty(&truth, &["delay=1h,times=1000000"]);
    let recorder = run::Recorder::attach(scene.pods().await).start();
    let recorded = bounded("the abort", recorder.abort()).await.expect("nothing failed");
    assert!(recorded.aborted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_added_late_are_judged_on_the_whole_recording() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let mut recorder = scene.attach().await;
    for phase in ["Pending", "Running", "Succeeded"] {
        truth.put("a", phase);
    }
    recorder.caught_up(&truth).await;
    let bound = Duration::from_secs(30);
    for (line, verdict) in
        [("path: 'Pending -> Running -> Succeeded -> ...'", Verdict::Satisfied), ("never: Running", Verdict::Violated)]
    {
        let verdicts = bounded("the verdict", recorder.handle.expect(of_first(line), bound)).await.expect("judged");
        assert_eq!(verdicts.verdict(), verdict, "{line}: {verdicts}");
        assert!(verdicts.to_string().contains(verdict.as_str()), "{verdicts}");
    }
    // What follows the part that was read counts, too.
    let mut judgement = recorder.handle.judge(of_first("path: '... -> Failed -> ...'")).expect("judged");
    truth.put("a", "Failed");
    assert!(bounded("the decision", judgement.decided()).await);
    assert!(bounded("the verdicts", judgement.verdicts()).await.passed());
    recorder.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_decided_in_time_is_pending() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let recorder = scene.attach().await;
    let program = expecting("pod/a phase: ... -> Running -> ...");
    let verdicts = bounded("the time", recorder.handle.expect(program, Duration::ZERO)).await.expect("judged");
    assert_eq!(verdicts.verdict(), Verdict::Pending, "{verdicts}");
    recorder.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_on_tracks_that_are_not_there_and_late_ones_without_a_file_are_refused() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let config = scene.plan(vec![Watch::all(pods())], Output::Nowhere).await;
    let recorder = bounded("the attachment", run::Recorder::attach(config).into_future()).await.expect("attached");
    let document = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\nsubjects: {pod: {kind: Pod}}\n\
                    expect: [{track: pod.progress, path: '... -> Running -> ...'}]";
    let document = Program::compile([Source::Document { name: "test", text: document }]);
    let refused = recorder.judge(Arc::new(document.expect("a track may be user-defined"))).err();
    let refused = refused.expect("no such track");
    assert!(matches!(&refused, Error::Expectations(_)) && refused.to_string().contains("progress"), "{refused}");
    let refused = recorder.judge(expecting("pod/a phase: ... -> Running -> ...")).expect_err("it is too late");
    assert!(matches!(refused, Error::NotKept), "{refused}");
    bounded("the end", recorder.abort()).await.expect("it records");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requesting_judgements_while_a_gap_is_open_loses_nothing_and_ends_with_the_verdicts_of_the_file() {
    const EVENTS: usize = 2_000;
    let mut truth = Truth::new();
    truth.put("left", "Pending");
    let scene = Scene::new(&truth);
    let mut config = scene.pods().await;
    config.watches[0].label_selector = "app=web".to_owned();
    config.past = HistoryPolicy::Unseen;
    let (mut recorder, listener) = Recorder::start_heard(config);
    recorder.attached().await;
    // From here on its states are unseen: its gap is open until the end.
    truth.write(0, Change::Modified, &object("left", "uid-left", "Pending").replace("web", "other"));
    recorder.caught_up(&truth).await;
    let of = |number: usize| format!("pod/{} phase: count Failed max {number}", ["left", "a", "b", "c"][number % 4]);
    let lines: Vec<String> = (0..500).map(of).collect();
    let program = program(&lines);
    let judgement = recorder.handle.judge(Arc::clone(&program)).expect("it is judged");
    let mut judgement_too = recorder.handle.judge(Arc::clone(&program)).expect("it is judged");
    let asking = tokio::spawn(async move {
        let mut asked = 0_u32;
        let mut pace = tokio::time::interval(Duration::from_millis(50));
        loop {
            pace.tick().await;
            assert_eq!(judgement.standings().len(), 500);
            asked += 1;
            if asked > 5 {
                return judgement;
            }
        }
    });
    truth.story(EVENTS);
    recorder.caught_up(&truth).await;
    bounded("the answers", asking).await.expect("no panic");
    let outcome = recorder.finish().await;
    let objects = |what: &&Payload| matches!(what, Payload::Object(_));
    assert_eq!(outcome.payloads().filter(objects).count(), EVENTS + 2);
    assert!(heard(listener).await.iter().all(|message| matches!(message, Message::Entry(_))));
    let verdicts = bounded("the last verdicts", judgement_too.verdicts()).await;
    let file = run::judge(Reader::open(&scene.path("run.jsonl")).expect("a recording"), program).expect("it is judged");
    let words = |outcomes: &[statetrail::expectation::Outcome]| -> Vec<(Verdict, String)> {
        outcomes.iter().map(|outcome| (outcome.standing.verdict, outcome.reason.clone())).collect()
    };
    assert_eq!(words(&verdicts.outcomes), words(&file.outcomes));
}
