//! `statetrail serve`, and the server beside the command of `record -- COMMAND`: what it answers, and what it refuses.

use super::bounded;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use crate::recorder::metrics::Scrape;
use crate::recorder::process::{ended, signal, statetrail};
use rustix::process::Signal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader as AsyncReader};
use tokio::process::Child;

/// A running `statetrail serve` of all pods.
struct Served {
    child: Child,
    address: String,
}

/// The answer to a request.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The verdict and its text.
    fn verdict(&self) -> (String, String) {
        let document = self.json();
        let text = |name: &str| document[name].as_str().unwrap_or_else(|| panic!("{name}: {self:?}")).to_owned();
        (text("verdict"), text("text"))
    }
}

impl Served {
    async fn start(scene: &Scene, more: &[&str]) -> Self {
        let file = scene.path("run.jsonl");
        let mut command = statetrail(["serve", "pods", "-A", "-o", file.to_str().expect("UTF-8")]);
        command.args(more).env("KUBECONFIG", scene.path("kubeconfig"));
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the program");
        let mut lines = AsyncReader::new(child.stdout.take().expect("a pipe")).lines();
        let url = bounded("its address", lines.next_line()).await.expect("a line").expect("an address");
        let address = url.strip_prefix("http://").unwrap_or_else(|| panic!("{url}")).to_owned();
        let served = Self { child, address };
        assert_eq!(served.get("/readyz?wait=40s").await.status, 200);
        served
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    async fn post(&self, path: &str, kind: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("Content-Type", kind)], body).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let own = [("Host", self.address.as_str())];
        let has_host = headers.iter().any(|(name, _)| *name == "Host");
        let headers = own.iter().filter(|_| !has_host).chain(headers);
        let mut request = format!("{method} {path} HTTP/1.0\r\nContent-Length: {}\r\n", body.len());
        request.extend(headers.map(|(name, value)| format!("{name}: {value}\r\n")));
        let (address, request) = (self.address.clone(), format!("{request}\r\n{body}"));
        let asked = tokio::task::spawn_blocking(move || raw(&address, request.as_bytes()));
        bounded(path, asked).await.expect("no panic")
    }

    /// Judges one-line expectations.
    async fn judge(&self, parameters: &str, lines: &str) -> (String, String) {
        let answer = self.post(&format!("/v1/expectations?{parameters}"), "text/plain", lines).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.verdict()
    }

    async fn finish(self) -> (Option<i32>, String) {
        signal(&self.child, Signal::TERM);
        let output = ended(self.child).await;
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Sends bytes, and reads the answer to its end.
fn raw(address: &str, request: &[u8]) -> Answer {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(50))).expect("a timeout");
    // It may refuse before everything is sent.
    let _ = socket.write_all(request);
    let mut text = Vec::new();
    let _ = socket.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_ends_with_the_decision_or_answers_pending_and_says_why() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let line = "pod/a phase: ... -> Failed -> ...";
    let (verdict, text) = served.judge("wait=100ms", line).await;
    assert_eq!(verdict, "pending", "{text}");
    let wait = served.judge("wait=40s", "pod/a phase: never Failed");
    let (decided, ()) = tokio::join!(wait, async {
        truth.put("a", "Running");
        truth.put("a", "Failed");
    });
    assert_eq!(decided.0, "violated", "{}", decided.1);
    assert!(decided.1.contains("entered Failed"), "{}", decided.1);
    // Added after the entries, by a document that pins the life.
    let uid = served.get("/v1/subjects?kind=pod&name=a").await.json()["subjects"][0]["uid"].clone();
    let document = serde_json::json!({
        "apiVersion": "statetrail/v1", "kind": "Expectation", "metadata": {"name": "fails"},
        "subjects": {"pod": {"kind": "Pod", "name": "a", "uid": uid}},
        "expect": [{"track": "pod.phase", "path": "Running -> Failed -> ..."}],
    });
    let answer = served.post("/v1/expectations?wait=20s", "application/json", &document.to_string()).await;
    assert_eq!(answer.verdict().0, "satisfied", "{answer:?}");
    let (code, told) = served.finish().await;
    assert_eq!(code, Some(0), "{told}");
    Recording::read(&scene.path("run.jsonl")).assert_whole(&truth, "served");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_now_never_is_satisfied_though_no_bookmark_comes_and_the_recording_says_why() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let (verdict, text) = served.judge("wait=300ms", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "pending", "{text}");
    let (verdict, text) = served.judge("until=now&wait=30s", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "satisfied", "{text}");
    truth.put("a", "Failed");
    let (verdict, text) = served.judge("until=now&wait=30s", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "violated", "{text}");
    let (code, told) = served.finish().await;
    assert_eq!(code, Some(0), "{told}");
    Recording::read(&scene.path("run.jsonl")).assert_whole(&truth, "proven meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_time_alone_decides_is_decided_though_no_bookmark_comes() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let (verdict, text) = served.judge("wait=30s", "pod/a phase: every Pending then Running within 1s").await;
    assert_eq!(verdict, "violated", "{text}");
    let document = serde_json::json!({
        "apiVersion": "statetrail/v1", "kind": "Expectation", "metadata": {"name": "stays"},
        "subjects": {"pod": {"kind": "Pod", "name": "a", "life": "first"}},
        "expect": [{"track": "pod.phase", "path": "Pending for 1500ms.. -> ..."}],
    });
    let answer = served.post("/v1/expectations?wait=30s", "application/json", &document.to_string()).await;
    assert_eq!(answer.verdict().0, "satisfied", "{answer:?}");
    served.finish().await;
    Recording::read(&scene.path("run.jsonl")).assert_whole(&truth, "proven meanwhile");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delivered_after_time_was_up_and_was_there_before_violates_nothing() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    scene.inject("lag=5s");
    let served = Served::start(&scene, &[]).await;
    truth.put("a", "Running");
    let (verdict, text) = served.judge("wait=12s", "pod/a phase: every Pending then Running within 2s").await;
    assert!(text.contains("Running"), "{text}");
    assert_ne!(verdict, "violated", "{text}");
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_now_what_the_server_has_answered_counts_though_it_is_not_delivered_yet() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    scene.inject("lag=400ms");
    let served = Served::start(&scene, &[]).await;
    truth.put("a", "Failed");
    let (verdict, text) = served.judge("until=now&wait=30s", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "violated", "{text}");
    served.finish().await;
}

/// Whether pod/a was never Failed from a mark on, until now.
async fn never_failed_since(served: &Served, mark: &str) -> (String, String) {
    let document = serde_json::json!({
        "apiVersion": "statetrail/v1", "kind": "Expectation", "metadata": {"name": "never"},
        "subjects": {"pod": {"kind": "Pod", "name": "a", "life": "first"}}, "window": {"from": {"mark": mark}},
        "expect": [{"track": "pod.phase", "never": "Failed"}],
    });
    let answer = served.post("/v1/expectations?until=now&wait=30s", "application/json", &document.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.verdict()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_had_answered_comes_before_a_mark_and_what_follows_the_answer_after_it() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    truth.put("a", "Failed");
    truth.put("a", "Running");
    assert_eq!(served.post("/v1/marks", "text/plain", "runs again").await.status, 201);
    let (verdict, text) = never_failed_since(&served, "runs again").await;
    assert_eq!(verdict, "satisfied", "{text}");
    truth.put("a", "Failed");
    let (verdict, text) = never_failed_since(&served, "runs again").await;
    assert_eq!(verdict, "violated", "{text}");
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_delivered_late_is_not_said_to_have_happened_after_a_mark() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    // Longer than a mark waits for it.
    scene.inject("lag=400ms");
    let served = Served::start(&scene, &[]).await;
    truth.put("a", "Failed");
    truth.put("a", "Running");
    assert_eq!(served.post("/v1/marks", "text/plain", "runs again").await.status, 201);
    let (verdict, text) = never_failed_since(&served, "runs again").await;
    assert!(["pending", "inconclusive"].contains(&verdict.as_str()), "{verdict}\n{text}");
    assert_eq!(served.judge("wait=30s", "pod/a phase: never Failed").await.0, "violated");
    truth.put("a", "Failed");
    let (verdict, text) = never_failed_since(&served, "runs again").await;
    assert_eq!(verdict, "violated", "{text}");
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_now_what_is_lost_in_an_outage_satisfies_nothing() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    scene.inject("http=503:1000");
    scene.server.cut();
    let (verdict, text) = served.judge("until=now&wait=2s", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "pending", "{text}");
    truth.put("a", "Failed");
    scene.server.clear_faults();
    let (verdict, text) = served.judge("wait=40s", "pod/a phase: never Failed").await;
    assert_eq!(verdict, "violated", "{text}");
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_is_resumed_after_the_last_event_and_ends_with_the_recorder() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    truth.put("a", "Running");
    truth.put("a", "Failed");
    assert_eq!(served.judge("wait=40s", "pod/a phase: never Failed").await.0, "violated");
    let page = served.get("/v1/timeline?kind=pod&track=phase&limit=10000").await.json();
    let states: Vec<_> = page["entries"].as_array().expect("a list").iter().map(|entry| &entry["to"]).collect();
    assert_eq!(states, ["Running", "Failed"]);
    let accept = ("Accept", "text/event-stream");
    let address = served.address.clone();
    let (first, id) = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(&address).expect("it listens");
        socket.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
        let head =
            format!("GET /v1/timeline?track=phase HTTP/1.0\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
        socket.write_all(head.as_bytes()).expect("it is sent");
        let mut lines = BufReader::new(socket).lines().map_while(Result::ok);
        let id = lines.find_map(|line| line.strip_prefix("id: ").map(str::to_owned)).expect("an event");
        (lines.find(|line| line.starts_with("data: ")).expect("its data"), id)
    })
    .await
    .expect("no panic");
    assert!(first.contains(r#""to":"Running""#), "{first}");
    let resumed = [accept, ("Last-Event-ID", id.as_str())];
    let stream = served.ask("GET", "/v1/timeline?track=phase", &resumed, "");
    let (answer, ()) = tokio::join!(stream, async {
        assert_eq!(served.post("/v1/marks", "text/plain", "the end").await.status, 201);
        let last = "kind: Expectation";
        assert_eq!(served.post("/v1/expectations", "application/yaml", last).await.status, 422);
        signal(&served.child, Signal::TERM);
    });
    let names: Vec<_> = answer.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["transition", "mark", "end"], "{}", answer.body);
    assert!(answer.body.contains(r#""to":"Failed""#) && !answer.body.contains(r#""to":"Running""#), "{}", answer.body);
    let other = ended(served.child).await;
    assert_eq!(other.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_position_of_another_recorder_begins_again_and_says_so() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let gone = served.get("/v1/timeline?after=00000001-7").await;
    assert_eq!((gone.status, &gone.json()["type"]), (410, &Value::from("urn:statetrail:problem:entries-gone")));
    let headers = [("Accept", "text/event-stream"), ("Last-Event-ID", "00000001-7")];
    let stream = served.ask("GET", "/v1/timeline?track=phase", &headers, "");
    let (answer, ()) = tokio::join!(stream, async {
        assert_eq!(served.post("/v1/marks", "application/json", r#"{"name": "m"}"#).await.status, 201);
        signal(&served.child, Signal::TERM);
    });
    let names: Vec<_> = answer.body.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names.first(), Some(&"reset"), "{}", answer.body);
    assert!(answer.body.contains(r#""to":"Running""#), "{}", answer.body);
    ended(served.child).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_when_the_recorder_ends_gets_the_last_verdict() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let wait = served.judge("wait=1m", "pod/a phase: never Failed");
    let (last, ()) = tokio::join!(wait, async {
        assert_eq!(served.judge("wait=200ms", "pod/a phase: never Failed").await.0, "pending");
        signal(&served.child, Signal::TERM);
    });
    assert_eq!(last.0, "satisfied", "the end is fenced: {}", last.1);
    assert_eq!(ended(served.child).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recording_so_far_is_a_recording_also_of_one_namespace_or_name() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    truth.put("b", "Failed");
    assert_eq!(served.judge("wait=40s", "pod/b phase: never Failed").await.0, "violated");
    let read = |name: &str, answer: &Answer| {
        assert_eq!(answer.status, 200, "{answer:?}");
        let path = scene.path(name);
        std::fs::write(&path, &answer.body).expect("a file");
        let recording = Recording::read(&path);
        let objects = recording.payloads().filter_map(|what| match what {
            statetrail::observation::Payload::Object(seen) => Some(seen.object.name.to_string()),
            _ => None,
        });
        objects.collect::<Vec<_>>()
    };
    assert_eq!(read("all", &served.get("/v1/recording").await), ["a", "b"]);
    assert_eq!(read("b", &served.get("/v1/recording?name=b&kind=pods").await), ["b"]);
    assert_eq!(read("none", &served.get("/v1/recording?namespace=elsewhere").await), [""; 0]);
    assert_eq!(served.get("/v1/recording?kind=vm").await.status, 404);
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_is_a_problem_and_the_server_goes_on() {
    let scene = Scene::new(&Truth::new());
    let served = Served::start(&scene, &[]).await;
    let long = "x".repeat((1 << 20) + 1);
    let deep = format!("{}1{}", "{\"a\":".repeat(150), "}".repeat(150));
    let open = "{\"a\":".repeat(5000);
    let many = "pod/a phase: never Failed\n".repeat(30_000);
    let post = |path, kind, body| served.post(path, kind, body);
    for (status, answer) in [
        (400, served.get("/v1/timeline?knd=vm").await),
        (400, served.get("/v1/timeline?limit=0").await),
        (400, served.get("/v1/timeline?after=x").await),
        (400, post("/v1/marks", "text/plain", "").await),
        (400, post("/v1/marks", "text/plain", "two\nlines").await),
        (400, post("/v1/marks", "application/json", r#"{"nam": "x"}"#).await),
        (400, post("/v1/expectations?wait=1", "text/plain", "pod/a phase: never Failed").await),
        (400, post("/v1/expectations?until=then", "text/plain", "pod/a phase: never Failed").await),
        (404, served.get("/v2").await),
        (405, served.get("/v1/marks").await),
        (413, post("/v1/expectations", "text/plain", &long).await),
        (415, post("/v1/expectations", "image/png", "x").await),
        (422, post("/v1/expectations", "text/plain", "pod/a phase: nevr Failed").await),
        (422, post("/v1/expectations", "application/yaml", "").await),
        (422, post("/v1/expectations", "application/json", &deep).await),
        (422, post("/v1/expectations", "application/yaml", &open).await),
        (422, post("/v1/expectations", "text/plain", &many).await),
        (400, served.get(&format!("/v1/timeline?track={}", "*".repeat(2000))).await),
        (400, served.ask("GET", "/v1/status", &[("Host", "localhost"), ("Host", "evil.example")], "").await),
        (403, served.ask("GET", "/v1/status", &[("Host", "evil.example")], "").await),
        (403, served.ask("GET", "/v1/status", &[("Origin", "http://evil.example")], "").await),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.head.to_lowercase().contains("content-type: application/problem+json"), "{answer:?}");
        let problem = answer.json();
        assert_eq!(problem["status"], status, "{answer:?}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{answer:?}");
        assert!(answer.head.to_lowercase().contains("x-content-type-options: nosniff"), "{answer:?}");
    }
    assert_eq!(served.get("/healthz").await.status, 200);
    let (code, told) = served.finish().await;
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("panicked"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_request_harm_nobody() {
    let scene = Scene::new(&Truth::new());
    let served = Served::start(&scene, &[]).await;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let good =
        format!("POST /v1/expectations?wait=1ms HTTP/1.0\r\nHost: {}\r\nContent-Type: text/plain\r\n", served.address);
    let good = format!("{good}Content-Length: 27\r\n\r\npod/a phase: never Failed\r\n").into_bytes();
    for _ in 0..200 {
        let mut bytes = good.clone();
        for _ in 0..=random() % 6 {
            let at = usize::try_from(random()).unwrap_or_default() % bytes.len();
            bytes[at] = random().to_le_bytes()[0];
        }
        bytes.truncate(usize::try_from(random()).unwrap_or_default() % (bytes.len() + 200));
        let address = served.address.clone();
        // A request that is cut off is not answered: the client hangs up.
        let sent = tokio::task::spawn_blocking(move || {
            let mut socket = TcpStream::connect(address).expect("it listens");
            socket.write_all(&bytes).is_ok() && socket.shutdown(std::net::Shutdown::Write).is_ok()
        });
        bounded("sending", sent).await.expect("no panic");
    }
    assert_eq!(served.get("/healthz").await.status, 200);
    let (code, told) = served.finish().await;
    assert_eq!(code, Some(0), "{told}");
    assert!(!told.contains("panicked"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_on_which_nothing_is_asked_is_closed() {
    let scene = Scene::new(&Truth::new());
    let served = Served::start(&scene, &[]).await;
    let address = served.address.clone();
    let closed = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).expect("it listens");
        socket.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
        socket.read(&mut [0; 16])
    });
    let read = bounded("the end", closed).await.expect("no panic");
    assert_eq!(read.expect("it is closed, and not only silent"), 0);
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_loads_nothing_from_elsewhere_and_its_timeline_goes_on_where_it_was() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    let page = served.get("/").await;
    assert_eq!(page.status, 200, "{}", page.head);
    assert!(page.head.contains("text/html"), "{}", page.head);
    assert!(page.head.contains("default-src 'none'; script-src 'sha256-"), "{}", page.head);
    assert!(!page.body.contains("http://") && !page.body.contains("https://"), "it names another server");
    let first = served.get("/page/timeline?wait=40s").await.json();
    assert_eq!((&first["reset"], &first["missed"], &first["ended"]), (&false.into(), &0.into(), &false.into()));
    let types = |answer: &Value| answer["chunk"]["entries"]["type"].as_array().expect("a column").len();
    assert!(types(&first) > 0, "{first}");
    // Nothing new, and the wait is over.
    let next = first["next"].as_str().expect("an ID");
    let nothing = served.get(&format!("/page/timeline?after={next}&wait=100ms")).await.json();
    assert_eq!((types(&nothing), &nothing["next"]), (0, &first["next"]));
    assert_eq!(nothing["head"]["started"], first["head"]["started"], "the start stays where it is");
    assert!(nothing["head"]["last"].as_i64() > first["head"]["last"].as_i64(), "{nothing}");
    // A wait ends with the next entry.
    let path = format!("/page/timeline?after={next}&wait=40s");
    let (more, ()) = tokio::join!(served.get(&path), async { truth.put("a", "Running") });
    let more = more.json();
    assert_eq!(more["chunk"]["states"].as_array().expect("a table").len(), 2, "from and to: {more}");
    // Its object, by the number of its line.
    let uid = served.get("/v1/subjects?kind=pod&name=a").await.json()["subjects"][0]["uid"].clone();
    let uid = uid.as_str().expect("a uid");
    let seq = &more["chunk"]["entries"]["seq"][0];
    let object = served.get(&format!("/page/object?seq={seq}&uid={uid}")).await;
    assert_eq!(object.json()["status"]["phase"], "Running", "{object:?}");
    assert_eq!(served.get(&format!("/page/object?seq={seq}&uid=other")).await.status, 404);
    assert_eq!(served.get("/page/object?seq=999999&uid=u").await.status, 404);
    // An ID of another run.
    let other = served.get("/page/timeline?after=00000000-7").await.json();
    assert_eq!((&other["reset"], types(&other)), (&true.into(), types(&first) + types(&more)));
    assert_eq!(served.get("/page/timeline?after=x").await.status, 400);
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_says_which_watch_is_not_followed_and_how_many_entries_it_misses() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &["--keep-entries", "1000"]).await;
    for _ in 0..300 {
        truth.put("a", "Running");
        truth.put("a", "Failed");
    }
    truth.put("a", "Succeeded");
    assert_eq!(served.judge("wait=40s", "pod/a phase: never Succeeded").await.0, "violated");
    let answer = served.get("/page/timeline").await.json();
    assert!(answer["missed"].as_u64().expect("a number") > 200, "{answer}");
    assert_eq!(answer["chunk"]["entries"]["type"].as_array().map(Vec::len), Some(1000), "{answer}");
    assert_eq!(answer["head"]["watches"][0].get("outage"), None, "{answer}");
    // An outage ends the wait, though no entry comes.
    let id = |answer: &Value, name: &str| answer[name].as_str().expect("an ID").to_owned();
    let path = format!("/page/timeline?after={}&outages={}&wait=10m", id(&answer, "next"), id(&answer, "outages"));
    scene.inject("http=503,resource=pods,times=1000000");
    scene.server.cut();
    let answer = bounded("an outage", served.get(&path)).await.json();
    let outage = &answer["head"]["watches"][0]["outage"];
    assert!(outage["since"].is_i64() && outage["why"].as_str().is_some_and(|why| !why.is_empty()), "{outage}");
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_has_the_verdicts_on_what_was_asked_and_the_final_ones_with_the_end() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    assert_eq!(served.get("/page/verdicts").await.json(), Value::Null);
    assert_eq!(served.judge("", "pod/a phase: never Failed").await.0, "pending");
    let verdicts = served.get("/page/verdicts").await.json();
    assert_eq!((&verdicts["verdict"], verdicts["expectations"].as_array().map(Vec::len)), (&"pending".into(), Some(1)));
    let next = served.get("/page/timeline").await.json()["next"].as_str().expect("an ID").to_owned();
    signal(&served.child, Signal::TERM);
    let last = bounded("the end", async {
        loop {
            let last = served.get(&format!("/page/timeline?after={next}&wait=10s")).await.json();
            if last["ended"] == true {
                return last;
            }
        }
    });
    let last = last.await;
    assert_eq!(last["verdicts"]["verdict"], "satisfied", "{last}");
    assert!(ended(served.child).await.status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_between_two_requests_is_told_the_end() {
    let scene = Scene::new(&Truth::new());
    let served = Served::start(&scene, &[]).await;
    let first = served.get("/page/timeline?follower=a").await.json();
    // One that has gone is not waited for without a bound.
    assert_eq!(served.get("/page/timeline?follower=gone").await.json()["ended"], false);
    signal(&served.child, Signal::TERM);
    bounded("the end of the recorder", async { while served.get("/v1/status").await.json()["ended"] == false {} })
        .await;
    for _ in 0..20 {
        assert_eq!(served.get("/v1/status").await.json()["ended"], true);
    }
    let next = first["next"].as_str().expect("an ID");
    let last = served.get(&format!("/page/timeline?follower=a&after={next}&wait=10s")).await.json();
    assert_eq!((&last["ended"], &last["more"]), (&true.into(), &false.into()), "{last}");
    assert!(ended(served.child).await.status.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_after_the_end_of_the_recording_ends_the_wait_for_pages() {
    let scene = Scene::new(&Truth::new());
    let served = Served::start(&scene, &[]).await;
    assert_eq!(served.get("/page/timeline?follower=gone").await.json()["ended"], false);
    signal(&served.child, Signal::TERM);
    bounded("the end of the recorder", async { while served.get("/v1/status").await.json()["ended"] == false {} })
        .await;
    signal(&served.child, Signal::INT);
    let ended = ended(served.child).await;
    assert!(ended.status.success(), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_token_file_only_its_tokens_are_served() {
    let scene = Scene::new(&Truth::new());
    let tokens = scene.path("tokens");
    std::fs::write(&tokens, "secret\nother\n").expect("a file");
    let served = Served::start(&scene, &["--token-file", tokens.to_str().expect("UTF-8")]).await;
    for (header, status) in [
        (None, 401),
        (Some("Bearer wrong"), 401),
        (Some("Basic secret"), 401),
        (Some("Bearer secret"), 200),
        (Some("bearer other"), 200),
    ] {
        let headers: Vec<_> = header.into_iter().map(|value| ("Authorization", value)).collect();
        let answer = served.ask("GET", "/v1/status", &headers, "").await;
        assert_eq!(answer.status, status, "{header:?} {answer:?}");
        // Prometheus sends it with each scrape.
        assert_eq!(served.ask("GET", "/metrics", &headers, "").await.status, status, "{header:?}");
    }
    assert_eq!(served.get("/healthz").await.status, 200, "probes have no token");
    assert_eq!(served.get("/").await.status, 200, "the page asks for it");
    for path in ["/page/timeline", "/page/object?seq=1&uid=u", "/page/verdicts"] {
        assert_eq!(served.get(path).await.status, 401, "{path}");
    }
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_others_reach_is_not_opened_without_tls_and_a_token() {
    let scene = Scene::new(&Truth::new());
    let file = scene.path("run.jsonl");
    let mut command = statetrail(["serve", "pods", "-o", file.to_str().expect("UTF-8"), "--listen", "0.0.0.0:0"]);
    let output = ended(command.env("KUBECONFIG", scene.path("kubeconfig")).spawn().expect("the program")).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("--tls-cert and --tls-key, and --token-file or --auth kubernetes"), "{told}");
    assert!(!file.exists() && output.stdout.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_with_its_standard_input_if_it_is_to() {
    let scene = Scene::new(&Truth::new());
    let mut served = Served::start(&scene, &["--until-eof"]).await;
    drop(served.child.stdin.take());
    let output = ended(served.child).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_of_a_recorder_has_an_address_that_takes_marks() {
    let scene = Scene::new(&Truth::new());
    let program = crate::recorder::process::PROGRAM;
    let script = format!("{program} mark 'it begins' && {program} mark end --server \"$STATETRAIL_URL\" && exit 0");
    let file = scene.path("run.jsonl");
    let file = file.to_str().expect("UTF-8");
    let mut command = statetrail(["record", "pods", "-A", "-o", file, "--", "sh", "-c", &script]);
    let output = ended(command.env("KUBECONFIG", scene.path("kubeconfig")).spawn().expect("the program")).await;
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let recording = Recording::read(Path::new(file));
    let marks = recording.payloads().filter_map(|what| match what {
        statetrail::observation::Payload::Mark { name } => Some(name.clone()),
        _ => None,
    });
    assert_eq!(marks.collect::<Vec<_>>(), ["it begins", "end"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_served_in_the_text_format_with_the_expectations_that_are_asked_for() {
    let mut truth = Truth::new();
    truth.put("a", "Failed");
    let scene = Scene::new(&truth);
    let served = Served::start(&scene, &[]).await;
    assert_eq!(served.judge("wait=40s", "pod/a phase: never Failed").await.0, "violated");
    assert_eq!(served.judge("wait=0s", "pod/b phase: never Failed").await.0, "pending");
    let answer = served.get("/metrics").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4"), "{}", answer.head);
    let scrape = Scrape::read(&answer.body);
    let verdicts = ["satisfied", "violated", "pending", "inconclusive", "skipped"];
    let number = |verdict: &str| scrape.number("statetrail_expectations", &format!("verdict={verdict}"));
    assert_eq!(verdicts.map(number), [0, 1, 1, 0, 0]);
    let declared: BTreeMap<_, _> = statetrail::metrics::ALL.iter().map(|family| (family.name, family)).collect();
    for (name, kind) in &scrape.types {
        assert_eq!(declared.get(name.as_str()).map(|family| family.kind.as_str()), Some(kind.as_str()), "{name}");
    }
    assert_eq!(served.get("/metrics?x=1").await.status, 400);
    served.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_of_record_and_watch_have_a_port_of_their_own() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let file = scene.path("run.jsonl");
    let record = ["record", "pods", "-A", "-o", file.to_str().expect("UTF-8"), "--expect", "pod/a phase: never Failed"];
    for arguments in [&record[..], &["watch", "pods", "-A"]] {
        let mut command = statetrail(arguments.iter().copied().chain(["--metrics", "127.0.0.1:0"]));
        let mut child = command.env("KUBECONFIG", scene.path("kubeconfig")).spawn().expect("the program");
        let mut told = AsyncReader::new(child.stderr.take().expect("a pipe")).lines();
        let address = loop {
            let line = bounded("its address", told.next_line()).await.expect("a line").expect("an address");
            if let Some(url) = line.strip_prefix("metrics at http://") {
                break url.strip_suffix("/metrics").expect("the path").to_owned();
            }
        };
        let ask = async |path: &str, host: &str| {
            let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
            let address = address.clone();
            let asked = tokio::task::spawn_blocking(move || raw(&address, request.as_bytes()));
            bounded("an answer", asked).await.expect("no panic")
        };
        let shown = "kind=Pod,namespace=story,track=phase,state=Running";
        let counted = async {
            loop {
                let answer = ask("/metrics", &address).await;
                assert_eq!(answer.status, 200, "{answer:?}");
                let scrape = Scrape::read(&answer.body);
                let pending = scrape.number("statetrail_expectations", "verdict=pending") == 1;
                assert_eq!(pending, arguments[0] == "record", "{answer:?}");
                if scrape.number("statetrail_objects", shown) == 1 {
                    break;
                }
            }
        };
        bounded("the pod", counted).await;
        assert_eq!(ask("/v1/status", &address).await.status, 404);
        assert_eq!(ask("/metrics", "evil.example").await.status, 403);
        signal(&child, Signal::TERM);
        let rest = async { while let Ok(Some(_)) = told.next_line().await {} };
        let (output, ()) = tokio::join!(ended(child), rest);
        assert!(output.status.code().is_some(), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_are_not_opened_to_others_without_tls_and_a_token() {
    let scene = Scene::new(&Truth::new());
    let mut command = statetrail(["watch", "pods", "--metrics", "0.0.0.0:0"]);
    let output = ended(command.env("KUBECONFIG", scene.path("kubeconfig")).spawn().expect("the program")).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("use `statetrail serve`, which has them at /metrics, with TLS and tokens"), "{told}");
}
