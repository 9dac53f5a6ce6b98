//! `statetrail record -- COMMAND` and `watch -- COMMAND`: when the command runs, what it gets, and how both end.

use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, object, pods, vmis};
use crate::recorder::process::{Ended, PROGRAM, Recorder, ended, statetrail};
use crate::recorder::terminal::Terminal;
use crate::recorder::{Recording, deadline};
use rustix::process::{Pid, Signal, kill_process};
use statetrail::observation::{Change, Payload};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const CTRL_C: u8 = 3;

/// `statetrail ARGS -- sh -c SCRIPT`, in the folder of the scene.
fn started(scene: &Scene, arguments: &[&str], script: &str) -> Recorder {
    launched(scene, &[arguments, &["--", "sh", "-c", script]].concat())
}

/// `statetrail ARGS` in the folder of the scene.
fn launched(scene: &Scene, arguments: &[&str]) -> Recorder {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", PROGRAM]).args(arguments).current_dir(scene.folder.path());
    command.env("KUBECONFIG", scene.path("kubeconfig"));
    Recorder::launch(command, tempfile::tempdir().expect("a folder"))
}

const RECORD: [&str; 5] = ["record", "pods", "-A", "-o", "run.jsonl"];

/// Runs a script beside a recorder of all pods.
fn run(scene: &Scene, more: &[&str], script: &str) -> Ended {
    started(scene, &[&RECORD, more].concat(), script).wait().0
}

/// Waits until a file exists.
fn await_file(path: &Path) {
    let waited = deadline::until(Duration::from_secs(40), || path.exists().then_some(()));
    assert!(waited.is_some(), "{} does not exist", path.display());
}

fn recorded(scene: &Scene) -> Recording {
    Recording::read(&scene.path("run.jsonl"))
}

/// The reason for the end, from the last line.
fn ending(recording: &Recording) -> Option<String> {
    match recording.payloads().last()? {
        Payload::End { reason } => Some(reason.clone()),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_starts_once_every_watch_has_delivered_its_initial_state() {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    truth.put("a", "Running");
    let scene = Scene::faulty(&truth, &["delay=300ms,resource=virtualmachineinstances"]);
    let record = ["record", "pods,vmi", "-A", "-o", "run.jsonl"];
    let (ended, _files) = started(&scene, &record, "grep -c ATTACHED run.jsonl").wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "2\n"), "{}", ended.stderr);
    let recording = recorded(&scene);
    assert_eq!(ending(&recording).as_deref(), Some("the command has ended"));
    recording.assert_whole(&truth, "beside a command");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_has_the_recordings_path_its_own_input_and_output_and_nothing_else_is_printed_there() {
    let scene = Scene::new(&Truth::new());
    let expect = "pods phase: never Failed";
    let mut command = statetrail(RECORD);
    command.args(["--expect", expect, "--", "sh", "-c", "cat; echo $STATETRAIL_RECORDING; echo oops >&2"]);
    command.env("KUBECONFIG", scene.path("kubeconfig")).current_dir(scene.folder.path());
    fs::write(scene.path("input"), "typed\n").expect("a file");
    let input = fs::File::open(scene.path("input")).expect("a file");
    let output = ended(command.stdin(Stdio::from(input)).spawn().expect("the program")).await;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let path = fs::canonicalize(scene.path("run.jsonl")).expect("a file");
    assert_eq!(stdout, format!("typed\n{}\n", path.display()), "{stderr}");
    for words in ["oops\n", "attached: pods", expect, "whole: every change"] {
        assert!(stderr.contains(words), "{words}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watch_prints_beside_a_command_to_standard_error_and_ends_with_it() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let watch = ["watch", "pods", "-A", "--expect", "pod/a phase: ... -> Running -> ..."];
    let script = "echo \"out $STATETRAIL_RECORDING\"; touch started; until [ -e go ]; do sleep 0.01; done; exit 5";
    let recorder = started(&scene, &watch, script);
    await_file(&scene.path("started"));
    truth.put("a", "Running");
    recorder.await_told("Running");
    // Its expectation is decided, and it goes on until the command has ended.
    fs::write(scene.path("go"), "").expect("a file");
    let (ended, _files) = recorder.wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), "out \n"), "{}", ended.stderr);
    assert!(ended.stderr.contains("satisfied"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_exit_code_is_that_of_the_command_or_else_that_of_the_expectations() {
    let mut truth = Truth::new();
    truth.put("a", "Failed");
    let never: &[&str] = &["--expect", "pods phase: never Failed"];
    let open: &[&str] = &["--expect", "pod/a phase: Pending -> Failed", "--no-history"];
    for (more, script, code) in [
        (&[][..], "exit 0", 0),
        (&[], "exit 7", 7),
        (&[], "exit 255", 255),
        (&[], "kill -KILL $$", 137),
        (&[], "kill -SEGV $$", 139),
        (never, "exit 0", 1),
        (never, "exit 7", 7),
        (open, "exit 0", 3),
    ] {
        let scene = Scene::new(&truth);
        let ended = run(&scene, more, script);
        assert_eq!(ended.code, Some(code), "{more:?} {script}: {}", ended.stderr);
        recorded(&scene).assert_whole(&truth, script);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_cannot_be_started_is_named_and_the_recording_is_whole() {
    let truth = Truth::new();
    for (program, code, words) in [
        ("no-such-command", 127, "error: cannot run no-such-command: command not found"),
        ("./no-such-file", 127, "error: cannot run ./no-such-file: no such file"),
        ("./kubeconfig", 126, "error: cannot run ./kubeconfig: Permission denied"),
        ("./script", 127, "error: cannot run ./script: the interpreter in its first line does not exist"),
    ] {
        let scene = Scene::new(&truth);
        fs::write(scene.path("script"), "#!/no/such/interpreter\n").expect("a file");
        fs::set_permissions(scene.path("script"), fs::Permissions::from_mode(0o755)).expect("a file of ours");
        let (ended, _files) = launched(&scene, &[&RECORD[..], &["--", program]].concat()).wait();
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
        let recording = recorded(&scene);
        assert_eq!(ending(&recording).as_deref(), Some("the command could not be started"));
        recording.assert_whole(&truth, program);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_not_run_if_the_recorder_cannot_attach_or_is_stopped_before() {
    let scene = Scene::faulty(&Truth::new(), &["http=403,resource=pods,times=1000"]);
    let ended = run(&scene, &[], "touch run");
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("sh was not run\n"), "{}", ended.stderr);
    assert!(!scene.path("run").exists());

    let scene = Scene::faulty(&Truth::new(), &["delay=1h,resource=pods"]);
    let recorder = started(&scene, &RECORD, "touch run");
    // The recording has begun, and no list will come.
    await_file(&scene.path("run.jsonl"));
    recorder.signal(Signal::TERM);
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(143), "{}", ended.stderr);
    assert!(ended.stderr.contains("sh was not run\n"), "{}", ended.stderr);
    assert!(!scene.path("run").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_is_written_by_two_flags_or_written_and_read() {
    let scene = Scene::new(&Truth::new());
    let kubeconfig = fs::read_to_string(scene.path("kubeconfig")).expect("a file");
    let expectations = "expectations: [{pods: {}, track: phase, never: Failed}]\n";
    fs::write(scene.path("e.json"), expectations).expect("a file");
    let here = fs::canonicalize(scene.folder.path()).expect("a folder");
    let absolute = here.join("run.json");
    let absolute = absolute.to_str().expect("UTF-8");
    for (flags, words) in [
        (
            &["-o", "run.json", "--report", "./run.json"][..],
            "-o and --report are the same file, ./run.json: use another",
        ),
        (&["-o", absolute, "--report", "run.json"], "-o and --report are the same file"),
        (&["-o", "run.jsonl", "--ready-file", "run.jsonl"], "-o and --ready-file are the same file"),
        (&["-o", "run.jsonl", "--report", "e.json", "-e", "e.json"], "--report and -e are the same file"),
        (
            &["-o", "run.jsonl", "--kubeconfig", "kubeconfig", "--ready-file", "kubeconfig"],
            "--ready-file and --kubeconfig",
        ),
    ] {
        for command in ["record", "watch"] {
            let flags = [&[command, "pods", "--expect", "pods phase: never Failed"], flags].concat();
            let (ended, _files) = started(&scene, &flags, "touch run").wait();
            assert_eq!(ended.code, Some(2), "{flags:?}: {}", ended.stderr);
            assert!(ended.stderr.contains(words), "{flags:?}: {}", ended.stderr);
        }
    }
    assert_eq!(fs::read_to_string(scene.path("kubeconfig")).expect("a file"), kubeconfig);
    assert_eq!(fs::read_to_string(scene.path("e.json")).expect("a file"), expectations);
    assert!(scene.server.requests().is_empty() && !scene.path("run").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_after_the_dashes_is_no_wait_for_ever() {
    let scene = Scene::new(&Truth::new());
    for command in [&["--"][..], &["--", ""]] {
        let (ended, _files) = launched(&scene, &[&RECORD[..], command].concat()).wait();
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("there is no command after `--`"), "{}", ended.stderr);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_of_an_earlier_run_never_remains() {
    let right = ["--expect", "pods phase: never Failed", "--report", "junit.xml"];
    let wrong = ["--expect", "pods phase: nevr Failed", "--report", "junit.xml"];
    for (faults, more, code, is_written) in [
        (&[][..], &wrong[..], 2, false),
        (&["http=403,resource=pods,times=1000"], &right, 4, true),
        (&[], &[&right[..], &["--context", "no-such-context"]].concat(), 2, true),
    ] {
        let scene = Scene::faulty(&Truth::new(), faults);
        fs::write(scene.path("junit.xml"), "of an earlier run").expect("a file");
        let ended = run(&scene, more, "exit 0");
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        let report = fs::read_to_string(scene.path("junit.xml")).ok();
        assert_eq!(report.is_some(), is_written, "{}", ended.stderr);
        assert!(report.is_none_or(|report| report.contains("errors=\"1\"")), "{}", ended.stderr);
    }
    let scene = Scene::new(&Truth::new());
    let ended = run(&scene, &["--expect", "pods phase: never Failed", "--report", "no/junit.xml"], "touch run");
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("the directory no does not exist") && !scene.path("run").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hangup_ends_a_recorder_with_a_fence_unless_it_is_ignored() {
    for (trap, reason) in [("", "SIGHUP"), ("trap '' HUP;", "SIGTERM")] {
        let mut truth = Truth::new();
        truth.put("a", "Running");
        let scene = Scene::new(&truth);
        let script = format!("{trap} exec {PROGRAM} record pods -A -o run.jsonl --ready-file ready");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "sh", "-c", &script]).current_dir(scene.folder.path());
        command.env("KUBECONFIG", scene.path("kubeconfig"));
        let recorder = Recorder::launch(command, tempfile::tempdir().expect("a folder"));
        await_file(&scene.path("ready"));
        recorder.signal(Signal::HUP);
        if reason == "SIGTERM" {
            // It comes after the other one, which has no effect.
            recorder.signal(Signal::TERM);
        }
        let (ended, _files) = recorder.wait();
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ending(&recorded(&scene)).as_deref(), Some(reason));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_signal_ends_the_wait_for_a_proof_that_was_announced() {
    let scene = Scene::new(&Truth::new());
    let recorder = started(&scene, &RECORD, "touch started; until [ -e go ]; do sleep 0.01; done");
    await_file(&scene.path("started"));
    scene.inject("http=503,verb=list,resource=pods,times=1000");
    fs::write(scene.path("go"), "").expect("a file");
    recorder.await_told("Ctrl-C ends at once");
    recorder.signal(Signal::INT);
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("aborted by a signal: no fence proves the end"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_summary_names_what_was_selected_and_an_object_that_never_was() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    for (what, words) in [
        (&["pods", "b"][..], &["attached: pods/b\n", "pods/b in default", "no object named b was seen"][..]),
        (&["pods", "-l", "app=web"], &["attached: pods -l app=web\n", "pods -l app=web in default"]),
    ] {
        let record = [&["record", "-n", "default", "-o", "run.jsonl"], what].concat();
        let (ended, _files) = started(&scene, &record, "exit 0").wait();
        for words in words {
            assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        }
        fs::remove_file(scene.path("run.jsonl")).expect("a file");
    }
}

/// A script that counts signals in a file until it is told to go on.
const COUNTING: &str = "trap 'echo TERM >> heard' TERM; trap 'echo INT >> heard' INT; touch started
until [ -e go ]; do sleep 0.01; done; exit 9";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_signal_is_passed_to_the_command_once_and_the_recorder_waits_for_it() {
    for (signal, name) in [(Signal::TERM, "TERM"), (Signal::INT, "INT")] {
        let mut truth = Truth::new();
        let scene = Scene::new(&truth);
        let recorder = started(&scene, &RECORD, COUNTING);
        await_file(&scene.path("started"));
        recorder.signal(signal);
        recorder.await_told(&format!("SIG{name}: waiting for the command to end; a second signal kills it"));
        await_file(&scene.path("heard"));
        // What happens now is still recorded.
        truth.put("late", "Running");
        fs::write(scene.path("go"), "").expect("a file");
        let (ended, _files) = recorder.wait();
        assert_eq!(ended.code, Some(9), "{name}: {}", ended.stderr);
        assert_eq!(fs::read_to_string(scene.path("heard")).expect("a file"), format!("{name}\n"));
        recorded(&scene).assert_whole(&truth, name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminals_ctrl_c_is_not_sent_to_the_command_again() {
    let scene = Scene::new(&Truth::new());
    let mut terminal = Terminal::open();
    // In a session of its own, to which the terminal sends nothing: what it heard, the recorder would have sent.
    let arguments = [&RECORD[..], &["--", "setsid", "sh", "-c", COUNTING]].concat();
    let mut command = terminal.command(PROGRAM, &arguments);
    command.env("KUBECONFIG", scene.path("kubeconfig")).current_dir(scene.folder.path());
    let mut child = tokio::process::Command::from(command).kill_on_drop(true).spawn().expect("setpriv");
    await_file(&scene.path("started"));
    terminal.press(CTRL_C);
    terminal.await_shown("SIGINT: waiting for the command to end; a second signal kills it");
    fs::write(scene.path("go"), "").expect("a file");
    let status = bounded("the end", child.wait()).await.expect("it was started");
    assert_eq!(status.code(), Some(9), "{}", terminal.shown());
    assert!(!scene.path("heard").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_kills_a_command_that_ignores_the_first_and_aborts_the_recorder() {
    let scene = Scene::new(&Truth::new());
    let script = "trap '' TERM; touch started; while :; do sleep 0.1; done";
    let recorder = started(&scene, &RECORD, script);
    await_file(&scene.path("started"));
    recorder.signal(Signal::TERM);
    recorder.await_told("waiting for the command to end");
    recorder.signal(Signal::INT);
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(137), "{}", ended.stderr);
    let words = "aborted by a second signal: the command is killed, and no fence proves the end";
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert!(!recorded(&scene).verified.complete);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_that_comes_twice_at_once_counts_once() {
    // As `timeout` sends it, to its command and to the group of it.
    let scene = Scene::new(&Truth::new());
    let script = "trap 'exit 9' TERM; touch started; while :; do sleep 0.01; done";
    let recorder = started(&scene, &RECORD, script);
    await_file(&scene.path("started"));
    recorder.signal(Signal::TERM);
    recorder.signal(Signal::TERM);
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(9), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_the_command_leaves_behind_is_not_waited_for() {
    let scene = Scene::new(&Truth::new());
    // It keeps standard output and standard error open.
    let ended = run(&scene, &[], "sleep 1000 & echo $! > left; exit 0");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let left = fs::read_to_string(scene.path("left")).expect("a file").trim().parse().expect("a number");
    kill_process(Pid::from_raw(left).expect("a process"), Signal::KILL).expect("it still runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_may_write_more_than_a_pipe_holds() {
    let truth = Truth::new();
    let scene = Scene::new(&truth);
    let ended = run(&scene, &[], "yes | head -c 20000000; yes | head -c 3000000 >&2");
    assert_eq!((ended.code, ended.stdout.len()), (Some(0), 20_000_000));
    assert!(ended.stderr.len() > 3_000_000);
    recorded(&scene).assert_whole(&truth, "much output");
}

const GOAL: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: runs}\n\
                    subjects: {pod: {kind: Pod, namespace: story, name: a}}\n\
                    expect: [{track: pod.phase, path: '... -> Running -> ...'}]\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_limits_of_the_recording_end_it_and_not_the_command() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    for (more, reason) in [
        (["--for", "100ms"], "the time was over"),
        (["--until-expect", "goal.yaml"], "every goal is reached: the rest is judged at the fence"),
    ] {
        let scene = Scene::new(&truth);
        fs::write(scene.path("goal.yaml"), GOAL).expect("a file");
        let recorder = started(&scene, &[&RECORD[..], &more].concat(), "until [ -e go ]; do sleep 0.01; done; exit 6");
        recorder.await_told(&format!("warning: the recording has ended ({reason}); the command goes on without it"));
        fs::write(scene.path("go"), "").expect("a file");
        let (ended, _files) = recorder.wait();
        assert_eq!(ended.code, Some(6), "{}", ended.stderr);
        recorded(&scene).assert_whole(&truth, reason);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_that_breaks_off_says_so_at_once_and_the_command_goes_on() {
    let scene = Scene::new(&Truth::new());
    let more = ["--expect", "pods phase: never Failed", "--report", "report.xml"];
    let script = "rm run.jsonl; until [ -e go ]; do sleep 0.01; done; touch done";
    let recorder = started(&scene, &[&RECORD[..], &more].concat(), script);
    recorder.await_told("the command goes on without it");
    assert!(recorder.told().contains("was removed or renamed"), "{}", recorder.told());
    fs::write(scene.path("go"), "").expect("a file");
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(scene.path("done").exists());
    let report = fs::read_to_string(scene.path("report.xml")).expect("a report");
    assert!(report.contains("errors=\"1\"") && report.contains("was removed or renamed"), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_lost_while_the_command_runs_leaves_the_end_unproven() {
    let mut truth = Truth::new();
    truth.put("a", "Running");
    let scene = Scene::new(&truth);
    let recorder = started(&scene, &RECORD, "touch started; until [ -e go ]; do sleep 0.01; done");
    await_file(&scene.path("started"));
    let Scene { server, folder, .. } = scene;
    server.kill().await;
    recorder.await_told("pods: no answer since ");
    fs::write(folder.path().join("go"), "").expect("a file");
    let (ended, _files) = recorder.wait();
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("not fenced"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_has_the_verdicts_of_all_expectations_in_the_format_of_its_name() {
    let mut truth = Truth::new();
    truth.put("a", "Pending");
    let more = ["--expect", "pod/a phase: never Failed", "--expect", "pods phase: never Pending"];
    for (name, words) in [
        ("junit.xml", &["<testsuite name=\"run.jsonl\" tests=\"2\"", "<failure", "never Failed"][..]),
        ("verdicts.json", &["\"verdict\": \"violated\"", "\"verdict\": \"satisfied\""]),
    ] {
        let scene = Scene::new(&truth);
        let ended = run(&scene, &[&more[..], &["--report", name]].concat(), "exit 0");
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let report = fs::read_to_string(scene.path(name)).expect("a report");
        for words in words {
            assert!(report.contains(words) || report.replace("\":", "\": ").contains(words), "{words}: {report}");
        }
    }
    let scene = Scene::new(&truth);
    for (more, words) in [
        (
            &["--expect", "pods phase: never Failed", "--report", "verdicts.txt"][..],
            "must end in .xml, for JUnit, in .json, or in .html",
        ),
        (&["--report", "junit.xml"], "--report has nothing to report: add --expect LINE or -e FILE"),
    ] {
        let ended = run(&scene, more, "touch run");
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
    assert!(scene.server.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expectations_beside_those_that_end_a_recording_are_judged_to_its_end() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    // Without a command: `--expect` does not end the recording, although it is satisfied at once.
    let arguments = [&RECORD[..], &["--expect", "pod/a phase: ... -> Running -> ..."]].concat();
    let recorder = launched(&scene, &arguments);
    recorder.await_told("attached: pods");
    truth.put("a", "Running");
    truth.write(0, Change::Modified, &object("a", "uid-a", "Succeeded"));
    bounded("the file", async {
        let is_there = || fs::read_to_string(scene.path("run.jsonl")).is_ok_and(|text| text.contains("Succeeded"));
        while !is_there() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    recorder.signal(Signal::TERM);
    let (ended, _files): (Ended, TempDir) = recorder.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("satisfied"), "{}", ended.stdout);
    assert_eq!(ending(&recorded(&scene)).as_deref(), Some("SIGTERM"));
}
