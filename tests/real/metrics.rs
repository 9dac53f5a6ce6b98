//! The metrics are what Prometheus expects, by its own tool.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::cluster::deadline;
use crate::recorder::process::Recorder;
use crate::replay::{Replay, story};

/// What `GET /metrics` of an address answers, without its head.
fn scraped(address: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    write!(socket, "GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("it answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.0 200"), "{head}");
    body.to_owned()
}

#[test]
fn promtool_has_nothing_to_say_of_the_metrics_of_a_real_story() {
    let replay = Replay::of(&story(), &["--speed", "10x", "--start", "on-watch"]);
    let files = TempDir::new().expect("a folder");
    let output = files.path().join("run.jsonl").display().to_string();
    let recorder = Recorder::spawn(&replay.kubeconfig(), &["serve", "-A", "-o", &output], files);
    let url = deadline::until(Duration::from_mins(1), || recorder.printed().lines().next().map(str::to_owned));
    let url = url.unwrap_or_else(|| panic!("no address\n{}", recorder.told()));
    let address = url.strip_prefix("http://").expect("no TLS");
    let whole = deadline::until(Duration::from_mins(1), || {
        let text = scraped(address);
        ["statetrail_state_dwell_seconds_count", "statetrail_evidence_total{", "statetrail_healed_total{"]
            .iter()
            .all(|family| text.contains(family))
            .then_some(text)
    });
    let text = whole.expect("the story happens");
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is needed: tests/prometheus/build installs it; put a folder that it prints on the PATH");
    promtool.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = promtool.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    recorder.stop();
}
