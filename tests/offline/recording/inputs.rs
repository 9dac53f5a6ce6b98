//! Inputs that are not regular files: a pipe with a writer is read, everything else is rejected in time.

use super::{header, marks, write};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Much longer than any of these commands takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs the command, which must end in time.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = rustix::process::Pid::from_child(&child);
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output().unwrap()));
    ended.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        panic!("{arguments:?} does not end")
    })
}

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn every_command_that_reads_or_continues_a_file_refuses_other_inputs_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    pipe(&fifo);
    let out = folder.path().join("out.jsonl");
    let config = folder.path().join("config");
    let text = "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], \
                clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}], users: [{name: u, user: {}}]}";
    fs::write(&config, text).unwrap();
    let config = config.to_str().unwrap();
    let (fifo, folder, out) = (fifo.to_str().unwrap(), folder.path().to_str().unwrap(), out.to_str().unwrap());
    let expect = ["--expect", "pod/a status: ..."];
    for (path, message) in [
        (fifo, "a pipe without a writer"),
        (folder, "a directory"),
        ("/dev/zero", "a device"),
        ("/dev/null", "a device"),
    ] {
        for arguments in [
            vec!["show", path],
            vec!["verify", path],
            vec!["check", path, expect[0], expect[1]],
            vec!["check", "-e", path, path],
            vec!["import", path, "-o", out],
        ] {
            let output = run(&arguments);
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(matches!(output.status.code(), Some(2 | 4)), "{arguments:?}: {:?}", output.status);
            assert!(said.contains(message) && said.contains("use a file"), "{arguments:?}: {said}");
        }
        // There is no server.
        for arguments in [["--resume", path], ["-o", path]] {
            let what: &[&str] = if arguments[0] == "-o" { &["pods", "-A"] } else { &[] };
            let mut all = vec!["record", "--kubeconfig", config];
            all.extend_from_slice(what);
            all.extend_from_slice(&arguments);
            let output = run(&all);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
            assert!(said.contains("use a file"), "{arguments:?}: {said}");
        }
    }
    assert!(!Path::new(out).exists());
}

#[test]
fn a_pipe_with_a_writer_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("a.jsonl");
    write(&recording, &marks(3));
    let bytes = fs::read(&recording).unwrap();
    let fifo = folder.path().join("fifo");
    pipe(&fifo);
    let into = fifo.clone();
    // Opening blocks until the reader opens the pipe.
    let writer =
        std::thread::spawn(move || OpenOptions::new().write(true).open(into).unwrap().write_all(&bytes).unwrap());
    let output = run(&["show", fifo.to_str().unwrap(), "-o", "json"]);
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap().matches("\"mark\"").count(), 3);
}

/// Lines with correct checksums.
fn sealed(lines: &[&str]) -> String {
    let mut crc = 0;
    let line = |line: &&str| {
        let body = line.strip_suffix('}').unwrap();
        crc = crc32c::crc32c_append(crc, body.as_bytes());
        format!("{body},\"crc\":\"{crc:08x}\"}}\n")
    };
    lines.iter().map(line).collect()
}

#[test]
fn an_unreadable_line_is_reported_with_a_remedy_and_without_the_parsers_message() {
    let header = serde_json::to_string(&header()).unwrap();
    let at = r#""seq":1,"at":"2026-01-01T00:00:01.000000Z","elapsed":1"#;
    let message = |line: &str| {
        let text = sealed(&[&header, line]);
        let error = super::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("it:2: ") && error.contains("head -n 1"), "{error}");
        for words in ["invalid", "expected", "column", "hunter2", "unknown variant"] {
            assert!(!error.contains(words), "{error}");
        }
        error
    };
    let end = r#""type":"END","reason":"x""#;
    assert!(
        message(&format!("{{{at},\"type\":\"HUNTED\"}}"))
            .contains("its type is `HUNTED`, which this version does not know")
    );
    assert!(message(&format!("{{{end},{}}}", &at[8..])).contains("it has no `seq`"));
    assert!(message(&format!("{{{at},{end},\"from\":\"hunter2\"}}")).contains("its `from` is malformed"));
    assert!(message(&format!("{{{at},{end},\"watch\":\"hunter2\"}}")).contains("its `watch` is malformed"));
    assert!(message(&format!("{{{at},{end},\"reason\":\"x\"}}")).contains("a member occurs twice"));
    assert!(message(&format!("{{{at},\"type\":\"MARK\"}}")).contains("its type is MARK, and it has no `name`"));
    let object = r#""type":"ADDED","watch":0,"object":{"metadata":{"name":"hunter2"}}"#;
    assert!(message(&format!("{{{at},{object}}}")).contains("its `object` cannot be read"));
    let broken = super::read(sealed(&[&header.replace("\"watches\":[", "\"watches\":[7,")]).as_bytes()).unwrap_err();
    assert!(
        broken.to_string().contains("it:1: ") && broken.to_string().contains("its `watches` is malformed"),
        "{broken}"
    );
}
