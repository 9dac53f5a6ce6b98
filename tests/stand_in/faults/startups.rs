//! A signal before the recorder has attached: the first one ends it soon, whatever the server leaves unanswered.

use super::bounded;
use crate::recorder::deadline::now;
use crate::recorder::process::{ended, signal, statetrail};
use rustix::process::Signal;
use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::process::Child;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Far less than any other limit that would end the program.
const SOON: Duration = Duration::from_secs(4);

/// A server that never answers requests for paths that start with `silent`.
struct Server {
    folder: TempDir,
    /// The requests that are left unanswered.
    unanswered: UnboundedReceiver<String>,
}

impl Server {
    fn start(scheme: &str, silent: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let address = listener.local_addr().expect("an address");
        let (asked, unanswered) = unbounded_channel();
        // It ends with the test process; its connections end with the program that opened them.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let asked = asked.clone();
                std::thread::spawn(move || serve(stream, silent, &asked));
            }
        });
        let folder = tempfile::tempdir().expect("a folder");
        let cluster = json!({"server": format!("{scheme}://{address}"), "insecure-skip-tls-verify": true});
        let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": cluster}],
            "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]});
        std::fs::write(folder.path().join("kubeconfig"), kubeconfig.to_string()).expect("a file");
        Self { folder, unanswered }
    }

    /// Starts the program, and waits until it sends an unanswered request.
    async fn waiting(&mut self, command: &str) -> Child {
        let mut program = statetrail(command.split(' '));
        program.arg("--kubeconfig").arg(self.folder.path().join("kubeconfig"));
        if !command.starts_with("watch") {
            program.arg("-o").arg(self.folder.path().join("run.jsonl"));
        }
        let child = program.stdout(Stdio::null()).spawn().expect("the program");
        bounded("the request", self.unanswered.recv()).await.expect("it is asked");
        child
    }
}

fn serve(mut stream: TcpStream, silent: &str, asked: &UnboundedSender<String>) {
    let Ok(reading) = stream.try_clone() else { return };
    // A TLS handshake has no lines.
    let lines = BufReader::new(reading).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let head: Vec<String> = if silent.is_empty() { Vec::new() } else { lines.collect() };
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    if path.starts_with(silent) {
        let _ = asked.send(path.to_owned());
        std::thread::park();
    }
    let (code, body) = match path {
        "/api/v1/namespaces/kube-system" | "/api/v1/namespaces/default" => (200, r#"{"metadata":{"uid":"u"}}"#),
        _ => (403, r#"{"kind":"Status","apiVersion":"v1","code":403,"reason":"Forbidden"}"#),
    };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {code} x\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_signal_soon_ends_a_recorder_that_has_not_attached_and_is_reported() {
    const NOTHING: &str = "before the recording began: nothing was recorded";
    const UNATTACHED: &str = "not whole: it was never attached";
    let discovery = "record deployments.apps -A";
    for (scheme, silent, command, code, words) in [
        ("https", "", "record pods -A", 4, NOTHING),
        ("http", "/apis", discovery, 4, NOTHING),
        ("http", "/apis/pool.kubevirt.io", "watch vmpool -A", 4, NOTHING),
        ("http", "/api/v1/namespaces/kube-system", "record pods -A --request-timeout 50s", 4, NOTHING),
        ("http", "/api/v1/namespaces/kube-system", "recover pods -A", 4, NOTHING),
        ("http", "/version", "watch pods -A", 4, NOTHING),
        ("http", "/api/v1/pods", "record pods -A", 3, UNATTACHED),
        ("http", "/api/v1/pods", "recover pods -A", 3, UNATTACHED),
    ] {
        let what = format!("{command}, {silent} unanswered");
        let mut server = Server::start(scheme, silent);
        let child = server.waiting(command).await;
        let asked = now();
        signal(&child, Signal::TERM);
        let output = ended(child).await;
        let (took, said) = (asked.elapsed(), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!(output.status.code(), Some(code), "{what}: {said}");
        assert!(took < SOON, "{what}: {took:?}");
        assert!(said.contains(words), "{what}: {said}");
        assert!(code != 4 || said.contains("SIGTERM"), "{what}: {said}");
    }
}

/// A server that answers every request with a wish for an hour of rest.
fn busy() -> (TempDir, PathBuf) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("an address");
    // It ends with the test process.
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            head.by_ref().for_each(drop);
            let _ =
                write!(stream, "HTTP/1.1 503 x\r\nConnection: close\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "u", "user": {}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]});
    let path = folder.path().join("kubeconfig");
    std::fs::write(&path, kubeconfig.to_string()).expect("a file");
    (folder, path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_waited_for_no_longer_than_a_request_may_take_and_that_is_reported() {
    let (folder, kubeconfig) = busy();
    for what in ["pods", "pods,vmi,vm,vmpool,events", "example.com/v1/widgets"] {
        let mut program = statetrail(["record", what, "-A", "--request-timeout", "2s", "--kubeconfig"]);
        program.arg(&kubeconfig).arg("-o").arg(folder.path().join("run.jsonl"));
        let begun = now();
        let output = ended(program.spawn().expect("the program")).await;
        let (took, said) = (begun.elapsed(), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!(output.status.code(), Some(4), "{what}: {said}");
        // A machine that is busy itself needs some time for the rest.
        assert!(Duration::from_secs(2) <= took && took < Duration::from_secs(6), "{what}: {took:?}: {said}");
        assert_eq!(
            said.matches("it asks for a pause of 3600 s, and is asked again in 2.0 s").count(),
            1,
            "{what}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_accepts_and_never_answers_is_given_up_after_one_timeout() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("https://{}", silent.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    for what in ["pods,vmi,vm,vmpool,events", "example.com/v1/widgets"] {
        let mut program = statetrail(["record", what, "-n", "story", "--request-timeout", "4s", "--server", &url]);
        program.env_remove("KUBECONFIG").env("HOME", folder.path()).arg("-o").arg(folder.path().join("run.jsonl"));
        let begun = now();
        let output = ended(program.spawn().expect("the program")).await;
        let (took, said) = (begun.elapsed(), String::from_utf8_lossy(&output.stderr).into_owned());
        assert_eq!(output.status.code(), Some(4), "{what}: {said}");
        assert!(said.contains("no answer within 4 s; is the server up and reachable from here?"), "{what}: {said}");
        assert!(Duration::from_secs(4) <= took && took < Duration::from_secs(8), "{what}: {took:?}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resumed_recording_is_ended_as_soon_and_is_unchanged() {
    let mut server = Server::start("http", "/api/v1/namespaces/kube-system");
    let recording = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/old-kernel/recording.jsonl");
    let path = server.folder.path().join("old.jsonl");
    std::fs::copy(recording, &path).expect("a recording");
    let before = std::fs::read(&path).expect("a recording");
    let mut program = statetrail(["record", "--resume"]);
    program.arg(&path).arg("--kubeconfig").arg(server.folder.path().join("kubeconfig"));
    let child = program.stdout(Stdio::null()).spawn().expect("the program");
    bounded("the request", server.unanswered.recv()).await.expect("it is asked");
    let asked = now();
    signal(&child, Signal::INT);
    let output = ended(child).await;
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert_eq!(std::fs::read(&path).expect("it is there"), before);
}
