//! `statetrail watch --tui` on a terminal, as people use it.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, object, pods, vmis};
use crate::recorder::process::{PROGRAM, statetrail};
use crate::recorder::terminal::{Terminal, screen};
use crate::recorder::{Recording, deadline};
use rustix::process::{Pid, Signal, kill_process};
use statetrail::observation::Change;
use statetrail::replay::{Options, Server};
use std::path::Path;
use std::process::{Child, ExitStatus};
use std::time::Duration;

const CTRL_C: u8 = 3;
/// What leaves the screen.
const LEFT: &str = "\x1b[?1049l";

/// `statetrail watch --tui` on a terminal, killed when the test ends.
struct Watching {
    terminal: Terminal,
    child: Child,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Watching {
    fn start(terminal: Terminal, scene: &Scene, arguments: &[&str]) -> Self {
        Self::start_in(terminal, scene.folder.path(), arguments)
    }

    fn start_in(terminal: Terminal, folder: &Path, arguments: &[&str]) -> Self {
        terminal.set_columns(120);
        let arguments = [&["watch", "--tui", "-A", "--color", "never"], arguments].concat();
        let mut command = terminal.command(PROGRAM, &arguments);
        command.env("TERM", "xterm").env("HOME", folder).current_dir(folder);
        let child = command.env("KUBECONFIG", folder.join("kubeconfig")).spawn().expect("setpriv");
        Self { terminal, child }
    }

    /// The same of pods, once it is attached.
    async fn attached(scene: &Scene, arguments: &[&str]) -> Self {
        let watching = Self::start(Terminal::open(), scene, &[&["pods"], arguments].concat());
        watching.terminal.await_rows("it is live", |rows| status(rows).starts_with("live  "));
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        watching
    }

    fn ended(&mut self) -> ExitStatus {
        let ended = deadline::until(Duration::from_mins(1), || self.child.try_wait().expect("a child"));
        ended.unwrap_or_else(|| panic!("it has not ended:\n{}", self.terminal.shown()))
    }

    /// Its exit code, and what it printed after the screen was left; before that, it printed nothing beside the screen.
    fn finished(&mut self) -> (Option<i32>, String) {
        let code = self.ended().code();
        assert!(self.terminal.is_cooked());
        let text = deadline::until(Duration::from_secs(10), || {
            let shown = self.terminal.shown();
            let (_, after) = shown.rsplit_once(LEFT)?;
            assert!(after.contains("\x1b[?25h"), "the cursor is shown: {after:?}");
            Some(after.replace("\x1b[?25h", "").replace('\r', "")).filter(|after| after.ends_with('\n'))
        });
        (code, text.unwrap_or_else(|| panic!("it printed nothing at its end:\n{}", self.terminal.shown())))
    }
}

/// The status line, which is the last one.
fn status(rows: &[String]) -> &str {
    rows.iter().rev().find(|row| !row.trim().is_empty()).map_or("", |row| row.trim_end())
}

/// The line above it, with the last message.
fn message(rows: &[String]) -> &str {
    rows.iter().rev().filter(|row| !row.trim().is_empty()).nth(1).map_or("", |row| row.trim_end())
}

fn has(rows: &[String], text: &str) -> bool {
    rows.iter().any(|row| row.contains(text))
}

/// The state of a pod in the lower half.
fn state(rows: &[String], pod: &str) -> Option<String> {
    let states = rows.iter().skip_while(|row| !row.contains("SUBJECT "));
    let row = states.map(|row| row.trim_start_matches(['*', ' '])).find(|row| row.starts_with(pod))?;
    Some(row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).nth(2)?.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_appear_live_a_pause_counts_new_ones_and_the_end_prints_the_summary() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let mut watching = Watching::attached(&scene, &[]).await;
    watching.terminal.await_rows("what there was", |rows| state(rows, "story pod/a").as_deref() == Some("Pending"));
    truth.put("a", "Running");
    let is_running = |rows: &[String]| state(rows, "story pod/a").as_deref() == Some("Running");
    let rows = watching.terminal.await_rows("a new state", is_running);
    assert!(has(&rows, "Pending -> Running"), "{}", rows.join("\n"));
    assert_eq!(message(&rows), "attached: pods");

    watching.terminal.press(b' ');
    watching.terminal.await_rows("a pause", |rows| status(rows).starts_with("paused  0 more"));
    truth.put("a", "Failed");
    truth.put("b", "Pending");
    let rows = watching.terminal.await_rows("new entries", |rows| status(rows).starts_with("paused  2 more"));
    assert!(is_running(&rows) && !has(&rows, "story pod/b"), "{}", rows.join("\n"));
    watching.terminal.press(b'G');
    let is_failed = |rows: &[String]| state(rows, "story pod/a").as_deref() == Some("Failed");
    watching.terminal.await_rows("the newest", |rows| is_failed(rows) && has(rows, "story pod/b"));

    watching.terminal.set_columns(50);
    let rows = watching
        .terminal
        .await_rows("a narrow terminal", |rows| rows.iter().all(|row| row.chars().count() <= 50) && is_failed(rows));
    assert!(has(&rows, "Failed"), "{}", rows.join("\n"));
    watching.terminal.set_columns(120);
    watching.terminal.await_rows("a wide one", |rows| has(rows, "Running -> Failed") && is_failed(rows));

    watching.terminal.press(b'q');
    let (code, printed) = watching.finished();
    assert_eq!(code, Some(0), "{printed}");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[..2], ["reading history of pods ...", "attached: pods"], "{printed}");
    assert!(lines[2].starts_with("watched ") && lines[2].ends_with(" of 2 subjects, 0 gaps"), "{printed}");
    assert!(lines[3].starts_with("  failed: pod/a  Failed"), "{printed}");
    // Messages are not written beside the screen.
    let shown = watching.terminal.shown();
    assert!(!shown[..shown.rfind(LEFT).expect("it was left")].contains("attached: pods\r\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_is_shown_as_long_as_it_lasts_and_states_are_stale_meanwhile() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let mut watching = Watching::attached(&scene, &[]).await;
    watching.terminal.await_rows("the state", |rows| state(rows, "story pod/a").as_deref() == Some("Running"));
    let Scene { server, folder, .. } = scene;
    let address = server.address();
    server.kill().await;
    let rows = watching.terminal.await_rows("an outage", |rows| {
        status(rows).starts_with("outage  ") && message(rows).starts_with("pods: no answer for ")
    });
    assert_eq!(state(&rows, "story pod/a").as_deref(), Some("stale: Running"), "{}", rows.join("\n"));
    truth.put("a", "Failed");
    let server = Server::start(truth.store.clone(), Options { address, ..Options::default() }).expect("the same port");
    let _scene = Scene::of(server, folder);
    watching.terminal.await_rows("its end", |rows| {
        status(rows).starts_with("live  ") && state(rows, "story pod/a").as_deref() == Some("Failed")
    });
    watching.terminal.await_rows("what it cost", |rows| message(rows).contains("back after "));
    watching.terminal.press(b'e');
    watching.terminal.await_rows("the messages", |rows| {
        has(rows, " Messages ") && has(rows, "pods: no answer since ") && has(rows, "attached: pods")
    });
    watching.terminal.press(CTRL_C);
    let (code, printed) = watching.finished();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("\npods: no answer since ") && printed.contains("\npods: back after "), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decided_expectation_and_the_end_of_the_time_close_the_screen_with_verdict_and_exit_code() {
    for (arguments, phase, code, words) in [
        (&["--expect", "pod/a phase: ... -> Running -> ..."][..], "Running", 0, "satisfied"),
        (&["--expect", "pod/a phase: never Failed"], "Failed", 1, "violated"),
        (&["--for", "300ms"], "Running", 0, "watched "),
    ] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        let scene = Scene::new(&truth);
        let mut watching = Watching::start(Terminal::open(), &scene, &[&["pods"], arguments].concat());
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.put("a", phase);
        let (ended, printed) = watching.finished();
        assert_eq!(ended, Some(code), "{arguments:?}: {printed}");
        assert!(printed.to_lowercase().contains(words), "{arguments:?}: {printed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_ends_it_with_a_fence_and_the_recording_is_whole() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut truth = Truth::new();
        truth.put("a", "Pending");
        let scene = Scene::new(&truth);
        let mut watching = Watching::attached(&scene, &["-o", "run.jsonl"]).await;
        truth.put("a", "Running");
        watching.terminal.await_rows("it", |rows| state(rows, "story pod/a").as_deref() == Some("Running"));
        kill_process(Pid::from_child(&watching.child), signal).expect("it runs");
        let (code, printed) = watching.finished();
        assert_eq!(code, Some(0), "{signal:?}: {printed}");
        assert!(printed.contains("recorded "), "{signal:?}: {printed}");
        let recording = Recording::read(&scene.path("run.jsonl"));
        assert!(recording.verified.complete, "{signal:?}: {:?}", recording.verified);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_ctrl_c_aborts_it() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let mut watching = Watching::attached(&scene, &[]).await;
    let Scene { server, folder: _folder, .. } = scene;
    server.kill().await;
    watching.terminal.await_rows("an outage", |rows| status(rows).starts_with("outage  "));
    watching.terminal.press(CTRL_C);
    // It waits for the proof of its end, on the terminal as it was before.
    watching.terminal.await_shown("ending: waiting for ");
    assert!(watching.terminal.is_cooked());
    watching.terminal.press(CTRL_C);
    let (code, printed) = watching.finished();
    assert_eq!(code, Some(4), "{printed}");
    assert!(printed.contains("aborted by a second signal"), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_that_does_not_read_delays_neither_the_recorder_nor_keys() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let mut watching = Watching::start(Terminal::stalled(), &scene, &["pods", "-o", "run.jsonl"]);
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    // More than the terminal holds, if it were all drawn.
    (0..300).for_each(|turn| truth.put("a", if turn % 2 == 0 { "Running" } else { "Pending" }));
    let file = scene.path("run.jsonl");
    let is_recorded = || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        (text.matches("\"phase\":\"Running\"").count() >= 150).then_some(())
    };
    assert!(deadline::until(Duration::from_mins(1), is_recorded).is_some(), "it is not recorded");
    watching.terminal.press(b'q');
    assert_eq!(watching.ended().code(), Some(0));
    assert!(watching.terminal.is_cooked());
    assert!(Recording::read(&file).verified.complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_screen_leaves_the_terminal_and_is_drawn_anew() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let mut terminal = Terminal::open();
    terminal.set_columns(120);
    // With job control, as an interactive shell has it.
    let script = format!("set -m; {PROGRAM} watch --tui pods -A --color never; echo suspended; read -r; fg");
    let mut command = terminal.command("bash", &["-c", &script]);
    command.env("TERM", "xterm").env("HOME", scene.folder.path()).env("KUBECONFIG", scene.path("kubeconfig"));
    let child = command.spawn().expect("setpriv");
    terminal
        .await_rows("it is live", |rows| status(rows).starts_with("live  ") && state(rows, "story pod/a").is_some());
    terminal.press(0x1a);
    terminal.await_shown("suspended");
    assert!(terminal.is_cooked());
    let before = terminal.shown().len();
    terminal.press(b'\n');
    let again = deadline::until(Duration::from_mins(1), || {
        let rows = screen(&terminal.shown()[before..]);
        state(&rows, "story pod/a").map(|_| ())
    });
    assert!(again.is_some(), "it is not drawn anew:\n{}", terminal.shown());
    terminal.press(b'q');
    let mut watching = Watching { terminal, child };
    let (code, printed) = watching.finished();
    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_and_tracks_are_selected_as_without_a_screen() {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    for name in ["web-1", "db-1"] {
        truth.write(0, Change::Added, &object(name, &format!("uid-{name}"), "Pending"));
    }
    let scene = Scene::new(&truth);
    let arguments = ["pods", "db-*", "--show-track", "phase"];
    let mut watching = Watching::start(Terminal::open(), &scene, &arguments);
    watching
        .terminal
        .await_rows("the pod", |rows| state(rows, "story pod/db-1").is_some() && status(rows).starts_with("live  "));
    truth.write(0, Change::Modified, &object("web-1", "uid-web-1", "Running"));
    truth.write(0, Change::Modified, &object("db-1", "uid-db-1", "Running"));
    let rows = watching.terminal.await_rows("its state", |rows| has(rows, "Pending -> Running"));
    assert!(!has(&rows, "web-1"), "{}", rows.join("\n"));
    watching.terminal.press(b'q');
    assert_eq!(watching.finished().0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_plugin_that_is_run_again_writes_nothing_over_the_screen() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let scene = Scene::new(&truth);
    let version = "client.authentication.k8s.io/v1";
    let credential = |token: &str| {
        let text = format!(r#"{{"kind":"ExecCredential","apiVersion":"{version}","status":{{"token":"{token}"}}}}"#);
        std::fs::write(scene.path("credential.json"), text).expect("a file");
        scene.server.expect_token(Some(token));
    };
    let script = format!("echo LOGIN >&2; cat {:?}", scene.path("credential.json"));
    let exec = format!("{{apiVersion: {version}, command: sh, args: [-c, {script:?}], interactiveMode: IfAvailable}}");
    let kubeconfig = scene.server.kubeconfig_yaml().replace("user: {}", &format!("user: {{exec: {exec}}}"));
    std::fs::write(scene.path("kubeconfig"), kubeconfig).expect("a file");
    credential("first");
    let mut watching = Watching::attached(&scene, &[]).await;
    assert_eq!(watching.terminal.shown().matches("LOGIN").count(), 1, "before the screen, it may");
    credential("second");
    scene.server.cut();
    truth.put("a", "Running");
    watching.terminal.await_rows("the state", |rows| state(rows, "story pod/a").as_deref() == Some("Running"));
    watching.terminal.press(b'q');
    let (code, printed) = watching.finished();
    assert_eq!(code, Some(0), "{printed}");
    assert_eq!(watching.terminal.shown().matches("LOGIN").count(), 1, "{}", watching.terminal.shown());
}

#[tokio::test]
async fn without_a_terminal_of_its_own_it_is_refused_with_a_remedy() {
    for (arguments, words) in [
        (&["watch", "--tui", "pods"][..], "--tui needs a terminal: leave it out to print lines"),
        (&["watch", "--tui", "pods", "--", "true"], "leave one of the two out"),
    ] {
        let output = bounded("the refusal", statetrail(arguments).output()).await.expect("the program");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    }
    let terminal = Terminal::open();
    let folder = tempfile::tempdir().expect("a folder");
    let mut watching = Watching::start_in(terminal, folder.path(), &["pods", "--marks-from", "-"]);
    assert_eq!(watching.ended().code(), Some(2), "{}", watching.terminal.shown());
    watching.terminal.await_shown("--tui takes its keys from the terminal");
}
