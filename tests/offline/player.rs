//! `statetrail replay` on a terminal and in a pipe, as people run it.

use crate::recorder::deadline;
use crate::recorder::process::PROGRAM;
use crate::recorder::terminal::{Terminal, screen};
use rustix::process::{Pid, Signal, kill_process};
use statetrail::recording::Reader;
use statetrail::timeline::Entry;
use statetrail::view::line::Lines;
use statetrail::view::{Selection, Style};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/vm-imagepull/recording.jsonl.zst");
const VM: [&str; 3] = ["vm", "--track", "status"];

/// The player of the VM's states, on a terminal.
fn started(terminal: &Terminal) -> Child {
    terminal.set_columns(170);
    let arguments = [&["replay", RECORDING, "--speed", "step", "--color", "never"], &VM[..]].concat();
    terminal.command(PROGRAM, &arguments).env("TERM", "xterm").spawn().expect("setpriv")
}

/// Waits for the end of a program.
fn ended(mut child: Child) -> ExitStatus {
    let ended = deadline::until(Duration::from_mins(1), || child.try_wait().expect("a child"));
    if ended.is_none() {
        let _ = child.kill();
    }
    ended.expect("it has not ended within a minute")
}

/// The row of the states that has the VM.
fn state_of_vm(rows: &[String]) -> Option<&str> {
    let states = rows.iter().filter_map(|row| row.split_once('│').map(|(_, states)| states));
    states.into_iter().find(|states| states.contains("vm/vm-imagepull"))
}

fn has(rows: &[String], text: &str) -> bool {
    rows.iter().any(|row| row.contains(text))
}

#[test]
fn a_recording_is_stepped_through_on_a_terminal_which_is_restored() {
    let mut terminal = Terminal::open();
    assert!(terminal.is_cooked());
    let child = started(&terminal);
    terminal.await_rows("it is paused at the start", |rows| has(rows, "entry 0 of"));
    let mut seen: Vec<String> = Vec::new();
    for step in 1..=3 {
        terminal.press(b'l');
        let rows = terminal.await_rows("one entry on", |rows| has(rows, &format!("entry {step} of")));
        let state = state_of_vm(&rows).expect("the VM");
        seen.push(state.split_whitespace().nth(3).expect("a state").to_owned());
    }
    seen.dedup();
    assert_eq!(seen, ["Stopped", "Starting", "ErrImagePull"]);
    terminal.press(b'h');
    terminal.await_rows("back", |rows| state_of_vm(rows).is_some_and(|row| row.contains("Starting")));
    terminal.press(b'?');
    terminal.await_rows("help", |rows| has(rows, "Keys") && has(rows, "Ctrl-C"));
    terminal.press(b'?');
    terminal.await_rows("no help", |rows| !has(rows, "Keys") && state_of_vm(rows).is_some());
    terminal.set_columns(80);
    terminal.await_rows("a narrow terminal", |rows| has(rows, "entry 2 of") && !has(rows, "│"));
    terminal.press(b'q');
    assert_eq!(ended(child).code(), Some(0));
    assert!(terminal.is_cooked());
    let shown = terminal.ended();
    let (_, after) = shown.rsplit_once("\x1b[?1049l").expect("it leaves the alternate screen");
    assert!(after.contains("\x1b[?25h"), "the cursor is shown: {after:?}");
}

#[test]
fn a_signal_ends_the_player_and_the_terminal_is_restored() {
    let terminal = Terminal::open();
    let child = started(&terminal);
    terminal.await_rows("it is paused at the start", |rows| has(rows, "entry 0 of"));
    kill_process(Pid::from_child(&child), Signal::TERM).expect("it runs");
    assert_eq!(ended(child).signal(), Some(Signal::TERM.as_raw()));
    assert!(terminal.is_cooked());
    assert!(terminal.ended().contains("\x1b[?1049l"));
}

#[test]
fn a_suspended_player_leaves_the_terminal_and_is_drawn_anew_when_it_continues() {
    let mut terminal = Terminal::open();
    terminal.set_columns(170);
    // With job control, as an interactive shell has it.
    let script = format!(
        "set -m; {PROGRAM} replay {RECORDING} --speed step --color never vm --track status; echo suspended; read -r; fg"
    );
    let child = terminal.command("bash", &["-c", &script]).env("TERM", "xterm").spawn().expect("setpriv");
    terminal.await_rows("it is paused at the start", |rows| has(rows, "entry 0 of"));
    terminal.press(b'l');
    terminal.await_rows("one entry on", |rows| has(rows, "entry 1 of"));
    terminal.press(0x1a);
    terminal.await_shown("\x1b[?1049l\x1b[?25h");
    terminal.await_shown("suspended");
    assert!(terminal.is_cooked());
    let before = terminal.shown().len();
    terminal.press(b'\n');
    let again = deadline::until(Duration::from_mins(1), || {
        let shown = terminal.shown();
        let rows = screen(&shown[before..]);
        (has(&rows, "entry 1 of") && state_of_vm(&rows).is_some()).then_some(())
    });
    assert!(again.is_some(), "it is not drawn anew:\n{}", terminal.shown());
    terminal.press(b'l');
    terminal.await_rows("another entry on", |rows| has(rows, "entry 2 of"));
    terminal.press(b'q');
    assert_eq!(ended(child).code(), Some(0));
    assert!(terminal.is_cooked());
}

#[test]
fn a_terminal_that_does_not_read_can_be_left_and_one_that_is_closed_ends_the_player() {
    let mut terminal = Terminal::stalled();
    let mut child = started(&terminal);
    // It waits for the terminal to read, and takes keys meanwhile.
    let left = deadline::until(Duration::from_mins(1), || {
        terminal.press(b'q');
        child.try_wait().expect("a child")
    });
    assert_eq!(left.and_then(|status| status.code()), Some(0));
    let terminal = Terminal::stalled();
    let child = started(&terminal);
    let raw = deadline::until(Duration::from_mins(1), || (!terminal.is_cooked()).then_some(()));
    assert!(raw.is_some(), "it has not taken the terminal");
    drop(terminal);
    let status = ended(child);
    assert!(status.signal() == Some(Signal::HUP.as_raw()) || status.code() == Some(4), "{status}");
}

fn replayed(arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(["replay", RECORDING]).args(arguments).stdin(Stdio::null()).output().expect("the program")
}

fn entries(selection: &Selection) -> Vec<Entry> {
    let reader = Reader::open(Path::new(RECORDING)).expect("a recording");
    let whole = statetrail::run::folded(reader, |_| true).expect("a recording");
    whole.entries.into_iter().filter(|entry| selection.matches(entry)).collect()
}

#[test]
fn at_full_speed_a_pipe_gets_the_lines_of_watch_at_once() {
    for (arguments, selection) in [
        (&[][..], Selection::default()),
        (
            &VM[..],
            Selection {
                kinds: vec!["vm".parse().expect("a kind")],
                tracks: vec!["status".parse().expect("a track")],
                ..Selection::default()
            },
        ),
    ] {
        let output = replayed(&[arguments, &["--speed", "max"]].concat());
        assert_eq!(output.status.code(), Some(0));
        let mut lines = Lines::new(Style::default());
        let expected: String = entries(&selection).iter().map(|entry| lines.line(entry)).collect();
        assert!(!expected.is_empty());
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
        // At a higher speed than the recording's, they are the same, in the same order.
        assert_eq!(replayed(&[arguments, &["--speed", "1000x"]].concat()).stdout, output.stdout);
    }
}

#[test]
fn states_that_were_held_at_the_start_of_a_window_are_said_to_be() {
    let output = replayed(&["vm", "--track", "status", "--since", "+30s", "--until", "+31s", "--speed", "max"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    let held: Vec<&str> = shown.lines().filter(|line| line.contains("vm/vm-imagepull")).collect();
    assert!(matches!(held[..], [line] if line.contains("held at the start]")), "{shown}");
}

#[test]
fn a_pipe_gets_each_line_at_its_time_and_may_be_closed() {
    let mut command = Command::new(PROGRAM);
    command.args(["replay", RECORDING, "--speed", "1x"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut first = String::new();
    lines.read_line(&mut first).expect("a line");
    assert!(first.contains("vm/") || first.contains("pod/"), "{first}");
    // The last one is two minutes away.
    drop(lines);
    assert_eq!(ended(child).code(), Some(0));
}

#[test]
fn what_cannot_be_played_is_refused_with_a_remedy() {
    for (arguments, code, words) in [
        (&["--speed", "step"][..], 2, "needs a terminal, whose keys make the steps: use --speed max"),
        (&["--speed", "fast"], 2, "use 1x, 10x, max or step"),
        (&["vm/web"], 1, "it has no vm named `web`; it has vm-imagepull"),
        (&["pdo"], 1, "unknown kind `pdo`; did you mean `pod`?"),
        (&["--since", "mark:none"], 2, "no mark `none`"),
    ] {
        let output = replayed(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{arguments:?}: {said}");
    }
}
