//! A malicious server, and a terminal that reads nothing: what reaches the file, the terminal and the exit code.

use super::bounded;
use super::recorder::Scene;
use super::truth::Truth;
use crate::recorder::Recording;
use crate::recorder::process::{PROGRAM, ended, signal, statetrail};
use serde_json::{Value, json};
use statetrail::observation::Payload;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A response: status, body, and whether the connection stays open afterwards.
type Reply = (u16, Vec<u8>, bool);

/// A server that answers every GET as a test defines.
struct Scripted {
    address: SocketAddr,
    folder: TempDir,
}

impl Scripted {
    fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let answer = Arc::new(answer);
        // It ends with the test process; its connections end with the program that opened them.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                std::thread::spawn(move || serve(stream, &*answer));
            }
        });
        let folder = tempfile::tempdir().expect("a folder");
        let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]});
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig.to_string()).expect("a file");
        Self { address, folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn arguments(&self, command: &str, name: &str) -> Vec<String> {
        let mut words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        words.extend(["--kubeconfig".to_owned(), self.path("kubeconfig"), "-o".to_owned(), self.path(name)]);
        words
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> Reply) {
    let Ok(reading) = stream.try_clone() else { return };
    let mut reading = BufReader::new(reading);
    let mut path = String::new();
    loop {
        let mut line = String::new();
        if !matches!(reading.read_line(&mut line), Ok(1..)) {
            return;
        }
        if let Some(rest) = line.strip_prefix("GET ") {
            rest.split(' ').next().unwrap_or_default().clone_into(&mut path);
        }
        if line == "\r\n" {
            break;
        }
    }
    let (code, body, stays) = answer(&path);
    let head = format!("HTTP/1.1 {code} x\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    if stays {
        // Until the client disconnects.
        let _ = reading.read(&mut [0]);
    }
}

fn status(code: u16, reason: &str, message: &str) -> Vec<u8> {
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": message});
    status.to_string().into_bytes()
}

const SECRET: &str = "hunter2";

fn pod(name: &str, version: u32) -> Value {
    json!({"kind": "Pod", "apiVersion": "v1",
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-{name}"),
            "resourceVersion": version.to_string(), "annotations": {"a": SECRET}},
        "spec": {"containers": [{"name": "app", "env": [{"name": "P", "value": SECRET}], "args": [SECRET]}]},
        "status": {"phase": "Running"}})
}

/// Lines that cannot be decoded; the last one does not even show its object.
fn damaged() -> Vec<u8> {
    let line = |version| json!({"type": "MODIFIED", "object": pod("a", version)}).to_string().into_bytes();
    let replaced = |version, from: &str, to: &[u8]| {
        let whole = line(version);
        let at = memchr::memmem::find(&whole, from.as_bytes()).expect("it is there");
        [&whole[..at], to, &whole[at + from.len()..]].concat()
    };
    let mut lines = vec![
        replaced(11, "Running", b"Run\xffning"),
        replaced(12, r#""containers":["#, br#""initContainers":"hunter2","containers":["#),
        replaced(13, r#""containers":["#, br#""containers":["hunter2","#),
        replaced(14, r#""MODIFIED""#, br#""hunter2""#),
        [b"\xef\xbb\xbf", &*line(15)].concat(),
        [&*line(16), b"\0hunter2"].concat(),
    ];
    let last = line(17);
    lines.push(last[..last.len() - 20].to_vec());
    lines.into_iter().flat_map(|line| [line, b"\n".to_vec()].concat()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_damaged_answer_reaches_the_file_or_the_terminal() {
    let listed = |items: Vec<Value>| json!({"kind": "PodList", "metadata": {"resourceVersion": "10"}, "items": items});
    let odd = || {
        let mut odd = pod("odd", 4);
        odd["spec"]["containers"] = json!(SECRET);
        odd
    };
    let good = move || listed(vec![pod("a", 5), odd()]).to_string().into_bytes();
    let lists: [(&str, Vec<u8>); 4] = [
        ("a damaged item", good()),
        ("items that are text", listed(vec![]).to_string().replace("[]", "\"hunter2\"").into_bytes()),
        ("a version that is text", listed(vec![]).to_string().replace("\"10\"", "{\"x\":\"hunter2\"}").into_bytes()),
        ("a list that is cut", good()[..200].to_vec()),
    ];
    for (what, list) in lists {
        let is_good = what == "a damaged item";
        let server = Scripted::start(move |path| match path.split_once('?').unwrap_or((path, "")) {
            ("/api/v1/pods", query) if query.contains("watch=") => (200, damaged(), true),
            ("/api/v1/pods", _) => (200, list.clone(), false),
            _ => (404, status(404, "NotFound", "hunter2 was not asked for"), false),
        });
        let words = "record pods -A -vv --heal-requests 0 --no-history --for 1s --request-timeout 2s";
        let child = statetrail(server.arguments(words, "run.jsonl")).spawn();
        let output = ended(child.expect("the program")).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!said.contains(SECRET) && !said.contains("panicked"), "{what}: {said}");
        let path = server.path("run.jsonl");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(!text.contains(SECRET), "{what}: {text}");
        if is_good {
            let undecodable = text.matches(r#""type":"UNDECODABLE""#).count();
            assert!(undecodable >= 7, "{undecodable} of {text}");
            assert!(text.contains(r#""head":"shop/odd""#) && text.contains(r#""head":"MODIFIED shop/a""#), "{text}");
        }
        assert_ne!(server.address.port(), 0);
    }
}

/// Text that controls a terminal, is invisible, or changes the direction of writing.
const HOSTILE: &str =
    "\x1b]0;P\x07\x1b]52;c;cm0\x07\x1b[2K\x1b[1A\u{9b}31m\u{61c}\u{200b}\u{202e}x\u{2066}\u{2028}\u{feff}\x7f\nfake\r";

fn assert_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    for bad in "\x07\u{9b}\u{61c}\u{200b}\u{202e}\u{2066}\u{2028}\u{feff}\x7f".chars() {
        assert!(!text.contains(bad), "{what}: {bad:?} in {text:?}");
    }
    for bad in ["\x1b]", "\x1b[1A", "\nfake", "\rfake", "panicked"] {
        assert!(!text.contains(bad), "{what}: {bad:?} in {text:?}");
    }
}

fn hostile(code: u16) -> Scripted {
    Scripted::start(move |path| {
        let is_watch = path.contains("watch=");
        match (code, path.split('?').next().unwrap_or_default()) {
            (200, "/api/v1/pods") if is_watch => {
                let event = json!({"type": "ERROR", "object": {"code": 410, "reason": HOSTILE, "message": HOSTILE}});
                (200, format!("{event}\n").into_bytes(), false)
            }
            (200, "/api/v1/pods") => {
                let mut pod = pod("a", 5);
                pod["metadata"]["name"] = json!(format!("a{HOSTILE}"));
                pod["status"]["phase"] = json!(HOSTILE);
                let metadata = json!({"resourceVersion": format!("10{HOSTILE}")});
                let list = json!({"kind": format!("Pod{HOSTILE}List"), "metadata": metadata, "items": [pod]});
                (200, list.to_string().into_bytes(), false)
            }
            (200, _) => (404, status(404, HOSTILE, HOSTILE), false),
            (502, _) => (502, HOSTILE.replace('\n', "").into_bytes(), false),
            (code, _) => (code, status(code, HOSTILE, HOSTILE), false),
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_a_server_sends_controls_the_terminal() {
    let servers = [200, 400, 403, 500, 502].map(hostile);
    let mut runs = Vec::new();
    for server in &servers {
        for (number, command) in
            ["record pods -A --for 1s", "watch things -A -vv --for 1s", "watch pods -A --for 1s", "recover pods -A"]
                .into_iter()
                .enumerate()
        {
            for through in ["script -qec", "sh -c"] {
                let name = format!("{number}{}.jsonl", through.len());
                let words = server.arguments(&format!("{command} --request-timeout 1s"), &name);
                let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
                // A server that sends nothing else is given up after a while.
                let line = format!("timeout -s INT -k 2 5 '{PROGRAM}' {}", quoted.join(" "));
                let mut run = Command::new(through.split(' ').next().expect("a word"));
                run.args(&through.split(' ').collect::<Vec<_>>()[1..]).arg(&line);
                if through.starts_with("script") {
                    run.arg("/dev/null");
                }
                run.env("TERM", "xterm-256color").kill_on_drop(true).stdin(Stdio::null());
                runs.push(async move {
                    let output = bounded("the end", run.output()).await.expect("it was started");
                    let said = [output.stdout, output.stderr].concat();
                    assert!(!said.is_empty(), "{line}");
                    assert_clean(&line, &said);
                });
            }
        }
    }
    futures::future::join_all(runs).await;
}

fn events_in(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap_or_default().matches(r#""type":"MODIFIED""#).count()
}

async fn watching(scene: &Scene, more: &[&str], stdout: Stdio, stderr: Stdio) -> Child {
    let mut command = statetrail(["watch", "pods", "-A", "-o"]);
    command.arg(scene.path("run.jsonl")).args(more).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    let child = command.stdout(stdout).stderr(stderr).spawn();
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    child.expect("the program")
}

/// Writes more than a pipe holds, waits until all of it is in the file, interrupts, and returns the exit code.
async fn stalled(scene: &Scene, truth: &mut Truth, child: &mut Child) -> Option<i32> {
    const EVENTS: usize = 3000;
    for turn in 0..EVENTS {
        truth.put("a", &format!("Phase{turn}WithANameLongEnoughToFillThePipeOfTheReader"));
    }
    let path = scene.path("run.jsonl");
    bounded("all of it in the file", async {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        while events_in(&path) < EVENTS {
            tick.tick().await;
        }
    })
    .await;
    signal(child, rustix::process::Signal::INT);
    let ended = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
    Recording::read(&path).assert_whole(truth, "stalled");
    let whats = Recording::read(&path);
    assert!(whats.payloads().any(|what| matches!(what, Payload::End { .. })), "it is closed");
    ended.expect("it ends although nothing is read").expect("it was started").code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_reader_of_stdout_delays_neither_the_file_nor_the_end() {
    for more in [&[][..], &["--expect", "pod/a phase: never Failed"]] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        let scene = Scene::new(&truth);
        let mut child = watching(&scene, more, Stdio::piped(), Stdio::piped()).await;
        let (_unread, mut stderr) = (child.stdout.take(), child.stderr.take().expect("a pipe"));
        assert_eq!(stalled(&scene, &mut truth, &mut child).await, Some(0), "{more:?}");
        let mut said = String::new();
        bounded("standard error", tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut said))
            .await
            .expect("UTF-8");
        assert!(said.contains("standard output is blocked"), "{said}");
        assert_eq!(said.contains("satisfied"), !more.is_empty(), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_terminal_delays_neither_the_file_nor_the_end() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    // Both streams in one pipe, as on a terminal after Ctrl-S.
    let (unread, writer) = std::io::pipe().expect("a pipe");
    let both = writer.try_clone().expect("a pipe");
    let mut child = watching(&scene, &["-vv"], writer.into(), both.into()).await;
    assert_eq!(stalled(&scene, &mut truth, &mut child).await, Some(0));
    drop(unread);
}
