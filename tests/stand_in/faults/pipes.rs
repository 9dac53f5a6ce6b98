//! `... | statetrail import -` on a terminal, whose Ctrl-C reaches both: what was written is imported.

use crate::recorder::process::PROGRAM;
use crate::recorder::terminal::Terminal;
use crate::recorder::{Recording, deadline};
use serde_json::json;
use std::path::Path;
use std::process::Child;
use std::time::Duration;

const CTRL_C: u8 = 3;

/// More pods than a pipe holds: once all are written, the importer reads.
const PODS: usize = 1000;

fn pods() -> String {
    let pod = |number: usize| {
        let (name, uid, created) = (format!("pod-{number}"), format!("uid-{number}"), "2026-01-01T00:00:00Z");
        let metadata = json!({
            "name": name, "namespace": "n", "uid": uid, "resourceVersion": number.to_string(),
            "creationTimestamp": created,
        });
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": "Running"}});
        json!({"type": "ADDED", "object": pod}).to_string()
    };
    (1..=PODS).map(|number| pod(number) + "\n").collect()
}

/// Starts an import of pods; its writer does something before and after.
fn started(folder: &Path, before: &str, after: &str) -> (Terminal, Child) {
    let terminal = Terminal::open();
    // An interactive shell is in another group than its pipeline; this one ignores the key instead.
    let script = format!(
        "trap : INT; ({before}; cat pods.json; echo written >&2; {after}) | \"{PROGRAM}\" import - -o run.jsonl; echo \"code $?\""
    );
    std::fs::write(folder.join("pods.json"), pods()).expect("a file");
    let mut command = terminal.command("bash", &["-c", &script]);
    let child = command.current_dir(folder).env("TERM", "dumb").spawn().expect("a shell");
    terminal.await_shown("written");
    (terminal, child)
}

fn await_end(terminal: &Terminal, child: &mut Child) {
    let ended = deadline::until(Duration::from_secs(40), || child.try_wait().expect("a child"));
    let _ = child.kill();
    assert!(ended.is_some(), "it does not end:\n{}", terminal.shown());
}

#[test]
fn ctrl_c_ends_the_input_of_an_import_and_not_the_import() {
    // One writer ends with it, as kubectl does; another goes on.
    for (before, after) in [(":", "exec sleep 1000"), ("trap '' INT", "sleep 4")] {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut terminal, mut child) = started(folder.path(), before, after);
        terminal.press(CTRL_C);
        terminal.await_shown("code 0");
        let goes_on = "standard input: its writer goes on after SIGINT; what it writes from now on is left out";
        assert_eq!(terminal.shown().contains(goes_on), before != ":", "{}", terminal.shown());
        await_end(&terminal, &mut child);
        let recording = Recording::read(&folder.path().join("run.jsonl"));
        assert_eq!(recording.seen("pods").count(), PODS, "{before}");
    }
}

#[test]
fn a_second_ctrl_c_ends_an_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut terminal, mut child) = started(folder.path(), "trap '' INT", "sleep 1.5; exit 0");
    terminal.press(CTRL_C);
    terminal.await_shown("^C");
    terminal.press(CTRL_C);
    terminal.await_shown("code 130");
    await_end(&terminal, &mut child);
}
